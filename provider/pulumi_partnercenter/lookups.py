"""Read-only look-ups for programs: `get_offer("contoso-backup").id`, `list_subscriptions("contoso-insights")`.

They send requests at once, even in a preview, with the settings of the environment and the stack, and cache nothing.
Errors are `PartnerCenterError`s, which the engine shows without a traceback if the program does not catch them.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.runtime.config import get_config

from .errors import InputError, NotFound, PartnerCenterError

__all__ = [
    "OfferInfo",
    "PlanInfo",
    "Step",
    "SubmissionInfo",
    "SubscriptionInfo",
    "get_offer",
    "get_plan",
    "get_submission",
    "get_subscription",
    "list_offers",
    "list_subscriptions",
]


NOT_FOUND_HINTS = {
    "open_service": "`offer` is the `id` of an offer: get_offer(…).id",
    "open_fulfillment": "list_subscriptions() has the subscriptions that this application may read",
    "open_portal_offers": "portal.list_offers(publisher) has the offers of a publisher that this login may read",
}
"""Next step by the function of `lookup_service` that opens the client."""


@dataclass(frozen=True)
class OfferInfo:
    """An offer. `id` is the argument `offer` of resources."""

    id: str
    offer_id: str
    offer_type: str
    alias: str


@dataclass(frozen=True)
class PlanInfo:
    """A plan. `id`, `<product>/<variant>`, is the argument `plan` of resources; `name` is the one in Partner Center."""

    id: str
    plan_id: str
    name: str
    subtype: str
    """`managed-application`, `solution-template`, or "" if the type of offer has no subtypes."""
    state: str
    """`Active` or `Inactive`."""
    clouds: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """A step of the service's work on a submission. Times are in UTC, "" for a time in the future."""

    environment: str
    name: str
    state: str
    started: str
    completed: str


@dataclass(frozen=True)
class SubmissionInfo:
    """The newest submission of an offer. Without any submission, all members but `state` are empty."""

    id: str = ""
    state: str = "draft"
    """`draft`, `on the way to preview`, `preview`, `in certification`, `live`, `failed` or `cancelled`."""
    release_number: int = 0
    notes: str = ""
    """Notes for the certification team."""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class SubscriptionInfo:
    """A customer's subscription to a SaaS offer; `id` is also what usage is reported for."""

    id: str
    name: str
    """Name that the customer chose."""
    offer_id: str
    plan_id: str
    status: str
    """`PendingFulfillmentStart`, `Subscribed`, `Suspended` or `Unsubscribed`."""
    quantity: int = 0
    """Seats; 0 for a plan at a flat rate."""
    customer_email: str = ""
    customer_tenant: str = ""
    term_start: str = ""
    """In UTC, as `term_end`; empty before the activation."""
    term_end: str = ""
    auto_renew: bool = False
    is_free_trial: bool = False


def get_offer(offer_id: str) -> OfferInfo:
    """The offer with this offer id. Raises NotFound."""
    doing = f"offer {require_id('offer_id', offer_id)!r}: look-up"
    with open_lookup() as service:
        offer: OfferInfo | None = service.find_offer(offer_id)
        if offer is None:
            advice = "check the offer id and the account, or declare an Offer to create it"
            raise NotFound(f"{doing}: there is no such offer", next=advice, status=404)
        return offer


def list_offers(offer_type: str = "AzureApplication") -> list[OfferInfo]:
    """All offers of a type, by offer id. The service has no list of all types that works for every account."""
    require_id("offer_type", offer_type)
    with open_lookup() as service:
        return sorted(service.list_offers(offer_type), key=lambda offer: offer.offer_id)


def get_plan(offer: str, plan_id: str) -> PlanInfo:
    """The plan with this plan id; `offer` is the offer's `id`. Raises NotFound, also for an offer that is gone."""
    doing = f"plan {require_id('plan_id', plan_id)!r} of offer {require_id('offer', offer)}: look-up"
    with open_lookup() as service:
        plan: PlanInfo | None
        plan, plan_ids = service.find_plan(offer, plan_id)
        if plan is None:
            advice = (
                f"take one of its plans ({', '.join(plan_ids) or 'none'}), or declare a Plan to create it"
            )
            raise NotFound(f"{doing}: there is no such plan", next=advice, status=404)
        return plan


def get_submission(offer: str) -> SubmissionInfo:
    """The state of publishing; `offer` is the offer's `id`. Raises NotFound for an offer that is gone."""
    require_id("offer", offer)
    with open_lookup() as service:
        submission: SubmissionInfo = service.read_submission(offer)
        return submission


def get_subscription(id: str) -> SubscriptionInfo:
    """The subscription with this id, as the fulfillment application sees it. Raises NotFound."""
    require_id("id", id)
    with open_lookup("open_fulfillment") as service:
        subscription: SubscriptionInfo = service.get_subscription(id)
        return subscription


def list_subscriptions(offer_id: str = "", status: str = "") -> list[SubscriptionInfo]:
    """All subscriptions of the publisher's SaaS offers, or those of one offer or in one status; cancelled ones stay."""
    for name, value in (("offer_id", offer_id), ("status", status)):
        if value != "":
            require_id(name, value)
    with open_lookup("open_fulfillment") as service:
        chosen = [
            subscription
            for subscription in service.list_subscriptions()
            if offer_id in ("", subscription.offer_id) and status in ("", subscription.status)
        ]
        return sorted(chosen, key=lambda subscription: (subscription.offer_id, subscription.id))


def require_id(name: str, value: object) -> str:
    """Return the id. Raises InputError, with a hint for outputs: they are unknown while the program runs."""
    if isinstance(value, pulumi.Output):
        rule = "must be a string, not an Output: call this inside of its .apply, or use the resource itself"
        raise _readable(InputError(f"{name}: {rule}"))
    if not isinstance(value, str) or not value or set(value) & set("'/?#%& \n"):
        raise _readable(InputError(f"{name}: {value!r} — must be an id"))
    return value


@contextmanager
def open_lookup(opener: str = "open_service") -> Iterator[Any]:
    """Open a separate client: a program's process may live for several operations (Pulumi's Automation API)."""
    # Programs that only declare resources import no client.
    lookup_service = importlib.import_module(f"{__package__}.lookup_service")
    config = {key: value for key in lookup_service.CONFIG_KEYS if (value := get_config(key))}
    try:
        with getattr(lookup_service, opener)(config) as service:
            yield service
    except NotFound as error:
        raise _readable(error.advise(error.next or NOT_FOUND_HINTS[opener])) from None
    except PartnerCenterError as error:
        raise _readable(error) from None


def _readable(error: PartnerCenterError) -> PartnerCenterError:
    """Make the error a RunError too: it is still caught by its type, and the engine shows it without a traceback."""
    kind = type(error)
    readable_kind = type(kind.__name__, (kind, pulumi.RunError), {})
    readable: PartnerCenterError = readable_kind.__new__(readable_kind, *error.args)
    vars(readable).update(vars(error))
    return readable
