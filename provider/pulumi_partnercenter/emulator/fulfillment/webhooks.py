"""Webhooks: the deliveries to make, how they are sent, and their part of the control plane.

| Request | Does |
|---|---|
| `GET saas/deliveries` | the deliveries, oldest first, once those that are due have been tried |
| `POST saas/deliveries/{delivery}` | sends a delivery again, also one that has ended |
| `POST saas/webhooks`, `GET saas/webhooks` | sets how the next webhooks are sent; answers the settings |
| `GET saas/webhooks/keys` | the key set of tokens of the variant `jku` |

A delivery is `{"id", "operation", "subscription", "action", "url", "attempts", "outcome", "created", "next_attempt",
"payload"}`.
`outcome` is `pending`; `accepted` after a status of 2xx; `refused` after a 4xx to a change of plan or seats;
`undelivered` or, if nothing answered the last attempt, `silent` once the attempts are over; `no_address` if the offer
names no webhook. An attempt is `{"at", "status", "reason", "seconds", "token", "payload"}`; status 0 is no answer, and
the reason is what the receiver wrote, or what went wrong. Times are on the emulator's clock.

Members of `POST saas/webhooks`, all optional: `token` (`webhook_tokens.VARIANTS`), `token_version` (1 or 2, the
default), `payload` (`full`, `minimal`, `obsolete`), `times` (that many attempts; 0, the default, is without limit),
`answer_seconds` (real seconds that a receiver may take, default 10).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from starlette.responses import JSONResponse

from ..control_input import BadInput, allow_members, read_choice, read_number, read_whole_number
from ..forged_tokens import forged_keys
from ..service import ControlCall, ControlRoute
from ..state import Document, Store
from .catalog import find_offer
from .webhook_tokens import VARIANTS

__all__ = [
    "ENDED",
    "KIND",
    "NO_ADDRESS",
    "ROUTES",
    "WebhookSettings",
    "enqueue",
    "list_waiting",
    "moment",
    "repeat",
    "reset",
    "shaped_payload",
    "take_settings",
]

KIND = "saasdelivery"
WAITING, ENDED = ("pending", "again"), "ended"
"""Stages of deliveries that will be sent. `again`: the control plane repeats one that has ended."""
NO_ADDRESS = "no_address"
PAYLOADS = ("full", "minimal", "obsolete")
MINIMAL = ("id", "activityId", "operationRequestSource", "subscriptionId", "timeStamp", "action")
LONGEST_LIMIT = 3600.0
KEYS_PATH = "saas/webhooks/keys"
_SETTINGS = "fulfillment.webhooks"


@dataclass(frozen=True)
class WebhookSettings:
    """How the next webhooks are sent; the members are those of `POST saas/webhooks`."""

    token: str = "valid"  # noqa: S105 - the name of a variant
    token_version: int = 2
    payload: str = "full"
    times: int = 0
    answer_seconds: float = 10.0
    keys_address: str = ""


def enqueue(store: Store, operation: Document, payload: Mapping[str, Any]) -> bool:
    """Add the webhook of an operation or notification to the deliveries; it is due at once.

    Return whether anybody will hear of it: an offer may name no webhook.
    """
    now, offer = store.clock(), find_offer(store, operation.body["offerId"])
    url = offer.webhook_url if offer else ""
    body = {
        "id": store.ids.guid(),
        "operation": operation.id,
        "subscription": operation.scope,
        "action": operation.body["action"],
        "url": url,
        "attempts": [],
        "outcome": "pending" if url else NO_ADDRESS,
        "created": moment(now),
        "next_attempt": moment(now) if url else None,
        "payload": payload,
    }
    store.save(
        Document(
            KIND,
            body["id"],
            body,
            scope=operation.scope,
            natural_key=operation.id,
            stage="pending" if url else ENDED,
            appears_at=now,
        )
    )
    return bool(url)


def repeat(store: Store, id: str) -> dict[str, Any]:
    """Make a delivery due now; one that has ended is sent once more. Raises: BadInput."""
    delivery = store.find(KIND, id)
    if delivery is None:
        raise BadInput(f"id: no delivery {id}")
    if delivery.stage not in WAITING:
        delivery.stage = "again"
    delivery.appears_at = store.clock()
    delivery.body["next_attempt"] = moment(delivery.appears_at)
    with store.transaction():
        store.save(delivery)
    return delivery.body


def list_waiting(store: Store, subscription: str = "") -> list[Document]:
    """Return the deliveries that will be sent, of one subscription or of all, in the order that they become due."""
    scope = {"scope": subscription} if subscription else {}
    waiting = [delivery for stage in WAITING for delivery in store.select(KIND, stage=stage, **scope)]
    return sorted(waiting, key=lambda delivery: delivery.appears_at)


def moment(seconds: float) -> str:
    """Return a time of the emulator's clock as the control plane prints it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shaped_payload(payload: Mapping[str, Any], form: str) -> dict[str, Any]:
    """Return a payload in one of the forms that receivers meet."""
    if form == "minimal":
        return {name: payload[name] for name in MINIMAL if name in payload}
    if form == "obsolete":
        return {"subscriptionId": payload["subscriptionId"], "operationType": payload["action"]}
    return {**payload}


