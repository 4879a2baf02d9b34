"""Bearer tokens: how long they are kept, and how a request gets one.

    TokenSource.of(settings, resource) ─► token(), refresh(stale) ─► BearerTransport

`settings.py` chooses one way of signing in, `login.py` carries it out, here tokens are kept. Nothing touches
network or disk before a token is asked for.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

import httpx

from ...errors import AuthError, Forbidden
from ...messages import keep_secret
from ...settings import Settings
from .sign_in import EMULATOR, Clock, Token, fetch, quoted

__all__ = [
    "SUBMISSION_RESOURCE",
    "BearerTransport",
    "TokenSource",
    "explain_forbidden",
    "explain_unauthorized",
]

SUBMISSION_RESOURCE = "https://api.partner.microsoft.com"

_RENEW_BEFORE_SECONDS = 300
_READY_TOKEN_NEXT = (
    "set PARTNERCENTER_ACCESS_TOKEN to a new token for the service, or unset it to use another login;"
    f" {EMULATOR}"
)

_shared: dict[tuple[Settings, str], TokenSource] = {}
_sharing = threading.Lock()


class TokenSource:
    """The token for one resource: kept until 300 s before it expires, fetched once however many threads ask.

    A token that lives for less than 600 s is kept for half its life. `clock` gives seconds since 1970.
    """

    def __init__(
        self,
        settings: Settings,
        resource: str = SUBMISSION_RESOURCE,
        *,
        clock: Clock = time.time,
        fetch: Callable[[Settings, str, Clock], Token] = fetch,
    ) -> None:
        self.settings, self.resource = settings, resource
        self._fetch, self._clock = fetch, clock
        self._lock = threading.Lock()
        self._held: Token | None = None
        self._renew_at = 0.0
        self._flight: Future[Token] | None = None

    @classmethod
    def of(cls, settings: Settings, resource: str = SUBMISSION_RESOURCE) -> TokenSource:
        """The process's one source for these settings and this resource, so that everybody shares its token.

        `resource` is the address that names the service to Entra ID, without a trailing slash.
        """
        with _sharing:
            if (settings, resource) not in _shared:
                _shared[settings, resource] = cls(settings, resource)
            return _shared[settings, resource]

    def for_resource(self, resource: str) -> TokenSource:
        """The same login's shared source for another service."""
        return TokenSource.of(self.settings, resource)

    @property
    def source(self) -> str:
        """Where tokens come from, in words; nothing secret, nothing fetched."""
        return self.settings.source

    @property
    def renewable(self) -> bool:
        """Whether another token can be fetched: not when a ready one is configured."""
        return not self.settings.access_token

    def token(self) -> str:
        """A token that is good now. Raises: SettingsError, AuthError; every thread that waited raises it."""
        with self._lock:
            if self._held and self._clock() < self._renew_at:
                return self._held.text
            flight, leads = self._flight, self._flight is None
            if flight is None:
                flight = self._flight = Future()
        if leads:
            self._fly(flight)
        return flight.result().text

    def refresh(self, stale: str) -> str:
        """A token instead of `stale`, which the service refused; fetched only if nobody has done so yet.

        Raises: AuthError for a ready token, which nobody here can renew; else as `token`.
        """
        if not self.renewable:
            raise AuthError(
                "sign-in: the ready token (PARTNERCENTER_ACCESS_TOKEN) was refused and cannot be renewed",
                next=_READY_TOKEN_NEXT,
            )
        with self._lock:
            if self._held and self._held.text == stale:
                self._held = None
        return self.token()

    def _fly(self, flight: Future[Token]) -> None:
        try:
            token = self._fetch(self.settings, self.resource, self._clock)
        except BaseException as trouble:  # noqa: BLE001 - handed to all who wait, this thread included
            with self._lock:
                self._flight = None
            flight.set_exception(trouble)
            return
        with self._lock:
            now = self._clock()
            self._held, self._flight = token, None
            self._renew_at = token.expires_at - min(_RENEW_BEFORE_SECONDS, (token.expires_at - now) / 2)
        flight.set_result(token)


class BearerTransport(httpx.BaseTransport):
    """Adds the token to requests below the URL `base`, no others; after a 401 renews it and repeats once.

    The token is put on a copy: the request that callers, logs and errors hold never carries it. A second 401,
    or the first with a token that cannot be renewed, is returned for the client to explain. Bodies are bytes.
    """

    def __init__(self, wire: httpx.BaseTransport, tokens: TokenSource, base: httpx.URL | str) -> None:
        self._wire, self._tokens, self._base = wire, tokens, httpx.URL(base)
        if not self._base.host:
            raise ValueError(f"the base of a BearerTransport is a URL with scheme and host, not {base!r}")

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not self._is_ours(request.url):
            return self._wire.handle_request(request)
        token = self._tokens.token()
        response = self._wire.handle_request(_signed(request, token))
        if response.status_code != 401 or not self._tokens.renewable:
            return response
        try:
            renewed = self._tokens.refresh(token)
        except BaseException:
            response.close()
            raise
        if renewed == token:  # the Azure CLI and managed identities keep tokens of their own
            return response
        response.close()
        return self._wire.handle_request(_signed(request, renewed))

    def close(self) -> None:
        self._wire.close()

    def _is_ours(self, url: httpx.URL) -> bool:
        # The path too, not only the origin: the emulator also serves uploads, which are signed another way.
        below = f"{url.path}/".lower().startswith(f"{self._base.path.rstrip('/')}/".lower())
        return below and (url.scheme, url.host, _port(url)) == (
            self._base.scheme,
            self._base.host,
            _port(self._base),
        )


def _port(url: httpx.URL) -> int | None:
    return url.port or {"http": 80, "https": 443}.get(url.scheme)


def _signed(request: httpx.Request, token: str) -> httpx.Request:
    keep_secret(token)  # again: only the secrets that were used last are remembered
    copy = httpx.Request(
        request.method,
        request.url,
        headers=request.headers,
        stream=request.stream,
        extensions=request.extensions,
    )
    copy.headers["Authorization"] = f"Bearer {token}"
    return copy


def explain_unauthorized(tokens: TokenSource, doing: str, said: str = "") -> AuthError:
    """The error for a 401 that stays with a renewed token: the token is good, the account does not know it.

    Source: submission API, section 1.1.
    """
    if not tokens.renewable:
        problem, following = "the ready token was not accepted", _READY_TOKEN_NEXT
    else:
        problem = f"signed in by {tokens.source}, but Partner Center does not know it"
        following = (
            "in Partner Center, associate the tenant with the account (Account settings, Tenants) and add the"
            " application (User management, Microsoft Entra applications), then run again"
        )
    return AuthError(f"{doing}: {problem} (401)", said=quoted(said), next=following)


def explain_forbidden(
    tokens: TokenSource,
    doing: str,
    said: str = "",
    *,
    code: str = "",
    request_id: str = "",
    method: str = "",
    path: str = "",
) -> Forbidden:
    """The error for a 403: known to the account, without the role. Source: submission API, section 1.1."""
    return Forbidden(
        f"{doing}: signed in by {tokens.source}, which lacks the role for this (403)",
        said=quoted(said),
        next="in Partner Center, give it the role Manager (Account settings, User management)",
        status=403,
        code=code,
        request_id=request_id,
        method=method,
        path=path,
    )
