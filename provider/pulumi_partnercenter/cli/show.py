"""`partnercenter show`: an offer as a tree, with the differences between draft, preview and live."""

from __future__ import annotations

import tempfile
import webbrowser
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import click

from ..errors import SettingsError
from .connection import Connection, as_json, echo_json, offer_argument
from .environment_checks import read_project
from .offer_views import open_offer
from .printing import print_tree, printable, progress

__all__ = ["show"]


@click.command()
@offer_argument
@click.option("--differences", is_flag=True, help="Only what differs between draft, preview and live.")
@as_json
@click.option(
    "--html",
    "page",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the listing as customers would see it: one page, without scripts.",
)
@click.option(
    "--open",
    "opens",
    is_flag=True,
    help="Open the page in the browser; without --html it is a temporary file.",
)
@click.option(
    "--preview",
    metavar="FILE",
    type=click.File(encoding="utf-8-sig"),
    help="For the page: the output of `pulumi preview --json --show-sames` instead of the draft; - is stdin.",
)
@click.pass_obj
def show(
    connection: Connection,
    *,
    offer_id: str,
    differences: bool,
    as_json: bool,
    page: Path | None,
    opens: bool,
    preview: IO[str] | None,
) -> None:
    """An offer as a tree: every resource with its arguments, the draft beside what is in preview and live.

    Arguments at their defaults are left out, secrets never shown. Nothing is written to the service. Offers of the
    Cloud Partner Portal API are found by their offer id too, or by PUBLISHER/OFFER_ID.

    \b
    Examples:
      partnercenter show contoso-archive
      partnercenter show contoso-archive --differences
      partnercenter show contoso/contoso-gateway
      partnercenter show contoso-archive --json | jq '.resources[] | select(.type == "Plan").draft.plan_id'
      partnercenter show contoso-archive --html listing.html
      pulumi preview --json --show-sames | partnercenter show contoso-archive --open --preview -
    """  # noqa: D301 - click's mark for lines that are not joined
    if page or opens:
        if as_json or differences:
            raise click.UsageError("--html and --open write a page: leave out --json and --differences.")
        _show_page(connection, offer_id, page, preview, opens=opens)
        return
    if preview:
        raise click.UsageError("--preview is for a page: say --html FILE or --open.")
    with (
        open_offer(connection, offer_id) as offer,
        progress(f"{offer_id}: asking") as show_progress,
    ):
        shown = offer.read_stages(show_progress)
    if differences:
        shown = shown.only_differences()
    if as_json:
        echo_json(shown.to_json())
    else:
        print_tree(shown.to_tree())


def _show_page(
    connection: Connection, offer_id: str, page: Path | None, preview: IO[str] | None, *, opens: bool
) -> None:
    """Write the page of the listing, and open it."""
    from .listing_page.render import write_page

    html = _program_html(offer_id, preview) if preview else _service_html(connection, offer_id)
    path = page or Path(tempfile.mkdtemp(prefix="partnercenter-")) / "listing.html"
    write_page(html, path)
    click.echo(printable(f"Written to {path}"))
    if opens and not webbrowser.open(path.resolve().as_uri()):
        raise SettingsError(f"page {str(path)!r}: no browser opens it", next="open the file yourself")


def _service_html(connection: Connection, offer_id: str) -> str:
    with (
        open_offer(connection, offer_id) as offer,
        progress(f"{offer_id}: asking") as show_progress,
    ):
        return offer.render_page(show_progress)


def _program_html(offer_id: str, preview: IO[str]) -> str:
    from .listing_page.program import listing_in_program
    from .listing_page.render import render_page

    try:
        text = preview.read()
    except ValueError:
        text = ""  # not UTF-8, so not a JSON document
    listing = listing_in_program(offer_id, text, preview.name, read_project()[0])
    return render_page(listing, datetime.now(UTC))
