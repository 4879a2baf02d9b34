"""Bearer tokens: their cache, and the transport that adds a token to a request.

    TokenSource.shared(settings, audience) ─► token(), refresh(stale) ─► BearerTransport

`settings.py` chooses a login, `sign_in.py` fetches a token, this module caches it. Network and disk are not used
before the first call of `token()`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import Future

import httpx

from ...errors import AuthError, Forbidden
from ...messages import keep_secret
from ...settings import Settings
from ..system import System
from .sign_in import EMULATOR_HINT, Clock, Token, fetch_token, first_line

__all__ = [
    "BearerRules",
    "BearerTransport",
    "TokenSource",
    "forbidden_error",
    "unauthorized_error",
    "with_token",
]

_RENEW_BEFORE_SECONDS = 300


def _ready_token_hint(settings: Settings) -> str:
    name = settings.access_token_name
    return f"set {name} to a new token for the service, or unset it to use another login; {EMULATOR_HINT}"


_shared_sources: dict[tuple[Settings, str], TokenSource] = {}
_shared_lock = threading.Lock()


class TokenSource:
    """Token for an audience: cached until 300 s before it expires, and fetched once for concurrent threads.

    A token that lives for less than 600 s is cached for half its life. `clock` returns seconds since 1970.
    `audience` is
    the address that identifies the service in Entra ID, without a trailing slash.
    """

    def __init__(
        self,
        settings: Settings,
        audience: str,
        *,
        clock: Clock = time.time,
        fetch: Callable[[Settings, str, Clock], Token] = fetch_token,
    ) -> None:
        self.settings, self.audience = settings, audience
        self._fetch, self._clock = fetch, clock
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._renew_at = 0.0
        self._pending: Future[Token] | None = None

    @classmethod
    def shared(cls, settings: Settings, audience: str) -> TokenSource:
        """Return the process's token source for these settings and this audience."""
        with _shared_lock:
            if (settings, audience) not in _shared_sources:
                _shared_sources[settings, audience] = cls(settings, audience)
            return _shared_sources[settings, audience]

    @property
    def source(self) -> str:
        """Origin of the tokens for messages, without a secret."""
        return self.settings.source

    @property
    def is_renewable(self) -> bool:
        """Whether another token can be fetched: not for a configured access token."""
        return not self.settings.access_token

    def cached_token(self) -> str:
        """Return the valid token that was fetched before, or "". Never waits."""
        with self._lock:
            return self._token.text if self._token and self._clock() < self._renew_at else ""

    def token(self) -> str:
        """Return a valid token. Raises: SettingsError, AuthError, in every thread that waits for it."""
        with self._lock:
            if self._token and self._clock() < self._renew_at:
                return self._token.text
            pending, is_first = self._pending, self._pending is None
            if pending is None:
                pending = self._pending = Future()
        if is_first:
            self._fetch_into(pending)
        return pending.result().text

    def refresh(self, stale: str) -> str:
        """Return another token than `stale`, which the service refused; fetch it only if no other thread has done so.

        Raises: AuthError for a configured access token, which cannot be renewed; otherwise as `token`.
        """
        if not self.is_renewable:
            raise AuthError(
                f"sign-in: the access token ({self.settings.access_token_name}) was refused and cannot be renewed",
                next=_ready_token_hint(self.settings),
            )
        with self._lock:
            if self._token and self._token.text == stale:
                self._token = None
        return self.token()

    def _fetch_into(self, pending: Future[Token]) -> None:
        try:
            token = self._fetch(self.settings, self.audience, self._clock)
        except BaseException as error:  # noqa: BLE001 - handed to all who wait, this thread included
            with self._lock:
                self._pending = None
            pending.set_exception(error)
            return
        with self._lock:
            now = self._clock()
            self._token, self._pending = token, None
            self._renew_at = token.expires_at - min(_RENEW_BEFORE_SECONDS, (token.expires_at - now) / 2)
        pending.set_result(token)


