"""Tables, as data for the file and as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

Row = dict[str, Any]
"""Column → value. A row with a target has `target` (words) and `is_met` as well."""


@dataclass
class Table:
    """A table. Only the file contains `samples`, the measurements behind the rows."""

    title: str
    rows: list[Row] = field(default_factory=list)
    samples: Any = None
    note: str = ""


def judged(row: Row, column: str, at_most: float) -> Row:
    """Return the row with its target: the maximum of the unrounded value of the column."""
    return {**row, "target": f"{column} ≤ {at_most:g}", "is_met": row[column] <= at_most}


def show(table: Table, console: Console) -> None:
    columns = list(
        dict.fromkeys(name for row in table.rows for name in row if name not in ("target", "is_met"))
    )
    has_targets = any("target" in row for row in table.rows)
    grid = Grid(title=table.title, title_justify="left", caption=table.note or None, caption_justify="left")
    for name in [*columns, *(["target"] if has_targets else [])]:
        is_number = any(isinstance(row.get(name), int | float) for row in table.rows)
        grid.add_column(name, justify="right" if is_number else "left")
    for row in table.rows:
        cells: list[str | Text] = [_cell(row.get(name)) for name in columns]
        grid.add_row(*cells, *([_verdict(row)] if has_targets else []))
    console.print(grid)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, float):
        return str(value)
    return f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"


def _verdict(row: Mapping[str, Any]) -> Text:
    if "target" not in row:
        return Text("")
    words = f"{row['target']}: {'met' if row['is_met'] else 'NOT MET'}"
    return Text(words, style="green" if row["is_met"] else "bold red")
