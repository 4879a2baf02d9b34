"""Offers of AppSource: from nothing to live, adopted, released again; what a type lacks is refused in the preview."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.central_publisher import CentralPublisher
from tests.resources import samples
from tests.resources.card import assert_readable, write_requests
from tests.resources.complete import CONTACT, submission_declaration
from tests.resources.faults import emulator_with_sign_in
from tests.resources.harness import CheckFailed, Declaration, Program, Ref, Stack
from tests.unit.app_files import build_app

from pulumi_partnercenter import (
    ContractError,
    InputError,
    ListingDocument,
    ListingImage,
    Offer,
    OfferListing,
    OfferMarkets,
    OfferProperties,
    OfferSetup,
    OfferTechnicalConfiguration,
    Package,
    Plan,
    PlanPricing,
    PreviewAudience,
    Rejected,
    ResellerChannel,
    Submission,
)
from pulumi_partnercenter.api.http.client import ApiClient
from pulumi_partnercenter.api.submission import client

CENTRAL, ENGAGEMENT, OPERATIONS = (
    "AzureDynamics365BusinessCentral",
    "AzureDynamics365ForCustomerEngagement",
    "AzureDynamics365ForOperations",
)
LIBRARY = "Dynamics365BusinessCentralAddOnLibraryExtensionPackage"
APP = "Dynamics365BusinessCentralAddOnExtensionPackage"
GUID = "11111111-2222-4333-8444-555555555555"
TECHNICAL: dict[str, dict[str, Any]] = {
    CENTRAL: {"packages": [Ref("app")]},
    ENGAGEMENT: {"package_url": "https://contoso.blob.core.windows.net/crm/package.zip?sig=c2VjcmV0&se=2030"},
    OPERATIONS: {"solution_identifier": GUID},
}


def offer_program(offer_type: str, **submission: Any) -> dict[str, Declaration]:
    """Return a complete offer, with a submission that goes live."""
    offer = {"offer": Ref("offer"), "offer_type": offer_type}
    of_offer = {"offer": Ref("offer")}
    screenshot = {"kind": "AzureLogoScreenshot", "source": samples.picture("shot.png", 1280, 720)}
    parts = {
        "offer": Declaration(
            Offer, {"offer_id": "contoso-ledger", "offer_type": offer_type, "alias": "Contoso Ledger"}
        ),
        "setup": Declaration(
            OfferSetup, {**offer, "sells_through_microsoft": False, "call_to_action": "contact-me"}
        ),
        "properties": Declaration(
            OfferProperties,
            {
                **of_offer,
                "categories": {"web": ["other"]},
                "terms_of_use": "https://contoso.example.com/terms",
                "app_version": "1.0.0.0",
            },
        ),
        "listing": Declaration(
            OfferListing,
            {
                **of_offer,
                "title": "Contoso Ledger",
                "summary": "Books that balance",
                "short_description": "Books that balance.",
                "description": "<p>Books that balance.</p>",
                "contacts": [{"type": kind, **CONTACT} for kind in ("CustomerSupport", "Engineering")],
                "links": [{"type": "PrivacyUri", "uri": "https://contoso.example.com/privacy"}],
            },
        ),
        "logo": Declaration(
            ListingImage,
            {**of_offer, "kind": "AzureLogoLarge", "source": samples.picture("large.png", 216, 216)},
        ),
        **{
            f"shot{number}": Declaration(
                ListingImage,
                {
                    **of_offer,
                    **screenshot,
                    "source": samples.picture(f"{number}.png", 1280, 720),
                    "order": number,
                },
            )
            for number in (1, 2, 3)
        },
        "guide": Declaration(
            ListingDocument, {**of_offer, "title": "Guide", "source": samples.pdf("guide.pdf", "guide")}
        ),
        "audience": Declaration(PreviewAudience, {**of_offer, "hide_key": "contoso1"}),
        "markets": Declaration(OfferMarkets, {**offer, "markets": ["DK", "US"]}),
        "app": Declaration(
            Package, {**of_offer, "source": samples.file("ledger.app", build_app()), "kind": APP}
        ),
        "technical": Declaration(OfferTechnicalConfiguration, {**offer, **TECHNICAL[offer_type]}),
    }
    if offer_type != CENTRAL:
        del parts["app"]
    arguments = {"offer_type": offer_type, "target": "live", "wait_minutes": 60, **submission}
    return {**parts, "submission": submission_declaration(parts, **arguments)}


def changed(program: Program, name: str, **arguments: Any) -> dict[str, Declaration]:
    return {**program, name: replace(program[name], arguments={**program[name].arguments, **arguments})}


def submission_of(stack: Stack) -> dict[str, Any]:
    return stack.state["submission"].outputs


def without_digests(emulator: RunningEmulator) -> None:
    """Make submissions look as if they came from a client that writes no digest."""
    for submission in emulator.state()["submissions"]:
        path = f"/v1.0/ingestion/products/{submission['productID']}/submissions/{submission['id']}"
        emulator.portal(path, publishOption={"isManualPublish": False})


def assert_recognised_by_comparison(program: Program, stack: Stack, emulator: RunningEmulator) -> None:
    """Apply a live program without a state and without digests in the service: nothing is written."""
    without_digests(emulator)
    stack.forget()
    emulator.clear()
    stack.up(program)
    assert write_requests(emulator) == []
    assert submission_of(stack)["state"] == "live"


def saas_program() -> dict[str, Declaration]:
    """Return a SaaS offer with a plan, as much of it as a live offer's refresh reads, and a submission."""
    of_offer = {"offer": Ref("offer")}
    parts = {
        "offer": Declaration(
            Offer, {"offer_id": "contoso-wiki", "offer_type": "SoftwareAsAService", "alias": "Contoso Wiki"}
        ),
        "plan": Declaration(Plan, {**of_offer, "plan_id": "team", "name": "Team"}),
        "properties": Declaration(OfferProperties, {**of_offer, "categories": {"web": ["other"]}}),
        "audience": Declaration(PreviewAudience, {**of_offer, "emails": ["tester@contoso.example.com"]}),
        "reseller": Declaration(ResellerChannel, {**of_offer, "state": "Enabled"}),
    }
    arguments = {"offer_type": "SoftwareAsAService", "target": "live", "wait_minutes": 60}
    return {**parts, "submission": submission_declaration(parts, **arguments)}


