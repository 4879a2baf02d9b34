"""Checks of the control plane's request bodies."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

__all__ = [
    "BadInput",
    "Parameters",
    "allow_members",
    "parse",
    "read_choice",
    "read_number",
    "read_whole_number",
]

ModelT = TypeVar("ModelT", bound=BaseModel)


class BadInput(Exception):
    """A control-plane body that breaks a rule; the message names the member and the rule."""


class Parameters(BaseModel):
    """Members of a body of the control plane; others are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def parse(model: type[ModelT], body: Mapping[str, Any]) -> ModelT:
    """Check a body of the control plane. Raises: BadInput naming the first member that breaks a rule."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        rule = first["msg"].removeprefix("Value error, ")
        raise BadInput(f"{place}: {rule}" if place else rule) from None


def allow_members(body: Mapping[str, Any], *names: str) -> None:
    """Refuse a body with other members. Raises: BadInput."""
    if unknown := sorted(set(body) - set(names)):
        raise BadInput(f"{', '.join(unknown)}: unknown; the members are {', '.join(names)}")


def read_choice(body: Mapping[str, Any], name: str, choices: Sequence[str]) -> str:
    """Return a required member that is one of these strings. Raises: BadInput."""
    if body.get(name) not in choices:
        raise BadInput(f"{name}: must be one of {', '.join(choices)}, not {body.get(name)!r}")
    return str(body[name])


def read_whole_number(body: Mapping[str, Any], name: str, default: int) -> int:
    """Return an optional integer from 0. Raises: BadInput."""
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadInput(f"{name}: must be a whole number from 0, not {value!r}")
    return value


def read_number(body: Mapping[str, Any], name: str, default: float | None) -> float:
    """Return a number of seconds from 0; required without a default. Raises: BadInput."""
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= sys.float_info.max:
        raise BadInput(f"{name}: must be a number of seconds from 0, not {value!r}")
    return float(value)
