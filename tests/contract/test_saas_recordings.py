"""Recorded traffic of Microsoft's own emulator of the fulfillment service, compared with `--saas-behaviour microsoft`.

Statuses, types of bodies and members must match; ids, times and words need not. The recordings are kept beside the
checkout (`../shared`), not in it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import httpx
import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.marketplace import Marketplace

FOLDER = Path(__file__).parents[3] / "shared" / "reference" / "saas-recordings"
ABSENT = "no recordings: ../shared/reference/saas-recordings is not beside this checkout"
OTHER = "77777777-7777-7777-7777-777777777777"
GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

NOT_COMPARED = {
    "list without identity": "our tokens are signed and checked",
    "list with a v2 token (azp, no appid)": "our tokens are signed and checked",
    "list with a bearer that is no JWT": "the crash of a server",
    "list by publisherId, no bearer": "nobody is somebody without a token",
}
OTHER_BODIES = {"activate, invalid JSON": "the page of a web framework"}
FURTHER_MEMBERS = {
    "minQuantity": "documented, of plans",
    "maxQuantity": "documented, of plans",
    "sourceOffers": "documented, of plans",
    "meteredQuantityIncluded": "documented, of billing terms",
}
DELAYED = ("change plan", "get operation")
"""Exchanges after which an operation of the publisher goes on for a second."""


def read_lines(name: str) -> list[dict[str, Any]]:
    if not FOLDER.is_dir():
        pytest.skip(ABSENT)
    lines = [json.loads(line) for line in (FOLDER / name).read_text().splitlines()]
    assert lines, f"{name} is empty"
    return lines


def build_offer(offer_id: str) -> dict[str, Any]:
    seats = offer_id == "per-seat"
    plans = [{"plan_id": f"{offer_id}-{number}", "is_price_per_seat": seats} for number in (1, 2, 3)]
    return {"offer_id": offer_id, "landing_page_url": "https://saas.contoso.example/landing", "plans": plans}


class Replay:
    """Sends recorded requests. `ids` and `tokens` are ours by those of the recording."""

    def __init__(self, market: Marketplace) -> None:
        self.market = market
        self.ids: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        market.behave(behaviour="microsoft")
        for offer_id in ("flat-rate", "per-seat"):
            market.control("offers", build_offer(offer_id))
        market.control("offers", {**build_offer("other"), "application": OTHER})
        self.stranger = market.sign_in(OTHER)

    def send(self, exchange: dict[str, Any]) -> httpx.Response | None:
        """Do what an exchange did; the answer, if it was the publisher's."""
        note = exchange["note"]
        self.market.behave(delay_seconds=1 if note in DELAYED else 0)
        if note in ("get operation, later", "get after plan change"):
            self.market.emulator.advance(1)
        url = urlsplit(GUID.sub(lambda match: self.ids.get(match[0], match[0]), exchange["url"]))
        if exchange.get("control"):
            self.change(exchange, url.path.rpartition("/")[2])
            return None
        headers = {}
        if token := exchange["request_headers"].get("x-ms-marketplace-token"):
            headers["x-ms-marketplace-token"] = self.translate(token)
        if request_id := exchange["request_headers"].get("x-ms-requestid"):
            headers["x-ms-requestid"] = request_id
        if "publisherId" in url.query:
            headers["Authorization"] = f"Bearer {self.stranger}"
        body = exchange["request_body"]
        content = b"" if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
        query = {name: values[0] for name, values in parse_qs(url.query).items() if name != "publisherId"}
        answer = self.market.emulator.client.request(
            exchange["method"], url.path, params=query, headers=headers, content=content
        )
        self.learn(exchange["response_headers"], answer)
        return answer

    def translate(self, token: str) -> str:
        """Our token for a recorded one, which has the purchase in it: bought when it is first met."""
        if "%" in token:
            return quote(self.translate(unquote(token)), safe="")
        if token not in self.tokens:
            try:
                purchase = json.loads(base64.b64decode(token, validate=True))
            except (ValueError, binascii.Error):
                return token
            if "id" not in purchase:
                return token
            bought = self.market.control(
                "purchase",
                {
                    "offer_id": purchase.get("offerId", "flat-rate"),
                    "plan_id": purchase.get("planId", "flat-rate-1"),
                    "name": purchase.get("name", ""),
                    **({"quantity": purchase["quantity"]} if "quantity" in purchase else {}),
                },
            )
            self.ids[purchase["id"]] = bought["subscription"]["id"]
            self.tokens[token] = bought["token"]
        return self.tokens[token]

    def change(self, exchange: dict[str, Any], id: str) -> None:
        """The customer's side, which both emulators have in a control plane of their own."""
        names = {"planId": "plan_id", "quantity": "quantity"}
        members = {names[name]: value for name, value in exchange["request_body"].items()}
        operation = self.market.control("change", {"subscription": id, **members})
        recorded = exchange["response_headers"]["operation-location"].rpartition("/")[2]
        self.ids[recorded] = operation["id"]

    def learn(self, headers: dict[str, str], answer: httpx.Response) -> None:
        if "operation-id" in headers:
            self.ids[headers["operation-id"]] = answer.headers["operation-id"]
            assert urlsplit(answer.headers["operation-location"]).query == "api-version=2018-08-31"


