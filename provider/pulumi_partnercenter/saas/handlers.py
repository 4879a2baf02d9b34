"""The publisher's own code: what runs when a customer buys, changes or cancels."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from . import tables

__all__ = ["Decision", "Event", "EventType", "Handlers", "Person", "Refused", "SubscriptionSnapshot"]

EventType = Literal[
    "subscription.provisioning",
    "subscription.change_requested",
    "subscription.activated",
    "subscription.activation_failed",
    "subscription.activation_pending",
    "subscription.plan_changed",
    "subscription.quantity_changed",
    "subscription.renewed",
    "subscription.suspended",
    "subscription.suspension_ending",
    "subscription.reinstated",
    "subscription.unsubscribed",
    "subscription.purge_due",
    "subscription.unknown_action",
    "usage.refused",
    "usage.differs",
    "secret.expiring",
]
"""Events by what happened; the first two ask, the others tell."""


class Refused(Exception):
    """The publisher does not serve this customer. The message is kept and shown to the publisher."""


class Person(BaseModel):
    """A user of the customer; empty strings where the marketplace names none."""

    model_config = ConfigDict(frozen=True)

    email: str = ""
    object_id: str = ""
    tenant_id: str = ""


class SubscriptionSnapshot(BaseModel):
    """A subscription when the event happened."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    offer_id: str
    plan_id: str
    quantity: int | None
    """Seats; None for a plan without seats."""
    status: str
    access: str
    is_free_trial: bool
    is_test: bool
    term_unit: str
    term_start: datetime | None
    term_end: datetime | None
    beneficiary: Person
    purchaser: Person
    contact: dict[str, Any]
    """What the customer entered on the landing page."""

    @classmethod
    def of(cls, row: tables.Subscription) -> SubscriptionSnapshot:
        """Return the snapshot of a row."""
        people = {
            role: Person(
                email=getattr(row, f"{role}_email"),
                object_id=getattr(row, f"{role}_object_id"),
                tenant_id=getattr(row, f"{role}_tenant_id"),
            )
            for role in ("beneficiary", "purchaser")
        }
        own = {name: getattr(row, name) for name in cls.model_fields if name not in people}
        return cls(**own, **people)


class Event(BaseModel):
    """What a handler gets. A repeated delivery has the same `id`."""

    model_config = ConfigDict(frozen=True)

    id: str
    type: EventType
    time: datetime
    subscription: SubscriptionSnapshot | None = None
    data: dict[str, Any] = Field(default_factory=dict)
    """By type: `{"plan_id", "former_plan_id"}`, `{"quantity", "former_quantity"}`, `{"days_left"}` …"""


class Decision(BaseModel):
    """Answer to a customer's wish for another plan or quantity."""

    model_config = ConfigDict(frozen=True)

    accepted: bool
    reason: str = ""
    """Why not, for the history."""


class Handlers:
    """Handlers that do nothing and accept everything. Override what the publisher does differently.

    They run in worker threads, and end within ten minutes. An event can arrive more than once: compare its `id`.
    """

    def provision(self, event: Event) -> None:
        """Prepare the product for a customer who confirmed the purchase; the activation follows.

        Also for a subscription that is active already and that this service has never provisioned: of a plan that
        activates by itself, or of before the service. So it must bear a customer who has everything.

        Raises: Refused, if this customer is not served. Any other exception runs it again later.
        """

    def decide(self, event: Event) -> Decision:  # noqa: ARG002 - overridden where it matters
        """Decide on a requested change, within 3 s. An exception answers "later": the marketplace asks again."""
        return Decision(accepted=True)

    def handle(self, event: Event) -> None:
        """React to what happened. An exception delivers the event again later."""

    def close(self) -> None:
        """Release what the handlers hold, when the service stops."""
