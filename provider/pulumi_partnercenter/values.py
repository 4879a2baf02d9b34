"""Values of arguments and outputs: JSON values, and the unknowns of a preview."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["UNKNOWN", "Unknown", "find_invalid_text", "holds_unknown", "iterate_texts"]


class Unknown:
    """A value that is known only in an update. Hosts translate their engine's unknowns to `UNKNOWN` and back."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN: Final[Any] = Unknown()


def holds_unknown(*values: Any) -> bool:
    """Return whether one of the values holds an unknown, at any depth."""
    return any(map(_holds_unknown, values))


def _holds_unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_unknown, value.values()))
    if isinstance(value, list):
        return any(map(_holds_unknown, value))
    return isinstance(value, Unknown)


_INVALID = {"\0": "a NUL character", "\ud800-\udfff": "half a character (a lone surrogate)"}


def find_invalid_text(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield the place and the kind of each text, names of members included, that no request or state can hold."""
    if isinstance(value, str):
        yield from ((path, what) for letters, what in _INVALID.items() if re.search(f"[{letters}]", value))
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from find_invalid_text(path or "a name", str(name))
            yield from find_invalid_text(f"{path}.{name}".lstrip("."), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from find_invalid_text(f"{path}[{number}]", inner)


def iterate_texts(value: Any) -> Iterator[str]:
    """Yield every string in a value, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from iterate_texts(inner)
