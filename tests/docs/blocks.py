"""Fenced blocks of the pages that people read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from provider.tools.generate.pages import DOCS, PAGES, ROOT

WRITTEN = [ROOT / "README.md", *sorted(path for path in DOCS.rglob("*.md") if path.parent != PAGES)]
"""By hand; pages of resources have their example only."""
FENCED = re.compile(
    r"^(?:<!-- (?P<mark>run|instead: .+?) -->\n)?```(?P<kind>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A block of a page. `mark`: `run`, or `instead: …`, what a test runs in its place."""

    page: Path
    line: int
    kind: str
    text: str
    mark: str

    @property
    def name(self) -> str:
        return f"{self.page.relative_to(ROOT).as_posix()}:{self.line}"

    def commands(self) -> list[str]:
        """The lines of a console block, with comments and continuations resolved."""
        joined = self.text.replace("\\\n", " ")
        return [line.strip() for line in joined.splitlines() if line.strip() and not line.startswith("#")]


def of(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in FENCED.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Block(page, line, found["kind"], found["text"], found["mark"] or "")


def written(*kinds: str) -> list[Block]:
    """Of these kinds, of all pages that are written by hand; all kinds without."""
    return [each for page in WRITTEN for each in of(page) if not kinds or each.kind in kinds]
