"""Times of the portal: ticks of .NET (100 ns since the year 1), and their spellings on the wire."""

from __future__ import annotations

import datetime as dt
from urllib.parse import quote

__all__ = ["etag", "ticks_of", "timestamp"]

TICKS_PER_SECOND = 10_000_000
TICKS_OF_1970 = 621_355_968_000_000_000


def ticks_of(seconds: float) -> int:
    """Return the ticks of a time in seconds since 1970."""
    return TICKS_OF_1970 + round(seconds * TICKS_PER_SECOND)


def timestamp(ticks: int, *, digits: int = 7, zone: str = "Z") -> str:
    """Return a time with so many digits of a second. Lists of migrated offers have three and no zone."""
    seconds, fraction = divmod(ticks - TICKS_OF_1970, TICKS_PER_SECOND)
    day = dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{day}.{f'{fraction:07d}'[:digits]}{zone}"


def etag(ticks: int) -> str:
    """Return the weak tag of a document that was written at this time."""
    return f"W/\"datetime'{quote(timestamp(ticks))}'\""
