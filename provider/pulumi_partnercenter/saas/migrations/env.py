"""Alembic runs this file for every command, with the connection that its caller gives."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from pulumi_partnercenter.saas.tables import Base, UtcTime


def render_type(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Name the type of a column in a new migration: migrations import no tables, which change after them."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=render_type,
)
with context.begin_transaction():
    context.run_migrations()
