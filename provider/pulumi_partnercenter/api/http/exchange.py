"""HTTP exchanges that have an end: a transport over httpcore whose deadline covers connecting, sending and the answer.

httpx bounds each read and each write alone: an answer of one byte a second, or informational answers without end,
would last for ever. Here every read and write gets only the time that is left.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from pathlib import Path
from ssl import SSLContext
from typing import Any

import httpcore
import httpx

from ...errors import SettingsError
from ...settings import Settings

__all__ = ["PROGRESS_BYTES", "Deadline", "ExchangeTransport", "is_proxied", "proxy_for", "trust"]

PROGRESS_BYTES = 1 << 20
"""Bytes of a file transfer that renew its deadline."""
_SLICE_BYTES = 16 << 10
_METADATA_HOSTS = ("100.100.100.200", "fd00:ec2::254")
"""Metadata services of virtual machines at addresses that are not link-local."""


class Deadline:
    """The time that one exchange has left.

    `progress_bytes`: a transfer of so many bytes renews it, in either direction; 0: nothing does. `connect_seconds`:
    a shorter bound for connecting.
    """

    def __init__(
        self,
        seconds: float,
        *,
        progress_bytes: int = 0,
        connect_seconds: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.seconds, self._clock, self._progress_bytes = seconds, clock, progress_bytes
        self.connect_seconds = seconds if connect_seconds is None else min(connect_seconds, seconds)
        self._end, self._moved = clock() + seconds, 0

    def remaining(self) -> float:
        return self._end - self._clock()

    def count(self, size: int) -> None:
        """Bytes that were sent or received."""
        self._moved += size
        if self._progress_bytes and self._moved >= self._progress_bytes:
            self._end, self._moved = self._clock() + self.seconds, 0


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)
"""The deadline of the exchange that this thread is in."""


@contextlib.contextmanager
def _within(deadline: Deadline) -> Iterator[None]:
    token = _current.set(deadline)
    try:
        yield
    finally:
        _current.reset(token)


def _time_left(timeout: float | None, late: type[Exception]) -> float:
    deadline = _current.get()
    if deadline is None:
        raise RuntimeError("a connection is used outside of an exchange")
    if (left := deadline.remaining()) <= 0:
        raise late(f"not done within {deadline.seconds:g} s")
    return left if timeout is None else min(left, timeout)


class _Stream(httpcore.NetworkStream):
    """A connection whose reads and writes end with the exchange."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, _time_left(timeout, httpcore.ReadTimeout))
        if deadline := _current.get():
            deadline.count(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _SLICE_BYTES):
            part = buffer[start : start + _SLICE_BYTES]
            self._inner.write(part, _time_left(timeout, httpcore.WriteTimeout))
            if deadline := _current.get():
                deadline.count(len(part))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _time_left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Connects within the exchange's time."""

    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = _time_left(timeout, httpcore.ConnectTimeout)
        if deadline := _current.get():
            left = min(left, deadline.connect_seconds)
        return _Stream(self._inner.connect_tcp(host, port, left, local_address, socket_options))


class _Body(httpx.SyncByteStream):
    """The answer's bytes, in the time of its exchange."""

    def __init__(self, stream: Any, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def __iter__(self) -> Iterator[bytes]:
        parts = iter(self._stream)
        while True:
            with _within(self._deadline):
                try:
                    part = next(parts)
                except StopIteration:
                    return
            yield part

    def close(self) -> None:
        with _within(self._deadline):
            self._stream.close()


class _Wire(httpx.HTTPTransport):
    """httpx's own transport to one origin, over connections that know the deadline."""

    def __init__(self, settings: Settings, url: httpx.URL, proxy: str | None) -> None:
        # Reading the system's authorities takes tens of milliseconds: not where there is no TLS.
        has_tls = url.scheme == "https" or (proxy or "").startswith("https:")
        context = httpx.create_ssl_context(verify=trust(settings)) if has_tls else None
        super().__init__(verify=context or False)
        self._pool = _pool(context, httpx.Proxy(proxy) if proxy else None)


def _pool(context: SSLContext | None, proxy: httpx.Proxy | None) -> httpcore.ConnectionPool:
    shared: dict[str, Any] = {
        "ssl_context": context,
        "max_connections": 8,
        "keepalive_expiry": 30,
        "network_backend": _Backend(),
    }
    if proxy is None:
        return httpcore.ConnectionPool(**shared)
    url = proxy.url
    return httpcore.HTTPProxy(
        proxy_url=httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path or b"/"
        ),
        proxy_auth=proxy.raw_auth,
        proxy_ssl_context=context if url.scheme == "https" else None,
        **shared,
    )


