"""`partnercenter status`: progress of a publication, step by step, or where every offer stands."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import click
from rich.console import Group
from rich.live import Live
from rich.text import Text

from ..errors import PartnerCenterError, Throttled, Unavailable
from .connection import Connection, as_json, echo_json, offer_argument_or_all
from .offer_views import open_offer, open_offers
from .offers import Offer, StatusReport
from .printing import Cell, build_table, console, print_renderable, printable, progress, styled

__all__ = ["status"]

LEAST_SECONDS = 5
REACHED = ("preview", "live")
ENDED = (*REACHED, "draft", "failed", "cancelled", "archived")
UNREADABLE = "unreadable"
THREADS = 4
STYLES = {
    "NotStarted": "dim",
    "InProgress": "yellow",
    "Success": "green",
    "notStarted": "dim",
    "inProgress": "yellow",
    "running": "yellow",
    "waitingForPublisherReview": "green",
    "complete": "green",
    "completed": "green",
    "succeeded": "green",
    "draft": "dim",
    "on the way to preview": "yellow",
    "in certification": "yellow",
    **dict.fromkeys(REACHED, "green"),
}
"""Colours of states; every other state is a failure."""


@click.command()
@offer_argument_or_all
@click.option(
    "--watch",
    is_flag=True,
    help="Follow the publication to its end; exit code 0: in preview or live, 1: failed.",
)
@click.option(
    "--interval",
    type=click.FloatRange(min=0, min_open=True),
    default=30,
    show_default=True,
    metavar="SECONDS",
    help=f"Seconds between requests, at least {LEAST_SECONDS} for the real service.",
)
@as_json
@click.pass_obj
def status(connection: Connection, offer_id: str | None, watch: bool, interval: float, as_json: bool) -> None:
    """Where an offer's newest publication stands, its steps with times, and what the service found.

    Without OFFER_ID: a line for every offer. Offers of the Cloud Partner Portal API are found by their offer id too, or
    by PUBLISHER/OFFER_ID, and have their versions and what the next `up` does. Exit code 1 if an offer is unreadable
    whose type only one API has.

    \b
    Examples:
      partnercenter status
      partnercenter status contoso-archive
      partnercenter status contoso/contoso-gateway
      partnercenter status contoso-archive --watch && echo "in preview, or live"
    """  # noqa: D301 - click's mark for lines that are not joined
    if watch and interval < LEAST_SECONDS and not connection.settings().endpoint:
        raise click.BadParameter(
            f"the real service is asked every {LEAST_SECONDS} seconds at most", param_hint="'--interval'"
        )
    if offer_id is None:
        if watch:
            raise click.UsageError("--watch follows one offer: name it.")
        _print_all(connection, as_json=as_json)
    else:
        _print_one(connection, offer_id, interval, watch=watch, as_json=as_json)


def _print_all(connection: Connection, *, as_json: bool) -> None:
    """Print a line for each offer, or all their documents."""
    with open_offers(connection) as offer_list, progress("asking"), ThreadPoolExecutor(THREADS) as pool:
        reports = list(pool.map(_read_status, offer_list.offers))
    if as_json:
        echo_json({"offers": [report.document for report in reports], "left_out": offer_list.left_out})
    else:
        print_renderable(Group(*map(_headline, reports)) if reports else Text("no offers"))
    is_whole = all(
        report.state != UNREADABLE or offer.is_shared
        for offer, report in zip(offer_list.offers, reports, strict=True)
    )
    if not is_whole:
        raise click.exceptions.Exit(1)


def _read_status(offer: Offer) -> StatusReport:
    """Read the status of an offer among others, which its errors do not stop."""
    try:
        return offer.status()
    except PartnerCenterError as error:
        document: dict[str, Any] = {"offer": offer.label, "state": UNREADABLE, "error": str(error)}
        return StatusReport(offer.label, UNREADABLE, f"; {str(error).splitlines()[0]}", document)


def _print_one(connection: Connection, offer_id: str, interval: float, *, watch: bool, as_json: bool) -> None:
    """Print the status of an offer, once or until its publication has ended."""
    with open_offer(connection, offer_id) as offer:
        with progress(f"{offer_id}: asking"):
            current = offer.status()
        if watch:
            try:
                current = _watch(_poll(offer, current, interval), quiet=as_json)
            except BrokenPipeError:  # the reader has gone, and the result is unknown
                raise click.exceptions.Exit(1) from None
        elif not as_json:
            print_renderable(_render(current))
    if as_json:
        with contextlib.suppress(BrokenPipeError):  # the exit code remains for a reader that has gone
            echo_json(current.document)
    if watch and current.state not in REACHED:
        raise click.exceptions.Exit(1)


def _poll(offer: Offer, first: StatusReport, interval: float) -> Iterator[StatusReport]:
    """Yield the status until the publication has ended. Failed requests are repeated for a while."""
    current = first
    yield current
    while current.state not in ENDED:
        time.sleep(interval)
        try:
            current = offer.status()
        except (Unavailable, Throttled) as error:
            _report_retry(error)
        yield current


def _report_retry(error: PartnerCenterError) -> None:
    first_line = str(error).splitlines()[0]
    console(err=True).print(Text(f"{printable(first_line)}; asking again"), soft_wrap=True)


def _watch(statuses: Iterator[StatusReport], *, quiet: bool) -> StatusReport:
    """Redraw on a terminal, otherwise print every new line. Returns the last status."""
    out, last = console(), next(statuses)
    if quiet:
        for last in statuses:  # noqa: B007 - the last one is the answer
            pass
    elif out.is_terminal:
        with Live(_render(last), console=out, auto_refresh=False) as live:
            for last in statuses:
                live.update(_render(last), refresh=True)
    else:
        printed: set[str] = set()
        _print_new_lines(last, printed)
        for last in statuses:
            _print_new_lines(last, printed)
    return last


def _print_new_lines(status: StatusReport, printed: set[str]) -> None:
    steps = ("  ".join(cell for cell in row if cell) for row in status.steps)
    for line in [status.headline, *steps, *status.remarks]:
        if line not in printed:
            printed.add(line)
            click.echo(printable(line))


def _headline(status: StatusReport) -> Text:
    state = styled(status.state, _style(status.state))
    return Text.assemble(printable(status.offer), ": ", state, printable(status.details))


def _render(status: StatusReport) -> Group:
    steps = [build_table(status.columns, _rows(status))] if status.steps else []
    return Group(_headline(status), *steps, *(Text(printable(remark)) for remark in status.remarks))


def _rows(status: StatusReport) -> list[list[Cell]]:
    number = status.columns.index("STATE")
    return [
        [*step[:number], styled(step[number], _style(step[number])), *step[number + 1 :]]
        for step in status.steps
    ]


def _style(state: str) -> str:
    return STYLES.get(state, "red")
