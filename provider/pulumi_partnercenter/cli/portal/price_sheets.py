"""Spreadsheets of prices: a row for each plan, or for each plan and market, and a column for each size.

The layout is our own, because that of the portal is not documented. Formulas are not evaluated.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from pydantic import TypeAdapter

from ...errors import InputError
from ...kinds._rules import Money, plan_id
from ...kinds.portal._portal_markets import CURRENCY_BY_MARKET, PORTAL_MARKETS
from ...kinds.portal._vm_pricing import CORE_SIZES
from ...messages import shortened

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["read_sheet", "write_sheet"]

SHEET = "Prices"
FACTS = ("plan", "prices", "trial months", "market", "currency", "per core")
"""Columns before those of the sizes."""
MODELS = {
    "free": "free",
    "byol": "byol",
    "per core": "per_core",
    "per size": "per_size",
    "per market": "per_market",
}
"""By word in the column `prices`: the argument."""
MOST_ROWS, MOST_PROBLEMS = 20_000, 5
"""Maximum number of rows that are read, and of problems that a message names."""
DIGITS = 15
SIZE = r"sharedcore|[1-9][0-9]{0,3}core"
AMOUNT = TypeAdapter[Decimal](Money)
UNREADABLE = (
    BadZipFile,
    InvalidFileException,
    ParseError,
    LookupError,
    OSError,
    TypeError,
    ValueError,
    zlib.error,
)
"""What the library raises for a file that is damaged or no spreadsheet."""


def write_sheet(priced: Mapping[str, Mapping[str, Any]], file: Path) -> int:
    """Write canonical prices by plan id into a file, whole or not at all. Return the number of rows."""
    rows = [row for plan_id, pricing in priced.items() for row in _rows(plan_id, pricing)]
    further = sorted({name for row in rows for name in row} - {*FACTS, *CORE_SIZES})
    columns = [*FACTS, *CORE_SIZES, *further]
    book = Workbook()
    sheet: Worksheet = book.active  # type: ignore[assignment]
    sheet.title, sheet.freeze_panes = SHEET, "B2"
    sheet.append(columns)
    for number, _ in enumerate(columns, 1):
        sheet.cell(1, number).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(number)].width = 14
    for row in rows:
        sheet.append([row.get(name) for name in columns])
        for cell in sheet[sheet.max_row]:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # a text that begins with = is no formula
    handle, temporary = tempfile.mkstemp(suffix=".xlsx", dir=file.parent)
    os.close(handle)
    try:
        book.save(temporary)
        Path(temporary).replace(file)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return len(rows)


def _rows(plan_id: str, pricing: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    word = next(word for word, argument in MODELS.items() if pricing[argument])
    facts = {"plan": plan_id, "prices": word, "trial months": pricing["trial_months"]}
    if word == "per market":
        for market, amounts in pricing["per_market"].items():
            currency = pricing["currencies"].get(market) or CURRENCY_BY_MARKET.get(market, "")
            yield {**facts, "market": market, "currency": currency, **_numbers(amounts)}
    elif word == "per size":
        yield {**facts, "currency": "USD", **_numbers(pricing["per_size"])}
    elif word == "per core":
        yield {**facts, "currency": "USD", "per core": _number(pricing["per_core"])}
    else:
        yield facts


def _numbers(amounts: Mapping[str, str]) -> dict[str, float | str]:
    return {size: _number(amount) for size, amount in amounts.items()}


def _number(amount: str) -> float | str:
    """Return a number; a text for an amount with more digits than a spreadsheet keeps of a number."""
    is_kept = len(Decimal(amount).as_tuple().digits) <= DIGITS
    return float(amount) if is_kept else amount


@dataclass(frozen=True)
class SheetCell:
    """A cell that is not empty. `place` is its sheet, column and row: `Prices!D5`."""

    text: str
    place: str


Row = dict[str, SheetCell]
"""Cells of a row by column. The column `plan` is always there."""


class BadCell(Exception):
    """A cell with a value that is not allowed. The message begins with its place."""

    def __init__(self, cell: SheetCell, rule: str) -> None:
        super().__init__(f"{cell.place}: {shortened(cell.text)} — {rule}")


def read_sheet(file: Path) -> dict[str, dict[str, Any]]:
    """Return the argument `pricing` of each plan, by plan id. Raises InputError that names sheet, column and row."""
    try:
        with contextlib.closing(load_workbook(file, read_only=True)) as book:
            sheet = book[SHEET] if SHEET in book.sheetnames else book.worksheets[0]
            table = [list(cells) for cells in itertools.islice(sheet.iter_rows(), MOST_ROWS + 2)]
    except UNREADABLE:
        raise InputError(
            f"{file}: cannot be read as a spreadsheet",
            next="save it as an Excel workbook (.xlsx) without a password",
        ) from None
    problems: list[str] = []
    if len(table) > MOST_ROWS + 1:
        problems.append(f"{sheet.title}: has more than {MOST_ROWS:,} rows")
    rows = [] if problems else list(_read_rows(sheet.title, table, problems))
    pricings = _build_pricings(rows, problems)
    if not rows and not problems:
        problems.append(f"{sheet.title}: has no row with prices")
    if problems:
        more = f"; and {len(problems) - MOST_PROBLEMS} more" if len(problems) > MOST_PROBLEMS else ""
        raise InputError(
            f"{file}: {'; '.join(problems[:MOST_PROBLEMS])}{more}",
            next="`partnercenter portal prices export` writes a file in the right form",
        )
    return pricings


def _read_rows(title: str, table: list[list[Any]], problems: list[str]) -> Iterator[Row]:
    """Yield the rows that are not empty. Cells that are no text or number are problems."""
    columns = [str(cell.value or "").strip().lower() for cell in table[0]] if table else []
    unknown = [name for name in columns if name and name not in FACTS and not re.fullmatch(SIZE, name)]
    problems += [f"{title}!1: {shortened(name)} is no column of a spreadsheet of prices" for name in unknown]
    problems += [
        f"{title}!1: the column {name!r} is missing" for name in ("plan", "prices") if name not in columns
    ]
    problems += [
        f"{title}!1: {name!r} is there twice" for name in columns if name and columns.count(name) > 1
    ][:1]
    for number, cells in enumerate(table[1:], 2):
        row: Row = {}
        for position, (name, cell) in enumerate(zip(columns, cells, strict=False), 1):
            place = f"{title}!{get_column_letter(position)}{number}"
            if cell.value is None or not name:
                continue
            if cell.data_type == "f":
                problems.append(f"{place}: holds a formula, which is not evaluated: write its value")
            elif isinstance(cell.value, bool) or not isinstance(cell.value, str | int | float):
                problems.append(f"{place}: must be a text or a number, not {type(cell.value).__name__}")
            elif text := _text(cell.value):
                row[name] = SheetCell(text, place)
        if row:
            yield {"plan": SheetCell("", f"{title}!A{number}"), **row}


def _text(value: str | float) -> str:
    """Return a cell's text; of a number the shortest decimal that is the same double."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _build_pricings(rows: Sequence[Row], problems: list[str]) -> dict[str, dict[str, Any]]:
    pricings: dict[str, dict[str, Any]] = {}
    for row in rows:
        try:
            pricing = _read_pricing(row)
            if row["plan"].text in pricings:
                _add_market(pricings[row["plan"].text], pricing, row)
            else:
                pricings[row["plan"].text] = pricing
        except BadCell as problem:
            problems.append(str(problem))
    return pricings


