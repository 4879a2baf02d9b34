"""Documents between a write and a read: defaults, copied files, secrets, prices, members that nobody knows."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from provider.tools.emulators import RunningEmulator, in_process
from tests.contract.portal.cpp import (
    CORE_VM,
    LOGOS,
    MARKETPLACE,
    PUBLISHER,
    VM,
    CppApi,
    definition,
    envelope,
    image,
    plan,
)

OFFER = "gateway-vm"
TEST_DRIVE = f"{MARKETPLACE}-testdrive"
LEADS = ("table", "blob", "salesForce", "crm", "httpsEndpoint", "marketo")
FORMS = [False, True]


@pytest.fixture
def cpp(emulator: RunningEmulator) -> CppApi:
    return CppApi(emulator)


def create(cpp: CppApi, *, is_migrated: bool, sent: Any = None) -> dict[str, Any]:
    """PUT a new offer. Return the answer."""
    cpp.set(is_migrated=is_migrated)
    answer = cpp.put(OFFER, envelope(OFFER, sent or definition()))
    assert answer.is_success, answer.text
    return answer.json()


@pytest.mark.parametrize("is_migrated", FORMS)
def test_what_was_sent_comes_back(cpp, is_migrated):
    """Files excepted: their addresses change."""
    sent = definition("Gateway", plan("std"), plan("pro"))
    create(cpp, is_migrated=is_migrated, sent=sent)
    read = cpp.read(OFFER)["definition"]
    assert read["displayText"] == "Gateway"
    for name, value in sent["offer"].items():
        if not name.endswith("Logo"):
            assert read["offer"][name] == value, name
    assert [item["planId"] for item in read["plans"]] == ["std", "pro"]
    for before, after in zip(sent["plans"], read["plans"], strict=True):
        assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("is_migrated", FORMS)
def test_members_that_were_not_sent_have_defaults(cpp, is_migrated):
    create(cpp, is_migrated=is_migrated, sent={"displayText": "Empty", "plans": [{"planId": "std"}]})
    read = cpp.read(OFFER)["definition"]
    assert read["offer"] == {
        **{f"{MARKETPLACE}.{name}LeadConfiguration": {} for name in LEADS},
        f"{MARKETPLACE}.categories": [],
        f"{MARKETPLACE}.leadNotificationEmails": "",
        f"{MARKETPLACE}.useEnterpriseContract": False,
        f"{MARKETPLACE}.universalAmendmentTerms": "",
        f"{MARKETPLACE}.customAmendments": None,
        f"{TEST_DRIVE}.enabled": False,
        f"{TEST_DRIVE}.videos": [],
        f"{TEST_DRIVE}.description": None,
        f"{TEST_DRIVE}.accessInformation": None,
        f"{TEST_DRIVE}.userManual": "",
        f"{VM}.managerContactName": "",
        f"{VM}.managerContactEmail": "",
        f"{VM}.managerContactPhone": "",
        f"{VM}.gtmMaterials": "",
    }
    flags = {
        "supportsAcceleratedNetworking": False,
        "supportsCloudInit": False,
        "supportsBackup": False,
        "supportsHibernation": False,
        "supportsNVMe": False,
        "isNetworkVirtualAppliance": False,
        "isLockedDown": False,
        "isCustomArmTemplateRequired": False,
        "supportsExtensions": True,
        "allowOnlyManagedDiskDeployments": True,
        "generation": "1",
        "patchOptions": {"supportsHotpatch": False},
        "legacyPlanId": "std",
    }
    extra = {f"{VM}.{name}": value for name, value in flags.items()} if is_migrated else {}
    assert read["plans"] == [{"planId": "std", f"{VM}.certificationsFairfax": [], **extra}]


@pytest.mark.parametrize("is_migrated", FORMS)
def test_a_document_that_was_read_can_be_written_back_and_nothing_changes(cpp, is_migrated):
    sent = definition("Gateway", plan("std"), plan("win", operatingSystemFamily="Windows"))
    sent["offer"][f"{MARKETPLACE}.heroLogo"] = "https://files.fabrikam.example/hero.png"
    create(cpp, is_migrated=is_migrated, sent=sent)
    before = cpp.read(OFFER, includeAllPricing="true")
    assert cpp.put(OFFER, before, "*").status_code == 200
    after = cpp.read(OFFER, includeAllPricing="true")
    assert after["changedTime"] > before["changedTime"]
    assert unsigned(after["definition"]) == unsigned(before["definition"])
    (stored,) = cpp.emulator.state()["portalOffers"]
    assert "sig=" not in json.dumps(stored["definition"]["offer"]), "a copy is stored without a signature"


def unsigned(value: Any) -> Any:
    """The value without queries of addresses."""
    text = json.dumps(value)
    return json.loads(text, object_hook=lambda item: {k: strip(v) for k, v in item.items()})


def strip(value: Any) -> Any:
    if isinstance(value, list):
        return [strip(item) for item in value]
    return value.partition("?")[0] if isinstance(value, str) else value


@pytest.mark.parametrize("is_migrated", FORMS)
def test_a_hero_logo_is_dropped_and_empty_amendments_are_null_only_after_migration(cpp, is_migrated):
    sent = definition()
    sent["offer"] |= {
        f"{MARKETPLACE}.heroLogo": "https://files.fabrikam.example/hero.png",
        f"{MARKETPLACE}.customAmendments": {},
    }
    create(cpp, is_migrated=is_migrated, sent=sent)
    offer = cpp.read(OFFER)["definition"]["offer"]
    assert (f"{MARKETPLACE}.heroLogo" in offer) is not is_migrated
    assert offer[f"{MARKETPLACE}.customAmendments"] == (None if is_migrated else {})


@pytest.mark.parametrize("is_migrated", FORMS)
def test_the_type_of_windows_is_an_alias_after_migration_and_missing_in_the_answer_to_a_write(
    cpp, is_migrated
):
    windows = plan("win", operatingSystemFamily="Windows", windowsOSType="Other")
    del windows[f"{VM}.osType"]
    answer = create(cpp, is_migrated=is_migrated, sent=definition("Gateway", windows))
    (written,), (read,) = answer["definition"]["plans"], cpp.read(OFFER)["definition"]["plans"]
    assert f"{VM}.windowsOSType" not in written
    assert read.get(f"{VM}.windowsOSType") == (None if is_migrated else "Other")
    assert read.get(f"{VM}.osType") == ("Other" if is_migrated else None)


@pytest.mark.parametrize("is_migrated", FORMS)
def test_only_migrated_plans_have_both_prices_if_the_older_alone_was_sent(cpp, is_migrated):
    priced = plan("std")
    del priced["virtualMachinePricingV2"]
    create(cpp, is_migrated=is_migrated, sent=definition("Gateway", priced))
    (read,) = cpp.read(OFFER)["definition"]["plans"]
    assert read["virtualMachinePricing"] == priced["virtualMachinePricing"]
    assert read.get("virtualMachinePricingV2") == (priced["virtualMachinePricing"] if is_migrated else None)


def test_versions_of_schemas_are_dropped(cpp):
    body = {**envelope(OFFER, definition()), "offerTypeVersions": {VM: 87}}
    assert "offerTypeVersions" not in cpp.put(OFFER, body).json()
    assert "offerTypeVersions" not in cpp.read(OFFER)


# --- Files


def test_addresses_of_files_become_copies_of_the_service_with_changing_signatures(cpp):
    sent = definition()
    sent["offer"] |= {
        f"{MARKETPLACE}.screenshots": [
            "https://files.fabrikam.example/1.png",
            {"name": "Second", "uri": "https://files.fabrikam.example/2.png"},
        ],
        f"{MARKETPLACE}.videos": [
            {
                "name": "Tour",
                "link": "https://video.fabrikam.example/tour",
                "thumbnail": "https://files.fabrikam.example/t.png",
            }
        ],
    }
    sent["plans"][0] |= {
        "restrictedAudience": {"uploadedCsvUri": "https://files.fabrikam.example/list.csv?sig=abc"},
        "virtualMachinePricing": {"spreadSheetPricing": {"uri": "https://files.fabrikam.example/p.xlsx"}},
        "virtualMachinePricingV2": {"spreadSheetPricing": {"uri": "https://files.fabrikam.example/p.xlsx"}},
    }
    create(cpp, is_migrated=True, sent=sent)

    def addresses() -> list[str]:
        read = cpp.read(OFFER)["definition"]
        (only,) = read["plans"]
        first, second = read["offer"][f"{MARKETPLACE}.screenshots"]
        (video,) = read["offer"][f"{MARKETPLACE}.videos"]
        assert second["name"] == "Second"
        assert video["link"] == "https://video.fabrikam.example/tour"
        return [
            *(read["offer"][f"{MARKETPLACE}.{logo}"] for logo in LOGOS),
            first,
            second["uri"],
            video["thumbnail"],
            only["restrictedAudience"]["uploadedCsvUri"],
            only["virtualMachinePricing"]["spreadSheetPricing"]["uri"],
            only["virtualMachinePricingV2"]["spreadSheetPricing"]["uri"],
        ]

    once, again = addresses(), addresses()
    folder = f"/prodcontent/D6191_publishers_{PUBLISHER.replace('-', ':2D')}/{OFFER}/"
    for before, after in zip(once, again, strict=True):
        parts = urlsplit(before)
        assert parts.hostname == "publishingstoredm.blob.core.windows.net"
        assert parts.path.startswith(folder)
        assert parts.path.endswith((".png", ".csv", ".xlsx"))
        assert {"sig", "se", "sp"} <= set(parse_qs(parts.query))
        assert after != before
        assert after.partition("?")[0] == before.partition("?")[0]
    assert once[-1].partition("?")[0] == once[-2].partition("?")[0]
    assert len({address.partition("?")[0] for address in once}) == len(once) - 1


def test_a_file_that_is_sent_again_by_its_own_address_is_copied_again(cpp):
    create(cpp, is_migrated=False)
    first = cpp.read(OFFER)["definition"]["offer"][f"{MARKETPLACE}.smallLogo"]
    cpp.put(OFFER, envelope(OFFER, definition()), "*")
    second = cpp.read(OFFER)["definition"]["offer"][f"{MARKETPLACE}.smallLogo"]
    assert first.partition("?")[0] != second.partition("?")[0]


@pytest.mark.parametrize(
    "address", ["logo.png", "file:///logo.png", "ftp://files.fabrikam.example/a.png", "https://", "http://[x"]
)
def test_a_file_without_an_address_that_can_be_read_is_400(cpp, address):
    sent = definition()
    sent["offer"][f"{MARKETPLACE}.smallLogo"] = address
    answer = cpp.put(OFFER, envelope(OFFER, sent))
    assert answer.status_code == 400
    assert address in answer.json()["error"]["message"]
    assert cpp.offer("GET", OFFER).status_code == 404


def test_addresses_of_disks_stay_as_they_are(cpp):
    sent = definition("Gateway", plan("std", vmImages={"1.0.0": image("a", disks=2)}))
    create(cpp, is_migrated=True, sent=sent)
    (read,) = cpp.read(OFFER)["definition"]["plans"]
    assert read[f"{VM}.vmImages"] == {"1.0.0": image("a", disks=2)}


# --- Secrets


SECRETS = [
    ("Table", "tableLeadConfiguration", {"storageAccountConnectionString": "AccountKey=abc"}),
    ("Crm", "crmLeadConfiguration", {"username": "leads", "password": "abc", "applicationKey": "def"}),
    ("Marketo", "marketoLeadConfiguration", {"munchkinId": "m", "clientId": "c", "clientSecret": "abc"}),
]


@pytest.mark.parametrize(("destination", "name", "members"), SECRETS)
def test_secrets_of_lead_destinations_are_stored_and_never_answered(cpp, destination, name, members):
    def sent() -> dict[str, Any]:
        content = definition()
        content["offer"] |= {f"{MARKETPLACE}.leadDestination": destination, f"{MARKETPLACE}.{name}": members}
        return content

    answer = create(cpp, is_migrated=False, sent=sent())
    cpp.publish(OFFER)
    secret = [key for key in members if key.endswith(("String", "word", "Key", "Secret"))]
    for document in (
        answer,
        cpp.read(OFFER),
        cpp.read(OFFER, "/slot/preview"),
        cpp.read(OFFER, "/versions/1"),
    ):
        shown = document["definition"]["offer"][f"{MARKETPLACE}.{name}"]
        assert shown == {key: value for key, value in members.items() if key not in secret}
    (stored,) = cpp.emulator.state()["portalOffers"]
    assert stored["definition"]["offer"][f"{MARKETPLACE}.{name}"] == members
    cpp.put(OFFER, cpp.read(OFFER), "*")
    (stored,) = cpp.emulator.state()["portalOffers"]
    assert not set(secret) & set(stored["definition"]["offer"][f"{MARKETPLACE}.{name}"])


# --- Prices


def test_prices_by_region_are_read_only_if_all_pricing_is_asked_for(cpp):
    regional = {
        "isByol": False,
        "regionPrices": {
            "US": {"currency": "USD", "price": {"1core": 0.1}},
            "DE": {"currency": "EUR", "price": {"1core": 0.09}},
        },
    }
    answer = create(cpp, is_migrated=True, sent=definition("Gateway", plan("std", regional)))
    names = ("virtualMachinePricing", "virtualMachinePricingV2")
    for below in ("", "/slot/draft", "/versions/0"):
        whole = cpp.read(OFFER, below, includeAllPricing="true")["definition"]["plans"][0]
        brief = cpp.read(OFFER, below)["definition"]["plans"][0]
        for name in names:
            assert whole[name] == answer["definition"]["plans"][0][name] == regional
            assert brief[name] == {"isByol": False}


def test_a_spreadsheet_is_read_with_its_prices_and_keeps_them(cpp):
    address = "https://files.fabrikam.example/prices.xlsx"
    prices = {"US": {"1core": 0.1, "2core": 0.2}, "DE": {"1core": 0.09, "2core": 0.18}}
    cpp.control("spreadsheets", {"address": address, "prices": prices})
    sheet = {"isByol": False, "spreadSheetPricing": {"uri": f"{address}?sig=abc"}}
    create(cpp, is_migrated=False, sent=definition("Gateway", plan("std", sheet)))
    expected = {
        "US": {"currency": "USD", "enabled": True, "price": prices["US"]},
        "DE": {"currency": "EUR", "enabled": True, "price": prices["DE"]},
    }
    for query in ({}, {"includeAllPricing": "true"}):
        pricing = cpp.read(OFFER, includeAllPricing="true")["definition"]["plans"][0]["virtualMachinePricing"]
        assert pricing["regionPrices"] == expected
        assert cpp.put(OFFER, cpp.read(OFFER, **query), "*").status_code == 200


# --- Members that nobody knows


def test_an_unknown_member_is_not_emulated_unless_the_portal_wrote_it(cpp):
    create(cpp, is_migrated=False)
    for place in (
        lambda content: content["offer"],
        lambda content: content["plans"][0],
        lambda content: content["plans"][0]["virtualMachinePricing"],
        lambda content: content["plans"][0][f"{VM}.vmImages"]["1.0.1"],
        lambda content: content,
    ):
        document = cpp.read(OFFER)
        place(document["definition"])["microsoft-azure-marketplace.titel"] = "Gateway"
        answer = cpp.put(OFFER, document, "*")
        assert answer.status_code == 501
        assert "titel" in answer.json()["error"]["message"]
    name = f"{MARKETPLACE}.newMember"
    edit = {"publisher": PUBLISHER, "offer_id": OFFER, "offer": {name: {"a": [1, None]}}}
    cpp.control("edit", {**edit, "plans": {"std": {f"{VM}.newMember": "x"}}})
    document = cpp.read(OFFER)
    assert cpp.put(OFFER, document, "*").status_code == 200
    after = cpp.read(OFFER)["definition"]
    assert after["offer"][name] == {"a": [1, None]}
    assert after["plans"][0][f"{VM}.newMember"] == "x"


def test_without_strictness_unknown_members_are_kept():
    with in_process(strict=False) as emulator:
        cpp = CppApi(emulator)
        sent = definition()
        sent["offer"][f"{MARKETPLACE}.newMember"] = {"a": 1}
        assert cpp.put(OFFER, envelope(OFFER, sent)).status_code == 201
        assert cpp.read(OFFER)["definition"]["offer"][f"{MARKETPLACE}.newMember"] == {"a": 1}


def test_members_of_a_test_drive_and_of_other_offer_types_are_all_taken(cpp):
    sent = definition()
    sent["offer"] |= {f"{TEST_DRIVE}.enabled": True, f"{TEST_DRIVE}.instances": {"US": 3}}
    create(cpp, is_migrated=False, sent=sent)
    assert cpp.read(OFFER)["definition"]["offer"][f"{TEST_DRIVE}.instances"] == {"US": 3}
    content = {
        "offer": {"vs-marketplace-extensions.a": None, "b": [1.5, "x"]},
        "plans": [{"planId": "free", "vs-marketplace-extensions.c": {"d": []}}],
    }
    body = envelope("extension", content, "vs-marketplace-extensions")
    assert cpp.put("extension", body).is_success
    assert cpp.read("extension")["definition"] == {"displayText": "", **content}


def test_core_machines_come_with_generations_of_disks(cpp):
    content = {"plans": [{"planId": "gen1", f"{CORE_VM}.vmImagesPublicAzure": {}}]}
    cpp.put("core", envelope("core", content, CORE_VM))
    read = cpp.read("core")["definition"]
    assert read["plans"][0]["diskGenerations"] == []
    assert read["offer"][f"{CORE_VM}.tableLeadConfiguration"] == {}


# --- Identity


@pytest.mark.parametrize(
    ("members", "word"),
    [
        ({"publisherId": "contoso"}, "publisherId"),
        ({"id": "other-vm"}, "'id'"),
        ({"publisherId": None}, "PublisherId"),
        ({"id": ""}, "'Id'"),
        ({"definition": None}, "Definition"),
        ({"definition": {"plans": [{}]}}, "PlanId"),
        ({"definition": {"plans": [{"planId": "a"}, {"planId": "A"}]}}, "planId"),
        ({"definition": {"offer": []}}, "definition.offer"),
        ({"definition": {"plans": [{"planId": 1}]}}, "planId"),
        ({"definition": {"plans": [{"planId": "a", "regions": "US"}]}}, "regions"),
    ],
)
def test_a_document_without_identity_or_of_the_wrong_type_is_400(cpp, members, word):
    answer = cpp.put(OFFER, {**envelope(OFFER, definition()), **members})
    assert answer.status_code == 400
    assert word in answer.json()["error"]["message"]
    assert cpp.offer("GET", OFFER).status_code == 404


@pytest.mark.parametrize("offer", ["Gateway-vm", "gateway-", "gateway_vm", "a" * 51, "-gateway"])
def test_a_new_offer_with_an_id_that_the_service_does_not_allow_is_400(cpp, offer):
    assert cpp.put(offer, envelope(offer, definition())).status_code == 400


def test_the_type_of_an_offer_never_changes(cpp):
    create(cpp, is_migrated=False)
    answer = cpp.put(OFFER, envelope(OFFER, definition(), CORE_VM), "*")
    assert answer.status_code == 400
    assert "offerTypeId" in answer.json()["error"]["message"]


def test_ids_in_paths_and_bodies_compare_without_case(cpp):
    create(cpp, is_migrated=False)
    path = f"/publishers/{PUBLISHER.upper()}/offers/{OFFER.upper()}"
    document = cpp.call("GET", path).json()
    assert (document["publisherId"], document["id"]) == (PUBLISHER, OFFER)
    body = {**document, "publisherId": PUBLISHER.upper(), "id": OFFER.upper()}
    assert cpp.call("PUT", path, json=body, headers={"If-Match": "*"}).status_code == 200
    assert [offer["id"] for offer in cpp.call("GET", f"/publishers/{PUBLISHER}/offers").json()] == [OFFER]


@pytest.mark.parametrize(
    ("version", "status"), [("0", 200), ("1", 404), ("x", 400), ("-1", 400), ("9" * 30, 400)]
)
def test_versions_are_numbers_of_publications(cpp, version, status):
    create(cpp, is_migrated=False)
    assert cpp.offer("GET", OFFER, f"/versions/{version}").status_code == status


def test_an_earlier_version_stays_readable(cpp):
    for title in ("First", "Second"):
        cpp.put(OFFER, envelope(OFFER, definition(title)), "*")
        cpp.publish(OFFER)
        cpp.go_live(OFFER)
    cpp.put(OFFER, envelope(OFFER, definition("Third")), "*")
    titles = [cpp.read(OFFER, f"/versions/{number}")["definition"]["displayText"] for number in (1, 2)]
    assert titles == ["First", "Second"]
    assert cpp.read(OFFER, "/slot/production")["definition"]["displayText"] == "Second"
    assert cpp.read(OFFER)["definition"]["displayText"] == "Third"
