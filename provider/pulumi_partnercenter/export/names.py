"""Names in a program and its folder: safe, unique, and similar to the names in the service."""

from __future__ import annotations

import importlib.util
import keyword
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from urllib.parse import unquote

from ..markers import Derived, Immutable
from .collect import ExportedResource

__all__ = ["Names", "assign_names", "file_name", "kebab", "module_name", "snake", "variable"]

MAX_LENGTH = 80
WINDOWS_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
"""Name of a device on Windows, with any suffix."""


class Names:
    """Names in use, compared without case."""

    def __init__(self, *taken: str, joint: str = "-") -> None:
        self._taken, self._joint = {name.casefold() for name in taken}, joint

    def unique(self, *candidates: str) -> str:
        """Take the first unused candidate, or the last one with a number."""
        stem, suffix = _split_suffix(candidates[-1])
        numbered = (f"{stem}{self._joint}{number}{suffix}" for number in range(2, 1_000_000))
        for names in (candidates, numbered):
            for name in names:
                if name.casefold() not in self._taken:
                    self._taken.add(name.casefold())
                    return name
        raise AssertionError("a million of one name")


def file_name(candidate: str, fallback: str) -> str:
    """Return a file name that every system accepts; `fallback` if no character of the candidate remains."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", candidate))[-1]
    path = PurePosixPath(re.sub(r"[^A-Za-z0-9._-]+", "-", name))
    suffix = path.suffix[:16]
    stem = path.name.removesuffix(path.suffix).strip("-._")[:MAX_LENGTH].rstrip("-._") or fallback
    return f"_{stem}{suffix}" if WINDOWS_DEVICE.fullmatch(stem.split(".")[0]) else f"{stem}{suffix}"


def kebab(text: str) -> str:
    """`AzureLogoLarge` → `azure-logo-large`; letters, digits, `.` and `_` only, at most 80."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text)
    return re.sub(r"[^a-z0-9._]+", "-", words.lower()).strip("-._")[:MAX_LENGTH].rstrip("-._")


def snake(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", kebab(text)).strip("_")


def module_name(offer_id: str) -> str:
    """Return the name of an offer's module, which hides no module of Python or its libraries."""
    name = snake(offer_id)
    is_free = name.isidentifier() and not keyword.iskeyword(name) and importlib.util.find_spec(name) is None
    return name if is_free else f"offer_{name}"


def variable(resource: ExportedResource, prefix: str, *, is_only: bool) -> str:
    """Return `offer` for the only resource of its class, `standard_plan` for one of several."""
    class_name = snake(resource.resource_class.__name__)
    name = snake(resource.name.removeprefix(f"{prefix}-"))
    candidate = class_name if is_only else f"{name}_{class_name}"
    is_free = candidate.isidentifier() and not keyword.iskeyword(candidate)
    return candidate if is_free else f"{class_name}_{name}"


def assign_names(resources: Iterable[ExportedResource], prefix: str, taken: Mapping[type, Names]) -> None:
    """Name each resource after its plan and its own id or arguments, unique in its class.

    The only resource of its class has the offer's name. `prefix` is the id of an offer in a program with several
    offers:
    all names begin with it.
    """
    by_id: dict[str, ExportedResource] = {}
    for resource in sorted(resources, key=_parents_first):
        plan = _plan_of(resource, by_id)
        inherited = plan.name.removeprefix(f"{prefix}-") if plan else ""
        words = dict.fromkeys([inherited, *map(kebab, _own_words(resource))])
        own = "-".join(word for word in words if word)
        candidate = "-".join(part for part in ("" if own == prefix else prefix, own) if part)
        offer = by_id.get(resource.id.split("/")[0])
        fallback = offer.name if offer else kebab(resource.resource_class.__name__)
        resource.name = taken[resource.resource_class].unique(candidate if own else fallback)
        by_id.setdefault(resource.id, resource)


def _parents_first(resource: ExportedResource) -> tuple[int, str, bool]:
    return resource.id.count("/"), resource.id, resource.refers_to(resource.id)


def _plan_of(resource: ExportedResource, by_id: Mapping[str, ExportedResource]) -> ExportedResource | None:
    """Return the offer's resource to which this one belongs, by an id in its arguments."""
    id = resource.id
    while "/" in id:
        if id in by_id and resource.refers_to(id):
            return by_id[id]
        id = id.rpartition("/")[0]
    return None


def _own_words(resource: ExportedResource) -> list[str]:
    """Return words that distinguish it from its siblings: of its id, or its first own argument or file."""
    model, checked = resource.kind.arguments, resource.checked
    fixed = [
        str(checked[name])
        for name in model.marked(Immutable)
        if name not in model.marked(Derived) and checked[name] != model.default(name)
    ]
    own = [value for value in fixed if not f"{resource.id}/".startswith(f"{value}/")]
    in_id = [part for part in map(unquote, resource.id.split("/")) if part in own]
    source = [PurePosixPath(str(checked["source"])).name] if checked.get("source") else []
    return [re.sub(r"\.[A-Za-z]{3,4}$", "", word) for word in in_id or own[:1] or source]


def _split_suffix(name: str) -> tuple[str, str]:
    match = re.search(r"\.[A-Za-z]{1,15}$", name)
    suffix = match[0] if match else ""
    return name.removesuffix(suffix), suffix
