"""Look-ups of drafts while a plan is being made: they wait, because what they would see lacks the plan's own draft."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from provider.tools.emulators import Serving
from tests.unit.test_submission import client_of, served

from pulumi_partnercenter.api.http.client import ApiClient
from pulumi_partnercenter.api.operation_cache import OperationCache
from pulumi_partnercenter.api.submission import SubmissionApi
from pulumi_partnercenter.api.submission.models import Variant
from pulumi_partnercenter.hosts.dynamic import PluginHost
from pulumi_partnercenter.kinds.plan import PlanArguments, PlanKind
from pulumi_partnercenter.lifecycle import Lifecycle
from pulumi_partnercenter.operation import Operation
from pulumi_partnercenter.settings import Settings

__all__ = ["served"]

LOOKS: dict[str, Callable[[SubmissionApi, str, str], object]] = {
    "Listing": lambda api, product, variant: api.listings.get(product, "en-us", variant),
    "Availability": lambda api, product, variant: (api.pricing if variant else api.audiences).get(
        product, variant
    ),
    "Package": lambda api, product, variant: api.configurations.get(product, variant),
}


@pytest.fixture
def api(served: Serving) -> Iterator[SubmissionApi]:
    served.reset()
    with client_of(served.url) as client:
        yield client


@pytest.fixture
def product(api: SubmissionApi, served: Serving) -> str:
    """Of an offer that is there before: of a new one it is known that it has no plan."""
    with client_of(served.url) as before:
        return before.offers.create("contoso-backup", "AzureApplication", "Contoso").id


@pytest.fixture
def making(api: SubmissionApi, product: str) -> Callable[[str], str]:
    """Makes a plan as its resource does; returns the variant."""

    class HeldPlanKind(PlanKind):
        def open_client(self, settings: Settings, progress: Callable[[str], None]) -> SubmissionApi:
            return api

    lifecycle = Lifecycle(HeldPlanKind(), "Plan", PluginHost(), Operation(), lambda: Settings.load({}, {}))

    def make(plan_id: str) -> str:
        desired = PlanArguments.parse({"offer": product, "plan_id": plan_id, "name": plan_id, "adopt": False})
        return lifecycle.create(desired.to_json()).id.split("/")[1]

    return make


@pytest.mark.parametrize(
    "request_of_plan", ["list_items", "create"], ids=["while it is looked for", "while made"]
)
@pytest.mark.parametrize("module", LOOKS)
def test_one_look_up_serves_the_offer_and_the_plan_that_is_being_made(
    module: str,
    request_of_plan: str,
    api: SubmissionApi,
    product: str,
    making: Callable[[str], str],
    served: Serving,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The offer's look-up comes between the plan's first word and its last."""
    arrived, looking = threading.Event(), list[Future[object]]()
    asked = ApiClient.list_items
    send, settled = getattr(ApiClient, request_of_plan), OperationCache.wait_for_writers

    def waiting(cache: OperationCache, *key: str) -> None:
        arrived.set()
        settled(cache, *key)

    def asking(door: ApiClient, path: str, *given: Any) -> Any:
        if "getByModule" in path:
            arrived.set()  # it did not wait
        return asked(door, path, *given)

    def sending(door: ApiClient, path: str, *given: Any) -> Any:
        if path.endswith("/variants") and not looking:
            looking.append(pool.submit(LOOKS[module], api, product, ""))
            assert arrived.wait(30)
        return (send if request_of_plan == "create" else asking)(door, path, *given)

    monkeypatch.setattr(OperationCache, "wait_for_writers", waiting)
    monkeypatch.setattr(ApiClient, "list_items", asking)
    monkeypatch.setattr(ApiClient, request_of_plan, sending)
    served.clear()
    with ThreadPoolExecutor(1) as pool:
        variant = making("gold")
        looking[0].result(30)
        LOOKS[module](api, product, variant)
    looked = [each for each in served.requests() if "getByModule" in each["path"]]
    assert len(looked) == 1


def test_plans_and_look_ups_on_four_threads_end(
    api: SubmissionApi, product: str, making: Callable[[str], str], served: Serving
) -> None:
    """However they meet: nobody who makes a plan waits for one who looks."""
    looks = [lambda look=look: look(api, product, "") for look in LOOKS.values()]
    plans = [lambda number=number: making(f"plan-{number}") for number in range(6)]
    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(work) for pair in zip(looks * 2, plans, strict=True) for work in pair]
        for each in running:
            each.result(60)
    assert len(served.state()["variants"]) == 6


def test_a_plan_that_cannot_be_made_holds_nobody_up(
    api: SubmissionApi, product: str, making: Callable[[str], str], served: Serving
) -> None:
    served.fault("POST .*/variants", status=400)
    with pytest.raises(Exception, match="400"):
        making("gold")
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(LOOKS["Listing"], api, product, "").result(30)
    assert api.plans.create(product, Variant(resource_type="AzureSkuVariant", external_id="gold"))