@pytest.fixture
def program() -> dict[str, Declaration]:
    return offer_program(CENTRAL)


@pytest.mark.parametrize("offer_type", [CENTRAL, ENGAGEMENT, OPERATIONS])
def test_an_offer_goes_from_nothing_to_live_without_a_reseller_channel(
    offer_type: str, stack: Stack, emulator: RunningEmulator
) -> None:
    program = offer_program(offer_type)
    stack.up(program)
    stack.up(program)
    assert submission_of(stack)["state"] == "live"
    assert len(submission_of(stack)["steps"]) == 5
    emulator.clear()
    assert stack.up(program) == {}
    assert emulator.requests() == []
    assert stack.refresh() == {}
    assert stack.up(program) == {}


@pytest.mark.parametrize(
    ("offer_type", "argument", "finding"),
    [
        (ENGAGEMENT, "package_url", "Package-20012: The URL of the package location is missing."),
        (OPERATIONS, "solution_identifier", "Package-20013: The solution identifier, a GUID, is missing."),
        (
            CENTRAL,
            "installation_url",
            "Package-20010: The address for the installation is missing: the offer.",
        ),
    ],
)
def test_a_draft_without_its_software_fails_in_validation_with_the_resource_that_lacks_it(
    offer_type: str, argument: str, finding: str, stack: Stack
) -> None:
    program = changed(offer_program(offer_type), "technical", **{argument: ""})
    if argument == "installation_url":
        program = changed(changed(program, "setup", package_type="Connect"), "technical", packages=[])
    with pytest.raises(Rejected) as rejection:
        stack.up(program)
    assert f"{finding} (see OfferTechnicalConfiguration technical)" in str(rejection.value)
    assert_readable(rejection.value)


def test_changed_markets_are_published_without_the_other_modules(
    program: Program, stack: Stack, emulator: RunningEmulator
) -> None:
    stack.up(program)
    stack.up(program)
    desired = changed(program, "markets", markets=["DK", "US", "IT"])
    emulator.clear()
    assert stack.up(desired) == {"markets": "update", "submission": "update"}
    stack.up(desired)
    assert submission_of(stack)["state"] == "live"
    assert stack.up(desired) == {}


