"""The refusals of the submission API: status, text, evidence.

`recorded` texts come from captured traffic, `documented` ones from the service's OpenAPI description or from public
issues, `inferred` ones follow the recorded shape.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence

from ..errors import Refusal, not_emulated

__all__ = [
    "Refusal",
    "access_denied",
    "bad_request",
    "conflict",
    "if_match_missing",
    "invalid",
    "invalid_members",
    "malformed_body",
    "not_applicable",
    "not_emulated",
    "not_found",
    "stale",
    "undecodable_body",
]


def invalid(fields: Mapping[str, str]) -> Refusal:
    """400 with a message for each field. Recorded: a setup with `enableTestDrive`."""
    return _fault(400, "Request validation failed.", {name: [text] for name, text in fields.items()})


def bad_request(message: str) -> Refusal:
    """400 for a request in which no single field is wrong. Inferred."""
    return _fault(400, message)


def not_applicable() -> Refusal:
    """400 for a request that the type of the offer does not have. Text from a public issue, status inferred."""
    return Refusal(400, "The API you have called is not applicable for this product")


def not_found(what: str) -> Refusal:
    """404 for an id or a page that does not exist. Status documented, body inferred."""
    return _fault(404, f"{what} was not found.")


def conflict(message: str) -> Refusal:
    """409 for duplicates and for locked documents. Status documented, body inferred."""
    return _fault(409, message)


def if_match_missing() -> Refusal:
    """400 for a write without `If-Match`. Words from the public issue azure-docs#102027; status inferred."""
    return Refusal(400, "Value cannot be null.\r\nParameter name: IfMatch")


def stale() -> Refusal:
    """412 for an etag that is no longer the document's. Inferred."""
    return Refusal(
        412, {"statusCode": 412, "message": "Precondition Failed. The entity was changed since it was read."}
    )


def malformed_body(message: str) -> Refusal:
    """400 for a body that is not a JSON object. Inferred."""
    return bad_request(message)


def undecodable_body() -> Refusal:
    """500, as for names of files and terms in another encoding. Status from a public issue, body inferred."""
    return _fault(500, "An unexpected error occurred.")


def invalid_members(members: Sequence[str]) -> Refusal:
    """400 for members of the wrong type, with the service's names of fields: capital letters first."""
    fields = [".".join(part[:1].upper() + part[1:] for part in member.split(".")) for member in members]
    return invalid({field: f"The field {field} is invalid." for field in fields})


def access_denied(status: int, message: str) -> Refusal:
    """401 or 403 of the gateway before the service: an object, not the service's own string. Recorded."""
    return Refusal(status, {"statusCode": status, "message": message})


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
