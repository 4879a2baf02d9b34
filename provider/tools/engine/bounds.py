"""Check that every lower bound in `pyproject.toml` is the version in `provider/requirements.lowest.lock`.

    .venv/bin/python -m provider.tools.engine.bounds

A resolver writes that lock with the lowest versions (`make lock`), and `make lowest` runs tests with it: a bound that
differs from the lock was never tested. The groups `infrastructure`, `browser`, `postgresql`, `containerfile` and
`mutation` have locks of their own. Needs no network.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

CHECKOUT = Path(__file__).parents[3]
LOWEST = CHECKOUT / "provider" / "requirements.lowest.lock"
OTHERS = tuple(
    CHECKOUT / "provider" / f"requirements.{group}.lock"
    for group in ("infrastructure", "browser", "postgresql", "containerfile", "mutation")
)


def requirements(project: str) -> list[Requirement]:
    """Return all requirements of a `pyproject.toml`: dependencies, extras, groups."""
    document = tomllib.loads(project)
    optional = document["project"].get("optional-dependencies", {}).values()
    groups = [document["project"]["dependencies"], *optional, *document.get("dependency-groups", {}).values()]
    return [Requirement(item) for group in groups for item in group]


def problems(project: str, lock: str) -> Iterator[str]:
    """Return a line for each bound that differs from the lock."""
    pinned = {
        name: Version(version)
        for name, version in re.findall(r"(?m)^([a-z0-9-]+)(?:\[.*?\])?==([^\s;]+)", lock)
    }
    for requirement in requirements(project):
        name = requirement.name.lower()
        bounds = [
            Version(specifier.version) for specifier in requirement.specifier if specifier.operator == ">="
        ]
        if not bounds:
            yield f"{name}: says no lowest version"
        elif name not in pinned:
            yield f"{name}: is not in {LOWEST.name}; make lock"
        elif bounds != [pinned[name]]:
            yield f"{name}: begins at {bounds[0]}, but the lowest that fits the others is {pinned[name]}"


def main() -> int:
    # The last lock has precedence for a package in several.
    locks = "".join(lock.read_text() for lock in (*OTHERS, LOWEST))
    wrong = list(problems((CHECKOUT / "pyproject.toml").read_text(), locks))
    print("\n".join(wrong), end="\n" if wrong else "", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
