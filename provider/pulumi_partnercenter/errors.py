"""Everything that can go wrong, as one tree.

    PartnerCenterError
    ├─ SettingsError      something is not configured, or is configured wrongly; no request was made
    ├─ AuthError          no token was given, or a token was not accepted
    ├─ InputError         an argument breaks a rule; no request was made
    ├─ AdoptionRefused    something different already exists under the same name
    ├─ ApiError           the service said no: status, code, field errors, request id
    │  ├─ Invalid 400, 422     ├─ Forbidden 403    ├─ NotFound 404     ├─ Conflict 409
    │  ├─ Stale 412            ├─ Throttled 429    └─ Unavailable 408, 5xx, or no answer at all
    ├─ Rejected           the service looked at a package or a submission and found something
    ├─ JobTimeout         the service did not finish in time
    └─ ContractError      the answer does not fit what is known of the service

A message has up to three lines: what we were doing, what the service said, what you can do. `Rejected` has a line for
each finding in the place of the second.
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
"""What to do about an answer that cannot be right."""


class PartnerCenterError(Exception):
    """Root of the tree.

    `doing` says what was tried, `said` what the other side answered (quoted, may be empty),
    `next` what a person can do now (may be empty). `str()` joins the parts that exist, a line each. All of them are fit
    to be shown: without secrets and control characters.
    """

    def __init__(self, doing: str, *, said: str = "", next: str = "") -> None:
        self.doing, self.next = shown(doing), shown(next)
        self.said = shown(" ".join(redacted(said).split()))[:400]
        super().__init__(self.doing, self.said, self.next)

    def __init_subclass__(cls) -> None:
        cls.__module__ = (
            "builtins"  # the engine shows `Type: message`; a module path before it would be noise
        )

    def advise(self, next: str) -> Self:
        """The same error with what a person can do now."""
        self.next = shown(next)
        return self

    def __str__(self) -> str:
        answer = f"\n  service: {self.said}" if self.said else ""
        following = f"\n  next: {self.next}" if self.next else ""
        return f"{self.doing}{answer}{following}"


class SettingsError(PartnerCenterError):
    """Something is not configured, or wrongly; no request was made."""


class AuthError(PartnerCenterError):
    """No token could be had, or the service did not accept the token (401).

    `status` is 401 for a token that was not accepted, 0 where there was none to send; `request_id` and
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
    """Something different exists under the same name, and `adopt=True` was not given."""


class ApiError(PartnerCenterError):
    """The service refused a request.

    `status` is the HTTP status, 0 when there was no answer; `code` the service's own (`ICH50400`), `target` the part
    of the request that it names (`planId`; SaaS services only),
    `fields` its messages by field, `request_id` and `correlation_id` what its support asks for.
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
    """400 or 422: the service rejects what was sent."""


class Forbidden(ApiError):
    """403: signed in, but without the role."""


class NotFound(ApiError):
    """404: it is not there. The only error that means "gone"."""


class Conflict(ApiError):
    """409: a duplicate, or something in progress stands in the way."""


class Stale(ApiError):
    """412: somebody else changed it since it was read."""


class Throttled(ApiError):
    """429: too many requests, still so after the last retry."""


class Unavailable(ApiError):
    """408, 5xx or a lost connection, still so after the last retry."""


class Rejected(PartnerCenterError):
    """Processing, validation or certification failed; `findings` has a line for each thing that the service found."""

    def __init__(self, doing: str, findings: Sequence[str], *, next: str = "") -> None:
        super().__init__(doing, next=next)
        self.findings = [shown(" ".join(redacted(finding).split())) for finding in findings]

    def __str__(self) -> str:
        lines = "".join(f"\n  service: {finding}" for finding in self.findings or ["says no more"])
        following = f"\n  next: {self.next}" if self.next else ""
        return f"{self.doing}{lines}{following}"


class JobTimeout(PartnerCenterError):
    """The service did not finish something within the deadline."""


class ContractError(PartnerCenterError):
    """An answer that does not fit what is known of the service: a bug here or a change there."""
