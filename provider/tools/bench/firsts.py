"""Print the one-time costs of a plugin process as JSON: description → milliseconds.

Runs in a new interpreter with an endpoint in its environment.
"""

import importlib
import json
import time
from collections.abc import Callable
from typing import Any

OFFER = "00000000-0000-0000-0000-000000000000"
PLAN = f"{OFFER}/{OFFER}"
PROPS: dict[str, dict[str, Any]] = {
    "Offer": {"offer_id": "contoso-archive", "offer_type": "AzureApplication", "alias": "Archive"},
    "OfferListing": {"offer": OFFER, "title": "Contoso Archive"},
    "Plan": {"offer": OFFER, "plan_id": "gold", "name": "Gold"},
    "PlanListing": {"plan": PLAN, "title": "Gold"},
    "PlanPricing": {"plan": PLAN, "markets": ["US"], "prices": [{"amount": 49.0}]},
}


def main() -> None:
    took: dict[str, float] = {}
    providers: dict[str, Any] = {}

    def timed(what: str, work: Callable[[], Any]) -> None:
        began = time.perf_counter()
        work()
        took[what] = (time.perf_counter() - began) * 1000

    def load_providers() -> None:
        providers.update({kind: _provider(kind) for kind in PROPS})

    def configure() -> None:
        from pulumi import dynamic
        from pulumi.dynamic.config import Config

        for provider in providers.values():
            provider.configure(dynamic.ConfigureRequest(Config({}, "bench")))

    def check(kinds: list[str]) -> None:
        for kind in kinds:
            assert not providers[kind].check({}, PROPS[kind]).failures

    def find() -> None:
        offer = providers["Offer"]
        kind, client = offer.lifecycle.kind, offer.lifecycle.client
        assert kind.find(client, kind.arguments.parse(PROPS["Offer"])) is None

    timed("import pulumi", lambda: importlib.import_module("pulumi"))
    timed("… and the provider", lambda: importlib.import_module("pulumi_partnercenter"))
    timed(
        "… and its kinds (pydantic, the clients)",
        lambda: providers.update({kind: _provider(kind) for kind in PROPS}),
    )
    timed("configure", configure)
    timed("first check (an Offer's model)", lambda: check(["Offer"]))
    timed("first checks of the four others", lambda: check(list(PROPS)[1:]))
    timed("five more checks", lambda: check(list(PROPS)))
    timed("first request (connection)", find)
    timed("second request", find)
    print(json.dumps(took))


def _provider(kind: str) -> Any:
    """Load a provider by its name in state. Unlike a program, this loads kinds, pydantic and clients."""
    return importlib.import_module("pulumi_partnercenter._resource").load(kind)


if __name__ == "__main__":
    main()
