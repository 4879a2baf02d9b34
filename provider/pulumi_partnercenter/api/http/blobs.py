"""Upload and download of blobs at signed addresses, which are used exactly as given.

A signed address is its own credential: requests have no bearer header, because Azure Storage would refuse it. Redirects
are not followed, and no message or log has the query. Normalised escapes or dots would break the signature.
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
from ..system import System
from .client import TRANSIENT_STATUSES, LogTransport
from .exchange import PROGRESS_BYTES, ExchangeTransport
from .hardening import no_cookies, require_safe_address
from .retry import RetryPolicy, Sleep

__all__ = ["Blobs", "Content", "Progress"]

MIB = 1 << 20
MAX_SINGLE_BYTES = 64 * MIB
"""Largest upload in a single request; larger files are sent in blocks, as by the Azure SDK."""
BLOCK_BYTES = 16 * MIB
CHUNK_BYTES = 256 * 1024
MAX_BYTES = 8 << 30
"""Limit beyond the size of any file that the service accepts."""
HEADERS = {"x-ms-version": "2021-12-02", "Accept-Encoding": "identity"}

T = TypeVar("T")

Progress = Callable[[str], None]
"""Function that shows a line of progress, which the next one replaces."""


class Content(Protocol):
    """Bytes that can be read again, from the start or from the middle."""

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int: ...
    def open(self) -> BinaryIO: ...


class Blobs:
    """Blob client. Thread-safe. Bytes go from file to socket in chunks, so that memory use is constant."""

    def __init__(
        self, settings: Settings, system: System, *, sleep: Sleep = time.sleep, progress: Progress
    ) -> None:
        self._sleep, self._progress = sleep, progress
        self._service_url = system.url(settings.endpoint)
        self._silence_seconds = 2 * settings.timeout_seconds
        transport: httpx.BaseTransport = ExchangeTransport(settings, progress_bytes=PROGRESS_BYTES)
        if settings.log == "debug":
            transport = LogTransport(transport, "x-ms-request-id")
        self._client = httpx.Client(
            transport=transport,
            timeout=settings.timeout_seconds,
            cookies=no_cookies(),
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        self._client.close()

    def upload(self, address: str, content: Content, action: str) -> None:
        """Write all of `content`. Raises ApiError if the host refuses, Unavailable if it does not answer."""
        if content.size <= MAX_SINGLE_BYTES:
            self._put(address, content, 0, content.size, action, {"x-ms-blob-type": "BlockBlob"})
            return
        starts = range(0, content.size, BLOCK_BYTES)
        blocks = [base64.b64encode(f"{number:08}".encode()).decode() for number in range(len(starts))]
        for block, start in zip(blocks, starts, strict=True):
            self._progress(
                f"{content.name}: {start * 100 // content.size} % of {content.size // MIB} MiB uploaded"
            )
            length = min(BLOCK_BYTES, content.size - start)
            self._put(
                _add_query(address, f"comp=block&blockid={quote(block, safe='')}"),
                content,
                start,
                length,
                action,
            )
        entries = "".join(f"<Latest>{block}</Latest>" for block in blocks)
        body = f'<?xml version="1.0" encoding="utf-8"?><BlockList>{entries}</BlockList>'.encode()
        self._send(_add_query(address, "comp=blocklist"), action, lambda: body, {})
        self._progress(f"{content.name}: {content.size // MIB} MiB uploaded")

    def digest(self, address: str, action: str, max_bytes: int = 0) -> str:
        """Return `sha256:…` of the blob; the digest of no bytes if nothing was uploaded. Limits: as `download`."""

        def read() -> str:
            sha256 = hashlib.sha256()
            with self._open("GET", address, HEADERS) as response:
                if response.status_code == 404:
                    return ""
                _require_success(response, action)
                for chunk in _read_bounded(response, action, max_bytes):
                    sha256.update(chunk)
            return f"sha256:{sha256.hexdigest()}"

        return self._with_retries(read, address, action)

    def download(self, address: str, path: Path, action: str, max_bytes: int = 0) -> None:
        """Write the blob to a local file, without unpacking it.

        Raises: ApiError if there is no blob, ContractError for more than `max_bytes` (0: the general limit).
        """

        def read() -> None:
            with self._open("GET", address, HEADERS) as response, path.open("wb") as file:
                _require_success(response, action)
                for chunk in _read_bounded(response, action, max_bytes):
                    file.write(chunk)

        self._with_retries(read, address, action)

    def _put(
        self,
        address: str,
        content: Content,
        start: int,
        length: int,
        action: str,
        headers: dict[str, str] | None = None,
    ) -> None:
        all_headers = {
            "Content-Length": str(length),
            "Content-Type": "application/octet-stream",
            **(headers or {}),
        }
        self._send(address, action, lambda: _read_chunks(content, start, length, action), all_headers)

    def _send(
        self,
        address: str,
        action: str,
        body: Callable[[], bytes | Iterator[bytes]],
        headers: dict[str, str],
    ) -> None:
        def attempt() -> None:
            with self._open("PUT", address, HEADERS | headers, body()) as response:
                # Read the rest of a short body, so that the connection can be used again.
                for _ in response.iter_raw():
                    if response.num_bytes_downloaded > CHUNK_BYTES:
                        break
                _require_success(response, action)

        self._with_retries(attempt, address, action)

    def _open(
        self, method: str, address: str, headers: dict[str, str], body: bytes | Iterator[bytes] | None = None
    ) -> AbstractContextManager[httpx.Response]:
        parts = urlsplit(address)
        target = address[address.index(parts.netloc) + len(parts.netloc) :]
        extensions = {"target": target.encode("ascii")}
        return self._client.stream(
            method, httpx.URL(address), headers=headers, content=body, extensions=extensions
        )

    def _with_retries(self, attempt: Callable[[], T], address: str, action: str) -> T:
        require_safe_address(address, self._service_url, action)
        try:
            return RetryPolicy(_is_transient, sleep=self._sleep, silence_seconds=self._silence_seconds)(
                attempt
            )
        except httpx.RequestError as error:
            url = httpx.URL(address)
            raise Unavailable(
                f"{action}: no answer from {url.scheme}://{url.netloc.decode()} ({type(error).__name__})",
                next="check the network, then run the same command again: it continues from there",
            ) from None


def _add_query(address: str, query: str) -> str:
    """Append an option to a signed address. Parsing and building it again could change its signature."""
    return f"{address}{'&' if '?' in address else '?'}{query}"


def _read_chunks(content: Content, start: int, length: int, action: str) -> Iterator[bytes]:
    with content.open() as stream:
        stream.seek(start)
        while length:
            if not (chunk := stream.read(min(CHUNK_BYTES, length))):
                raise InputError(
                    f"{action}: the file became shorter meanwhile", next="run the same command again"
                )
            length -= len(chunk)
            yield chunk


def _read_bounded(response: httpx.Response, action: str, max_bytes: int) -> Iterator[bytes]:
    """Iterate over a file's bytes as sent. Raises ContractError as soon as there are too many."""
    limit = max_bytes or MAX_BYTES
    announced = response.headers.get("content-length", "")
    too_large = ContractError(f"{action}: the file has more than {limit >> 20} MiB")
    if re.fullmatch("[0-9]{1,18}", announced) and int(announced) > limit:
        raise too_large
    for chunk in response.iter_raw(CHUNK_BYTES):
        if response.num_bytes_downloaded > limit:
            raise too_large
        yield chunk


def _require_success(response: httpx.Response, action: str) -> None:
    if response.is_success:
        return
    error_type = (
        Unavailable if response.status_code in TRANSIENT_STATUSES or response.status_code >= 500 else ApiError
    )
    raise error_type(
        f"{action}: the file host refused ({response.status_code})",
        said=response.headers.get("x-ms-error-code", ""),
        next="run the same command again: it asks for a new address",
        status=response.status_code,
        request_id=response.headers.get("x-ms-request-id", ""),
    )


def _is_transient(error: BaseException) -> bool:
    return isinstance(error, httpx.TransportError) or (
        isinstance(error, Unavailable) and error.status in TRANSIENT_STATUSES | {500}
    )
