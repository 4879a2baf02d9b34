"""Microsoft Entra ID, with which customers and the publisher's people sign in: addresses, codes, ID tokens."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qs, urlsplit

import httpx
import msal  # type: ignore[import-untyped]

from ..api.http.exchange import ExchangeTransport
from ..api.http.hardening import ENCODINGS, no_cookies, read_body
from ..errors import Unavailable
from ..settings import Settings
from .id_tokens import Rejected, validate_id_token
from .settings import ServiceSettings, SignIn
from .signing_keys import SigningKeys, open_signing_keys

__all__ = ["Audience", "Directory", "Flow"]

Audience: TypeAlias = Literal["customer", "publisher"]
Flow: TypeAlias = dict[str, Any]
"""State of a sign-in between its two halves, JSON: msal's, with its `state`, `nonce` and `code_verifier`."""
SCOPES = ("email",)
"""Beside `openid` and `profile`. Nothing that an administrator has to allow."""
SECONDS = 10.0


class Directory:
    """The two applications with which users sign in. Thread-safe; it connects when it is first used."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._applications = {"customer": _UserApplication(settings, settings.customers)}
        if settings.publisher:
            self._applications["publisher"] = _UserApplication(settings, settings.publisher)

    def begin(self, audience: Audience, redirect_uri: str) -> Flow:
        """Return the state of a new sign-in; its `auth_uri` is where the browser goes. Raises: Unavailable."""
        return self._applications[audience].begin(redirect_uri)

    def finish(
        self, audience: Audience, flow: Flow, answer: Mapping[str, str], now: datetime
    ) -> Mapping[str, Any]:
        """Return the claims of the user. `answer` is the query with which the browser comes back.

        Raises: Rejected for a code or a token that is refused; Unavailable.
        """
        return self._applications[audience].finish(flow, answer, now)

    def close(self) -> None:
        for application in self._applications.values():
            application.http.close()


class _UserApplication:
    """An application, and the keys of its ID tokens."""

    def __init__(self, settings: ServiceSettings, sign_in: SignIn) -> None:
        self._settings, self._sign_in = settings.fulfillment, sign_in
        self.http = _Http(settings.fulfillment)
        self._lock = threading.Lock()
        self._client: Any = None
        self._keys: SigningKeys = open_signing_keys(settings.fulfillment, sign_in.tenant)

    def begin(self, redirect_uri: str) -> Flow:
        client = self._connect()
        # msal warns of every other mode. Browsers send no `Lax` cookie with a form of another site, so that the session
        # would be lost: the answer has to come in the query.
        flow: Flow = client.initiate_auth_code_flow(
            [*SCOPES], redirect_uri=redirect_uri, response_mode="form_post"
        )
        address = self.http.locate(flow["auth_uri"])
        return {**flow, "auth_uri": address.replace("response_mode=form_post", "response_mode=query")}

    def finish(self, flow: Flow, answer: Mapping[str, str], now: datetime) -> Mapping[str, Any]:
        client = self._connect()
        try:
            result = client.acquire_token_by_auth_code_flow(flow, {**answer})
        except RuntimeError:  # a nonce that differs, or claims that are no JSON
            raise Rejected("nonce") from None
        except (ValueError, KeyError, TypeError):  # another state, or an answer that is none of Entra's
            raise Rejected("answer") from None
        token = result.get("id_token") if isinstance(result, dict) else None
        if not isinstance(token, str):
            code = result.get("error") if isinstance(result, dict) else None
            raise Rejected("declined" if code == "access_denied" else "code")
        (nonce,) = parse_qs(urlsplit(flow["auth_uri"]).query)["nonce"]  # msal keeps it, and sends its digest
        return validate_id_token(
            token,
            self._keys,
            client_id=self._sign_in.client_id,
            login_url=self._settings.login_url,
            nonce=nonce,
            now=now,
            tenant="" if self._sign_in.tenant == "common" else self._sign_in.tenant,
        )

    def _connect(self) -> Any:
        """Return msal's client, which reads Entra's addresses once. Raises: Unavailable."""
        with self._lock:
            if self._client is None:
                self._client = _create_client(self._settings, self._sign_in, self.http)
            return self._client


def _create_client(settings: Settings, sign_in: SignIn, http: _Http) -> Any:
    # Its warnings quote ID tokens. Every outcome is an exception or an answer here.
    logging.getLogger("msal").setLevel(logging.CRITICAL)
    try:
        return msal.ConfidentialClientApplication(
            sign_in.client_id,
            client_credential=sign_in.client_secret,
            authority=f"{http.secure_address}/{sign_in.tenant}",
            instance_discovery=False,  # it would ask the public cloud about the configured authority
            http_client=http,
            token_cache=_NoCache(),
            exclude_scopes=["offline_access"],
            azure_region=msal.ConfidentialClientApplication.DISABLE_MSAL_FORCE_REGION,
        )
    except (ValueError, KeyError, TypeError):
        raise Unavailable(
            f"sign-in: {settings.login_url} does not answer as Entra ID does",
            next="check PARTNERCENTER_ENDPOINT, and the tenant of the sign-in application",
        ) from None


class _NoCache(msal.TokenCache):  # type: ignore[misc] # msal has no types
    """Keeps no tokens: a user's claims are in the session, and nothing else is needed."""

    def add(self, event: Any, now: Any = None) -> None:
        """Do nothing."""


class _Http:
    """HTTP client of msal, which takes https addresses only: those of an emulator without TLS are translated."""

    def __init__(self, settings: Settings) -> None:
        self._address = settings.login_url
        self.secure_address = f"https://{settings.login_url.partition('://')[2]}"
        self._client = httpx.Client(
            transport=ExchangeTransport(settings, seconds=SECONDS),
            timeout=SECONDS,
            headers={"Accept-Encoding": ENCODINGS},
            cookies=no_cookies(),
            trust_env=False,
        )

    def locate(self, url: str) -> str:
        """Return the address that an address of msal stands for."""
        is_own = url.startswith(f"{self.secure_address}/")
        return self._address + url[len(self.secure_address) :] if is_own else url

    def get(self, url: str, *, params: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        return self._send("GET", url, params=params, headers=headers)

    def post(
        self, url: str, *, params: Any = None, headers: Any = None, data: Any = None, **_: Any
    ) -> httpx.Response:
        return self._send("POST", url, params=params, headers=headers, data=data)

    def close(self) -> None:
        self._client.close()

    def _send(self, method: str, url: str, **parts: Any) -> httpx.Response:
        """Send a request of msal. Raises: Unavailable without an answer, or for a trouble of the server."""
        address = httpx.URL(self.locate(url))
        try:
            with self._client.stream(method, address, **parts) as response:
                answer = read_body(response)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unavailable(f"sign-in: no answer from {address.host}", said=type(error).__name__) from None
        if answer.status_code >= 500 or answer.status_code == 429:
            raise Unavailable(f"sign-in: {address.host} answers {answer.status_code}")
        text = answer.text.replace(f"{self._address}/", f"{self.secure_address}/")
        return httpx.Response(answer.status_code, text=text) if method == "GET" else answer
