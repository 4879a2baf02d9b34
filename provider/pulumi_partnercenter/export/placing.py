"""The folder that an export goes into: nothing in it is touched before everything is there."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ..errors import InputError

__all__ = ["staged"]

OWN = ("Pulumi.yaml", ".gitignore")
"""What a project may have already: then it stays."""


@contextlib.contextmanager
def staged(target: Path, *, force: bool) -> Iterator[Path]:
    """An empty folder, whose files come into `target` when all went well. Raises InputError when something is there."""
    _require_place(target, force=force)
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".export-", dir=target.parent if not target.is_dir() else target))
    try:
        yield folder
        _place(folder, target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _require_place(target: Path, *, force: bool) -> None:
    if target.exists() and not target.is_dir():
        raise InputError(f"export: {target} is a file", next="name another folder by --output")
    if target.is_dir() and any(target.iterdir()) and not force:
        raise InputError(
            f"export: {target} is not empty", next="name another folder by --output, or overwrite by --force"
        )


def _place(folder: Path, target: Path) -> None:
    """File by file, each at once: what else is there stays."""
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    for each in files:
        _require_inside(target, each)
    for each in files:
        place = target / each
        if each.name in OWN and place.exists():
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        (folder / each).replace(place)


def _require_inside(target: Path, file: Path) -> None:
    """A link in the target may lead anywhere; a folder is no file."""
    place = target / file
    is_elsewhere = not place.resolve().is_relative_to(target.resolve())
    if is_elsewhere or place.is_symlink() or place.is_dir():
        raise InputError(
            f"export: {place} is a link or a folder", next="move it away, or name another folder"
        )
