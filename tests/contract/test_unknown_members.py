"""Members that the service does not know: ignored as by the service, refused with `strict`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from provider.tools.emulators import Serving, in_process, serve
from tests.contract.submission import Submission

UNKNOWN = {"colour": "red", "publishTarget": [{"shade": 1}]}


@pytest.fixture(scope="module", params=["served", "in-process"])
def lenient(request: pytest.FixtureRequest) -> Iterator[Serving]:
    with serve(strict=False) if request.param == "served" else in_process(strict=False) as emulator:
        yield emulator


@pytest.fixture
def api(lenient: Serving) -> Submission:
    lenient.reset()
    return Submission(lenient)


PACKAGE = {"resourceType": "AzureApplicationPackage", "fileName": "app.zip"}


def test_they_are_neither_stored_nor_told(api: Submission) -> None:
    product = api.offer()
    made = api.call("POST", f"{product}/packages", json=PACKAGE | UNKNOWN)
    assert made.status_code == 201
    assert not UNKNOWN.keys() & made.json().keys()
    assert not UNKNOWN.keys() & api.get(f"{product}/packages/{made.json()['id']}").keys()
    listing = api.listing(product)
    contact = {"type": "CustomerSupport", "name": "Contoso"}
    body = {**listing, "listingContacts": [contact | UNKNOWN], **UNKNOWN}
    path = f"{product}/listings/{listing['id']}"
    answer = api.call("PUT", path, json=body, headers={"If-Match": listing["@odata.etag"]})
    assert answer.status_code == 200, answer.text
    held = api.listing(product)
    assert held["listingContacts"] == [contact]
    assert not UNKNOWN.keys() & held.keys()


def test_what_the_portal_wrote_still_survives(api: Submission) -> None:
    product = api.offer()
    listing = api.listing(product)
    path = f"{product}/listings/{listing['id']}"
    written = api.emulator.portal(f"/v1.0/ingestion{path}", colour="blue")
    answer = api.call("PUT", path, json=written | {"shade": 1}, headers={"If-Match": "*"})
    assert answer.status_code == 200
    assert api.listing(product)["colour"] == "blue"
    assert "shade" not in api.listing(product)


def test_what_is_known_is_judged_all_the_same(api: Submission) -> None:
    product = api.offer()
    answer = api.call("POST", f"{product}/packages", json={**PACKAGE, **UNKNOWN, "fileName": 5})
    assert answer.status_code == 400


def test_unknown_routes_and_queries_are_still_not_emulated(api: Submission) -> None:
    product = api.offer()
    for method, path in (("GET", f"{product}/colours"), ("GET", f"{product}?colour=red"), ("PATCH", product)):
        answer = api.call(method, path)
        assert answer.status_code == 501
        assert "not emulated" in answer.text


def test_strict_refuses_them_and_changes_nothing(emulator: Serving) -> None:
    api = Submission(emulator)
    product = api.offer()
    answer = api.call("POST", f"{product}/packages", json=PACKAGE | UNKNOWN)
    assert answer.status_code == 501
    assert "not emulated: member colour, publishTarget" in answer.text
    assert api.get(f"{product}/packages") == {"value": []}
