"""Supplemental content of Dynamics 365 offers: new assets, their upload, the commit."""

from __future__ import annotations

import pytest
from provider.tools.emulators import Serving
from tests.contract.submission import Submission, fault, signed

CONTENT = {
    "resourceType": "SupplementalContent",
    "targetRelease": "2026 wave 2",
    "supportedEditions": ["Essentials"],
}
SCRIPT = {"fileName": "script.docx", "type": "FunctionalTest"}


@pytest.fixture
def api(emulator: Serving) -> Submission:
    return Submission(emulator)


@pytest.fixture
def content(api: Submission) -> str:
    """The path of a fresh offer's content."""
    product = api.offer("contoso-central", "AzureDynamics365BusinessCentral")
    return f"{product}/supplementalContents/{api.instance(product, 'SupplementalContent')}"


def test_a_fresh_one_says_nothing_and_is_addressed_by_its_instance(api, content):
    product, instance = content.split("/supplementalContents/")
    fresh = api.get(content)
    assert fresh == {
        "resourceType": "SupplementalContent",
        "@odata.etag": fresh["@odata.etag"],
        "id": instance,
    }
    every = f"{product}/supplementalcontents/getByInstanceID(instanceID={instance})"
    assert api.get(every) == {"value": [fresh]}
    assert api.post(f"{content}/commit", None, 200)["id"] == instance


def test_the_life_of_an_asset(api, content):
    answer = api.put(content, {**CONTENT, "assets": [SCRIPT]}, api.get(content)["@odata.etag"])
    assert answer.status_code == 200
    assert answer.headers["etag"] == answer.json()["@odata.etag"]
    (asset,) = answer.json()["assets"]
    assert asset["assetID"]
    assert asset.items() >= SCRIPT.items()
    place, query = signed(asset["fileSasUri"])
    assert query["sp"] == "rwl"

    refused = api.call("POST", f"{content}/commit")
    assert refused.status_code == 409
    assert "script.docx" in fault(refused)["reasonPhrase"]
    api.upload(asset["fileSasUri"], b"a script")
    (committed,) = api.post(f"{content}/commit", None, 200)["assets"]
    assert signed(committed["fileSasUri"]) == (place, {**query, "sp": "rl"})
    (read,) = api.get(content)["assets"]
    assert api.blob("GET", read["fileSasUri"]).content == b"a script"


def test_an_asset_that_is_sent_back_keeps_its_file_and_others_come_and_go(api, content):
    (first,) = api.put(content, {**CONTENT, "assets": [SCRIPT]}).json()["assets"]
    api.upload(first["fileSasUri"], b"a script")
    api.post(f"{content}/commit", None, 200)
    second = {**SCRIPT, "fileName": "notes.docx"}
    kept, added = api.put(content, {**CONTENT, "assets": [first, second]}).json()["assets"]
    assert kept["assetID"] == first["assetID"] != added["assetID"]
    assert [signed(one["fileSasUri"])[1]["sp"] for one in (kept, added)] == ["rl", "rwl"]
    assert "assets" not in api.put(content, CONTENT).json()


@pytest.mark.parametrize(
    ("assets", "field"),
    [
        ([{"type": "FunctionalTest"}], "FileName"),
        ([{**SCRIPT, "assetID": "unknown"}], "Assets"),
        ([{**SCRIPT, "fileName": 5}], "Assets.FileName"),
    ],
)
def test_an_asset_that_cannot_be_is_refused_and_changes_nothing(api, content, assets, field):
    before = api.get(content)
    answer = api.put(content, {**CONTENT, "assets": assets})
    assert answer.status_code == 400
    assert list(fault(answer)["data"]) == [field]
    assert api.get(content) == before


def test_the_name_of_an_asset_stays(api, content):
    (asset,) = api.put(content, {**CONTENT, "assets": [SCRIPT]}).json()["assets"]
    answer = api.put(content, {**CONTENT, "assets": [{**asset, "fileName": "other.docx"}]})
    assert list(fault(answer)["data"]) == ["Assets.FileName"]


@pytest.mark.parametrize(("if_match", "status"), [(None, 400), ('"stale"', 412), ("*", 200)])
def test_put_is_conditional(api, content, if_match, status):
    assert api.put(content, CONTENT, if_match).status_code == status


def test_other_offers_have_none(api):
    product = api.offer()
    assert api.get(f"{product}/branches/getByModule(module=SupplementalContent)") == {"value": []}
    path = f"{product}/supplementalContents/{api.instance(product, 'Listing')}"
    assert api.call("GET", path).status_code == 404
    assert api.call("POST", f"{path}/commit").status_code == 404


def test_a_published_content_is_read_only_and_the_state_shows_no_signature(api, content):
    api.put(content, {**CONTENT, "assets": [SCRIPT]})
    assert "sig=" not in str(api.emulator.state())
    api.emulator.publish(content.split("/")[2])
    assert api.put(content, CONTENT).status_code == 409
    assert api.call("POST", f"{content}/commit").status_code == 409
    assert api.get(content)["targetRelease"] == "2026 wave 2"