class BearerRules:
    """Rules of sign-in that blocking and asynchronous transports share.

    The token goes to requests below the URL `base`, to no others. After a refusal (`statuses`) it is renewed, and the
    request is repeated once. A copy carries the token and the headers in the extension `secret_headers`: the request
    that callers, logs and errors hold does not. A second refusal is returned, and so is the first one if the token
    cannot be renewed. Bodies are bytes.
    """

    def __init__(
        self, tokens: TokenSource, base: httpx.URL | str, statuses: Collection[int] = frozenset({401})
    ) -> None:
        self._tokens, self._base, self._statuses = tokens, httpx.URL(base), statuses
        if not self._base.host:
            raise ValueError(f"the base of a BearerTransport is a URL with scheme and host, not {base!r}")

    def is_refusal(self, response: httpx.Response) -> bool:
        """Whether another token may be accepted."""
        return response.status_code in self._statuses and self._tokens.is_renewable

    def is_below_base(self, url: httpx.URL) -> bool:
        # The path counts too, not only the origin: the emulator also serves uploads, which have other signatures.
        below = f"{url.path}/".lower().startswith(f"{self._base.path.rstrip('/')}/".lower())
        return below and (url.scheme, url.host, _port(url)) == (
            self._base.scheme,
            self._base.host,
            _port(self._base),
        )


class BearerTransport(BearerRules, httpx.BaseTransport):
    """Adds the token to each request, as BearerRules says."""

    def __init__(
        self,
        inner: httpx.BaseTransport,
        tokens: TokenSource,
        base: httpx.URL | str,
        statuses: Collection[int] = frozenset({401}),
    ) -> None:
        super().__init__(tokens, base, statuses)
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not self.is_below_base(request.url):
            return self._inner.handle_request(request)
        token = self._tokens.token()
        response = self._inner.handle_request(with_token(request, token))
        if not self.is_refusal(response):
            return response
        try:
            renewed = self._tokens.refresh(token)
        except BaseException:
            response.close()
            raise
        if renewed == token:  # the Azure CLI and managed identities have their own caches
            return response
        response.close()
        return self._inner.handle_request(with_token(request, renewed))

    def close(self) -> None:
        self._inner.close()


def _port(url: httpx.URL) -> int | None:
    return url.port or {"http": 80, "https": 443}.get(url.scheme)


def with_token(request: httpx.Request, token: str) -> httpx.Request:
    """Return a copy of the request with the token and the request's secret headers."""
    keep_secret(token)  # registered at every use, because old secrets are dropped
    copy = httpx.Request(
        request.method,
        request.url,
        headers=request.headers,
        stream=request.stream,
        extensions=request.extensions,
    )
    copy.headers["Authorization"] = f"Bearer {token}"
    copy.headers.update(request.extensions.get("secret_headers", {}))
    return copy


def unauthorized_error(
    system: System,
    tokens: TokenSource,
    action: str,
    message: str = "",
    *,
    request_id: str = "",
    correlation_id: str = "",
) -> AuthError:
    """Build the error for a 401 with a renewed token: the account does not include this login."""
    if not tokens.is_renewable:
        problem, hint = "the access token was not accepted", _ready_token_hint(tokens.settings)
    else:
        problem = f"signed in by {tokens.source}, but {system.owner} does not know it"
        hint = system.account_hint
    return AuthError(
        f"{action}: {problem} (401)",
        said=first_line(message),
        next=hint,
        status=401,
        request_id=request_id,
        correlation_id=correlation_id,
    )


def forbidden_error(
    system: System,
    tokens: TokenSource,
    action: str,
    message: str = "",
    *,
    code: str = "",
    target: str = "",
    request_id: str = "",
    correlation_id: str = "",
    method: str = "",
    path: str = "",
) -> Forbidden:
    """Build the error for a 403: the account includes this login, but without the role."""
    return Forbidden(
        f"{action}: signed in by {tokens.source}, {system.refusal_text} (403)",
        said=first_line(message),
        next=system.role_hint,
        status=403,
        code=code,
        target=target,
        request_id=request_id,
        correlation_id=correlation_id,
        method=method,
        path=path,
    )
