"""Health, metrics and logs of the SaaS service."""

from __future__ import annotations

import asyncio
import functools
import io
import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families
from provider.tools.hangs import HANG_SECONDS, wait_until
from sqlalchemy import text
from starlette.applications import Starlette
from tests.contract.half_requests import send_half_a_request
from tests.saas.asgi import open_app
from tests.saas.deployment import ON_SQLITE, SECRETS, Deployment

from pulumi_partnercenter.messages import keep_secret
from pulumi_partnercenter.saas import ServiceSettings, create_app, jobs
from pulumi_partnercenter.saas.logs import configure_logging
from pulumi_partnercenter.saas.service import Service

KEY = "metrics-key-of-the-tests"
NOW = datetime(2026, 5, 18, 9, 30, tzinfo=UTC)
ENVIRONMENT = {
    "PARTNERCENTER_ENDPOINT": "http://127.0.0.1:9",
    "PARTNERCENTER_SAAS_TENANT_ID": "11111111-1111-4111-8111-111111111111",
    "PARTNERCENTER_SAAS_CLIENT_ID": "22222222-2222-4222-8222-222222222222",
    "PARTNERCENTER_SAAS_CLIENT_SECRET": "secret of the fulfillment application",
    "PARTNERCENTER_SAAS_PUBLIC_URL": "https://saas.contoso.example",
    "PARTNERCENTER_SAAS_KEYS": "key-that-encrypts-for-the-tests",
    "PARTNERCENTER_SAAS_SIGN_IN_CLIENT_ID": "33333333-3333-4333-8333-333333333333",
    "PARTNERCENTER_SAAS_SIGN_IN_CLIENT_SECRET": "secret of the landing page",
    "PARTNERCENTER_SAAS_METRICS_KEY": KEY,
}


def make_app(tmp_path: Path, **environment: str) -> Starlette:
    url = {"PARTNERCENTER_SAAS_DATABASE_URL": f"sqlite:///{tmp_path}/saas.db"}
    return create_app(ServiceSettings.load({**ENVIRONMENT, **url, **environment}), now=lambda: NOW)


@pytest.fixture
def app(tmp_path: Path) -> Starlette:
    app = make_app(tmp_path)
    app.state.service.database.migrate()
    return app


@pytest.fixture
def client(app: Starlette) -> Iterator[httpx.Client]:
    with open_app(app) as client:
        yield client


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure_logging(stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def read_lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def read_metrics(client: httpx.Client, name: str) -> dict[tuple[str, ...], float]:
    """Return the values of a metric by the values of its labels."""
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {KEY}"})
    assert answer.status_code == 200
    samples = [
        sample
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if sample.name == f"partnercenter_saas_{name}"
    ]
    return {tuple(value for _, value in sorted(sample.labels.items())): sample.value for sample in samples}


def test_health_needs_no_database_and_readiness_says_what_is_wrong(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    with open_app(app) as client:
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert (answer.status_code, "partnercenter saas migrate" in answer.text) == (503, True)
        app.state.service.database.migrate()
        assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/at/all/saas.db", "postgresql://saas:password-of-saas@127.0.0.1:9/saas"]
)
def test_an_unreachable_database_is_not_ready_and_metrics_are_served(tmp_path: Path, url: str) -> None:
    with open_app(make_app(tmp_path, PARTNERCENTER_SAAS_DATABASE_URL=url)) as client:
        answer = client.get("/readyz")
        assert (answer.status_code, answer.text) == (503, "the database cannot be reached\n")
        assert client.get("/healthz").status_code == 200
        assert read_metrics(client, "database_up") == {(): 0}


def test_readiness_says_that_the_jobs_of_this_process_have_ended(
    app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end_loop(*_: object) -> None:
        raise RuntimeError("a fault of the loop")

    async def ask() -> list[httpx.Response]:
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://saas.example") as client:
                before = await client.get("/readyz")
                monkeypatch.setattr("pulumi_partnercenter.saas.worker._claim", end_loop)
                app.state.worker.notify()
                app.state.worker._loop.join(HANG_SECONDS)
                return [before, await client.get("/readyz"), await client.get("/healthz")]

    answers = asyncio.run(ask())
    assert [(answer.status_code, answer.text) for answer in answers] == [
        (200, "ready\n"),
        (503, "the loop of the jobs has ended\n"),
        (200, "ok\n"),
    ]


def test_readiness_does_not_wait_for_a_writer(client: httpx.Client, app: Starlette) -> None:
    service: Service = app.state.service
    with service.database.transaction() as session:
        session.execute(text("select 1"))
        assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    "authorization", ["", f"Basic {KEY}", f"Bearer {KEY}x", "Bearer ", f"Bearer x {KEY}", "Bearer ÿ"]
)
def test_metrics_need_their_key(client: httpx.Client, authorization: str) -> None:
    answer = client.get("/metrics", headers=[("Authorization", authorization.encode("latin-1"))])
    assert answer.status_code == 401
    assert "partnercenter" not in answer.text


def test_metrics_are_off_without_a_key(tmp_path: Path) -> None:
    with open_app(make_app(tmp_path, PARTNERCENTER_SAAS_METRICS_KEY="")) as client:
        assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_requests_are_counted_by_route_and_never_by_what_a_caller_chooses(client: httpx.Client) -> None:
    client.get("/healthz?token=abc")
    client.get("/no/such/page-4711")
    client.request("BREW", "/healthz")
    counts = read_metrics(client, "request_seconds_count")
    assert counts["GET", "/healthz", "200"] == 1
    assert counts["GET", "unmatched", "404"] == 1
    assert counts["other", "/healthz", "405"] == 1
    assert "4711" not in str(counts)


@ON_SQLITE
def test_a_client_that_goes_in_the_middle_of_a_request_leaves_no_traceback(
    deployment: Deployment, caplog: pytest.LogCaptureFixture
) -> None:
    for path in ("/usage", "/webhook", "/sign-out"):
        send_half_a_request(deployment.url, path)
    headers = {"Authorization": f"Bearer {SECRETS['METRICS_KEY']}"}

    def is_counted(path: str) -> bool:
        line = f'{{method="POST",route="{path}",status="499"}} 1.0'
        return line in deployment.http.get("/metrics", headers=headers).text

    for path in ("/usage", "/webhook", "/sign-out"):
        assert wait_until(functools.partial(is_counted, path)), path
    assert not [record for record in caplog.records if record.exc_info]


def test_numbers_of_rows_are_shown(client: httpx.Client, app: Starlette) -> None:
    service: Service = app.state.service
    with service.database.transaction() as session:
        for number in range(3):
            due_at = NOW - timedelta(minutes=number)
            jobs.add(session, "converge", f"converge:{number}", now=NOW, due_at=due_at)
    assert read_metrics(client, "jobs") == {("converge", "waiting"): 3}
    assert read_metrics(client, "jobs_late_seconds") == {(): 120}
    assert read_metrics(client, "database_up") == {(): 1}


def test_a_secret_s_expiry_is_shown(tmp_path: Path) -> None:
    app = make_app(tmp_path, PARTNERCENTER_SAAS_SECRET_EXPIRES_AT="2026-05-19T09:30:00Z")
    with open_app(app) as client:
        assert read_metrics(client, "secret_expiry_seconds") == {(): 86400}


def test_a_request_is_a_line_with_its_id_and_without_its_query(
    client: httpx.Client, log: io.StringIO
) -> None:
    answer = client.get("/somewhere?token=abcdefgh", headers={"X-Request-Id": "id-of-a-proxy-1"})
    assert answer.headers["x-request-id"] == "id-of-a-proxy-1"
    [line] = [line for line in read_lines(log) if line["message"] == "request"]
    assert (line["route"], line["status"], line["request_id"]) == ("unmatched", 404, "id-of-a-proxy-1")
    assert "abcdefgh" not in log.getvalue()


def test_an_id_that_is_none_is_replaced(client: httpx.Client) -> None:
    answer = client.get("/healthz", headers={"X-Request-Id": 'x" onload="x'})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])


