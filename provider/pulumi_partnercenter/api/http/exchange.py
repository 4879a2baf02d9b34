"""HTTP exchanges with a deadline: a transport over httpcore that limits connecting, sending and the whole response.

httpx limits each read and each write separately: a response of one byte a second would last for ever. Here every read
and write gets only the remaining time.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import httpcore
import httpx

from ...errors import SettingsError
from ...settings import Settings

__all__ = [
    "PROGRESS_BYTES",
    "Deadline",
    "ExchangeTransport",
    "create_tls_context",
    "is_proxied",
    "load_trust",
    "proxy_for",
]

PROGRESS_BYTES = 1 << 20
"""Bytes of a file transfer that renew its deadline."""
_SLICE_BYTES = 16 << 10
_METADATA_HOSTS = ("100.100.100.200", "fd00:ec2::254")
"""Metadata services of virtual machines whose addresses are not link-local."""


class Deadline:
    """Remaining time of an exchange.

    `progress_bytes`: a transfer of this size renews it, in either direction; 0: no renewal. `connect_seconds`: a
    shorter limit for connecting.
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
        self._end, self._transferred = clock() + seconds, 0

    def remaining(self) -> float:
        return self._end - self._clock()

    def count(self, size: int) -> None:
        """Count bytes that were sent or received."""
        self._transferred += size
        if self._progress_bytes and self._transferred >= self._progress_bytes:
            self._end, self._transferred = self._clock() + self.seconds, 0


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)
"""Deadline of this thread's current exchange."""


@contextlib.contextmanager
def _use_deadline(deadline: Deadline) -> Iterator[None]:
    token = _current.set(deadline)
    try:
        yield
    finally:
        _current.reset(token)


def _remaining_seconds(timeout: float | None, error_type: type[Exception]) -> float:
    deadline = _current.get()
    if deadline is None:
        raise RuntimeError("a connection is used outside of an exchange")
    if (remaining := deadline.remaining()) <= 0:
        raise error_type(f"not done within {deadline.seconds:g} s")
    return remaining if timeout is None else min(remaining, timeout)


class _Stream(httpcore.NetworkStream):
    """Connection whose reads and writes end with the exchange."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, _remaining_seconds(timeout, httpcore.ReadTimeout))
        if deadline := _current.get():
            deadline.count(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _SLICE_BYTES):
            part = buffer[start : start + _SLICE_BYTES]
            self._inner.write(part, _remaining_seconds(timeout, httpcore.WriteTimeout))
            if deadline := _current.get():
                deadline.count(len(part))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        remaining = _remaining_seconds(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, remaining))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Network backend that connects within the exchange's deadline."""

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
        remaining = _remaining_seconds(timeout, httpcore.ConnectTimeout)
        if deadline := _current.get():
            remaining = min(remaining, deadline.connect_seconds)
        return _Stream(self._inner.connect_tcp(host, port, remaining, local_address, socket_options))


class _Body(httpx.SyncByteStream):
    """Response body that is read within the exchange's deadline."""

    def __init__(self, stream: Any, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def __iter__(self) -> Iterator[bytes]:
        parts = iter(self._stream)
        while True:
            with _use_deadline(self._deadline):
                try:
                    part = next(parts)
                except StopIteration:
                    return
            yield part

    def close(self) -> None:
        with _use_deadline(self._deadline):
            self._stream.close()


class _OriginTransport(httpx.HTTPTransport):
    """httpx's transport to one origin, over connections with the deadline."""

    def __init__(self, settings: Settings, url: httpx.URL, proxy: str | None) -> None:
        context = create_tls_context(settings, url, proxy)
        super().__init__(verify=context or False)
        self._pool = _make_pool(context, httpx.Proxy(proxy) if proxy else None)


def _make_pool(context: ssl.SSLContext | None, proxy: httpx.Proxy | None) -> httpcore.ConnectionPool:
    options: dict[str, Any] = {
        "ssl_context": context,
        "max_connections": 8,
        "keepalive_expiry": 30,
        "network_backend": _Backend(),
    }
    if proxy is None:
        return httpcore.ConnectionPool(**options)
    url = proxy.url
    return httpcore.HTTPProxy(
        proxy_url=httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path or b"/"
        ),
        proxy_auth=proxy.raw_auth,
        proxy_ssl_context=context if url.scheme == "https" else None,
        **options,
    )


