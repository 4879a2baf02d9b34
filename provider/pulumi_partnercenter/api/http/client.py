"""The way of a request, a transport each: log → retry → auth → whole answer → exchange; `Door` is the client's side.

Source: submission API 2.8 to 2.10 for statuses, error bodies and retries.
"""

from __future__ import annotations

import contextlib
import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import httpx

from ...errors import (
    ApiError,
    AuthError,
    Conflict,
    ContractError,
    Invalid,
    NotFound,
    PartnerCenterError,
    Stale,
    Throttled,
    Unavailable,
)
from ...messages import redacted
from ...settings import Settings
from ..wire import Fault, W
from .exchange import ExchangeTransport
from .hardening import ANSWER_BYTES, ENCODINGS, no_cookies, parsed, text_of, whole
from .outage import Outage
from .retry import Passing, Retrying, Sleep, say
from .sign_in import quoted
from .tokens import BearerTransport, TokenSource, explain_forbidden, explain_unauthorized

__all__ = ["PASSING", "Door", "LogTransport", "RetryTransport", "WholeTransport"]

REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
PASSING = frozenset({408, 429, 502, 503, 504})
MAX_PAGES = 1000
FAULT_CHARACTERS = 100_000
"""Of a refusal; the rest is not read."""
MIN_SECONDS = 0.1
"""The least that an attempt gets."""
LONGEST_PATH = 4000
_KINDS: dict[int, type[ApiError]] = {
    400: Invalid,
    404: NotFound,
    408: Unavailable,
    409: Conflict,
    412: Stale,
    422: Invalid,
    429: Throttled,
}
T = TypeVar("T")

TAKEN = "if somebody else made it at the same time, run the same command again: it finds what is there"
_NEXT: dict[type[ApiError], str] = {
    Stale: "somebody else changes it now: run `pulumi refresh` to see what, then run `pulumi up` again",
    Throttled: "wait some minutes, then run the same command again: it goes on from there",
    Unavailable: "the service is in trouble: run the same command again later, it goes on from there",
}
"""What helps with a refusal that lasts, whatever was refused."""
_ELSEWHERE = (
    "set PARTNERCENTER_ENDPOINT to the service's own address: a proxy or a sign-in page answers at this one"
)
_UNKNOWN = (
    "check PARTNERCENTER_ENDPOINT; the emulator says what it does not emulate: repeating it does not help"
)


class LogTransport(httpx.BaseTransport):
    """One redacted line a request on stderr: method, address, status, request id, duration. No header, no body."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        began, outcome = time.perf_counter(), "no answer"
        try:
            response = self._inner.handle_request(request)
            outcome = f"{response.status_code} {response.headers.get('request-id', '')}".strip()
            return response
        finally:
            took = (time.perf_counter() - began) * 1000
            say(f"{request.method} {request.url} → {outcome} in {took:.0f} ms")

    def close(self) -> None:
        self._inner.close()


class WholeTransport(httpx.BaseTransport):
    """Reads every answer to its end, within its bounds, and gives the connection back whatever the answer is."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            response = self._inner.handle_request(request)
            response.request = request
            with contextlib.closing(response):
                return whole(response)
        except httpx.RequestError as error:
            error.request = request  # the client, which usually says so, is above
            raise

    def close(self) -> None:
        self._inner.close()


class RetryTransport(httpx.BaseTransport):
    """Repeats what may pass: lost connections, 408, 429, 502, 503, 504.

    A request that may have made something (POST) is repeated here only when it surely did not: the connection was
    never made, or the answer is 429. Its caller looks before it repeats. Without any answer all attempts together
    take at most twice the time that one may take.
    """

    def __init__(
        self, inner: httpx.BaseTransport, sleep: Sleep = time.sleep, *, timeout_seconds: float
    ) -> None:
        self._inner, self._sleep, self._silence = inner, sleep, 2 * timeout_seconds

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return Retrying(_may_pass, sleep=self._sleep, silence_seconds=self._silence)(self._once, request)
        except Passing as final:
            return final.response

    def _once(self, request: httpx.Request) -> httpx.Response:
        left = max(self._silence - Retrying.elapsed(), MIN_SECONDS)
        request.extensions = {**request.extensions, "seconds": left}
        response = self._inner.handle_request(request)
        if response.status_code == 429 or (response.status_code in PASSING and request.method in REPEATABLE):
            raise Passing(response)
        return response

    def close(self) -> None:
        self._inner.close()


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, Passing | httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return True
    return isinstance(error, httpx.TransportError) and error.request.method in REPEATABLE


