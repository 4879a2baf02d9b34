"""The blob host: bytes to and from signed addresses, which are used exactly as they were given.

An address is its own credential: no bearer header goes there (Azure Storage would refuse it), no redirect is followed,
and no message or log names its query. It is sent as it is, because a client that tidies escapes or dots up breaks its
signature. Source: submission API 7, oddity 49.
"""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar
from urllib.parse import quote, urlsplit

import httpx

from ...errors import ApiError, ContractError, InputError, Unavailable
from ...settings import Settings
from .client import PASSING, LogTransport
from .exchange import PROGRESS_BYTES, ExchangeTransport
from .hardening import no_cookies, require_trustworthy
from .retry import Retrying, Sleep

__all__ = ["Blobs", "Content", "Tell"]

MIB = 1 << 20
SINGLE_BYTES = 64 * MIB
"""Up to here one request; above, blocks (7: what the Azure SDK does)."""
BLOCK_BYTES = 16 * MIB
CHUNK_BYTES = 256 * 1024
LARGEST_BYTES = 8 << 30
"""More than the service keeps of anything."""
HEADERS = {"x-ms-version": "2021-12-02", "Accept-Encoding": "identity"}

T = TypeVar("T")

Tell = Callable[[str], None]
"""Shows a line of progress, which the next one replaces."""


class Content(Protocol):
    """Bytes that can be read again: for another attempt, or from the middle."""

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int: ...
    def open(self) -> BinaryIO: ...


