"""Bearer tokens: their cache, and the transport that adds one to a request.

    TokenSource.shared(settings, audience) ─► token(), refresh(stale) ─► BearerTransport

`settings.py` chooses one sign-in, `sign_in.py` fetches a token, this module keeps it. Nothing touches network or disk
before a token is asked for.
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
from ..system import System
from .sign_in import EMULATOR_HINT, Clock, Token, fetch_token, first_line

__all__ = ["BearerTransport", "TokenSource", "forbidden_error", "unauthorized_error"]

_RENEW_BEFORE_SECONDS = 300
_READY_TOKEN_HINT = (
    "set PARTNERCENTER_ACCESS_TOKEN to a new token for the service, or unset it to use another login;"
    f" {EMULATOR_HINT}"
)

_shared_sources: dict[tuple[Settings, str], TokenSource] = {}
_shared_lock = threading.Lock()


class TokenSource:
    """Token for one audience: kept until 300 s before it expires, fetched once however many threads ask.

    A token that lives for less than 600 s is kept for half its life. `clock` gives seconds since 1970. `audience` is
    the address that names the service to Entra ID, without a trailing slash.
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
        """Return the process's one source for these settings and this audience."""
        with _shared_lock:
            if (settings, audience) not in _shared_sources:
                _shared_sources[settings, audience] = cls(settings, audience)
            return _shared_sources[settings, audience]

    @property
    def source(self) -> str:
        """Origin of the tokens, in words; nothing secret, nothing fetched."""
        return self.settings.source

    @property
    def is_renewable(self) -> bool:
        """Whether another token can be fetched: not when a ready one is configured."""
        return not self.settings.access_token

    def token(self) -> str:
        """Return a valid token. Raises: SettingsError, AuthError, in every thread that waited for it."""
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
        """Return another token than `stale`, which the service refused; fetched only if no other thread has.

        Raises: AuthError for a ready token, which cannot be renewed; else as `token`.
        """
        if not self.is_renewable:
            raise AuthError(
                "sign-in: the access token (PARTNERCENTER_ACCESS_TOKEN) was refused and cannot be renewed",
                next=_READY_TOKEN_HINT,
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


class BearerTransport(httpx.BaseTransport):
    """Adds the token to requests below the URL `base`, to no others. After a 401 it renews it and repeats once.

    A copy carries the token: the request that callers, logs and errors hold does not. A second 401 is returned, and
    so is the first one if the token cannot be renewed. Bodies are bytes.
    """

    def __init__(self, inner: httpx.BaseTransport, tokens: TokenSource, base: httpx.URL | str) -> None:
        self._inner, self._tokens, self._base = inner, tokens, httpx.URL(base)
        if not self._base.host:
            raise ValueError(f"the base of a BearerTransport is a URL with scheme and host, not {base!r}")

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not self._is_below_base(request.url):
            return self._inner.handle_request(request)
        token = self._tokens.token()
        response = self._inner.handle_request(_with_token(request, token))
        if response.status_code != 401 or not self._tokens.is_renewable:
            return response
        try:
            renewed = self._tokens.refresh(token)
        except BaseException:
            response.close()
            raise
        if renewed == token:  # the Azure CLI and managed identities keep tokens of their own
            return response
        response.close()
        return self._inner.handle_request(_with_token(request, renewed))

    def close(self) -> None:
        self._inner.close()

    def _is_below_base(self, url: httpx.URL) -> bool:
        # The path too, not only the origin: the emulator also serves uploads, which are signed another way.
        below = f"{url.path}/".lower().startswith(f"{self._base.path.rstrip('/')}/".lower())
        return below and (url.scheme, url.host, _port(url)) == (
            self._base.scheme,
            self._base.host,
            _port(self._base),
        )


def _port(url: httpx.URL) -> int | None:
    return url.port or {"http": 80, "https": 443}.get(url.scheme)


def _with_token(request: httpx.Request, token: str) -> httpx.Request:
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


def unauthorized_error(system: System, tokens: TokenSource, action: str, message: str = "") -> AuthError:
    """Build the error for a 401 that stays with a renewed token: the account does not include this login."""
    if not tokens.is_renewable:
        problem, hint = "the access token was not accepted", _READY_TOKEN_HINT
    else:
        problem = f"signed in by {tokens.source}, but {system.owner} does not know it"
        hint = system.account_hint
    return AuthError(f"{action}: {problem} (401)", said=first_line(message), next=hint)


def forbidden_error(
    system: System,
    tokens: TokenSource,
    action: str,
    message: str = "",
    *,
    code: str = "",
    request_id: str = "",
    method: str = "",
    path: str = "",
) -> Forbidden:
    """Build the error for a 403: the account includes this login, without the role."""
    return Forbidden(
        f"{action}: signed in by {tokens.source}, which lacks the role for this (403)",
        said=first_line(message),
        next=system.role_hint,
        status=403,
        code=code,
        request_id=request_id,
        method=method,
        path=path,
    )
