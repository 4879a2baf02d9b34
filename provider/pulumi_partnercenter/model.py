"""Declarations of a resource: its arguments, outputs and parts, and messages for broken rules.

Check, diff and read use one canonical form of every argument, so that stored values compare equal to given ones.
Unknown values of a preview pass through untouched, at any depth.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Self, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticUndefined, to_jsonable_python

from .errors import InputError
from .markers import (
    Boolean,
    Derived,
    ListRule,
    Local,
    Marker,
    Retained,
    Secret,
    Unordered,
    Vocabulary,
    Wire,
    WriteOnly,
)
from .messages import is_signed, no_such, shortened
from .values import Unknown, find_invalid_text, holds_unknown, iterate_texts

__all__ = ["Arguments", "NotKnownYetError", "Outputs", "Part"]


class Part(BaseModel):
    """An object with a fixed set of members: a contact, a price, all arguments of a resource."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    rules: ClassVar[tuple[Callable[[Any], str | None], ...]] = ()
    """Rules about several members. Each returns `member: a sentence`, or None. A rule is applied as soon as the members
    that
    it reads are known, so that a preview can report it.
    """

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Names of the members, those of base classes first."""
        return tuple(cls.model_fields)

    @classmethod
    def marked(cls, marker: Marker) -> list[str]:
        return [name for name in cls.names() if _is_marked(cls, name, marker)]

    @classmethod
    def hint(cls, name: str) -> Any:
        """The type of a member, markers included."""
        return _hints(cls)[name]

    @classmethod
    def part_in(cls, name: str) -> type[Part] | None:
        """The part that is a member's type, or the type of its elements."""
        return next(_parts_in(_hints(cls)[name]), None)

    @classmethod
    def wire_attributes(cls) -> dict[str, str]:
        """By member: the attribute of the wire model that equals it."""
        return _wire_attributes(cls)

    @classmethod
    def default(cls, name: str) -> Any:
        """The canonical default of a member; None if it is required."""
        return _canonical(cls, name, {})

    def replace(self, **changes: Any) -> Self:
        """Return a copy with other values of members, without validation."""
        return self.model_copy(update=changes)

    def to_json(self) -> dict[str, Any]:
        """Return the canonical form as JSON values."""
        return self.model_dump(mode="json")


class Outputs(Part):
    """Computed outputs. Never None: a missing output would be unknown in every later preview."""


