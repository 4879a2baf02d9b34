"""Request sequences of public clients of the portal: each ends as its author expected."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.portal.cpp import (
    AUDIENCE,
    CORE_VM,
    MARKETPLACE,
    PUBLISHER,
    VERSION,
    VM,
    CppApi,
    definition,
    envelope,
    image,
    plan,
)

TENANT, CLIENT = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
OFFER = "gateway-vm"
PATH = f"/api/publishers/{PUBLISHER}/offers/{OFFER}"
QUERY = "api-version=2017-10-31"


@pytest.fixture
def cpp(emulator: RunningEmulator) -> CppApi:
    return CppApi(emulator)


def sign_in(cpp: CppApi, path: str, **form: str) -> httpx.Client:
    """A client with a token of its own, without the headers that the harness adds."""
    sent = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": "emulator", **form}
    answer = cpp.emulator.client.post(f"/{TENANT}/{path}", data=sent)
    cpp.emulator.client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
    return cpp.emulator.client


@pytest.fixture(autouse=True)
def ready_token(emulator: RunningEmulator) -> Any:
    """Give the shared client its own token back."""
    before = emulator.client.headers["authorization"]
    yield
    emulator.client.headers["authorization"] = before


@pytest.mark.parametrize("is_migrated", [False, True])
def test_a_client_that_needs_an_etag_of_its_read_falls_back_to_any(cpp, is_migrated):
    """Read, keep the tag if there is any, write with it or with a star."""
    cpp.make(OFFER, is_migrated=is_migrated, definition=definition())
    answer = cpp.offer("GET", OFFER)
    tag = answer.headers.get("etag", "*")
    assert (tag == "*") is is_migrated
    assert cpp.put(OFFER, answer.json(), tag).status_code == 200


def test_a_client_that_looks_for_a_preview_writes_without_if_match_after_404(cpp):
    """`slot/preview` is read first; 404 means a new offer, and no If-Match."""
    assert cpp.offer("GET", OFFER, "/slot/preview").status_code == 404
    assert cpp.put(OFFER, envelope(OFFER, definition())).status_code == 201
    cpp.publish(OFFER)
    assert cpp.offer("GET", OFFER, "/slot/preview").status_code == 200
    assert cpp.put(OFFER, envelope(OFFER, definition()), "*").status_code == 200
    assert cpp.read(OFFER, "/slot/draft")["id"] == OFFER


def test_a_write_that_is_repeated_after_201_with_a_star_gets_200(cpp):
    """200 and 202 are success for a client, which repeats a PUT after 201."""
    statuses = []
    while not statuses or statuses[-1] not in (200, 202):
        statuses.append(cpp.put(OFFER, envelope(OFFER, definition()), "*").status_code)
    assert statuses == [201, 200]


def test_a_client_that_takes_only_200_can_create_and_update_in_the_profile_of_its_time(cpp):
    """It sends no If-Match, and gets no 201."""
    cpp.set(profile="clients2022")
    for _ in range(2):
        assert cpp.put(OFFER, envelope(OFFER, definition())).status_code == 200


@pytest.mark.parametrize("stops_at_preview", [True, False])
def test_a_playbook_that_cancels_before_every_update_sees_canceled_in_the_first_element(
    cpp, stops_at_preview
):
    """Cancel whatever runs, poll element 0 for `canceled`, write, publish."""
    cpp.make(OFFER, definition=definition())
    if not stops_at_preview:
        cpp.emulator.decide("portal_certification", "hold")
    cpp.publish(OFFER)
    for title in ("Second", "Third"):
        answer = cpp.offer("POST", OFFER, "/cancel", headers={"Content-Length": "0"})
        assert answer.status_code in (200, 202)
        polls = [cpp.read(OFFER, "/submissions/")[0]["submissionState"] for _ in range(3)]
        assert polls[-1] == "canceled"
        assert cpp.put(OFFER, envelope(OFFER, definition(title)), "*").status_code == 200
        assert cpp.publish(OFFER)
    assert cpp.read(OFFER, "/slot/preview")["definition"]["displayText"] == "Third"


def test_a_publication_that_is_sent_while_a_cancellation_runs_fails_and_one_after_it_works(cpp):
    cpp.make(OFFER, definition=definition())
    cpp.publish(OFFER)
    assert cpp.offer("POST", OFFER, "/publish").status_code == 409
    cpp.offer("POST", OFFER, "/cancel")
    assert cpp.offer("POST", OFFER, "/publish").status_code == 202


def test_a_publication_answers_without_a_body(cpp):
    cpp.make(OFFER, definition=definition())
    body = {"metadata": {"notification-emails": "ops@fabrikam.example"}}
    answer = cpp.offer("POST", OFFER, "/publish", json=body)
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (202, b"", "0")


@pytest.mark.parametrize("verb", ["publish", "golive", "cancel"])
def test_a_post_without_a_length_is_411(verb, cpp):
    """Clients send `Content-Length: 0`; a request without a length is refused by the web server."""
    cpp.make(OFFER, definition=definition())
    client = cpp.emulator.client
    request = client.build_request("POST", f"{PATH}/{verb}?{QUERY}")
    del request.headers["content-length"]
    assert client.send(request).status_code == 411
    assert cpp.read(OFFER, "/submissions/") == []
    sized = client.build_request("POST", f"{PATH}/{verb}?{QUERY}", headers={"Content-Length": "0"})
    assert client.send(sized).status_code in (202, 400)


def test_the_address_that_no_document_has_is_not_emulated(cpp):
    cpp.make(OFFER, definition=definition())
    assert cpp.offer("GET", OFFER, "/submissions/operations/x/").status_code == 501


@pytest.mark.parametrize("is_migrated", [False, True])
@pytest.mark.parametrize("as_text", [False, True])
def test_the_body_of_every_refusal_is_json(cpp, is_migrated, as_text):
    """Clients parse it without looking at its type."""
    cpp.set(is_migrated=is_migrated, errors_as_text=as_text)
    cpp.make(OFFER, is_migrated=is_migrated)
    refusals = [
        cpp.offer("GET", "unknown"),
        cpp.offer("POST", "unknown", "/publish"),
        cpp.offer("GET", OFFER, "/slot/preview"),
        cpp.offer("GET", OFFER, "/operations/x"),
        cpp.call("PUT", "/publishers/nobody/offers/a", json={}),
        cpp.put(OFFER, {}),
        cpp.put(OFFER, envelope(OFFER, {})),
        cpp.offer("POST", OFFER, "/publish"),
        cpp.offer("POST", OFFER, "/golive"),
    ]
    assert [answer.status_code for answer in refusals] == [404, 404, 404, 404, 404, 400, 409, 422, 400]
    for answer in refusals:
        assert answer.json()
        assert answer.headers["content-type"] == "application/json; charset=utf-8"


def test_a_filter_arrives_with_bare_dollar_and_quotes(cpp):
    cpp.make(OFFER, definition=definition())
    cpp.make("core", offer_type=CORE_VM)
    query = f"{QUERY}&$filter=offerTypeId%20eq%20'{VM}'"
    answer = cpp.emulator.client.get(f"/api/publishers/{PUBLISHER}/offers?{query}")
    assert [offer["id"] for offer in answer.json()] == [OFFER]
    other = {**VERSION, "$filter": "status eq 'running'"}
    assert cpp.call("GET", f"/publishers/{PUBLISHER}/offers", params=other).status_code == 501


@pytest.mark.parametrize(
    ("path", "form"),
    [("oauth2/v2.0/token", {"scope": f"{AUDIENCE}/.default"}), ("oauth2/token", {"resource": AUDIENCE})],
)
def test_a_whole_release_of_a_client_that_reads_changes_writes_and_publishes(cpp, path, form):
    """The release tool of a Linux distribution: its token, an image, publish, wait, go live, wait."""
    cpp.make(OFFER, is_migrated=True, definition=definition())
    client = sign_in(cpp, path, **form)
    document = client.get(f"{PATH}?{QUERY}").json()
    document["definition"]["plans"][0][f"{VM}.vmImages"]["1.0.2"] = image("gw-1.0.2")
    headers = {"If-Match": "*", "Content-Type": "application/json", "Accept": "application/json"}
    assert client.put(f"{PATH}?{QUERY}", json=document, headers=headers).status_code == 200
    emails = {"metadata": {"notification-emails": "ops@fabrikam.example"}}
    operation = client.post(f"{PATH}/publish?{QUERY}", json=emails).headers["Location"]
    steps = client.get(operation).json()["steps"]
    assert {step["stepName"]: step["status"] for step in steps}["publisher-signoff"] == (
        "waitingForPublisherReview"
    )
    operation = client.post(f"{PATH}/golive?{QUERY}").headers["Location"]
    assert client.get(operation).json()["status"] == "complete"
    live = client.get(f"{PATH}/slot/production?{QUERY}").json()
    assert list(live["definition"]["plans"][0][f"{VM}.vmImages"]) == ["1.0.1", "1.0.2"]


@pytest.mark.parametrize("has_legacy_ids", [False, True])
def test_images_of_core_machines_are_added_and_removed_in_every_generation(cpp, has_legacy_ids):
    """Clients index generations without checking for them; labels and dated keys are those of clients."""
    shown = {
        "label": "x" * 50,
        "mediaName": "core-20210305-gen1",
        "publishedDate": "03/05/2021",
        "showInGui": True,
    }
    version = {**image("core"), **shown, "description": "Release"}
    generation = {"planId": "std-gen2", "generation": "2", f"{CORE_VM}.vmImagesPublicAzure": {}}
    content = {"plans": [{"planId": "std", "diskGenerations": [generation]}]}
    cpp.make(OFFER, offer_type=CORE_VM, is_migrated=True, has_legacy_ids=has_legacy_ids, definition=content)

    def upload(draft: dict[str, Any]) -> None:
        for name in ("legacyOfferId", "legacyPublisherId"):
            draft["offer"].pop(f"{CORE_VM}.{name}", None)
        (only,) = draft["plans"]
        only.setdefault(f"{CORE_VM}.vmImagesPublicAzure", {})["2021.03.05"] = version
        for item in only["diskGenerations"]:
            item[f"{CORE_VM}.vmImagesPublicAzure"]["2021.03.05"] = version

    def clean_up(draft: dict[str, Any]) -> None:
        for name in ("legacyOfferId", "legacyPublisherId"):
            draft["offer"].pop(f"{CORE_VM}.{name}", None)
        (only,) = draft["plans"]
        for item in (only, *only["diskGenerations"]):
            del item[f"{CORE_VM}.vmImagesPublicAzure"]["2021.03.05"]

    cpp.edit(OFFER, upload)
    (stored,) = cpp.read(OFFER)["definition"]["plans"]
    assert stored[f"{CORE_VM}.vmImagesPublicAzure"] == {"2021.03.05": version}
    assert stored["diskGenerations"][0][f"{CORE_VM}.vmImagesPublicAzure"] == {"2021.03.05": version}
    cpp.publish(OFFER)
    assert cpp.status(OFFER) == "waitingForPublisherReview"
    cpp.edit(OFFER, clean_up)
    (stored,) = cpp.read(OFFER)["definition"]["plans"]
    assert stored[f"{CORE_VM}.vmImagesPublicAzure"] == {}


def test_an_offer_of_2018_is_taken_as_it_was_sent(cpp):
    """Flat categories, `osVhdUrl` alone, a type for Linux, manual entries, the older prices only."""
    (older,) = definition()["plans"]
    del older["virtualMachinePricingV2"]
    disk = {"osVhdUrl": "https://fabrikamstore.blob.core.windows.net/vhd/a.vhd?sr=c&sp=rl&sig=abc"}
    older |= {
        f"{VM}.vmImages": {"311.0.20180702": disk},
        "restrictedAudience": {
            "manualEntries": [{"type": "subscriptionId", "id": "0f6a3c52-7b1e-4f1d-9d0e-2f6f0a5b8c11"}]
        },
    }
    content = definition("Platform", older)
    del content["offer"][f"{MARKETPLACE}.categoryMap"]
    content["offer"] |= {
        f"{MARKETPLACE}.categories": ["devService"],
        f"{MARKETPLACE}-testdrive.enabled": False,
    }
    assert cpp.put(OFFER, envelope(OFFER, content)).status_code == 201
    cpp.publish(OFFER)
    assert cpp.status(OFFER) == "waitingForPublisherReview"
    (read,) = cpp.read(OFFER, "/slot/preview")["definition"]["plans"]
    assert read[f"{VM}.vmImages"] == {"311.0.20180702": disk}


def test_a_tool_that_asks_the_ingestion_api_first_finds_nothing_there_and_creates(cpp):
    """`vm create` of a command-line tool; a product of that API has the offer's id as its name."""
    query = f"$filter=ExternalIDs/Any(i:i/Type eq 'AzureOfferId' and i/Value eq '{OFFER}')"
    for suffix in ("", f"?{query}"):
        products = cpp.emulator.client.get(f"/v1.0/ingestion/products{suffix}")
        assert (products.status_code, products.json()["value"]) == (200, [])
    client = sign_in(cpp, "oauth2/token", resource=AUDIENCE)
    body = {**envelope(OFFER, definition()), "eTag": "W/\"datetime'2017-06-07T06%3A15%3A40.4771399Z'\""}
    answer = client.put(f"{PATH}?{QUERY}", json=body)
    assert answer.json()["id"] == OFFER
    assert client.get(f"/v1.0/ingestion/products?{query}").status_code == 401


