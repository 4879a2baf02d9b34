"""What a program may say: argument models, the markers on their fields, and the words for a broken rule.

One canonical form of every argument serves check, diff and read, so that what the service stored compares equal to
what the program said. Unknown values (previews) pass through untouched, at any depth.
"""

from __future__ import annotations

import contextlib
import difflib
import functools
import hashlib
import json
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

import pulumi
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from .errors import InputError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

__all__ = ["Immutable", "Inputs", "Marker", "Outputs", "Part", "Secret", "Unordered", "WriteOnly"]


class Marker(str):
    """A word about a field, for `Annotated[...]`: what a change of the field means."""


Immutable = Marker("Immutable")
"""A change replaces the resource; the old one is deleted first, because remote keys are deterministic."""
Unordered = Marker("Unordered")
"""A list that is compared as a set."""
Secret = Marker("Secret")
"""Encrypted in state, absent from every message."""
WriteOnly = Marker("WriteOnly")
"""The service never returns it: `read` keeps the last value."""


class Part(BaseModel):
    """A value with named members inside an argument: a contact, a price."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Outputs(Part):
    """What the service decides. Never None: an output that is missing would be unknown in every later preview."""


class Inputs(Part):
    """What a program may set. Once defaults are filled in no argument is None, for the same reason."""

    rules: ClassVar[tuple[Callable[[Any], str | None], ...]] = ()
    """What several arguments have to fulfil together: each returns a sentence, or None. Judged as soon as the arguments
    that it looks at are known, so that a preview can tell."""

    adopt: bool = False
    """Take over something different that exists under the same name, instead of refusing."""

    @classmethod
    def arguments(cls) -> list[str]:
        """The names that describe the remote object: all but `adopt`."""
        return [name for name in cls.model_fields if name != "adopt"]

    @classmethod
    def marked(cls, marker: Marker) -> list[str]:
        return [name for name, field in cls.model_fields.items() if marker in field.metadata]

    @classmethod
    def parse(cls, props: Mapping[str, Any]) -> Self:
        """Properties without unknowns → the model. Raises InputError, one clause for each broken rule."""
        if problems := cls.problems(props):
            raise InputError("; ".join(problems))
        return cls.model_validate(props)

    @classmethod
    def problems(cls, props: Mapping[str, Any]) -> list[str]:
        """A sentence for each rule that the known part breaks; what touches an unknown is not judged yet."""
        found: list[str] = []
        try:
            cls.model_validate(props)
        except ValidationError as error:
            found = [_words(cls, each) for each in error.errors() if not _is_deferred(props, each)]
        known = SimpleNamespace(**_known(cls, props))
        for rule in cls.rules:
            try:
                sentence = rule(known)
            except AttributeError:  # it looks at an argument that is unknown, or wrong already
                continue
            found += [sentence] if sentence else []
        return found

    @classmethod
    def canonical(cls, props: Mapping[str, Any]) -> dict[str, Any]:
        """Each argument as state keeps it, defaults filled in.

        What holds an unknown stays as it is; so does what breaks a rule, because the service or an older version may hold it.
        """
        return {name: _canonical(cls, name, props) for name in cls.model_fields}

    @classmethod
    def differing(cls, one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
        """Names of the arguments in which two canonical forms differ; an unknown counts as different."""
        return [name for name in cls.arguments() if not _is_same(cls, name, one[name], other[name])]

    def plain(self) -> dict[str, Any]:
        """The canonical form of this model: what JSON can hold."""
        return self.model_dump(mode="json")

    @classmethod
    def fingerprint(cls, plain: Mapping[str, Any]) -> str:
        """Digest of canonical arguments, independent of the order of what is unordered."""
        ordered = {name: _as_compared(cls, name, plain[name]) for name in cls.arguments()}
        return hashlib.sha256(json.dumps(ordered, sort_keys=True).encode()).hexdigest()[:32]


@functools.cache
def _alone(model: type[Inputs], name: str) -> TypeAdapter[Any]:
    field = model.model_fields[name]
    described: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    return TypeAdapter(described)


def _canonical(model: type[Inputs], name: str, props: Mapping[str, Any]) -> Any:
    value = props[name] if name in props else model.model_fields[name].get_default(call_default_factory=True)
    if pulumi.contains_unknowns(value):
        return value
    try:
        return _alone(model, name).dump_python(_alone(model, name).validate_python(value), mode="json")
    except ValidationError:
        return value


def _known(model: type[Inputs], props: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments whose values are known and right, as the model has them."""
    known = {}
    for name, field in model.model_fields.items():
        value = props[name] if name in props else field.get_default(call_default_factory=True)
        if not pulumi.contains_unknowns(value):
            with contextlib.suppress(ValidationError):
                known[name] = _alone(model, name).validate_python(value)
    return known


def _is_same(model: type[Inputs], name: str, one: Any, other: Any) -> bool:
    if pulumi.contains_unknowns(one) or pulumi.contains_unknowns(other):
        return False
    return bool(_as_compared(model, name, one) == _as_compared(model, name, other))


def _as_compared(model: type[Inputs], name: str, value: Any) -> Any:
    if Unordered in model.model_fields[name].metadata and isinstance(value, list):
        return sorted(value, key=lambda item: json.dumps(item, sort_keys=True))
    return value


def _is_deferred(props: Mapping[str, Any], error: ErrorDetails) -> bool:
    """Whether an error lies at, above or below an unknown, so that nobody can say yet whether it is one.

    A location may hold words for the members of a union between the real steps; those are passed over.
    """
    value: Any = props
    for step in error["loc"]:
        if (isinstance(value, dict) and step in value) or (isinstance(value, list) and isinstance(step, int)):
            value = value[step]
    if error["type"] == "missing":
        return isinstance(value, pulumi.output.Unknown)
    return bool(pulumi.contains_unknowns(value))


def _words(model: type[Inputs], error: ErrorDetails) -> str:
    """`title: 'Contoso…' (230 characters) — at most 200 characters`."""
    steps = [step for step in error["loc"] if not (isinstance(step, str) and "[" in step)]
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
    if error["type"] == "missing":
        return f"{path}: is required"
    if error["type"] == "extra_forbidden":
        close = difflib.get_close_matches(str(steps[-1]), model.model_fields, n=1) if len(steps) == 1 else []
        return f"{path}: no such argument" + (f"; did you mean {close[0]}?" if close else "")
    rule = (
        str(error.get("ctx", {}).get("error", error["msg"]))
        .replace("Input should be", "must be")
        .replace("String should", "must")
    )
    if not steps:
        return rule
    return (
        f"{path}: {rule}"
        if steps[0] in model.marked(Secret)
        else f"{path}: {shortened(error['input'])} — {rule}"
    )


def shortened(value: Any) -> str:
    """A value as messages show it: whole numbers without `.0`, long texts cut, their length told."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = repr(value)
    if len(text) <= 60:
        return text
    return f"{text[:57]}… ({len(value)} characters)" if isinstance(value, str) else f"{text[:57]}…"
