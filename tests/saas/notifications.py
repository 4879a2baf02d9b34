"""Subscriptions that both sides have, and what the marketplace notifies of."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
from provider.tools.emulators import RunningEmulator
from tests.saas.deployment import Deployment, MovableClock, serve_deployment

from pulumi_partnercenter.emulator.entra import CLIENT, TENANT, Entra
from pulumi_partnercenter.emulator.fulfillment.webhook_tokens import Audience, issue_token
from pulumi_partnercenter.saas import Decision, Event, Handlers
from pulumi_partnercenter.saas.convergence import converge

SIGNING_KEY = "entra.signing_key"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


class RecordingHandlers(Handlers):
    """Remembers every event; `decision` answers questions, `error` is raised instead."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.questions: list[Event] = []
        self.decision = Decision(accepted=True)
        self.error: Exception | None = None

    def decide(self, event: Event) -> Decision:
        self.questions.append(event)
        if self.error is not None:
            raise self.error
        return self.decision

    def handle(self, event: Event) -> None:
        self.events.append(event)

    def types(self) -> list[str]:
        """Types of the events, without their common beginning."""
        return [event.type.removeprefix("subscription.") for event in self.events]


@contextmanager
def serve_recording(
    emulator: RunningEmulator, clock: MovableClock, database_url: str, **settings: str
) -> Iterator[Deployment]:
    """Serve a deployment whose handlers record; they are `deployment.service.handlers`."""
    with serve_deployment(
        emulator, clock, database_url, handlers=RecordingHandlers(), settings=settings
    ) as deployment:
        yield deployment


def subscribe(deployment: Deployment, plan_id: str = "team", **members: Any) -> str:
    """Buy a plan, activate it and provision it. Returns the id of the subscription."""
    subscription_id = deployment.marketplace.buy(plan_id, **members)["subscription"]["id"]
    body = {"planId": plan_id, **members}
    answer = deployment.marketplace.call("POST", f"/{subscription_id}/activate", json=body)
    assert answer.status_code == 200, answer.text
    converge(deployment.service, subscription_id, is_provisioned=True)
    settle(deployment)
    return str(subscription_id)


def settle(deployment: Deployment) -> None:
    """Run the jobs until nothing is due, those too that wait for a webhook's answer or the end of an operation."""
    for _ in range(3):
        deployment.advance(seconds=3)
        if not deployment.run_jobs():
            break


def act(deployment: Deployment, name: str, subscription_id: str, **members: Any) -> dict[str, Any]:
    """Let the customer or the marketplace act. Returns the delivery of its notification, which has been tried."""
    deployment.marketplace.control(name, {"subscription": subscription_id, **members})
    return last_delivery(deployment)


def last_delivery(deployment: Deployment) -> dict[str, Any]:
    deliveries: list[dict[str, Any]] = deployment.marketplace.control("deliveries", method="GET")
    return deliveries[-1]


def statuses(delivery: Mapping[str, Any]) -> list[int]:
    return [attempt["status"] for attempt in delivery["attempts"]]


def open_directory(deployment: Deployment) -> Entra:
    """Return a directory with the signing key of the emulator's."""
    emulator = deployment.emulator
    if SIGNING_KEY not in emulator.store.memory:
        assert emulator.client.get(f"/{TENANT}/discovery/v2.0/keys").is_success
    return _load_directory(deployment.clock, emulator.store.memory[SIGNING_KEY])


@functools.cache
def _load_directory(clock: MovableClock, signing_key: str) -> Entra:
    return Entra(clock, {SIGNING_KEY: signing_key})


def issue(deployment: Deployment, variant: str = "valid", version: int = 2) -> str:
    """Return a token as the marketplace's Entra issues it, or a forged one."""
    keys = f"{deployment.emulator.url}/_emulator/saas/webhooks/keys"
    return issue_token(
        open_directory(deployment),
        Audience(TENANT, CLIENT),
        variant=variant,
        version=version,
        now=time.time() + deployment.clock.offset_seconds,
        keys_address=keys,
    )


def post(deployment: Deployment, payload: Any, token: str | None = None, **headers: str) -> httpx.Response:
    """Send a notification to the service, with a valid token if none is given."""
    token = issue(deployment) if token is None else token
    content = {"content": payload} if isinstance(payload, bytes) else {"json": payload}
    authorization = {"Authorization": f"Bearer {token}"} if token else {}
    return deployment.http.post("/webhook", headers={**authorization, **headers}, **content)
