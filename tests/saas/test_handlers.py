"""The publisher's own code: loaded by its name, or called over HTTP with a signature."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from prometheus_client import generate_latest
from provider.tools.engine.engine import CHECKOUT
from tests.contract.webhook_receiver import Receiver, Reply, serve_receiver
from tests.saas.deployment import ON_SQLITE, Deployment, MovableClock, load_settings, serve_deployment

from pulumi_partnercenter.errors import SettingsError, Unavailable
from pulumi_partnercenter.saas import Event, Handlers, Refused, create_app, jobs, verify_signature
from pulumi_partnercenter.saas.callbacks import HttpHandlers, sign
from pulumi_partnercenter.saas.events import emit
from pulumi_partnercenter.saas.handlers import EventType
from pulumi_partnercenter.saas.metrics import Metrics
from pulumi_partnercenter.saas.tables import Job, Subscription

NEW, OLD = "newest-secret-of-the-callbacks", "former-secret-of-the-callbacks"
NOW = datetime(2026, 5, 18, 9, 30, tzinfo=UTC)
EVENT = Event(id="11111111-1111-4111-8111-111111111111", type="subscription.renewed", time=NOW)
SIGNATURE = "x-partnercenter-signature"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with serve_receiver() as receiver:
        yield receiver


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def handlers(receiver: Receiver, metrics: Metrics) -> Iterator[HttpHandlers]:
    handlers = HttpHandlers(f"{receiver.url}/hook?key=1", [NEW, OLD], now=lambda: NOW, metrics=metrics)
    yield handlers
    handlers.close()


# --- Callbacks


@pytest.fixture
def deployment(
    emulator: Any, clock: MovableClock, database_url: str, receiver: Receiver
) -> Iterator[Deployment]:
    """A service whose handlers are callbacks to the receiver."""
    settings = {"CALLBACK_URL": f"{receiver.url}/hook", "CALLBACK_SECRETS": f"{NEW}, {OLD}"}
    with serve_deployment(emulator, clock, database_url, settings=settings) as deployment:
        yield deployment


def add_event(deployment: Deployment, key: str = "1") -> None:
    """Add an event of a subscription to the queue."""
    now = deployment.now()
    with deployment.service.database.transaction() as session:
        row = session.get(Subscription, "subscription-1")
        if row is None:
            row = Subscription(
                id="subscription-1", first_read_at=now, read_at=now, name="Reports", plan_id="pro"
            )
            row.contact, row.status, row.access = {"phone": "555"}, "Subscribed", "active"
            session.add(row)
            session.flush()
        data = {"plan_id": "pro", "former_plan_id": "basic"}
        emit(session, "subscription.plan_changed", row, now=now, key=key, data=data)


def test_an_event_arrives_signed_with_every_secret(deployment: Deployment, receiver: Receiver) -> None:
    add_event(deployment)
    deployment.run_jobs()
    [notification] = receiver.notifications
    assert notification.headers["x-partnercenter-event"] == "subscription.plan_changed"
    event = Event.model_validate(notification.payload)
    assert (event.subscription.plan_id, event.data["former_plan_id"]) == ("pro", "basic")
    signature, now = notification.headers[SIGNATURE], deployment.now()
    for secret in (NEW, OLD):
        assert verify_signature(notification.content, signature, secret, now=now)
    assert not verify_signature(notification.content, signature, "another-secret-of-somebody", now=now)
    assert not verify_signature(notification.content + b" ", signature, NEW, OLD, now=now)
    assert not verify_signature(notification.content, signature, NEW, now=now + timedelta(minutes=6))
    [job] = deployment.rows(Job)
    assert job.state == "done"


def test_an_event_that_is_not_taken_arrives_again_and_those_after_it_wait(
    deployment: Deployment, receiver: Receiver
) -> None:
    receiver.replies = [Reply(503), Reply(409), Reply(302, {"Location": "/other"})]
    add_event(deployment, "1")
    add_event(deployment, "2")
    for _ in range(4):
        deployment.run_jobs()
        deployment.advance(hours=1)
    deployment.run_jobs()
    ids = [notification.payload["id"] for notification in receiver.notifications]
    assert len(ids) == 5
    assert len(set(ids[:4])) == 1
    assert ids[4] != ids[0]
    assert {notification.path for notification in receiver.notifications} == {"/hook"}
    assert [job.state for job in deployment.rows(Job)] == ["done", "done"]


@ON_SQLITE
def test_an_event_that_is_never_taken_is_a_dead_letter_that_can_be_replayed(
    deployment: Deployment, receiver: Receiver
) -> None:
    receiver.replies = [Reply(500, body=b"no such table")] * 24
    add_event(deployment)
    for _ in range(24):
        deployment.run_jobs()
        deployment.advance(hours=2)
    [job] = deployment.rows(Job)
    assert (job.state, job.attempts) == ("dead", 24)
    assert "500 no such table" in job.last_error
    with deployment.service.database.transaction() as session:
        assert jobs.replay(session, job.id, now=deployment.now())
    deployment.run_jobs()
    [job] = deployment.rows(Job)
    assert (job.state, len(receiver.notifications)) == ("done", 25)


@pytest.mark.parametrize("status", [409, 422])
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"reason": "not in this country"}', "not in this country"),
        (b"not in this country", "not in this country"),
        (b"", "the publisher gives no reason"),
        (b'{"reason": null}', "the publisher gives no reason"),
        (b"\xff" * 9999, "\ufffd" * 500),
    ],
)
def test_a_customer_is_refused_with_the_reason(
    handlers: HttpHandlers, receiver: Receiver, status: int, body: bytes, reason: str
) -> None:
    receiver.replies = [Reply(status, body=body), Reply(status, body=body)]
    with pytest.raises(Refused, match=f"^{re.escape(reason)}$"):
        handlers.provision(EVENT)
    decision = handlers.decide(EVENT)
    assert (decision.accepted, decision.reason) == (False, reason)


@pytest.mark.parametrize(
    ("body", "accepted", "reason"),
    [
        (b'{"accepted": true}', True, ""),
        (b'{"accepted": false, "reason": "too many seats"}', False, "too many seats"),
        (b'{"accepted": true, "reason": "", "more": 1}', True, ""),
    ],
)
def test_a_decision_is_read(
    handlers: HttpHandlers, receiver: Receiver, body: bytes, accepted: bool, reason: str
) -> None:
    receiver.replies = [Reply(200, body=body)]
    decision = handlers.decide(EVENT)
    assert (decision.accepted, decision.reason) == (accepted, reason)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"true", b'{"accepted": "true"}', b'{"accepted": 1}', b'{"accepted": null}', b"\xff"]
)
def test_an_answer_that_is_no_decision_is_neither_yes_nor_no(
    handlers: HttpHandlers, receiver: Receiver, body: bytes
) -> None:
    receiver.replies = [Reply(200, body=body)]
    with pytest.raises(Unavailable, match="no decision"):
        handlers.decide(EVENT)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500),
        Reply(404, body=b"nothing here"),
        Reply(301, {"Location": "http://127.0.0.1:9/"}),
        Reply(200, is_endless=True),
        Reply(200, body=b" " * 70_000),
    ],
)
def test_any_other_answer_is_not_now(handlers: HttpHandlers, receiver: Receiver, reply: Reply) -> None:
    for call in (handlers.provision, handlers.decide, handlers.handle):
        receiver.replies = [reply]
        with pytest.raises(Unavailable) as caught:
            call(EVENT)
        assert len(str(caught.value).splitlines()) == 3
        assert "key=1" not in str(caught.value)


def test_an_application_that_cannot_be_reached_is_not_now(metrics: Metrics) -> None:
    handlers = HttpHandlers("http://127.0.0.1:9/hook", [NEW], now=lambda: NOW, metrics=metrics)
    for call in (handlers.provision, handlers.decide, handlers.handle):
        with pytest.raises(Unavailable):
            call(EVENT)
    lines = generate_latest(metrics.registry).decode().splitlines()
    for purpose in ("provision", "decide", "handle"):
        labels = f'outcome="failed",purpose="{purpose}"'
        assert f"partnercenter_saas_callback_seconds_count{{{labels}}} 1.0" in lines


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=",
        "v1={digest}",
        "t={seconds}",
        "t={seconds},v1=",
        "t={seconds},v1={digest}0",
        "t={seconds},v0={digest}",
        "t=-{seconds},v1={digest}",
        "t={seconds}.0,v1={digest}",
        "t={seconds},t={seconds},v1={digest}",
        "t=٣,v1={digest}",
        "t=" + "9" * 5000 + ",v1={digest}",
        "t={seconds},v1=ÿ",
    ],
)
def test_a_signature_of_another_form_is_none(header: str) -> None:
    body = b'{"id": 1}'
    valid = sign(body, [NEW], NOW)
    assert verify_signature(body, valid, NEW, now=NOW)
    seconds, digest = valid.removeprefix("t=").split(",v1=")
    assert not verify_signature(body, header.format(seconds=seconds, digest=digest), NEW, now=NOW)


@pytest.mark.parametrize("secrets", [(), ("",), (OLD,)])
def test_a_signature_needs_the_secret(secrets: tuple[str, ...]) -> None:
    assert not verify_signature(b"{}", sign(b"{}", [NEW], NOW), *secrets, now=NOW)
    assert not verify_signature(b"{}", sign(b"{}", [""], NOW), *secrets, now=NOW)


# --- Python handlers

MODULE = """
from pulumi_partnercenter.saas import Handlers

