"""Requests of the look-ups to the services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from .api.fulfillment.blocking_client import FulfillmentClient
from .api.fulfillment.models import Subscription
from .api.portal.client import PortalClient, open_portal
from .api.portal.documents import OfferDocument
from .api.submission.client import SubmissionApi, open_client
from .api.submission.models import Product
from .kinds._publishing import steps_of
from .kinds._variants import subtype_of
from .lookups import OfferInfo, PlanInfo, Step, SubmissionInfo, SubscriptionInfo
from .portal import OfferInfo as PortalOfferInfo
from .portal import OfferSummary
from .settings import CONFIG_KEYS, Settings

__all__ = [
    "CONFIG_KEYS",
    "LookupService",
    "PortalOffers",
    "SubscriptionService",
    "open_fulfillment",
    "open_portal_offers",
    "open_service",
]


class LookupService:
    """Offers, plans and submissions by their public ids."""

    def __init__(self, api: SubmissionApi) -> None:
        self._api = api

    def find_offer(self, offer_id: str) -> OfferInfo | None:
        product = self._api.offers.find(offer_id)
        return _describe_offer(product) if product else None

    def list_offers(self, offer_type: str) -> list[OfferInfo]:
        return [_describe_offer(product) for product in self._api.offers.of_type(offer_type)]

    def find_plan(self, offer: str, plan_id: str) -> tuple[PlanInfo | None, list[str]]:
        """Return the plan, and the plan ids of the offer."""
        plans = self._api.plans.all(offer)
        plan_ids = sorted(plan.external_id for plan in plans)
        plan = next((plan for plan in plans if plan.external_id == plan_id), None)
        if plan is None:
            return None, plan_ids
        subtype, clouds = subtype_of(self._api, offer, plan), tuple(plan.cloud_availabilities)
        id = f"{offer}/{plan.id}"
        return PlanInfo(id, plan.external_id, plan.friendly_name, subtype, plan.state, clouds), plan_ids

    def read_submission(self, offer: str) -> SubmissionInfo:
        """Return the newest submission; all members have their defaults if there is none."""
        submission = self._api.submissions.newest(offer)
        if submission is None:
            self._api.offers.get(offer)
            return SubmissionInfo()
        steps = tuple(Step(**step.to_json()) for step in steps_of(self._api, offer, submission))
        return SubmissionInfo(
            submission.id, submission.standing.value, submission.release_number, submission.notes, steps
        )


class SubscriptionService:
    """Subscriptions of customers."""

    def __init__(self, client: FulfillmentClient) -> None:
        self._client = client

    def get_subscription(self, id: str) -> SubscriptionInfo:
        return _describe_subscription(self._client.get_subscription(id))

    def list_subscriptions(self) -> Iterator[SubscriptionInfo]:
        return map(_describe_subscription, self._client.list_subscriptions())


class PortalOffers:
    """Offers of the Cloud Partner Portal API."""

    def __init__(self, client: PortalClient) -> None:
        self._client = client

    def get_offer(self, publisher: str, offer_id: str) -> PortalOfferInfo:
        document = self._client.offers.get(publisher, offer_id)
        plans = document.definition.get("plans") or []
        plan_ids = tuple(str(plan.get("planId", "")) for plan in plans if isinstance(plan, dict))
        return PortalOfferInfo(**vars(_summarise(document)), plan_ids=plan_ids, members=document.definition)

    def list_offers(self, publisher: str, offer_type: str) -> list[OfferSummary]:
        summaries = self._client.offers.list(publisher, offer_type)
        return [_summarise(OfferDocument({"publisherId": publisher, **summary})) for summary in summaries]


@contextmanager
def open_service(config: Mapping[str, str]) -> Iterator[LookupService]:
    with open_client(Settings.load(config)) as api:
        yield LookupService(api)


def _describe_offer(product: Product) -> OfferInfo:
    return OfferInfo(product.id, product.offer_id, product.resource_type, product.name)


@contextmanager
def open_fulfillment(config: Mapping[str, str]) -> Iterator[SubscriptionService]:
    with FulfillmentClient(Settings.load_fulfillment(config)) as client:
        yield SubscriptionService(client)


def _describe_subscription(subscription: Subscription) -> SubscriptionInfo:
    start, end = subscription.term.start, subscription.term.end
    return SubscriptionInfo(
        id=subscription.id,
        name=subscription.name,
        offer_id=subscription.offer_id,
        plan_id=subscription.plan_id,
        status=subscription.status,
        quantity=subscription.quantity or 0,
        customer_email=subscription.beneficiary.email,
        customer_tenant=subscription.beneficiary.tenant_id,
        term_start=start.isoformat() if start else "",
        term_end=end.isoformat() if end else "",
        auto_renew=bool(subscription.auto_renew),
        is_free_trial=bool(subscription.is_free_trial),
    )


@contextmanager
def open_portal_offers(config: Mapping[str, str]) -> Iterator[PortalOffers]:
    with open_portal(Settings.load(config)) as client:
        yield PortalOffers(client)


def _summarise(document: OfferDocument) -> OfferSummary:
    return OfferSummary(
        id=f"{document.publisher}/{document.offer_id}",
        publisher=document.publisher,
        offer_id=document.offer_id,
        offer_type=document.offer_type,
        alias=str(document.definition.get("displayText") or ""),
        status=document.status,
        version=document.version,
        is_migrated=document.is_migrated,
    )
