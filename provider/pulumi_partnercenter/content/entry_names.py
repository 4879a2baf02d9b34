"""Rules for names of entries: every system must unpack them to the same path inside the package.

The rules are public: ".ZIP File Format Specification", 4.4.17 (relative, with `/`); "Naming Files, Paths, and
Namespaces" of Windows; and the errors of .NET's `ZipFile.ExtractToDirectory` (paths that lead out, equal names).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

__all__ = ["problems"]

INVALID_CHARACTERS = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")
"""Control characters, and the substitutes of bytes that are not UTF-8."""


def problems(files: list[str], folders: Iterable[str] = ()) -> list[str]:
    """Return a sentence for each name that breaks a rule; if none does, a sentence for each collision.

    Names begin at the root; names of folders have no final `/`. Folders that contain files may be left out.
    """
    broken = [
        f"{_quote(name)}: {rule}" for name in (*files, *folders) if (rule := next(_broken_rules(name), None))
    ]
    return broken or [*_collisions(files, folders)]


def _broken_rules(name: str) -> Iterator[str]:
    parts = name.split("/")
    if "\\" in name:
        yield "must have / between its parts, and no backslash"
    if name.startswith("/") or re.match("[A-Za-z]:", name):
        yield "must be a relative path, from the root of the package"
    if ".." in parts:
        yield "must not lead out of a folder with .."
    if "" in parts or "." in parts:
        yield "must be a plain path: no empty part, and no ."
    if INVALID_CHARACTERS.search(name):
        yield "must have no control characters, and be UTF-8"
    if ":" in name or any(part[-1:] in (".", " ") for part in parts):
        yield "must be a valid name on Windows too: no colon, and no part that ends with a dot or a blank"


def _collisions(files: list[str], folders: Iterable[str]) -> Iterator[str]:
    folded: dict[str, list[str]] = {}
    for name in files:
        folded.setdefault(_fold(name), []).append(name)
    for same in folded.values():
        if len(same) > 1:
            pair = " and ".join(_quote(name) for name in sorted(same)[:2])
            yield f"{pair}: two entries with the same name, except for case"
    taken = {_fold(folder) for folder in folders} & set(folded)
    taken |= {above for name in folded for above in _folders_above(name) if above in folded}
    yield from (f"{_quote(folded[name][0])}: is a file and a folder" for name in sorted(taken))


def _fold(name: str) -> str:
    """Return the name on a system that ignores case and composition of letters."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _folders_above(name: str) -> Iterator[str]:
    return (name[:at] for at, letter in enumerate(name) if letter == "/")


def _quote(name: str) -> str:
    return name if name and name.isprintable() else ascii(name)
