"""Releases of Business Central apps, as the community's tools make them, from their first request to their end."""

from __future__ import annotations

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.central_publisher import APP, LIBRARY, CentralPublisher, ReleaseClient, ReleaseFailed
from tests.contract.raw_api import error_document

NOT_APPLICABLE = "The API you have called is not applicable for this product"
NEW_APP = ("Contoso_Ledger_2.0.0.0.app", b"NAVX 2")
BASE, TEXT = ("Contoso_Base.app", b"NAVX b"), ("Contoso_Text.app", b"NAVX t")
READY, LIVE, FAILED = ("Published", "ReadyToPublish"), ("Published", "InStore"), ("InProgress", "Failed")


@pytest.fixture
def portal(emulator: RunningEmulator) -> CentralPublisher:
    return CentralPublisher(emulator)


@pytest.fixture
def client(emulator: RunningEmulator) -> ReleaseClient:
    return ReleaseClient(emulator)


@pytest.fixture
def product(portal: CentralPublisher) -> str:
    """Path of an offer that is live with version 1.0.0.0."""
    return portal.create_live_offer()


def state_of(submission):
    return submission["state"], submission["substate"]


def test_an_offer_is_found_among_all_products_by_its_name(portal, client):
    portal.create_offer("fabrikam-app")
    product = portal.create_central_offer()
    for number in range(5):
        portal.create_offer(f"fabrikam-{number}")
    assert client.find_product("contoso-ledger alias") == product


def test_an_offer_with_everything_has_package_type_markets_files_and_packages(client, product):
    offer = client.read_everything(product)
    assert offer["setup"]["packageType"] == "AddOn"
    assert offer["setup"]["sellingOption"] == "ListingOnly"
    assert offer["productAvailability"]["hideKeyAudience"] == "contoso1"
    states = {state["marketCode"]: state["state"] for state in offer["featureAvailability"]["marketStates"]}
    assert {code for code, state in states.items() if state == "Enabled"} == {"DK", "IT", "US"}
    assert "variantID" not in offer["featureAvailability"]
    (listing,) = offer["listings"]
    assert [len(listing[files]) for files in ("images", "assets", "videos")] == [4, 1, 0]
    assert all(file["fileSasUri"] for file in [*listing["images"], *listing["assets"]])
    (package,) = offer["packages"].values()
    assert package == {
        "resourceType": "",
        "fileName": "Contoso_Ledger.app",
        "state": "Processed",
        "@odata.etag": package["@odata.etag"],
        "id": package["id"],
    }


@pytest.mark.parametrize(
    ("libraries", "references"),
    [
        (None, {APP: NEW_APP[0], LIBRARY: "before.app"}),
        ([], {APP: NEW_APP[0]}),
        ([BASE], {APP: NEW_APP[0], LIBRARY: BASE[0]}),
        ([BASE, TEXT], {APP: NEW_APP[0], LIBRARY: f"{NEW_APP[0]}.libraries.zip"}),
    ],
    ids=["kept", "none", "one", "two"],
)
def test_a_release_refers_to_its_app_and_libraries_and_reaches_the_preview(
    portal, client, product, libraries, references
):
    client.release(product, libraries=[("before.app", b"NAVX")])
    submission = client.release(product, NEW_APP, libraries, version="2.0.0.0")
    assert state_of(submission) == READY
    assert portal.read_references(product) == references
    assert portal.read_draft(product, "Property", "properties")["appVersion"] == "2.0.0.0"


def test_a_new_submission_is_a_draft_that_names_what_was_sent(client, product):
    submission = client.release(product, NEW_APP, version="2.0.0.0", waits=False)
    assert state_of(submission) == ("InProgress", "InDraft")
    assert submission["pendingUpdateInfo"] == {"updateType": "Create", "status": "Running"}
    assert submission["areResourcesReady"] is True
    assert submission["publishOption"] == {
        "releaseTimeInUtc": "0001-01-01T00:00:00",
        "isManualPublish": False,
        "isAutoPromote": False,
    }
    assert [resource["type"] for resource in submission["resources"]] == ["Package", "Property"]
    assert submission["targets"] == [{"type": "Scope", "value": "Preview"}]


def test_a_submission_that_is_read_back_names_its_whole_content(client, product):
    sent = client.release(product, NEW_APP, version="2.0.0.0", waits=False)
    submission = client.newest(product)
    assert {resource["type"] for resource in submission["resources"]} >= {
        "Availability",
        "Listing",
        "Package",
        "Property",
    }
    assert all(resource in submission["resources"] for resource in sent["resources"])