def members_of(value: Any, path: str = "") -> set[str]:
    """Paths of the members of a body; members of list items have one path for all items."""
    if isinstance(value, list):
        return {path + "[]"}.union(*(members_of(item, f"{path}[]") for item in value)) if value else set()
    if not isinstance(value, dict):
        return set()
    own = {f"{path}.{name}" for name in value}
    return own.union(*(members_of(member, f"{path}.{name}") for name, member in value.items()))


def parse(answer: httpx.Response) -> Any:
    return answer.json() if "json" in answer.headers.get("content-type", "") else answer.text


def differences(exchange: dict[str, Any], answer: httpx.Response) -> list[str]:
    recorded, ours = exchange["response_body"], parse(answer)
    if answer.status_code != exchange["status"]:
        return [f"status {answer.status_code}, recorded {exchange['status']}: {answer.text[:200]}"]
    if exchange["note"] in OTHER_BODIES:
        return []
    if type(recorded) is not type(ours):
        return [f"body {ours!r}, recorded {recorded!r}"]
    if isinstance(recorded, str) and answer.headers["content-type"].startswith("text/plain"):
        return [] if recorded == ours else [f"body {ours!r}, recorded {recorded!r}"]
    missing, further = members_of(recorded) - members_of(ours), members_of(ours) - members_of(recorded)
    named = tuple(FURTHER_MEMBERS)
    further = {path for path in further if not any(f".{name}" in path for name in named)}
    return [f"missing {path}" for path in sorted(missing)] + [f"further {path}" for path in sorted(further)]


def test_every_recorded_exchange_has_our_status_and_members(emulator: RunningEmulator):
    exchanges, replay = read_lines("emulator.jsonl"), Replay(Marketplace(emulator))
    problems: dict[str, list[str]] = {}
    compared = 0
    for number, exchange in enumerate(exchanges):
        if exchange["note"] in NOT_COMPARED:
            continue
        answer = replay.send(exchange)
        compared += 1
        if answer is not None and (different := differences(exchange, answer)):
            problems[f"{number} {exchange['note']}"] = different
    assert not problems, json.dumps(problems, indent=1)
    assert compared + len(NOT_COMPARED) == len(exchanges)


def test_every_recorded_webhook_has_our_members(emulator: RunningEmulator):
    """Payloads of the same action, with the same seats and the same state of the subscription in them."""
    webhooks, market = read_lines("webhooks.jsonl"), Marketplace(emulator)
    Replay(market)
    plan = {"offer_id": "per-seat", "plan_id": "per-seat-1", "quantity": 5}
    id = market.control("purchase", plan)["subscription"]["id"]
    market.call("POST", f"/{id}/activate", json={"planId": "per-seat-1"})
    market.control("change", {"subscription": id, "quantity": 6})
    market.emulator.advance(10)
    market.control("change", {"subscription": id, "plan_id": "per-seat-2"})
    market.emulator.advance(10)
    for name in ("renew", "suspend", "reinstate", "cancel"):
        market.control(name, {"subscription": id})
    ours = {
        delivery["action"]: delivery["payload"] for delivery in market.control("deliveries", method="GET")
    }
    for webhook in webhooks:
        recorded = webhook["request_body"]
        payload = ours[recorded["action"]]
        seats = {".subscription.quantity", ".quantity"}
        assert members_of(payload) - seats == members_of(recorded) - seats, recorded["action"]
        assert payload["status"] == recorded["status"], recorded["action"]
        status = "saasSubscriptionStatus"
        assert payload["subscription"][status] == recorded["subscription"][status], recorded["action"]
