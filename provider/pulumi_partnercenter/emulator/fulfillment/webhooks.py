"""Webhooks: what is sent to the address that an offer names."""

from __future__ import annotations

from typing import Any

from ..state import Document, Store

__all__ = ["enqueue"]


def enqueue(store: Store, operation: Document, payload: dict[str, Any]) -> bool:  # noqa: ARG001 - the seam
    """Send a payload about an operation or a notification. Return whether anybody will hear of it.

    Where nobody will, the operation goes on as if it had been delivered.
    """
    return False
