"""`partnercenter saas usage`: send, import, list and reconcile metered usage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Any

import click

from ...errors import PartnerCenterError
from ..confirmation import confirm, yes_option
from ..connection import Connection, as_json, echo_json
from ..printing import Cell, build_table, print_renderable, progress, styled
from .tables import format_day, format_time, style_status
from .usage_files import build_event, parse_time, read_usage_file
from .usage_import import import_usage

if TYPE_CHECKING:
    from ...fulfillment import DailyUsage, FulfillmentClient, UsageEvent, UsageRecord, UsageResult

__all__ = ["usage"]

BATCH_SIZE = 25
"""Events of one request. Results are known after each request."""
RESULT_COLUMNS = ("STATUS", "RESOURCE", "DIMENSION", "HOUR", "QUANTITY", "PLAN", "USAGE EVENT", "PROBLEM")
RECORD_COLUMNS = (
    "DAY",
    "STATUS",
    "RESOURCE",
    "DIMENSION",
    "PLAN",
    "SUBMITTED",
    "PROCESSED",
    "EVENTS",
    "OFFER",
)
DAILY_COLUMNS = ("STATE", "DAY", "RESOURCE", "DIMENSION", "PLAN", "SENT", "SUBMITTED", "PROCESSED", "SERVICE")
DAILY_STYLES = {"accepted": "green", "pending": "yellow"}
EVENT_OPTIONS = ("resource_id", "resource_uri", "dimension", "quantity", "effective_start_time", "plan_id")


def _parse_time_option(_: click.Context, parameter: click.Parameter, text: str | None) -> dt.datetime | None:
    """Parse a time, or a day, which begins at midnight in UTC."""
    if text is None:
        return None
    try:
        return parse_time(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r}: {error}", param=parameter) from None


file_help = "CSV with a header, or JSON lines, with the members of a usage event; - is standard input."


@click.group()
def usage() -> None:
    """Send, import, list and reconcile metered usage."""


usage.add_command(import_usage)


@usage.command()
@click.option("--file", "file", metavar="FILE", type=click.File(encoding="utf-8-sig"), help=file_help)
@click.option("--subscription", "resource_id", metavar="ID", help="Subscription that used something.")
@click.option(
    "--resource-uri", metavar="URI", help="Managed application that did, instead of a subscription."
)
@click.option("--dimension", metavar="NAME", help="Meter of the plan.")
@click.option("--quantity", metavar="NUMBER", help="Units beyond those that the plan includes.")
@click.option(
    "--hour", "effective_start_time", metavar="TIME", help="Within the last 24 hours: 2026-05-18T08:00Z."
)
@click.option("--plan", "plan_id", metavar="PLAN_ID", help="Plan at that time.")
@yes_option
@as_json
@click.pass_obj
def send(
    connection: Connection, /, *, file: IO[str] | None, yes: bool, as_json: bool, **options: str | None
) -> None:
    """Send usage events, for which customers pay: one by options, or those of a file.

    The service takes one event for an hour, resource and dimension, and answers Duplicate to a further one: repeating a
    command charges nothing twice. All events are checked before the first is sent. Exit code 1 when one was refused.

    \b
    Examples:
      partnercenter saas usage send --subscription 11111111-2222-4333-8444-555555555555 --plan pro \\
        --dimension reports --quantity 37 --hour 2026-05-18T08:00Z
      partnercenter saas usage send --file usage.csv --yes
    """  # noqa: D301 - click's mark for lines that are not joined
    given = {name: text for name, text in options.items() if text is not None}
    if file is not None and given:
        raise click.UsageError("--file has whole events: leave out the other options of an event.")
    events = read_usage_file(file) if file is not None else [_event_of_options(given)]
    confirm(_describe_events(events), "Send this usage? The customers pay for it.", yes=yes)
    with connection.fulfillment() as client:
        results, error = _send_batches(client, events)
    if as_json:
        echo_json({"results": [_result_document(result) for result in results]})
    elif results:
        print_renderable(build_table(RESULT_COLUMNS, [_result_row(result) for result in results]))
    if error is not None:
        if results:
            click.echo(f"{len(results)} of {len(events)} events were sent; repeating them is safe", err=True)
        raise error
    if not all(result.is_delivered for result in results):
        raise click.exceptions.Exit(1)


def _event_of_options(given: dict[str, str]) -> UsageEvent:
    if missing := {"dimension", "quantity", "effective_start_time", "plan_id"} - set(given):
        names = {"effective_start_time": "hour", "plan_id": "plan"}
        listed = ", ".join(f"--{names.get(name, name)}" for name in EVENT_OPTIONS if name in missing)
        raise click.UsageError(f"An event needs {listed} too (or use --file).")
    if ("resource_id" in given) == ("resource_uri" in given):
        raise click.UsageError("An event needs either --subscription or --resource-uri.")
    try:
        return build_event(given)
    except ValueError as error:
        raise click.UsageError(f"The event breaks a rule: {error}") from None


def _describe_events(events: Sequence[UsageEvent]) -> str:
    totals: dict[str, float] = {}
    for event in events:
        totals[event.dimension] = totals.get(event.dimension, 0) + event.quantity
    resources = {event.resource_id or event.resource_uri for event in events}
    listed = ", ".join(f"{total:g} {dimension}" for dimension, total in sorted(totals.items()))
    resource = next(iter(resources)) if len(resources) == 1 else f"{len(resources)} resources"
    return f"{len(events)} events of {resource}: {listed}"


def _send_batches(
    client: FulfillmentClient, events: Sequence[UsageEvent]
) -> tuple[list[UsageResult], PartnerCenterError | None]:
    """Send the events until a batch fails. Returns the results so far, and the error of that batch."""
    results: list[UsageResult] = []
    with progress("usage: sending") as show_progress:
        for start in range(0, len(events), BATCH_SIZE):
            try:
                results += client.report_usage_batch(events[start : start + BATCH_SIZE])
            except PartnerCenterError as error:
                return results, error
            show_progress(f"usage: {len(results)} of {len(events)}")
    return results, None


def _result_document(result: UsageResult) -> dict[str, Any]:
    time = result.message_time
    return {
        "status": result.status,
        "is_delivered": result.is_delivered,
        "event": {name: value for name, value in asdict(result.event).items() if value != ""}
        | {"effective_start_time": result.event.effective_start_time.isoformat()},
        "usage_event_id": result.usage_event_id,
        "message_time": time.isoformat() if time else None,
        "accepted_quantity": result.accepted_quantity,
        "error_code": result.error_code,
        "error_message": result.error_message,
    }


def _result_row(result: UsageResult) -> list[Cell]:
    event = result.event
    return [
        styled(result.status, "green" if result.is_delivered else "red"),
        event.resource_id or event.resource_uri,
        event.dimension,
        format_time(event.effective_start_time),
        f"{event.quantity:g}",
        event.plan_id,
        result.usage_event_id,
        _problem_of(result),
    ]


def _problem_of(result: UsageResult) -> str:
    if result.is_delivered:
        return ""
    accepted = result.accepted_quantity
    if accepted is not None and accepted != result.event.quantity:
        return f"{accepted:g} was accepted before, and stays"
    return " ".join(filter(None, (result.error_code, result.error_message)))


@usage.command("list")
@click.option(
    "--start", metavar="TIME", required=True, callback=_parse_time_option, help="First day or time, in UTC."
)
@click.option("--end", metavar="TIME", callback=_parse_time_option, help="Last day or time. Default: now.")
@click.option("--offer", "offer_id", metavar="OFFER_ID", default="", help="Only of this offer.")
@click.option("--plan", "plan_id", metavar="PLAN_ID", default="", help="Only of this plan.")
@click.option("--dimension", metavar="NAME", default="", help="Only in this dimension.")
@click.option(
    "--azure-subscription", "azure_subscription_id", metavar="ID", default="", help="Only of this one."
)
@click.option("--status", metavar="STATUS", default="", help="Submitted, Accepted, Rejected, Mismatch, …")
@as_json
@click.pass_obj
def list_usage(
    connection: Connection,
    /,
    *,
    start: dt.datetime,
    end: dt.datetime | None,
    as_json: bool,
    **filters: str,
) -> None:
    """List the usage that the service has, by day, resource, dimension and plan.

    \b
    Example:
      partnercenter saas usage list --start 2026-05-01 --status Rejected
    """  # noqa: D301 - click's mark for lines that are not joined
    with connection.fulfillment() as client, progress("usage: asking"):
        records = client.list_usage(start, end, **filters)
    if as_json:
        echo_json({"usage": [record.model_dump(mode="json") for record in records]})
    else:
        print_renderable(build_table(RECORD_COLUMNS, [_record_row(record) for record in records]))


def _record_row(record: UsageRecord) -> list[Cell]:
    return [
        format_day(record.date),
        style_status(record.status),
        record.resource_id,
        record.dimension,
        record.plan_id,
        *_format_quantities(record.submitted_quantity, record.processed_quantity, record.submitted_count),
        record.offer_id,
    ]


def _format_quantities(*quantities: float | None) -> Iterable[str]:
    return ("" if quantity is None else f"{quantity:g}" for quantity in quantities)


@usage.command("reconcile")
@click.option(
    "--file", "file", metavar="SENT", required=True, type=click.File(encoding="utf-8-sig"), help=file_help
)
@as_json
@click.pass_obj
def reconcile_usage(connection: Connection, file: IO[str], as_json: bool) -> None:
    """Compare the events that were sent with the usage that the service has.

    SENT is what `usage send --file` takes. The service keeps the sums of a day, resource, dimension and plan; each is
    accepted, pending, missing, different, rejected, or not in the file. Exit code 1 unless all are accepted or pending.
    """
    from ...fulfillment import reconcile, usage_days

    events = read_usage_file(file)
    first, last = usage_days(events)
    midnight = dt.time(tzinfo=dt.UTC)
    start, end = dt.datetime.combine(first, midnight), dt.datetime.combine(last + dt.timedelta(1), midnight)
    with connection.fulfillment() as client, progress("usage: asking"):
        records = client.list_usage(start, end)
    days = reconcile(events, records)
    is_well = all(daily.is_well for daily in days)
    if as_json:
        echo_json({"ok": is_well, "usage": [daily.to_json() for daily in days]})
    else:
        print_renderable(build_table(DAILY_COLUMNS, [_daily_row(daily) for daily in days]))
    if not is_well:
        raise click.exceptions.Exit(1)


def _daily_row(daily: DailyUsage) -> list[Cell]:
    return [
        styled(daily.state, DAILY_STYLES.get(daily.state, "red")),
        daily.day.isoformat(),
        daily.resource,
        daily.dimension,
        daily.plan,
        *_format_quantities(daily.sent, daily.submitted, daily.processed),
        " ".join(daily.statuses),
    ]
