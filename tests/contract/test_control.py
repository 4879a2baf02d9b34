"""The control plane: log, faults over a real socket, clock, portal, and its own refusals."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from provider.tools.emulators import Serving, in_process, serve
from tests.contract.complete import Publisher
from tests.contract.submission import Submission

PRODUCTS = "/v1.0/ingestion/products"
CONTOSO = {
    "resourceType": "AzureApplication",
    "name": "Contoso",
    "externalIDs": [{"type": "AzureOfferId", "value": "contoso-1"}],
    "isModularPublishing": True,
}


@pytest.fixture
def api(emulator: Serving) -> Submission:
    return Submission(emulator)


@pytest.fixture(scope="module")
def served_once() -> Iterator[Serving]:
    with serve() as emulator:
        yield emulator


@pytest.fixture
def served(served_once: Serving) -> Serving:
    served_once.reset()
    return served_once


def test_an_empty_emulator_holds_empty_collections(emulator):
    state = emulator.state()
    assert {"products", "setups", "branches", "listings", "variants", "featureAvailabilities"} <= set(state)
    assert not any(state.values())


def test_reset_empties_everything(api):
    product = api.offer()
    api.plan(product)
    api.emulator.fault("products", status=503, times=0)
    api.emulator.advance(100)
    api.emulator.reset()
    assert not any(api.emulator.state().values())
    assert api.emulator.requests() == []
    assert api.get("/products") == {"value": []}


def test_the_log_has_every_request_but_the_control_planes(api):
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


def test_a_fault_answers_instead_of_the_work(api):
    api.emulator.fault("^POST .*/products$", status=429, headers={"Retry-After": "7"}, body={"a": 1})
    answer = api.call("POST", "/products", json={})
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "7"
    assert answer.json() == {"a": 1}
    assert not any(api.emulator.state().values())
    assert api.emulator.requests()[-1]["status"] == 429
    assert api.call("POST", "/products", json={}).status_code == 400


def test_a_fault_can_send_what_is_no_json(api):
    api.emulator.fault(
        "products", status=502, headers={"Content-Type": "text/html"}, body="<h1>Bad gateway</h1>"
    )
    answer = api.call("GET", "/products")
    assert (answer.status_code, answer.text) == (502, "<h1>Bad gateway</h1>")


@pytest.mark.parametrize(
    ("how", "statuses"),
    [
        ({}, [503, 200, 200, 200]),
        ({"times": 2}, [503, 503, 200, 200]),
        ({"times": 0}, [503, 503, 503, 503]),
        ({"after": 1}, [200, 503, 200, 200]),
        ({"after": 2, "times": 0}, [200, 200, 503, 503]),
    ],
)
def test_after_and_times_count_matching_requests(api, how, statuses):
    api.emulator.fault(r"GET .*/products\?", status=503, **how)
    seen = []
    for _ in statuses:
        api.call("POST", "/products", json={})
        seen.append(api.call("GET", "/products", params={"$skipToken": ""}).status_code)
    assert seen == statuses


def test_faults_match_the_decoded_target_too_and_can_be_forgotten(api):
    for match in (r"\$filter=resourceType", "%24filter"):
        api.emulator.fault(match, status=500)
    params = {"$filter": "resourceType eq 'AzureContainer'"}
    assert "%24filter" in str(httpx.URL("http://x", params=params))
    assert [api.call("GET", "/products", params=params).status_code for _ in range(3)] == [500, 500, 200]
    api.emulator.fault("products", status=500, times=0)
    api.emulator.unfault()
    assert api.call("GET", "/products").status_code == 200


def test_a_pattern_that_never_ends_is_forgotten_and_holds_nobody_up(api, capfd):
    """Its search of this path takes longer than the universe is old, unless somebody ends it."""
    api.emulator.fault("(a|aa)+$", status=500, times=0)
    assert api.call("GET", f"/products/{'a' * 5000}b").status_code == 404
    assert api.emulator.faults() == []
    assert "its pattern takes too long" in capfd.readouterr().err
    assert api.call("GET", "/products").status_code == 200


def test_faults_are_bounded_in_number(api):
    for number in range(1000):
        api.emulator.fault(f"nothing{number}", status=500)
    answer = api.emulator.client.post("/_emulator/faults", json={"match": "x", "status": 500})
    assert answer.status_code == 400
    assert "1000 faults are ordered already" in answer.json()["error"]
    assert len(api.emulator.faults()) == 1000


def test_a_header_of_a_fault_may_be_latin(served):
    """What HTTP can carry is carried, over a real socket too."""
    served.fault("products", status=503, headers={"X-Words": "caf\u00e9 \u00a7"})
    answer = served.client.get(PRODUCTS)
    assert (answer.status_code, answer.headers["x-words"]) == (503, "caf\u00e9 \u00a7")


def test_a_delay_passes_and_then_the_work_is_done(api):
    api.emulator.fault("products", delay_seconds=0.001)
    assert api.offer()


def test_a_connection_cut_before_the_work_leaves_nothing(served):
    api = Submission(served)
    served.fault("POST", drop="before")
    with pytest.raises(httpx.TransportError):
        api.offer("contoso-1")
    assert not any(served.state().values())
    assert served.requests()[-1]["status"] == 0
    assert api.offer("contoso-1")


def test_a_connection_cut_after_the_work_leaves_it_done(served):
    api = Submission(served)
    served.fault("POST", drop="after")
    with pytest.raises(httpx.TransportError):
        api.offer("contoso-1")
    (product,) = served.state()["products"]
    assert product["name"] == "contoso-1 alias"
    assert [entry["status"] for entry in served.requests()] == [0]
    assert api.get(f"/products/{product['id']}")["id"] == product["id"]


def test_a_connection_cut_in_the_answer_leaves_the_work_done(served):
    """Head and half of the body arrive."""
    served.fault("POST", drop="during")
    with pytest.raises(httpx.RemoteProtocolError, match=r"received [1-9]\d* bytes, expected"):
        served.client.post(PRODUCTS, json=CONTOSO)
    assert [entry["status"] for entry in served.requests()] == [201]
    assert len(served.state()["products"]) == 1


def test_what_is_slow_is_done_although_nobody_waits_for_it(served):
    served.fault("POST", delay_seconds=0.05)
    with pytest.raises(httpx.ReadTimeout):
        served.client.post(PRODUCTS, json=CONTOSO, timeout=0.005)
    while not served.state()["products"]:
        assert served.requests()[-1]["status"] in (0, 201)


def test_what_a_delay_holds_goes_on_when_faults_are_forgotten(served):
    served.fault("POST", delay_seconds=600)
    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(served.client.post, PRODUCTS, json=CONTOSO)
        while not served.requests():
            assert not made.done()
        served.unfault()
        assert made.result(30).status_code == 201


def test_in_process_a_cut_connection_is_an_error_too():
    with in_process() as emulator:
        emulator.fault("POST", drop="before")
        with pytest.raises(ConnectionResetError):
            Submission(emulator).offer()


def test_children_appear_late_by_the_emulators_clock_at_real_pace():
    with in_process(pace="real", now=lambda: 1_000.0) as emulator:
        api = Submission(emulator)
        product = api.offer()
        listing = f"{product}/branches/getByModule(module=Listing)"
        assert api.get(f"{product}/setup")["sellingOption"] == "ListAndSell"
        assert api.get(listing) == {"value": []}
        emulator.advance(1.5)
        instance = api.instance(product, "Listing")
        every = f"{product}/listings/getByInstanceID(instanceID={instance})"
        assert api.get(every) == {"value": []}
        emulator.advance(0.5)
        assert len(api.get(every)["value"]) == 1
        plan = api.plan(product)["id"]
        assert len(api.get(listing)["value"]) == 1
        emulator.advance(2.5)
        assert api.availability(product, plan)
        assert api.listing(product, plan)


def test_at_instant_pace_children_are_there_at_once(api):
    product = api.offer()
    assert api.listing(product)
    assert api.availability(product, api.plan(product)["id"])


def test_the_clock_dates_what_is_written(emulator):
    with in_process(now=lambda: 1_000.0) as other:
        api = Submission(other)
        other.advance(24)
        assert api.plan(api.offer())["@odata.etag"].endswith(f'-{1024:08x}0000"')


def test_on_the_last_day_everything_still_works():
    with in_process(now=lambda: 0.0) as emulator:
        api = Publisher(emulator)
        emulator.advance(253_370_764_800 - 10)
        path = api.go_live(api.complete())
        assert api.get(path)["publishedTimeInUtc"].startswith("9998-12-31T23:59:5")
        answer = emulator.client.post("/_emulator/clock", json={"advance_seconds": 10})
        assert "9998" in answer.json()["error"]
        assert api.stands(path) == ("Published", "InStore")


def test_equal_seeds_give_equal_ids_and_other_seeds_others():
    def ids(seed: int | None) -> str:
        with in_process(seed=seed) as emulator:
            return Submission(emulator).offer()

    assert ids(7) == ids(7)
    assert len({ids(7), ids(8), ids(None), ids(None)}) == 4


def test_the_portal_removes_with_null_and_reaches_every_kind(api):
    product = api.offer()
    plan = api.plan(product)
    root = f"/v1.0/ingestion{product}"
    listing = api.listing(product)
    assert "keywords" not in api.emulator.portal(f"{root}/listings/{listing['id']}", keywords=None)
    assert "keywords" not in api.listing(product)
    assert api.emulator.portal(f"{root}/variants/{plan['id']}", friendlyName="X")["friendlyName"] == "X"
    path = f"{root}/listings/{listing['id']}"
    assert api.emulator.portal_nulls(path, "summary", "notKnown").items() >= {
        ("summary", None),
        ("notKnown", None),
    }
    assert api.emulator.portal(f"{root}/setup", trialUri="https://example.com")
    assert api.get(f"{product}/setup")["trialUri"] == "https://example.com"
    instance = api.instance(product, "Property")
    assert api.emulator.portal(f"{root}/properties/{instance}", appVersion="2")["appVersion"] == "2"
    assert api.emulator.portal(root, name="Renamed")["name"] == api.get(product)["name"] == "Renamed"


@pytest.mark.parametrize(
    ("route", "body", "words"),
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
        ("faults", {"match": "x", "status": 500, "headers": {"a": 1}}, "headers: must be an object of text"),
        ("faults", {"match": "x", "status": 500, "colour": "red"}, "colour: not a member here"),
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
        ("decide", {"stage": "validation", "outcome": "fail", "report": 1}, "report: must be text"),
        ("decide", {"stage": "validation", "outcome": "fail", "when": 1}, "when: not a member here"),
        ("portal", {"path": "/v1.0/ingestion/products/x", "members": {}}, "path: no document"),
        ("portal", {"path": 5, "members": {}}, "path: must be"),
        ("portal", {"path": "/x", "members": []}, "members: must be an object"),
        ("portal", {"path": "/x", "members": {}, "nulls": "summary"}, "nulls: must be a list"),
        ("portal", {"path": "/v1.0/ingestion/x", "members": {}, "nulls": ["id"]}, "id cannot be changed"),
        ("portal", {"path": "/v1.0/ingestion/x", "members": {"id": "y"}}, "members: id cannot be changed"),
    ],
)
def test_bad_input_names_the_member_and_the_rule(emulator, route, body, words):
    answer = emulator.client.post(f"/_emulator/{route}", json=body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]


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
def test_a_control_body_that_is_no_object_is_refused(emulator, content):
    answer = emulator.client.post("/_emulator/faults", content=content)
    assert answer.status_code == 400
    assert "body" in answer.json()["error"]
    assert emulator.client.get("/_emulator/faults").json() == []


@pytest.mark.parametrize(("method", "route"), [("PUT", "decide"), ("GET", "nothing"), ("PUT", "faults")])
def test_an_unknown_control_route_is_not_emulated(emulator, method, route):
    answer = emulator.client.request(method, f"/_emulator/{route}", json={})
    assert answer.status_code == 501
    assert "not emulated" in answer.text
