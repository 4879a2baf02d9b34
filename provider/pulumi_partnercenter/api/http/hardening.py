"""Defences against a broken or hostile service: bounded bodies, strict JSON, no cookies, no address in a private
network.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import httpx

from ...errors import ContractError
from ...messages import keep_secret
from ...strict_json import NestedTooDeeply, read_json

__all__ = [
    "ENCODINGS",
    "MAX_BODY_BYTES",
    "decode_text",
    "no_cookies",
    "parse_json",
    "read_body",
    "read_body_async",
    "require_safe_address",
]

MAX_BODY_BYTES = 64 << 20
"""Limit of an unpacked body; far beyond any real response."""
ENCODINGS = "gzip"
"""The only accepted encoding: other encodings, or several, could unpack to any size at once."""
MAX_DEPTH = 100
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_SIGNATURE = re.compile(r"[?&]sig=([^&]+)")


def no_cookies() -> CookieJar:
    """Return a jar that accepts no cookie."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


def read_body(response: httpx.Response) -> httpx.Response:
    """Return the response with its body, unpacked.

    Raises httpx.DecodingError for a body that is too long or cannot be unpacked.
    """
    body = _Body(response)
    for chunk in response.iter_bytes():
        body.append(chunk)
    return body.complete()


async def read_body_async(response: httpx.Response) -> httpx.Response:
    """Do the same as `read_body` with an asynchronous response."""
    body = _Body(response)
    async for chunk in response.aiter_bytes():
        body.append(chunk)
    return body.complete()


class _Body:
    """The unpacked body of a response, within bounds."""

    def __init__(self, response: httpx.Response) -> None:
        encoding = response.headers.get("content-encoding", "").strip().lower()
        if encoding not in ("", "identity", ENCODINGS):
            raise httpx.DecodingError("it has a content encoding that was not requested")
        self._response, self._bytes = response, bytearray()

    def append(self, chunk: bytes) -> None:
        self._bytes += chunk
        if len(self._bytes) > MAX_BODY_BYTES:
            raise httpx.DecodingError(f"it has more than {MAX_BODY_BYTES >> 20} MiB")

    def complete(self) -> httpx.Response:
        return _with_body(self._response, bytes(self._bytes))


def _with_body(response: httpx.Response, body: bytes) -> httpx.Response:
    # As bytes: a header may have other characters than ASCII.
    headers = [
        (name, value)
        for name, value in response.headers.raw
        if name.lower() not in (b"content-encoding", b"content-length", b"transfer-encoding")
    ]
    return httpx.Response(response.status_code, headers=headers, content=body, request=response.request)


def decode_text(response: httpx.Response) -> str:
    """Decode the body as UTF-8, whatever charset the response has."""
    return response.content.decode("utf-8", "replace")


def parse_json(body: bytes) -> Any:
    """Parse JSON that a client can write again. Raises ValueError for other texts."""
    document = read_json(body.decode("utf-8-sig"))
    _require_writable(document)
    return document


def _require_writable(document: Any) -> None:
    level = [document]
    for _ in range(MAX_DEPTH):
        if any(isinstance(value, str) and _LONE_SURROGATE.search(value) for value in level):
            raise ValueError("it holds half a character (a lone surrogate)")
        level = [
            part
            for value in level
            if isinstance(value, dict | list)
            for part in ((*value, *value.values()) if isinstance(value, dict) else value)
        ]
        if not level:
            return
    raise NestedTooDeeply


def require_safe_address(address: str, service: str, action: str) -> None:
    """Check a signed address that the service at `service` gave, before any upload or download.

    Raises: ContractError for a malformed address, or for less protection than the service's own address has. An address
    in a private network is refused unless the service is in one.
    """
    problem, url = f"{action}: the service gave an address that ", None
    keep_secret(*_SIGNATURE.findall(address))
    try:
        url = httpx.URL(address) if re.fullmatch(r"https?://[!-~]+", address) else None
        is_complete = url is not None and bool(url.host) and not url.userinfo and urlsplit(address).port != 0
    except (httpx.InvalidURL, ValueError):
        is_complete = False
    if url is None or not is_complete:
        raise ContractError(f"{problem}cannot be used")
    root = httpx.URL(service)
    if root.scheme == "https" and url.scheme != "https":
        raise ContractError(f"{problem}is not protected: {url.scheme}://{url.host}")
    if _is_private(url.host) and not _is_private(root.host):
        raise ContractError(f"{problem}leads into a private network: {url.host}")


def _is_private(host: str) -> bool:
    """Whether a host is this machine or a non-public address. Names are not resolved."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        pass
    try:  # 127.1 and 2130706433 are addresses too
        return not ipaddress.ip_address(socket.inet_aton(host)).is_global
    except OSError:
        return False
