"""Conditional requests: the check of `If-Match`."""

from __future__ import annotations

from . import errors

__all__ = ["check"]


def check(if_match: str | None, etag: str, *, required: bool) -> None:
    """Refuse a write unless `If-Match` permits it: 400 if it is required and missing, 412 if it is stale.

    `*` always permits it (recording). `required` is False for the PUTs that do not declare the header.
    """
    if if_match is None:
        if required:
            raise errors.if_match_missing()
        return
    if if_match.strip() not in ("*", etag):
        raise errors.stale()
