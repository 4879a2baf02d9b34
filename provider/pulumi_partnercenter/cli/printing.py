"""Output of commands: rich on a terminal, otherwise the same lines without colours, guides and wrapping.

Texts of the service may hold anything: `printable` removes control characters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import click
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

__all__ = [
    "Cell",
    "Node",
    "build_table",
    "console",
    "print_renderable",
    "print_tree",
    "printable",
    "progress",
    "styled",
]

Cell = str | Text
UNWRAPPED_WIDTH = 1_000_000
"""Width that wraps no line, for output that is not a terminal."""
INDENT = 2


@dataclass
class Node:
    """A line of a tree, and its children."""

    label: Cell
    children: list[Node] = field(default_factory=list)


class _Console(Console):
    """Console that reports a closed pipe as other streams do: rich's console would end the process with 1."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console(*, err: bool = False) -> Console:
    """Return a console of stdout or stderr. It detects terminals and obeys NO_COLOR."""
    return _Console(stderr=err, highlight=False)


def printable(text: str) -> str:
    """Return a line of text with a mark for each character that moves the cursor, colours or hides."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )


def styled(text: str, style: str) -> Text:
    return Text(printable(text), style=style)


def build_table(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Table:
    """Return rich's table. Empty column titles make a table without a header."""
    table = Table(box=None, pad_edge=False, show_header=any(columns), header_style="bold")
    for number, title in enumerate(columns):
        table.add_column(title, overflow="fold", no_wrap=number < len(columns) - 1)
    for row in rows:
        table.add_row(*map(_text, row))
    return table


def print_renderable(renderable: RenderableType) -> None:
    """Print as it is on a terminal, otherwise as lines of plain text."""
    out = console()
    if out.is_terminal:
        out.print(renderable)
        return
    plain = Console(width=UNWRAPPED_WIDTH, color_system=None, force_terminal=False, highlight=False)
    with plain.capture() as capture:
        plain.print(renderable)
    for line in capture.get().removesuffix("\n").split("\n"):
        click.echo(line.rstrip())


def print_tree(root: Node) -> None:
    """Print rich's tree on a terminal, otherwise indented lines."""
    if console().is_terminal:
        print_renderable(_add_children(Tree(_text(root.label), guide_style="dim"), root))
    else:
        print_renderable(Group(*_indented(root, 0)))


def _text(cell: Cell) -> Text:
    return cell if isinstance(cell, Text) else Text(printable(cell))


def _add_children(tree: Tree, node: Node) -> Tree:
    for child in node.children:
        _add_children(tree.add(_text(child.label)), child)
    return tree


def _indented(node: Node, level: int) -> Iterator[Padding]:
    yield Padding.indent(_text(node.label), level * INDENT)
    for child in node.children:
        yield from _indented(child, level + 1)


@contextmanager
def progress(label: str) -> Iterator[Callable[[str], None]]:
    """Show a spinner on a terminal's stderr until the context ends. Yields a function that changes its label."""
    err = console(err=True)
    if not err.is_terminal:
        yield lambda _: None
        return
    with err.status(Text(printable(label))) as spinner:
        yield lambda text: spinner.update(Text(printable(text)))