def test_logs_are_lines_of_json_without_secrets_addresses_and_unlisted_members(log: io.StringIO) -> None:
    keep_secret("a-secret-of-the-service")
    logger = logging.getLogger("pulumi_partnercenter.saas.test")
    try:
        int("mail to adele@contoso.example\nwith a-secret-of-the-service")
    except ValueError:
        logger.exception(
            "purchase of %s",
            "Adele <adele@contoso.example>",
            extra={"subscription_id": "id-1", "email": "adele@fabrikam.example", "seconds": 0.25},
        )
    [line] = read_lines(log)
    assert (line["level"], line["subscription_id"], line["seconds"]) == ("error", "id-1", 0.25)
    assert "ValueError" in line["exception"]
    assert "email" not in line
    for leak in ("adele", "contoso.example", "fabrikam", "a-secret"):
        assert leak not in log.getvalue()


def test_a_failed_statement_shows_no_parameters(app: Starlette, log: io.StringIO) -> None:
    service: Service = app.state.service
    name = "Adele"  # its own line: a traceback shows the code of the statement
    try:
        with service.database.transaction() as session:
            session.execute(text("insert into nothing values (:name)"), {"name": name})
    except Exception:
        logging.getLogger("pulumi_partnercenter.saas.test").exception("failed")
    assert "insert into nothing" in log.getvalue()
    assert "Adele" not in log.getvalue()


def test_a_trace_has_the_route_and_nothing_that_a_caller_chose(
    tmp_path: Path, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    monkeypatch.setattr("pulumi_partnercenter.saas.tracing.create_provider", lambda: provider)
    app = make_app(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")
    app.state.service.database.migrate()
    with open_app(app) as client:
        client.get("/usage/4711?token=abcdefgh", headers={"User-Agent": "browser-of-adele"})
        client.post("/usage?token=abcdefgh")
        client.get("/healthz")
    names = [span.name for span in spans.get_finished_spans()]
    assert names == ["GET unmatched", "POST /usage"]
    shown = "".join(span.to_json() for span in spans.get_finished_spans())
    for leak in ("abcdefgh", "4711", "adele", "127.0.0.1"):
        assert leak not in shown
    traces = {f"{span.context.trace_id:032x}" for span in spans.get_finished_spans()}
    assert {line["trace_id"] for line in read_lines(log) if line["message"] == "request"} == traces
