"""What a program may say: argument models, the markers on their fields, and the words for a broken rule.

Models are declared like pydantic's and become pydantic's at their first use: importing pydantic takes half as long as
importing pulumi, and a program that only declares resources never validates anything.

One canonical form of every argument serves check, diff and read, so that what the service stored compares equal to
what the program said. Unknown values (previews) pass through untouched, at any depth.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import json
import math
import re
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Self,
    cast,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

import pulumi

from ._carried import holds_unknown, unfit
from ._markers import (
    Derived,
    ListRule,
    Local,
    Marker,
    Meaning,
    Retained,
    Secret,
    Unordered,
    Vocabulary,
    WriteOnly,
)
from ._once import once
from ._shown import is_signed
from ._words import no_such, shortened
from .errors import InputError

if TYPE_CHECKING:
    from pydantic import BaseModel, GetCoreSchemaHandler, TypeAdapter
    from pydantic_core import CoreSchema, ErrorDetails

__all__ = [
    "Inputs",
    "Outputs",
    "Part",
]


@dataclass_transform(kw_only_default=True, frozen_default=True, eq_default=False)
class Part:
    """A value with named members: a contact, a price, all arguments of a resource. Other members are refused."""

    rules: ClassVar[tuple[Callable[[Any], str | None], ...]] = ()
    """What several members have to fulfil together: each returns `member: a sentence`, or None. Judged as soon as the
    members that it looks at are known, so that a preview can tell."""
    _names: ClassVar[tuple[str, ...]] = ()
    _defaults: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls) -> None:
        if "model_config" in vars(cls):
            return  # the pydantic model of a subclass
        own = [name for name, kind in inspect.get_annotations(cls).items() if "ClassVar" not in str(kind)]
        cls._names = (*cls._names, *own)
        cls._defaults = cls._defaults | {name: vars(cls)[name] for name in own if name in vars(cls)}
        for name in set(own) & set(vars(cls)):
            delattr(cls, name)  # or it would shadow the field

    def __new__(cls, **_values: Any) -> Self:
        return cast("Self", object.__new__(_model(cls)))

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The members, a base's first."""
        return cls._names

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        model: type[Any] = _model(cls)
        return handler(source) if model is cls else handler.generate_schema(model)

    @classmethod
    def hint(cls, name: str) -> Any:
        """The type of a member, markers included."""
        return _hints(cls)[name]

    @classmethod
    def part_in(cls, name: str) -> type[Part] | None:
        """The part that a member is, or holds one or several of."""
        return next(_parts_in(_hints(cls)[name]), None)

    @classmethod
    def usual(cls, name: str) -> Any:
        """The canonical form of a member that is not said; None where it has to be."""
        return _canonical(cls, name, {})

    def but(self, **changes: Any) -> Self:
        """The same with other members; they are not validated."""
        return cast("Self", self.model_copy(update=changes))  # type: ignore[attr-defined]

    def plain(self) -> dict[str, Any]:
        """The canonical form: what JSON can hold."""
        return self.model_dump(mode="json")  # type: ignore[attr-defined, no-any-return]


class Outputs(Part):
    """What the service decides. Never None: an output that is missing would be unknown in every later preview."""