def _was_lost(error: BaseException) -> bool:
    """No answer, or one that a gateway gave: nobody knows whether the service did the work."""
    return isinstance(error, Unavailable) and error.status in PASSING | {0}


class Door:
    """JSON in, JSON out, one error tree: the client of one system.

    One pooled connection set; safe to use from several threads. Every method takes `doing`: the words with which an
    error begins, naming the thing by its durable id. `patient=False`: GETs are asked once.
    """

    def __init__(
        self,
        settings: Settings,
        source: TokenSource,
        root: str,
        *,
        sleep: Sleep = time.sleep,
        patient: bool = True,
    ) -> None:
        self.sleep, self._settings, self._source = sleep, settings, source
        self._root = httpx.URL(root.rstrip("/") + "/")
        self._outage, self._silence = Outage(), 2 * settings.timeout_seconds
        transport: httpx.BaseTransport = WholeTransport(ExchangeTransport(settings))
        transport = BearerTransport(transport, source, self._root)
        if patient:
            transport = RetryTransport(transport, sleep, timeout_seconds=settings.timeout_seconds)
        if settings.log == "debug":
            transport = LogTransport(transport)
        self._client = httpx.Client(
            transport=transport,
            timeout=settings.timeout_seconds,
            trust_env=False,
            headers={"Accept": "application/json", "Accept-Encoding": ENCODINGS},
            cookies=no_cookies(),
            follow_redirects=False,
        )

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, doing: str, params: Mapping[str, str] | None = None) -> Any:
        return self._json(self._send("GET", self._url(path, doing), doing, params=params), doing)

    def put(
        self, path: str, doing: str, body: Any, *, etag: str, params: Mapping[str, str] | None = None
    ) -> Any:
        """`etag` goes verbatim, with its quotes, into If-Match."""
        headers = {"If-Match": etag or "*"}
        return self._json(
            self._send("PUT", self._url(path, doing), doing, params=params, body=body, headers=headers), doing
        )

    def post(self, path: str, doing: str, body: Any) -> Any:
        return self._json(self._send("POST", self._url(path, doing), doing, body=body), doing)

    def upsert(self, path: str, doing: str, body: Any) -> Any:
        """POST that replaces a whole document, so that it may be repeated after a lost answer."""
        return self._retried(lambda: self.post(path, doing, body), doing)

    def make(self, path: str, doing: str, body: Any, model: type[W], look: Callable[[], W | None]) -> W:
        """POST that makes something; after a lost answer it is repeated only when `look` finds nothing (None)."""
        lost = False

        def attempt() -> W:
            nonlocal lost
            if lost and (found := look()) is not None:
                return found
            lost = True
            try:
                return model.told(self.post(path, doing, body), doing)
            except Conflict as error:
                raise error if error.next else error.advise(TAKEN) from None

        return self._retried(attempt, doing)

    def _retried(self, attempt: Callable[[], T], doing: str) -> T:
        answers = self._outage.answers
        try:
            return Retrying(_was_lost, sleep=self.sleep, silence_seconds=self._silence)(attempt)
        except Unavailable as error:
            if not error.status:
                self._outage.begin(error, doing, answers)
            raise

    def delete(self, path: str, doing: str) -> None:
        self._send("DELETE", self._url(path, doing), doing)

    def pages(self, path: str, doing: str, params: Mapping[str, str] | None = None) -> Iterator[Any]:
        """Items of a collection, page after page; pages may be short or empty and still have a successor (2.5).

        Raises: ContractError for a link that leaves the service or never ends.
        """
        url, seen, size = self._url(path, doing), set[httpx.URL](), 0
        while True:
            response = self._send("GET", url, doing, params=params)
            page, size = self._json(response, doing), size + len(response.content)
            if not isinstance(page, dict) or not isinstance(page.get("value"), list):
                raise ContractError(
                    f"{doing}: a collection was expected", said=redacted(json.dumps(page))[:200]
                )
            yield from page["value"]
            link = page.get("nextLink") or page.get("@odata.nextLink")
            if not link:
                return
            url, params = self._next(link, doing), None
            if url in seen or len(seen) >= MAX_PAGES or size > ANSWER_BYTES:
                raise ContractError(f"{doing}: the pages of the answer do not end")
            seen.add(url)

    def _next(self, link: object, doing: str) -> httpx.URL:
        """Where the next page is: links are relative to the host, without a leading slash (2.5)."""
        try:
            url = self._root.join("/").join(link if isinstance(link, str) else "http://[")
        except httpx.InvalidURL:
            raise ContractError(f"{doing}: the next page has no address") from None
        if (url.scheme, url.netloc, url.userinfo) != (self._root.scheme, self._root.netloc, b""):
            raise ContractError(f"{doing}: the next page is on another host ({url.host})")
        if not url.path.lower().startswith(self._root.path.lower()):
            raise ContractError(f"{doing}: the next page is of another service ({url.path})")
        return url

    def _url(self, path: str, doing: str) -> httpx.URL:
        """Ids are parts of paths: none may lead to something else."""
        leads_away = {"", ".", ".."} & set(path.split("/")) or set("?#%\\") & set(path)
        if leads_away or not path.isprintable() or len(path) > LONGEST_PATH:
            raise ContractError(f"{doing}: an id leads out of its place: {path}")
        return self._root.join(path)

    def _send(
        self,
        method: str,
        url: httpx.URL,
        doing: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        self._outage.check(doing)
        sent, answers = {"Client-Request-ID": str(uuid.uuid4()), **(headers or {})}, self._outage.answers
        try:
            response = self._client.request(method, url, params=params, json=body, headers=sent)
        except httpx.DecodingError as error:
            raise ContractError(f"{doing}: the answer cannot be read: {error}") from None
        except httpx.RequestError as error:
            lost = self._no_answer(error, method, url, doing)
            unmade = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
            if unmade or (isinstance(error, httpx.TimeoutException) and method in REPEATABLE):
                self._outage.begin(lost, doing, answers)  # what became of a POST is still looked for
            raise lost from None
        except AuthError as error:
            self._outage.begin(error, doing, answers)
            raise
        if response.status_code == 401:
            refused = self._refusal(response, doing)
            if not self._outage.answers:  # somebody who was let in before is not refused for being nobody
                self._outage.begin(refused, doing, answers)
            raise refused from None
        self._outage.end()
        if response.is_success:
            return response
        raise self._refusal(response, doing) from None

    def _no_answer(self, error: httpx.RequestError, method: str, url: httpx.URL, doing: str) -> Unavailable:
        timed_out = isinstance(error, httpx.TimeoutException)
        return Unavailable(
            f"{doing}: no answer from {url.scheme}://{url.netloc.decode()}"
            + (" in time" if timed_out else f" ({type(error).__name__}: {error})"),
            next="check the network and PARTNERCENTER_ENDPOINT, then run the same command again: it goes on from there",
            method=method,
            path=url.path,
        )

    def _refusal(self, response: httpx.Response, doing: str) -> PartnerCenterError:
        # Parsed first: what is redacted may be no JSON any more.
        status, fault = response.status_code, Fault.parse(text_of(response)[:FAULT_CHARACTERS])
        request_id = response.headers.get("request-id", "")
        words = quoted(str(fault))[:300]
        said = " ".join(each for each in (words, f"request {request_id}" if request_id else "") if each)
        if status == 401:
            return explain_unauthorized(self._source, doing, said)
        if status == 403:
            return explain_forbidden(
                self._source,
                doing,
                said,
                code=fault.code,
                request_id=request_id,
                method=response.request.method,
                path=response.request.url.path,
            )
        kind = _KINDS.get(status, Unavailable if status >= 500 else ApiError)
        problem, following = f"refused ({status})", _NEXT.get(kind, "")
        if 300 <= status < 400:
            problem, following = f"sent elsewhere ({status}), where no token goes", _ELSEWHERE
        elif status == 501:
            problem, following = "the service does not know this request (501)", _UNKNOWN
        return kind(
            f"{doing}: {problem}",
            said=said,
            next=following,
            status=status,
            code=fault.code,
            fields=fault.fields,
            request_id=request_id,
            method=response.request.method,
            path=response.request.url.path,
        )

    def _json(self, response: httpx.Response, doing: str) -> Any:
        if response.status_code == 204:
            return None
        try:
            return parsed(response.content)
        except ValueError:
            raise ContractError(
                f"{doing}: the answer ({response.status_code}) is not JSON",
                said=redacted(text_of(response))[:120],
            ) from None
