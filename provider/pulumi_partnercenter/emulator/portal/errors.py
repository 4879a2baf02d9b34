"""The refusals of the portal's API: status, words, evidence.

Offers that live in Partner Center (migrated ones) answer 404 and 422 with an object by module, or with its text as a
JSON string; everything else has the portal's own shape. `recorded` bodies are in fixtures of public clients.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import PlainText, Refusal

__all__ = [
    "access_denied",
    "bad_request",
    "busy",
    "exists",
    "forbidden",
    "if_match_missing",
    "invalid_members",
    "invalid_version",
    "length_required",
    "malformed_body",
    "method_not_allowed",
    "module_map",
    "not_emulated",
    "not_found",
    "offer_not_found",
    "stale",
    "undecodable_body",
    "unpublishable",
]

STATUS_NAMES = {404: "NotFound", 422: "UnprocessableEntity"}
NAMESPACE = "Microsoft.Ingestion.Api.Common.Exceptions"


def fault(status: int, code: str, message: str) -> Refusal:
    """The portal's own shape: an object of code and message. Recorded."""
    return Refusal(status, {"error": {"code": code, "message": message}})


def access_denied(status: int, message: str) -> Refusal:
    """401 of the web server, 403 of the portal. Members recorded, words of the 401 inferred."""
    if status == 401:
        return Refusal(401, {"Message": f"Authorization has been denied for this request. {message}"})
    return forbidden()


def forbidden() -> Refusal:
    """403 for a publisher in which the application has no rights. Recorded."""
    return fault(403, "Forbidden", "User does not have the required permissions")


def not_emulated(what: str) -> Refusal:
    return fault(501, "NotEmulated", f"not emulated: {what}")


def malformed_body(message: str) -> Refusal:
    """400 for a body that is not a JSON object. Inferred."""
    return bad_request(message)


def undecodable_body() -> Refusal:
    """400, as for other bodies that are no JSON. Inferred."""
    return malformed_body("The request body is not valid JSON.")


def invalid_members(members: Sequence[str]) -> Refusal:
    """400 for members of the wrong type. Inferred."""
    return bad_request(f"The value of {', '.join(members)} is invalid.")


def bad_request(message: str) -> Refusal:
    """400 with a message. Recorded for a body without offer type."""
    return fault(400, "BadRequest", message)


def invalid_version(versions: Sequence[str]) -> Refusal:
    """400 for a request without a version that the service has. Documented."""
    return fault(400, "InvalidAPIVersion", f"Invalid api version. Allowed values are [{', '.join(versions)}]")


def not_found(what: str) -> Refusal:
    """404 of the portal itself. Status documented, body inferred."""
    return fault(404, "NotFound", f"{what} was not found.")


def offer_not_found(publisher: str, offer: str, *, is_migrated: bool, as_text: bool) -> Refusal:
    """404 for an unknown offer. Recorded for migrated publishers."""
    if not is_migrated:
        return not_found(f"Offer {offer} of publisher {publisher}")
    return _exception(404, f"CPP product {offer} not found in current PC environment.", as_text=as_text)


def unpublishable(problems: Sequence[str], *, is_migrated: bool, as_text: bool) -> Refusal:
    """422 for a draft that cannot be published. Status documented; shape of migrated offers from a public client."""
    if not is_migrated:
        return fault(422, "ValidationFailed", " ".join(problems))
    return _exception(422, "\r\n".join(problems), as_text=as_text)


def _exception(status: int, message: str, *, as_text: bool) -> Refusal:
    name = f"Http{status}Exception"
    text = f"{NAMESPACE}.{name}: {message}"
    return Refusal(status, f"{text}\r\n" if as_text else module_map(STATUS_NAMES[status], text, name))


def module_map(status: str, error: str = "", exception: str = "") -> dict[str, dict[str, str]]:
    """Return the answer of Partner Center's modules. `status` is the name of an HTTP status in .NET."""
    return {
        "Product": {
            "serviceName": "Product",
            "error": error,
            "exceptionCode": exception,
            "httpStatusCode": status,
        }
    }


def exists() -> Refusal:
    """409 for a write without `If-Match` to an offer that exists. Recorded in a public issue of June 2020."""
    return fault(
        409,
        "InvalidResourceId",
        "Offer ID already exists. If you wanted to update an existing offer, please ensure If-Match header is"
        " specified as per documentation.",
    )


def if_match_missing() -> Refusal:
    """400 for a write without `If-Match`. Status documented, words inferred."""
    return bad_request("The If-Match header must be specified.")


def stale() -> Refusal:
    """412 for an etag that is not the offer's. Status documented, body inferred."""
    return fault(412, "PreconditionFailed", "The offer has changed since it was read.")


def busy(status: int, message: str) -> Refusal:
    """409, or 400, while an operation of the offer is running. Inferred."""
    return fault(status, "Conflict" if status == 409 else "BadRequest", message)


def length_required() -> Refusal:
    """411 of the web server for a POST without `Content-Length`. Inferred."""
    return Refusal(411, PlainText("<h2>Length Required</h2>", "text/html"))


def method_not_allowed(methods: str) -> Refusal:
    """405 for DELETE: a public client states that the API cannot delete offers. Body inferred."""
    message = "The requested resource does not support http method 'DELETE'."
    return Refusal(405, {"Message": message}, {"Allow": methods})
