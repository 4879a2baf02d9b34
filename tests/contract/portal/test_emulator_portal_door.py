"""The portal's part of the control plane: offers that people made, settings, decisions, reset, folders of data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator, in_process
from tests.contract.portal.cpp import DAY, MARKETPLACE, PUBLISHER, VM, CppApi, definition, envelope, plan

OFFER = "gateway-vm"
NAMES = {"publisher": PUBLISHER, "offer_id": OFFER}
NOW = 1_800_000_000.0


@pytest.fixture
def cpp(emulator: RunningEmulator) -> CppApi:
    return CppApi(emulator)


@pytest.mark.parametrize(
    ("published", "status", "slots"),
    [
        ("never", "neverPublished", {"preview": 404, "production": 404}),
        ("preview", "waitingForPublisherReview", {"preview": 200, "production": 404}),
        ("live", "succeeded", {"preview": 404, "production": 200}),
    ],
)
@pytest.mark.parametrize("is_migrated", [False, True])
def test_an_offer_of_the_portal_has_come_as_far_as_was_asked_for(cpp, is_migrated, published, status, slots):
    made = cpp.make(OFFER, is_migrated=is_migrated, definition=definition(), published=published)
    read = cpp.read(OFFER)
    assert made["status"] == read["status"] == cpp.status(OFFER) == status
    assert read.get("pcMigrationStatus") == ("migrated" if is_migrated else None)
    assert {slot: cpp.offer("GET", OFFER, f"/slot/{slot}").status_code for slot in slots} == slots
    assert read["version"] == (0 if published == "never" else 1)


def test_a_waiting_preview_of_the_portal_can_go_live(cpp):
    cpp.make(OFFER, definition=definition(), published="preview")
    cpp.go_live(OFFER)
    assert cpp.status(OFFER) == "succeeded"


def test_the_portal_publishes_what_is_incomplete_and_uses_no_decision(cpp):
    cpp.emulator.decide("portal_certification", "fail")
    cpp.make(OFFER, definition={"plans": [{"planId": "std"}]}, published="live")
    assert cpp.status(OFFER) == "succeeded"
    assert len(cpp.emulator.client.get("/_emulator/decide").json()) == 1


def test_an_offer_registers_its_publisher(cpp):
    cpp.control("offers", {"publisher": "contoso-new", "offer_id": OFFER})
    assert "contoso-new" in [publisher["id"] for publisher in cpp.call("GET", "/publishers").json()]
    assert cpp.call("GET", "/publishers/contoso-new/offers").json()[0]["id"] == OFFER


def test_an_edit_changes_members_adds_and_removes_plans_and_leaves_the_rest(cpp):
    cpp.make(OFFER, definition=definition("Gateway", plan("std"), plan("pro")))
    before = cpp.read(OFFER)["definition"]
    offer = {f"{MARKETPLACE}.title": "Renamed", f"{MARKETPLACE}.summary": None}
    plans = {"std": {f"{VM}.skuTitle": "Basic"}, "pro": None, "new": {"regions": ["US"]}}
    cpp.control("edit", {**NAMES, "offer": offer, "plans": plans})
    after = cpp.read(OFFER)["definition"]
    assert after["displayText"] == "Gateway"
    assert after["offer"][f"{MARKETPLACE}.title"] == "Renamed"
    assert f"{MARKETPLACE}.summary" not in after["offer"]
    unchanged = f"{MARKETPLACE}.privacyURL"
    assert after["offer"][unchanged] == before["offer"][unchanged]
    assert [item["planId"] for item in after["plans"]] == ["std", "new"]
    assert after["plans"][0] == {**before["plans"][0], f"{VM}.skuTitle": "Basic"}


def test_an_edit_removes_members_of_other_offer_types_too(cpp):
    content = {"offer": {"a": 1, "b": None}, "plans": [{"planId": "std", "c": 2}]}
    cpp.make(OFFER, offer_type="vs-marketplace-extensions", definition=content)
    cpp.control("edit", {**NAMES, "offer": {"a": None}, "plans": {"std": {"c": None}}})
    read = cpp.read(OFFER)["definition"]
    assert (read["offer"], read["plans"]) == ({"b": None}, [{"planId": "std"}])


def test_an_edit_keeps_the_copies_of_files(cpp):
    cpp.make(OFFER, definition=definition())
    name = f"{MARKETPLACE}.smallLogo"
    before = cpp.read(OFFER)["definition"]["offer"][name]
    cpp.control("edit", {**NAMES, "display_text": "Renamed"})
    assert cpp.read(OFFER)["definition"]["offer"][name].partition("?")[0] == before.partition("?")[0]


@pytest.mark.parametrize("target", ["preview", "live"])
def test_the_portal_publishes_the_present_draft(cpp, target):
    cpp.make(OFFER, definition=definition(), published="live")
    cpp.control("edit", {**NAMES, "display_text": "Renamed"})
    assert cpp.control("publish", {**NAMES, "target": target})["version"] == 2
    slot = "preview" if target == "preview" else "production"
    assert cpp.read(OFFER, f"/slot/{slot}")["definition"]["displayText"] == "Renamed"


def test_the_portal_can_write_members_of_an_offer_that_the_api_does_not_document(cpp):
    cpp.make(OFFER, definition=definition())
    path = f"/api/publishers/{PUBLISHER}/offers/{OFFER}"
    cpp.emulator.portal(path, newMember={"a": 1})
    document = cpp.read(OFFER)
    assert document["newMember"] == {"a": 1}
    assert cpp.put(OFFER, document, "*").status_code == 200
    assert cpp.read(OFFER)["newMember"] == {"a": 1}
    answer = cpp.emulator.client.post(
        "/_emulator/portal", json={"path": path, "members": {"definition": {}, "id": "x"}}
    )
    assert answer.json() == {"error": "members: definition, id cannot be changed"}


REFUSED = [
    ("offers", {**NAMES, "offer_id": "Gateway"}, "offer_id: must be at most 50"),
    ("offers", {**NAMES, "publisher": "a b"}, "publisher: "),
    ("offers", {**NAMES, "published": "gone"}, "published: "),
    ("offers", {**NAMES, "version": -1}, "version: "),
    ("offers", {**NAMES, "colour": "red"}, "colour: "),
    ("offers", {**NAMES, "definition": {"plans": [{}]}}, "definition: "),
    ("offers", {**NAMES, "definition": {"plans": 1}}, "definition: definition.plans has another type"),
    ("offers", {**NAMES, "definition": {"offer": {f"{MARKETPLACE}.smallLogo": "x"}}}, "definition: "),
    ("edit", {**NAMES, "offer_id": "unknown"}, f"offer_id: no offer {PUBLISHER}/unknown"),
    ("edit", {**NAMES, "plans": {"std": 1}}, "plans.std: "),
    ("publish", {**NAMES, "target": "moon"}, "target: "),
    ("publish", {**NAMES, "offer_id": "unknown"}, "offer_id: no offer"),
    ("publishers", {"publisher": ""}, "publisher: "),
    ("sample", {"publisher": "contoso"}, "publisher: unknown"),
    ("behaviour", {"profile": "modern"}, "profile: "),
    ("behaviour", {"busy_status": 500}, "busy_status"),
    ("behaviour", {"seconds_per_step": -1}, "seconds_per_step: "),
    ("spreadsheets", {"address": "x", "prices": {"DE": {"1core": -1}}}, "prices.DE.1core: "),
]


@pytest.mark.parametrize(("name", "body", "error"), REFUSED)
def test_a_bad_body_is_refused_with_the_member_and_changes_nothing(cpp, name, body, error):
    before = cpp.emulator.state()
    assert cpp.control(name, body, status=400)["error"].startswith(error)
    assert cpp.emulator.state() == before


def test_an_offer_that_exists_or_is_being_published_is_refused(cpp):
    cpp.make(OFFER, definition=definition(), published="preview")
    assert (
        cpp.control("offers", NAMES, status=400)["error"] == f"offer_id: {PUBLISHER}/{OFFER} exists already"
    )
    assert (
        cpp.control("publish", NAMES, status=400)["error"] == "offer_id: an operation of the offer is running"
    )


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"outcome": "perhaps"}, "outcome: must be one of pass, fail, reject, hold, block, approval"),
        ({"offer": "contoso/unknown"}, "offer: must be publisher/offer of an offer that exists"),
        ({"offer": 1}, "offer: must be"),
        ({"messages": "text"}, "messages: must be a list of texts"),
        ({"report": "text"}, "report: unknown"),
    ],
)
def test_a_bad_decision_is_refused(cpp, members, error):
    body = {"stage": "portal_live", "outcome": "pass", **members}
    answer = cpp.emulator.client.post("/_emulator/decide", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(error)


def test_settings_are_kept_until_null_or_a_reset_restores_their_defaults(cpp):
    defaults = cpp.control("behaviour", method="GET")
    assert defaults["profile"] == "observed2020"
    changed = cpp.control("behaviour", {"profile": "strict", "seconds_per_step": 5})
    assert changed == {**defaults, "profile": "strict", "seconds_per_step": 5}
    assert cpp.control("behaviour", {"profile": None}) == {**defaults, "seconds_per_step": 5}
    cpp.emulator.reset()
    assert cpp.control("behaviour", method="GET") == defaults


def test_a_reset_forgets_offers_publishers_decisions_and_spreadsheets(cpp):
    address = "https://files.fabrikam.example/prices.xlsx"
    cpp.control("spreadsheets", {"address": address, "prices": {"US": {"1core": 1}}})
    cpp.control("publishers", {"publisher": "contoso-other", "has_rights": False})
    cpp.make(OFFER, definition=definition(), published="live")
    cpp.emulator.decide("portal_live", "fail")
    cpp.emulator.reset()
    assert not any(cpp.emulator.state().values())
    assert cpp.emulator.client.get("/_emulator/decide").json() == []
    assert cpp.call("GET", "/publishers/contoso-other/offers").status_code == 404
    sheet = {"isByol": False, "spreadSheetPricing": {"uri": address}}
    cpp.put(OFFER, envelope(OFFER, definition("Gateway", plan("std", sheet))))
    pricing = cpp.read(OFFER, includeAllPricing="true")["definition"]["plans"][0]["virtualMachinePricing"]
    assert "regionPrices" not in pricing


def test_sample_data_can_be_published_and_edited(cpp):
    live, draft = cpp.control("sample", {})
    assert (live["id"], live["status"], live["version"]) == ("edge-gateway-vm", "succeeded", 3)
    assert (draft["id"], draft["status"]) == ("old-router-vm", "neverPublished")
    for offer in ("edge-gateway-vm", "old-router-vm"):
        cpp.publish(offer)
        cpp.go_live(offer)
        assert cpp.status(offer) == "succeeded"


def test_the_state_shows_offers_slots_versions_operations_and_publishers(cpp):
    cpp.make(OFFER, definition=definition(), published="live")
    cpp.publish(OFFER)
    cpp.control("publishers", {"publisher": "contoso-other"})
    state = cpp.emulator.state()
    (offer,) = state["portalOffers"]
    assert (offer["offer"], offer["stage"]) == (f"{PUBLISHER}/{OFFER}", "waitingForPublisherReview")
    assert [slot["name"] for slot in state["portalSlots"]] == ["production", "preview"]
    assert [version["version"] for version in state["portalVersions"]] == [1, 2]
    assert [operation["stage"] for operation in state["portalOperations"]] == [
        "completed",
        "completed",
        "running",
    ]
    assert [publisher["publisher"] for publisher in state["portalPublishers"]] == ["contoso-other"]


def test_requests_are_logged_and_faults_hit_them(cpp):
    cpp.make(OFFER, definition=definition())
    cpp.emulator.clear()
    cpp.emulator.fault("POST .*/publish", status=503, headers={"Retry-After": "1"})
    assert cpp.offer("POST", OFFER, "/publish").status_code == 503
    cpp.publish(OFFER)
    path = f"/api/publishers/{PUBLISHER}/offers/{OFFER}/publish?api-version=2017-10-31"
    assert cpp.emulator.requests() == [
        {"method": "POST", "path": path, "status": status, "service": "portal"} for status in (503, 202)
    ]


def test_answers_have_the_headers_of_the_service(cpp):
    first, second = cpp.call("GET", "/publishers"), cpp.call("GET", "/offerTypes")
    name = "x-ms-correlation-request-id"
    assert first.headers[name] != second.headers[name]
    assert first.headers["cache-control"] == "no-cache"
    assert "request-id" not in first.headers
    assert all(set(offer_type) == {"id", "version"} for offer_type in second.json())


def test_an_unknown_route_or_query_is_not_emulated(cpp):
    assert cpp.call("GET", "/publishers/contoso").status_code == 501
    assert cpp.call("PATCH", f"/publishers/{PUBLISHER}/offers/{OFFER}").status_code == 501
    assert cpp.call("GET", "/publishers", params={**VERSION_AND_TOP}).status_code == 501


VERSION_AND_TOP = {"api-version": "2017-10-31", "$top": "5"}


@contextmanager
def open_folder(folder: Path) -> Iterator[CppApi]:
    with in_process(data=folder, pace="real", now=lambda: NOW) as emulator:
        yield CppApi(emulator)


def test_a_folder_keeps_offers_operations_settings_and_decisions_over_a_restart(tmp_path):
    def answers(cpp: CppApi) -> list[Any]:
        return [
            cpp.emulator.state(),
            cpp.read(OFFER, "/status"),
            cpp.read(OFFER, "/submissions/"),
            cpp.control("behaviour", method="GET"),
            cpp.emulator.client.get("/_emulator/decide").json(),
        ]

    with open_folder(tmp_path) as cpp:
        cpp.set(profile="strict")
        cpp.make(OFFER, is_migrated=True, definition=definition(), published="live")
        cpp.publish(OFFER)
        cpp.emulator.advance(DAY)
        cpp.emulator.decide("portal_packaging", "reject", messages=["No."])
        tag = cpp.put(OFFER, cpp.read(OFFER), "*").headers["etag"]
        before = answers(cpp)
    with open_folder(tmp_path) as cpp:
        assert answers(cpp) == before
        assert cpp.put(OFFER, cpp.read(OFFER), tag).status_code == 200
        cpp.emulator.advance(30 * DAY)
        assert cpp.status(OFFER) == "failed"
