"""Lists as CSV files, row by row, that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

__all__ = ["write_csv"]

BYTE_ORDER_MARK = "\ufeff"
"""Without it, spreadsheets take the file for their own old encoding."""
STARTS_OF_FORMULAS = tuple("=+-@\t\r\n＝＋－＠")
CHUNK_ROWS = 100


def write_csv(names: Sequence[str], rows: Iterable[Any]) -> Iterator[bytes]:
    """Yield a CSV file with a column for each attribute of the rows, some rows at a time."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    buffer.write(BYTE_ORDER_MARK)
    writer.writerow(names)
    for number, row in enumerate(rows):
        if number % CHUNK_ROWS == 0:
            yield _take(buffer)
        writer.writerow([_write_cell(getattr(row, name)) for name in names])
    yield _take(buffer)


def _take(buffer: io.StringIO) -> bytes:
    content = buffer.getvalue().encode(errors="replace")
    buffer.seek(0)
    buffer.truncate()
    return content


def _write_cell(value: Any) -> str:
    """Write a value as text. A text that a spreadsheet would calculate gets an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(STARTS_OF_FORMULAS) else text
