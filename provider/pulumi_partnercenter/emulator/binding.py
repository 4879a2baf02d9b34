"""Request bodies: bound without regard to case, typed, and nothing stored that is not known.

A schema is written in Python's own literals: a `Scalar`, a list with the schema of its items, a dict by member; and
`Keyed` for an object whose keys are the caller's own.
Unknown members are ignored, as the service ignores them (recording, reference 2.7); with `strict` they are *not
emulated* (501). Those that the stored document has already are kept (what the portal wrote may travel back). Wrong
JSON types are refused with the service's field errors (400). `null` is absence (reference 2.7).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

from . import errors

__all__ = ["Keyed", "Scalar", "Schema", "bind", "ordered", "parsed"]


class Scalar(Enum):
    """What a single value may be. `IGNORED` members may be sent and are not stored."""

    TEXT = "text"
    FLAG = "flag"
    WHOLE = "whole"
    NUMBER = "number"
    IGNORED = "ignored"


@dataclass(frozen=True)
class Keyed:
    """An object with any keys, kept as they are spelled; every value is of one schema."""

    values: Schema


Schema: TypeAlias = "Scalar | Keyed | Sequence[Schema] | Mapping[str, Schema]"


def parsed(text: bytes) -> Any:
    """The value of a JSON text that can be sent back as it is; ValueError for any other."""
    try:
        value = json.loads(text, parse_constant=_no_number)
        # Half of a surrogate pair can be spelled in JSON, but it is no character and cannot be sent back.
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is Python's JSON, not everybody's")


def bind(
    schema: Mapping[str, Schema],
    body: object,
    stored: Mapping[str, Any] | None = None,
    *,
    strict: bool = False,
) -> dict[str, Any]:
    """The members of `body` that the type stores, in the service's spelling and order."""
    if not isinstance(body, dict):
        raise errors.bad_request("The request body must be a JSON object.")
    binder = _Binder()
    bound = binder.members(schema, body, [stored or {}], "")
    if strict and binder.unknown:
        raise errors.not_emulated(f"member {', '.join(sorted(binder.unknown))}")
    if binder.wrong:
        raise errors.invalid({name: f"The field {name} is invalid." for name in binder.wrong})
    return bound


def ordered(schema: Mapping[str, Schema], members: Mapping[str, Any]) -> dict[str, Any]:
    """Members in the order of the schema; what the schema does not know comes last."""
    known = {name: members[name] for name in schema if name in members}
    return known | {name: value for name, value in members.items() if name not in schema}


class _Binder:
    def __init__(self) -> None:
        self.unknown: set[str] = set()
        self.wrong: dict[str, None] = {}

    def members(
        self, schema: Mapping[str, Schema], body: dict[str, Any], stored: Sequence[Any], path: str
    ) -> dict[str, Any]:
        spelling = {name.lower(): name for name in schema}
        extras = {name.lower(): name for known in stored if isinstance(known, dict) for name in known}
        bound: dict[str, Any] = {}
        for sent, value in body.items():
            name = spelling.get(sent.lower())
            if name is None:
                if sent.lower() in extras:
                    bound[extras[sent.lower()]] = value
                else:
                    self.unknown.add(path + sent)
            elif value is not None and schema[name] is not Scalar.IGNORED:
                below = [known[name] for known in stored if isinstance(known, dict) and name in known]
                bound[name] = self.value(schema[name], value, below, path + name)
        return ordered(schema, bound)

    def value(self, schema: Schema, value: Any, stored: Sequence[Any], path: str) -> Any:
        if isinstance(schema, Mapping):
            if isinstance(value, dict):
                return self.members(schema, value, stored, f"{path}.")
        elif isinstance(schema, Keyed):
            if isinstance(value, dict):
                return {key: self.value(schema.values, one, (), path) for key, one in value.items()}
        elif isinstance(schema, Sequence):
            if isinstance(value, list):
                below = list(_items(stored))
                return [self.value(schema[0], item, below, path) for item in value]
        elif _fits(schema, value):
            return value
        elif schema is Scalar.FLAG and isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"  # requests may carry booleans as text (reference 2.7)
        self.wrong[".".join(part[:1].upper() + part[1:] for part in path.split("."))] = None
        return value


def _items(stored: Iterable[Any]) -> Iterable[Any]:
    for known in stored:
        if isinstance(known, list):
            yield from known


def _fits(schema: Scalar, value: Any) -> bool:
    if schema is Scalar.TEXT:
        return isinstance(value, str)
    if schema is Scalar.FLAG:
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (schema is Scalar.NUMBER and isinstance(value, float))
