"""Folders, zips and a stand-in for the `bicep` compiler, for tests of packages."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

__all__ = ["create_folder", "create_zip", "install_bicep"]


def create_folder(root: Path, files: dict[str, bytes]) -> Path:
    """Create a folder with these files, in their order."""
    root.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def create_zip(
    path: Path, files: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED, year: int = 2020
) -> Path:
    """Create a zip with these entries, in their order."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, (year, 2, 3, 4, 5, 6))
            info.compress_type = method
            archive.writestr(info, data)
    return path


def install_bicep(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> Path:
    """Put a `bicep` on PATH that runs `script` in sh. Return its folder, whose file `runs` gets a line a run."""
    folder.mkdir()
    command = folder / "bicep"
    command.write_text(f"#!/bin/sh\necho run >> {folder}/runs\n{script}\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder
