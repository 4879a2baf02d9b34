"""`partnercenter portal prices`: what is exported returns on import, and a bad cell is named."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from provider.tools.emulators import RunningEmulator
from tests.cli.command import Command
from tests.resources.portal.portal_offers import GATEWAY, MARKETS

from pulumi_partnercenter.cli.portal.price_sheets import read_sheet, write_sheet
from pulumi_partnercenter.errors import InputError
from pulumi_partnercenter.kinds.portal._offer_document import write_arguments
from pulumi_partnercenter.kinds.portal._portal_markets import CURRENCY_BY_MARKET, PORTAL_MARKETS
from pulumi_partnercenter.kinds.portal._vm_pricing import CORE_SIZES, Pricing
from pulumi_partnercenter.kinds.portal.offer import OfferArguments

DECIMALS = st.decimals(min_value="0.0001", max_value=10**6, places=4)
AMOUNTS = (DECIMALS | st.just(Decimal("0.15000000000000002"))).map(lambda amount: f"{amount.normalize():f}")
SIZES = st.dictionaries(st.sampled_from([*CORE_SIZES, "832core"]), AMOUNTS, min_size=1, max_size=5)
PRICINGS = st.one_of(
    st.just({"free": True}),
    st.just({"byol": True}),
    AMOUNTS.map(lambda amount: {"per_core": amount}),
    SIZES.map(lambda sizes: {"per_size": sizes}),
    st.dictionaries(st.sampled_from(sorted(CURRENCY_BY_MARKET)), SIZES, min_size=1, max_size=5).map(
        lambda markets: {"per_market": markets}
    ),
    SIZES.map(lambda sizes: {"per_market": {"AZ": sizes}, "currencies": {"AZ": "EUR"}}),
)


def canonical(pricing: dict[str, Any]) -> dict[str, Any]:
    return Pricing(**pricing).to_json()


@given(
    pricings=st.dictionaries(
        st.sampled_from(["basic", "branch", "2019", "1.5"]),
        st.tuples(PRICINGS, st.integers(0, 6)),
        min_size=1,
    )
)
@settings(max_examples=2 * settings().max_examples)
def test_any_prices_return_unchanged(
    pricings: dict[str, tuple[dict[str, Any], int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("prices") / "prices.xlsx"
    priced = {
        id: canonical({**pricing, "trial_months": months}) for id, (pricing, months) in pricings.items()
    }
    write_sheet(priced, file)
    assert {id: canonical(pricing) for id, pricing in read_sheet(file).items()} == priced


def test_a_sheet_of_three_hundred_rows_returns_unchanged(tmp_path: Path) -> None:
    markets = sorted(PORTAL_MARKETS)[:100]
    priced = {
        plan_id: canonical(
            {
                "per_market": {
                    market: {size: f"0.{row}{column:03}" for column, size in enumerate(CORE_SIZES, 1)}
                    for row, market in enumerate(markets, 1)
                },
                "currencies": {market: "USD" for market in markets if market not in CURRENCY_BY_MARKET},
            }
        )
        for plan_id in ("basic", "branch", "licensed")
    }
    file = tmp_path / "prices.xlsx"
    assert write_sheet(priced, file) == 300
    assert load_workbook(file)["Prices"].max_row == 301
    assert {id: canonical(pricing) for id, pricing in read_sheet(file).items()} == priced
    assert [path.name for path in tmp_path.iterdir()] == ["prices.xlsx"]


def sheet_of(file: Path, *rows: dict[str, Any]) -> Path:
    columns = list(dict.fromkeys(["plan", "prices", *(name for row in rows for name in row)]))
    book = Workbook()
    book.active.title = "Prices"
    book.active.append(columns)
    for row in rows:
        book.active.append([row.get(name) for name in columns])
    book.save(file)
    return file


SIZE = {"plan": "basic", "prices": "per size", "1core": 0.05}
MARKET = {"plan": "basic", "prices": "per market", "market": "DE", "1core": 0.05}
BAD_CELLS: dict[str, tuple[dict[str, Any], ...]] = {
    "Prices!C2: 'cheap' — must be an amount": ({**SIZE, "1core": "cheap"},),
    "Prices!C2: '-1' — must be an amount": ({**SIZE, "1core": -1},),
    "Prices!C2: holds a formula": ({**SIZE, "1core": "=1+1"},),
    "Prices!C2: must be a text or a number, not bool": ({**SIZE, "1core": True},),
    "Prices!B2: 'monthly' — must be one of": ({**SIZE, "prices": "monthly"},),
    "Prices!B2: '' — must be one of": ({"plan": "basic", "1core": 1},),
    "Prices!A2: '' — must be the id of a plan": ({**SIZE, "plan": None},),
    "Prices!A2: 'a b' — must be the id of a plan": ({**SIZE, "plan": "a b"},),
    "Prices!A3: 'basic' — has another row": (SIZE, SIZE),
    "Prices!C3: 'de' — is there twice": (MARKET, {**MARKET, "market": "de"}),
    "Prices!C2: 'XX' — must be a market": ({**MARKET, "market": "XX"},),
    "Prices!C2: 'AZ' — has no currency": ({**MARKET, "market": "AZ"},),
    "Prices!E2: 'euro' — must be a currency code": ({**MARKET, "currency": "euro"},),
    "Prices!D2: 'EUR' — must be USD": ({**SIZE, "currency": "EUR"},),
    "Prices!C2: '0.05' — must be empty for prices 'free'": ({**SIZE, "prices": "free"},),
    "Prices!B2: 'per size' — needs a price": ({**SIZE, "1core": None},),
    "Prices!C2: '0' — needs a price above 0": ({"plan": "a", "prices": "per core", "per core": 0},),
    "Prices!D2: '1.5' — must be a number of months": ({**SIZE, "trial months": 1.5},),
    "has another row with other trial months": (MARKET, {**MARKET, "market": "FR", "trial months": 1}),
    "'color' is no column": ({**SIZE, "color": "red"},),
    "has no row with prices": (),
}


@pytest.mark.parametrize("words", BAD_CELLS)
def test_a_bad_cell_is_named_by_sheet_column_and_row(words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refusal:
        read_sheet(sheet_of(tmp_path / "prices.xlsx", *BAD_CELLS[words]))
    assert words in str(refusal.value)
    assert len(str(refusal.value).splitlines()) <= 3


def test_further_problems_are_counted(tmp_path: Path) -> None:
    rows = [{**MARKET, "market": "XX"} for _ in range(12)]
    with pytest.raises(InputError, match="and 7 more"):
        read_sheet(sheet_of(tmp_path / "prices.xlsx", *rows))


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04" + bytes(100)])
def test_a_file_that_is_no_spreadsheet_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "prices.xlsx").write_bytes(data)
    with pytest.raises(InputError, match="cannot be read as a spreadsheet"):
        read_sheet(tmp_path / "prices.xlsx")


@given(data=st.binary(max_size=40), position=st.integers(0, 10_000), length=st.integers(0, 3_000))
def test_a_damaged_spreadsheet_is_read_or_refused(
    data: bytes, position: int, length: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("prices") / "prices.xlsx"
    write_sheet({"basic": canonical({"per_core": "0.05"})}, file)
    whole = file.read_bytes()
    position %= len(whole)
    file.write_bytes(whole[:position] + data + whole[position + length :])
    try:
        prices = read_sheet(file)
    except InputError as error:
        prices = {"refused": str(error)}
    assert isinstance(prices, dict)


def test_prices_of_an_offer_are_exported_edited_and_imported(
    partnercenter: Command, emulator: RunningEmulator, tmp_path: Path
) -> None:
    desired = OfferArguments.parse(GATEWAY).to_json()
    body = {
        "publisherId": "contoso",
        "offerTypeId": "microsoft-azure-virtualmachines",
        "id": "contoso-gateway",
    }
    definition = write_arguments(body, desired, {}, {})["definition"]
    offer = {"publisher": "contoso", "offer_id": "contoso-gateway", "definition": definition}
    emulator._control("POST", "portal/offers", offer)
    result = partnercenter("portal", "prices", "export", "contoso-gateway", "p.xlsx").expect_success()
    assert result.out == "p.xlsx: 32 rows\n"
    book = load_workbook(tmp_path / "p.xlsx")
    sheet = book["Prices"]
    (row,) = (cells for cells in sheet.iter_rows() if cells[3].value == "DE")
    row[7].value = 0.99
    book.save(tmp_path / "p.xlsx")
    partnercenter("portal", "prices", "import", "p.xlsx", "--output", "p.json").expect_success()
    imported = json.loads((tmp_path / "p.json").read_text())
    expected = {plan["plan_id"]: plan["pricing"] for plan in desired["plans"]}
    expected["branch"]["per_market"]["DE"]["1core"] = "0.99"
    assert {id: canonical(pricing) for id, pricing in imported.items()} == expected
    assert len(imported["branch"]["per_market"]) == len(MARKETS)
    plans = [{**plan, "pricing": imported[plan["plan_id"]]} for plan in GATEWAY["plans"]]
    assert OfferArguments.problems({**GATEWAY, "plans": plans}) == []


@pytest.mark.soak
def test_a_file_is_not_overwritten_and_an_import_is_printed(partnercenter: Command, tmp_path: Path) -> None:
    write_sheet({"basic": canonical({"per_core": "0.05"})}, tmp_path / "p.xlsx")
    before = (tmp_path / "p.xlsx").read_bytes()
    refusal = partnercenter(
        "portal", "prices", "export", "contoso/contoso-gateway", "p.xlsx"
    ).expect_failure()
    assert "exists already" in refusal.err
    assert (tmp_path / "p.xlsx").read_bytes() == before
    printed = partnercenter("portal", "prices", "import", "p.xlsx").expect_success()
    assert printed.json() == {"basic": {"per_core": "0.05"}}


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["export", "nothing", "p.xlsx"], "offer 'nothing': there is no such offer"),
        (["export", "contoso/nothing", "p.xlsx"], "offer 'contoso/nothing': there is no such offer"),
        (["export", "contoso/nothing", "p.csv"], r"must be a file whose name ends in \.xlsx"),
    ],
)
def test_a_wrong_call_is_an_error_without_a_file(
    arguments: list[str], words: str, partnercenter: Command, emulator: RunningEmulator, tmp_path: Path
) -> None:
    emulator._control("POST", "portal/publishers", {"publisher": "contoso"})
    result = partnercenter("portal", "prices", *arguments).expect_failure()
    assert re.search(words, result.err)
    assert list(tmp_path.glob("p.*")) == []


def test_a_folder_that_does_not_exist_is_an_error(
    partnercenter: Command, emulator: RunningEmulator, tmp_path: Path
) -> None:
    emulator._control("POST", "portal/offers", {"publisher": "contoso", "offer_id": "contoso-gateway"})
    write_sheet({"basic": canonical({"per_core": "0.05"})}, tmp_path / "p.xlsx")
    for command in (
        ["export", "contoso-gateway", "none/q.xlsx"],
        ["import", "p.xlsx", "--output", "none/q.json"],
    ):
        result = partnercenter("portal", "prices", *command).expect_failure()
        assert f"{command[-1]}: cannot be written (No such file or directory)" in result.err
