"""Times on the wire, and billing terms by the calendar."""

from __future__ import annotations

import calendar
import datetime as dt
import re

__all__ = ["DAY", "HOUR", "TERM_UNIT", "add_months", "day_of", "months_of", "seconds_of", "timestamp"]

HOUR, DAY = 3600.0, 86400.0
TERM_UNIT = re.compile(r"P([1-9][0-9]?)([MY])")


def timestamp(seconds: float) -> str:
    """Seven digits of a second, as .NET writes them."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")


def day_of(seconds: float) -> dt.date:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).date()


def seconds_of(day: dt.date) -> float:
    """The beginning of a day, in seconds since 1970."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp()


def months_of(term_unit: str) -> int:
    """Number of months of an ISO 8601 duration such as `P1M` or `P3Y`."""
    match = TERM_UNIT.fullmatch(term_unit)
    if match is None:
        raise ValueError(f"not a billing term: {term_unit}")
    return int(match[1]) * (12 if match[2] == "Y" else 1)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day of a later month, or its last day; never after the year 9999."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > dt.MAXYEAR:
        return dt.date.max
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))
