"""Strict JSON: Python's own reader also accepts NaN, Infinity, and numbers that overflow to infinity."""

from __future__ import annotations

import json
from typing import Any, NoReturn

__all__ = ["NestedTooDeeply", "read_json", "refuse_constant"]


class NestedTooDeeply(ValueError):
    """The text nests deeper than this process can read."""

    def __init__(self) -> None:
        super().__init__("nested too deeply")


def read_json(text: str) -> Any:
    """Parse a JSON text. Raises ValueError; its subclass JSONDecodeError has the place."""
    try:
        return json.loads(text, parse_constant=refuse_constant, parse_float=_read_finite)
    except RecursionError:
        raise NestedTooDeeply from None


def refuse_constant(name: str) -> NoReturn:
    """`parse_constant` of every reader: NaN and Infinity are not part of JSON."""
    raise ValueError(f"{name} is no JSON number")


def _read_finite(text: str) -> float:
    number = float(text)
    if abs(number) == float("inf"):
        raise ValueError(f"{text[:20]} is too large a number")
    return number
