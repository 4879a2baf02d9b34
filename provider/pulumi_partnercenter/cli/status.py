"""`partnercenter status`: progress of a submission, step by step."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import click
from rich.console import Group
from rich.live import Live
from rich.text import Text

from ..api.submission.models import Product
from ..errors import PartnerCenterError, Throttled, Unavailable
from ..kinds._publishing import Step, findings_of, reports_of, steps_of
from ..kinds._submission_api import SubmissionApi
from .connection import Connection, as_json, echo_json, offer_argument, require_offer
from .printing import Cell, build_table, console, print_renderable, printable, progress, styled

__all__ = ["status"]

LEAST_SECONDS = 5
NEVER_SUBMITTED = "nothing was ever submitted: a Submission in a program publishes the draft"
REACHED = ("preview", "live")
ENDED = (*REACHED, "draft", "failed", "cancelled", "archived")
COLUMNS = ("ENVIRONMENT", "STEP", "STATE", "STARTED", "TOOK")
STYLES = {
    "NotStarted": "dim",
    "InProgress": "yellow",
    "Success": "green",
    "draft": "dim",
    "on the way to preview": "yellow",
    "in certification": "yellow",
    **dict.fromkeys(REACHED, "green"),
}
"""Colours of states; every other state is a failure."""


@dataclass(frozen=True)
class SubmissionStatus:
    """Newest submission of an offer. Without any submission, all members but `state`, `draft`, are empty."""

    offer: str
    product: str
    submission: str = ""
    state: str = "draft"
    release_number: int = 0
    notes: str = ""
    steps: tuple[Step, ...] = ()
    findings: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        if not self.submission:
            return f"{self.offer}: draft; {NEVER_SUBMITTED}"
        return f"{self.offer}: {self.state} (release {self.release_number}, submission {self.submission})"

    @property
    def remarks(self) -> list[str]:
        return [*self.findings, *self.reports]

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "steps": [step.to_json() for step in self.steps]}


@click.command()
@offer_argument
@click.option(
    "--watch",
    is_flag=True,
    help="Follow the submission to its end; exit code 0: in preview or live, 1: failed.",
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
def status(connection: Connection, offer_id: str, watch: bool, interval: float, as_json: bool) -> None:
    """Where an offer's newest submission stands, its steps with times, and what the service found.

    \b
    Examples:
      partnercenter status contoso-archive
      partnercenter status contoso-archive --watch && echo "in preview, or live"
    """  # noqa: D301 - click's mark for lines that are not joined
    if watch and interval < LEAST_SECONDS and not connection.settings().endpoint:
        raise click.BadParameter(
            f"the real service is asked every {LEAST_SECONDS} seconds at most", param_hint="'--interval'"
        )
    with connection.api() as api:
        product = require_offer(api, offer_id)
        with progress(f"{offer_id}: asking"):
            current = _read_status(api, product)
        if watch:
            try:
                current = _watch(_poll(api, product, current, interval), quiet=as_json)
            except BrokenPipeError:  # the reader has gone, and the result is unknown
                raise click.exceptions.Exit(1) from None
        elif not as_json:
            print_renderable(_render(current))
    if as_json:
        with contextlib.suppress(BrokenPipeError):  # the exit code remains for a reader that has gone
            echo_json(current.to_json())
    if watch and current.state not in REACHED:
        raise click.exceptions.Exit(1)


def _read_status(api: SubmissionApi, product: Product) -> SubmissionStatus:
    run = api.submissions.newest(product.id)
    if run is None:
        return SubmissionStatus(product.offer_id, product.id)
    failed = run.standing.value == "failed"
    return SubmissionStatus(
        product.offer_id,
        product.id,
        run.id,
        run.standing.value,
        run.release_number,
        run.notes,
        tuple(steps_of(api, product.id, run)),
        tuple(findings_of(api, product.id, run)) if failed else (),
        tuple(reports_of(api, product.id, run)),
    )


def _poll(
    api: SubmissionApi, product: Product, first: SubmissionStatus, interval: float
) -> Iterator[SubmissionStatus]:
    """Yield the status until the submission has ended. Failed requests are repeated for a while."""
    current = first
    yield current
    while current.state not in ENDED:
        time.sleep(interval)
        try:
            current = _read_status(api, product)
        except (Unavailable, Throttled) as error:
            _report_retry(error)
        yield current


def _report_retry(error: PartnerCenterError) -> None:
    first_line = str(error).splitlines()[0]
    console(err=True).print(Text(f"{printable(first_line)}; asking again"), soft_wrap=True)


def _watch(statuses: Iterator[SubmissionStatus], *, quiet: bool) -> SubmissionStatus:
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


def _print_new_lines(status: SubmissionStatus, printed: set[str]) -> None:
    steps = ("  ".join(cell for cell in row if cell) for row in map(_plain_row, status.steps))
    for line in [status.headline, *steps, *status.remarks]:
        if line not in printed:
            printed.add(line)
            click.echo(printable(line))


def _render(status: SubmissionStatus) -> Group:
    headline = Text.assemble(printable(status.offer), ": ", styled(status.state, _style(status.state)))
    headline.append(printable(status.headline.removeprefix(f"{status.offer}: {status.state}")))
    steps = [build_table(COLUMNS, _rows(status))] if status.steps else []
    return Group(headline, *steps, *(Text(printable(remark)) for remark in status.remarks))


def _rows(status: SubmissionStatus) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for step in status.steps:
        environment, name, state, *times = _plain_row(step)
        rows.append([environment, name, styled(state, _style(state)), *times])
    return rows


def _plain_row(step: Step) -> list[str]:
    return [step.environment, step.name, step.state, step.started, _duration(step)]


def _style(state: str) -> str:
    return STYLES.get(state, "red")


def _duration(step: Step) -> str:
    """Return the duration of a completed step; "" while it runs, so that a watched step is printed once."""
    if not step.started or not step.completed:
        return ""
    try:
        duration = dt.datetime.fromisoformat(step.completed) - dt.datetime.fromisoformat(step.started)
    except ValueError:  # the service may write times in another format
        return ""
    return str(max(duration, dt.timedelta()))
