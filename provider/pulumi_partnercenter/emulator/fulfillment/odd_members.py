"""Members as documented samples have them at times: padded, of another type, without a zone, or new."""

from __future__ import annotations

from typing import Any

from ..state import Store
from . import behaviour

__all__ = ["disguise"]

PADDED = ("saasSubscriptionStatus", "emailId")
TIMES = ("timeStamp", "created")
NEVER = "0001-01-01T00:00:00"


def disguise(store: Store, answer: Any) -> Any:
    """Return an answer with odd members, if the control plane asked for them."""
    return _disguise(answer) if behaviour.read(store).odd_members else answer


def _disguise(value: Any) -> Any:
    if isinstance(value, list):
        return [_disguise(item) for item in value]
    if not isinstance(value, dict):
        return value
    members = {name: _disguise_member(name, member) for name, member in value.items()}
    if "saasSubscriptionStatus" in members:
        members = {"quantity": "", **members, "fulfillmentRegion": "unknown"}
    return members


def _disguise_member(name: str, value: Any) -> Any:
    if name in PADDED:
        return f" {value} "
    if name == "quantity" and value is not None:
        return str(value)
    if name in TIMES:
        return value.removesuffix("Z")
    if name == "lastModified":
        return NEVER
    if name in ("startDate", "endDate"):
        return value[:10]
    return _disguise(value)
