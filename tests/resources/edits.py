"""Every way in which somebody may change a value of a document: each scalar, each element, their order."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from tests.resources.card import GUID, PORTAL

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
    """`value` is the member afterwards; `how` is `other`, `removed`, `added` or `reordered`, at `path` in it."""

    how: str
    path: Path
    value: Any

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path))} {self.how}"


def edits(member: Any, spared: Collection[str]) -> Iterator[Edit]:
    """Of a member's value; `spared` are inner members that stay, so that no element comes that has one."""
    for how, path, change in _changes(member, ()):
        added = change[-1] if how == "added" and not path else {}
        if not {*path, *(added if isinstance(added, dict) else ())} & set(spared):
            yield Edit(how, path, change)


def _changes(value: Any, path: Path) -> Iterator[tuple[str, Path, Any]]:
    if isinstance(value, dict):
        for name, each in value.items():
            if name != PORTAL:
                for how, where, inner in _changes(each, (*path, name)):
                    yield how, where, {**value, name: inner}
    elif isinstance(value, list):
        yield from _of_list(value, path)
    else:
        yield "other", path, _other(value)


def _of_list(value: list[Any], path: Path) -> Iterator[tuple[str, Path, Any]]:
    for number in _samples(value):
        for how, where, inner in _changes(value[number], (*path, number)):
            yield how, where, [*value[:number], inner, *value[number + 1 :]]
        yield "removed", (*path, number), [*value[:number], *value[number + 1 :]]
    if value:
        yield "added", path, [*value, _all_other(value[-1])]
    if len(value) > 1:
        yield "reordered", path, value[::-1]


def _samples(value: list[Any]) -> list[int]:
    """The places of elements of which each has another shape; all of a short list."""
    if len(value) <= 5:
        return list(range(len(value)))
    shapes = {json.dumps(sorted(map(str, list(each.values())[1:]))): at for at, each in enumerate(value)}
    return sorted(shapes.values())


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if value in OPPOSITES:
        return OPPOSITES[value]
    if re.fullmatch(GUID, value, re.IGNORECASE):
        return OTHER_GUID
    return "https://portal.example.com/other" if value.startswith("https://") else f"{value}Portal"


def _all_other(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _all_other(each) for name, each in value.items() if name != PORTAL}
    return [_all_other(each) for each in value] if isinstance(value, list) else _other(value)


def marks(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where the portal's own member is."""
    if isinstance(value, dict):
        if PORTAL in value:
            yield path
        for name, each in value.items():
            yield from marks(each, (*path, name))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from marks(each, (*path, number))


def without_marks(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_marks(each) for name, each in value.items() if name != PORTAL}
    return [without_marks(each) for each in value] if isinstance(value, list) else value
