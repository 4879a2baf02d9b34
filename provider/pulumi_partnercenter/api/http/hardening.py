"""What every client does about a service that is broken, or hostile: answers have an end, are JSON that can be written
again, leave no cookies, and the addresses that they give lead to no place that the service itself is not at.
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

__all__ = ["ANSWER_BYTES", "ENCODINGS", "no_cookies", "parsed", "require_trustworthy", "text_of", "whole"]

ANSWER_BYTES = 64 << 20
"""Unpacked; far beyond what any answer holds."""
ENCODINGS = "gzip"
"""What is asked for. Another encoding could unpack to any size at once, and so could several."""
DEPTH = 100
_HALF = re.compile("[\ud800-\udfff]")
_SIGNATURE = re.compile(r"[?&]sig=([^&]+)")


def no_cookies() -> CookieJar:
    """A jar that nothing comes into: the service gets from us what we mean to send."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


def whole(response: httpx.Response) -> httpx.Response:
    """The answer with its body, unpacked. Raises httpx.DecodingError for one that is too long or cannot be unpacked."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity", ENCODINGS):
        raise httpx.DecodingError("it is packed in a way that nobody asked for")
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > ANSWER_BYTES:
            raise httpx.DecodingError(f"it has more than {ANSWER_BYTES >> 20} MiB")
    # As bytes: a header may hold what is not ASCII.
    kept = [
        (name, value)
        for name, value in response.headers.raw
        if name.lower() not in (b"content-encoding", b"content-length", b"transfer-encoding")
    ]
    return httpx.Response(response.status_code, headers=kept, content=bytes(body), request=response.request)


def text_of(response: httpx.Response) -> str:
    """As UTF-8, whatever the answer says that it is."""
    return response.content.decode("utf-8", "replace")


def parsed(body: bytes) -> Any:
    """JSON that a client can write again. Raises ValueError for anything else."""
    document = read_json(body.decode("utf-8-sig"))
    _require_writable(document)
    return document


def _require_writable(document: Any) -> None:
    level = [document]
    for _ in range(DEPTH):
        texts = [each for each in level if isinstance(each, str)]
        if any(map(_HALF.search, texts)):
            raise ValueError("it holds half a character")
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in ((*each, *each.values()) if isinstance(each, dict) else each)
        ]
        if not level:
            return
    raise NestedTooDeeply


def require_trustworthy(address: str, service: str, doing: str) -> None:
    """That bytes may go to a signed address that the service at `service` gave, or come from there.

    Raises: ContractError for an address that is none, is less protected than the service's, or leads into a network
    that the service itself is not in.
    """
    told, url = f"{doing}: the service gave an address that ", None
    keep_secret(*_SIGNATURE.findall(address))
    try:
        url = httpx.URL(address) if re.fullmatch(r"https?://[!-~]+", address) else None
        is_whole = url is not None and bool(url.host) and not url.userinfo and urlsplit(address).port != 0
    except (httpx.InvalidURL, ValueError):
        is_whole = False
    if url is None or not is_whole:
        raise ContractError(f"{told}cannot be used")
    root = httpx.URL(service)
    if root.scheme == "https" and url.scheme != "https":
        raise ContractError(f"{told}is not protected: {url.scheme}://{url.host}")
    if _is_inside(url.host) and not _is_inside(root.host):
        raise ContractError(f"{told}leads into a private network: {url.host}")


def _is_inside(host: str) -> bool:
    """Whether a host is this machine, or an address that is not one of the internet's. Names are not looked up."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        pass
    try:  # 127.1 and 2130706433 are addresses as well
        return not ipaddress.ip_address(socket.inet_aton(host)).is_global
    except OSError:
        return False
