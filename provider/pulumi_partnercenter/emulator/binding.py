"""Request bodies: matched to a schema without regard to case, typed, and without unknown members.

A schema consists of Python literals: a `Scalar`, a list with the schema of its items, or a dict by member.
`Keyed` is an object with arbitrary keys. Unknown members are ignored, or refused if `strict`. Unknown members that
the stored document already has are kept: the portal may have written them. `null` means absent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

from .errors import InvalidMembers, MalformedBody, NotEmulated

__all__ = ["Keyed", "Scalar", "Schema", "bind", "order_members", "parse_json"]


class Scalar(Enum):
    """The type of a single value. `ANY` is every JSON value; `IGNORED` members may be sent and are not stored."""

    STRING = "string"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    ANY = "any"
    IGNORED = "ignored"


@dataclass(frozen=True)
class Keyed:
    """An object with any keys, kept in their spelling; every value has the same schema."""

    values: Schema


Schema: TypeAlias = "Scalar | Keyed | Sequence[Schema] | Mapping[str, Schema]"


def parse_json(text: bytes) -> Any:
    """Parse a JSON text. Raises: ValueError, also for values that cannot be sent back unchanged."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
        # JSON can encode a lone surrogate, but UTF-8 cannot; 1e999 is read as infinity, which JSON cannot encode.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is Python's JSON, not everybody's")


def bind(
    schema: Mapping[str, Schema],
    body: object,
    stored: Mapping[str, Any] | None = None,
    *,
    strict: bool = False,
) -> dict[str, Any]:
    """Return the members of `body` that the schema has, in its spelling and order.

    Raises: MalformedBody, InvalidMembers; NotEmulated for unknown members if `strict`.
    """
    if not isinstance(body, dict):
        raise MalformedBody("The request body must be a JSON object.")
    binder = _Binder()
    bound = binder.bind_members(schema, body, [stored or {}], "")
    if strict and binder.unknown:
        raise NotEmulated(f"member {', '.join(sorted(binder.unknown))}")
    if binder.invalid:
        raise InvalidMembers(list(binder.invalid))
    return bound


def order_members(schema: Mapping[str, Schema], members: Mapping[str, Any]) -> dict[str, Any]:
    """Return members in the order of the schema; members that the schema lacks come last."""
    in_schema = {name: members[name] for name in schema if name in members}
    return in_schema | {name: value for name, value in members.items() if name not in schema}


class _Binder:
    """Binds a body. `unknown` and `invalid` are dotted paths of members; `invalid` keeps their order."""

    def __init__(self) -> None:
        self.unknown: set[str] = set()
        self.invalid: dict[str, None] = {}

    def bind_members(
        self, schema: Mapping[str, Schema], body: dict[str, Any], stored: Sequence[Any], path: str
    ) -> dict[str, Any]:
        spellings = {name.lower(): name for name in schema}
        objects = [document for document in stored if isinstance(document, dict)]
        extras = {name.lower(): name for document in objects for name in document}
        bound: dict[str, Any] = {}
        for given_name, value in body.items():
            name = spellings.get(given_name.lower())
            if name is None:
                if given_name.lower() in extras:
                    bound[extras[given_name.lower()]] = value
                else:
                    self.unknown.add(path + given_name)
            elif value is not None and schema[name] is not Scalar.IGNORED:
                below = [document[name] for document in objects if name in document]
                bound[name] = self.bind_value(schema[name], value, below, path + name)
        return order_members(schema, bound)

    def bind_value(self, schema: Schema, value: Any, stored: Sequence[Any], path: str) -> Any:
        if isinstance(schema, Mapping):
            if isinstance(value, dict):
                return self.bind_members(schema, value, stored, f"{path}.")
        elif isinstance(schema, Keyed):
            if isinstance(value, dict):
                return {key: self.bind_value(schema.values, item, (), path) for key, item in value.items()}
        elif isinstance(schema, Sequence):
            if isinstance(value, list):
                below = [item for items in stored if isinstance(items, list) for item in items]
                return [self.bind_value(schema[0], item, below, path) for item in value]
        elif _has_type(schema, value):
            return value
        elif schema is Scalar.BOOLEAN and isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"  # requests may have booleans as strings
        self.invalid[path] = None
        return value


def _has_type(schema: Scalar, value: Any) -> bool:
    if schema is Scalar.ANY:
        return True
    if schema is Scalar.STRING:
        return isinstance(value, str)
    if schema is Scalar.BOOLEAN:
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (schema is Scalar.NUMBER and isinstance(value, float))
