"""Look-ups of drafts wait while a plan is being created, so that they list the plan's own draft."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from provider.tools.hangs import HANG_SECONDS
from tests.unit.test_submission import open_client, shared_emulator

from pulumi_partnercenter.api.http.client import ApiClient
from pulumi_partnercenter.api.operation_cache import OperationCache
from pulumi_partnercenter.api.submission.client import SubmissionApi
from pulumi_partnercenter.api.submission.models import Variant
from pulumi_partnercenter.hosts.dynamic import PluginHost
from pulumi_partnercenter.kinds.plan import PlanArguments, PlanKind
from pulumi_partnercenter.lifecycle import Lifecycle
from pulumi_partnercenter.messages import Host
from pulumi_partnercenter.operation import Operation
from pulumi_partnercenter.settings import Settings

__all__ = ["shared_emulator"]  # fixture

LOOK_UPS: dict[str, Callable[[SubmissionApi, str, str], object]] = {
    "Listing": lambda api, product, variant: api.listings.get(product, "en-us", variant),
    "Availability": lambda api, product, variant: (api.pricing if variant else api.audiences).get(
        product, variant
    ),
    "Package": lambda api, product, variant: api.configurations.get(product, variant),
}


@pytest.fixture
def api(shared_emulator: RunningEmulator) -> Iterator[SubmissionApi]:
    shared_emulator.reset()
    with open_client(shared_emulator.url) as client:
        yield client


@pytest.fixture
def product(api: SubmissionApi, shared_emulator: RunningEmulator) -> str:
    """Create an offer with another client: a client looks up no plans of an offer that it created itself."""
    with open_client(shared_emulator.url) as other_client:
        return other_client.offers.create("contoso-backup", "AzureApplication", "Contoso").id


@pytest.fixture
def create_plan(api: SubmissionApi, product: str) -> Callable[[str], str]:
    """Return a function that creates a plan as its resource does, and returns the variant id."""

    class PlanKindOfClient(PlanKind):
        def open_client(self, settings: Settings, host: Host) -> SubmissionApi:
            return api

    lifecycle = Lifecycle(
        PlanKindOfClient(), "Plan", PluginHost(), Operation(), lambda: Settings.load({}, {})
    )

    def create(plan_id: str) -> str:
        desired = PlanArguments.parse({"offer": product, "plan_id": plan_id, "name": plan_id, "adopt": False})
        return lifecycle.create(desired.to_json()).id.split("/")[1]

    return create


@pytest.mark.parametrize(
    "method", ["list_items", "create"], ids=["during its look-up", "during its creation"]
)
@pytest.mark.parametrize("module", LOOK_UPS)
def test_offer_and_new_plan_share_one_look_up_of_drafts(
    module: str,
    method: str,
    api: SubmissionApi,
    product: str,
    create_plan: Callable[[str], str],
    shared_emulator: RunningEmulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The offer's look-up starts between the plan's first and last request."""
    is_waiting, look_up_futures = threading.Event(), list[Future[object]]()
    list_items = ApiClient.list_items
    send, wait_for_writers = getattr(ApiClient, method), OperationCache.wait_for_writers

    def wait(cache: OperationCache, *key: str) -> None:
        is_waiting.set()
        wait_for_writers(cache, *key)

    def list_or_report(client: ApiClient, path: str, *arguments: Any) -> Any:
        if "getByModule" in path:
            is_waiting.set()  # the look-up started without waiting
        return list_items(client, path, *arguments)

    def send_after_look_up(client: ApiClient, path: str, *arguments: Any) -> Any:
        if path.endswith("/variants") and not look_up_futures:
            look_up_futures.append(pool.submit(LOOK_UPS[module], api, product, ""))
            assert is_waiting.wait(HANG_SECONDS)
        return (send if method == "create" else list_or_report)(client, path, *arguments)

    monkeypatch.setattr(OperationCache, "wait_for_writers", wait)
    monkeypatch.setattr(ApiClient, "list_items", list_or_report)
    monkeypatch.setattr(ApiClient, method, send_after_look_up)
    shared_emulator.clear()
    with ThreadPoolExecutor(1) as pool:
        variant = create_plan("gold")
        look_up_futures[0].result(HANG_SECONDS)
        LOOK_UPS[module](api, product, variant)
    draft_requests = [request for request in shared_emulator.requests() if "getByModule" in request["path"]]
    assert len(draft_requests) == 1


def test_creations_of_plans_and_look_ups_on_four_threads_do_not_deadlock(
    api: SubmissionApi, product: str, create_plan: Callable[[str], str], shared_emulator: RunningEmulator
) -> None:
    """No creation of a plan waits for a look-up."""
    look_ups = [lambda look_up=look_up: look_up(api, product, "") for look_up in LOOK_UPS.values()]
    creations = [lambda number=number: create_plan(f"plan-{number}") for number in range(6)]
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(call) for pair in zip(look_ups * 2, creations, strict=True) for call in pair]
        for future in futures:
            future.result(HANG_SECONDS)
    assert len(shared_emulator.state()["variants"]) == 6


def test_a_plan_that_cannot_be_created_blocks_no_look_up(
    api: SubmissionApi, product: str, create_plan: Callable[[str], str], shared_emulator: RunningEmulator
) -> None:
    shared_emulator.fault("POST .*/variants", status=400)
    with pytest.raises(Exception, match="400"):
        create_plan("gold")
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(LOOK_UPS["Listing"], api, product, "").result(HANG_SECONDS)
    assert api.plans.create(product, Variant(resource_type="AzureSkuVariant", external_id="gold"))
