"""JSON client of one system. A request passes: retry → log → sign-in → complete body → exchange."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import httpx

from ...errors import (
    AuthError,
    Conflict,
    ContractError,
)
from ...messages import redacted
from ...settings import Settings
from ..system import System
from ..wire import M
from .answers import (
    JsonResponse,
    error_of,
    is_transient,
    is_unprocessed,
    no_answer_error,
    read_json,
    resolve_path,
)
from .exchange import ExchangeTransport
from .hardening import ENCODINGS, MAX_BODY_BYTES, no_cookies, read_body
from .outage import Outage
from .retry import RetryPolicy, Sleep, TransientResponse, report
from .tokens import BearerTransport, TokenSource

__all__ = [
    "TRANSIENT_STATUSES",
    "ApiClient",
    "JsonResponse",
    "LogTransport",
    "build_transport",
    "log_exchange",
]

REPEATABLE_METHODS = frozenset({"GET", "HEAD", "PUT", "DELETE"})
TRANSIENT_STATUSES = frozenset({408, 429, 502, 503, 504})
"""Statuses of an upload that another attempt may overcome; those of a service are in its System."""
MAX_PAGES = 1000
MIN_ATTEMPT_SECONDS = 0.1
T = TypeVar("T")

_CONFLICT_HINT = (
    "if somebody else made it at the same time, run the same command again: it finds what is there"
)


@contextlib.contextmanager
def log_exchange(request: httpx.Request, request_id_header: str) -> Iterator[list[httpx.Response]]:
    """Report a request when it ends; the block appends its response to the list."""
    start, outcome, responses = time.perf_counter(), "no answer", list[httpx.Response]()
    try:
        yield responses
    finally:
        for response in responses:
            outcome = f"{response.status_code} {response.headers.get(request_id_header, '')}".strip()
        milliseconds = (time.perf_counter() - start) * 1000
        report(f"{request.method} {request.url} → {outcome} in {milliseconds:.0f} ms")


class LogTransport(httpx.BaseTransport):
    """Writes a redacted line for each request to stderr: method, address, status, request id, duration."""

    def __init__(self, inner: httpx.BaseTransport, request_id_header: str) -> None:
        self._inner, self._request_id_header = inner, request_id_header

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with log_exchange(request, self._request_id_header) as outcome:
            response = self._inner.handle_request(request)
            outcome.append(response)
            return response

    def close(self) -> None:
        self._inner.close()


class BodyTransport(httpx.BaseTransport):
    """Reads every body to its end, within limits, and always returns the connection to its pool."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            response = self._inner.handle_request(request)
            response.request = request
            with contextlib.closing(response):
                return read_body(response)
        except httpx.RequestError as error:
            error.request = request  # httpx sets it only in its own client
            raise

    def close(self) -> None:
        self._inner.close()


def build_transport(settings: Settings, system: System, tokens: TokenSource) -> httpx.BaseTransport:
    """Return the transports of one system below the retries: log, sign-in, complete body, exchange."""
    seconds = settings.timeout_seconds
    exchange = ExchangeTransport(settings, seconds=seconds * system.timeout_factor, connect_seconds=seconds)
    transport: httpx.BaseTransport = BodyTransport(exchange)
    transport = BearerTransport(transport, tokens, system.url(settings.endpoint), system.renewing_statuses)
    return LogTransport(transport, system.request_id_header) if settings.log == "debug" else transport


