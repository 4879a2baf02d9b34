"""The record of a remote system: all that the HTTP client needs to know about a service."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

__all__ = ["Paging", "ServiceError", "System"]


@dataclass(frozen=True)
class ServiceError:
    """Content of an error response."""

    code: str = ""
    message: str = ""
    fields: dict[str, list[str]] = field(default_factory=dict)
    target: str = ""

    def __str__(self) -> str:
        """`"Request validation failed." FeatureName: The field FeatureName is invalid. (ICH50400)`."""
        parts = [f'"{self.message}"'] if self.message else []
        parts += [f"{name}: {' '.join(messages)}" for name, messages in self.fields.items()]
        parts += [f"({self.code})"] if self.code else []
        return " ".join(parts)


@dataclass(frozen=True)
class Paging:
    """Members of a page: the list of items, and the address of the next page under one of several names.

    `items=""`: the response itself is the list, and there is one page.
    """

    items: str = "value"
    next_links: tuple[str, ...] = ("nextLink", "@odata.nextLink")


@dataclass(frozen=True)
class System:
    """A service: its address, the audience of its tokens, its errors, the headers of its requests."""

    name: str
    """Name in messages."""
    owner: str
    """Party that decides about access, for messages."""
    base: str
    """Public base address."""
    audience: str
    """Resource that access tokens are issued for, without a trailing slash."""
    parse_error: Callable[[str], ServiceError]
    """Parses the body of an error response, which may be any text."""
    request_headers: Callable[[], Mapping[str, str]]
    """Headers of a request, such as a new correlation id."""
    request_id_header: str
    """Response header with the id that the service's support needs."""
    account_hint: str
    """Next step if the service does not accept a valid token (401)."""
    role_hint: str
    """Next step if the account lacks a permission (403)."""
    probe_path: str
    """Path of the cheapest collection to read; without a token it answers 401."""
    probe_params: Mapping[str, str]
    """Query that makes its response small."""
    role_text: str
    """Meaning of a successful probe with a token."""
    empty_probe_hint: str = ""
    """Next step if the probe finds nothing; "" if that is normal."""
    paging: Paging = Paging()
    refusal_text: str = "which lacks the role for this"
    """Meaning of a 403, in messages to people."""
    correlation_id_header: str = ""
    """Response header with the id that joins the requests of one business operation, or ""."""
    renewing_statuses: Collection[int] = frozenset({401})
    """Statuses after which a request is repeated once with a fresh token."""
    transient_statuses: Collection[int] = frozenset({408, 429, 502, 503, 504})
    """Statuses that another attempt may overcome."""
    fixed_query: Mapping[str, str] = field(default_factory=dict)
    """Query of every request, such as the version of the API."""
    spell_query: Callable[[Mapping[str, str]], str] = urlencode
    """Percent-encodes a query."""
    timeout_factor: float = 1
    """Multiple of the configured timeout that a request of a slow service gets; connecting gets the timeout itself."""

    def url(self, endpoint: str) -> str:
        """Base address; `endpoint` replaces the public host unless it is empty."""
        return f"{endpoint}{urlsplit(self.base).path}" if endpoint else self.base
