"""The publisher's people at their pages, and rows for them to look at."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import httpx
from sqlalchemy import insert
from starlette.applications import Starlette
from tests.saas.asgi import open_app
from tests.saas.deployment import load_settings

from pulumi_partnercenter.emulator.entra import TENANT
from pulumi_partnercenter.saas import create_app
from pulumi_partnercenter.saas.cookies import COOKIES
from pulumi_partnercenter.saas.database import Database
from pulumi_partnercenter.saas.service import Service
from pulumi_partnercenter.saas.tables import (
    Access,
    HistoryEntry,
    Job,
    JobState,
    Session,
    Subscription,
    UsageRecord,
    UsageReport,
    UsageState,
    Webhook,
)

READER, OPERATOR = "Subscriptions.Read", "Subscriptions.Manage"
PERSON = "99999999-9999-4999-8999-999999999999"
START = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)


def sign_in(
    service: Service,
    *roles: str,
    groups: tuple[str, ...] = (),
    audience: Literal["customer", "publisher"] = "publisher",
) -> str:
    """Return the cookie of somebody who signed in with these app roles."""
    secret = f"session-{audience}-{'-'.join(roles + groups)}"
    now = service.now()
    with service.database.transaction() as session:
        session.merge(
            Session(
                id_hash=hashlib.sha256(secret.encode()).hexdigest(),
                audience=audience,
                user={
                    "tenant_id": TENANT,
                    "object_id": PERSON,
                    "name": "Dana <Contoso>",
                    "email": "",
                    "roles": roles,
                    "groups": groups,
                },
                data={},
                created_at=now,
                expires_at=now + timedelta(hours=1),
            )
        )
    return f"{COOKIES[audience]}={secret}"


class PublisherPages:
    """Requests of one person to the publisher's pages."""

    def __init__(self, client: httpx.Client, service: Service, cookie: str) -> None:
        self._client, self.service = client, service
        self._headers = {"cookie": cookie, "accept": "text/html"}

    def get(self, path: str, **parameters: str) -> httpx.Response:
        return self._client.get(f"/publisher{path}", headers=self._headers, params=parameters or None)

    def token(self, path: str) -> str:
        """Return what a page's forms prove themselves with."""
        text = self.get(path).text
        return text.partition('name="form_token" value="')[2].partition('"')[0]

    def post(self, path: str, *, form_page: str = "", **form: str) -> httpx.Response:
        """Send the form of a page, by default that of the same address."""
        return self.send(path, form_token=self.token(form_page or path), **form)

    def send(self, path: str, *, origin: str = "", **form: str) -> httpx.Response:
        headers = self._headers | ({"origin": origin} if origin else {})
        return self._client.post(f"/publisher{path}", headers=headers, data=form)


@contextmanager
def open_pages(
    database_url: str, *, emulator: str = "http://127.0.0.1:9", **settings: str
) -> Iterator[Visitors]:
    app = create_app(load_settings(emulator, "https://saas.contoso.example", database_url, **settings))
    with open_app(app) as client:
        yield Visitors(client, app)


class Visitors:
    """Everybody who opens the pages of a service."""

    def __init__(self, client: httpx.Client, app: Starlette) -> None:
        self.client, self.service = client, app.state.service

    def sign_in(self, *roles: str, **others: Any) -> PublisherPages:
        return PublisherPages(self.client, self.service, sign_in(self.service, *roles, **others))


def subscription_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def build_subscription(number: int, **values: Any) -> Subscription:
    """Return a row; the one with the highest number is the newest."""
    time = START + timedelta(minutes=number)
    defaults = {
        "id": subscription_id(number),
        "name": f"Fabrikam {number}",
        "offer_id": "contoso-seats",
        "plan_id": "team",
        "quantity": 5,
        "status": "Subscribed",
        "access": Access.ACTIVE,
        "term_unit": "P1M",
        "term_start": START,
        "term_end": START + timedelta(days=30),
        "beneficiary_email": f"user{number}@fabrikam.example",
        "beneficiary_tenant_id": "66666666-6666-4666-8666-666666666666",
        "purchaser_email": "buyer@fabrikam.example",
        "created_at": START,
        "first_read_at": time,
        "read_at": time,
    }
    return Subscription(**defaults | values)


def add_subscriptions(
    database: Database, count: int, describe: Callable[[int], Mapping[str, Any]] = lambda _: {}
) -> None:
    """Add many rows, quickly; `describe` returns what a row has instead of the usual."""
    usual = vars(build_subscription(0)) | {"version": 1, "contact": {}, "allowed_customer_operations": []}
    usual.pop("_sa_instance_state")
    with database.transaction() as session:
        for first in range(0, count, 5_000):
            rows = [
                {
                    **usual,
                    "id": subscription_id(number),
                    "name": f"Fabrikam {number}",
                    "first_read_at": START + timedelta(minutes=number),
                    **describe(number),
                }
                for number in range(first, min(first + 5_000, count))
            ]
            session.execute(insert(Subscription), rows)


def add_everything(database: Database, text: str = "Fabrikam", *, number: int = 1, **values: Any) -> None:
    """Add a subscription and a row of every list about it; `text` is in every column that strangers fill.

    `values` are other values of the subscription.
    """
    id, cut = subscription_id(number), text[:60]
    with database.transaction() as session:
        columns = {
            "name": text,
            "offer_id": text,
            "plan_id": text,
            "status": cut,
            "access": cut,
            "term_unit": cut,
            "beneficiary_email": text,
            "beneficiary_object_id": cut,
            "beneficiary_tenant_id": cut,
            "purchaser_email": text[::-1],
            "purchaser_tenant_id": cut,
            "contact": {text: text},
        }
        session.add(build_subscription(number, **columns | values))
        session.add(
            Webhook(
                operation_id=f"operation-{number}",
                subscription_id=id,
                action=cut,
                source=cut,
                payload={text: text},
                received_at=START,
                http_status=200,
                decision=cut,
                reason=text,
            )
        )
        details = {text: text}
        session.add(HistoryEntry(subscription_id=id, at=START, actor=text, action=cut, details=details))
        session.add(
            Job(
                kind=cut,
                key=f"event:{number}",
                subscription_id=id,
                payload={text: text},
                state=JobState.DEAD,
                due_at=START,
                attempts=12,
                last_error=text,
                created_at=START,
                ended_at=START,
            )
        )
        report = {"subscription_id": id, "dimension": text, "hour": START}
        session.add(UsageRecord(**report, plan_id=text, quantity=2.5, state=UsageState.REFUSED, error=text))
        session.add(
            UsageReport(
                id=f"{number}{text}"[:200],
                **report,
                quantity=2.5,
                used_at=START,
                source=cut,
                received_at=START,
            )
        )