class Arguments(Part):
    """Arguments of a resource. With defaults, no argument is None, for the same reason."""

    adopt: Boolean = False
    """Take over something different that exists under the same name, instead of refusing."""

    @classmethod
    def arguments(cls) -> list[str]:
        """Names of the arguments that describe the remote object: all but `adopt`."""
        return [name for name in cls.names() if name != "adopt"]

    @classmethod
    def unreadable(cls) -> dict[str, list[str]]:
        """By argument that is a part: its members that the service never returns."""
        return _members_marked(cls, WriteOnly)

    @classmethod
    def retained(cls) -> dict[str, list[str]]:
        """By argument that is a part: its members that keep the service's value if they are not given."""
        return _members_marked(cls, Retained)

    @classmethod
    def merge_unreadable(cls, current: Mapping[str, Any], last: Mapping[str, Any]) -> dict[str, Any]:
        """Complete the service's values by the last values of unreadable arguments. Both are canonical forms."""
        unread = ("adopt", *cls.marked(WriteOnly), *cls.marked(Local))
        whole = {name: last[name] for name in unread if name in last}
        parts = {}
        for name in {**cls.unreadable(), **cls.retained()}:
            part, given = current[name], last.get(name)
            if part and isinstance(given, Mapping):
                unset = [member for member in cls.retained().get(name, []) if not given.get(member, True)]
                members = [*cls.unreadable().get(name, []), *unset]
                parts[name] = part | {member: given[member] for member in members if member in given}
        left = {name: last[name] for name in cls.marked(Retained) if not last.get(name, True)}
        return {**current, **parts, **whole, **left}

    @classmethod
    def secrets(cls, props: Mapping[str, Any]) -> list[str]:
        """Secrets for redaction: secret strings, and the members of parts that the service never returns."""
        unreadable = {
            name: [*cls.unreadable().get(name, []), *cls.retained().get(name, [])] for name in cls.names()
        }
        secrets: list[Any] = [text for text in iterate_texts(props) if is_signed(text)]
        for name in cls.marked(Secret):
            value = props.get(name)
            inner = isinstance(value, Mapping) and unreadable.get(name)
            if inner and isinstance(value, Mapping):
                secrets += [value.get(member) for member in inner]
            else:
                secrets += value if isinstance(value, list) else [value]
        return [secret for secret in secrets if isinstance(secret, str)]

    def holds_unreadable_secrets(self) -> bool:
        """Return whether it has secrets that the service never returns, which cannot be compared."""
        plain, secret = self.to_json(), self.marked(Secret)
        whole = [plain[name] for name in self.marked(WriteOnly) if name in secret]
        members = [plain[name].get(member) for name, inner in self.unreadable().items() for member in inner]
        return any([*whole, *members])

    @classmethod
    def completed(cls, props: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG003
        """Return valid arguments with the derived arguments filled in; unknown if they depend on unknowns.

        `olds`: the arguments of the last run, or empty. May read local files. Raises ValueError with a rule.
        """
        return dict(props)

    @classmethod
    def given_beside(cls, arguments: object, *names: str) -> list[str]:
        """Names of the arguments, except `names` and derived ones, that are known and not at their defaults."""
        defaults, besides = _defaults(cls), ("adopt", *names, *cls.marked(Derived))
        others = [name for name in cls.names() if name not in besides]
        return [name for name in others if getattr(arguments, name, defaults[name]) != defaults[name]]

    @classmethod
    def compared(cls) -> list[str]:
        """Names of the arguments whose values affect the remote object."""
        local = cls.marked(Local)
        return [name for name in cls.arguments() if name not in local]

    @classmethod
    def parse(cls, props: Mapping[str, Any]) -> Self:
        """Convert properties without unknowns to the model. Raises InputError, one clause for each broken rule."""
        if problems := cls.problems(props):
            raise InputError("; ".join(problems))
        return cls(**props)

    @classmethod
    def problems(cls, props: Mapping[str, Any]) -> list[str]:
        """Return a sentence for each rule that the known values break; a rule that involves an unknown is deferred."""
        if problems := [
            f"{path}: holds {what}, which Pulumi cannot transfer"
            for path, what in find_invalid_text("", props)
        ]:
            return problems
        arguments: object
        try:
            arguments = cls.model_validate(props)
        except ValidationError as error:
            details = [detail for detail in error.errors() if not _is_deferred(props, detail)]
            problems = [_words(cls, detail) for detail in details]
            arguments = _known_members(cls, props)
        return [*problems, *_broken_rules(cls, arguments, "")]

    @classmethod
    def vocabulary_remarks(cls, props: Mapping[str, Any], names: Iterable[str]) -> list[str]:
        """Return a warning for each value of these arguments outside of its vocabulary; unknowns are skipped."""
        return [
            f"{path}: {remark}"
            for name in names
            for path, remark in _vocabulary_remarks(_hints(cls)[name], props.get(name), name)
        ]

    @classmethod
    def canonical(cls, props: Mapping[str, Any]) -> dict[str, Any]:
        """Return each argument in its form in state, with defaults filled in.

        Values with an unknown, and values that break a rule, stay as they are: the service or an older version may
        hold them.
        """
        given = {name: props[name] for name in cls.names() if name in props}
        if not holds_unknown(given):
            with contextlib.suppress(ValueError):
                return cls(**given).to_json()  # a single validation is faster than one for each argument
        return {name: _canonical(cls, name, given) for name in cls.names()}

    @classmethod
    def differing(cls, left: Mapping[str, Any], right: Mapping[str, Any]) -> list[str]:
        """Names of the arguments in which two canonical forms differ; an unknown counts as different."""
        return [name for name in cls.compared() if not _is_same(cls, name, left[name], right[name])]

    @classmethod
    def fingerprint(cls, plain: Mapping[str, Any]) -> str:
        """Digest of canonical arguments, independent of the order of unordered lists.

        Defaults do not count, so that a version with more arguments gives the same digest.
        """
        defaults = _defaults(cls)
        ordered = {
            name: value
            for name in cls.compared()
            if (value := _as_compared(cls, name, plain[name])) != _as_compared(cls, name, defaults[name])
        }
        return hashlib.sha256(json.dumps(ordered, sort_keys=True).encode()).hexdigest()[:32]


class NotKnownYetError(AttributeError):
    """A rule read an argument that is unknown or invalid."""


class _KnownMembers:
    """The known and valid members of a part, for rules. Reading another member defers the rule."""

    def __init__(self, part: type[Part], values: Mapping[str, Any]) -> None:
        self._part, self._values = part, values

    def __getattr__(self, name: str) -> Any:
        if name in self._values:
            return self._values[name]
        if name in self._part.model_fields or hasattr(self._part, name):
            raise NotKnownYetError(name)  # methods need all members
        raise AttributeError(name)


@functools.cache
def _defaults(model: type[Arguments]) -> dict[str, Any]:
    """The canonical form of empty arguments."""
    return model.canonical({})


@functools.cache
def _hints(part: type[Part]) -> dict[str, Any]:
    return get_type_hints(part, include_extras=True)


@functools.cache
def _members_marked(model: type[Arguments], marker: Marker) -> dict[str, list[str]]:
    """Names of the members with this marker, by argument that is a part."""
    marked: dict[str, list[str]] = {}
    for name in model.names():
        for part in _parts_in(_hints(model)[name]):
            marked[name] = [member for member in part.names() if _is_marked(part, member, marker)]
    return {name: members for name, members in marked.items() if members}


@functools.cache
def _is_marked(model: type[Part], name: str, marker: Marker) -> bool:
    return marker in getattr(_hints(model)[name], "__metadata__", ())


@functools.cache
def _wire_attributes(model: type[Part]) -> dict[str, str]:
    attributes = {} if issubclass(model, Arguments) else {name: name for name in model.names()}
    for name in model.names():
        for mark in getattr(_hints(model)[name], "__metadata__", ()):
            if isinstance(mark, Wire):
                attributes[name] = mark.attribute
    return attributes


@functools.cache
def _alone(model: type[Part], name: str) -> TypeAdapter[Any]:
    return TypeAdapter(_hints(model)[name])


def _value(model: type[Part], name: str, props: Mapping[str, Any]) -> Any:
    """The given value, or the default; None for a missing required value."""
    if name in props:
        return props[name]
    default = model.model_fields[name].default
    return None if default is PydanticUndefined else default


def _canonical(model: type[Part], name: str, props: Mapping[str, Any]) -> Any:
    value = _value(model, name, props)
    if holds_unknown(value):
        return value
    try:
        return _alone(model, name).dump_python(_alone(model, name).validate_python(value), mode="json")
    except ValueError:  # pydantic's error is a ValueError
        return to_jsonable_python(value)


def _known_members(part: type[Part], props: Mapping[str, Any]) -> _KnownMembers:
    """The known and valid members in the model's form. Reading another member defers a rule.

    A list of parts has all its elements, each with its own known members.
    """
    values = {}
    for name in part.names():
        with contextlib.suppress(ValueError):
            values[name] = _known_member(part, name, _value(part, name, props))
    return _KnownMembers(part, values)


def _known_member(part: type[Part], name: str, value: Any) -> Any:
    """The member in the model's form. Raises ValueError for a value that is unknown, or invalid as a whole."""
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
    """An element of a list of parts, which may be in its short form."""
    if not holds_unknown(element):
        with contextlib.suppress(ValueError):
            return _alone(part, name).validate_python([element])[0]
    return _known_members(inner, element) if isinstance(element, dict) else _KnownMembers(inner, {})


def _broken_rules(part: type[Part], members: object, path: str) -> Iterator[str]:
    """Yield a sentence for each broken rule of several members, or of several elements of a list, within a part.

    `members` are the known ones: a rule that reads another is deferred.
    """
    for rule in part.rules:
        with contextlib.suppress(NotKnownYetError):
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


@functools.cache
def _is_list(part: type[Part], name: str) -> bool:
    hint = _hints(part)[name]
    return get_origin(get_args(hint)[0] if get_origin(hint) is Annotated else hint) is list


@functools.cache
def _has_rules(part: type[Part], name: str) -> bool:
    """Whether rules about several members or elements apply within a member."""
    inner = part.part_in(name)
    if inner is None:
        return False
    is_judged = bool(inner.rules or _list_rules(part, name))
    return is_judged or any(_has_rules(inner, below) for below in inner.names())


@functools.cache
def _list_rules(part: type[Part], name: str) -> tuple[ListRule, ...]:
    marks = getattr(_hints(part)[name], "__metadata__", ())
    return tuple(mark for mark in marks if isinstance(mark, ListRule))


def _is_same(model: type[Arguments], name: str, left: Any, right: Any) -> bool:
    if holds_unknown(left) or holds_unknown(right):
        return False
    return bool(_as_compared(model, name, left) == _as_compared(model, name, right))


def _as_compared(model: type[Arguments], name: str, value: Any) -> Any:
    if isinstance(value, list) and _is_marked(model, name, Unordered):
        return sorted(value, key=lambda item: json.dumps(item, sort_keys=True))
    return value


def _is_deferred(props: Mapping[str, Any], error: ErrorDetails) -> bool:
    """Whether an error lies at, above or below an unknown, so that it may disappear when the value is known.

    A location may hold pydantic's names of union members between the real steps; they are skipped.
    """
    value: Any = props
    for step in error["loc"]:
        if isinstance(value, dict):
            value = value.get(step, value)
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step]
    if error["type"] == "missing":
        return isinstance(value, Unknown)
    if error["type"] == "too_long":
        return not isinstance(value, dict | list)  # the list is too long even if an element is unknown
    return holds_unknown(value)


_NAMED = 80
"""Maximum length of a member's name in a message: a program may use any text as a name."""
_PYDANTIC = {
    "^Input should be": "must be",
    r"^\w+ should": "must",
    r"a valid dictionary( or instance of \w+)?": "an object",
    "a valid integer": "an integer",
    "a valid ": "a ",
    ", unable to parse string as .*": "",
    " after validation, not .*": "",
}
"""Words of pydantic, and ours."""


def _words(model: type[Arguments], error: ErrorDetails) -> str:
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
    for theirs, ours in _PYDANTIC.items():
        rule = re.sub(theirs, ours, rule)
    if not steps:
        return rule
    value = "" if steps[0] in model.marked(Secret) else f"{shortened(error['input'])} — "
    return f"{path}: {value}{rule}"


def _part_at(part: type[Part], steps: list[int | str]) -> type[Part]:
    """The part that a location leads to."""
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
    """Yield the place of each value outside of its vocabulary, and the warning."""
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
