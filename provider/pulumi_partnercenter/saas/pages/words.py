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
        UsageState.MOVED: translatable("Moved to a later hour"),
    },
    "term": {
        "P1M": translatable("1 month"),
        "P1Y": translatable("1 year"),
        "P2Y": translatable("2 years"),
        "P3Y": translatable("3 years"),
        "P4Y": translatable("4 years"),
        "P5Y": translatable("5 years"),
    },
    "contact": {"name": translatable("Name"), "email": translatable("E-mail address")},
    "source": {"api": translatable("Interface"), "file": translatable("File")},
    "actor": {
        "marketplace": translatable("Marketplace"),
        "service": translatable("Service"),
        "customer": translatable("Customer"),
        "publisher": translatable("Publisher"),
    },
    "history": {
        "added": translatable("Added"),
        "activation requested": translatable("Activation requested"),
        "provisioning began": translatable("Setting up began"),
        "activated": translatable("Activated"),
        "activation failed": translatable("Activation failed"),
        "activation refused": translatable("Activation refused"),
        "plan changed": translatable("Plan changed"),
        "plan change requested": translatable("Plan change requested"),
        "plan change accepted": translatable("Plan change accepted"),
        "plan change refused": translatable("Plan change refused"),
        "plan change failed": translatable("Plan change failed"),
        "quantity changed": translatable("Seats changed"),
        "quantity change requested": translatable("Seat change requested"),
        "quantity change accepted": translatable("Seat change accepted"),
        "quantity change refused": translatable("Seat change refused"),
        "quantity change failed": translatable("Seat change failed"),
        "cancellation requested": translatable("Cancellation requested"),
        "cancellation failed": translatable("Cancellation failed"),
        "renewed": translatable("Renewed"),
        "suspended": translatable("Suspended"),
        "reinstated": translatable("Reinstated"),
        "unsubscribed": translatable("Cancelled"),
        "purged": translatable("Data removed"),
        "opened by another person": translatable("Opened by another person"),
        "usage conflict": translatable("Usage: conflict"),
        "usage expired": translatable("Usage: too late"),
        "usage refused": translatable("Usage: refused"),
        "usage resent": translatable("Usage: sent again"),
        "usage moved": translatable("Usage: moved to a later hour"),
        "usage differs": translatable("Usage: differs at the marketplace"),
        "job replayed": translatable("Job tried again"),
    },
    "detail": {
        "action": translatable("Action"),
        "dimension": translatable("Dimension"),
        "error": translatable("Error"),
        "former_plan_id": translatable("Former plan"),
        "former_quantity": translatable("Former seats"),
        "hour": translatable("Hour"),
        "operation_id": translatable("Operation"),
        "plan_id": translatable("Plan"),
        "purge_at": translatable("Data may be removed from"),
        "quantity": translatable("Quantity"),
        "reason": translatable("Reason"),
        "status": translatable("Status"),
        "term_end": translatable("Term ends"),
        "job": translatable("Job"),
        "kind": translatable("Kind"),
    },
}
"""By kind and value. A value that is not here is shown as it is: the marketplace adds new ones."""
