"""Files of usage events: CSV with a header, or JSON lines."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping
from typing import IO, TYPE_CHECKING, Any

from ...errors import InputError
from ...strict_json import read_json

if TYPE_CHECKING:
    from ...fulfillment import UsageEvent

__all__ = ["build_event", "parse_time", "read_report_file", "read_usage_file"]

COLUMNS = ("resource_id", "resource_uri", "dimension", "quantity", "effective_start_time", "plan_id")
REQUIRED = ("dimension", "quantity", "effective_start_time", "plan_id")
FORMAT = (
    "an event has resource_id (or resource_uri), dimension, quantity, effective_start_time and plan_id; the file is CSV"
    " with these in its first line, or JSON lines"
)
REPORT_COLUMNS = ("id", "subscription_id", "dimension", "quantity", "used_at")
REPORT_FORMAT = (
    "a report has id, subscription_id, dimension, quantity and used_at; the file is CSV with these in its first line,"
    " or JSON lines"
)
MAX_PROBLEMS = 3
"""Problems of a file that an error lists."""


def read_usage_file(file: IO[str]) -> list[UsageEvent]:
    """Read all events. Raises InputError that names the lines that break a rule or repeat an hour."""
    events: list[UsageEvent] = []
    problems: list[str] = []
    lines: dict[tuple[str, str, dt.datetime], int] = {}
    try:
        for line, members in _read_members(file.read()):
            try:
                event = build_event(members)
            except ValueError as error:
                problems.append(f"line {line}: {error}")
                continue
            events.append(event)
            first = lines.setdefault(_hour_of(event), line)
            if first != line:
                problems.append(
                    f"line {line}: has the resource, dimension and hour of line {first}: sum their quantities"
                )
    except UnicodeDecodeError:
        problems.append("is no text in UTF-8")
    except (ValueError, csv.Error) as error:
        problems.append(str(error))
    if not events and not problems:
        problems.append("has no event")
    _refuse(file, problems, FORMAT)
    return events


def read_report_file(file: IO[str]) -> list[tuple[int, Mapping[str, Any]]]:
    """Read all reports, each with its line. The service checks their values.

    Raises InputError that names the lines that lack a member, have another one, or repeat an id.
    """
    reports: list[tuple[int, Mapping[str, Any]]] = []
    problems: list[str] = []
    lines: dict[str, int] = {}
    try:
        for line, members in _read_members(file.read()):
            reports.append((line, members))
            missing = [name for name in REPORT_COLUMNS if members.get(name) in ("", None)]
            unknown = [name for name in members if name not in REPORT_COLUMNS]
            first = lines.setdefault(str(members.get("id")), line)
            if missing:
                problems.append(f"line {line}: {missing[0]} is required")
            elif unknown:
                problems.append(f"line {line}: {unknown[0]!r} is no member of a report")
            elif first != line:
                problems.append(f"line {line}: has the id of line {first}")
    except UnicodeDecodeError:
        problems.append("is no text in UTF-8")
    except (ValueError, csv.Error) as error:
        problems.append(str(error))
    if not reports and not problems:
        problems.append("has no report")
    _refuse(file, problems, REPORT_FORMAT)
    return reports


def _refuse(file: IO[str], problems: list[str], format: str) -> None:
    """Raise InputError for the first problems of a file, if it has any."""
    if problems:
        more = f"; and {len(problems) - MAX_PROBLEMS} more" if len(problems) > MAX_PROBLEMS else ""
        raise InputError(f"{file.name}: {'; '.join(problems[:MAX_PROBLEMS])}{more}", next=format)


def build_event(members: Mapping[str, Any]) -> UsageEvent:
    """Build an event of texts or JSON values. Raises ValueError for the first rule that is broken."""
    from ...fulfillment import UsageEvent

    if unknown := [name for name in members if name not in COLUMNS]:
        raise ValueError(f"{unknown[0]!r} is no member of a usage event")
    values = {name: value for name, value in members.items() if value not in ("", None)}
    if missing := [name for name in REQUIRED if name not in values]:
        raise ValueError(f"{missing[0]} is required")
    values["quantity"] = _parse_number(values["quantity"])
    try:
        values["effective_start_time"] = parse_time(str(values["effective_start_time"]))
    except ValueError as error:
        raise ValueError(f"effective_start_time: {values['effective_start_time']!r} {error}") from None
    try:
        return UsageEvent(**values)
    except InputError as error:
        raise ValueError(error.doing.removeprefix("usage event: ")) from None


def _parse_number(value: object) -> object:
    """Parse a string as a number. UsageEvent checks all other values."""
    if not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        raise ValueError(f"quantity is a number: {value!r}") from None


def parse_time(text: str) -> dt.datetime:
    """Parse an ISO 8601 time with its zone, or a day, which begins at midnight in UTC. Raises ValueError."""
    try:
        time = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError("is no time such as 2026-05-18T08:00Z") from None
    if time.tzinfo is None:
        if len(text.strip()) > len("2026-05-18"):
            raise ValueError("has no time zone: write 2026-05-18T08:00Z for UTC")
        time = time.replace(tzinfo=dt.UTC)
    return time


def _read_members(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Iterate over the line number and members of each event. Raises ValueError, csv.Error."""
    from pydantic.alias_generators import to_snake

    read = _read_json_lines if text.lstrip().startswith("{") else _read_csv
    for line, members in read(text):
        yield line, {to_snake(name.strip()): value for name, value in members.items()}


def _read_json_lines(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            members = read_json(line)
        except ValueError as error:
            raise ValueError(f"line {number}: is no JSON: {error}") from None
        if not isinstance(members, dict):
            raise ValueError(f"line {number}: is no JSON object")  # noqa: TRY004 - of the file, not of the program
        yield number, members


def _read_csv(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = next(reader, [])
    for cells in reader:
        if not cells:
            continue
        if len(cells) != len(header):
            raise ValueError(
                f"line {reader.line_num}: has {len(cells)} cells, not {len(header)} as the first line"
            )
        yield reader.line_num, {name: cell.strip() for name, cell in zip(header, cells, strict=True)}


def _hour_of(event: UsageEvent) -> tuple[str, str, dt.datetime]:
    """Return resource, dimension and hour: the service accepts one event for them."""
    return (event.resource_id or event.resource_uri).casefold(), event.dimension.casefold(), event.hour