class ExchangeTransport(httpx.BaseTransport):
    """Thread-safe connection pools, one per origin, each through the proxy that the environment names for it.

    `seconds` limits a whole exchange: connecting, sending, and the response to its last byte. `uses_proxy=False`:
    no proxy, whatever the environment holds.
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
        self._transports: dict[tuple[str, str, int | None], _OriginTransport] = {}
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        deadline = Deadline(
            min(self._seconds, request.extensions.get("seconds", self._seconds)),
            progress_bytes=self._progress_bytes,
            connect_seconds=self._connect_seconds,
        )
        with _use_deadline(deadline):
            response = self._transport_for(request.url).handle_request(request)
        body = _Body(response.stream, deadline)
        return httpx.Response(
            response.status_code, headers=response.headers.raw, stream=body, extensions=response.extensions
        )

    def close(self) -> None:
        with self._lock:
            for transport in self._transports.values():
                transport.close()
            self._transports.clear()

    def _transport_for(self, url: httpx.URL) -> _OriginTransport:
        origin = (url.scheme, url.host, url.port)
        with self._lock:
            if origin not in self._transports:
                proxy = proxy_for(url) if self._uses_proxy else None
                self._transports[origin] = _OriginTransport(self._settings, url, proxy)
            return self._transports[origin]


def is_proxied(host: str) -> bool:
    """Whether a proxy may reach a host: not this machine, its link-local network, or its metadata service."""
    if host == "localhost" or host.endswith(".localhost") or host in _METADATA_HOSTS:
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        try:  # 127.1 and 2130706433 are addresses too
            address = ipaddress.ip_address(socket.inet_aton(host))
        except OSError:
            return True
    return not (address.is_loopback or address.is_link_local or address.is_unspecified)


def proxy_for(url: httpx.URL) -> str | None:
    """Return the proxy of HTTPS_PROXY, NO_PROXY and similar variables; httpx reads them only for its own transports."""
    if not is_proxied(url.host) or urllib.request.proxy_bypass(url.host):
        return None
    proxies = urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if proxy and "://" not in proxy:
        proxy = f"http://{proxy}"
    if proxy and not proxy.startswith(("http://", "https://")):
        raise SettingsError(
            f"settings: the proxy for {url.scheme} is of a kind that is not supported: {proxy.partition('://')[0]}",
            next="set HTTPS_PROXY to an http:// or https:// proxy, or add the host to NO_PROXY",
        )
    return proxy


def create_tls_context(settings: Settings, url: httpx.URL, proxy: str | None) -> ssl.SSLContext | None:
    """Return what connections to an origin, or to its proxy, trust; None where there is no TLS.

    Reading the system's authorities takes tens of milliseconds.
    """
    if url.scheme == "https" or (proxy or "").startswith("https:"):
        return httpx.create_ssl_context(verify=load_trust(settings))
    return None


def load_trust(settings: Settings) -> ssl.SSLContext | bool:
    """Return httpx's `verify`: the configured certificate authorities, or the default ones."""
    if not settings.ca_file:
        return True
    path = Path(settings.ca_file)
    try:
        return ssl.create_default_context(
            cafile=None if path.is_dir() else str(path), capath=str(path) if path.is_dir() else None
        )
    except (ssl.SSLError, OSError) as error:
        raise SettingsError(
            f"settings: no certificates readable in {path} (SSL_CERT_FILE or REQUESTS_CA_BUNDLE): {error}",
            next="point it at a PEM file or folder of certificate authorities, or unset it",
        ) from None
