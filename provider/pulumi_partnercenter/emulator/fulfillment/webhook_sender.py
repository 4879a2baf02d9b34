"""The sender of webhooks: one attempt at a time for a subscription, in the event loop that serves the emulator.

A receiver has ten real seconds to answer. An attempt that no 2xx answers is repeated, at most 500 times in 8 hours of
the emulator's clock; a moved clock repeats it once for each move. A delivery that waits for its next attempt does not
hold up those after it. An attempt that a stop of the emulator cut off is made again.

Attempts carry no header but their own token: no cookies, no proxy, no credentials of the address. Redirects are not
followed, and of an answer's body only the beginning is read.
"""

from __future__ import annotations

import asyncio
import functools
import json
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import httpx

from ..entra import Entra
from ..state import Document, Store
from . import catalog, operations
from .webhook_tokens import Audience, issue_token
from .webhooks import (
    ENDED,
    KIND,
    NO_ADDRESS,
    WebhookSettings,
    list_waiting,
    moment,
    shaped_payload,
    take_settings,
)

__all__ = ["WebhookSender"]

MOST_ATTEMPTS = 500
LAST_ATTEMPT_SECONDS = 8 * 3600.0
FIRST_PAUSE_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = LAST_ATTEMPT_SECONDS / MOST_ATTEMPTS
REFUSABLE = ("ChangePlan", "ChangeQuantity")
MOST_BODY_BYTES = 500
MOST_CONNECTIONS = 100
USER_AGENT = "partnercenter-emulator"


@dataclass
class Reply:
    """What came of one attempt. Status 0: no answer; then `is_silent` says that the receiver took too long."""

    status: int = 0
    reason: str = ""
    is_silent: bool = False


class WebhookSender:
    """Sends the deliveries of one emulator as they become due."""

    def __init__(self, store: Store, entra: Entra) -> None:
        self.store, self.entra = store, entra
        self._attempts: dict[str, asyncio.Task[None]] = {}
        """Attempts under way, by subscription."""
        self._timer: asyncio.TimerHandle | None = None
        self._connections = asyncio.Semaphore(MOST_CONNECTIONS)

    def wake(self) -> None:
        """Start an attempt for each subscription with a delivery that is due; come back when the next one is."""
        self._cancel_timer()
        self._start(list_waiting(self.store))

    async def finish(self) -> None:
        """Try what is due now, and what that leads to; not what comes due again while it is tried."""
        start = self.store.clock()
        while True:
            self.wake()
            now = self.store.clock()
            is_due = any(
                delivery.appears_at <= (start if delivery.body["attempts"] else now)
                for delivery in list_waiting(self.store)
            )
            if not is_due or not self._attempts:
                return
            tasks, _ = await asyncio.wait(self._attempts.values())
            for task in tasks:
                if not task.cancelled():
                    task.result()

    def stop(self) -> None:
        """Break off all attempts."""
        self._cancel_timer()
        for task in self._attempts.values():
            task.cancel()
        self._attempts.clear()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def _start(self, waiting: Sequence[Document]) -> None:
        """Start an attempt for each subscription that has none under way, and the timer for what is due later."""
        now, loop = self.store.clock(), asyncio.get_running_loop()
        for delivery in waiting:
            if delivery.appears_at <= now and delivery.scope not in self._attempts:
                task = loop.create_task(self._attempt(delivery.id))
                self._attempts[delivery.scope] = task
                task.add_done_callback(functools.partial(self._end_attempt, delivery.scope))
        later = [loop.time() + delivery.appears_at - now for delivery in waiting if delivery.appears_at > now]
        if later and (self._timer is None or self._timer.when() > min(later)):
            self._cancel_timer()
            self._timer = loop.call_at(min(later), self.wake)

    def _end_attempt(self, subscription: str, task: asyncio.Task[None]) -> None:
        if self._attempts.get(subscription) is task:
            del self._attempts[subscription]
        if not task.cancelled() and task.exception() is None:
            self._start(list_waiting(self.store, subscription))

    async def _attempt(self, id: str) -> None:
        """Send a delivery once, and write down what came of it."""
        delivery = self.store.find(KIND, id)
        if delivery is None:
            return
        operation = self.store.find(operations.KIND, delivery.natural_key)
        offer = catalog.find_offer(self.store, operation.body["offerId"]) if operation else None
        if offer is None or not offer.webhook_url:
            self._conclude(delivery, NO_ADDRESS, "delivered")
            return
        async with self._connections:
            with self.store.transaction():
                settings = take_settings(self.store)
            at, begin = self.store.clock(), time.monotonic()
            audience = Audience(offer.tenant, offer.application)
            reply = await post(offer.webhook_url, *self._request(delivery, audience, settings), settings)
            seconds = round(time.monotonic() - begin, 3)
        delivery = self.store.find(KIND, id)
        if delivery is None:  # emptied meanwhile
            return
        delivery.body["url"] = offer.webhook_url
        delivery.body["attempts"].append(
            {
                "at": moment(at),
                "status": reply.status,
                "reason": reply.reason,
                "seconds": seconds,
                "token": settings.token,
                "payload": settings.payload,
            }
        )
        self._judge(delivery, reply, at)

    def _request(
        self, delivery: Document, audience: Audience, settings: WebhookSettings
    ) -> tuple[dict[str, str], bytes]:
        """Headers and body of an attempt."""
        headers = {
            "content-type": "application/json",
            "accept": "*/*",
            "accept-encoding": "identity",
            "user-agent": USER_AGENT,
        }
        token = issue_token(
            self.entra,
            audience,
            variant=settings.token,
            version=settings.token_version,
            now=self.store.clock() - self.store.clock.offset_seconds,
            keys_address=settings.keys_address,
        )
        if token:
            headers["authorization"] = f"Bearer {token}"
        return headers, json.dumps(shaped_payload(delivery.body["payload"], settings.payload)).encode()

    def _judge(self, delivery: Document, reply: Reply, at: float) -> None:
        """Decide what the answer to an attempt means for the operation, or when the next attempt is due."""
        if 200 <= reply.status < 300:
            self._conclude(delivery, "accepted", "delivered")
        elif 400 <= reply.status < 500 and delivery.body["action"] in REFUSABLE:
            self._conclude(delivery, "refused", "refused")
        else:
            self._postpone(delivery, reply, at)

    def _postpone(self, delivery: Document, reply: Reply, at: float) -> None:
        attempts = len(delivery.body["attempts"])
        pause = min(FIRST_PAUSE_SECONDS * 2 ** min(attempts - 1, 10), LONGEST_PAUSE_SECONDS)
        due, end = at + pause, _created_at(delivery) + LAST_ATTEMPT_SECONDS
        if delivery.stage == "again" or attempts >= MOST_ATTEMPTS or due > end:
            self._conclude(delivery, "silent" if reply.is_silent else "undelivered", "undelivered")
            return
        delivery.appears_at = due
        delivery.body["next_attempt"] = moment(due)
        with self.store.transaction():
            self.store.save(delivery)

    def _conclude(self, delivery: Document, outcome: str, consequence: operations.Outcome) -> None:
        """End a delivery. One that is repeated has had its consequence already, and keeps its outcome."""
        is_first = delivery.stage != "again"
        delivery.stage = ENDED
        delivery.body["next_attempt"] = None
        with self.store.transaction():
            if is_first:
                delivery.body["outcome"] = outcome
            self.store.save(delivery)
            if is_first:
                operations.conclude(self.store, delivery.natural_key, consequence)


