"""The SaaS service beside an emulated marketplace, both on ports of this machine, with one clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from unittest import mock

import httpx
import pytest
from provider.tools.emulators import TOKEN, RunningEmulator
from provider.tools.hangs import HANG_SECONDS
from sqlalchemy import select
from tests.contract.marketplace import FLAT, SEATS, Marketplace

from pulumi_partnercenter.emulator.entra import CLIENT, TENANT
from pulumi_partnercenter.emulator.server import Server, listen
from pulumi_partnercenter.saas import (
    Handlers,
    ServiceSettings,
    account,
    callbacks,
    create_app,
    directory,
    signing_keys,
    tables,
    webhook,
)
from pulumi_partnercenter.saas.job_kinds import JOB_KINDS
from pulumi_partnercenter.saas.service import Service
from pulumi_partnercenter.saas.subscriptions import find, find_or_add, save
from pulumi_partnercenter.saas.worker import run_due

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For a test in which the database does not matter."""
DEADLINES = "READ_SECONDS", "LOOK_BACK_SECONDS", "DECISION_SECONDS"
"""Of the webhook."""
SECRETS = {
    "KEYS": "key-that-encrypts-what-is-kept",
    "SIGN_IN_CLIENT_ID": "44444444-4444-4444-8444-444444444444",
    "SIGN_IN_CLIENT_SECRET": "secret-of-the-landing-page",
    "PUBLISHER_CLIENT_ID": "55555555-5555-4555-8555-555555555555",
    "PUBLISHER_CLIENT_SECRET": "secret-of-the-publishers-pages",
    "USAGE_KEYS": "key-of-the-usage-reports",
    "METRICS_KEY": "key-of-the-metrics",
}
ALEX, KIM = "77777777-7777-7777-7777-777777777771", "77777777-7777-7777-7777-777777777772"
"""Users of Contoso: an operator and a reader of the publisher's pages. Sam has no role."""


class MovableClock:
    """Seconds since the epoch, for the emulator and the service. A test moves it on."""

    def __init__(self) -> None:
        self.offset_seconds = 0.0

    def __call__(self) -> float:
        return time.time() + self.offset_seconds


class Deployment:
    """A running service, its marketplace, and what people do to both.

    `marketplace` is the customer's side and the publisher's raw requests, with the offers `contoso-reports` and
    `contoso-seats` on sale. Users sign in at its directory. `http` sends requests to the service. Jobs run only in
    `run_jobs`.
    """

    def __init__(self, emulator: RunningEmulator, clock: MovableClock, service: Service, url: str) -> None:
        self.emulator, self.clock, self.service, self.url = emulator, clock, service, url
        self.marketplace = Marketplace(emulator)
        self.http = open_visitor(url)
        self.marketplace.control("webhooks", {"answer_seconds": HANG_SECONDS})
        for offer in (FLAT, SEATS):
            addresses = {"landing_page_url": f"{url}/", "webhook_url": f"{url}/webhook"}
            self.marketplace.control("offers", {**offer, **addresses})
        register_applications(emulator, url)

    def use_account(self, user: str, **how: Any) -> None:
        """Let the next visitors be signed in at Entra ID as this user, e.g. `dana@fabrikam.example`.

        `token` and `times` forge ID tokens.
        """
        self.emulator.client.post("/_emulator/sign-in", json={"user": user, **how}).raise_for_status()

    def now(self) -> datetime:
        """Time of the marketplace and the service."""
        return self.service.now()

    def advance(self, **duration: float) -> None:
        """Move the clock of both, by members of `timedelta`; the marketplace then does what is due."""
        self.clock.offset_seconds += timedelta(**duration).total_seconds()
        self.emulator.advance(0)

    def run_jobs(self) -> int:
        """Run what is due now, and what that leads to; not periodic jobs. Returns the number of jobs."""
        return run_due(self.service, JOB_KINDS)

    def row(self, subscription_id: str) -> tables.Subscription | None:
        """The service's row of a subscription."""
        with self.service.database.reading() as session:
            return find(session, subscription_id)

    def read(self, subscription_id: str, **values: Any) -> None:
        """Read a subscription from the marketplace into its row, and change columns of it; no job follows."""
        answer = self.service.client.get_subscription(subscription_id)
        with self.service.database.transaction() as session:
            row, _ = find_or_add(session, answer.id, now=self.now())
            save(session, row, answer, now=self.now())
            for name, value in values.items():
                setattr(row, name, value)

    def rows(self, table: Any, **values: Any) -> list[Any]:
        """Rows of a table with these values, in the order of their keys."""
        with self.service.database.reading() as session:
            statement = select(table).filter_by(**values).order_by(*table.__table__.primary_key)
            return list(session.scalars(statement))

    def history(self, subscription_id: str) -> list[str]:
        """Actions in a subscription's history, oldest first."""
        return [entry.action for entry in self.rows(tables.HistoryEntry, subscription_id=subscription_id)]


