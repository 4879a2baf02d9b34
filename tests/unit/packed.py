"""Trees, zips and a stand-in compiler for the tests of packages."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

__all__ = ["bicep", "folder", "zipped"]


def folder(root: Path, files: dict[str, bytes]) -> Path:
    """A folder with these files, made in their order."""
    root.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def zipped(
    path: Path, files: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED, year: int = 2020
) -> Path:
    """A zip with these entries, in their order."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, (year, 2, 3, 4, 5, 6))
            info.compress_type = method
            archive.writestr(info, data)
    return path


def bicep(patch: pytest.MonkeyPatch, where: Path, script: str) -> Path:
    """Puts a `bicep` on PATH that runs `script` in sh and counts its runs in the file `runs`; returns its folder."""
    where.mkdir()
    command = where / "bicep"
    command.write_text(f"#!/bin/sh\necho run >> {where}/runs\n{script}\n")
    command.chmod(0o755)
    patch.setenv("PATH", f"{where}:/usr/bin:/bin")
    return where