def test_a_live_submission_still_says_preview_and_creation(client, product):
    submission = client.release(product, NEW_APP, version="2.0.0.0", auto_promote=True)
    assert state_of(submission) == LIVE
    assert submission["targets"] == [{"type": "Scope", "value": "Preview"}]
    assert submission["pendingUpdateInfo"] == {"updateType": "Create", "status": "Completed"}
    assert submission["publishedTimeInUtc"] > "2000"


def test_a_preview_is_promoted_by_an_empty_object_and_only_once(client, product):
    client.release(product, NEW_APP, version="2.0.0.0")
    assert client.promote(product)["targetEnvironment"] == "Live"
    assert state_of(client.newest(product)) == LIVE
    with pytest.raises(ReleaseFailed, match="nothing to promote"):
        client.promote(product)


def test_an_older_app_is_released_as_a_hotfix_without_its_version(portal, client, product):
    client.release(product, NEW_APP, version="2.0.0.0", auto_promote=True)
    with pytest.raises(ReleaseFailed, match="lower"):
        client.release(product, ("hotfix.app", b"NAVX"), version="1.0.1.0")
    submission = client.release(product, ("hotfix.app", b"NAVX"), auto_promote=True)
    assert state_of(submission) == LIVE
    assert portal.read_references(product) == {APP: "hotfix.app"}


def test_a_lowered_version_fails_validation(portal, client, product):
    client.release(product, NEW_APP, version="2.0.0.0", auto_promote=True)
    portal.edit_module(product, "Property", appVersion="1.9.0.0")
    with pytest.raises(ReleaseFailed, match="Automated validation: InProgress/Failed"):
        client.release(product, NEW_APP, version="1.9.0.0")
    assert portal.read_problems(portal.newest_submission(product)) == ["Property-20004"]


@pytest.mark.parametrize("stage", ["validation", "certification"])
def test_a_failure_keeps_both_workflows_and_the_next_release_goes_on(client, emulator, product, stage):
    emulator.decide(stage, "fail")
    step = {"validation": "Automated validation", "certification": "Certification"}[stage]
    with pytest.raises(ReleaseFailed, match=f"{step}: InProgress/Failed"):
        client.release(product, NEW_APP, version="2.0.0.0", auto_promote=True)
    assert state_of(client.release(product, NEW_APP, version="2.0.0.0", auto_promote=True)) == LIVE


def test_a_cancelled_submission_is_in_no_list_and_the_next_release_goes_on(client, emulator, product):
    emulator.decide("validation", "hold")
    submission = client.release(product, NEW_APP, version="2.0.0.0", waits=False)
    client.cancel(product)
    assert state_of(client.newest(product)) == LIVE
    assert client.newest(product)["id"] != submission["id"]
    path = f"/v1.0/ingestion{product}/submissions/{submission['id']}"
    assert emulator.client.get(path).status_code == 404
    assert state_of(client.release(product, NEW_APP, version="2.0.0.0")) == READY


def test_a_preview_is_promoted_after_the_release_over_it_was_cancelled(client, emulator, product):
    preview = client.release(product, NEW_APP, version="2.0.0.0")
    emulator.decide("validation", "hold")
    client.release(product, NEW_APP, version="2.0.0.1", waits=False)
    client.cancel(product)
    assert (client.newest(product)["id"], state_of(client.newest(product))) == (preview["id"], READY)
    workflows = client.collect(f"{product}/submissions/{preview['id']}/workflowdetails")
    assert "Cancelled" not in str(workflows)
    client.promote(product)
    assert state_of(client.newest(product)) == LIVE


def test_a_forced_release_cancels_the_one_on_its_way(client, emulator, product):
    emulator.decide("validation", "hold")
    client.release(product, NEW_APP, version="2.0.0.0", waits=False)
    with pytest.raises(ReleaseFailed, match="already running, substate=Submitted"):
        client.release(product, NEW_APP, version="2.0.0.1")
    assert state_of(client.release(product, NEW_APP, version="2.0.0.1", force=True)) == READY


def test_not_even_a_forced_release_ends_a_certification(client, emulator, product):
    client.release(product, NEW_APP, version="2.0.0.0")
    emulator.decide("certification", "hold")
    client.promote(product)
    with pytest.raises(ReleaseFailed, match="already running, substate=Publishing"):
        client.release(product, NEW_APP, version="2.0.0.1", force=True)


def test_a_complete_offer_goes_live_from_its_first_submission(portal, client):
    product = portal.create_central_offer()
    modules = ("Availability", "Property", "Package", "Listing")
    assert portal.go_live(product, portal.build_request(product, modules))
    assert client.newest(product)["releaseNumber"] == 1