def test_content_that_the_portal_published_is_recognised_by_comparison(
    program: Program, stack: Stack, emulator: RunningEmulator
) -> None:
    stack.up(program)
    stack.up(program)
    assert_recognised_by_comparison(program, stack, emulator)


def test_markets_that_the_portal_changed_are_drift_and_belong_to_the_compared_content(
    program: Program, stack: Stack, emulator: RunningEmulator
) -> None:
    stack.up(program)
    stack.up(program)
    without_digests(emulator)
    (product,) = [row["id"] for row in emulator.state()["products"]]
    api = CentralPublisher(emulator)
    markets = api.read_markets(f"/products/{product}")
    api.edit(
        f"/products/{product}",
        "featureAvailabilities",
        markets["id"],
        marketStates=[{"marketCode": "DE", "state": "Enabled"}],
    )
    assert stack.refresh() == {"markets": ["markets"]}
    only_properties = submission_declaration(
        {"properties": program["properties"]}, offer_type=CENTRAL, target="preview"
    )
    stack.forget()
    partial = {name: program[name] for name in ("offer", "properties")}
    stack.up({**partial, "submission": only_properties})
    assert submission_of(stack)["separate_changes"] == ["Availability of the offer"]


def test_an_offer_made_in_the_portal_is_adopted_without_a_write(
    stack: Stack, emulator: RunningEmulator
) -> None:
    product = CentralPublisher(emulator).create_live_offer()
    emulator.clear()
    offer = {"offer": product.rpartition("/")[2]}
    stack.up(
        {
            "offer": Declaration(
                Offer,
                {
                    "offer_id": "contoso-ledger",
                    "offer_type": CENTRAL,
                    "alias": "contoso-ledger alias",
                },
            ),
            "setup": Declaration(
                OfferSetup, {**offer, "offer_type": CENTRAL, "sells_through_microsoft": False}
            ),
            "markets": Declaration(OfferMarkets, {**offer, "markets": ["IT", "US", "DK"]}),
            "audience": Declaration(PreviewAudience, {**offer, "hide_key": "contoso1"}),
        }
    )
    assert write_requests(emulator) == []
    assert stack.refresh() == {}


@pytest.mark.parametrize("stage", ["validation", "certification"])
def test_a_failed_submission_fails_the_run_with_its_stage_and_the_next_content_goes_out(
    stage: str, program: Program, stack: Stack, emulator: RunningEmulator
) -> None:
    emulator.decide(stage, "fail")
    with pytest.raises(Rejected, match=f"failed in {stage}") as rejection:
        stack.up(program)
    assert_readable(rejection.value)
    with pytest.raises(Rejected, match=f"failed in {stage}"):
        stack.up(program)
    desired = changed(program, "listing", title="Contoso Books")
    stack.up(desired)
    stack.up(desired)
    assert submission_of(stack)["state"] == "live"


