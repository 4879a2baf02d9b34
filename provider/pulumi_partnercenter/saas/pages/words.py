"""Words of tables and selections: what the service and the marketplace call things, as people call them."""

from __future__ import annotations

from collections.abc import Mapping

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
}
"""By kind and value. A value that is not here is shown as it is: the marketplace adds new ones."""
