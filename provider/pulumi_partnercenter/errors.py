"""The error tree of the package.

    PartnerCenterError
    ├─ SettingsError      a setting is missing or wrong; no request was made
    ├─ AuthError          no token was given, or a token was not accepted
    ├─ InputError         an argument breaks a rule; no request was made
    ├─ AdoptionRefused    a different object already exists under the same name
    ├─ ApiError           the service refused: status, code, field errors, request id
    │  ├─ Invalid 400, 422     ├─ Forbidden 403    ├─ NotFound 404     ├─ Conflict 409
    │  ├─ Stale 412            ├─ Throttled 429    └─ Unavailable 408, 5xx, or no response at all
    ├─ Rejected           the service found problems in a package or a submission
    ├─ JobTimeout         the service did not finish in time
    └─ ContractError      the response breaks the service's contract

A message has up to three lines: the attempted action, the service's message, the user's next step. `Rejected` has
a line for each finding instead of the second line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from .messages import redacted, shown

__all__ = [
    "AdoptionRefused",
    "ApiError",
    "AuthError",
    "Conflict",
    "ContractError",
    "Forbidden",
    "InputError",
    "Invalid",
    "JobTimeout",
    "NotFound",
    "PartnerCenterError",
    "Rejected",
    "SettingsError",
    "Stale",
    "Throttled",
    "Unavailable",
]


ODD_ANSWER = "the response was not used: run the same command again; if this repeats, ask Microsoft's support"
"""Next step after a response that cannot be right."""


class PartnerCenterError(Exception):
    """Root of the tree.

    `doing` is the attempted action, `said` the service's message (quoted, may be empty), `next` the user's next step
    (may
    be empty). `str()` joins the parts that exist, a line each. All parts may be shown: they have no secrets and no
    control
    characters.
    """

    def __init__(self, doing: str, *, said: str = "", next: str = "") -> None:
        self.doing, self.next = shown(doing), shown(next)
        self.said = shown(" ".join(redacted(said).split()))[:400]
        super().__init__(self.doing, self.said, self.next)

    def __init_subclass__(cls) -> None:
        cls.__module__ = (
            "builtins"  # the engine shows `Type: message`; a module path would not help the reader
        )

    def advise(self, next: str) -> Self:
        """Set the user's next step. Return the same error."""
        self.next = shown(next)
        return self

    def __str__(self) -> str:
        answer = f"\n  service: {self.said}" if self.said else ""
        following = f"\n  next: {self.next}" if self.next else ""
        return f"{self.doing}{answer}{following}"


class SettingsError(PartnerCenterError):
    """A setting is missing or wrong; no request was made."""


class AuthError(PartnerCenterError):
    """No token was available, or the service did not accept the token (401).

    `status` is 401 for a token that was not accepted, 0 without a token; `request_id` and
    `correlation_id` as in ApiError.
    """

    def __init__(
        self,
        doing: str,
        *,
        said: str = "",
        next: str = "",
        status: int = 0,
        request_id: str = "",
        correlation_id: str = "",
    ) -> None:
        super().__init__(doing, said=said, next=next)
        self.status, self.request_id, self.correlation_id = status, shown(request_id), shown(correlation_id)


class InputError(PartnerCenterError):
    """An argument breaks a rule; nothing was sent."""


class AdoptionRefused(PartnerCenterError):
    """A different object exists under the same name, and `adopt=True` was not given."""


class ApiError(PartnerCenterError):
    """The service refused a request.

    `status` is the HTTP status, 0 without a response; `code` the service's code (`ICH50400`), `target` the part
    of the request that it names (`planId`; SaaS services only), `fields` its messages by field, `request_id` and
    `correlation_id` the ids that Microsoft's support needs.
    """

    def __init__(
        self,
        doing: str,
        *,
        said: str = "",
        next: str = "",
        status: int = 0,
        code: str = "",
        target: str = "",
        fields: dict[str, list[str]] | None = None,
        request_id: str = "",
        correlation_id: str = "",
        method: str = "",
        path: str = "",
    ) -> None:
        super().__init__(doing, said=said, next=next)
        self.status, self.code, self.target = status, shown(code), shown(target)
        self.request_id, self.correlation_id = shown(request_id), shown(correlation_id)
        self.fields = {shown(name): [shown(text) for text in texts] for name, texts in (fields or {}).items()}
        self.method, self.path = method, path


class Invalid(ApiError):
    """400 or 422: the service rejects the content of the request."""


class Forbidden(ApiError):
    """403: signed in, but without the necessary role."""


class NotFound(ApiError):
    """404: the object does not exist. No other error means that an object is gone."""


class Conflict(ApiError):
    """409: a duplicate, or another operation is in progress."""


class Stale(ApiError):
    """412: another client changed the object since it was read."""


class Throttled(ApiError):
    """429: too many requests, even after the last retry."""


class Unavailable(ApiError):
    """408, 5xx or a lost connection, even after the last retry."""


class Rejected(PartnerCenterError):
    """Processing, validation or certification failed; `findings` has a line for each problem."""

    def __init__(self, doing: str, findings: Sequence[str], *, next: str = "") -> None:
        super().__init__(doing, next=next)
        self.findings = [shown(" ".join(redacted(finding).split())) for finding in findings]

    def __str__(self) -> str:
        lines = "".join(f"\n  service: {finding}" for finding in self.findings or ["says no more"])
        following = f"\n  next: {self.next}" if self.next else ""
        return f"{self.doing}{lines}{following}"


class JobTimeout(PartnerCenterError):
    """The service did not finish an operation within the deadline."""


class ContractError(PartnerCenterError):
    """A response that breaks the service's contract: a bug in this package or a change of the service."""