def test_a_cancelled_submission_fails_the_run_and_the_next_run_submits_again(
    program: Program, stack: Stack, emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator.decide("validation", "hold")

    def cancel_in_the_portal(_: float) -> None:
        newest = emulator.state()["submissions"][-1]
        path = f"/v1.0/ingestion/products/{newest['productID']}/submissions/{newest['id']}"
        assert emulator.client.delete(path).status_code in (204, 404)  # the provider looks twice

    with monkeypatch.context() as patches:
        patches.setattr(client, "ApiClient", functools.partial(ApiClient, sleep=cancel_in_the_portal))
        with pytest.raises(Rejected, match="was cancelled before it reached its target") as rejection:
            stack.up(program)
    assert_readable(rejection.value)
    stack.up(program)
    stack.up(program)
    assert submission_of(stack)["state"] == "live"


def test_a_token_that_expires_during_the_wait_is_renewed(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    with emulator_with_sign_in() as (emulator, login):
        for name, value in login.items():
            monkeypatch.setenv(name, value)
        pauses = []

        def expire(seconds: float) -> None:
            pauses.append(seconds)
            emulator.advance(4000)
            if len(pauses) == 3:
                emulator.decide("validation", "pass")

        monkeypatch.setattr(client, "ApiClient", functools.partial(ApiClient, sleep=expire))
        emulator.decide("validation", "hold")
        stack = Stack({"partnercenter:endpoint": emulator.url})
        stack.up(changed(program, "submission", target="preview"))
        assert submission_of(stack)["state"] == "preview"
        assert [request["status"] for request in emulator.requests()].count(401) == 3


def test_missing_details_of_a_submission_end_no_run(
    program: Program, stack: Stack, emulator: RunningEmulator
) -> None:
    emulator.fault("GET .*/workflowdetails", status=404, times=0)
    stack.up(program)
    stack.up(program)
    assert submission_of(stack)["state"] == "live"
    assert submission_of(stack)["steps"] == []


def test_a_live_offer_whose_plans_have_no_technical_configuration_is_refreshed_and_recognised(
    stack: Stack, emulator: RunningEmulator
) -> None:
    program = saas_program()
    emulator.decide("validation", "pass")
    stack.up(program)
    stack.up(program)
    assert submission_of(stack)["state"] == "live"
    assert stack.refresh() == {}
    assert submission_of(stack)["separate_changes"] == []
    assert_recognised_by_comparison(program, stack, emulator)


def test_seats_in_members_without_an_argument_survive_a_new_price(
    stack: Stack, emulator: RunningEmulator
) -> None:
    program = {name: declaration for name, declaration in saas_program().items() if name != "submission"}
    pricing = {"plan": Ref("plan"), "markets": ["US"], "prices": [{"amount": 49}], "subtype": ""}
    stack.up({**program, "pricing": Declaration(PlanPricing, pricing)})
    documents = [row for row in emulator.state()["featureAvailabilities"] if row.get("priceSchedules")]
    schedules = documents[0]["priceSchedules"]
    seats = {"min": 7, "max": 4321}
    schedules[0]["schedules"][0]["userLimits"] = seats
    path = f"/v1.0/ingestion/products/{documents[0]['productID']}/featureAvailabilities/{documents[0]['id']}"
    emulator.portal(path, priceSchedules=schedules, recurrentPriceMode="perUser")
    assert stack.refresh() == {}
    stack.up({**program, "pricing": Declaration(PlanPricing, {**pricing, "prices": [{"amount": 59}]})})
    (document,) = [
        row for row in emulator.state()["featureAvailabilities"] if row["id"] == documents[0]["id"]
    ]
    (price,) = document["priceSchedules"][0]["schedules"]
    assert (price["retailPrice"]["openPrice"], price["userLimits"]) == (59, seats)
    assert document["recurrentPriceMode"] == "perUser"


@pytest.mark.parametrize(
    "path",
    [
        "featureAvailabilities/getByInstanceID",
        "branches/getByModule.module=Property",
        "branches/getByModule.module=Package",
        "variants",
    ],
)
def test_content_that_the_service_does_not_find_is_no_deleted_submission(
    path: str, stack: Stack, emulator: RunningEmulator
) -> None:
    program = saas_program()
    emulator.decide("validation", "pass")
    stack.up(program)
    stack.up(program)
    stack.state = {"submission": stack.state["submission"]}
    emulator.fault(f"GET .*/{path}", status=404, times=0)
    with pytest.raises(ContractError, match="the offer exists, but this object does not"):
        stack.refresh()
    assert "submission" in stack.state


@pytest.mark.parametrize(
    ("kind", "offer_type", "arguments", "message"),
    [
        (OfferSetup, CENTRAL, {}, "sells_through_microsoft: .* offers are listed only"),
        (OfferSetup, OPERATIONS, {}, "sells_through_microsoft: .* offers are listed only"),
        (
            OfferSetup,
            ENGAGEMENT,
            {"sells_through_microsoft": False, "package_type": "AddOn"},
            "package_type: AzureDynamics365ForCustomerEngagement offers have none",
        ),
        (
            OfferSetup,
            CENTRAL,
            {"sells_through_microsoft": False, "package_type": "Theme"},
            "package_type: 'Theme'",
        ),
        (ResellerChannel, CENTRAL, {"state": "Disabled"}, "offer: .* offers have no reseller channel"),
        (Plan, CENTRAL, {"plan_id": "gold", "name": "Gold"}, "offer: .* offers have no plans"),
        (Plan, OPERATIONS, {"plan_id": "gold", "name": "Gold"}, "offer: .* offers have no plans"),
        (
            Plan,
            "SoftwareAsAService",
            {"plan_id": "team", "name": "Team", "subtype": "managed-application"},
            "subtype: plans of SoftwareAsAService offers have none",
        ),
        (
            PreviewAudience,
            CENTRAL,
            {"hide_key": "Contoso"},
            "hide_key: has lowercase letters and digits only",
        ),
        (
            PreviewAudience,
            CENTRAL,
            {"hide_key": "contoso-1"},
            "hide_key: has lowercase letters and digits only",
        ),
        (OfferMarkets, CENTRAL, {"markets": ["XX"]}, "markets"),
        (OfferMarkets, "SoftwareAsAService", {"markets": ["US"]}, "offer: .* have no markets of their own"),
        (
            Submission,
            "AzureApplication",
            {"publishes": ["a"], "sends": ["PreviewAudience audience"], "target": "live"},
            "target: 'live' — needs a ResellerChannel in publishes",
        ),
    ],
)
def test_what_the_type_of_an_offer_does_not_have_is_refused_in_the_preview(
    kind: type[Any], offer_type: str, arguments: dict[str, Any], message: str, stack: Stack, offline: None
) -> None:
    subject = Declaration(kind, {"offer": GUID, "offer_type": offer_type, **arguments})
    with pytest.raises(CheckFailed, match=message) as error:
        stack.preview({"subject": subject})
    assert all(len(reason.splitlines()) == 1 for reason in error.value.reasons)
    assert not any("'Contoso'" in reason or "contoso-1" in reason for reason in error.value.reasons)


@pytest.mark.parametrize(
    ("offer_type", "hide_key"),
    [(CENTRAL, "contoso1"), (CENTRAL, ""), (OPERATIONS, "Contoso-1"), ("", "Contoso-1")],
)
def test_a_hide_key_that_the_type_of_the_offer_may_have_passes(
    offer_type: str, hide_key: str, stack: Stack, offline: None
) -> None:
    arguments = {"offer": GUID, "offer_type": offer_type, "hide_key": hide_key}
    assert stack.preview({"subject": Declaration(PreviewAudience, arguments)}) == {"subject": "create"}


def test_a_long_id_of_a_business_central_offer_is_remarked_and_refused_before_a_write(
    stack: Stack, emulator: RunningEmulator, capsys: pytest.CaptureFixture[str]
) -> None:
    def offer(offer_id: str, offer_type: str = CENTRAL) -> dict[str, Declaration]:
        arguments = {"offer_id": offer_id, "offer_type": offer_type, "alias": "Contoso"}
        return {"offer": Declaration(Offer, arguments)}

    stack.preview(offer("c" * 40))
    assert "a new one needs at most 39 characters" in capsys.readouterr().out
    with pytest.raises(InputError, match="at most 39 characters"):
        stack.up(offer("c" * 40))
    assert write_requests(emulator) == []
    capsys.readouterr()
    stack.preview(offer("c" * 39))
    stack.preview(offer("c" * 40, OPERATIONS))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("kind", [OfferSetup, Plan, PreviewAudience, ResellerChannel])
def test_the_type_of_an_offer_causes_no_change_of_an_older_state(
    kind: type[Any], stack: Stack, emulator: RunningEmulator
) -> None:
    offer = Declaration(
        Offer, {"offer_id": "contoso-app", "offer_type": "AzureApplication", "alias": "Contoso"}
    )
    arguments: dict[type[Any], dict[str, Any]] = {
        OfferSetup: {},
        PreviewAudience: {"hide_key": "Contoso-1"},
        Plan: {"plan_id": "gold", "name": "Gold"},
        ResellerChannel: {"state": "Disabled"},
    }
    subject = Declaration(kind, {"offer": Ref("offer"), **arguments[kind]})
    stack.up({"offer": offer, "subject": subject})
    typed = replace(subject, arguments={**subject.arguments, "offer_type": "AzureApplication"})
    emulator.clear()
    assert stack.up({"offer": offer, "subject": typed}) == {}
    assert write_requests(emulator) == []
