"""Fenced code blocks of the documentation pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from provider.tools.generate.pages import DOCS, PAGES, ROOT

HAND_WRITTEN_PAGES = [
    ROOT / "README.md",
    *sorted(path for path in DOCS.rglob("*.md") if path.parent != PAGES),
]
"""Pages written by hand. Generated pages of resources have no block but their example."""
FENCED_BLOCK = re.compile(
    r"^(?:<!-- (?P<mark>run|instead: .+?) -->\n)?```(?P<kind>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A block of a page. `mark`: `run`, or `instead: …` with the commands that a test runs instead."""

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
        text = self.text.replace("\\\n", " ")
        return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def read_blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for match in FENCED_BLOCK.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield Block(page, line, match["kind"], match["text"], match["mark"] or "")


def find_blocks(*kinds: str) -> list[Block]:
    """Blocks of these kinds in all hand-written pages; without `kinds`, all blocks."""
    return [
        block
        for page in HAND_WRITTEN_PAGES
        for block in read_blocks(page)
        if not kinds or block.kind in kinds
    ]
