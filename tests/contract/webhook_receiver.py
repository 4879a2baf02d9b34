"""A publisher's webhook on a port of this machine, and the marketplace that calls it."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from provider.tools.emulators import RunningEmulator
from provider.tools.hangs import HANG_SECONDS

TENANT, APPLICATION = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
OFFER, FLAT, SILVER, GOLD = "contoso-seats", "contoso-flat", "silver", "gold"
DECISION_SECONDS = 10
LAST_ATTEMPT_SECONDS = 8 * 3600
VERSION = {"api-version": "2018-08-31"}


@dataclass
class Reply:
    """How the receiver answers one request; `is_held` keeps it waiting until `Receiver.release`."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_endless: bool = False
    is_held: bool = False


@dataclass
class Notification:
    """One request that the receiver got."""

    path: str
    headers: Mapping[str, str]
    payload: dict[str, Any]
    content: bytes = b""

    @property
    def token(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")


class Receiver:
    """Answers with `replies` in turn, then with 200; with `held` to whatever arrives before `release`.

    `most_at_once` counts the requests of one subscription.
    """

    def __init__(self) -> None:
        self.notifications: list[Notification] = []
        self.replies: list[Reply] = []
        self.held: Reply | None = None
        self.url, self.most_at_once = "", 0
        self._released, self._arrived, self._present = threading.Event(), threading.Condition(), list[str]()

    def release(self) -> None:
        """Let the requests that are held be answered, and those that follow."""
        self._released.set()

    def wait_for(self, count: int) -> None:
        """Wait until that many requests have arrived."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.notifications) >= count, HANG_SECONDS)

    def actions(self) -> list[str]:
        return [notification.payload["action"] for notification in self.notifications]

    def accept(self, notification: Notification) -> Reply:
        subscription = notification.payload.get("subscriptionId", "")
        with self._arrived:
            self.notifications.append(notification)
            self._present.append(subscription)
            self.most_at_once = max(self.most_at_once, self._present.count(subscription))
            reply = self.replies.pop(0) if self.replies else Reply()
            if self.held and not self._released.is_set():
                reply = self.held
            self._arrived.notify_all()
        if reply.is_held:
            self._released.wait(HANG_SECONDS)
        with self._arrived:
            self._present.remove(subscription)
        return reply


@contextmanager
def serve_receiver(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Serve a receiver as long as the context lasts, by https with a TLS context."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._write(Reply(200, {"Content-Type": "text/html"}, LANDING_PAGE))

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = receiver.accept(Notification(self.path, headers, json.loads(content), content))
            try:
                self._write(reply)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def _write(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if not reply.is_endless:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)
            while reply.is_endless:
                self.wfile.write(b"x" * 65536)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.release()
        server.shutdown()
        thread.join()
        server.server_close()


LANDING_PAGE = (
    b"<!DOCTYPE html><html lang=en><title>Contoso</title><main><h1>Welcome to Contoso</h1></main></html>"
)


class Marketplace:
    """The emulated marketplace with an offer per seat, whose publisher is the receiver."""

    def __init__(self, emulator: RunningEmulator, receiver: Receiver) -> None:
        self.emulator, self.receiver = emulator, receiver
        self.configure()

    def configure(self, **changes: Any) -> None:
        """Put the offer on sale, or replace it."""
        plans = [
            {"plan_id": name, "is_price_per_seat": True, "min_quantity": 1, "max_quantity": 50}
            for name in (SILVER, GOLD)
        ]
        offer = {
            "offer_id": OFFER,
            "landing_page_url": f"{self.receiver.url}/landing",
            "webhook_url": f"{self.receiver.url}/webhook?code=1",
            "plans": plans,
        }
        self.control("POST", "offers", {**offer, **changes})

    def control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        answer = self.emulator.client.request(method, f"/_emulator/saas/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def subscribe(self) -> str:
        """Buy seats and activate them. Returns the id of the subscription."""
        bought = self.control("POST", "purchase", {"offer_id": OFFER, "plan_id": SILVER, "quantity": 5})
        id = str(bought["subscription"]["id"])
        self.api("POST", f"{id}/activate", {"planId": SILVER, "quantity": 5})
        return id

    def api(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Call the fulfillment service as the publisher."""
        answer = self.emulator.client.request(
            method, f"/api/saas/subscriptions/{path}", json=body, params=VERSION
        )
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def change_plan(self, subscription: str) -> str:
        """Change to the other plan as the customer. Returns the id of the operation."""
        change = {"subscription": subscription, "plan_id": GOLD}
        return str(self.control("POST", "change", change)["id"])

    def do(self, event: str, subscription: str) -> None:
        """`suspend`, `reinstate`, `renew` or `cancel` a subscription."""
        self.control("POST", event, {"subscription": subscription})

    def send(self, **settings: Any) -> None:
        """Set how webhooks are sent."""
        self.control("POST", "webhooks", settings)

    def deliveries(self) -> list[dict[str, Any]]:
        deliveries: list[dict[str, Any]] = self.control("GET", "deliveries")
        return deliveries

    def delivery(self) -> dict[str, Any]:
        """The newest delivery."""
        return self.deliveries()[-1]

    def statuses(self) -> list[int]:
        """What the attempts of the newest delivery were answered with."""
        return [attempt["status"] for attempt in self.delivery()["attempts"]]

    def operation(self, subscription: str, operation: str) -> dict[str, Any]:
        body: dict[str, Any] = self.api("GET", f"{subscription}/operations/{operation}")
        return body

    def plan(self, subscription: str) -> str:
        return str(self.api("GET", subscription)["planId"])

    def status(self, subscription: str) -> str:
        return str(self.api("GET", subscription)["saasSubscriptionStatus"])