def _created_at(delivery: Document) -> float:
    return datetime.fromisoformat(delivery.body["created"]).timestamp()


async def post(url: str, headers: Mapping[str, str], content: bytes, settings: WebhookSettings) -> Reply:
    """Send one request, and return its answer, or why there is none."""
    reply = Reply()
    limit = settings.answer_seconds
    try:
        async with (
            asyncio.timeout(limit),
            httpx.AsyncClient(verify=_trust(url), trust_env=False, timeout=None) as client,  # noqa: S113 - above
            client.stream("POST", url, headers=headers, content=content, auth=_add_nothing) as response,
        ):
            reply.status, reply.reason = response.status_code, response.reason_phrase
            if 300 <= reply.status < 400:
                reply.reason = f"{reply.reason}: redirects are not followed"
            elif text := await _read_beginning(response):
                reply.reason = text
    except TimeoutError:
        reply.is_silent = not reply.status
        reply.reason = reply.reason or f"no answer within {limit:g} s"
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        reply.reason = reply.reason or f"{type(error).__name__}: {error}"
    return reply


def _trust(url: str) -> ssl.SSLContext | bool:
    """Trust the authorities of this machine, or of SSL_CERT_FILE, which OpenSSL reads. Raises: OSError."""
    return ssl.create_default_context() if url.lower().startswith("https") else False


def _add_nothing(request: httpx.Request) -> httpx.Request:
    """Replace the credentials that an address may carry: the token of the webhook stays."""
    return request


async def _read_beginning(response: httpx.Response) -> str:
    content = b""
    async for part in response.aiter_raw():
        content += part
        if len(content) >= MOST_BODY_BYTES:
            break
    return content[:MOST_BODY_BYTES].decode(errors="replace").strip()
