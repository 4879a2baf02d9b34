"""Members of parts that an exported program does not contain: never returned, or kept if they are not given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..markers import Retained, WriteOnly
from ..model import Part

__all__ = ["replace_hidden"]

Replacement = Callable[[type[Part], tuple[str, ...]], Any]
"""Returns the replacement of a part's member, by the member's path."""


def replace_hidden(
    part: type[Part], value: dict[str, Any], replacement: Replacement, path: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the value of a part with replacements of its hidden members, and of those of parts in it."""
    replaced = dict(value)
    for name in part.names():
        inner, member = part.part_in(name), value.get(name)
        if name in part.marked(WriteOnly) or name in part.marked(Retained):
            replaced[name] = replacement(part, (*path, name))
        elif inner and isinstance(member, dict) and member:
            replaced[name] = replace_hidden(inner, member, replacement, (*path, name))
    return replaced
