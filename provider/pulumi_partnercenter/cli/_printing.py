"""How commands print: rich on a terminal; where the output is piped, plain text without colours, boxes and wrapping.

What the service says may hold anything, so cells and labels lose what a terminal would obey (`printable`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

__all__ = ["Cell", "Node", "console", "print_tree", "printable", "progress", "styled", "table", "tabulated"]

Cell = str | Text


@dataclass
class Node:
    """A line of a tree, and what hangs below it."""

    label: Cell
    children: list[Node] = field(default_factory=list)


class _Console(Console):
    """A console that tells of a reader that has gone as other streams do; rich's own ends the process with 1."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console(*, err: bool = False) -> Console:
    """Of stdout or stderr; it knows terminals and obeys NO_COLOR."""
    return _Console(stderr=err, highlight=False)


def printable(text: str) -> str:
    """On one line, with a mark in place of what moves the cursor, colours or hides."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def styled(text: str, style: str) -> Text:
    return Text(printable(text), style=style)


def _cell(cell: Cell) -> Text:
    return cell if isinstance(cell, Text) else Text(printable(cell))


def table(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Table:
    """For a terminal; empty column titles make a table without a head."""
    made = Table(box=None, pad_edge=False, show_header=any(columns), header_style="bold")
    for number, title in enumerate(columns):
        made.add_column(title, overflow="fold", no_wrap=number < len(columns) - 1)
    for row in rows:
        made.add_row(*map(_cell, row))
    return made


def tabulated(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[str]:
    """The same as lines of text, in columns."""
    lines = [[*columns]] if any(columns) else []
    lines += [[_cell(cell).plain for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def print_tree(root: Node) -> None:
    out = console()
    if out.is_terminal:
        out.print(_grown(Tree(_cell(root.label), guide_style="dim"), root))
        return
    for line in _indented(root, ""):
        click.echo(line)


def _grown(tree: Tree, node: Node) -> Tree:
    for child in node.children:
        _grown(tree.add(_cell(child.label)), child)
    return tree


def _indented(node: Node, indent: str) -> Iterator[str]:
    yield f"{indent}{_cell(node.label).plain}"
    for child in node.children:
        yield from _indented(child, f"{indent}  ")


@contextmanager
def progress(doing: str) -> Iterator[Callable[[str], None]]:
    """A spinner on stderr while it lasts, where that is a terminal. Gives what changes its words."""
    err = console(err=True)
    if not err.is_terminal:
        yield lambda _: None
        return
    with err.status(Text(printable(doing))) as spinner:
        yield lambda words: spinner.update(Text(printable(words)))