class Blobs:
    """Thread-safe. Memory stays flat: bytes go from file to socket in chunks."""

    def __init__(self, settings: Settings, *, sleep: Sleep = time.sleep, tell: Tell) -> None:
        self._settings, self._sleep, self._tell = settings, sleep, tell
        self._silence = 2 * settings.timeout_seconds
        transport: httpx.BaseTransport = ExchangeTransport(settings, progress_bytes=PROGRESS_BYTES)
        if settings.log == "debug":
            transport = LogTransport(transport)
        self._client = httpx.Client(
            transport=transport,
            timeout=settings.timeout_seconds,
            cookies=no_cookies(),
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        self._client.close()

    def upload(self, address: str, content: Content, doing: str) -> None:
        """Write all of `content`. Raises ApiError when the host refuses, Unavailable when it stays away."""
        if content.size <= SINGLE_BYTES:
            self._put(address, content, 0, content.size, doing, {"x-ms-blob-type": "BlockBlob"})
            return
        starts = range(0, content.size, BLOCK_BYTES)
        blocks = [base64.b64encode(f"{number:08}".encode()).decode() for number in range(len(starts))]
        for block, start in zip(blocks, starts, strict=True):
            self._tell(
                f"{content.name}: {start * 100 // content.size} % of {content.size // MIB} MiB uploaded"
            )
            length = min(BLOCK_BYTES, content.size - start)
            self._put(
                _and(address, f"comp=block&blockid={quote(block, safe='')}"), content, start, length, doing
            )
        listed = "".join(f"<Latest>{block}</Latest>" for block in blocks)
        body = f'<?xml version="1.0" encoding="utf-8"?><BlockList>{listed}</BlockList>'.encode()
        self._send(_and(address, "comp=blocklist"), doing, lambda: body, {})
        self._tell(f"{content.name}: {content.size // MIB} MiB uploaded")

    def digest(self, address: str, doing: str, largest_bytes: int = 0) -> str:
        """`sha256:…` of the bytes that are there; of none where nothing was uploaded. Bounds: as `download`."""

        def read() -> str:
            hashed = hashlib.sha256()
            with self._open("GET", address, HEADERS) as response:
                if response.status_code == 404:
                    return ""
                _require_success(response, doing)
                for chunk in _bounded(response, doing, largest_bytes):
                    hashed.update(chunk)
            return f"sha256:{hashed.hexdigest()}"

        return self._retried(read, address, doing)

    def download(self, address: str, path: Path, doing: str, largest_bytes: int = 0) -> None:
        """The bytes that are there to a file of ours, as they are: nothing is unpacked.

        Raises: ApiError when there are none, ContractError for more than `largest_bytes` (0: than anything has).
        """

        def read() -> None:
            with self._open("GET", address, HEADERS) as response, path.open("wb") as file:
                _require_success(response, doing)
                for chunk in _bounded(response, doing, largest_bytes):
                    file.write(chunk)

        self._retried(read, address, doing)

    def _put(
        self,
        address: str,
        content: Content,
        start: int,
        length: int,
        doing: str,
        headers: dict[str, str] | None = None,
    ) -> None:
        sent = {"Content-Length": str(length), "Content-Type": "application/octet-stream", **(headers or {})}
        self._send(address, doing, lambda: _chunks(content, start, length, doing), sent)

    def _send(
        self,
        address: str,
        doing: str,
        body: Callable[[], bytes | Iterator[bytes]],
        headers: dict[str, str],
    ) -> None:
        def attempt() -> None:
            with self._open("PUT", address, HEADERS | headers, body()) as response:
                for _ in (
                    response.iter_raw()
                ):  # to the end, which is near, so that the connection can be used again
                    if response.num_bytes_downloaded > CHUNK_BYTES:
                        break
                _require_success(response, doing)

        self._retried(attempt, address, doing)

    def _open(
        self, method: str, address: str, headers: dict[str, str], body: bytes | Iterator[bytes] | None = None
    ) -> AbstractContextManager[httpx.Response]:
        parts = urlsplit(address)
        target = address[address.index(parts.netloc) + len(parts.netloc) :]
        exactly = {"target": target.encode("ascii")}
        return self._client.stream(
            method, httpx.URL(address), headers=headers, content=body, extensions=exactly
        )

    def _retried(self, attempt: Callable[[], T], address: str, doing: str) -> T:
        require_trustworthy(address, self._settings.submission_url, doing)
        try:
            return Retrying(_may_pass, sleep=self._sleep, silence_seconds=self._silence)(attempt)
        except httpx.RequestError as error:
            url = httpx.URL(address)
            raise Unavailable(
                f"{doing}: no answer from {url.scheme}://{url.netloc.decode()} ({type(error).__name__})",
                next="check the network, then run the same command again: it goes on from there",
            ) from None


def _and(address: str, query: str) -> str:
    """A signed address with one more option: appended, because taking it apart could change its signature."""
    return f"{address}{'&' if '?' in address else '?'}{query}"


def _chunks(content: Content, start: int, length: int, doing: str) -> Iterator[bytes]:
    with content.open() as stream:
        stream.seek(start)
        while length:
            if not (chunk := stream.read(min(CHUNK_BYTES, length))):
                raise InputError(
                    f"{doing}: the file became shorter meanwhile", next="run the same command again"
                )
            length -= len(chunk)
            yield chunk


def _bounded(response: httpx.Response, doing: str, largest_bytes: int) -> Iterator[bytes]:
    """The bytes of a file, as they are on the wire. Raises ContractError as soon as there are too many."""
    largest = largest_bytes or LARGEST_BYTES
    told = response.headers.get("content-length", "")
    too_large = ContractError(f"{doing}: the file has more than {largest >> 20} MiB")
    if re.fullmatch("[0-9]{1,18}", told) and int(told) > largest:
        raise too_large
    for chunk in response.iter_raw(CHUNK_BYTES):
        if response.num_bytes_downloaded > largest:
            raise too_large
        yield chunk


def _require_success(response: httpx.Response, doing: str) -> None:
    if response.is_success:
        return
    kind = Unavailable if response.status_code in PASSING or response.status_code >= 500 else ApiError
    raise kind(
        f"{doing}: the file host refused ({response.status_code})",
        said=response.headers.get("x-ms-error-code", ""),
        next="run the same command again: it asks for a new address",
        status=response.status_code,
        request_id=response.headers.get("x-ms-request-id", ""),
    )


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, httpx.TransportError) or (
        isinstance(error, Unavailable) and error.status in PASSING | {500}
    )
