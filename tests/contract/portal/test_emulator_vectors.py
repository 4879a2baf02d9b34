"""Documented requests and their answers, as public clients correct them, over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.portal.cpp import (
    AUDIENCE,
    CORE_VM,
    DAY,
    LOGOS,
    MARKETPLACE,
    PUBLISHER,
    STEPS,
    VERSION,
    VM,
    CppApi,
    definition,
    envelope,
    plan,
)

MIGRATED, LEGACY = "edge-gateway-vm", "old-router-vm"
OFFERS = f"/publishers/{PUBLISHER}/offers"
CPP_FORBIDDEN = {"error": {"code": "Forbidden", "message": "User does not have the required permissions"}}


@pytest.fixture
def cpp(emulator: RunningEmulator) -> CppApi:
    """The offers of the documented requests, and a publisher in which the caller has no rights."""
    cpp = CppApi(emulator)
    cpp.make(MIGRATED, is_migrated=True, definition=definition("Edge Gateway"), published="live", version=2)
    cpp.make(LEGACY, definition=definition("Old Router"))
    cpp.control("publishers", {"publisher": "contoso-other", "has_rights": False})
    return cpp


EVERY_CALL = [
    ("GET", OFFERS),
    ("GET", f"{OFFERS}/{LEGACY}"),
    ("GET", f"{OFFERS}/{LEGACY}/versions/0"),
    ("GET", f"{OFFERS}/{LEGACY}/slot/draft"),
    ("GET", f"{OFFERS}/{LEGACY}/status"),
    ("PUT", f"{OFFERS}/{LEGACY}"),
    ("POST", f"{OFFERS}/{LEGACY}/publish"),
    ("POST", f"{OFFERS}/{LEGACY}/golive"),
    ("POST", f"{OFFERS}/{LEGACY}/cancel"),
    ("GET", f"{OFFERS}/{LEGACY}/submissions/"),
    ("GET", f"{OFFERS}/{LEGACY}/operations/{uuid.UUID(int=0)}"),
    ("GET", f"/operations/{PUBLISHER}${LEGACY}$1$preview"),
    ("GET", "/publishers"),
    ("GET", "/offerTypes"),
]


@pytest.mark.sample(6)
@pytest.mark.parametrize(("method", "path"), EVERY_CALL)
def test_1_a_call_without_token_or_with_that_of_another_audience_is_401(cpp, method, path):
    client = cpp.emulator.client
    tenant, form = "11111111-1111-1111-1111-111111111111", {"grant_type": "client_credentials"}
    form |= {"client_id": "22222222-2222-2222-2222-222222222222", "client_secret": "emulator"}
    scope = {"scope": "https://api.partner.microsoft.com/.default"}
    other = client.post(f"/{tenant}/oauth2/v2.0/token", data={**form, **scope}).json()["access_token"]
    for authorization in ("", "Bearer nonsense", f"Bearer {other}"):
        answer = cpp.call(method, path, headers={"Authorization": authorization})
        assert answer.status_code == 401
        assert list(answer.json()) == ["Message"]


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("oauth2/token", {"resource": AUDIENCE}),
        ("oauth2/v2.0/token", {"scope": f"{AUDIENCE}/.default"}),
    ],
)
def test_1_both_token_endpoints_issue_tokens_for_the_portal(cpp, path, form):
    tenant, client = "11111111-1111-1111-1111-111111111111", cpp.emulator.client
    sent = {
        "grant_type": "client_credentials",
        "client_id": "22222222-2222-2222-2222-222222222222",
        "client_secret": "emulator",
    }
    token = client.post(f"/{tenant}/{path}", data={**sent, **form}).json()["access_token"]
    authorized = {"Authorization": f"Bearer {token}"}
    assert cpp.call("GET", "/publishers", headers=authorized).status_code == 200
    assert client.get("/v1.0/ingestion/products", headers=authorized).status_code == 401


@pytest.mark.sample(6)
@pytest.mark.parametrize(("method", "path"), EVERY_CALL)
@pytest.mark.parametrize("query", [{}, {"api-version": "1999-01-01"}])
def test_2_a_call_without_a_version_of_the_api_is_400(cpp, method, path, query):
    answer = cpp.call(method, path, params=query, json={} if method == "PUT" else None)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "InvalidAPIVersion"
    assert "2017-10-31" in answer.json()["error"]["message"]


def test_2_the_preview_version_is_a_version(cpp):
    assert cpp.call("GET", "/offerTypes", params={"api-version": "2016-08-01-preview"}).status_code == 200


@pytest.mark.sample(6)
@pytest.mark.parametrize(("method", "path"), [call for call in EVERY_CALL if PUBLISHER in call[1]])
def test_3_a_publisher_without_rights_is_403(cpp, method, path):
    body = envelope(LEGACY, definition()) if method == "PUT" else None
    answer = cpp.call(method, path.replace(PUBLISHER, "contoso-other"), json=body)
    assert (answer.status_code, answer.json()) == (403, CPP_FORBIDDEN)
    assert "contoso-other" not in [publisher["id"] for publisher in cpp.call("GET", "/publishers").json()]


@pytest.mark.parametrize("members", [{"associated": False}, {"roles": []}])
def test_3_an_application_that_nobody_added_to_the_account_or_without_a_role_is_403(cpp, members):
    names = {
        "tenant": "33333333-3333-3333-3333-333333333333",
        "client": "44444444-4444-4444-4444-444444444444",
    }
    client = cpp.emulator.client
    client.post("/_emulator/applications", json={**names, "secret": "known", **members}).raise_for_status()
    form = {"grant_type": "client_credentials", "client_id": names["client"], "client_secret": "known"}
    answer = client.post(f"/{names['tenant']}/oauth2/token", data={**form, "resource": AUDIENCE})
    authorized = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    answer = cpp.call("GET", OFFERS, headers=authorized)
    assert (answer.status_code, answer.json()) == (403, CPP_FORBIDDEN)


def test_3_rights_are_those_of_applications_that_were_added_to_the_publisher(cpp):
    tenant = "33333333-3333-3333-3333-333333333333"
    added, other = "aaaaaaaa-4444-4444-4444-444444444444", "BBBBBBBB-5555-5555-5555-555555555555"
    for client in (added, other):
        body = {"tenant": tenant, "client": client, "secret": "known"}
        cpp.emulator.client.post("/_emulator/applications", json=body).raise_for_status()
    cpp.control("publishers", {"publisher": "contoso-other", "applications": [added.upper()]})
    for client, status in ((added, 200), (other, 403)):
        authorized = {"Authorization": f"Bearer emulator:{tenant}:{client}"}
        answer = cpp.call("GET", "/publishers/contoso-other/offers", headers=authorized)
        assert (answer.status_code, answer.json()) == (status, [] if status == 200 else CPP_FORBIDDEN)
        assert cpp.call("GET", "/publishers/contoso/offers", headers=authorized).status_code == 200
        listed = cpp.call("GET", "/publishers", headers=authorized).json()
        assert ("contoso-other" in [publisher["id"] for publisher in listed]) == (status == 200)
    refused = cpp.control("publishers", {"publisher": "contoso-other", "applications": ["x"]}, status=400)
    assert "applications" in str(refused)


def test_3_an_unknown_publisher_is_404(cpp):
    assert cpp.call("GET", "/publishers/contoso-unknown/offers").status_code == 404


def test_4_a_list_filtered_by_type_has_summaries_of_both_forms(cpp):
    cpp.make("core", offer_type=CORE_VM)
    filtered = {**VERSION, "$filter": f"offerTypeId eq '{VM}'"}
    migrated, legacy = cpp.call("GET", OFFERS, params=filtered).json()
    assert [migrated["id"], legacy["id"]] == [MIGRATED, LEGACY]
    assert (migrated["pcMigrationStatus"], migrated["lockStatus"]) == ("migrated", "none")
    assert (migrated["status"], migrated["version"]) == ("succeeded", 3)
    assert legacy["definition"] == {"displayText": "Old Router"}
    assert (legacy["status"], legacy["version"]) == ("neverPublished", 0)
    assert set(legacy) == {
        "offerTypeId",
        "publisherId",
        "status",
        "version",
        "id",
        "definition",
        "changedTime",
    }
    assert len(cpp.call("GET", OFFERS).json()) == 3
    assert cpp.call("GET", "/publishers/contoso/offers").json() == []


def test_5_an_unknown_offer_of_a_migrated_publisher_is_404_by_module(cpp):
    answer = cpp.offer("GET", "edge-gateway-xx")
    assert answer.status_code == 404
    assert answer.json() == {
        "Product": {
            "serviceName": "Product",
            "error": "Microsoft.Ingestion.Api.Common.Exceptions.Http404Exception: CPP product edge-gateway-xx not"
            " found in current PC environment.",
            "exceptionCode": "Http404Exception",
            "httpStatusCode": "NotFound",
        }
    }
    answer = cpp.call("GET", "/publishers/contoso/offers/edge-gateway-xx")
    assert (answer.status_code, list(answer.json())) == (404, ["error"])


@pytest.mark.parametrize(
    ("offer", "slot"), [(MIGRATED, "preview"), (LEGACY, "production"), (LEGACY, "preview")]
)
def test_6_a_slot_that_was_never_reached_is_404(cpp, offer, slot):
    assert cpp.offer("GET", offer, f"/slot/{slot}").status_code == 404


def test_6_slots_are_named_in_any_case(cpp):
    for slot in ("Draft", "draft", "PRODUCTION"):
        assert cpp.read(MIGRATED, f"/slot/{slot}")["id"] == MIGRATED
    assert cpp.offer("GET", MIGRATED, "/slot/staging").status_code == 400


@pytest.mark.parametrize("members", [{"offerTypeId": ""}, {"offerTypeId": None}, {}])
def test_7_a_put_without_offer_type_is_400(cpp, members):
    body = envelope("new-vm", definition())
    del body["offerTypeId"]
    answer = cpp.put("new-vm", body | members)
    assert answer.status_code == 400
    message = "The argument: 'OfferTypeId' cannot be null or empty."
    assert answer.json() == {"error": {"code": "BadRequest", "message": message}}


@pytest.mark.parametrize(
    ("profile", "status", "code"),
    [
        ("strict", 400, "BadRequest"),
        ("observed2020", 409, "InvalidResourceId"),
        ("clients2022", 200, None),
    ],
)
def test_8_a_put_of_an_offer_that_exists_without_if_match_depends_on_the_profile(cpp, profile, status, code):
    cpp.set(profile=profile)
    answer = cpp.put(LEGACY, cpp.read(LEGACY))
    assert answer.status_code == status
    assert answer.json().get("error", {}).get("code") == code


@pytest.mark.parametrize("offer", [MIGRATED, LEGACY])
def test_9_a_stale_etag_is_412_and_a_fresh_one_gives_a_new_one(cpp, offer):
    document = cpp.read(offer)
    first = cpp.put(offer, document, "*").headers["etag"]
    second = cpp.put(offer, document, first)
    assert second.status_code == 200
    assert second.headers["etag"] not in ("", first)
    assert cpp.put(offer, document, first).status_code == 412
    assert cpp.put(offer, document, "*").status_code == 200


@pytest.mark.parametrize(
    ("publisher", "profile", "status"),
    [
        ("contoso", "observed2020", 201),
        ("contoso", "strict", 201),
        ("contoso", "clients2022", 200),
        (PUBLISHER, "observed2020", 200),
    ],
)
def test_10_a_new_offer_is_201_or_200_with_defaults_and_addresses_of_copies(cpp, publisher, profile, status):
    cpp.set(profile=profile)
    body = {**envelope("new-vm", definition()), "publisherId": publisher}
    answer = cpp.call("PUT", f"/publishers/{publisher}/offers/new-vm", json=body)
    assert answer.status_code == status
    offer = cpp.call("GET", f"/publishers/{publisher}/offers/new-vm").json()["definition"]["offer"]
    for logo in LOGOS:
        host = "https://publishingstoredm.blob.core.windows.net/prodcontent/"
        assert offer[f"{MARKETPLACE}.{logo}"].startswith(host)
    assert offer[f"{MARKETPLACE}.tableLeadConfiguration"] == {}
    assert offer[f"{MARKETPLACE}-testdrive.enabled"] is False


@pytest.mark.parametrize("name", ["legacyOfferId", "legacyPublisherId"])
def test_11_a_put_with_a_read_only_member_of_core_vm_is_400(cpp, name):
    cpp.make("core", offer_type=CORE_VM, is_migrated=True, has_legacy_ids=True)
    document = cpp.read("core")
    assert document["definition"]["offer"][f"{CORE_VM}.{name}"]
    document["definition"]["offer"] = {
        key: value for key, value in document["definition"]["offer"].items() if "legacy" not in key
    }
    assert cpp.put("core", document, "*").status_code == 200
    document["definition"]["offer"][f"{CORE_VM}.{name}"] = "core"
    assert cpp.put("core", document, "*").status_code == 400


@pytest.mark.parametrize("offer", [MIGRATED, LEGACY])
def test_12_a_draft_without_logos_is_422_and_nothing_is_started(cpp, offer):
    operations, before = cpp.read(offer, "/submissions/"), cpp.read(offer)

    def remove_logos(draft: dict[str, Any]) -> None:
        for logo in LOGOS:
            del draft["offer"][f"{MARKETPLACE}.{logo}"]

    cpp.edit(offer, remove_logos)
    answer = cpp.offer("POST", offer, "/publish")
    assert answer.status_code == 422
    assert all(logo in answer.text for logo in LOGOS)
    assert list(answer.json()) == (["Product"] if offer == MIGRATED else ["error"])
    assert cpp.read(offer, "/submissions/") == operations
    assert [cpp.read(offer)[name] for name in ("status", "version")] == [before["status"], before["version"]]
    if offer == MIGRATED:
        cpp.set(errors_as_text=True)
        text = cpp.offer("POST", offer, "/publish").json()
        assert text.startswith("Microsoft.Ingestion.Api.Common.Exceptions.Http422Exception: ")


@pytest.mark.parametrize("offer", [MIGRATED, LEGACY])
def test_13_a_publication_is_accepted_and_runs(cpp, offer):
    cpp.emulator.decide("portal_validation", "hold")
    location = cpp.publish(offer)
    (running,) = cpp.read(offer, "/submissions/", status="running")
    number = cpp.read(offer)["version"]
    assert location == (
        f"/api/publishers/{PUBLISHER}/offers/{MIGRATED}/operations/{running['id']}?api-version=2017-10-31"
        if offer == MIGRATED
        else f"/api/operations/{PUBLISHER}${LEGACY}${number}$preview?api-version=2017-10-31"
    )
    assert cpp.read(offer, "/submissions/", submissionState="running") == [running]
    assert (running["submissionState"], running["slot"]) == ("running", "staging")
    assert (running["offerVersion"], running["publishingVersion"]) == (number - 1, number)
    assert cpp.status(offer) == cpp.read(offer)["status"] == cpp.follow(location)["status"] == "running"
    assert cpp.read(offer, f"/operations/{running['id']}") == cpp.follow(location)


@pytest.mark.parametrize("status", [409, 400])
def test_14_a_second_publication_is_refused_while_the_first_runs_or_waits(cpp, status):
    cpp.set(busy_status=status)
    cpp.emulator.decide("portal_validation", "hold")
    cpp.publish(LEGACY)
    assert cpp.offer("POST", LEGACY, "/publish").status_code == status
    cpp.emulator.decide("portal_validation", "pass")
    assert cpp.status(LEGACY) == "waitingForPublisherReview"
    assert cpp.offer("POST", LEGACY, "/publish").status_code == status
    assert len(cpp.read(LEGACY, "/submissions/")) == 1


@pytest.mark.parametrize("offer", [MIGRATED, LEGACY])
def test_15_steps_progress_with_the_clock_until_the_preview_waits(cpp, offer):
    cpp.set(seconds_per_step=DAY)
    location = cpp.publish(offer)
    for position, step in enumerate(STEPS[:4]):
        expected = ["complete"] * position + ["inProgress"] + ["notStarted"] * (5 - position)
        assert list(cpp.steps(offer).values()) == expected, step
        assert cpp.offer("GET", offer, "/slot/preview").status_code == 404
        cpp.emulator.advance(DAY)
    assert cpp.steps(offer) == {
        **dict.fromkeys(STEPS[:4], "complete"),
        "publisher-signoff": "waitingForPublisherReview",
        "live": "notStarted",
    }
    assert cpp.status(offer) == "waitingForPublisherReview"
    assert cpp.follow(location)["status"] == "running"
    assert cpp.read(offer, "/slot/preview")["id"] == offer


@pytest.mark.parametrize("offer", [MIGRATED, LEGACY])
@pytest.mark.parametrize("body", [None, {}, {"metadata": {"notification-emails": "ops@fabrikam.example"}}])
def test_16_go_live_brings_the_preview_to_production_and_each_publication_a_version(cpp, offer, body):
    version = cpp.read(offer)["version"]
    cpp.set(seconds_per_step=DAY)
    cpp.publish(offer)
    cpp.emulator.advance(5 * DAY)
    preview = without_signatures(cpp.read(offer, "/slot/preview"))
    answer = cpp.offer("POST", offer, "/golive", json=body)
    assert (answer.status_code, answer.content) == (202, b"")
    assert cpp.status(offer) == "running"
    assert cpp.steps(offer)["live"] == "inProgress"
    cpp.emulator.advance(DAY)
    assert cpp.status(offer) == "succeeded"
    assert cpp.follow(answer.headers["location"])["status"] == (
        "complete" if offer == MIGRATED else "completed"
    )
    production = without_signatures(cpp.read(offer, "/slot/production"))
    assert production == {**preview, "status": "succeeded"}
    assert cpp.read(offer)["version"] == production["version"] == version + 1
    assert without_signatures(cpp.read(offer, f"/versions/{version + 1}")) == production


def without_signatures(document: Any) -> Any:
    if isinstance(document, dict):
        return {name: without_signatures(value) for name, value in document.items()}
    if isinstance(document, list):
        return [without_signatures(value) for value in document]
    is_copy = isinstance(document, str) and document.startswith("https://publishingstoredm.")
    return document.partition("?")[0] if is_copy else document


@pytest.mark.parametrize("offer", [MIGRATED, LEGACY])
def test_17_go_live_is_400_when_nothing_waits(cpp, offer):
    assert cpp.offer("POST", offer, "/golive").status_code == 400
    cpp.emulator.decide("portal_packaging", "hold")
    cpp.publish(offer)
    assert cpp.offer("POST", offer, "/golive").status_code == 400


@pytest.mark.parametrize("waits", [False, True])
def test_18_a_cancellation_that_is_not_asynchronous_is_over_at_once(cpp, waits):
    cpp.set(async_cancel=False, idle_cancel_status=400)
    if not waits:
        cpp.emulator.decide("portal_certification", "hold")
    cpp.publish(LEGACY)
    answer = cpp.offer("POST", LEGACY, "/cancel")
    assert (answer.status_code, answer.content) == (200, b"")
    assert cpp.status(LEGACY) == "canceled"
    assert cpp.offer("POST", LEGACY, "/cancel").status_code == 400


@pytest.mark.parametrize("offer", [MIGRATED, LEGACY])
def test_18_a_cancellation_is_202_by_default_even_with_nothing_to_cancel(cpp, offer):
    cpp.emulator.decide("portal_certification", "hold")
    cpp.publish(offer)
    answer = cpp.offer("POST", offer, "/cancel")
    assert (answer.status_code, answer.content) == (202, b"")
    assert cpp.follow(answer.headers["location"])["status"] == "canceled"
    assert cpp.read(offer)["status"] == "canceled"
    assert cpp.offer("POST", offer, "/cancel").status_code == 202


@pytest.mark.parametrize("offer", [MIGRATED, LEGACY])
@pytest.mark.parametrize("images", [{}, {"1.0.0": {"osVhdUrl": ""}}])
def test_19_a_plan_without_image_fails_in_certification_with_a_message_that_names_it(cpp, offer, images):
    cpp.edit(offer, lambda draft: draft["plans"].append({**plan("bare"), f"{VM}.vmImages": images}))
    location = cpp.publish(offer)
    operation = cpp.follow(location)
    (step,) = [step for step in operation["steps"] if step["id"] == "displaycertify"]
    assert (operation["status"], step["status"]) == ("failed", "blocked")
    (message,) = step["messages"]
    assert message["level"] == "error"
    assert message["messageHtml"] == "No virtual machine image was found for the plan bare."
    assert cpp.status(offer) == "failed"


@pytest.mark.parametrize(("offer", "is_present"), [(MIGRATED, False), (LEGACY, True)])
def test_20_addresses_for_news_are_kept_for_offers_that_were_not_migrated(cpp, offer, is_present):
    emails = "ops@fabrikam.example,release@fabrikam.example"
    operation = cpp.follow(cpp.publish(offer, emails))
    (submission, *_) = cpp.read(offer, "/submissions/")
    expected = emails if is_present else None
    assert operation.get("notificationEmails") == expected
    assert cpp.read(offer, "/status").get("notificationEmails") == expected
    assert submission["definition"]["metadata"].get("emails") == expected


def test_21_a_higher_price_of_a_plan_in_production_is_422(cpp):
    def set_price(draft: dict[str, Any], price: float) -> None:
        for name in ("virtualMachinePricing", "virtualMachinePricingV2"):
            draft["plans"][0][name]["coreMultiplier"]["single"] = price

    cpp.edit(MIGRATED, lambda draft: set_price(draft, 0.13))
    answer = cpp.offer("POST", MIGRATED, "/publish")
    assert answer.status_code == 422
    assert "Plan std raises the price" in answer.json()["Product"]["error"]
    cpp.edit(MIGRATED, lambda draft: set_price(draft, 0.11))
    cpp.publish(MIGRATED)


def test_22_there_is_no_deletion(cpp):
    answer = cpp.offer("DELETE", LEGACY)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, PUT"
    assert cpp.read(LEGACY)["id"] == LEGACY