@pytest.mark.parametrize(
    ("package_type", "address", "codes"),
    [
        ("AddOn", "", ["Package-20002"]),
        ("Connect", "", ["Package-20010"]),
        ("Connect", "https://x.example.com", []),
    ],
)
def test_an_offer_that_connects_has_an_address_instead_of_an_app(
    portal, client, package_type, address, codes
):
    product = portal.create_central_offer()
    setup = portal.get(f"{product}/setup")
    portal.post(f"{product}/setup", {**setup, "packageType": package_type}, 200)
    portal.edit_module(product, "Package", packageReferences=[], applicationInstallationUri=address)
    if package_type == "Connect":
        portal.edit_module(product, "Property", appVersion="")
        with pytest.raises(ReleaseFailed, match="connects"):
            client.release(product, NEW_APP)
    request = portal.build_request(product, ("Availability", "Property", "Package", "Listing"))
    assert portal.read_problems(portal.submit(product, request)) == codes


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"sellingOption": "ListAndSell"}, "SellingOption"),
        ({"packageType": "Theme"}, "PackageType"),
    ],
)
def test_a_setup_that_the_type_does_not_have_is_refused(portal, members, field):
    product = portal.create_central_offer()
    setup = portal.get(f"{product}/setup")
    answer = portal.call("POST", f"{product}/setup", json={**setup, **members})
    assert answer.status_code == 400
    assert list(error_document(answer)["data"]) == [field]
    assert portal.get(f"{product}/setup") == setup


def test_a_setup_without_a_package_type_keeps_it(portal):
    product = portal.create_central_offer()
    setup = portal.get(f"{product}/setup")
    portal.post(f"{product}/setup", {**setup, "packageType": "Connect"}, 200)
    del setup["packageType"]
    assert portal.post(f"{product}/setup", setup, 200)["packageType"] == "Connect"


@pytest.mark.parametrize(
    "references",
    [
        [(APP, "a"), (APP, "b")],
        [(APP, "a"), (LIBRARY, "b"), (LIBRARY, "c")],
        [("AzureApplicationPackage", "a")],
        [("", "a")],
    ],
    ids=["two main apps", "two files of libraries", "a package of another type of offer", "no type"],
)
def test_references_that_the_type_does_not_have_are_refused(portal, references):
    product = portal.create_central_offer()
    draft = portal.read_draft(product, "Package", "packageConfigurations")
    body = {**draft, "packageReferences": [{"type": type, "value": value} for type, value in references]}
    answer = portal.put(f"{product}/packageconfigurations/{draft['id']}", body)
    assert answer.status_code == 400
    assert list(error_document(answer)["data"]) == ["PackageReferences"]
    assert portal.read_draft(product, "Package", "packageConfigurations") == draft


@pytest.mark.parametrize(
    ("offer_type", "package_type"),
    [("AzureDynamics365BusinessCentral", "AzureApplicationPackage"), ("AzureApplication", APP)],
)
def test_a_package_of_another_type_of_offer_is_refused(portal, offer_type, package_type):
    product = portal.create_offer("contoso-other", offer_type)
    body = {"resourceType": package_type, "fileName": "a.app"}
    assert portal.call("POST", f"{product}/packages", json=body).status_code == 400
    assert portal.get(f"{product}/packages") == {"value": []}


CENTRAL, OPERATIONS = "AzureDynamics365BusinessCentral", "AzureDynamics365ForOperations"
PLAN = {"resourceType": "AzureSkuVariant", "externalID": "gold", "friendlyName": "Gold"}
RESELLER = {"resourceType": "ResellerConfiguration", "resellerChannelState": "Disabled"}


@pytest.mark.parametrize(
    ("offer_type", "method", "path", "body"),
    [
        (CENTRAL, "GET", "/properties", None),
        (CENTRAL, "GET", "/resellerConfiguration", None),
        (CENTRAL, "POST", "/resellerConfiguration", RESELLER),
        (CENTRAL, "POST", "/variants", PLAN),
        (OPERATIONS, "POST", "/variants", PLAN),
        (OPERATIONS, "POST", "/packages", {"resourceType": APP, "fileName": "a.app"}),
    ],
)
def test_a_call_that_the_type_of_the_offer_does_not_have_is_not_applicable(
    portal, offer_type, method, path, body
):
    product = portal.create_offer("contoso-other", offer_type)
    state = portal.emulator.state()
    answer = portal.call(method, f"{product}{path}", json=body)
    assert (answer.status_code, answer.json()) == (400, NOT_APPLICABLE)
    assert portal.emulator.state() == state
    assert portal.get(f"{product}/variants") == {"value": []}


def test_other_types_of_offers_have_no_markets_of_their_own(portal):
    product = portal.create_offer()
    instance = portal.read_instance_id(product, "Availability")
    path = f"{product}/featureAvailabilities/getByInstanceID(instanceID={instance})"
    assert portal.get(path) == {"value": []}
    assert "packageType" not in portal.get(f"{product}/setup")
