"""The control plane: log, faults, clock, portal, and its own errors."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from provider.tools.emulators import RunningEmulator, in_process, serve
from provider.tools.hangs import HANG_SECONDS, wait_until
from tests.contract.half_requests import send_half_a_request
from tests.contract.publisher import Publisher
from tests.contract.raw_api import RawApi

PRODUCTS = "/v1.0/ingestion/products"
TOKENS = "/11111111-1111-1111-1111-111111111111/oauth2/v2.0/token"
"""At something that happens at once."""
CONTOSO = {
    "resourceType": "AzureApplication",
    "name": "Contoso",
    "externalIDs": [{"type": "AzureOfferId", "value": "contoso-1"}],
    "isModularPublishing": True,
}


@pytest.fixture
def api(emulator: RunningEmulator) -> RawApi:
    return RawApi(emulator)


@pytest.fixture(scope="module")
def running_emulator() -> Iterator[RunningEmulator]:
    with serve() as emulator:
        yield emulator


@pytest.fixture
def served_emulator(running_emulator: RunningEmulator) -> RunningEmulator:
    running_emulator.reset()
    return running_emulator


def test_an_empty_emulator_holds_empty_collections(emulator):
    state = emulator.state()
    assert {"products", "setups", "branches", "listings", "variants", "featureAvailabilities"} <= set(state)
    assert not any(state.values())


def test_a_reset_deletes_documents_faults_log_and_moved_time(api):
    product = api.create_offer()
    api.create_plan(product)
    api.emulator.fault("products", status=503, times=0)
    api.emulator.advance(100)
    api.emulator.reset()
    assert not any(api.emulator.state().values())
    assert api.emulator.requests() == []
    assert api.get("/products") == {"value": []}


def test_the_log_has_every_request_except_those_to_the_control_plane(api):
    api.call("GET", "/products?$skipToken=")
    api.call("PATCH", "/products/x")
    api.emulator.client.get("/nothing")
    api.emulator.client.get("/common/v2.0/.well-known/openid-configuration")
    api.emulator.state()
    log = api.emulator.requests()
    assert [entry["service"] for entry in log] == ["submission", "submission", "unknown", "entra"]
    assert log[0] == {
        "method": "GET",
        "path": f"{PRODUCTS}?$skipToken=",
        "status": 200,
        "service": "submission",
    }
    assert log[1] == {"method": "PATCH", "path": f"{PRODUCTS}/x", "status": 501, "service": "submission"}
    api.emulator.clear()
    assert api.emulator.requests() == []


def test_a_fault_is_answered_and_the_request_not_processed(api):
    api.emulator.fault("^POST .*/products$", status=429, headers={"Retry-After": "7"}, body={"a": 1})
    answer = api.call("POST", "/products", json={})
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "7"
    assert answer.json() == {"a": 1}
    assert not any(api.emulator.state().values())
    assert api.emulator.requests()[-1]["status"] == 429
    assert api.call("POST", "/products", json={}).status_code == 400


def test_the_body_of_a_fault_may_be_text(api):
    api.emulator.fault(
        "products", status=502, headers={"Content-Type": "text/html"}, body="<h1>Bad gateway</h1>"
    )
    answer = api.call("GET", "/products")
    assert (answer.status_code, answer.text) == (502, "<h1>Bad gateway</h1>")


@pytest.mark.parametrize(
    ("options", "statuses"),
    [
        ({}, [503, 200, 200, 200]),
        ({"times": 2}, [503, 503, 200, 200]),
        ({"times": 0}, [503, 503, 503, 503]),
        ({"after": 1}, [200, 503, 200, 200]),
        ({"after": 2, "times": 0}, [200, 200, 503, 503]),
    ],
)
def test_after_and_times_of_a_fault_count_matching_requests(api, options, statuses):
    api.emulator.fault(r"GET .*/products\?", status=503, **options)
    actual = []
    for _ in statuses:
        api.call("POST", "/products", json={})
        actual.append(api.call("GET", "/products", params={"$skipToken": ""}).status_code)
    assert actual == statuses


def test_faults_match_the_decoded_path_too_and_can_be_deleted(api):
    for match in (r"\$filter=resourceType", "%24filter"):
        api.emulator.fault(match, status=500)
    params = {"$filter": "resourceType eq 'AzureContainer'"}
    assert "%24filter" in str(httpx.URL("http://x", params=params))
    assert [api.call("GET", "/products", params=params).status_code for _ in range(3)] == [500, 500, 200]
    api.emulator.fault("products", status=500, times=0)
    api.emulator.unfault()
    assert api.call("GET", "/products").status_code == 200


def test_a_fault_with_a_pattern_that_takes_too_long_is_deleted(api, capfd):
    """A search of this path with this pattern would practically never end."""
    api.emulator.fault("(a|aa)+$", status=500, times=0)
    assert api.call("GET", f"/products/{'a' * 5000}b").status_code == 404
    assert api.emulator.faults() == []
    assert "its pattern takes too long" in capfd.readouterr().err
    assert api.call("GET", "/products").status_code == 200


def test_the_number_of_faults_is_limited(api):
    for number in range(1000):
        api.emulator.fault(f"nothing{number}", status=500)
    answer = api.emulator.client.post("/_emulator/faults", json={"match": "x", "status": 500})
    assert answer.status_code == 400
    assert "1000 faults exist already" in answer.json()["error"]
    assert len(api.emulator.faults()) == 1000


def test_a_header_of_a_fault_may_have_latin_1_characters(served_emulator):
    """HTTP allows these values, and a real socket sends them."""
    served_emulator.fault("products", status=503, headers={"X-Words": "caf\u00e9 \u00a7"})
    answer = served_emulator.client.get(PRODUCTS)
    assert (answer.status_code, answer.headers["x-words"]) == (503, "caf\u00e9 \u00a7")


def test_a_delayed_request_is_processed_after_the_delay(api):
    api.emulator.fault("products", delay_seconds=0.001)
    assert api.create_offer()


def test_a_request_dropped_before_processing_changes_nothing(served_emulator):
    api = RawApi(served_emulator)
    served_emulator.fault("POST", drop="before")
    with pytest.raises(httpx.TransportError):
        api.create_offer("contoso-1")
    assert not any(served_emulator.state().values())
    assert served_emulator.requests()[-1]["status"] == 0
    assert api.create_offer("contoso-1")


def test_a_request_dropped_after_processing_is_processed(served_emulator):
    api = RawApi(served_emulator)
    served_emulator.fault("POST", drop="after")
    with pytest.raises(httpx.TransportError):
        api.create_offer("contoso-1")
    (product,) = served_emulator.state()["products"]
    assert product["name"] == "contoso-1 alias"
    assert [entry["status"] for entry in served_emulator.requests()] == [0]
    assert api.get(f"/products/{product['id']}")["id"] == product["id"]


def test_a_request_dropped_during_the_answer_is_processed(served_emulator):
    """Headers and half of the body are sent before the connection closes."""
    served_emulator.fault("POST", drop="during")
    with pytest.raises(httpx.RemoteProtocolError, match=r"received [1-9]\d* bytes, expected"):
        served_emulator.client.post(PRODUCTS, json=CONTOSO)
    assert [entry["status"] for entry in served_emulator.requests()] == [201]
    assert len(served_emulator.state()["products"]) == 1


def test_a_delayed_request_is_processed_although_its_client_has_gone(served_emulator):
    served_emulator.fault("POST", delay_seconds=600)
    with pytest.raises(httpx.ReadTimeout):
        served_emulator.client.post(PRODUCTS, json=CONTOSO, timeout=httpx.Timeout(HANG_SECONDS, read=0.005))
    served_emulator.unfault()
    assert wait_until(lambda: bool(served_emulator.state()["products"]))
    assert [entry["status"] for entry in served_emulator.requests()] in ([0], [201])


def test_a_client_that_goes_in_the_middle_of_a_request_leaves_a_line_in_the_log_and_no_traceback(
    served_emulator, caplog
):
    paths = [TOKENS, PRODUCTS, "/_emulator/sign-in"]
    for path in paths:
        send_half_a_request(served_emulator.url, path, "Authorization: Bearer emulator")
    logged = [(path, 499) for path in paths[:2]]  # the control plane is not logged

    def read_log() -> list[tuple[str, int]]:
        return sorted((entry["path"], entry["status"]) for entry in served_emulator.requests())

    assert wait_until(lambda: read_log() == logged), read_log()
    assert not [record for record in caplog.records if record.exc_info]


def test_a_delayed_request_continues_when_faults_are_deleted(served_emulator):
    served_emulator.fault("POST", delay_seconds=600)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(served_emulator.client.post, PRODUCTS, json=CONTOSO)
        while not served_emulator.requests():
            assert not future.done()
        served_emulator.unfault()
        assert future.result(HANG_SECONDS).status_code == 201


def test_a_dropped_request_in_this_process_raises_a_connection_error():
    with in_process() as emulator:
        emulator.fault("POST", drop="before")
        with pytest.raises(ConnectionResetError):
            RawApi(emulator).create_offer()


def test_documents_of_a_new_offer_appear_with_a_delay_at_real_pace():
    with in_process(pace="real", now=lambda: 1_000.0) as emulator:
        api = RawApi(emulator)
        product = api.create_offer()
        listing = f"{product}/branches/getByModule(module=Listing)"
        assert api.get(f"{product}/setup")["sellingOption"] == "ListAndSell"
        assert api.get(listing) == {"value": []}
        emulator.advance(1.5)
        instance = api.read_instance_id(product, "Listing")
        listings = f"{product}/listings/getByInstanceID(instanceID={instance})"
        assert api.get(listings) == {"value": []}
        emulator.advance(0.5)
        assert len(api.get(listings)["value"]) == 1
        plan = api.create_plan(product)["id"]
        assert len(api.get(listing)["value"]) == 1
        emulator.advance(2.5)
        assert api.read_availability(product, plan)
        assert api.read_listing(product, plan)


def test_documents_of_a_new_offer_appear_at_once_at_instant_pace(api):
    product = api.create_offer()
    assert api.read_listing(product)
    assert api.read_availability(product, api.create_plan(product)["id"])


def test_etags_contain_the_time_of_the_emulators_clock(emulator):
    with in_process(now=lambda: 1_000.0) as dated_emulator:
        api = RawApi(dated_emulator)
        dated_emulator.advance(24)
        assert api.create_plan(api.create_offer())["@odata.etag"].endswith(f'-{1024:08x}0000"')


def test_the_emulator_works_until_the_last_day_of_its_clock():
    with in_process(now=lambda: 0.0) as emulator:
        api = Publisher(emulator)
        emulator.advance(253_370_764_800 - 10)
        path = api.go_live(api.create_complete_offer())
        assert api.get(path)["publishedTimeInUtc"].startswith("9998-12-31T23:59:5")
        answer = emulator.client.post("/_emulator/clock", json={"advance_seconds": 10})
        assert "9998" in answer.json()["error"]
        assert api.read_state(path) == ("Published", "InStore")


def test_equal_seeds_give_equal_ids_and_different_seeds_different_ones():
    def ids(seed: int | None) -> str:
        with in_process(seed=seed) as emulator:
            return RawApi(emulator).create_offer()

    assert ids(7) == ids(7)
    assert len({ids(7), ids(8), ids(None), ids(None)}) == 4


def test_the_portal_changes_documents_of_every_kind_and_removes_null_members(api):
    product = api.create_offer()
    plan = api.create_plan(product)
    root = f"/v1.0/ingestion{product}"
    listing = api.read_listing(product)
    assert "keywords" not in api.emulator.portal(f"{root}/listings/{listing['id']}", keywords=None)
    assert "keywords" not in api.read_listing(product)
    assert api.emulator.portal(f"{root}/variants/{plan['id']}", friendlyName="X")["friendlyName"] == "X"
    path = f"{root}/listings/{listing['id']}"
    assert api.emulator.portal_nulls(path, "summary", "notKnown").items() >= {
        ("summary", None),
        ("notKnown", None),
    }
    assert api.emulator.portal(f"{root}/setup", trialUri="https://example.com")
    assert api.get(f"{product}/setup")["trialUri"] == "https://example.com"
    instance = api.read_instance_id(product, "Property")
    assert api.emulator.portal(f"{root}/properties/{instance}", appVersion="2")["appVersion"] == "2"
    assert api.emulator.portal(root, name="Renamed")["name"] == api.get(product)["name"] == "Renamed"


@pytest.mark.parametrize(
    ("route", "body", "message"),
    [
        ("faults", {"status": 500}, "match: must be a regular expression"),
        ("faults", {"match": "(", "status": 500}, "match: must be a regular expression"),
        ("faults", {"match": "a{99999999999}", "status": 500}, "match: must be a regular expression"),
        ("faults", {"match": "a" * 501, "status": 500}, "text of at most 500 characters"),
        (
            "faults",
            {"match": "x", "status": 500, "headers": {"x-a": "\u0142"}},
            "headers: 'x-a': must be what",
        ),
        ("faults", {"match": "x", "status": 500, "headers": {"x-a": "1\r\nb: 2"}}, "headers: 'x-a': must be"),
        ("faults", {"match": "x", "status": 500, "headers": {"x-a": " 1"}}, "headers: 'x-a': must be what"),
        ("faults", {"match": "x", "status": 500, "headers": {"x a": "1"}}, "headers: 'x a': must be what"),
        ("faults", {"match": "x", "status": 500, "headers": {"": "1"}}, "headers: '': must be what"),
        ("faults", {"match": "x"}, "at least one of them"),
        ("faults", {"match": "x", "status": 99}, "status: must be from 200 to 599"),
        ("faults", {"match": "x", "status": 500, "times": -1}, "times: must be a whole number"),
        ("faults", {"match": "x", "status": 500, "after": "1"}, "after: must be a whole number"),
        ("faults", {"match": "x", "drop": "soon"}, "drop: must be before, during or after"),
        ("faults", {"match": "x", "delay_seconds": "1"}, "delay_seconds: must be a number"),
        (
            "faults",
            {"match": "x", "status": 500, "headers": {"a": 1}},
            "headers: must be an object of strings",
        ),
        ("faults", {"match": "x", "status": 500, "colour": "red"}, "colour: unknown"),
        ("clock", {}, "advance_seconds: must be a number"),
        ("clock", {"advance_seconds": -1}, "advance_seconds: must be a number"),
        ("clock", {"advance_seconds": 10**12}, "time ends"),
        ("clock", {"advance_seconds": 1e300}, "time ends"),
        ("clock", {"advance_seconds": 10**400}, "advance_seconds: must be a number"),
        ("publish", {"product": "nothing"}, "product: must be the id"),
        (
            "decide",
            {"product": "nothing", "stage": "validation", "outcome": "pass"},
            "product: must be the id",
        ),
        ("decide", {"outcome": "pass"}, "stage: must be one of validation, certification"),
        ("decide", {"stage": "validation", "outcome": "maybe"}, "outcome: must be one of pass, fail, hold"),
        ("decide", {"stage": "validation", "outcome": "fail", "items": [{}]}, "items: must be a list"),
        ("decide", {"stage": "validation", "outcome": "fail", "report": 1}, "report: must be a string"),
        ("decide", {"stage": "validation", "outcome": "fail", "when": 1}, "when: unknown"),
        ("portal", {"path": "/v1.0/ingestion/products/x", "members": {}}, "path: no document"),
        ("portal", {"path": 5, "members": {}}, "path: must be"),
        ("portal", {"path": "/x", "members": []}, "members: must be an object"),
        ("portal", {"path": "/x", "members": {}, "nulls": "summary"}, "nulls: must be a list"),
        ("portal", {"path": "/v1.0/ingestion/x", "members": {}, "nulls": ["id"]}, "id cannot be changed"),
        ("portal", {"path": "/v1.0/ingestion/x", "members": {"id": "y"}}, "members: id cannot be changed"),
    ],
)
def test_invalid_input_of_the_control_plane_is_refused_with_member_and_rule(emulator, route, body, message):
    answer = emulator.client.post(f"/_emulator/{route}", json=body)
    assert answer.status_code == 400
    assert message in answer.json()["error"]


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"match": ' + b"9" * 5000 + b"}",
        b'{"match": "x", "status": 500, "body": NaN}',
        b'{"match": "x", "status": 500, "body": "\\ud800"}',
    ],
)
def test_a_body_of_the_control_plane_that_is_not_an_object_is_refused(emulator, content):
    answer = emulator.client.post("/_emulator/faults", content=content)
    assert answer.status_code == 400
    assert "body" in answer.json()["error"]
    assert emulator.client.get("/_emulator/faults").json() == []


@pytest.mark.parametrize(("method", "route"), [("PUT", "decide"), ("GET", "nothing"), ("PUT", "faults")])
def test_an_unknown_control_route_is_not_emulated(emulator, method, route):
    answer = emulator.client.request(method, f"/_emulator/{route}", json={})
    assert answer.status_code == 501
    assert "not emulated" in answer.text
