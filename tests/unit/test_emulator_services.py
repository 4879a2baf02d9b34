"""An emulated service is one record: the emulator's core takes routes, errors, settling and decisions from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from provider.tools.emulators import in_process

from pulumi_partnercenter.emulator.binding import Scalar
from pulumi_partnercenter.emulator.control_input import BadInput, read_choice
from pulumi_partnercenter.emulator.errors import Refusal
from pulumi_partnercenter.emulator.service import (
    Answer,
    Call,
    ControlCall,
    ControlRoute,
    Decisions,
    EmulatedService,
    Operation,
    Portal,
)
from pulumi_partnercenter.emulator.services import SERVICES
from pulumi_partnercenter.emulator.state import Document, Store

BASE, AUDIENCE = "/api/licences", "https://licences.contoso.example"
SECONDS_TO_APPROVE = 60.0


class Problems:
    """Errors of the licence service: `{"problem": …}` for every cause."""

    def not_emulated(self, what: str) -> Refusal:
        return Refusal(501, {"problem": f"not emulated: {what}"})

    def malformed_body(self, message: str) -> Refusal:
        return Refusal(422, {"problem": message})

    def invalid_members(self, members: Any) -> Refusal:
        return Refusal(422, {"problem": f"wrong type: {', '.join(members)}"})

    def access_denied(self, status: int, message: str) -> Refusal:
        return Refusal(status, {"problem": message})


def create_licence(call: Call) -> Answer:
    body = call.bind({"seats": Scalar.INTEGER, "owner": Scalar.STRING})
    id = call.store.ids.guid()
    due = call.store.clock() + SECONDS_TO_APPROVE
    document = {"id": id, **body, "state": "Pending"}
    call.store.save(Document("licence", id, document, scope=body["owner"], natural_key=str(due)))
    return Answer(201, document, location=f"/{id}")


def get_licence(call: Call) -> Answer:
    document = call.store.find("licence", call.path["id"])
    if document is None:
        raise Refusal(404, {"problem": "no such licence"})
    return Answer(200, document.body)


def approve_due(store: Store) -> None:
    for document in store.select("licence"):
        if document.body["state"] == "Pending" and float(document.natural_key) <= store.clock():
            store.save(Document(**{**vars(document), "body": {**document.body, "state": "Approved"}}))


def revoke_all(call: ControlCall) -> dict[str, int]:
    if call.body:
        raise BadInput("revoke: takes nothing")
    licences = call.store.select("licence")
    for document in licences:
        call.store.save(Document(**{**vars(document), "body": {**document.body, "state": "Revoked"}}))
    return {"revoked": len(licences)}


def decide_approval(call: ControlCall) -> dict[str, Any]:
    outcome = read_choice(call.body, "outcome", ("approve", "reject"))
    call.store.memory["licences.decision"] = outcome
    return {"stage": "approval", "outcome": outcome}


def list_decisions(store: Store) -> list[dict[str, str]]:
    outcome = store.memory.get("licences.decision")
    return [{"stage": "approval", "outcome": outcome}] if outcome else []


def forget_decisions(store: Store) -> None:
    store.memory.pop("licences.decision", None)


LICENCES = EmulatedService(
    name="licences",
    base=BASE,
    audiences=(AUDIENCE, "another"),
    operations=(
        Operation("inferred", "POST", "/all", create_licence),
        Operation("inferred", "GET", "/all/{id}", get_licence, ("api-version",)),
    ),
    errors=Problems(),
    collections={"licence": "licences"},
    describe_scope=lambda scope: {"owner of the scope": scope},
    response_headers=lambda: {"x-licences": "yes"},
    settle=approve_due,
    reset=forget_decisions,
    portal=Portal(
        lambda store, path: store.find("licence", path.rpartition("/")[2]),
        ("id",),
        lambda _, document: {**document.body, "changed": True},
    ),
    control=(ControlRoute("POST", "revoke", revoke_all),),
    decisions=Decisions(("approval",), decide_approval, list_decisions, forget_decisions),
)
LICENCE = {"seats": 5, "owner": "contoso"}


@pytest.fixture
def api() -> Iterator[httpx.Client]:
    """An emulator of the registered services and of licences, with a fixed clock."""
    with in_process(services=(*SERVICES, LICENCES), now=lambda: 1_800_000_000.0) as emulator:
        yield emulator.client


def state(api: httpx.Client) -> list[dict[str, Any]]:
    licences: list[dict[str, Any]] = api.get("/_emulator/state").json()["licences"]
    return licences


def test_a_registered_service_is_served_and_logged_under_its_name(api):
    licence = api.post(f"{BASE}/all", json=LICENCE)
    assert licence.status_code == 201
    assert licence.headers["location"] == f"http://127.0.0.1{BASE}/{licence.json()['id']}"
    assert api.get(f"{BASE.upper()}/ALL/{licence.json()['id']}/?API-version=1").json() == licence.json()
    assert api.get("/v1.0/ingestion/products").status_code == 200
    services = [entry["service"] for entry in api.get("/_emulator/requests").json()]
    assert services == ["licences", "licences", "submission"]


def test_answers_have_the_headers_of_their_own_service_only(api):
    answer, submission = api.post(f"{BASE}/all", json=LICENCE), api.get("/v1.0/ingestion/products")
    assert answer.headers["x-licences"] == "yes"
    assert "request-id" not in answer.headers
    assert "x-licences" not in submission.headers


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("GET", f"{BASE}/nothing/at/all", b"", 501),
        ("GET", f"{BASE}/all/1?colour=red", b"", 501),
        ("POST", f"{BASE}/all", b"{", 422),
        ("POST", f"{BASE}/all", b"[]", 422),
        ("POST", f"{BASE}/all", b'{"seats": "5"}', 422),
        ("POST", f"{BASE}/all", b'{"colour": "red"}', 501),
        ("GET", f"{BASE}/all/1", b"", 404),
    ],
)
def test_every_error_has_the_shape_of_its_service(api, method, path, content, status):
    answer = api.request(method, path, content=content)
    assert answer.status_code == status
    assert list(answer.json()) == ["problem"]


def test_a_service_takes_the_tokens_of_its_audiences_only(api):
    answer = api.get(f"{BASE}/all/1", headers={"Authorization": "Bearer nonsense"})
    assert (answer.status_code, list(answer.json())) == (401, ["problem"])
    assert "www-authenticate" in answer.headers
    tenant = "11111111-1111-1111-1111-111111111111"
    form = {
        "grant_type": "client_credentials",
        "client_id": "22222222-2222-2222-2222-222222222222",
        "client_secret": "emulator",
    }
    for audience, status in ((AUDIENCE, 404), ("another", 404), ("https://graph.microsoft.com", 401)):
        answer = api.post(f"/{tenant}/oauth2/token", data={**form, "resource": audience})
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        assert api.get(f"{BASE}/all/1", headers=headers).status_code == status


def test_a_service_settles_its_documents_when_the_clock_advances(api):
    api.post(f"{BASE}/all", json=LICENCE)
    (pending,) = state(api)
    assert (pending["state"], pending["owner of the scope"]) == ("Pending", "contoso")
    api.post("/_emulator/clock", json={"advance_seconds": SECONDS_TO_APPROVE})
    assert api.get(f"{BASE}/all/{pending['id']}").json()["state"] == "Approved"


def test_the_portal_changes_documents_of_a_registered_service(api):
    id = api.post(f"{BASE}/all", json=LICENCE).json()["id"]
    answer = api.post("/_emulator/portal", json={"path": f"{BASE}/all/{id}", "members": {"seats": 6}})
    assert answer.json() == {**LICENCE, "id": id, "state": "Pending", "seats": 6, "changed": True}
    fixed = api.post("/_emulator/portal", json={"path": f"{BASE}/all/{id}", "members": {"id": "x"}})
    assert fixed.json() == {"error": "members: id cannot be changed"}


def test_control_routes_and_decisions_of_a_service_are_served(api):
    api.post(f"{BASE}/all", json=LICENCE)
    assert api.post("/_emulator/revoke").json() == {"revoked": 1}
    assert api.post("/_emulator/revoke", json={"all": 1}).json() == {"error": "revoke: takes nothing"}
    decision = {"stage": "approval", "outcome": "reject"}
    assert api.post("/_emulator/decide", json=decision).json() == decision
    other = {"stage": "certification", "outcome": "pass"}
    assert api.post("/_emulator/decide", json=other).is_success
    assert [kept["stage"] for kept in api.get("/_emulator/decide").json()] == ["certification", "approval"]
    error = api.post("/_emulator/decide", json={"stage": "lunch"}).json()["error"]
    stages = error.removeprefix("stage: must be one of ").partition(", not ")[0].split(", ")
    assert {"validation", "certification", "approval"} < set(stages)
    api.post("/_emulator/reset")
    assert api.get("/_emulator/decide").json() == []
    assert state(api) == []


def test_registered_services_do_not_overlap():
    """A name, section of a base, collection, control route or stage belongs to a single service."""
    for names in (
        [service.name for service in SERVICES],
        [
            f"{service.base}/{section}".lower()
            for service in SERVICES
            for section in service.sections or ("",)
        ],
        [name for service in SERVICES for name in service.collections.values()],
        [kind for service in SERVICES for kind in service.collections],
        [(route.method, route.path) for service in SERVICES for route in service.control],
        [stage for service in SERVICES if service.decisions for stage in service.decisions.stages],
    ):
        assert len(names) == len(set(names))