def test_a_migrated_offer_is_a_product_of_the_account_whose_content_belongs_to_the_portal(cpp):
    """A client reads type, name and external id; that the product can be read alone is inferred."""
    client, products = cpp.emulator.client, "/v1.0/ingestion/products"
    cpp.make("router", is_migrated=True, definition=definition())
    cpp.make("unmoved", definition=definition())
    by_id = "externalIDs/Any(i:i/type eq 'AzureOfferId' and i/value eq '{}')"
    (product,) = client.get(products, params={"$filter": by_id.format("router")}).json()["value"]
    assert (product["resourceType"], product["name"]) == ("AzureThirdPartyVirtualMachine", "router")
    assert product["externalIDs"] == [{"type": "AzureOfferId", "value": "router"}]
    by_type = "resourceType eq 'AzureThirdPartyVirtualMachine'"
    for query in ({}, {"$filter": by_type}):
        assert client.get(products, params=query).json()["value"] == [product]
    assert client.get(products, params={"$filter": by_id.format("unmoved")}).json()["value"] == []
    address = f"{products}/{product['id']}"
    assert client.get(address).json() == product
    for path in ("setup", "variants", "submissions"):
        answer = client.get(f"{address}/{path}")
        assert (answer.status_code, "not emulated" in answer.text) == (501, True)
    assert client.post(products, json={**product, "name": "Other"}).status_code == 409
    cpp.edit("router", lambda content: content.update(displayText="Router 2"))
    assert client.get(products).json()["value"] == [product]


def test_prices_and_images_of_a_plan_are_added_by_a_client_with_closed_models(cpp):
    """Members that a client drops are gone, as a write replaces the whole draft."""
    cpp.make(OFFER, definition=definition("Gateway", plan("std"), plan("pro")))
    document = cpp.read(OFFER)
    del document["definition"]["offer"][f"{MARKETPLACE}.largeLogo"]
    del document["definition"]["plans"][1]
    assert cpp.put(OFFER, document, "*").status_code == 200
    read = cpp.read(OFFER)["definition"]
    assert f"{MARKETPLACE}.largeLogo" not in read["offer"]
    assert [item["planId"] for item in read["plans"]] == ["std"]
