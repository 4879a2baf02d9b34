"""JSON client of one system for calls that are written once, as coroutines, and run with and without an event loop.

    operations (coroutines) ─► AsyncApiClient: retries, errors ─► Wire ─┬─ AsyncWire: httpx.AsyncClient, an event loop
                                                                        └─ BlockingWire: httpx.Client; never suspends

`run_blocking` runs a coroutine over a BlockingWire to its end.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import anyio
import httpx

from ...errors import ContractError, PartnerCenterError
from ...settings import Settings
from ..system import System
from .answers import error_of, is_transient, is_unprocessed, no_answer_error, resolve_path
from .async_exchange import AsyncBearerTransport, AsyncExchangeTransport, AsyncLogTransport
from .client import MIN_ATTEMPT_SECONDS, build_transport
from .hardening import ENCODINGS, no_cookies
from .retry import AsyncPollPolicy, AsyncRetryPolicy, RetryBounds, TransientResponse, elapsed, report
from .tokens import TokenSource

__all__ = [
    "VISIBLE_SECONDS",
    "AsyncApiClient",
    "AsyncWire",
    "BlockingWire",
    "Call",
    "Wire",
    "iterate_blocking",
    "run_blocking",
]

ATTEMPTS = 5
VISIBLE_SECONDS = 10
"""Time within which a service shows what it has accepted."""
DEADLINE_SECONDS = 120
"""All attempts of one request together, pauses included."""
T = TypeVar("T")


# --- Wires


class Wire(Protocol):
    """Connection to a service: everything that waits."""

    async def send(self, request: httpx.Request) -> httpx.Response:
        """Send one request, signed in; the response has its whole body. Raises httpx.RequestError, AuthError."""

    async def sleep(self, seconds: float) -> None: ...

    async def close(self) -> None: ...


class BlockingWire:
    """Wire over httpx.Client, for `run_blocking`. Thread-safe."""

    def __init__(self, settings: Settings, system: System, tokens: TokenSource) -> None:
        self.pause: Callable[[float], None] = time.sleep
        self._client = httpx.Client(
            transport=build_transport(settings, system, tokens),
            timeout=settings.timeout_seconds,
            trust_env=False,
            cookies=no_cookies(),
            follow_redirects=False,
        )

    async def send(self, request: httpx.Request) -> httpx.Response:
        return self._client.send(request)

    async def sleep(self, seconds: float) -> None:
        self.pause(seconds)

    async def close(self) -> None:
        self._client.close()


class AsyncWire:
    """Wire over httpx.AsyncClient, for the tasks of one event loop."""

    def __init__(self, settings: Settings, system: System, tokens: TokenSource) -> None:
        self.pause: Callable[[float], Awaitable[None]] = anyio.sleep
        transport: httpx.AsyncBaseTransport = AsyncExchangeTransport(settings)
        base = system.url(settings.endpoint)
        transport = AsyncBearerTransport(transport, tokens, base, system.renewing_statuses)
        if settings.log == "debug":
            transport = AsyncLogTransport(transport, system.request_id_header)
        self._client = httpx.AsyncClient(
            transport=transport,
            timeout=settings.timeout_seconds,
            trust_env=False,
            cookies=no_cookies(),
            follow_redirects=False,
        )

    async def send(self, request: httpx.Request) -> httpx.Response:
        return await self._client.send(request)

    async def sleep(self, seconds: float) -> None:
        await self.pause(seconds)

    async def close(self) -> None:
        await self._client.aclose()


def run_blocking(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends: everything that it waits for is a BlockingWire's."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    coroutine.close()
    raise RuntimeError("a coroutine over a blocking wire suspended")


def iterate_blocking(items: AsyncIterator[T]) -> Iterator[T]:
    """Iterate over an asynchronous iterator that never suspends."""

    async def take() -> T:
        return await anext(items)

    while True:
        try:
            item = run_blocking(take())
        except StopAsyncIteration:
            return
        yield item


# --- Client


@dataclass
class Call:
    """One business operation: its words in messages, the id that joins its requests, and its time.

    `timeout_seconds` bounds all its requests and pauses together.
    """

    action: str
    wire: Wire
    correlation_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    timeout_seconds: float = float("inf")
    start: float = field(default_factory=time.monotonic)
    slept: float = 0.0

    def elapsed(self) -> float:
        """Seconds since the start; pauses of a replaced clock count as well."""
        return max(self.slept, time.monotonic() - self.start)

    def remaining(self) -> float:
        return self.timeout_seconds - self.elapsed()

    async def sleep(self, seconds: float) -> None:
        await self.wire.sleep(seconds)
        self.slept += seconds


class AsyncApiClient:
    """Requests to one system; failures raise PartnerCenterError. Retries and errors are those of `ApiClient`.

    Nothing is remembered between calls: a service that was silent is asked again.
    """

    def __init__(self, settings: Settings, system: System, tokens: TokenSource, wire: Wire) -> None:
        self.wire, self._system, self._tokens = wire, system, tokens
        self._root = httpx.URL(system.url(settings.endpoint).rstrip("/") + "/")
        self._silence_seconds = 2 * settings.timeout_seconds
        self._progress = report if settings.log == "debug" else None

    async def close(self) -> None:
        await self.wire.close()

    async def send(
        self,
        call: Call,
        method: str,
        path: str,
        read: Callable[[httpx.Response], T],
        *,
        params: Mapping[str, str],
        body: Any = None,
        secret_headers: Mapping[str, str] | None = None,
        accepts: Collection[int] = (),
        look: Callable[[Exception], Awaitable[T | None]] | None = None,
    ) -> T:
        """Send a request until it is answered; the only place that repeats requests. Return what `read` makes of it.

        `look` is asked with the failure before a request is repeated that the service may have processed: its result
        is the call's, None repeats. Without `look` the request may be repeated as it is. `accepts`: statuses that are
        no failure.
        """
        url, lost = resolve_path(self._root, path, call.action), list[Exception]()

        async def attempt() -> T:
            if lost and look and (result := await look(lost[-1])) is not None:
                return result
            # A repeated change that was made already is refused, some seconds before the service shows it.
            unclear = {400, 409} - {*accepts} if lost and look else set[int]()
            try:
                request = self._build_request(call, method, url, params, body, secret_headers)
                response = await self._attempt(call, request, {*accepts, *unclear})
            except (httpx.TransportError, TransientResponse) as error:
                if not is_unprocessed(error):
                    lost.append(error)
                raise
            if not (look and response.status_code in unclear):
                return read(response)
            if (result := await self._look_again(call, look, lost[-1])) is not None:
                return result
            raise self.error_of(response, call.action)

        policy = AsyncRetryPolicy(
            is_transient,
            sleep=call.sleep,
            bounds=RetryBounds(ATTEMPTS, min(DEADLINE_SECONDS, call.remaining()), self._silence_seconds),
            progress=self._progress,
        )
        try:
            return await policy(attempt)
        except TransientResponse as error:
            raise self.error_of(error.response, call.action) from None
        except httpx.DecodingError as error:
            raise ContractError(f"{call.action}: the answer cannot be read: {error}") from None
        except httpx.RequestError as error:
            raise no_answer_error(self._system, error, method, url, call.action) from None

    def error_of(self, response: httpx.Response, action: str) -> PartnerCenterError:
        """Build the error of a refused request."""
        return error_of(self._system, self._tokens, response, action)

    async def _look_again(
        self, call: Call, look: Callable[[Exception], Awaitable[T | None]], failure: Exception
    ) -> T | None:
        """Look until there is a result, for so long as the service may take to show what it has accepted."""
        end = call.elapsed() + min(VISIBLE_SECONDS, call.remaining())
        poll = AsyncPollPolicy(
            lambda result: result is not None, sleep=call.sleep, remaining=lambda: end - call.elapsed()
        )
        result: T | None = await poll(look, failure)
        return result

    def _build_request(
        self,
        call: Call,
        method: str,
        url: httpx.URL,
        params: Mapping[str, str],
        body: Any,
        secret_headers: Mapping[str, str] | None,
    ) -> httpx.Request:
        seconds = min(self._silence_seconds - elapsed(), call.remaining())
        correlation = self._system.correlation_id_header
        return httpx.Request(
            method,
            url,
            params=params,
            json=body,
            headers={
                "Accept": "application/json",
                "Accept-Encoding": ENCODINGS,
                "Content-Type": "application/json",
                **self._system.request_headers(),
                **({correlation: call.correlation_id} if correlation else {}),
            },
            extensions={
                "seconds": max(seconds, MIN_ATTEMPT_SECONDS),
                "secret_headers": secret_headers or {},
            },
        )

    async def _attempt(self, call: Call, request: httpx.Request, accepts: Collection[int]) -> httpx.Response:
        response = await self.wire.send(request)
        if response.is_success or response.status_code in accepts:
            return response
        if response.status_code in self._system.transient_statuses:
            raise TransientResponse(response)
        raise self.error_of(response, call.action) from None
