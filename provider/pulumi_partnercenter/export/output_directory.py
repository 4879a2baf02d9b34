"""The output folder of an export, which is untouched until the export is complete."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ..errors import InputError

__all__ = ["staging_directory"]

KEPT_FILES = ("Pulumi.yaml", ".gitignore")
"""Files of an existing project that an export never overwrites."""


@contextlib.contextmanager
def staging_directory(target: Path, *, force: bool) -> Iterator[Path]:
    """Yield an empty folder and move its files into `target` afterwards.

    Raises InputError if `target` is a file, or is not empty and `force` is not set.
    """
    _require_target(target, force=force)
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".export-", dir=target.parent if not target.is_dir() else target))
    try:
        yield folder
        _move_files(folder, target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _require_target(target: Path, *, force: bool) -> None:
    if target.exists() and not target.is_dir():
        raise InputError(f"export: {target} is a file", next="name another folder by --output")
    if target.is_dir() and any(target.iterdir()) and not force:
        raise InputError(
            f"export: {target} is not empty", next="name another folder by --output, or overwrite by --force"
        )


def _move_files(folder: Path, target: Path) -> None:
    """Move file by file, each atomically. Other files of the target stay."""
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    for file in files:
        _require_inside(target, file)
    for file in files:
        destination = target / file
        if file.name in KEPT_FILES and destination.exists():
            continue
        destination.parent.mkdir(parents=True, exist_ok=True)
        (folder / file).replace(destination)


def _require_inside(target: Path, file: Path) -> None:
    """Refuse links in the target, which may lead elsewhere, and folders in the place of a file."""
    destination = target / file
    is_outside = not destination.resolve().is_relative_to(target.resolve())
    if is_outside or destination.is_symlink() or destination.is_dir():
        raise InputError(
            f"export: {destination} is a link or a folder", next="move it away, or name another folder"
        )