def _add_market(pricing: dict[str, Any], further: dict[str, Any], row: Row) -> None:
    """Add the market of a row to the prices of its plan. Raises BadCell."""
    if "per_market" not in pricing or "per_market" not in further:
        raise BadCell(row["plan"], "has another row, which only a plan with prices per market can have")
    if pricing.get("trial_months") != further.get("trial_months"):
        raise BadCell(row["plan"], "has another row with other trial months")
    if further["per_market"].keys() & pricing["per_market"].keys():
        raise BadCell(row["market"], "is there twice for this plan")
    for name in ("per_market", "currencies"):
        if name in further:
            pricing[name] = {**pricing.get(name, {}), **further[name]}


def _read_pricing(row: Row) -> dict[str, Any]:
    """Return the prices of a row, as the argument `pricing`. Raises BadCell."""
    cell = row.get("prices") or SheetCell("", row["plan"].place.replace("!A", "!B"))
    try:
        plan_id(row["plan"].text)
    except ValueError as error:
        raise BadCell(row["plan"], f"must be the id of a plan: {error}") from None
    if cell.text.lower() not in MODELS:
        raise BadCell(cell, f"must be one of {', '.join(MODELS)}")
    model = MODELS[cell.text.lower()]
    amounts = {name: _amount(row[name]) for name in row if name not in FACTS}
    months = _months(row["trial months"]) if "trial months" in row else 0
    facts: dict[str, Any] = {"trial_months": months} if months else {}
    if model != "per_market" and "currency" in row and row["currency"].text != "USD":
        raise BadCell(row["currency"], f"must be USD or empty for prices {cell.text!r}")
    if model in ("free", "byol"):
        _require_empty(row, "market", "per core", *amounts)
        return {model: True, **facts}
    if model == "per_core":
        _require_empty(row, "market", *amounts)
        if "per core" not in row or (amount := _amount(row["per core"])) == "0":
            raise BadCell(row.get("per core", cell), "needs a price above 0 in the column 'per core'")
        return {model: amount, **facts}
    _require_empty(row, "per core")
    if not amounts:
        raise BadCell(cell, "needs a price in the column of a size")
    if model == "per_size":
        _require_empty(row, "market")
        return {model: amounts, **facts}
    return {**facts, **_market_prices(row, cell, amounts)}


def _market_prices(row: Row, cell: SheetCell, amounts: dict[str, str]) -> dict[str, Any]:
    market = row.get("market")
    if market is None or market.text.upper() not in PORTAL_MARKETS:
        raise BadCell(market or cell, "must be a market: two letters, such as DE")
    code, currency = market.text.upper(), row.get("currency")
    default = CURRENCY_BY_MARKET.get(code)
    if currency is None and default is None:
        raise BadCell(market, "has no currency in the service's table: write it into the column 'currency'")
    if currency and not re.fullmatch("[A-Z]{3}", currency.text):
        raise BadCell(currency, "must be a currency code such as USD")
    currencies = {code: currency.text} if currency and currency.text != default else {}
    return {"per_market": {code: amounts}, **({"currencies": currencies} if currencies else {})}


def _require_empty(row: Row, *names: str) -> None:
    for name in names:
        if name in row:
            raise BadCell(row[name], f"must be empty for prices {row['prices'].text!r}")


def _amount(cell: SheetCell) -> str:
    """Return a canonical amount. Raises BadCell."""
    try:
        return str(AMOUNT.dump_python(AMOUNT.validate_python(cell.text), mode="json"))
    except ValueError:
        raise BadCell(cell, "must be an amount of money such as 0.05, of at most 15 digits") from None


def _months(cell: SheetCell) -> int:
    if not re.fullmatch("[0-9]{1,3}", cell.text):
        raise BadCell(cell, "must be a number of months")
    return int(cell.text)
