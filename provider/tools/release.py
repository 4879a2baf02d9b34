"""Release notes of a tag: the changelog's section of its version.

    .venv/bin/python -m provider.tools.release v0.2.0

prints the section. Ends with exit code 1 if the tag is not the version in `pyproject.toml`, or if the changelog has no
section for it.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


class ReleaseError(Exception):
    """A tag that cannot be released; the message is one line."""


def release_notes(tag: str, project: str, changelog: str) -> str:
    """Return the section of the version. Raises: ReleaseError."""
    version = tomllib.loads(project)["project"]["version"]
    if tag != f"v{version}":
        raise ReleaseError(f"tag {tag} is not v{version}, the version in pyproject.toml")
    sections = re.split(r"^## +", changelog, flags=re.MULTILINE)[1:]
    for section in sections:
        title, _, body = section.partition("\n")
        if title.split()[:1] == [version]:
            if not body.strip():
                raise ReleaseError(f"provider/CHANGELOG.md: section {version} is empty")
            return body.strip() + "\n"
    raise ReleaseError(f"provider/CHANGELOG.md has no section {version}")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m provider.tools.release", description="Print release notes."
    )
    parser.add_argument("tag", help="e.g. v0.2.0")
    tag = parser.parse_args().tag
    project = (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8")
    changelog = (CHECKOUT / "provider" / "CHANGELOG.md").read_text(encoding="utf-8")
    try:
        print(release_notes(tag, project, changelog), end="")
    except ReleaseError as error:
        sys.exit(f"release: {error}")


if __name__ == "__main__":
    main()
