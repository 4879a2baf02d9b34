"""Lists of rows, newest first: filters, search, and pages that continue after the last row of the page before.

A page reads as many rows as it shows, whatever the size of the table: its order is that of an index (`tables.py`).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Integer, Select, func, literal, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import TypeEngine

from ..database import Database
from ..tables import Base, UtcTime

__all__ = [
    "BadCursor",
    "Column",
    "Filter",
    "ListPage",
    "Page",
    "Query",
    "list_values",
    "read_page",
    "read_rows",
]

PAGE_ROWS = 50
EXPORT_ROWS = 500
"""Rows that an export reads at once."""
MOST_SUGGESTIONS = 50
LONGEST_TEXT = 200
HIGHEST_ID = 2**63 - 1
SEARCH = "search"


class BadCursor(ValueError):
    """The address of a page names no row to continue after."""


@dataclass(frozen=True)
class Column:
    """A column of the page: an attribute of the row, and how it is shown."""

    name: str
    title: str
    """`translatable`."""
    show: Literal["text", "code", "time", "day", "number", "word", "actor", "details"] = "text"
    kind: str = ""
    """Kind of the words of `show="word"`."""
    address: Callable[[Any], str] | None = None
    """Address of the page about what the cell names."""


@dataclass(frozen=True)
class Filter:
    """A field above the list: rows whose column equals its value."""

    name: str
    """Parameter of the address."""
    title: str
    """`translatable`."""
    column: InstrumentedAttribute[str]
    kind: str = ""
    """Kind of the words to choose from; without it the field takes any text."""
    suggests: bool = False
    """The values that rows have are suggested: only for an indexed column of few values."""
    is_id: bool = False
    """Its values are ids of the marketplace, in lower case."""


@dataclass(frozen=True)
class ListPage:
    """A list of the publisher's pages, and its export."""

    name: str
    """Last part of the address, and name of the exported file."""
    title: str
    """`translatable`."""
    empty: str
    """What the page says without rows, `translatable`."""
    model: type[Base]
    """Table of the rows."""
    order: Sequence[InstrumentedAttribute[Any]]
    """Columns of the order, descending; together unique."""
    columns: Sequence[Column]
    exported: Sequence[str]
    """Attributes of the export: its columns."""
    filters: Sequence[Filter] = ()
    searched: Sequence[InstrumentedAttribute[str]] = ()


@dataclass(frozen=True)
class Query:
    """What a visitor asks for: values of the filters by their names, a text to search for, and where to continue."""

    filters: Mapping[str, str] = field(default_factory=dict)
    search: str = ""
    after: str = ""

    @classmethod
    def read(cls, page: ListPage, parameters: Mapping[str, str]) -> Query:
        """Read the parameters of an address. Names that the page does not have are ignored."""
        filters = {}
        for entry in page.filters:
            if value := _clean(parameters.get(entry.name, "")):
                filters[entry.name] = value.lower() if entry.is_id else value
        search = _clean(parameters.get(SEARCH, "")) if page.searched else ""
        return cls(filters, search, parameters.get("after", ""))

    def parameters(self) -> dict[str, str]:
        """Return the parameters of the address, without the place to continue."""
        return {**self.filters, **({SEARCH: self.search} if self.search else {})}


@dataclass(frozen=True)
class Page:
    """Rows of a page, and where the next one continues; "" after the last."""

    rows: Sequence[Any]
    after: str


def read_page(session: Session, page: ListPage, query: Query, *, limit: int = PAGE_ROWS) -> Page:
    """Read the rows of a page in one statement. Raises: BadCursor."""
    statement = _filter(page, query)
    if query.after:
        statement = statement.where(_is_after(page.order, _read_cursor(page.order, query.after)))
    rows = session.scalars(statement.limit(limit + 1)).all()
    has_next = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, _write_cursor(page.order, rows[-1]) if has_next else "")


def read_rows(database: Database, page: ListPage, query: Query) -> Iterator[Any]:
    """Yield every row that a query finds. No transaction stays open between two of its pages."""
    while True:
        with database.reading() as session:
            part = read_page(session, page, query, limit=EXPORT_ROWS)
        yield from part.rows
        if not part.after:
            return
        query = Query(query.filters, query.search, part.after)


def list_values(session: Session, column: InstrumentedAttribute[str]) -> list[str]:
    """List the first values of an indexed column, with a look at the index for each value, not for each row."""
    values = select(func.min(column).label("value")).cte(recursive=True)
    following = select(func.min(column)).where(column > values.c.value).scalar_subquery()
    values = values.union_all(select(following).where(values.c.value.is_not(None)))
    statement = select(values.c.value).where(values.c.value.is_not(None)).limit(MOST_SUGGESTIONS)
    return [value for value in session.scalars(statement) if value]


def _filter(page: ListPage, query: Query) -> Select[Any]:
    statement = select(page.model).order_by(*[column.desc() for column in page.order])
    for entry in page.filters:
        if entry.name in query.filters:
            statement = statement.where(entry.column == query.filters[entry.name])
    if query.search:
        contains = [column.icontains(query.search, autoescape=True) for column in page.searched]
        statement = statement.where(or_(*contains))
    return statement


def _is_after(order: Sequence[InstrumentedAttribute[Any]], values: Sequence[Any]) -> ColumnElement[bool]:
    last = [literal(value, column.type) for column, value in zip(order, values, strict=True)]
    is_after: ColumnElement[bool] = tuple_(*order) < tuple_(*last)
    return is_after


def _write_cursor(order: Sequence[InstrumentedAttribute[Any]], row: Any) -> str:
    values = [getattr(row, column.key) for column in order]
    texts = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(texts).encode()).decode().rstrip("=")


def _read_cursor(order: Sequence[InstrumentedAttribute[Any]], cursor: str) -> list[Any]:
    """Raises BadCursor for anything that `_write_cursor` did not write."""
    try:
        texts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(texts, list) or len(texts) != len(order):
            raise BadCursor(cursor)
        return [_read_value(column.type, text) for column, text in zip(order, texts, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise BadCursor(cursor) from error


def _read_value(type: TypeEngine[Any], text: Any) -> Any:
    if isinstance(type, UtcTime):
        time = datetime.fromisoformat(text)
        if time.tzinfo is None:
            raise BadCursor(text)
        return time
    if isinstance(type, Integer):
        if isinstance(text, bool) or not isinstance(text, int) or not 0 <= text <= HIGHEST_ID:
            raise BadCursor(str(text))
        return text
    if not isinstance(text, str) or not text.isprintable():
        raise BadCursor(str(text))
    return text


def _clean(text: str) -> str:
    """Remove what no text of a table has, and no database accepts."""
    return "".join(character for character in text if character.isprintable()).strip()[:LONGEST_TEXT]
