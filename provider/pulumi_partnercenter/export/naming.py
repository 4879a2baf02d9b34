"""Names in a program and its folder. What the service calls a thing is only ever a wish: names are safe and unique."""

from __future__ import annotations

import importlib.util
import keyword
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from urllib.parse import unquote

from .._resource import Derived, Immutable
from .reading import Piece

__all__ = ["Names", "file_name", "kebab", "module_name", "name_pieces", "snake", "variable"]

LONGEST = 80
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
"""What Windows takes for a device, whatever the suffix."""


class Names:
    """Names that were given already; upper and lower case are one."""

    def __init__(self, *taken: str, joint: str = "-") -> None:
        self._taken, self._joint = {each.casefold() for each in taken}, joint

    def unique(self, *wishes: str) -> str:
        """The first wish that is free, else the last with a number."""
        numbered = (
            f"{_stem(wishes[-1])}{self._joint}{number}{_suffix(wishes[-1])}" for number in range(2, 1_000_000)
        )
        for candidates in (wishes, numbered):
            for each in candidates:
                if each.casefold() not in self._taken:
                    self._taken.add(each.casefold())
                    return each
        raise AssertionError("a million of one name")


def file_name(wish: str, fallback: str) -> str:
    """One that every system takes, in the folder where it is put; `fallback` where nothing of the wish is left."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", wish))[-1]
    path = PurePosixPath(re.sub(r"[^A-Za-z0-9._-]+", "-", name))
    suffix = path.suffix[:16]
    stem = path.name.removesuffix(path.suffix).strip("-._")[:LONGEST].rstrip("-._") or fallback
    return f"_{stem}{suffix}" if RESERVED.fullmatch(stem.split(".")[0]) else f"{stem}{suffix}"


def kebab(text: str) -> str:
    """`AzureLogoLarge` → `azure-logo-large`; letters, digits, `.` and `_` only, at most 80."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text)
    return re.sub(r"[^a-z0-9._]+", "-", words.lower()).strip("-._")[:LONGEST].rstrip("-._")


def snake(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", kebab(text)).strip("_")


def module_name(offer_id: str) -> str:
    """A module of this name hides none that Python or its libraries have."""
    name = snake(offer_id)
    is_free = name.isidentifier() and not keyword.iskeyword(name) and importlib.util.find_spec(name) is None
    return name if is_free else f"offer_{name}"


def variable(piece: Piece, prefix: str, *, is_only: bool) -> str:
    """`offer` for the only one of its class, `standard_plan` for one of several."""
    class_, name = snake(piece.resource.__name__), snake(piece.name.removeprefix(f"{prefix}-"))
    wish = class_ if is_only else f"{name}_{class_}"
    return wish if wish.isidentifier() and not keyword.iskeyword(wish) else f"{class_}_{name}"


def name_pieces(pieces: Iterable[Piece], prefix: str, taken: Mapping[type, Names]) -> None:
    """Gives each its name, unique in its class: after its plan, and what its id or arguments say of itself.

    What is alone in its offer is called as the offer is. `prefix`, the offer's id, goes before all names of an offer
    that is not alone in its program.
    """
    by_id: dict[str, Piece] = {}
    for piece in sorted(pieces, key=lambda each: (each.id.count("/"), each.id, each.refers_to(each.id))):
        plan = _plan(piece, by_id)
        inherited = plan.name.removeprefix(f"{prefix}-") if plan else ""
        words = dict.fromkeys([inherited, *map(kebab, _own_words(piece))])
        own = "-".join(each for each in words if each)
        wish = "-".join(each for each in ("" if own == prefix else prefix, own) if each)
        offer = by_id.get(piece.id.split("/")[0])
        fallback = offer.name if offer else kebab(piece.resource.__name__)
        piece.name = taken[piece.resource].unique(wish if own else fallback)
        by_id.setdefault(piece.id, piece)


def _plan(piece: Piece, by_id: Mapping[str, Piece]) -> Piece | None:
    """What it belongs to within its offer, by an id that it names."""
    id = piece.id
    while "/" in id:
        if id in by_id and piece.refers_to(id):
            return by_id[id]
        id = id.rpartition("/")[0]
    return None


def _own_words(piece: Piece) -> list[str]:
    """What tells it from its siblings: the readable parts of its id, else the first argument that is its own."""
    model = piece.kind.inputs
    fixed = [
        str(piece.checked[name])
        for name in model.marked(Immutable)
        if name not in model.marked(Derived) and piece.checked[name] != model.usual(name)
    ]
    own = [each for each in fixed if not f"{piece.id}/".startswith(f"{each}/")]
    in_id = [each for each in map(unquote, piece.id.split("/")) if each in own]
    source = [PurePosixPath(str(piece.checked["source"])).name] if piece.checked.get("source") else []
    return [re.sub(r"\.[A-Za-z]{3,4}$", "", each) for each in in_id or own[:1] or source]


def _stem(name: str) -> str:
    return name.removesuffix(_suffix(name))


def _suffix(name: str) -> str:
    found = re.search(r"\.[A-Za-z]{1,15}$", name)
    return found[0] if found else ""
