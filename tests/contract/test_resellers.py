"""Reseller configurations, and the channel states of setup that say the same."""

from __future__ import annotations

import pytest
from provider.tools.emulators import Serving
from tests.contract.submission import Submission, fault

PARTNER = "aaaaaaaa-0000-4000-8000-000000000001"


@pytest.fixture
def api(emulator: Serving) -> Submission:
    return Submission(emulator)


@pytest.fixture
def product(api: Submission) -> str:
    return api.offer()


def body(state: object, *tenants: str) -> dict:
    return {
        "resourceType": "ResellerConfiguration",
        "resellerChannelState": state,
        "tenantIds": list(tenants),
    }


def channels(api: Submission, product: str) -> list[dict]:
    return api.get(f"{product}/setup")["channelStates"]


def test_a_fresh_one_is_disabled_and_has_neither_id_nor_etag(api, product):
    assert api.get(f"{product}/resellerConfiguration") == body("Disabled")


def test_a_fresh_one_says_what_setup_says(api):
    container = api.offer("contoso-container", "AzureContainer")
    assert api.get(f"{container}/resellerConfiguration") == body("Enabled")
    assert channels(api, container) == [{"type": "Reseller", "value": "Enabled"}]


@pytest.mark.parametrize("state", ["Enabled", "Disabled", "PartialOptIn"])
def test_posting_replaces_it_and_tells_setup(api, product, state):
    path = f"{product}/resellerConfiguration"
    sent = {
        "resourceType": "ResellerConfiguration",
        "ResellerChannelState": state,
        "TenantIds": [PARTNER],
    }
    answer = api.call("POST", path, json=sent)
    assert answer.status_code == 200
    assert not {"etag", "location"} & set(answer.headers)
    assert answer.json() == api.get(path) == body(state, PARTNER)
    assert channels(api, product) == [{"type": "Reseller", "value": state}]


@pytest.mark.parametrize("state", ["OptIn", "OptOut", "enabled", "", None, True])
def test_another_state_is_refused_and_changes_nothing(api, product, state):
    answer = api.call("POST", f"{product}/resellerConfiguration", json=body(state))
    assert answer.status_code == 400
    assert list(fault(answer)["data"]) == ["ResellerChannelState"]
    assert api.get(f"{product}/resellerConfiguration") == body("Disabled")
    assert channels(api, product) == [{"type": "Reseller", "value": "Disabled"}]


def test_its_type_must_be_said(api, product):
    answer = api.call("POST", f"{product}/resellerConfiguration", json={"resellerChannelState": "Enabled"})
    assert list(fault(answer)["data"]) == ["ResourceType"]


def test_setup_tells_it_back(api, product):
    api.post(f"{product}/resellerConfiguration", body("PartialOptIn", PARTNER), 200)
    setup = api.get(f"{product}/setup")
    other = {"type": "Kiosk", "value": "Enabled"}
    pairs = [other, {"type": "Reseller", "value": "Enabled"}]
    api.post(f"{product}/setup", {**setup, "channelStates": pairs}, 200)
    assert api.get(f"{product}/resellerConfiguration") == body("Enabled", PARTNER)
    api.post(f"{product}/resellerConfiguration", body("Disabled"), 200)
    assert sorted(channels(api, product), key=str) == [other, {"type": "Reseller", "value": "Disabled"}]


@pytest.mark.parametrize("pairs", [[], [{"type": "Reseller", "value": "Whatever"}], [{"type": "Reseller"}]])
def test_a_setup_that_says_nothing_of_resellers_changes_nothing(api, product, pairs):
    api.post(f"{product}/resellerConfiguration", body("Enabled"), 200)
    api.post(f"{product}/setup", {**api.get(f"{product}/setup"), "channelStates": pairs}, 200)
    assert api.get(f"{product}/resellerConfiguration") == body("Enabled")
    assert channels(api, product) == pairs


def test_after_a_publication_the_draft_is_the_one_that_changes(api, product):
    api.post(f"{product}/resellerConfiguration", body("Enabled"), 200)
    api.emulator.publish(product.removeprefix("/products/"))
    assert api.get(f"{product}/resellerConfiguration") == body("Enabled")
    api.post(f"{product}/resellerConfiguration", body("Disabled"), 200)
    held = {
        one["stage"]: one["resellerChannelState"] for one in api.emulator.state()["resellerConfigurations"]
    }
    assert held == {"published": "Enabled", "draft": "Disabled"}
    path = f"/v1.0/ingestion{product}/resellerConfiguration"
    assert api.emulator.portal(path, tenantIds=[PARTNER]) == api.get(f"{product}/resellerConfiguration")
