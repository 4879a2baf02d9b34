"""Public keys that tokens are signed with, as their issuer publishes them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from ..api.http.exchange import ExchangeTransport
from ..api.http.hardening import ENCODINGS, no_cookies, parse_json, read_body
from ..errors import Unavailable
from ..settings import Settings

__all__ = ["Fetch", "SigningKeys", "fetch_keys", "open_signing_keys"]

Fetch = Callable[[str], Any]
"""Reads the JSON document at an address. Raises: Unavailable."""
FETCH_SECONDS = 2.0
"""Deadline of one request: a webhook has to be answered within ten seconds."""
FRESH_SECONDS = 6 * 3600.0
COOLDOWN_SECONDS = 30.0
"""Least time between two requests: tokens with unknown keys cost anybody nothing."""


class SigningKeys:
    """RSA keys of a JSON Web Key Set, by key id. Thread-safe.

    They are read again after hours, and once for an unknown key id, at most every 30 seconds. An issuer that does not
    answer leaves the keys as they are. `fetch` reads the key set, `clock` counts seconds.
    """

    def __init__(self, url: str, fetch: Fetch, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.url, self._fetch, self._clock = url, fetch, clock
        self._keys: Mapping[str, RSAPublicKey] = {}
        self._lock = threading.Lock()
        self._fetched_at = self._tried_at = float("-inf")

    def find(self, key_id: object) -> RSAPublicKey | None:
        """Return the key with this id; None if the issuer has no such key.

        Raises: Unavailable if the keys cannot be read now: whether a key exists is then not known.
        """
        if self._clock() - self._fetched_at >= FRESH_SECONDS:
            self._refresh(waits=not self._keys)
        name = key_id if isinstance(key_id, str) else ""
        key = self._keys.get(name)
        if key is None:
            self._refresh(waits=True)
            key = self._keys.get(name)
        if key is None and self._tried_at > self._fetched_at:
            raise Unavailable(
                f"signing keys: {self.url} does not answer as an issuer of tokens does",
                next="check that the service can reach it; tokens are refused until it can",
            )
        return key

    def _refresh(self, *, waits: bool) -> None:
        """Read the keys, unless that was tried a moment ago. `waits` for a thread that is reading them."""
        if not self._lock.acquire(blocking=waits):
            return
        try:
            start = self._clock()
            if start - self._tried_at >= COOLDOWN_SECONDS:
                self._tried_at = start
                self._keys, self._fetched_at = _read_keys(self._fetch(self.url)), start
        except Unavailable:  # the keys stay as they are
            pass
        finally:
            self._lock.release()


def open_signing_keys(settings: Settings, tenant: str) -> SigningKeys:
    """Return the keys with which Microsoft Entra signs tokens of a tenant; `common` for those of every tenant."""
    return SigningKeys(f"{settings.login_url}/{tenant}/discovery/v2.0/keys", fetch_keys(settings))


def fetch_keys(settings: Settings) -> Fetch:
    """Return a function that reads a JSON document over HTTP, with proxy and trust of the settings."""

    def fetch(url: str) -> Any:
        options: dict[str, Any] = {"trust_env": False, "cookies": no_cookies(), "timeout": FETCH_SECONDS}
        transport = ExchangeTransport(settings, seconds=FETCH_SECONDS)
        headers = {"Accept": "application/json", "Accept-Encoding": ENCODINGS}
        try:
            with (
                httpx.Client(transport=transport, headers=headers, **options) as client,
                client.stream("GET", url) as response,
            ):
                return parse_json(read_body(response).raise_for_status().content)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise Unavailable(f"reading {url}", said=f"{type(error).__name__}: {error}") from None

    return fetch


def _read_keys(document: object) -> dict[str, RSAPublicKey]:
    """Return the usable keys of a key set: RSA, for signatures, with an id. Raises: Unavailable if there is none."""
    items = document.get("keys") if isinstance(document, Mapping) else None
    keys: dict[str, RSAPublicKey] = {}
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and item.get("kty") == "RSA" and item.get("use", "sig") == "sig":
            try:
                key = jwt.PyJWK(item, algorithm="RS256").key
            except (jwt.PyJWTError, ValueError):  # one key that is broken leaves the others usable
                continue
            if isinstance(key, RSAPublicKey) and isinstance(item.get("kid"), str):
                keys[item["kid"]] = key
    if not keys:
        raise Unavailable("reading signing keys: the answer has none")
    return keys
