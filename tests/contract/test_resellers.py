"""Reseller configurations, and the channel states in the setup, which agree with them."""

from __future__ import annotations

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.raw_api import RawApi, error_document

PARTNER = "aaaaaaaa-0000-4000-8000-000000000001"


@pytest.fixture
def api(emulator: RunningEmulator) -> RawApi:
    return RawApi(emulator)


@pytest.fixture
def product(api: RawApi) -> str:
    return api.create_offer()


def reseller_configuration(state: object, *tenants: str) -> dict:
    return {
        "resourceType": "ResellerConfiguration",
        "resellerChannelState": state,
        "tenantIds": list(tenants),
    }


def channel_states(api: RawApi, product: str) -> list[dict]:
    return api.get(f"{product}/setup")["channelStates"]


def test_a_fresh_reseller_configuration_is_disabled_and_has_neither_id_nor_etag(api, product):
    assert api.get(f"{product}/resellerConfiguration") == reseller_configuration("Disabled")


def test_a_fresh_reseller_configuration_agrees_with_the_setup(api):
    container = api.create_offer("contoso-container", "AzureContainer")
    assert api.get(f"{container}/resellerConfiguration") == reseller_configuration("Enabled")
    assert channel_states(api, container) == [{"type": "Reseller", "value": "Enabled"}]


@pytest.mark.parametrize("state", ["Enabled", "Disabled", "PartialOptIn"])
def test_a_post_replaces_the_reseller_configuration_and_the_channel_state_of_the_setup(api, product, state):
    path = f"{product}/resellerConfiguration"
    document = {
        "resourceType": "ResellerConfiguration",
        "ResellerChannelState": state,
        "TenantIds": [PARTNER],
    }
    answer = api.call("POST", path, json=document)
    assert answer.status_code == 200
    assert not {"etag", "location"} & set(answer.headers)
    assert answer.json() == api.get(path) == reseller_configuration(state, PARTNER)
    assert channel_states(api, product) == [{"type": "Reseller", "value": state}]


@pytest.mark.parametrize("state", ["OptIn", "OptOut", "enabled", "", None, True])
def test_an_unknown_reseller_state_is_refused_and_changes_nothing(api, product, state):
    answer = api.call("POST", f"{product}/resellerConfiguration", json=reseller_configuration(state))
    assert answer.status_code == 400
    assert list(error_document(answer)["data"]) == ["ResellerChannelState"]
    assert api.get(f"{product}/resellerConfiguration") == reseller_configuration("Disabled")
    assert channel_states(api, product) == [{"type": "Reseller", "value": "Disabled"}]


def test_a_reseller_configuration_without_a_type_is_refused(api, product):
    answer = api.call("POST", f"{product}/resellerConfiguration", json={"resellerChannelState": "Enabled"})
    assert list(error_document(answer)["data"]) == ["ResourceType"]


def test_a_channel_state_of_the_setup_changes_the_reseller_configuration(api, product):
    api.post(f"{product}/resellerConfiguration", reseller_configuration("PartialOptIn", PARTNER), 200)
    setup = api.get(f"{product}/setup")
    other = {"type": "Kiosk", "value": "Enabled"}
    states = [other, {"type": "Reseller", "value": "Enabled"}]
    api.post(f"{product}/setup", {**setup, "channelStates": states}, 200)
    assert api.get(f"{product}/resellerConfiguration") == reseller_configuration("Enabled", PARTNER)
    api.post(f"{product}/resellerConfiguration", reseller_configuration("Disabled"), 200)
    assert sorted(channel_states(api, product), key=str) == [other, {"type": "Reseller", "value": "Disabled"}]


@pytest.mark.parametrize("states", [[], [{"type": "Reseller", "value": "Whatever"}], [{"type": "Reseller"}]])
def test_a_setup_without_a_reseller_state_leaves_the_reseller_configuration(api, product, states):
    api.post(f"{product}/resellerConfiguration", reseller_configuration("Enabled"), 200)
    api.post(f"{product}/setup", {**api.get(f"{product}/setup"), "channelStates": states}, 200)
    assert api.get(f"{product}/resellerConfiguration") == reseller_configuration("Enabled")
    assert channel_states(api, product) == states


def test_a_post_after_a_publication_changes_the_draft_of_the_reseller_configuration(api, product):
    api.post(f"{product}/resellerConfiguration", reseller_configuration("Enabled"), 200)
    api.emulator.publish(product.removeprefix("/products/"))
    assert api.get(f"{product}/resellerConfiguration") == reseller_configuration("Enabled")
    api.post(f"{product}/resellerConfiguration", reseller_configuration("Disabled"), 200)
    states = {
        configuration["stage"]: configuration["resellerChannelState"]
        for configuration in api.emulator.state()["resellerConfigurations"]
    }
    assert states == {"published": "Enabled", "draft": "Disabled"}
    path = f"/v1.0/ingestion{product}/resellerConfiguration"
    assert api.emulator.portal(path, tenantIds=[PARTNER]) == api.get(f"{product}/resellerConfiguration")
