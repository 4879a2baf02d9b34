"""Wheels of the installed packages, for tests that install without a package index."""

from __future__ import annotations

import csv
import io
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.tags import sys_tags
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def build_wheels(folder: Path, requirements: Iterable[str]) -> None:
    """Fill a folder with wheels of these requirements and all their dependencies."""
    for package in _resolve(requirements):
        _build_wheel(folder, package)


def project_requirements(*extras: str) -> list[str]:
    """Return the dependencies of this project and of these extras."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    return [*project["dependencies"], *(requirement for extra in extras for requirement in optional[extra])]


def _resolve(requirements: Iterable[str]) -> Iterator[Distribution]:
    """Yield the installed packages that satisfy the requirements, once per name."""
    queue = [Requirement(text) for text in requirements]
    visited, yielded = set[str](), set[str]()
    while queue:
        requirement = queue.pop()
        if str(requirement) in visited:
            continue
        visited.add(str(requirement))
        package = distribution(requirement.name)
        if (name := canonicalize_name(requirement.name)) not in yielded:
            yielded.add(name)
            yield package
        queue += [
            dependency
            for dependency in map(Requirement, package.requires or [])
            if _is_needed(dependency, requirement.extras)
        ]


def _is_needed(dependency: Requirement, extras: Iterable[str]) -> bool:
    marker = dependency.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras))


def _build_wheel(folder: Path, package: Distribution) -> None:
    metadata = (package.read_text("WHEEL") or "").splitlines()
    tags = [line.removeprefix("Tag: ") for line in metadata if line.startswith("Tag: ")]
    assert tags, f"{package.name} was not installed from a wheel"
    supported = set(map(str, sys_tags()))
    tag = next(tag for tag in tags if tag in supported)
    name = canonicalize_name(package.name).replace("-", "_")
    record = ""
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    with zipfile.ZipFile(folder / f"{name}-{package.version}-{tag}.whl", "w") as wheel:
        for file in package.files or []:
            path = file.as_posix()
            if path.endswith(".dist-info/RECORD") and path.count("/") == 1:
                record = path
            elif not path.startswith("..") and not path.endswith((".pyc", "/INSTALLER", "/REQUESTED")):
                wheel.write(str(file.locate()), path)
                writer.writerow([path, "", ""])
        writer.writerow([record, "", ""])
        wheel.writestr(record, rows.getvalue())
