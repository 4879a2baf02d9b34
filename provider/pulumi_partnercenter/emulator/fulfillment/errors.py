"""The refusals of the fulfillment and metering services: status, words, evidence.

Words of `recorded` refusals are those of Microsoft's own emulator of the service; the others are inferred.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import PlainText, Refusal

__all__ = [
    "access_denied",
    "already_decided",
    "bad_activation",
    "bad_request",
    "empty_change",
    "forbidden",
    "internal_error",
    "invalid_members",
    "invalid_value",
    "locked",
    "malformed_body",
    "not_emulated",
    "not_found",
    "token_missing",
    "undecodable_body",
    "unspecified_version",
    "unsupported_version",
]


def fault(status: int, code: str, message: str, target: str = "", **members: Any) -> Refusal:
    """The usual shape: code, message and target, each where there is one."""
    given = {"code": code, "message": message, "target": target}
    return Refusal(status, {name: value for name, value in given.items() if value} | members)


def access_denied(status: int, message: str) -> Refusal:
    """401 or 403 before the service: a JSON string. Documented is 403 alone; public issues have 401 as well."""
    return Refusal(status, message)


def forbidden() -> Refusal:
    """403 for an application that the technical configuration of no such offer names. Words from a public issue."""
    return Refusal(
        403, "The authorization token is invalid, expired, missing or does not belong to this publisher."
    )


def not_emulated(what: str) -> Refusal:
    return fault(501, "NotEmulated", f"not emulated: {what}")


def malformed_body(message: str) -> Refusal:
    """400 for a body that is not a JSON object. Status recorded."""
    return bad_request(message)


def undecodable_body() -> Refusal:
    """400, as for other bodies that are no JSON. Inferred."""
    return malformed_body("The request body is not valid JSON.")


def invalid_members(members: Sequence[str]) -> Refusal:
    """400 for members of the wrong type. Inferred."""
    details = [
        {"code": "BadArgument", "message": "The value is invalid.", "target": name} for name in members
    ]
    return fault(400, "BadRequest", "One or more members are invalid.", members[0], details=details)


def unspecified_version() -> Refusal:
    """400 for a request without `api-version`. Recorded."""
    return _version_fault("ApiVersionUnspecified", "An API version is required, but was not specified.")


def unsupported_version(address: str, version: str) -> Refusal:
    """400 for another `api-version`. Recorded."""
    return _version_fault(
        "UnsupportedApiVersion",
        f"The HTTP resource that matches the request URI '{address}' does not support the API version"
        f" '{version}'.",
    )


def _version_fault(code: str, message: str) -> Refusal:
    return Refusal(400, {"Error": {"Code": code, "Message": message}})


def token_missing() -> Refusal:
    """400 for a resolve without purchase token. Recorded."""
    return fault(400, "HeaderNotPresent", "Mandatory header missing", "x-ms-marketplace-token")


def invalid_value(message: str, target: str) -> Refusal:
    """400 for a value that is none of those allowed. Recorded."""
    return fault(400, "InvalidValue", message, target)


def not_found(message: str, target: str, status: int = 404) -> Refusal:
    """404 for an unknown subscription or operation; the live service answers 400 for some. Recorded."""
    return fault(status, "EntityNotFound" if status == 404 else "BadRequest", message, target)


def bad_activation(message: str, target: str) -> Refusal:
    """400 for an activation of another plan than the purchased one. Recorded, `details` as an object."""
    details = {"code": "RequiredField", "message": message, "target": target}
    return fault(400, "Bad Argument", "One or more errors have occurred", "activate", details=details)


def bad_request(message: str, target: str = "", code: str = "BadRequest") -> Refusal:
    """400 with a message; some have no code. Recorded."""
    return fault(400, code, message, target)


def empty_change() -> Refusal:
    """400 for a change of nothing. Recorded."""
    return bad_request("The request content is null", "update")


def locked() -> Refusal:
    """400 for a change while another one is pending. Recorded."""
    return bad_request(
        "Patch cannot be completed because the subscription is locked due to pending operations",
        "update",
        "Failed",
    )


def already_decided(request_id: str) -> Refusal:
    """409 for an operation that has ended. Recorded: the message is the id of the request."""
    return Refusal(409, {"message": request_id} if request_id else {}, {"x-ms-requestid": request_id})


def internal_error(text: str = "") -> Refusal:
    """500: text where Microsoft's emulator answers so, else the documented object."""
    if text:
        return Refusal(500, PlainText(text, "text/html"))
    return Refusal(500, {"error": {"code": "InternalServerError", "message": "An error has occurred."}})
