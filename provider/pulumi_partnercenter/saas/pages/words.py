"""Words of tables and selections: what the service and the marketplace call things, as people call them."""

from __future__ import annotations

from collections.abc import Mapping

from ...fulfillment import Action
from ..languages import translatable
from ..tables import Access, JobState, UsageState

__all__ = ["WORDS"]

WORDS: Mapping[str, Mapping[str, str]] = {
    "status": {
        "PendingFulfillmentStart": translatable("Not activated"),
        "Subscribed": translatable("Active"),
        "Suspended": translatable("Suspended"),
        "Unsubscribed": translatable("Cancelled"),
    },
    "access": {
        Access.NONE: translatable("None yet"),
        Access.PROVISIONING: translatable("Being set up"),
        Access.FAILED: translatable("Setting up failed"),
        Access.ACTIVE: translatable("Full"),
        Access.RESTRICTED: translatable("Restricted"),
        Access.REMOVED: translatable("Removed"),
    },
    "decision": {
        "accepted": translatable("Accepted"),
        "refused": translatable("Refused"),
        "reverted": translatable("Reverted"),
        "noted": translatable("Noted"),
        "unknown": translatable("Unknown action"),
    },
    "action": {
        Action.CHANGE_PLAN: translatable("Change of plan"),
        Action.CHANGE_QUANTITY: translatable("Change of seats"),
        Action.RENEW: translatable("Renewal"),
        Action.SUSPEND: translatable("Suspension"),
        Action.UNSUBSCRIBE: translatable("Cancellation"),
        Action.REINSTATE: translatable("Reinstatement"),
        Action.SUBSCRIBE: translatable("Purchase"),
        Action.TRANSFER: translatable("Transfer"),
    },
    "job": {
        JobState.WAITING: translatable("Waiting"),
        JobState.LEASED: translatable("Running"),
        JobState.DONE: translatable("Done"),
        JobState.DEAD: translatable("Failed"),
    },
    "usage": {
        UsageState.OPEN: translatable("Open"),
        UsageState.SENDING: translatable("Being sent"),
        UsageState.ACCEPTED: translatable("Accepted"),
        UsageState.DUPLICATE: translatable("Duplicate"),
        UsageState.CONFLICT: translatable("Conflict"),
        UsageState.EXPIRED: translatable("Too late"),
        UsageState.REFUSED: translatable("Refused"),
    },
    "source": {"api": translatable("Interface"), "file": translatable("File")},
    "actor": {
        "marketplace": translatable("Marketplace"),
        "service": translatable("Service"),
        "customer": translatable("Customer"),
        "publisher": translatable("Publisher"),
    },
    "history": {
        "job replayed": translatable("Job tried again"),
    },
    "detail": {
        "job": translatable("Job"),
        "kind": translatable("Kind"),
    },
}
"""By kind and value. A value that is not here is shown as it is: the marketplace adds new ones."""