def register_applications(emulator: RunningEmulator, url: str) -> None:
    """Register the applications with which users sign in to a service at this address."""
    roles = {ALEX: ["Subscriptions.Manage"], KIM: ["Subscriptions.Read"]}
    applications: list[tuple[str, str, dict[str, Any]]] = [
        ("SIGN_IN", "customer", {"sign_in_audience": "AzureADandPersonalMicrosoftAccount"}),
        ("PUBLISHER", "publisher", {"user_roles": roles}),
    ]
    for name, audience, members in applications:
        application = {
            "client": SECRETS[f"{name}_CLIENT_ID"],
            "secret": SECRETS[f"{name}_CLIENT_SECRET"],
            "redirect_uris": [f"{url}/sign-in/{audience}/callback"],
            **members,
        }
        emulator.client.post("/_emulator/applications", json=application).raise_for_status()


def open_visitor(url: str) -> httpx.Client:
    """Return a browser's part: cookies are kept, secure ones too, and redirects are not followed by themselves."""
    # httpx's own jar sends no secure cookie over http, to this machine neither. Browsers do.
    cookies = httpx.Cookies()
    cookies.jar = CookieJar(DefaultCookiePolicy(secure_protocols=("http", "https")))
    hooks: Mapping[str, Any] = {"request": [cookies.set_cookie_header], "response": [cookies.extract_cookies]}
    return httpx.Client(base_url=url, event_hooks=hooks, trust_env=False, timeout=HANG_SECONDS, verify=False)


@contextmanager
def serve_deployment(
    emulator: RunningEmulator,
    clock: MovableClock,
    database_url: str,
    *,
    handlers: Handlers | None = None,
    settings: Mapping[str, str] | None = None,
    **options: Any,
) -> Iterator[Deployment]:
    """Serve the service as long as the context lasts. `settings` are names without prefix; "" unsets.

    `options` are those of `create_app`, without jobs in the background. The deadlines of answers are long, for busy
    machines, pages do not reload while a browser looks at them, and the webhook does not wait for operations that show
    late.
    """
    with (
        mock.patch.multiple(webhook, **dict.fromkeys(DEADLINES, HANG_SECONDS), VISIBLE_SECONDS=0.0),
        mock.patch.object(signing_keys, "FETCH_SECONDS", HANG_SECONDS),
        mock.patch.object(callbacks, "DECISION_SECONDS", HANG_SECONDS),
        mock.patch.object(directory, "SECONDS", HANG_SECONDS),
        mock.patch.object(account, "REFRESH_SECONDS", int(HANG_SECONDS)),
        _serve(emulator, clock, database_url, handlers, settings or {}, options) as deployment,
    ):
        yield deployment


@contextmanager
def _serve(
    emulator: RunningEmulator,
    clock: MovableClock,
    database_url: str,
    handlers: Handlers | None,
    settings: Mapping[str, str],
    options: Mapping[str, Any],
) -> Iterator[Deployment]:
    listener = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = create_app(
        load_settings(emulator.url, url, database_url, **settings),
        handlers,
        now=lambda: datetime.fromtimestamp(clock(), UTC),
        **{"runs_jobs": False, **options},
    )
    ready = threading.Event()
    server = Server(app, listener, ready=lambda _: ready.set())
    thread = threading.Thread(target=server.serve_forever, name="service", daemon=True)
    thread.start()
    assert ready.wait(HANG_SECONDS), "the service did not start"
    deployment = Deployment(emulator, clock, app.state.service, url)
    try:
        yield deployment
    finally:
        deployment.http.close()
        server.stop()
        thread.join(HANG_SECONDS)
        assert not thread.is_alive(), "the service did not stop"


def load_settings(emulator: str, url: str, database_url: str, **settings: str) -> ServiceSettings:
    """Settings as an environment gives them."""
    return ServiceSettings.load(service_environment(emulator, url, database_url, **settings))


def service_environment(emulator: str, url: str, database_url: str, **settings: str) -> dict[str, str]:
    """Environment of a service whose marketplace is an emulator; for a process too."""
    values = {
        **SECRETS,
        "PUBLIC_URL": url,
        "DATABASE_URL": database_url,
        "ACCESS_TOKEN": TOKEN,
        "TENANT_ID": TENANT,
        "CLIENT_ID": CLIENT,
        **settings,
    }
    return {
        "PARTNERCENTER_ENDPOINT": emulator,
        **{f"PARTNERCENTER_SAAS_{name}": value for name, value in values.items()},
    }
