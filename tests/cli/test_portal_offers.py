"""`show` and `status` of offers of the Cloud Partner Portal API, beside those of the submission API."""

from __future__ import annotations

from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.cli.command import Command
from tests.cli.publisher import OFFER, Publisher
from tests.resources.examples import emulator_config
from tests.resources.harness import Declaration, Stack
from tests.resources.portal.portal_offers import GATEWAY

from pulumi_partnercenter.portal import Offer, Publication

GATEWAY_ID = "contoso/contoso-gateway"
KEY = "cGxhbnRlZC1rZXktN2YzYTlj"
LEADS = {
    "azure_table": {"connection_string": f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={KEY}"}
}
PORTAL = "Cloud Partner Portal API"
VM = "microsoft-azure-virtualmachines"
TITLE = "microsoft-azure-marketplace.title"


def control(emulator: RunningEmulator, name: str, **body: Any) -> None:
    response = emulator.client.post(f"/_emulator/portal/{name}", json=body)
    assert response.is_success, response.text


def edit(emulator: RunningEmulator, **members: Any) -> None:
    """Change the draft of the gateway in the portal."""
    emulator.advance(60)
    control(emulator, "edit", publisher="contoso", offer_id="contoso-gateway", **members)


def publish(emulator: RunningEmulator, target: str) -> None:
    control(emulator, "publish", publisher="contoso", offer_id="contoso-gateway", target=target)


@pytest.fixture
def gateway(emulator: RunningEmulator) -> Stack:
    """A stack with the draft of the gateway."""
    stack = Stack(emulator_config(emulator))
    stack.up({"offer": Declaration(Offer, {**GATEWAY, "lead_destination": LEADS})})
    return stack


@pytest.fixture
def changed_gateway(gateway: Stack, emulator: RunningEmulator) -> Stack:
    """A live gateway whose draft has another title, another price, a new plan, and lacks a plan."""
    publish(emulator, "live")
    price = {"isByol": False, "coreMultiplier": {"currency": "USD", "single": 0.5}}
    prices = {"virtualMachinePricing": price, "virtualMachinePricingV2": price}
    plans = {"basic": prices, "branch": None, "new": {f"{VM}.skuTitle": "New"}}
    edit(emulator, offer={TITLE: "Another title"}, plans=plans)
    return gateway


class TestShow:
    def test_an_offer_has_plans_prices_images_and_audiences(
        self, gateway: Stack, partnercenter: Command
    ) -> None:
        output = partnercenter("show", GATEWAY_ID).expect_success().out
        lines = [line.strip() for line in output.splitlines()]
        assert lines[:3] == [f"{GATEWAY_ID}  {VM}", "publication: draft", "draft: version 0"]
        assert "preview_audience: ['11111111-2222-4333-8444-555555555555']" in lines
        assert {"basic", "branch", "licensed"} <= {*lines}
        assert "pricing: {'per_core': '0.12', 'trial_months': 1}" in lines
        assert "US: {'1core': '0.34', '2core': '0.68'}" in lines
        assert {"1.0.0", "1.0.1", "2.0.0", "2.0.1"} <= {*lines}
        assert any(
            line.startswith("os_disk: 'https://contoso.blob.core.windows.net/disks/") for line in lines
        )

    def test_differences_between_draft_and_live_are_side_by_side(
        self, changed_gateway: Stack, partnercenter: Command
    ) -> None:
        lines = partnercenter("show", GATEWAY_ID, "--differences").expect_success().out.splitlines()
        assert lines[1:11] == [
            "  publication: live",
            "  draft: version 1",
            "  live: version 1",
            "  listing",
            "    title: draft 'Another title' | live 'Contoso Gateway'",
            "  plans",
            "    basic",
            "      pricing",
            "        per_core: draft '0.5' | live '0.12'",
            "        trial_months: draft 0 | live 1",
        ]
        assert "    new  not in live" in lines
        assert "    branch  not in the draft" in lines
        assert not [line for line in lines if "licensed" in line]

    def test_json_names_the_differing_values_by_their_paths(
        self, changed_gateway: Stack, partnercenter: Command
    ) -> None:
        document = partnercenter("show", GATEWAY_ID, "--json").expect_success().json()
        assert document["offer"] == {
            "id": GATEWAY_ID,
            "publisher": "contoso",
            "offer_id": "contoso-gateway",
            "offer_type": VM,
            "alias": "Gateway",
            "is_migrated": False,
        }
        assert document["stages"] == {"live": {"version": 1}}
        (resource,) = document["resources"]
        assert resource["draft"]["listing"]["title"] == "Another title"
        assert resource["live"]["listing"]["title"] == "Contoso Gateway"
        assert {*resource["differs"]["live"]} == {
            "listing.title",
            "plans.basic.pricing.per_core",
            "plans.basic.pricing.trial_months",
            "plans.branch",
            "plans.new",
        }

    def test_an_unchanged_live_offer_differs_in_nothing(
        self, gateway: Stack, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        publish(emulator, "live")
        assert "nothing differs" in partnercenter("show", GATEWAY_ID, "--differences").expect_success().out
        document = partnercenter("show", GATEWAY_ID, "--differences", "--json").expect_success().json()
        assert document["resources"] == []

    @pytest.mark.parametrize("options", [[], ["--differences"], ["--json"]])
    def test_secrets_and_signatures_are_never_shown(
        self, options: list[str], changed_gateway: Stack, partnercenter: Command
    ) -> None:
        output = partnercenter("show", GATEWAY_ID, *options).expect_success().out
        assert "sig=" not in output
        assert KEY not in output

    def test_show_only_reads(self, gateway: Stack, emulator: RunningEmulator, partnercenter: Command) -> None:
        emulator.clear()
        partnercenter("show", GATEWAY_ID).expect_success()
        partnercenter("status").expect_success()
        assert {request["method"] for request in emulator.requests()} == {"GET"}

    def test_a_page_of_a_portal_offer_is_refused(self, gateway: Stack, partnercenter: Command) -> None:
        result = partnercenter("show", GATEWAY_ID, "--html", "page.html").expect_failure()
        assert f"offer {GATEWAY_ID}: there is no page for an offer of the {PORTAL}" in result.err

    def test_control_characters_and_members_of_odd_types_are_shown_harmlessly(
        self, gateway: Stack, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        publish(emulator, "live")
        path = "/api/publishers/contoso/offers/contoso-gateway?api-version=2017-10-31"
        document = emulator.client.get(path).json()
        offer = document["definition"]["offer"]
        offer[TITLE], offer["microsoft-azure-marketplace.usefulLinks"] = {"a": {"b": [1]}}, {"a": "\x1b[2J"}
        plan = document["definition"]["plans"][0]
        plan["planId"], plan[f"{VM}.vmImages"] = "\x1b[2Jplan", ["odd"]
        emulator.fault("/slot/draft", status=200, body=document, times=0)
        for options in ([], ["--differences"], ["--json"]):
            output = partnercenter("show", GATEWAY_ID, *options).expect_success().out
            assert "\x1b" not in output
            assert "[2Jplan" in output


class TestStatus:
    def test_a_draft_has_its_version_and_what_up_does_next(
        self, gateway: Stack, partnercenter: Command
    ) -> None:
        lines = partnercenter("status", GATEWAY_ID).expect_success().out.splitlines()
        assert lines[0] == f"{GATEWAY_ID}: draft (versions: draft 0)"
        assert lines[-1] == "next up: publishes the draft to preview"

    def test_a_running_operation_has_its_progress_and_messages(
        self, gateway: Stack, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        emulator.decide("portal_validation", "hold")
        path = "/api/publishers/contoso/offers/contoso-gateway/publish?api-version=2017-10-31"
        assert emulator.client.post(path, json={}).status_code == 202
        status = partnercenter("status", GATEWAY_ID, "--json").expect_success().json()
        assert status["state"] == "on the way to preview"
        assert status["operation"]
        output = partnercenter("status", GATEWAY_ID).expect_success().out
        headline, columns, first_step, *_, next_up = output.splitlines()
        assert headline.startswith(f"{GATEWAY_ID}: on the way to preview (versions: draft ")
        assert headline.endswith(f"; operation {status['operation']})")
        assert columns.split() == ["STEP", "STATE", "PROGRESS", "CHANGED"]
        assert status["steps"][0]["name"] in first_step
        assert "%" in first_step
        assert next_up == "next up: waits for the preview, then replaces it if the draft differs"

    def test_messages_of_a_failure_are_listed(
        self, gateway: Stack, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        emulator.advance(60)
        emulator.decide("portal_certification", "fail", messages=["The image has no agent."])
        path = "/api/publishers/contoso/offers/contoso-gateway/publish?api-version=2017-10-31"
        emulator.client.post(path, json={})
        emulator.advance(600)
        status = partnercenter("status", GATEWAY_ID, "--json").expect_success().json()
        assert status["state"] == "failed"
        assert [finding for finding in status["findings"] if "The image has no agent." in finding]
        output = partnercenter("status", GATEWAY_ID).expect_success().out
        assert output.count("The image has no agent.") == 1
        assert "next up: reports this failure again; it publishes once the draft is changed" in output

    def test_what_up_does_next_depends_on_what_the_draft_changed(
        self, gateway: Stack, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        def next_up() -> str:
            next_up: str = partnercenter("status", GATEWAY_ID, "--json").expect_success().json()["next"]
            return next_up

        publish(emulator, "preview")
        assert next_up() == "sends the preview live with target `live`; with `preview` it publishes nothing"
        edit(emulator, offer={TITLE: "Another title"})
        assert (
            next_up() == "cancels this preview and publishes the draft to preview, because the draft differs"
        )
        path = "/api/publishers/contoso/offers/contoso-gateway/cancel?api-version=2017-10-31"
        emulator.client.post(path, json={}).raise_for_status()
        emulator.advance(600)
        assert next_up() == "publishes the draft to preview"
        publish(emulator, "live")
        assert next_up() == "publishes nothing: the draft is live"
        edit(emulator, offer={TITLE: "A third title"})
        assert next_up() == "publishes the draft to preview"

    def test_the_state_is_that_of_the_publication_resource(
        self, gateway: Stack, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        published = [{"kind": "portal.Offer", "name": "gateway", "id": GATEWAY_ID}]
        arguments = {"offer": GATEWAY_ID, "publishes": ["a"], "sends": ["portal.Offer gateway"]}
        publication = Declaration(Publication, {**arguments, "published": published, "target": "preview"})
        stack = Stack(emulator_config(emulator))
        stack.up({"publication": publication})
        outputs = stack.state["publication"].outputs
        status = partnercenter("status", GATEWAY_ID, "--json").expect_success().json()
        assert status["state"] == outputs["state"] == "preview"
        names = [(step["name"], step["state"], step["changed"]) for step in status["steps"]]
        assert names == [(step["name"], step["state"], step["changed"]) for step in outputs["steps"]]

    def test_watch_ends_when_the_offer_is_in_preview(
        self, gateway: Stack, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        publish(emulator, "preview")
        output = partnercenter("status", GATEWAY_ID, "--watch").expect_success().out
        assert f"{GATEWAY_ID}: preview (" in output


class TestSearch:
    def test_status_without_an_offer_id_lists_the_offers_of_all_systems(
        self, publisher: Publisher, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        control(emulator, "sample")
        assert partnercenter("status").expect_success().out.splitlines() == [
            f"{OFFER}: draft; nothing was ever submitted: a Submission in a program publishes the draft",
            "fabrikam-labs/edge-gateway-vm: live (versions: draft 3, live 3)",
            "fabrikam-labs/old-router-vm: draft (versions: draft 0)",
        ]
        document = partnercenter("status", "--json").expect_success().json()
        assert [offer["offer"] for offer in document["offers"]] == [
            OFFER,
            "fabrikam-labs/edge-gateway-vm",
            "fabrikam-labs/old-router-vm",
        ]
        assert document["left_out"] == {}

    @pytest.mark.parametrize("name", ["old-router-vm", "fabrikam-labs/old-router-vm"])
    def test_an_offer_is_found_with_and_without_its_publisher(
        self, name: str, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        control(emulator, "sample")
        output = partnercenter("status", name).expect_success().out
        assert output.startswith("fabrikam-labs/old-router-vm: draft")
        assert partnercenter("show", name).expect_success().out.startswith("fabrikam-labs/old-router-vm  ")

    def test_an_offer_id_of_two_publishers_is_refused_with_both(
        self, gateway: Stack, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        control(emulator, "offers", publisher="fabrikam", offer_id="contoso-gateway")
        result = partnercenter("status", "contoso-gateway").expect_failure()
        assert f"several publishers have it: {GATEWAY_ID}, fabrikam/contoso-gateway" in result.err

    @pytest.mark.parametrize("fault", [{"status": 403}, {"status": 401}, {"status": 404}])
    def test_a_login_without_rights_in_the_portal_gets_the_rest_and_one_line(
        self, fault: dict[str, int], publisher: Publisher, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        emulator.fault("/api/publishers", times=0, **fault)
        result = partnercenter("status").expect_success()
        assert result.out.startswith(f"{OFFER}: draft")
        (line,) = result.err.splitlines()
        assert line.startswith(f"left out: {PORTAL}: ")
        assert str(fault["status"]) in line
        document = partnercenter("status", "--json").expect_success().json()
        assert [*document["left_out"]] == [PORTAL]
        assert partnercenter("status", OFFER).expect_success().err == ""

    def test_a_login_without_a_publisher_gets_the_rest_and_one_line(
        self, publisher: Publisher, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        emulator.fault("/api/publishers?", status=200, body=[], times=0)
        result = partnercenter("status").expect_success()
        assert result.out.startswith(f"{OFFER}: draft")
        assert result.err == f"left out: {PORTAL}: this login sees no publisher\n"

    def test_a_login_without_rights_in_the_submission_api_gets_the_portals_offers(
        self, gateway: Stack, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        emulator.fault("/v1.0/ingestion", status=403, times=0)
        for arguments in (["status"], ["status", "contoso-gateway"], ["show", "contoso-gateway"]):
            result = partnercenter(*arguments).expect_success()
            assert result.out.startswith(GATEWAY_ID)
            assert result.err.startswith("left out: submission API: ")
            assert len(result.err.splitlines()) == 1

    def test_an_offer_that_has_moved_is_that_of_the_portal_and_listed_once(
        self, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        """The submission API lists it as a product, and has none of its contents."""
        control(emulator, "sample")
        label = "fabrikam-labs/edge-gateway-vm"
        assert partnercenter("status").expect_success().out.count("edge-gateway-vm") == 1
        for command in ("status", "show"):
            assert partnercenter(command, "edge-gateway-vm").expect_success().out.startswith(label)

    def test_an_offer_that_has_moved_is_named_to_a_login_without_rights_in_the_portal(
        self, publisher: Publisher, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        control(emulator, "sample")
        emulator.fault("/api/publishers", status=403, times=0)
        lines = partnercenter("status").expect_success().out.splitlines()
        assert [line.partition(";")[0] for line in lines] == [
            f"{OFFER}: draft",
            "edge-gateway-vm: unreadable",
        ]
        result = partnercenter("show", "edge-gateway-vm").expect_failure()
        assert "whose offer belongs to another service" in result.err
        assert f"left out: {PORTAL}: " in result.err

    def test_an_unknown_offer_names_the_system_that_was_not_searched(
        self, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        emulator.fault("/api/publishers", status=403, times=0)
        result = partnercenter("status", "contoso-nothing").expect_failure()
        assert "offer 'contoso-nothing': there is no such offer" in result.err
        assert f"{PORTAL} was not searched: " in result.err

    def test_an_unreadable_offer_stops_no_other_and_fails_the_command(
        self, publisher: Publisher, gateway: Stack, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        emulator.fault("/contoso-gateway/status", status=400, times=0)
        result = partnercenter("status").expect_failure()
        assert f"{GATEWAY_ID}: unreadable; " in result.out
        assert f"{OFFER}: draft" in result.out

    @pytest.mark.sample(2)
    @pytest.mark.parametrize("name", ["a/b/c", "contoso/", "/x", "contoso/a?b", "a b", "%2e%2e/x", ""])
    def test_an_id_that_no_offer_can_have_is_unknown(self, name: str, partnercenter: Command) -> None:
        result = partnercenter("status", name).expect_failure()
        assert "there is no such offer" in result.err

    def test_watch_without_an_offer_is_wrong_usage(self, partnercenter: Command) -> None:
        assert "--watch follows one offer" in partnercenter("status", "--watch").expect_failure(2).err