class Inputs(Part):
    """What a program may set. Once defaults are filled in no argument is None, for the same reason."""

    adopt: bool = False
    """Take over something different that exists under the same name, instead of refusing."""

    @classmethod
    def arguments(cls) -> list[str]:
        """The names that describe the remote object: all but `adopt`."""
        return [name for name in cls.names() if name != "adopt"]

    @classmethod
    def marked(cls, marker: Marker) -> list[str]:
        return [name for name in cls.names() if _is_marked(cls, name, marker)]

    @classmethod
    def untold(cls) -> dict[str, list[str]]:
        """By argument that is a part: its members that the service never tells."""
        return _members_marked(cls, WriteOnly)

    @classmethod
    def retained(cls) -> dict[str, list[str]]:
        """By argument that is a part: its members that stay as the service has them where they are not given."""
        return _members_marked(cls, Retained)

    @classmethod
    def kept(cls, seen: Mapping[str, Any], last: Mapping[str, Any]) -> dict[str, Any]:
        """What the service has, completed by what it does not tell as it was last said. Both are canonical forms."""
        unread = ("adopt", *cls.marked(WriteOnly), *cls.marked(Local))
        whole = {name: last[name] for name in unread if name in last}
        parts = {}
        for name in {**cls.untold(), **cls.retained()}:
            there, said = seen[name], last.get(name)
            if there and isinstance(said, Mapping):
                unset = [member for member in cls.retained().get(name, []) if not said.get(member, True)]
                members = [*cls.untold().get(name, []), *unset]
                parts[name] = there | {member: said[member] for member in members if member in said}
        left = {name: last[name] for name in cls.marked(Retained) if not last.get(name, True)}
        return {**seen, **parts, **whole, **left}

    @classmethod
    def secrets(cls, props: Mapping[str, Any]) -> list[str]:
        """What no message may show: secret texts, and the members of parts that the service never tells."""
        untold = {name: [*cls.untold().get(name, []), *cls.retained().get(name, [])] for name in cls.names()}
        found: list[Any] = [text for text in _texts(props) if is_signed(text)]
        for name in cls.marked(Secret):
            value = props.get(name)
            inner = isinstance(value, Mapping) and untold.get(name)
            if inner and isinstance(value, Mapping):
                found += [value.get(each) for each in inner]
            else:
                found += value if isinstance(value, list) else [value]
        return [each for each in found if isinstance(each, str)]

    def holds_untold_secrets(self) -> bool:
        """Whether it says what the service keeps to itself, so that nobody knows whether the service has the same."""
        plain, secret = self.plain(), self.marked(Secret)
        whole = [plain[name] for name in self.marked(WriteOnly) if name in secret]
        members = [plain[name].get(each) for name, inner in self.untold().items() for each in inner]
        return any([*whole, *members])

    @classmethod
    def completed(cls, props: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG003
        """Valid arguments with the derived ones filled in; unknown where they follow from what is unknown.

        `olds`: the arguments of the last run, or nothing. May read local files. Raises ValueError, a rule in words.
        """
        return dict(props)

    @classmethod
    def said_beside(cls, known: object, *names: str) -> list[str]:
        """Arguments that are not at their defaults, beside these and derived ones; unknown ones do not count."""
        usual, besides = _usual(cls), ("adopt", *names, *cls.marked(Derived))
        others = [name for name in cls.names() if name not in besides]
        return [name for name in others if getattr(known, name, usual[name]) != usual[name]]

    @classmethod
    def compared(cls) -> list[str]:
        """The names whose values make a difference to the remote object."""
        local = cls.marked(Local)
        return [name for name in cls.arguments() if name not in local]

    @classmethod
    def parse(cls, props: Mapping[str, Any]) -> Self:
        """Properties without unknowns → the model. Raises InputError, one clause for each broken rule."""
        if problems := cls.problems(props):
            raise InputError("; ".join(problems))
        return cls(**props)

    @classmethod
    def problems(cls, props: Mapping[str, Any]) -> list[str]:
        """A sentence for each rule that the known part breaks; what touches an unknown is not judged yet."""
        from pydantic import ValidationError

        if found := [f"{path}: holds {what}, which nothing can carry" for path, what in unfit("", props)]:
            return found
        known: Any
        try:
            known = _model(cls).model_validate(props)
        except ValidationError as error:
            found = [_words(cls, each) for each in error.errors() if not _is_deferred(props, each)]
            known = _known_members(cls, props)
        return [*found, *_broken_rules(cls, known, "")]

    @classmethod
    def vocabulary_remarks(cls, props: Mapping[str, Any], names: Iterable[str]) -> list[str]:
        """A warning for each word of these arguments that their vocabularies lack; unknowns are passed over."""
        return [
            f"{path}: {remark}"
            for name in names
            for path, remark in _vocabulary_remarks(_hints(cls)[name], props.get(name), name)
        ]

    @classmethod
    def canonical(cls, props: Mapping[str, Any]) -> dict[str, Any]:
        """Each argument as state keeps it, defaults filled in.

        What holds an unknown stays as it is; so does what breaks a rule: the service or an older version may hold it.
        """
        said = {name: props[name] for name in cls.names() if name in props}
        if not holds_unknown(said):
            with contextlib.suppress(ValueError):
                return cls(**said).plain()  # one validation, not one an argument
        return {name: _canonical(cls, name, said) for name in cls.names()}

    @classmethod
    def differing(cls, one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
        """Names of the arguments in which two canonical forms differ; an unknown counts as different."""
        return [name for name in cls.compared() if not _is_same(cls, name, one[name], other[name])]

    @classmethod
    def fingerprint(cls, plain: Mapping[str, Any]) -> str:
        """Digest of canonical arguments, independent of the order of what is unordered.

        Defaults do not count, so that a version with more arguments gives the same digest.
        """
        usual = _usual(cls)
        ordered = {
            name: value
            for name in cls.compared()
            if (value := _as_compared(cls, name, plain[name])) != _as_compared(cls, name, usual[name])
        }
        return hashlib.sha256(json.dumps(ordered, sort_keys=True).encode()).hexdigest()[:32]


@once
def _model(part: type[Part]) -> type[BaseModel]:
    """The pydantic model of a part, and a subclass of it; made at the first use."""
    from pydantic import BaseModel, ConfigDict

    if issubclass(part, BaseModel):
        return part
    members = {
        "__annotations__": {name: _hints(part)[name] for name in part.names()},
        "__module__": part.__module__,
        "model_config": ConfigDict(extra="forbid", frozen=True, validate_default=True),
        **part._defaults,  # noqa: SLF001
    }
    return cast(
        "type[BaseModel]",
        types.new_class(part.__name__, (part, BaseModel), exec_body=lambda body: body.update(members)),
    )


@once
def _usual(model: type[Inputs]) -> dict[str, Any]:
    """The canonical form of arguments of which none was said."""
    return model.canonical({})


@once
def _hints(part: type[Part]) -> dict[str, Any]:
    hints = get_type_hints(part, include_extras=True)
    return {name: _exact(hint) for name, hint in hints.items()}


def _exact(hint: Any) -> Any:
    """The type with the rule that only a boolean is one, and only a number a number."""
    base = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    rules = {bool: _BOOLEAN, int: _NUMBER, float: _NUMBER}
    return Annotated[hint, rules[base]] if base in (bool, int, float) else hint


def _require_boolean(value: object) -> object:
    if not isinstance(value, bool):
        raise ValueError("must be True or False; of configuration: config.get_bool(…)")  # noqa: TRY004 - a broken rule
    return value


_BOOLEAN = Meaning(accept=_require_boolean)
"""pydantic takes strings and numbers for booleans as well: "no" in one place and "off" in another."""


def _require_number(value: object) -> object:
    if isinstance(value, str | bool):
        raise ValueError(  # noqa: TRY004 - a broken rule
            "must be a number; of configuration: config.get_int(…) or config.get_float(…)"
        )
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must be a number that is finite")
    return value


_NUMBER = Meaning(accept=_require_number)
"""pydantic takes strings and booleans for numbers as well."""


def _texts(value: Any) -> Iterator[str]:
    """Every string in a value, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(inner)


@once
def _members_marked(model: type[Inputs], marker: Marker) -> dict[str, list[str]]:
    """Names of the members with this marker, of each argument that is a part."""
    found: dict[str, list[str]] = {}
    for name in model.names():
        for part in _parts_in(_hints(model)[name]):
            found[name] = [each for each in part.names() if _is_marked(part, each, marker)]
    return {name: members for name, members in found.items() if members}


@once
def _is_marked(model: type[Part], name: str, marker: Marker) -> bool:
    return marker in getattr(_hints(model)[name], "__metadata__", ())


@once
def _alone(model: type[Part], name: str) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(_hints(model)[name])


def _value(model: type[Part], name: str, props: Mapping[str, Any]) -> Any:
    """What was said, else the default; None for what is required and was not said."""
    return props[name] if name in props else model._defaults.get(name)  # noqa: SLF001


def _canonical(model: type[Part], name: str, props: Mapping[str, Any]) -> Any:
    value = _value(model, name, props)
    if holds_unknown(value):
        return value
    try:
        return _alone(model, name).dump_python(_alone(model, name).validate_python(value), mode="json")
    except ValueError:  # pydantic's error is one
        from pydantic_core import to_jsonable_python

        return to_jsonable_python(value)


def _known_members(part: type[Part], props: Mapping[str, Any]) -> types.SimpleNamespace:
    """The members whose values are known and right, as the model has them; others are no attributes.

    A list of parts has all its elements, each with its own known members.
    """
    members = types.SimpleNamespace()
    for name in part.names():
        with contextlib.suppress(ValueError):
            setattr(members, name, _known_member(part, name, _value(part, name, props)))
    return members


def _known_member(part: type[Part], name: str, value: Any) -> Any:
    """Raises ValueError for a value that is unknown, or wrong as a whole."""
    if not holds_unknown(value):
        with contextlib.suppress(ValueError):
            return _alone(part, name).validate_python(value)
    inner, is_list = part.part_in(name), _is_list(part, name)
    if inner and isinstance(value, dict) and not is_list:
        return _known_members(inner, value)
    if inner and isinstance(value, list) and is_list:
        return [_known_element(part, name, inner, element) for element in value]
    raise ValueError(name)


def _known_element(part: type[Part], name: str, inner: type[Part], element: Any) -> Any:
    """An element of a list of parts; it may be a short form of one."""
    if not holds_unknown(element):
        with contextlib.suppress(ValueError):
            return _alone(part, name).validate_python([element])[0]
    return _known_members(inner, element) if isinstance(element, dict) else types.SimpleNamespace()


def _broken_rules(part: type[Part], members: object, path: str) -> Iterator[str]:
    """A sentence for each rule of several members, or of several elements of a list, that is broken within a part.

    `members` are those that are known: a rule that looks at another is not judged yet.
    """
    for rule in part.rules:
        with contextlib.suppress(AttributeError):
            if sentence := rule(members):
                yield f"{path}{sentence}"
    for name in part.names():
        inner, value = part.part_in(name), getattr(members, name, None)
        if not inner or not value or not _has_rules(part, name):
            continue
        if not isinstance(value, list):
            yield from _broken_rules(inner, value, f"{path}{name}.")
            continue
        for list_rule in _list_rules(part, name):
            yield from (f"{path}{name}{sentence}" for sentence in list_rule.judge(value))
        for number, element in enumerate(value):
            yield from _broken_rules(inner, element, f"{path}{name}[{number}].")


@once
def _is_list(part: type[Part], name: str) -> bool:
    hint = _hints(part)[name]
    return get_origin(get_args(hint)[0] if get_origin(hint) is Annotated else hint) is list


@once
def _has_rules(part: type[Part], name: str) -> bool:
    """Whether something in a member is judged by rules of several members or elements."""
    inner = part.part_in(name)
    if inner is None:
        return False
    is_judged = bool(inner.rules or _list_rules(part, name))
    return is_judged or any(_has_rules(inner, below) for below in inner.names())


@once
def _list_rules(part: type[Part], name: str) -> tuple[ListRule, ...]:
    marks = getattr(_hints(part)[name], "__metadata__", ())
    return tuple(mark for mark in marks if isinstance(mark, ListRule))


def _is_same(model: type[Inputs], name: str, one: Any, other: Any) -> bool:
    if holds_unknown(one) or holds_unknown(other):
        return False
    return bool(_as_compared(model, name, one) == _as_compared(model, name, other))


def _as_compared(model: type[Inputs], name: str, value: Any) -> Any:
    if isinstance(value, list) and _is_marked(model, name, Unordered):
        return sorted(value, key=lambda item: json.dumps(item, sort_keys=True))
    return value


def _is_deferred(props: Mapping[str, Any], error: ErrorDetails) -> bool:
    """Whether an error lies at, above or below an unknown, so that nobody can say yet whether it is one.

    A location may hold words for the members of a union between the real steps; those are passed over.
    """
    value: Any = props
    for step in error["loc"]:
        if isinstance(value, dict):
            value = value.get(step, value)
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step]
    if error["type"] == "missing":
        return isinstance(value, pulumi.output.Unknown)
    if error["type"] == "too_long":
        return not isinstance(value, dict | list)  # an unknown element counts as one
    return holds_unknown(value)


_NAMED = 80
"""Characters of the name of a member that a message shows: a program may have any text for one."""
_SHOULD = {"Input should be": "must be", "String should": "must", "List should": "must"}


def _words(model: type[Inputs], error: ErrorDetails) -> str:
    """`title: 'Contoso…' (230 characters) — at most 200 characters`."""
    steps = [
        step if isinstance(step, int) else step[:_NAMED] for step in error["loc"] if "[" not in str(step)
    ]
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
    if error["type"] == "missing":
        return f"{path}: is required"
    if error["type"] == "extra_forbidden":
        return path[: -len(str(steps[-1]))] + no_such(str(steps[-1]), _part_at(model, steps).names())
    rule = str(error.get("ctx", {}).get("error", error["msg"]))
    rule = re.sub("^(Input should be|String should|List should)", lambda start: _SHOULD[start[0]], rule)
    rule = re.sub(" after validation, not .*", "", rule)
    if not steps:
        return rule
    value = "" if steps[0] in model.marked(Secret) else f"{shortened(error['input'])} — "
    return f"{path}: {value}{rule}"


def _part_at(part: type[Part], steps: list[int | str]) -> type[Part]:
    """The part that a location leads into."""
    for step in steps:
        if step in part.names():
            part = next(_parts_in(_hints(part)[str(step)]), part)
    return part


def _parts_in(hint: Any) -> Iterator[type[Part]]:
    if isinstance(hint, type) and issubclass(hint, Part):
        yield hint
    for inner in get_args(hint):
        yield from _parts_in(inner)


def _vocabulary_remarks(hint: Any, value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Where in a value of this type a word is outside of its vocabulary, and the warning."""
    if get_origin(hint) is Annotated:
        for vocabulary in hint.__metadata__:
            if (
                isinstance(vocabulary, Vocabulary)
                and isinstance(value, str)
                and (remark := vocabulary.remark(value))
            ):
                yield path, remark
        yield from _vocabulary_remarks(get_args(hint)[0], value, path)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _vocabulary_remarks(next(iter(get_args(hint)), None), item, f"{path}[{number}]")
    elif isinstance(value, Mapping) and get_origin(hint) is dict:
        for key in value:
            yield from _vocabulary_remarks(get_args(hint)[0], key, path)
    elif isinstance(value, Mapping) and isinstance(hint, type) and issubclass(hint, Part):
        for name in hint.names():
            yield from _vocabulary_remarks(_hints(hint)[name], value.get(name), f"{path}.{name}")
