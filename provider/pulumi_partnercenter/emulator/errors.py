"""The catalogue of refusals: status, words, source. Section numbers are those of the submission API's reference."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping

__all__ = [
    "Refusal",
    "bad_request",
    "conflict",
    "if_match_missing",
    "invalid",
    "not_emulated",
    "not_found",
    "stale",
]


class Refusal(Exception):
    """A request that is not done. `body` is rendered as JSON; a string becomes a JSON string literal."""

    def __init__(self, status: int, body: object) -> None:
        super().__init__(status, body)
        self.status, self.body = status, body


def not_emulated(what: str) -> Refusal:
    """The emulator does not know this. Said in the gateway's shape, so that clients show it. Source: our own."""
    return Refusal(501, {"statusCode": 501, "message": f"not emulated: {what}"})


def invalid(fields: Mapping[str, str]) -> Refusal:
    """400 with the service's words a field. Source: recording (setup with enableTestDrive), 2.9 (a)."""
    return _fault(400, "Request validation failed.", {name: [text] for name, text in fields.items()})


def bad_request(words: str) -> Refusal:
    """400 that is about no single field. Source: inferred from 2.9 (a)."""
    return _fault(400, words)


def not_found(what: str) -> Refusal:
    """404 for an id or a page that does not exist. Source: status 2.8; body inferred from 2.9 (a)."""
    return _fault(404, f"{what} was not found.")


def conflict(words: str) -> Refusal:
    """409 for duplicates and for what is locked. Source: status declared, 4 and 9.3; body inferred."""
    return _fault(409, words)


def if_match_missing() -> Refusal:
    """400 with the one sentence that was seen. Source: words 2.4 (issue azure-docs#102027); status inferred."""
    return Refusal(400, "Value cannot be null.\r\nParameter name: IfMatch")


def stale() -> Refusal:
    """412 for an etag that is no longer the document's. Source: inferred, 2.4."""
    return Refusal(
        412, {"statusCode": 412, "message": "Precondition Failed. The entity was changed since it was read."}
    )


def _fault(status: int, reason: str, data: Mapping[str, list[str]] | None = None) -> Refusal:
    code = f"50{status}"
    fault: dict[str, object] = {
        "faultCode": int(code),
        "reasonPhrase": reason,
        "correlationId": str(uuid.uuid4()),
        "operationId": uuid.uuid4().hex,
    }
    if data is not None:
        fault["data"] = data
    details = json.dumps(fault, separators=(",", ":"))
    return Refusal(status, f"ICH{code} - Unable to complete request. {details}")
