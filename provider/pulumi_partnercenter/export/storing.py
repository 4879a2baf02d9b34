"""Files of an offer on their way into `assets/`, and the arguments as the engine will check them."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

from .._resource import Derived, Inputs, Retained, Stored
from .naming import Names, file_name, kebab
from .reading import Piece

__all__ = ["Assets", "complete", "is_unreadable", "judged"]


class Assets:
    """The folder of an offer's files. `place` is its path as the program says it, `folder` where it is made now."""

    def __init__(self, folder: Path, place: str) -> None:
        self.folder, self.place = folder / place, place
        self._root, self._names, self._known = folder, Names(), dict[str, str]()

    def path(self, said: str) -> Path:
        """Where a file is now that the program will find there."""
        return self._root / said

    def without_root(self, words: str) -> str:
        """A message without the folder of now."""
        return words.replace(f"{self._root}/", "")

    def save(self, stored: Stored, piece: Piece) -> str:
        """The path that a program says. The same bytes are one file. Raises ValueError for an unreadable one."""
        if stored.save is None:
            raise ValueError(f"{stored.name}: cannot be read")
        self.folder.mkdir(parents=True, exist_ok=True)
        fetched = self.folder / ".fetched"  # no file of ours begins with a dot
        stored.save(fetched)
        with fetched.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if digest in self._known:
            fetched.unlink()
            return self._known[digest]
        wish = file_name(stored.name, kebab(piece.resource.__name__))
        name = self._names.unique(wish, f"{kebab(_within(piece))}-{wish}" if _within(piece) else wish)
        shutil.move(fetched, self.folder / name)
        self._known[digest] = f"{self.place}/{name}"
        return self._known[digest]

    def write(self, wish: str, text: str) -> str | None:
        """The name of a file with this text; None when reading it would not give the text back."""
        try:
            data = text.encode()
        except UnicodeEncodeError:
            return None
        if "\r" in text or text.startswith("\ufeff"):
            return None
        self.folder.mkdir(parents=True, exist_ok=True)
        name = self._names.unique(wish)
        (self.folder / name).write_bytes(data)
        return name


def _within(piece: Piece) -> str:
    """The language of a listing that is not in the usual one."""
    language = piece.declared.get("language", "")
    is_usual = "language" in piece.declared and language == piece.kind.inputs.usual("language")
    return "" if is_usual else str(language)


def is_unreadable(piece: Piece) -> bool:
    """Whether the service gives no address for the bytes that the resource is made of."""
    return any(isinstance(value, Stored) and value.save is None for value in piece.declared.values())


def complete(piece: Piece, assets: Assets) -> list[str]:
    """Fetches the files of a piece and fills in `checked`. Returns what a preview will refuse, in words."""
    model = piece.kind.inputs
    said = {
        name: _with_paths(_unmasked(model, name, value), piece, assets)
        for name, value in piece.declared.items()
        if name not in model.marked(Derived) and value is not None
    }
    derived, refused = judged(model, said, assets)
    piece.checked = model.canonical({**piece.seen.inputs, **said, **derived})
    return refused


def judged(model: type[Inputs], said: dict[str, Any], assets: Assets) -> tuple[dict[str, Any], list[str]]:
    """The arguments as a check completes them, and what it refuses: then they stay as they are."""
    on_disk = _on_disk(said, assets)
    if refused := model.problems(on_disk):
        return {}, refused
    try:
        whole = model.completed(on_disk, {})
    except ValueError as error:
        return {}, [assets.without_root(str(error))]
    return {name: value for name, value in whole.items() if value != on_disk.get(name)}, []


def _unmasked(model: type[Inputs], name: str, value: Any) -> Any:
    """A value without what stands in the place of members that the service does not tell, and without what stays."""
    if name in model.marked(Retained):
        return model.usual(name)
    masked = [*model.untold().get(name, []), *model.retained().get(name, [])]
    part = model.part_in(name)
    return {**value, **{each: part.usual(each) for each in masked}} if masked and part and value else value


def _with_paths(value: Any, piece: Piece, assets: Assets) -> Any:
    if isinstance(value, Stored):
        return assets.save(value, piece)
    if isinstance(value, dict):
        return {name: _with_paths(each, piece, assets) for name, each in value.items()}
    return [_with_paths(each, piece, assets) for each in value] if isinstance(value, list) else value


def _on_disk(said: Any, assets: Assets, name: str = "") -> Any:
    """The same with each source where it is now."""
    if isinstance(said, dict):
        return {key: _on_disk(each, assets, key) for key, each in said.items()}
    if isinstance(said, list):
        return [_on_disk(each, assets) for each in said]
    return str(assets.path(said)) if name == "source" and isinstance(said, str) and said else said
