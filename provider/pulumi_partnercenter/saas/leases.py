"""Leased rows: a worker claims them in one statement, works without a transaction, and settles what is still its own.

For jobs and for hours of usage, which both have the columns `leased_until`, `lease_owner` and `attempts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar, cast

from sqlalchemy import CursorResult, Select, Update, select, update
from sqlalchemy.orm import Session

from .tables import Job, UsageRecord

__all__ = ["changes_one_row", "lease", "settle"]

Leased = TypeVar("Leased", Job, UsageRecord)


def lease(
    session: Session,
    table: type[Leased],
    pick: Select[Any],
    owner: str,
    until: datetime,
    **values: Any,
) -> list[Leased]:
    """Lease the rows whose ids `pick` selects, each with one attempt more. Commit before working on them.

    Rows that another worker claims in the same moment are skipped. `values` are further columns.
    """
    # As a plain subquery PostgreSQL may run it again for each row, and lease more rows than its limit.
    picked = pick.with_for_update(skip_locked=True).cte("picked")
    statement = (
        update(table)
        .where(table.id.in_(select(picked.c.id)))
        .values(leased_until=until, lease_owner=owner, attempts=table.attempts + 1, **values)
        .returning(table)
    )
    return sorted(session.scalars(statement), key=lambda row: row.id)


def settle(session: Session, row: Job | UsageRecord, owner: str, values: Mapping[str, Any]) -> bool:
    """Write the outcome of a leased row and end the lease. Return False if another worker has it now."""
    table = type(row)
    statement = (
        update(table)
        .where(table.id == row.id, table.lease_owner == owner, table.attempts == row.attempts)
        .values({"leased_until": None, **values, "lease_owner": ""})
    )
    return changes_one_row(session, statement)


def changes_one_row(session: Session, statement: Update) -> bool:
    """Execute a statement, and return whether it found its row."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount == 1
