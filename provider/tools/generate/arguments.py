"""Text about arguments, outputs and members of values, from the models, their markers and docstrings."""

from __future__ import annotations

import ast
import functools
import inspect
import json
import re
import textwrap
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, MaxLen, MinLen
from pydantic import TypeAdapter, ValidationError

from pulumi_partnercenter.kinds._rules import as_set
from pulumi_partnercenter.markers import Derived, Immutable, Local, Retained, Secret, Unordered, WriteOnly
from pulumi_partnercenter.model import Arguments, Part
from pulumi_partnercenter.resources import Resource

PROBE = " /?"
"""A string that breaks the rule of every value with a rule: the validation message then describes the rule."""
PLAIN: dict[Any, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    Decimal: "amount",
    Any: "path, asset or archive",
}
MARKS = {
    Secret: "Secret: encrypted in state, never shown.",
    WriteOnly: "The service never returns it.",
    Local: "Not compared.",
    Retained: "Not set: the current value stays.",
}
REQUIRED = object()
A_SET = " A set."
LIMIT = re.compile(r",? ?[Aa]t most [\d,]+( characters)?(?=[.;:])")
"""The part of a docstring about a limit, which the type states too."""


@dataclass(frozen=True)
class Field:
    """A row of a table. `default` is `REQUIRED`, or the default."""

    name: str
    type: str
    default: Any
    meaning: str
    replaces: bool = False

    @property
    def shown_default(self) -> str:
        if self.default is REQUIRED:
            return "**required**"
        return f"`{literal(self.default)}`" if self.default not in ("", [], {}, None) else ""

    def row(self) -> str:
        cells = [
            f"{'● ' if self.replaces else ''}`{self.name}`",
            self.type,
            self.shown_default,
            self.meaning,
        ]
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def arguments(model: type[Arguments], resource: type[Resource]) -> list[Field]:
    """Arguments that a program sets, required ones first, `adopt` last."""
    fields = [_field(model, name) for name in model.arguments() if name not in model.marked(Derived)]
    objects = [name for name, type in resource.__init__.__annotations__.items() if "Resource]" in type]
    fields = [replace(field, type="resources") if field.name in objects else field for field in fields]
    fields.sort(key=lambda field: field.default is not REQUIRED)
    return [*fields, _field(model, "adopt")]


def derived(model: type[Arguments]) -> list[Field]:
    """Values that are computed from the arguments and can be read like outputs."""
    return [_field(model, name) for name in model.marked(Derived)]


def members(part: type[Part]) -> list[Field]:
    return [_field(part, name) for name in part.names()]


def parts(model: type[Part], names: Iterable[str]) -> list[type[Part]]:
    """Return the parts that these members hold, at any depth, each once."""
    distinct: list[type[Part]] = []
    for name in names:
        for part in _parts_in(hints(model)[name]):
            distinct += [inner for inner in [part, *parts(part, part.names())] if inner not in distinct]
    return distinct


@functools.cache
def hints(part: type[Part]) -> dict[str, Any]:
    return get_type_hints(part, include_extras=True)


@functools.cache
def docstrings(part: type[Part]) -> dict[str, str]:
    """Return the documentation string below each field, on one line; fields of base classes first."""
    texts: dict[str, str] = {}
    for cls in reversed(part.__mro__):
        if not issubclass(cls, Part) or cls is Part:
            continue
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
        assert isinstance(tree, ast.ClassDef)
        for field, below in zip(tree.body, tree.body[1:], strict=False):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(below, ast.Expr)
                and isinstance(below.value, ast.Constant)
            ):
                texts[field.target.id] = " ".join(str(below.value.value).split())
    return texts


def literal(value: Any) -> str:
    """Return the value as Python code."""
    if isinstance(value, str | Decimal):
        return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)
    return repr(value).replace("'", '"')


def _field(part: type[Part], name: str) -> Field:
    hint, docstring = hints(part)[name], docstrings(part).get(name, "")
    marks = getattr(hint, "__metadata__", ())
    meaning = LIMIT.sub("", docstring.removesuffix(A_SET)).lstrip(".")
    sentences = [meaning, *(text for mark, text in MARKS.items() if mark in marks and Derived not in marks)]
    return Field(
        name,
        words(hint, is_set=docstring.endswith(A_SET)),
        REQUIRED if part.model_fields[name].is_required() else part.model_fields[name].default,
        " ".join(sentence for sentence in sentences if sentence),
        Immutable in marks,
    )


def words(hint: Any, *, is_set: bool = False) -> str:
    """A type and its limits: `string, 1 to 200 characters`, `set of strings, each a GUID, at most 100`."""
    marks = hint.__metadata__ if get_origin(hint) is Annotated else ()
    base = get_args(hint)[0] if marks else hint
    is_set = is_set or Unordered in marks or as_set in marks
    return ", ".join([_rule(hint) or _base(base, is_set=is_set), *_limits(marks, base)])


def _base(base: Any, *, is_set: bool) -> str:
    origin, inner = get_origin(base), get_args(base)
    if origin is Literal:
        return _one_of([f"`{literal(choice)}`" for choice in inner if choice != ""])
    if origin is list:
        return f"{'set' if is_set else 'list'} of {_element_type(inner[0])}"
    if origin is dict:
        values = words(inner[1])
        return f"map of strings to {f'({values})' if ', ' in values else values}"
    if origin in (Union, types.UnionType):
        return words(next(choice for choice in inner if choice is not type(None)))
    if base in PLAIN:
        return PLAIN[base]
    return f"[{base.__name__}](#{base.__name__.lower()})"


def _element_type(hint: Any) -> str:
    rule = _rule(hint)
    return f"strings, each {rule}" if rule else words(hint).replace(PLAIN[str], f"{PLAIN[str]}s")


def _one_of(choices: list[str]) -> str:
    return " or ".join([", ".join(choices[:-1]), choices[-1]] if len(choices) > 1 else choices)


def _limits(marks: tuple[Any, ...], base: Any) -> Iterator[str]:
    low = next((mark.min_length for mark in marks if isinstance(mark, MinLen)), 0)
    high = next((mark.max_length for mark in marks if isinstance(mark, MaxLen)), None)
    unit = " characters" if base is str else ""
    if high is not None:
        yield f"{low} to {high:,}{unit}" if low else f"at most {high:,}{unit}"
    elif low:
        yield "not empty"
    for mark in marks:
        if isinstance(mark, Ge):
            yield f"from {mark.ge}"


def _rule(hint: Any) -> str:
    """Return the rule of a string, as in its message but without the offending value; "" if it has none."""
    if get_origin(hint) is not Annotated or get_args(hint)[0] is not str:
        return ""
    try:
        TypeAdapter(hint).validate_python(PROBE)
    except ValidationError as error:
        (first, *_) = error.errors()
        subject, _, more = str(first["ctx"]["error"]).partition(": ")
        rule = more if subject.startswith("is not") else subject.removeprefix("must be ")
        return re.sub("(<.+>)", r"`\1`", re.sub(" such as [0-9a-f-]{36}", "", rule))
    return ""


def _parts_in(hint: Any) -> Iterator[type[Part]]:
    if isinstance(hint, type) and issubclass(hint, Part):
        yield hint
    for inner in get_args(hint):
        yield from _parts_in(inner)