def take_settings(store: Store) -> WebhookSettings:
    """Return how to send one webhook, and count it."""
    settings = _read_settings(store)
    if settings.times == 1:
        reset(store)
    elif settings.times:
        _write_settings(store, replace(settings, times=settings.times - 1))
    return settings


def reset(store: Store) -> None:
    """Forget how webhooks are to be sent."""
    store.memory.pop(_SETTINGS, None)


def _read_settings(store: Store) -> WebhookSettings:
    return WebhookSettings(**json.loads(store.memory.get(_SETTINGS, "{}")))


def _write_settings(store: Store, settings: WebhookSettings) -> None:
    store.memory[_SETTINGS] = json.dumps(asdict(settings))


def _describe(settings: WebhookSettings) -> dict[str, Any]:
    return {name: value for name, value in asdict(settings).items() if name != "keys_address"}


# --- Control plane


def list_deliveries(call: ControlCall) -> list[dict[str, Any]]:
    return [delivery.body for delivery in call.store.select(KIND)]


def deliver_again(call: ControlCall) -> dict[str, Any]:
    allow_members(call.body)
    return repeat(call.store, call.path["delivery"])


def change_settings(call: ControlCall) -> dict[str, Any]:
    body, default = call.body, WebhookSettings()
    names = [name for name in asdict(default) if name != "keys_address"]
    allow_members(body, *names)
    version = body.get("token_version", default.token_version)
    if version not in (1, 2) or isinstance(version, bool):
        raise BadInput(f"token_version: must be 1 or 2, not {version!r}")
    limit = read_number(body, "answer_seconds", default.answer_seconds)
    if not 0 < limit <= LONGEST_LIMIT:
        raise BadInput(f"answer_seconds: must be more than 0 and at most {LONGEST_LIMIT:.0f}, not {limit!r}")
    settings = WebhookSettings(
        _read_optional_choice(body, "token", VARIANTS, default.token),
        int(version),
        _read_optional_choice(body, "payload", PAYLOADS, default.payload),
        read_whole_number(body, "times", default.times),
        limit,
        f"{call.origin}/_emulator/{KEYS_PATH}",
    )
    _write_settings(call.store, settings)
    return _describe(settings)


def _read_optional_choice(body: dict[str, Any], name: str, choices: Sequence[str], default: str) -> str:
    return read_choice(body, name, choices) if name in body else default


def read_settings(call: ControlCall) -> dict[str, Any]:
    return _describe(_read_settings(call.store))


def list_forged_keys(_: ControlCall) -> JSONResponse:
    return JSONResponse(forged_keys())


ROUTES = (
    ControlRoute("GET", "saas/deliveries", list_deliveries, waits="before"),
    ControlRoute("POST", "saas/deliveries/{delivery}", deliver_again),
    ControlRoute("POST", "saas/webhooks", change_settings),
    ControlRoute("GET", "saas/webhooks", read_settings),
    ControlRoute("GET", KEYS_PATH, list_forged_keys),
)
