"""Refusals, and exceptions of the core that a service turns into its own refusals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = [
    "AccessDenied",
    "ErrorShape",
    "InvalidMembers",
    "MalformedBody",
    "NotEmulated",
    "PlainText",
    "Refusal",
    "UndecodableBody",
    "not_emulated",
]


@dataclass(frozen=True)
class PlainText:
    """A body that is sent as it is. Any other body, a string included, is rendered as JSON."""

    text: str
    media_type: str = "text/plain"


class Refusal(Exception):
    """A request that is refused. `body` is rendered as JSON unless it is `PlainText`; None is an empty body."""

    def __init__(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.status, self.body, self.headers = status, body, headers or {}


class NotEmulated(Exception):
    """A part of a request that the service may have and the emulator has not."""


class MalformedBody(Exception):
    """A request body that is not a JSON object."""


class UndecodableBody(Exception):
    """A request body in another encoding than UTF-8."""


class InvalidMembers(Exception):
    """Members of a request body whose values have the wrong JSON type."""

    def __init__(self, members: Sequence[str]) -> None:
        super().__init__(", ".join(members))
        self.members = members


class AccessDenied(Exception):
    """A request whose token is not sufficient: 401 or 403, with the reason."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class ErrorShape(Protocol):
    """Functions that build a service's refusals for the core."""

    def not_emulated(self, what: str, /) -> Refusal:
        """501 for `NotEmulated` and for unknown paths below the service's base."""

    def malformed_body(self, message: str, /) -> Refusal:
        """Refuse a body that is not a JSON object."""

    def undecodable_body(self) -> Refusal:
        """Refuse a body that is not UTF-8."""

    def invalid_members(self, members: Sequence[str], /) -> Refusal:
        """Refuse members of the wrong JSON type."""

    def access_denied(self, status: int, message: str, /) -> Refusal:
        """401 or 403."""


def not_emulated(what: str) -> Refusal:
    """501 with an object of code and message, for paths that belong to no service."""
    return Refusal(501, {"statusCode": 501, "message": f"not emulated: {what}"})