class ExchangeTransport(httpx.BaseTransport):
    """Thread-safe pools of connections, one an origin, each through the proxy that the environment names for it.

    `seconds` bounds a whole exchange: connecting, sending, and the answer to its last byte. `uses_proxy=False`: no
    proxy, whatever the environment says.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        seconds: float | None = None,
        connect_seconds: float | None = None,
        progress_bytes: int = 0,
        uses_proxy: bool = True,
    ) -> None:
        self._settings, self._uses_proxy = settings, uses_proxy
        self._seconds = settings.timeout_seconds if seconds is None else seconds
        self._connect_seconds, self._progress_bytes = connect_seconds, progress_bytes
        self._wires: dict[tuple[str, str, int | None], _Wire] = {}
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        deadline = Deadline(
            min(self._seconds, request.extensions.get("seconds", self._seconds)),
            progress_bytes=self._progress_bytes,
            connect_seconds=self._connect_seconds,
        )
        with _within(deadline):
            answer = self._wire(request.url).handle_request(request)
        body = _Body(answer.stream, deadline)
        return httpx.Response(
            answer.status_code, headers=answer.headers.raw, stream=body, extensions=answer.extensions
        )

    def close(self) -> None:
        with self._lock:
            for wire in self._wires.values():
                wire.close()
            self._wires.clear()

    def _wire(self, url: httpx.URL) -> _Wire:
        origin = (url.scheme, url.host, url.port)
        with self._lock:
            if origin not in self._wires:
                proxy = proxy_for(url) if self._uses_proxy else None
                self._wires[origin] = _Wire(self._settings, url, proxy)
            return self._wires[origin]


def is_proxied(host: str) -> bool:
    """Whether a proxy may reach a host: none reaches this machine, its link, or its metadata service."""
    if host == "localhost" or host.endswith(".localhost") or host in _METADATA_HOSTS:
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        try:  # 127.1 and 2130706433 are addresses as well
            address = ipaddress.ip_address(socket.inet_aton(host))
        except OSError:
            return True
    return not (address.is_loopback or address.is_link_local or address.is_unspecified)


def proxy_for(url: httpx.URL) -> str | None:
    """What HTTPS_PROXY, NO_PROXY and the like say; httpx asks them only when it makes the transport itself."""
    if not is_proxied(url.host) or urllib.request.proxy_bypass(url.host):
        return None
    named = urllib.request.getproxies()
    proxy = named.get(url.scheme) or named.get("all")
    if proxy and "://" not in proxy:
        proxy = f"http://{proxy}"
    if proxy and not proxy.startswith(("http://", "https://")):
        raise SettingsError(
            f"settings: the proxy for {url.scheme} is of a kind that is not supported: {proxy.partition('://')[0]}",
            next="name an http:// or https:// proxy in HTTPS_PROXY, or except the host in NO_PROXY",
        )
    return proxy


def trust(settings: Settings) -> SSLContext | bool:
    """What `httpx` takes as `verify`: the configured certificate authorities, else the usual ones."""
    if not settings.ca_file:
        return True
    import ssl

    place = Path(settings.ca_file)
    try:
        return ssl.create_default_context(
            cafile=None if place.is_dir() else str(place), capath=str(place) if place.is_dir() else None
        )
    except (ssl.SSLError, OSError) as trouble:
        raise SettingsError(
            f"settings: no certificates readable in {place} (SSL_CERT_FILE or REQUESTS_CA_BUNDLE): {trouble}",
            next="point it at a PEM file or folder of certificate authorities, or unset it",
        ) from None
