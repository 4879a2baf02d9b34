"""Handlers over HTTP: every event is a signed POST to the publisher's application.

| Answer    | Means                                                                                         |
|-----------|-----------------------------------------------------------------------------------------------|
| 2xx       | done; for `subscription.change_requested` with the body `{"accepted": …, "reason": …}`         |
| 409, 422  | the customer is not served, or the change is refused; the body may be `{"reason": …}`          |
| all other | not now: it is sent again later, with longer and longer pauses                                |

The signature covers the time and the body: `verify_signature` checks it.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from datetime import datetime

import httpx
from pydantic import ValidationError

from ..errors import Unavailable
from ..strict_json import read_json
from .handlers import Decision, Event, Handlers, Refused
from .metrics import Metrics

__all__ = ["EVENT_HEADER", "SIGNATURE_HEADER", "HttpHandlers", "sign", "verify_signature"]

SIGNATURE_HEADER = "X-Partnercenter-Signature"
EVENT_HEADER = "X-Partnercenter-Event"
TOLERANCE_SECONDS = 300
SECONDS, DECISION_SECONDS = 30.0, 2.8
"""Time limits of a request; the marketplace waits for a decision."""
MOST_BYTES = 64 * 1024
MOST_REASON_CHARACTERS = 500
REFUSALS = (409, 422)


def sign(body: bytes, secrets: Sequence[str], time: datetime) -> str:
    """Return the value of the signature's header: `t=<seconds>,v1=<hex>`, with a `v1` for each secret."""
    seconds = int(time.timestamp())
    return ",".join([f"t={seconds}", *(f"v1={_digest(body, secret, seconds)}" for secret in secrets)])


def verify_signature(
    body: bytes,
    header: str,
    *secrets: str,
    now: datetime | None = None,
    tolerance_seconds: float = TOLERANCE_SECONDS,
) -> bool:
    """Return whether a callback was signed with one of the secrets, and not long ago.

    `body` is the request's body as it came, `header` the value of `X-Partnercenter-Signature`. Give old and new secret
    while one replaces the other. A captured request stays valid for `tolerance_seconds`: compare the event's `id`.
    """
    parts = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name == "t"]
    if len(times) != 1 or not times[0].isascii() or not times[0].isdigit() or len(times[0]) > 12:
        return False
    seconds, current = int(times[0]), now.timestamp() if now else time.time()
    given = [value.encode() for name, _, value in parts if name == "v1"]
    expected = [_digest(body, secret, seconds).encode() for secret in secrets if secret]
    matches = [hmac.compare_digest(value, digest) for value in given for digest in expected]
    return any(matches) and abs(current - seconds) <= tolerance_seconds


def _digest(body: bytes, secret: str, seconds: int) -> str:
    return hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()


class HttpHandlers(Handlers):
    """Asks and tells an application at `url`. The first of `secrets` is the newest."""

    def __init__(
        self, url: str, secrets: Sequence[str], *, now: Callable[[], datetime], metrics: Metrics
    ) -> None:
        self._url, self._secrets, self._now, self._metrics = url, secrets, now, metrics
        self._client = httpx.Client(follow_redirects=False)

    def provision(self, event: Event) -> None:
        """Raises: Refused for 409 and 422; Unavailable."""
        status, body = self._post("provision", event, SECONDS)
        if status in REFUSALS:
            raise Refused(_read_reason(body))

    def decide(self, event: Event) -> Decision:
        """Raises: Unavailable."""
        status, body = self._post("decide", event, DECISION_SECONDS)
        if status in REFUSALS:
            return Decision(accepted=False, reason=_read_reason(body))
        try:
            decision = Decision.model_validate(read_json(body.decode()), strict=True)
        except (ValueError, ValidationError) as error:
            raise Unavailable(
                f"callback of {event.type}: the answer is no decision",
                said=body[:200].decode(errors="replace"),
                next='answer 200 with the body {"accepted": true}, or {"accepted": false, "reason": "…"}',
            ) from error
        return decision.model_copy(update={"reason": decision.reason[:MOST_REASON_CHARACTERS]})

    def handle(self, event: Event) -> None:
        """Raises: Unavailable."""
        status, body = self._post("handle", event, SECONDS)
        if status in REFUSALS:
            raise _error(event, f"{status} {_read_reason(body)}", status)

    def close(self) -> None:
        self._client.close()

    def _post(self, purpose: str, event: Event, seconds: float) -> tuple[int, bytes]:
        """Send an event. Return status and body of the answer: 2xx, or a refusal. Raises: Unavailable."""
        content, start, outcome = event.model_dump_json().encode(), time.monotonic(), "failed"
        headers = {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            EVENT_HEADER: event.type,
            SIGNATURE_HEADER: sign(content, self._secrets, self._now()),
        }
        try:
            with self._client.stream(
                "POST", self._url, content=content, headers=headers, timeout=seconds
            ) as answer:
                status, body = answer.status_code, _read_body(answer, event, start + seconds)
            is_refusal = status in REFUSALS
            if not (200 <= status < 300 or is_refusal):
                raise _error(event, f"{status} {body[:200].decode(errors='replace')}", status)
            outcome = "refused" if is_refusal else "answered"
        except httpx.HTTPError as error:
            raise _error(event, type(error).__name__) from error
        finally:
            self._metrics.callbacks.labels(purpose, outcome).observe(time.monotonic() - start)
        return status, body


def _read_body(answer: httpx.Response, event: Event, deadline: float) -> bytes:
    """Return the body of an answer. Raises: Unavailable for one that is large, or takes too long."""
    body = bytearray()
    for part in answer.iter_raw():
        body += part
        if len(body) > MOST_BYTES:
            raise _error(event, f"{answer.status_code} with a body of more than {MOST_BYTES} bytes")
        if time.monotonic() > deadline:
            raise _error(event, f"{answer.status_code} with a body that does not end in time")
    return bytes(body)


def _read_reason(body: bytes) -> str:
    """Return the reason of a refusal: the member `reason`, or a text."""
    text = body.decode(errors="replace").strip()
    try:
        document = read_json(text)
    except ValueError:
        document = text
    reason = document.get("reason") if isinstance(document, dict) else document
    return str(reason)[:MOST_REASON_CHARACTERS] if reason else "the publisher gives no reason"


def _error(event: Event, problem: str, status: int = 0) -> Unavailable:
    return Unavailable(
        f"callback of {event.type}",
        said=problem,
        next="look at the application at PARTNERCENTER_SAAS_CALLBACK_URL; it is sent again",
        status=status,
    )
