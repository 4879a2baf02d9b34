"""Unknown members are ignored by default, as by the service, and refused in strict mode."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from provider.tools.emulators import RunningEmulator, in_process, serve
from tests.contract.raw_api import RawApi

UNKNOWN = {"colour": "red", "publishTarget": [{"shade": 1}]}


@pytest.fixture(scope="module", params=["served", "in-process"])
def lenient_emulator(request: pytest.FixtureRequest) -> Iterator[RunningEmulator]:
    with serve(strict=False) if request.param == "served" else in_process(strict=False) as emulator:
        yield emulator


@pytest.fixture
def api(lenient_emulator: RunningEmulator) -> RawApi:
    lenient_emulator.reset()
    return RawApi(lenient_emulator)


PACKAGE = {"resourceType": "AzureApplicationPackage", "fileName": "app.zip"}


def test_unknown_members_are_neither_stored_nor_returned(api: RawApi) -> None:
    product = api.create_offer()
    answer = api.call("POST", f"{product}/packages", json=PACKAGE | UNKNOWN)
    assert answer.status_code == 201
    assert not UNKNOWN.keys() & answer.json().keys()
    assert not UNKNOWN.keys() & api.get(f"{product}/packages/{answer.json()['id']}").keys()
    listing = api.read_listing(product)
    contact = {"type": "CustomerSupport", "name": "Contoso"}
    body = {**listing, "listingContacts": [contact | UNKNOWN], **UNKNOWN}
    path = f"{product}/listings/{listing['id']}"
    put_answer = api.call("PUT", path, json=body, headers={"If-Match": listing["@odata.etag"]})
    assert put_answer.status_code == 200, put_answer.text
    stored = api.read_listing(product)
    assert stored["listingContacts"] == [contact]
    assert not UNKNOWN.keys() & stored.keys()


def test_a_member_that_the_portal_wrote_survives_a_put(api: RawApi) -> None:
    product = api.create_offer()
    listing = api.read_listing(product)
    path = f"{product}/listings/{listing['id']}"
    written = api.emulator.portal(f"/v1.0/ingestion{path}", colour="blue")
    answer = api.call("PUT", path, json=written | {"shade": 1}, headers={"If-Match": "*"})
    assert answer.status_code == 200
    assert api.read_listing(product)["colour"] == "blue"
    assert "shade" not in api.read_listing(product)


def test_known_members_beside_unknown_ones_are_validated(api: RawApi) -> None:
    product = api.create_offer()
    answer = api.call("POST", f"{product}/packages", json={**PACKAGE, **UNKNOWN, "fileName": 5})
    assert answer.status_code == 400


def test_unknown_routes_and_queries_are_not_emulated_without_strict_mode(api: RawApi) -> None:
    product = api.create_offer()
    for method, path in (("GET", f"{product}/colours"), ("GET", f"{product}?colour=red"), ("PATCH", product)):
        answer = api.call(method, path)
        assert answer.status_code == 501
        assert "not emulated" in answer.text


def test_strict_mode_refuses_unknown_members_and_changes_nothing(emulator: RunningEmulator) -> None:
    api = RawApi(emulator)
    product = api.create_offer()
    answer = api.call("POST", f"{product}/packages", json=PACKAGE | UNKNOWN)
    assert answer.status_code == 501
    assert "not emulated: member colour, publishTarget" in answer.text
    assert api.get(f"{product}/packages") == {"value": []}