class Contoso(Handlers):
    def __init__(self, colour="blue"):
        self.colour = colour

class Demanding(Handlers):
    def __init__(self, colour):
        self.colour = colour

class Other:
    class Nested(Contoso):
        pass

instance = Contoso("red")
number = 7

def make():
    return Contoso("green")

def fail():
    raise RuntimeError("no connection\\nto the database")
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, with a package of handlers."""
    package = tmp_path / "contoso_saas"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "handlers.py").write_text(MODULE)
    (package / "broken.py").write_text("import contoso_missing")
    (package / "wrong.py").write_text("def (")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def load(entry_point: str, folder: Path) -> Handlers:
    settings = load_settings(
        "http://127.0.0.1:9", "http://127.0.0.1:9", f"sqlite:///{folder}/saas.db", HANDLERS=entry_point
    )
    service = create_app(settings).state.service
    service.close()
    handlers: Handlers = service.handlers
    return handlers


@pytest.mark.parametrize(
    ("name", "colour"),
    [("Contoso", "blue"), ("Other.Nested", "blue"), ("instance", "red"), ("make", "green")],
)
def test_handlers_are_a_class_an_instance_or_a_function(folder: Path, name: str, colour: str) -> None:
    assert load(f"contoso_saas.handlers:{name}", folder).colour == colour  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("entry_point", "problem"),
    [
        ("contoso_saas.handlers", "package.module:name"),
        ("contoso_saas.handlers:", "package.module:name"),
        ("contoso_saas/handlers.py:Contoso", "package.module:name"),
        ("contoso_saas.handlers:Contoso()", "package.module:name"),
        ("contoso_nowhere.handlers:Contoso", "no module contoso_nowhere"),
        ("contoso_saas.nowhere:Contoso", "no module contoso_saas.nowhere"),
        ("contoso_saas.handlers:Contosso", "did you mean Contoso?"),
        ("contoso_saas.broken:Contoso", "importing it failed with ModuleNotFoundError"),
        ("contoso_saas.wrong:Contoso", "importing it failed with SyntaxError"),
        ("contoso_saas.handlers:fail", "failed with RuntimeError: no connection"),
        ("contoso_saas.handlers:Demanding", "calling it without arguments failed with TypeError"),
        ("contoso_saas.handlers:number", "of type int"),
        ("contoso_saas.handlers:Other", "of type Other"),
    ],
)
def test_handlers_that_cannot_be_used_are_an_error_of_the_settings(
    folder: Path, entry_point: str, problem: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load(entry_point, folder)
    message = str(caught.value)
    assert problem in message
    assert "PARTNERCENTER_SAAS_HANDLERS" in message
    assert len(message.splitlines()) <= 3


def test_the_guide_has_every_event() -> None:
    page = (CHECKOUT / "provider" / "docs" / "saas-service.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `((?:subscription|usage|secret)\.\w+)` \|", page, re.MULTILINE)
    assert sorted(listed) == sorted(get_args(EventType))
