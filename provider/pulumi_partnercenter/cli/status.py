"""`partnercenter status`: how far publishing is, step by step. Source: submission API 5.19, 6.1."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import click
from rich.console import Group
from rich.live import Live
from rich.text import Text

from ..errors import PartnerCenterError, Throttled, Unavailable
from ..resources._publishing import Step, findings_of, reports_of, steps_of
from .connection import Connection, as_json, echo_json, offer_argument, offer_named
from .printing import Cell, build_table, console, print_renderable, printable, progress, styled

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.models import Product

__all__ = ["status"]

LEAST_SECONDS = 5
NEVER = "nothing was ever submitted: a Submission in a program publishes the draft"
REACHED = ("preview", "live")
ENDED = (*REACHED, "draft", "failed", "cancelled", "archived")
COLUMNS = ("ENVIRONMENT", "STEP", "STATE", "STARTED", "TOOK")


@dataclass(frozen=True)
class Standing:
    """The newest submission of an offer; but for `state`, `draft`, empty when nothing was ever submitted."""

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
            return f"{self.offer}: draft; {NEVER}"
        return f"{self.offer}: {self.state} (release {self.release_number}, submission {self.submission})"

    @property
    def remarks(self) -> list[str]:
        return [*self.findings, *self.reports]

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "steps": [each.plain() for each in self.steps]}


@click.command()
@offer_argument
@click.option("--watch", is_flag=True, help="Go on until it has ended: 0 in preview or live, 1 failed.")
@click.option(
    "--interval",
    type=click.FloatRange(min=0, min_open=True),
    default=30,
    show_default=True,
    metavar="SECONDS",
    help=f"Pause between looks, at least {LEAST_SECONDS} at the real service.",
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
        product = offer_named(api, offer_id)
        with progress(f"{offer_id}: asking"):
            seen = _look(api, product)
        if watch:
            try:
                seen = _watch(_looks(api, product, seen, interval), quiet=as_json)
            except BrokenPipeError:  # nobody watches any more, and how it ends is not known
                raise click.exceptions.Exit(1) from None
        elif not as_json:
            print_renderable(_drawn(seen))
    if as_json:
        with contextlib.suppress(BrokenPipeError):  # the exit code tells it to whoever reads no further
            echo_json(seen.as_json())
    if watch and seen.state not in REACHED:
        raise click.exceptions.Exit(1)


def _look(api: SubmissionApi, product: Product) -> Standing:
    run = api.submissions.newest(product.id)
    if run is None:
        return Standing(product.offer_id, product.id)
    failed = run.standing.value == "failed"
    return Standing(
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


def _looks(api: SubmissionApi, product: Product, first: Standing, interval: float) -> Iterator[Standing]:
    """One after the other until it has ended. A service that does not answer for a while is asked again."""
    seen = first
    yield seen
    while seen.state not in ENDED:
        time.sleep(interval)
        try:
            seen = _look(api, product)
        except (Unavailable, Throttled) as error:
            _say(error)
        yield seen


def _say(error: PartnerCenterError) -> None:
    first = str(error).splitlines()[0]
    console(err=True).print(Text(f"{printable(first)}; asking again"), soft_wrap=True)


def _watch(looks: Iterator[Standing], *, quiet: bool) -> Standing:
    """Redraws on a terminal; elsewhere a line for everything new. The last look."""
    out, last = console(), next(looks)
    if quiet:
        for last in looks:  # noqa: B007 - the last one is the answer
            pass
    elif out.is_terminal:
        with Live(_drawn(last), console=out, auto_refresh=False) as live:
            for last in looks:
                live.update(_drawn(last), refresh=True)
    else:
        known: set[str] = set()
        _print_new(last, known)
        for last in looks:
            _print_new(last, known)
    return last


def _print_new(seen: Standing, known: set[str]) -> None:
    steps = ("  ".join(each for each in row if each) for row in map(_plain_row, seen.steps))
    for line in [seen.headline, *steps, *seen.remarks]:
        if line not in known:
            known.add(line)
            click.echo(printable(line))


def _drawn(seen: Standing) -> Group:
    headline = Text.assemble(printable(seen.offer), ": ", styled(seen.state, _style(seen.state)))
    headline.append(printable(seen.headline.removeprefix(f"{seen.offer}: {seen.state}")))
    steps = [build_table(COLUMNS, _rows(seen))] if seen.steps else []
    return Group(headline, *steps, *(Text(printable(line)) for line in seen.remarks))


def _rows(seen: Standing) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for step in seen.steps:
        environment, name, state, *times = _plain_row(step)
        rows.append([environment, name, styled(state, _style(state)), *times])
    return rows


def _plain_row(step: Step) -> list[str]:
    return [step.environment, step.name, step.state, step.started, _duration(step)]


def _style(state: str) -> str:
    known = {"NotStarted": "dim", "InProgress": "yellow", "Success": "green", "draft": "dim"}
    known |= dict.fromkeys(REACHED, "green") | dict.fromkeys(
        ("on the way to preview", "in certification"), "yellow"
    )
    return known.get(state, "red")


def _duration(step: Step) -> str:
    """How long it took; nothing while it runs, so that a watched step is told once."""
    if not step.started or not step.completed:
        return ""
    try:
        took = dt.datetime.fromisoformat(step.completed) - dt.datetime.fromisoformat(step.started)
    except ValueError:  # times that the service writes in another way
        return ""
    return str(max(took, dt.timedelta()))
