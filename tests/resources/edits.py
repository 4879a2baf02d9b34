"""Possible changes of a document's value in the portal: of each scalar, of each element, of their order."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from tests.resources.card import GUID, PORTAL_MEMBER

__all__ = ["Edit", "Path", "edits", "marks", "without_marks"]

OTHER_GUID = "99999999-8888-4777-8666-555555555555"
OPPOSITES = {
    "Enabled": "Disabled",
    "Disabled": "Enabled",
    "Recurring": "Flat",
    "Public": "Private",
    "Private": "Public",
}
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Edit:
    """A change. `value` is the changed member; `how` is `other`, `removed`, `added` or `reordered`, at `path`."""

    how: str
    path: Path
    value: Any

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path))} {self.how}"


def edits(member: Any, fixed_members: Collection[str]) -> Iterator[Edit]:
    """Yield changes of a member's value; none changes one of `fixed_members`, or adds an element with one."""
    for how, path, change in _changes(member, ()):
        added = change[-1] if how == "added" and not path else {}
        if not {*path, *(added if isinstance(added, dict) else ())} & set(fixed_members):
            yield Edit(how, path, change)


def _changes(value: Any, path: Path) -> Iterator[tuple[str, Path, Any]]:
    if isinstance(value, dict):
        for name, inner_value in value.items():
            if name != PORTAL_MEMBER:
                for how, inner_path, inner in _changes(inner_value, (*path, name)):
                    yield how, inner_path, {**value, name: inner}
    elif isinstance(value, list):
        yield from _list_changes(value, path)
    else:
        yield "other", path, _other_value(value)


def _list_changes(value: list[Any], path: Path) -> Iterator[tuple[str, Path, Any]]:
    for number in _sample_indexes(value):
        for how, inner_path, inner in _changes(value[number], (*path, number)):
            yield how, inner_path, [*value[:number], inner, *value[number + 1 :]]
        yield "removed", (*path, number), [*value[:number], *value[number + 1 :]]
    if value:
        yield "added", path, [*value, _all_other_values(value[-1])]
    if len(value) > 1:
        yield "reordered", path, value[::-1]


def _sample_indexes(value: list[Any]) -> list[int]:
    """Return the indexes of elements with different shapes; all indexes of a short list."""
    if len(value) <= 5:
        return list(range(len(value)))
    shapes = {
        json.dumps(sorted(map(str, list(element.values())[1:]))): index for index, element in enumerate(value)
    }
    return sorted(shapes.values())


def _other_value(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if value in OPPOSITES:
        return OPPOSITES[value]
    if re.fullmatch(GUID, value, re.IGNORECASE):
        return OTHER_GUID
    return "https://portal.example.com/other" if value.startswith("https://") else f"{value}Portal"


def _all_other_values(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _all_other_values(element) for name, element in value.items() if name != PORTAL_MEMBER}
    return (
        [_all_other_values(element) for element in value] if isinstance(value, list) else _other_value(value)
    )


def marks(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the paths of objects with the member that only the portal writes."""
    if isinstance(value, dict):
        if PORTAL_MEMBER in value:
            yield path
        for name, element in value.items():
            yield from marks(element, (*path, name))
    elif isinstance(value, list):
        for number, element in enumerate(value):
            yield from marks(element, (*path, number))


def without_marks(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_marks(element) for name, element in value.items() if name != PORTAL_MEMBER}
    return [without_marks(element) for element in value] if isinstance(value, list) else value