class ApiClient:
    """JSON requests to one system; failures raise `PartnerCenterError`. Thread-safe, one connection pool.

    `action` begins every error message and names its object by the durable id. `retries=False`: one attempt.
    """

    def __init__(
        self,
        settings: Settings,
        system: System,
        tokens: TokenSource | None = None,
        *,
        sleep: Sleep = time.sleep,
        retries: bool = True,
    ) -> None:
        self.sleep, self.system = sleep, system
        self._tokens = tokens or TokenSource.shared(settings, system.audience)
        self._root = httpx.URL(system.url(settings.endpoint).rstrip("/") + "/")
        timeout_seconds = settings.timeout_seconds * system.timeout_factor
        self._outage, self._silence_seconds = Outage(), 2 * timeout_seconds
        self._attempts = 6 if retries else 1
        self._client = httpx.Client(
            transport=build_transport(settings, system, self._tokens),
            timeout=timeout_seconds,
            trust_env=False,
            headers={"Accept": "application/json", "Accept-Encoding": ENCODINGS},
            cookies=no_cookies(),
            follow_redirects=False,
        )

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, action: str, params: Mapping[str, str] | None = None) -> JsonResponse:
        return read_json(self._send("GET", self._url(path, action, params), action), action)

    def get_link(self, link: object, action: str) -> JsonResponse:
        """Read an address that a response gave, with its own query.

        Raises: ContractError for an address that leads away from the service.
        """
        return read_json(self._send("GET", self._resolve_link(link, action, "the link"), action), action)

    def put(
        self, path: str, action: str, body: Any, *, etag: str = "", params: Mapping[str, str] | None = None
    ) -> JsonResponse:
        """Send `etag` verbatim, with its quotes, as If-Match; without one, send `*`."""
        headers = {"If-Match": etag or "*"}
        url = self._url(path, action, params)
        return read_json(self._send("PUT", url, action, body=body, headers=headers), action)

    def patch(
        self, path: str, action: str, body: Any, *, etag: str = "", is_repeatable: bool = False
    ) -> JsonResponse:
        """Change some members. `is_repeatable`: a second identical patch has no further effect."""
        headers = {"If-Match": etag} if etag else {}
        url = self._url(path, action)
        return read_json(
            self._send("PATCH", url, action, body=body, headers=headers, is_repeatable=is_repeatable), action
        )

    def post(self, path: str, action: str, body: Any) -> JsonResponse:
        """POST that may create something: never repeated once the service may have processed it."""
        return read_json(self._send("POST", self._url(path, action), action, body=body), action)

    def upsert(self, path: str, action: str, body: Any) -> JsonResponse:
        """POST that replaces a whole document, so that it may be repeated after a lost response."""
        url = self._url(path, action)
        return read_json(self._send("POST", url, action, body=body, is_repeatable=True), action)

    def create(self, path: str, action: str, body: Any, model: type[M], find: Callable[[], M | None]) -> M:
        """POST that creates an object; after a lost response it is repeated only if `find` returns None."""

        def read(response: httpx.Response) -> M:
            return model.from_json(read_json(response, action).body, action)

        return self.send_once("POST", path, action, body, read, find)

    def send_once(
        self,
        method: str,
        path: str,
        action: str,
        body: Any,
        read: Callable[[httpx.Response], T],
        find: Callable[[], T | None],
    ) -> T:
        """Send a request that must not take effect twice, and return what `read` makes of its response.

        After a lost response it is repeated only if `find` returns None.
        """
        url, is_lost = self._url(path, action), False

        def attempt(answers: int) -> T:
            nonlocal is_lost
            if is_lost and (existing := find()) is not None:
                return existing
            try:
                response = self._attempt(method, url, action, answers, body=body)
            except (httpx.TransportError, TransientResponse) as error:
                is_lost = is_lost or not is_unprocessed(error)
                raise
            except Conflict as error:
                raise error if error.next else error.advise(_CONFLICT_HINT) from None
            return read(response)

        return self._with_retries(attempt, method, url, action, is_repeatable=True)

    def delete(self, path: str, action: str) -> None:
        self._send("DELETE", self._url(path, action), action)

    def list_items(self, path: str, action: str, params: Mapping[str, str] | None = None) -> Iterator[Any]:
        """Iterate over the items of a collection. A short or empty page may have a next page.

        Raises: ContractError for a link that leads away from the service, or for endless pages.
        """
        paging = self.system.paging
        url, visited, size = self._url(path, action, params), set[httpx.URL](), 0
        while True:
            response = self._send("GET", url, action)
            page, size = read_json(response, action).body, size + len(response.content)
            envelope = page if isinstance(page, dict) and paging.items else {}
            items = envelope.get(paging.items) if paging.items else page
            if not isinstance(items, list):
                raise ContractError(
                    f"{action}: a collection was expected", said=redacted(json.dumps(page))[:200]
                )
            yield from items
            link = next((envelope[name] for name in paging.next_links if envelope.get(name)), None)
            if not link:
                return
            url = self._resolve_link(link, action, "the next page")
            if url in visited or len(visited) >= MAX_PAGES or size > MAX_BODY_BYTES:
                raise ContractError(f"{action}: the pages of the list do not end")
            visited.add(url)

    def _resolve_link(self, link: object, action: str, noun: str) -> httpx.URL:
        """Resolve a link. Links of the submission API are relative to the host, without a leading slash."""
        try:
            url = self._root.join("/").join(link if isinstance(link, str) else "http://[")
        except httpx.InvalidURL:
            raise ContractError(f"{action}: {noun} has no address") from None
        if (url.scheme, url.netloc, url.userinfo) != (self._root.scheme, self._root.netloc, b""):
            raise ContractError(f"{action}: {noun} is on another host ({url.host})")
        if not url.path.lower().startswith(self._root.path.lower()):
            raise ContractError(f"{action}: {noun} is of another service ({url.path})")
        return url

    def _url(self, path: str, action: str, params: Mapping[str, str] | None = None) -> httpx.URL:
        url, query = resolve_path(self._root, path, action), {**self.system.fixed_query, **(params or {})}
        return url.copy_with(query=self.system.spell_query(query).encode()) if query else url

    def _send(
        self,
        method: str,
        url: httpx.URL,
        action: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        is_repeatable: bool = False,
    ) -> httpx.Response:
        def attempt(answers: int) -> httpx.Response:
            return self._attempt(method, url, action, answers, body=body, headers=headers)

        is_repeatable = is_repeatable or method in REPEATABLE_METHODS
        return self._with_retries(attempt, method, url, action, is_repeatable=is_repeatable)

    def _with_retries(
        self, attempt: Callable[[int], T], method: str, url: httpx.URL, action: str, *, is_repeatable: bool
    ) -> T:
        """Repeat an attempt after transient failures. Nothing else repeats requests.

        A request that is not repeatable is repeated only if the service surely did not process it. Without any
        response, all attempts together take at most twice the timeout.
        """
        self._outage.check(action)
        answers = self._outage.answers
        policy = RetryPolicy(
            lambda error: is_unprocessed(error) or (is_repeatable and is_transient(error)),
            sleep=self.sleep,
            attempts=self._attempts,
            silence_seconds=self._silence_seconds,
        )
        try:
            return policy(attempt, answers)
        except TransientResponse as error:
            raise error_of(self.system, self._tokens, error.response, action) from None
        except httpx.DecodingError as error:
            raise ContractError(f"{action}: the answer cannot be read: {error}") from None
        except httpx.RequestError as error:
            failure = no_answer_error(self.system, error, method, url, action)
            is_unconnected = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
            is_silent = isinstance(error, httpx.TimeoutException) or method == "POST"
            if is_unconnected or (is_repeatable and is_silent):
                self._outage.begin(failure, action, answers)
            raise failure from None

    def _attempt(
        self,
        method: str,
        url: httpx.URL,
        action: str,
        answers: int,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send a request. Raises TransientResponse or httpx.RequestError for failures that may be repeated."""
        try:
            response = self._client.request(
                method,
                url,
                json=body,
                headers={**self.system.request_headers(), **(headers or {})},
                extensions={
                    "seconds": max(self._silence_seconds - RetryPolicy.elapsed(), MIN_ATTEMPT_SECONDS)
                },
            )
        except AuthError as error:
            self._outage.begin(error, action, answers)
            raise
        if response.status_code == 401:
            refusal = error_of(self.system, self._tokens, response, action)
            if not self._outage.answers:  # after an accepted login, a refusal concerns this request only
                self._outage.begin(refusal, action, answers)
            raise refusal from None
        self._outage.end()
        if response.is_success:
            return response
        if response.status_code in self.system.transient_statuses:
            raise TransientResponse(response)
        raise error_of(self.system, self._tokens, response, action) from None
