"""Strict JSON: Python's own reader also takes NaN, Infinity, and numbers that become infinite."""

from __future__ import annotations

import json
from typing import Any, NoReturn

__all__ = ["NestedTooDeeply", "read_json", "refuse_constant"]


class NestedTooDeeply(ValueError):
    """The text nests deeper than this process can read."""

    def __init__(self) -> None:
        super().__init__("nested too deeply")


def read_json(text: str) -> Any:
    """Value of a JSON text. Raises ValueError; its subclass JSONDecodeError knows the place."""
    try:
        return json.loads(text, parse_constant=refuse_constant, parse_float=_read_finite)
    except RecursionError:
        raise NestedTooDeeply from None


def refuse_constant(name: str) -> NoReturn:
    """`parse_constant` of every reader: NaN and Infinity are Python's own."""
    raise ValueError(f"{name} is no JSON number")


def _read_finite(text: str) -> float:
    number = float(text)
    if abs(number) == float("inf"):
        raise ValueError(f"{text[:20]} is too large a number")
    return number
