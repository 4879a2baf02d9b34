"""JSON as everybody reads it: Python's own takes more."""

from __future__ import annotations

import json
from typing import Any, NoReturn

__all__ = ["parsed"]


def parsed(text: str) -> Any:
    """Raises ValueError (JSONDecodeError where a place can be told), RecursionError for what is nested too deeply."""
    return json.loads(text, parse_constant=_no_constant)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
