"""`partnercenter portal prices`: prices of an offer to a spreadsheet, and from it to a program."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from ...errors import InputError
from ...kinds.portal._portal_api import split_offer_id
from ..connection import Connection, offer_argument
from ..printing import printable

__all__ = ["prices"]


@click.group()
def prices() -> None:
    """Prices of an offer's plans as a spreadsheet, for people who edit prices in one.

    The layout is that of this command: a row for each plan, or for each plan and market. The portal's own layout is
    not documented. The service is not changed: a program takes the prices of the import.
    """


@prices.command("export")
@offer_argument
@click.argument("file", metavar="FILE.xlsx", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Overwrite the file.")
@click.pass_obj
def export_prices(connection: Connection, *, offer_id: str, file: Path, force: bool) -> None:
    """Write the prices of an offer's draft to a spreadsheet. OFFER_ID may be PUBLISHER/OFFER_ID."""
    from ...directory.portal_offers import PortalOffers
    from ...directory.search import OfferDirectory
    from ...kinds.portal._offer_document import read_arguments
    from .price_sheets import write_sheet

    _require_name(file)
    if file.exists() and not force:
        raise InputError(f"{file}: exists already", next="choose another file, or overwrite it with --force")
    with PortalOffers.open(connection.settings()) as portal:
        offer = OfferDirectory([portal]).find(offer_id)
        plans = read_arguments(portal.client.offers.get(*split_offer_id(offer.id)).body)["plans"]
    priced = {plan["plan_id"]: plan["pricing"] for plan in plans}
    for plan_id, pricing in priced.items():
        if not pricing or pricing["spreadsheet"]:
            reason = (
                "its prices come from another spreadsheet"
                if pricing
                else "it has no prices, or in another form"
            )
            click.echo(printable(f"plan {plan_id} is left out: {reason}"), err=True)
    exported = {id: pricing for id, pricing in priced.items() if pricing and not pricing["spreadsheet"]}
    with _explained_failure(file):
        rows = write_sheet(exported, file)
    click.echo(printable(f"{file}: {rows} {'row' if rows == 1 else 'rows'}"))


@prices.command("import")
@click.argument("file", metavar="FILE.xlsx", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--output",
    metavar="FILE.json",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file.",
)
def import_prices(*, file: Path, output: Path | None) -> None:
    """Read a spreadsheet, and print the argument `pricing` of each plan as JSON, by plan id.

    A program reads it: `prices = json.loads(Path("prices.json").read_text())`, and then
    `plans=[{"plan_id": "basic", "pricing": prices["basic"]}]`.
    """
    from .price_sheets import read_sheet

    _require_name(file)
    text = json.dumps(read_sheet(file), indent=2)
    if output is None:
        click.echo(text)
        return
    with _explained_failure(output):
        output.write_text(f"{text}\n", encoding="utf-8")
    click.echo(printable(f"{output}: written"))


@contextmanager
def _explained_failure(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(
            f"{file}: cannot be written ({error.strerror})",
            next="name a file in a folder that exists and that you may write",
        ) from None


def _require_name(file: Path) -> None:
    if file.suffix.lower() != ".xlsx":
        raise InputError(f"{file}: must be a file whose name ends in .xlsx")
