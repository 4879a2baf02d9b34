"""What a value may hold on its way between program, engine, service and state. Source: the engine's protocol."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pulumi
from pulumi.runtime import rpc

__all__ = ["holds_unknown", "to_transportable", "uncarried", "unfit"]


def holds_unknown(value: Any) -> bool:
    """As `pulumi.contains_unknowns`, ten times faster: what comes from the engine is a tree, without loops."""
    if isinstance(value, dict):
        return any(map(holds_unknown, value.values()))
    if isinstance(value, list):
        return any(map(holds_unknown, value))
    return isinstance(value, pulumi.output.Unknown)


def to_transportable(value: Any) -> Any:
    """Convert a single value of Python's own to a number or string, which the engine has.

    Raises ValueError, a rule in words, for a value that could mean two things.
    """
    if isinstance(value, Decimal):
        return _number_or_text(value)
    if isinstance(value, datetime):
        return _utc_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, set | frozenset | bytes | bytearray):
        instead = "a string" if isinstance(value, bytes | bytearray) else "a list"
        raise ValueError(  # noqa: TRY004 - a broken rule
            f"is of type {type(value).__name__}, which the engine does not have: pass {instead}"
        )
    return value


def _number_or_text(value: Decimal) -> float | str:
    """The engine's numbers are doubles: an amount that none of them is exactly stays a string, with all its digits."""
    number = float(value) if value.is_finite() else None
    return number if number is not None and Decimal(repr(number)) == value else str(value)


def _utc_text(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError(
            f"{moment.isoformat()} is a datetime without a time zone: make it with tzinfo=timezone.utc, or another"
        )
    try:
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError:
        raise ValueError(f"{moment.isoformat()} is no time in UTC: the year is out of range") from None


def uncarried(value: Any) -> str:
    """Why the engine cannot carry what a program says, as a rule in words; empty when it can.

    Its own signs travel as texts: one that a program says would be an unknown, or a secret.
    """
    if isinstance(value, str):
        if value.strip("{}").lower() in _SIGNS or value == rpc._special_sig_key:  # noqa: SLF001
            return "is a sign of the engine's own, which it takes for something else"
        halves = any("\ud800" <= each <= "\udfff" for each in value)
        return "holds half a character (a lone surrogate), which nothing can carry" if halves else ""
    if isinstance(value, Mapping):
        value = [*value, *value.values()]
    return next(filter(None, map(uncarried, value)), "") if isinstance(value, list | tuple) else ""


_SIGNS = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
"""Unknown booleans, numbers, texts, lists, assets, archives and objects, as the engine spells them."""


_UNFIT = {"\0": "a NUL character", "\ud800-\udfff": "half a character (a lone surrogate)"}


def unfit(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Where in a value, names of members included, is text that is in no request and in no state."""
    if isinstance(value, str):
        yield from ((path, what) for letters, what in _UNFIT.items() if re.search(f"[{letters}]", value))
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from unfit(path or "a name", str(name))
            yield from unfit(f"{path}.{name}".lstrip("."), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from unfit(f"{path}[{number}]", inner)
