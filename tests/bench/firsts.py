"""Prints what a plugin pays once, as JSON: words → milliseconds. Run in a fresh interpreter, with an endpoint set."""

import json
import time
from collections.abc import Callable
from typing import Any

import pulumi
from pulumi import dynamic
from pulumi.dynamic.config import Config

from pulumi_partnercenter.resources.offer import OfferProvider
from pulumi_partnercenter.resources.offer_listing import OfferListingProvider
from pulumi_partnercenter.resources.plan import PlanProvider
from pulumi_partnercenter.resources.plan_listing import PlanListingProvider
from pulumi_partnercenter.resources.plan_pricing import PlanPricingProvider

OFFER = "00000000-0000-0000-0000-000000000000"
PLAN = f"{OFFER}/{OFFER}"
PROPS: dict[type[Any], dict[str, Any]] = {
    OfferProvider: {"offer_id": "contoso-archive", "offer_type": "AzureApplication", "alias": "Archive"},
    OfferListingProvider: {"offer": OFFER, "title": "Contoso Archive"},
    PlanProvider: {"offer": OFFER, "plan_id": "gold", "name": "Gold"},
    PlanListingProvider: {"plan": PLAN, "title": "Gold"},
    PlanPricingProvider: {"plan": PLAN, "markets": ["US"], "prices": [{"amount": 49.0}]},
}


def main() -> None:
    took: dict[str, float] = {}
    providers = {kind: kind() for kind in PROPS}

    def timed(what: str, work: Callable[[], Any]) -> None:
        began = time.perf_counter()
        work()
        took[what] = (time.perf_counter() - began) * 1000

    def configure() -> None:
        for provider in providers.values():
            provider.configure(dynamic.ConfigureRequest(Config({}, "bench")))

    def check(kinds: list[type[Any]]) -> None:
        for kind in kinds:
            assert not providers[kind].check({}, PROPS[kind]).failures

    def find() -> None:
        offer = providers[OfferProvider]
        assert offer.kind.find(offer._api, offer.kind.inputs.parse(PROPS[OfferProvider])) is None

    timed("configure", configure)
    timed("first check (pydantic, an Offer's model)", lambda: check([OfferProvider]))
    timed("first checks of the four others", lambda: check(list(PROPS)[1:]))
    timed("five more checks", lambda: check(list(PROPS)))
    timed("first request (httpx, tenacity, wire models, connection)", find)
    timed("second request", find)
    print(json.dumps(took))
    assert pulumi  # imported above: its time is not in any of these


if __name__ == "__main__":
    main()
