"""The refusals of the metering service: those of the fulfillment service, but for what is wrong with an event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import Refusal
from .errors import access_denied, forbidden, not_emulated

__all__ = [
    "access_denied",
    "bad_argument",
    "conflict",
    "describe_conflict",
    "forbidden",
    "invalid_members",
    "malformed_body",
    "not_emulated",
    "undecodable_body",
]


def bad_argument(details: Sequence[dict[str, str]]) -> Refusal:
    """400 with a detail for everything that is wrong. Documented."""
    return Refusal(
        400,
        {
            "message": "One or more errors have occurred.",
            "target": "usageEventRequest",
            "details": list(details),
            "code": "BadArgument",
        },
    )


def conflict(accepted: dict[str, Any]) -> Refusal:
    """409 for an event of an hour that was reported already. Documented."""
    return Refusal(409, describe_conflict(accepted))


def describe_conflict(accepted: dict[str, Any]) -> dict[str, Any]:
    """The error of a duplicate, which shows the accepted event."""
    return {
        "code": "Conflict",
        "message": "A usage event of this hour, dimension and resource was accepted already.",
        "additionalInfo": {"acceptedMessage": {**accepted, "status": "Duplicate"}},
    }


def malformed_body(message: str) -> Refusal:
    """400 for a body that is not a JSON object. Inferred."""
    return bad_argument([{"message": message, "target": "usageEventRequest", "code": "BadArgument"}])


def undecodable_body() -> Refusal:
    """400, as for other bodies that are no JSON. Inferred."""
    return malformed_body("The request body is not valid JSON.")


def invalid_members(members: Sequence[str]) -> Refusal:
    """400 for members of the wrong type. Inferred."""
    return bad_argument(
        [{"message": "The value is invalid.", "target": name, "code": "BadArgument"} for name in members]
    )
