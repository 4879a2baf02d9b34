"""The fulfillment service's part of the control plane: the customer's side, and how the service behaves.

| Request | Does |
|---|---|
| `POST saas/offers`, `GET saas/offers` | configures an offer for sale; lists what can be bought |
| `POST saas/addresses {"address": …, "local": …}` | published offers at this address are served at that one |
| `POST saas/sample` | sample data: two offers, and subscriptions in every state; answers them |
| `POST saas/purchase` | buys a plan; answers subscription, token and landing page |
| `POST saas/token {"subscription": id}` | a fresh token and landing page, as for *manage account* |
| `POST saas/change`, `suspend`, `reinstate`, `renew`, `cancel` | the other side acts; answers the operation |
| `POST saas/behaviour`, `GET saas/behaviour` | `behaviour`, `page_size`, `delay_seconds`, `odd_members` |

Members are those of `Offer`, `AddressesBody`, `SampleBody`, `PurchaseBody`, `ChangeBody` and `SettingsBody`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le

from ..control_input import Parameters, parse
from ..service import ControlCall, ControlRoute
from ..state import Document, Store
from . import behaviour, catalog, customer, operations, published_offers, sample, subscriptions
from .behaviour import Behaviour
from .customer import Identity
from .offers import Address, Offer

__all__ = ["ROUTES"]


class SampleBody(Parameters):
    landing_page_url: Address = sample.LANDING_PAGE
    webhook_url: Address | Literal[""] = ""


class AddressesBody(Parameters):
    address: Address
    local: Address


class SubscriptionBody(Parameters):
    subscription: str


class ChangeBody(Parameters):
    subscription: str
    plan_id: str = ""
    quantity: int | None = None


class PurchaseBody(Parameters):
    offer_id: str
    plan_id: str
    quantity: int | None = None
    name: str = ""
    term_unit: str = ""
    beneficiary: Identity | None = None
    purchaser: Identity | None = None
    csp: bool = False
    free_trial: bool = False
    auto_renew: bool = True


class SettingsBody(Parameters):
    behaviour: Behaviour | None = None
    page_size: Annotated[int, Ge(1), Le(1000)] | None = None
    delay_seconds: Annotated[float, Ge(0), Le(3600)] | None = None
    odd_members: bool | None = None


def configure_offer(call: ControlCall) -> dict[str, Any]:
    offer = parse(Offer, call.body)
    with call.store.transaction():
        catalog.save_offer(call.store, offer)
    return offer.model_dump()


def list_offers(call: ControlCall) -> list[dict[str, Any]]:
    with call.store.transaction():
        return [offer.model_dump() for offer in catalog.list_offers(call.store)]


def move_address(call: ControlCall) -> dict[str, str]:
    body = parse(AddressesBody, call.body)
    with call.store.transaction():
        return published_offers.move_address(call.store, body.address, body.local)


def create_sample(call: ControlCall) -> dict[str, Any]:
    body = parse(SampleBody, call.body)
    with call.store.transaction():
        offers, bought = sample.create(call.store, body.landing_page_url, body.webhook_url)
        described = [subscriptions.describe(call.store, subscription) for subscription in bought]
    return {"offers": [offer.model_dump() for offer in offers], "subscriptions": described}


def purchase(call: ControlCall) -> dict[str, Any]:
    body = parse(PurchaseBody, call.body)
    options = {name: getattr(body, name) for name in PurchaseBody.model_fields}
    with call.store.transaction():
        bought = customer.purchase(call.store, options.pop("offer_id"), options.pop("plan_id"), **options)
        subscription = subscriptions.describe(call.store, bought.subscription)
    return {"subscription": subscription, "token": bought.token, "landing_page": bought.landing_page}


def create_token(call: ControlCall) -> dict[str, Any]:
    body = parse(SubscriptionBody, call.body)
    with call.store.transaction():
        token, address = customer.new_token(call.store, body.subscription)
    return {"token": token, "landing_page": address}


def change(call: ControlCall) -> dict[str, Any]:
    body = parse(ChangeBody, call.body)
    with call.store.transaction():
        operation = customer.change(
            call.store, body.subscription, plan_id=body.plan_id, quantity=body.quantity
        )
        return operations.describe(call.store, operation)


def _happen(work: Callable[[Store, str], Document]) -> Callable[[ControlCall], dict[str, Any]]:
    def do(call: ControlCall) -> dict[str, Any]:
        body = parse(SubscriptionBody, call.body)
        with call.store.transaction():
            return operations.describe(call.store, work(call.store, body.subscription))

    return do


def set_behaviour(call: ControlCall) -> dict[str, Any]:
    members = parse(SettingsBody, call.body).model_dump(exclude_none=True)
    with call.store.transaction():
        return asdict(behaviour.change(call.store, members))


def get_behaviour(call: ControlCall) -> dict[str, Any]:
    """The settings, and every case in which the behaviours differ."""
    settings = behaviour.read(call.store)
    return {**asdict(settings), "cases": {name: asdict(row) for name, row in behaviour.ROWS.items()}}


ROUTES = (
    ControlRoute("POST", "saas/offers", configure_offer),
    ControlRoute("GET", "saas/offers", list_offers),
    ControlRoute("POST", "saas/addresses", move_address),
    ControlRoute("POST", "saas/sample", create_sample),
    ControlRoute("POST", "saas/purchase", purchase),
    ControlRoute("POST", "saas/token", create_token),
    ControlRoute("POST", "saas/change", change),
    ControlRoute("POST", "saas/suspend", _happen(customer.suspend)),
    ControlRoute("POST", "saas/reinstate", _happen(customer.reinstate)),
    ControlRoute("POST", "saas/renew", _happen(customer.renew)),
    ControlRoute("POST", "saas/cancel", _happen(customer.cancel)),
    ControlRoute("POST", "saas/behaviour", set_behaviour),
    ControlRoute("GET", "saas/behaviour", get_behaviour),
)
