"""Sample data: two offers of Contoso, and subscriptions of Fabrikam in every state."""

from __future__ import annotations

from collections.abc import Sequence

from ..state import Document, Store
from ..users import CUSTOMER_TENANT
from . import catalog, customer, events, subscriptions
from .offers import Dimension, Offer, Plan, Term

__all__ = ["LANDING_PAGE", "create"]

LANDING_PAGE = "https://saas.contoso.example/landing"
ANALYTICS_METERS = [
    Dimension(
        id="reports",
        price_per_unit=0.05,
        unit_of_measure="report",
        display_name="Generated reports",
        included=1000,
    ),
    Dimension(id="exports", price_per_unit=1.5, unit_of_measure="export", display_name="Exports of all data"),
]


MONTHLY, YEARLY = Term(price=250.0), Term(term_unit="P1Y", price=2500.0)
ANALYTICS_PLANS = [
    Plan(
        plan_id="basic",
        display_name="Basic",
        description="Reports for one team",
        terms=[Term(price=50.0)],
        has_free_trial=True,
        dimensions=ANALYTICS_METERS[:1],
    ),
    Plan(
        plan_id="pro",
        display_name="Pro",
        description="Reports and exports for a company",
        terms=[MONTHLY, YEARLY],
        dimensions=ANALYTICS_METERS,
    ),
    Plan(
        plan_id="instant",
        display_name="Instant",
        description="Ready at purchase",
        terms=[MONTHLY],
        auto_activation=True,
    ),
]
SEAT_PLANS = [
    Plan(
        plan_id="team",
        display_name="Team",
        is_price_per_seat=True,
        max_quantity=50,
        terms=[Term(price=9.0), Term(term_unit="P1Y", price=90.0)],
    ),
    Plan(
        plan_id="company",
        display_name="Company",
        is_price_per_seat=True,
        min_quantity=5,
        max_quantity=5000,
        terms=[Term(price=7.0)],
    ),
    Plan(
        plan_id="fabrikam-only",
        display_name="For Fabrikam",
        is_price_per_seat=True,
        terms=[Term(price=5.0)],
        is_private=True,
        tenants=[CUSTOMER_TENANT],
    ),
]


def _build_offers(landing_page_url: str, webhook_url: str) -> Sequence[Offer]:
    return [
        Offer(
            offer_id=offer_id,
            display_name=name,
            landing_page_url=landing_page_url,
            webhook_url=webhook_url,
            plans=plans,
        )
        for offer_id, name, plans in (
            ("contoso-analytics", "Contoso Analytics", ANALYTICS_PLANS),
            ("contoso-seats", "Contoso Seats", SEAT_PLANS),
        )
    ]


def create(store: Store, landing_page_url: str, webhook_url: str) -> tuple[Sequence[Offer], list[Document]]:
    """Configure the offers, and buy subscriptions in every state."""
    offers = _build_offers(landing_page_url, webhook_url)
    for offer in offers:
        catalog.save_offer(store, offer)
    bought = {
        name: customer.purchase(store, offer_id, plan_id, name=f"Fabrikam {name}", quantity=quantity, csp=csp)
        for name, offer_id, plan_id, quantity, csp in (
            ("pending", "contoso-analytics", "basic", None, False),
            ("seats", "contoso-seats", "team", 12, False),
            ("reports", "contoso-analytics", "pro", None, False),
            ("instant", "contoso-analytics", "instant", None, False),
            ("by reseller", "contoso-seats", "company", 20, True),
            ("suspended", "contoso-seats", "fabrikam-only", 3, False),
            ("cancelled", "contoso-analytics", "basic", None, False),
        )
    }
    now = store.clock()
    for name in ("seats", "reports", "by reseller", "suspended"):
        subscriptions.enter(store, bought[name].subscription, subscriptions.ACTIVE, now)
    customer.suspend(store, bought["suspended"].subscription.id)
    customer.cancel(store, bought["cancelled"].subscription.id)
    settled = [events.settle(store, purchase.subscription.id) for purchase in bought.values()]
    return offers, [subscription for subscription in settled if subscription is not None]
