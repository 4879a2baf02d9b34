"""Slow and silent services: every exchange has a deadline, and an operation waits for an unreachable service once."""

from __future__ import annotations

import contextlib
import functools
import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from provider.tools.hangs import wait_until
from tests.unit.scripted_server import Answer, serve_answers
from tests.unit.test_transport import ACTION, OK, open_scripted_api

from pulumi_partnercenter import AuthError, PartnerCenterError, Unavailable
from pulumi_partnercenter.api.http.blobs import Blobs
from pulumi_partnercenter.api.http.client import ApiClient
from pulumi_partnercenter.api.http.exchange import Deadline, ExchangeTransport, is_proxied, proxy_for
from pulumi_partnercenter.api.http.outage import HOLD_SECONDS, Outage
from pulumi_partnercenter.api.http.probe import probe
from pulumi_partnercenter.api.http.sign_in import Token, _client, _MsalHttp
from pulumi_partnercenter.api.http.tokens import TokenSource
from pulumi_partnercenter.api.submission.models import Variant
from pulumi_partnercenter.api.submission.system import SUBMISSION
from pulumi_partnercenter.content.sources import text_content
from pulumi_partnercenter.settings import Settings

TIMEOUT = "0.3"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BODY = b'{"value": []}'
SLOW_ANSWERS: dict[str, Callable[[], Iterator[bytes]]] = {
    "one byte at a time": lambda: iter(
        [HEAD + b"Content-Length: 8013\r\n\r\n", *([b" "] * 8000), *(bytes([byte]) for byte in BODY)]
    ),
    "slow headers": lambda: iter(
        [*(bytes([byte]) for byte in HEAD + b"X-Padding: " + b"a" * 8000), b"\r\nContent-Length: 2\r\n\r\n{}"]
    ),
    "informational answers": lambda: iter(
        [*([b"HTTP/1.1 103 Early Hints\r\n\r\n"] * 8000), HEAD + b"Content-Length: 2\r\n\r\n{}"]
    ),
}
"""Valid answers in pieces, which the server sends at intervals of 50 ms."""


@dataclass
class SlowServer:
    url: str
    requests: list[bytes] = field(default_factory=list)


@contextmanager
def serve_slowly(pieces: Callable[[], Iterator[bytes]]) -> Iterator[SlowServer]:
    """A server that sends the pieces slowly to every client."""
    listener, closing = socket.create_server(("127.0.0.1", 0)), threading.Event()
    server = SlowServer(f"http://127.0.0.1:{listener.getsockname()[1]}")
    threads: list[threading.Thread] = []

    def answer(peer: socket.socket) -> None:
        with peer, contextlib.suppress(OSError):
            server.requests.append(peer.recv(65536))
            for piece in pieces():
                peer.sendall(piece)
                if closing.wait(0.05):
                    return

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = listener.accept()
                threads.append(threading.Thread(target=answer, args=(peer,)))
                threads[-1].start()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield server
    finally:
        closing.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join()
        for thread in threads:
            thread.join()


def load_settings(url: str, timeout: str = TIMEOUT) -> Settings:
    config = {
        "partnercenter:endpoint": url,
        "partnercenter:accessToken": "t0ken-of-contoso",
        "partnercenter:timeoutSeconds": timeout,
    }
    return Settings.load(config, {})


@contextmanager
def open_client(url: str, timeout: str = TIMEOUT, source: TokenSource | None = None) -> Iterator[ApiClient]:
    settings = load_settings(url, timeout)
    client = ApiClient(
        settings, SUBMISSION, source or TokenSource(settings, SUBMISSION.audience), sleep=lambda _: None
    )
    try:
        yield client
    finally:
        client.close()


@contextmanager
def open_blobs(url: str, timeout: str) -> Iterator[Blobs]:
    blobs = Blobs(load_settings(url, timeout), SUBMISSION, sleep=lambda _: None, progress=lambda _: None)
    try:
        yield blobs
    finally:
        blobs.close()


def get_products(url: str, timeout: str) -> None:
    with open_client(url, timeout) as client:
        client.get("products", ACTION)


def get_products_without_retries(url: str, timeout: str) -> None:
    settings = load_settings(url, timeout)
    client = ApiClient(settings, SUBMISSION, TokenSource(settings, SUBMISSION.audience), retries=False)
    with contextlib.closing(client):
        client.get("products", ACTION)


def sign_in(url: str, timeout: str) -> None:
    settings = load_settings(url, timeout)
    with _client(settings) as client:
        _MsalHttp(client, settings).send("GET", f"{url}/openid-configuration")


def get_managed_identity(url: str, timeout: str) -> None:
    settings = load_settings(url, timeout)
    with _client(settings, direct=True) as client:
        _MsalHttp(client, settings).send("GET", f"{url}/metadata/identity")


def upload(url: str, timeout: str) -> None:
    with open_blobs(url, timeout) as blobs:
        blobs.upload(f"{url}/a?sig=b", text_content("bytes"), ACTION)


def digest(url: str, timeout: str) -> None:
    with open_blobs(url, timeout) as blobs:
        blobs.digest(f"{url}/a?sig=b", ACTION)


def run_probe(url: str) -> None:
    probe(load_settings(url), url, float(TIMEOUT))


EXCHANGES: dict[str, Callable[[str, str], None]] = {
    "api": get_products,
    "impatient api": get_products_without_retries,
    "sign-in": sign_in,
    "metadata": get_managed_identity,
    "upload": upload,
    "digest": digest,
}


class TestSlowAnswers:
    @pytest.mark.parametrize("exchange", EXCHANGES)
    @pytest.mark.parametrize("answer", SLOW_ANSWERS)
    def test_a_slow_answer_ends_at_the_timeout(self, answer: str, exchange: str) -> None:
        """Every answer is valid, but would be complete only after the timeout."""
        with serve_slowly(SLOW_ANSWERS[answer]) as server:
            with pytest.raises((Unavailable, AuthError), match="no answer"):
                EXCHANGES[exchange](server.url, TIMEOUT)
            assert wait_until(lambda: bool(server.requests))
            assert len(server.requests) <= 3

    @pytest.mark.parametrize("answer", ["slow headers", "informational answers"])
    def test_a_probe_of_a_slow_service_ends_at_the_timeout(self, answer: str) -> None:
        with (
            serve_slowly(SLOW_ANSWERS[answer]) as server,
            pytest.raises(Unavailable, match="no answer within"),
        ):
            run_probe(server.url)

    def test_an_answer_within_the_timeout_is_returned(self) -> None:
        pieces = [HEAD + b"Content-Length: 13\r\n\r\n", *(bytes([byte]) for byte in BODY)]
        with serve_slowly(lambda: iter(pieces)) as server, open_client(server.url, "60") as client:
            assert client.get("products", ACTION).body == {"value": []}


class TestDeadline:
    def test_a_deadline_is_not_extended_by_received_bytes(self) -> None:
        now = itertools.count()
        deadline = Deadline(10, clock=lambda: float(next(now)))
        deadline.count(1 << 30)
        assert [deadline.remaining() for _ in range(3)] == [9, 8, 7]

    def test_the_deadline_of_a_transfer_is_extended_by_enough_progress_only(self) -> None:
        time = 0.0
        deadline = Deadline(10, progress_bytes=1000, clock=lambda: time)
        time = 6
        deadline.count(999)
        assert deadline.remaining() == 4
        deadline.count(1)
        assert deadline.remaining() == 10

    def test_an_upload_with_progress_may_take_longer_than_the_timeout(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The clock advances by a second at every read."""
        ticks = itertools.count()
        deadline_class = functools.partial(Deadline, clock=lambda: float(next(ticks)))
        monkeypatch.setattr("pulumi_partnercenter.api.http.exchange.Deadline", deadline_class)
        with serve_answers(Answer(201)) as script:
            settings = load_settings(script.url, "200")
            large = text_content(bytes(8 << 20))
            blobs = Blobs(settings, SUBMISSION, sleep=lambda _: None, progress=lambda _: None)
            blobs.upload(f"{script.url}/a?sig=b", large, ACTION)
            blobs.close()
            assert next(ticks) > 400
            assert len(script.requests) == 1


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


CALLS: dict[str, Callable[[ApiClient], Any]] = {
    "get": lambda client: client.get("products/a", ACTION),
    "put": lambda client: client.put("products/a", ACTION, {}, etag='"1"'),
    "delete": lambda client: client.delete("products/a", ACTION),
    "post": lambda client: client.post("products", ACTION, {}),
    "upsert": lambda client: client.upsert("products", ACTION, {}),
    "make": lambda client: client.create("products", ACTION, {}, Variant, find=lambda: None),
    "make and look": lambda client: client.create(
        "products", ACTION, {}, Variant, find=lambda: client.get("products/a", ACTION)
    ),
}


class TestRetries:
    @pytest.mark.parametrize("call", CALLS)
    def test_retries_do_not_nest(self, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Every kind of call makes six attempts at a closed port."""
        attempts: list[str] = []
        send = httpx.HTTPTransport.handle_request

        def count_attempt(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
            attempts.append(request.method)
            return send(transport, request)

        monkeypatch.setattr(httpx.HTTPTransport, "handle_request", count_attempt)
        with open_client(closed_port(), "60") as client, pytest.raises(Unavailable, match="no answer"):
            CALLS[call](client)
        assert 2 <= len(attempts) <= 6

    @pytest.mark.parametrize("call", ["upsert", "make", "make and look"])
    def test_answers_of_a_gateway_count_as_attempts(self, call: str) -> None:
        with serve_answers(Answer(503)) as script, open_client(script.url, "60") as client:
            with pytest.raises(Unavailable, match="503"):
                CALLS[call](client)
            assert len(script.requests) == 6

    @pytest.mark.parametrize("call", CALLS)
    def test_a_silent_service_is_tried_for_two_timeouts(self, call: str) -> None:
        """The endpoint accepts connections and never answers."""
        with serve_slowly(lambda: iter([b""] * 8000)) as server, open_client(server.url) as client:
            with pytest.raises(Unavailable, match="in time"):
                CALLS[call](client)
            assert len(server.requests) <= 3


ACTIONS = [f"offer contoso-{number}: read" for number in range(40)]


def read_forty_times(client: ApiClient) -> list[PartnerCenterError]:
    """Read forty times. Return the errors."""
    errors = []
    for action in ACTIONS:
        with pytest.raises(PartnerCenterError) as error:
            client.get("products/a", action)
        errors.append(error.value)
    return errors


class TestOutage:
    def test_an_unreachable_endpoint_is_tried_for_the_first_resource_only(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        attempts: list[str] = []
        send = httpx.HTTPTransport.handle_request

        def count_attempt(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
            attempts.append(request.method)
            return send(transport, request)

        monkeypatch.setattr(httpx.HTTPTransport, "handle_request", count_attempt)
        with open_client(closed_port(), "60") as client:
            errors = read_forty_times(client)
        assert len(attempts) <= 6
        assert {type(error) for error in errors} == {Unavailable}
        messages = {str(error).removeprefix(action) for error, action in zip(errors, ACTIONS, strict=True)}
        assert len(messages) == 1
        assert messages.pop().startswith(": no answer from http://127.0.0.1")

    def test_a_silent_endpoint_is_tried_for_the_first_resource_only(self) -> None:
        with serve_slowly(lambda: iter([b""] * 8000)) as server, open_client(server.url) as client:
            assert {type(error) for error in read_forty_times(client)} == {Unavailable}
            assert len(server.requests) <= 3

    def test_a_refused_token_is_sent_once(self) -> None:
        with serve_answers(Answer(401, "who are you?")) as script, open_client(script.url, "60") as client:
            errors = read_forty_times(client)
            assert len(script.requests) == 1
        assert {type(error) for error in errors} == {AuthError}
        assert all(str(error).startswith(action) for error, action in zip(errors, ACTIONS, strict=True))
        assert len({str(error).split(": ", 2)[2] for error in errors}) == 1

    def test_a_failing_sign_in_is_tried_once(self) -> None:
        fetches: list[str] = []

        def fetch(*_: Any) -> Token:
            fetches.append("")
            raise AuthError("sign-in: no answer from login.example.com (ConnectTimeout)", next="check it")

        with serve_answers(OK) as script:
            source = TokenSource(Settings.load({}, {}), SUBMISSION.audience, fetch=fetch)
            with open_client(script.url, source=source) as client:
                errors = read_forty_times(client)
            assert script.requests == []
        assert len(fetches) == 1
        assert {str(error) for error in errors} == {
            "sign-in: no answer from login.example.com (ConnectTimeout)\n  next: check it"
        }

    @pytest.mark.parametrize("status", [400, 403, 404, 409, 429, 500, 503])
    def test_an_answer_is_no_outage(self, status: int) -> None:
        with open_scripted_api(*[Answer(status)] * (6 if status == 429 else 1), OK) as api:
            with pytest.raises(PartnerCenterError):
                api.client.post("products", ACTION, {})
            assert api.client.get("products/a", ACTION).body == {"fine": True}

    def test_a_401_after_a_successful_request_is_no_outage(self) -> None:
        with open_scripted_api(OK, Answer(401), OK) as api:
            api.client.get("products/a", ACTION)
            with pytest.raises(AuthError):
                api.client.get("products/a", ACTION)
            assert api.client.get("products/a", ACTION).body == {"fine": True}

    def test_an_outage_ends_after_its_time_or_with_an_answer(self) -> None:
        time = 0.0
        outage, error = Outage(clock=lambda: time), Unavailable("a: read: no answer")
        outage.begin(error, "a: read", outage.answers)
        with pytest.raises(Unavailable, match="b: read: no answer"):
            outage.check("b: read")
        time = HOLD_SECONDS
        outage.check("b: read")

        outage.begin(error, "a: read", outage.answers)
        outage.end()
        outage.check("b: read")

        # Another request was answered after this request began.
        outage.begin(error, "a: read", outage.answers - 1)
        outage.check("b: read")

    def test_a_single_lost_connection_is_no_outage(self) -> None:
        """The service is reachable: other requests may succeed."""
        with open_scripted_api(Answer(drop=True), OK) as api:
            with pytest.raises(Unavailable):
                api.client.post("products", ACTION, {})
            assert api.client.get("products/a", ACTION).body == {"fine": True}


class TestConnections:
    @pytest.mark.parametrize(
        "answer",
        [
            Answer(200, b"{}", {"Content-Encoding": "br"}),
            Answer(200, b"no gzip", {"Content-Encoding": "gzip"}),
            Answer(200, b"half of it", {"Content-Length": "9999", "Connection": "close"}),
            Answer(404, b"{"),
            Answer(200, b"<html>"),
        ],
        ids=["encoding", "gzip", "length", "404", "html"],
    )
    @pytest.mark.parametrize("retries", [True, False])
    def test_an_unreadable_answer_returns_its_connection(self, answer: Answer, retries: bool) -> None:
        """There are more answers than connections: if each kept its connection, the last request would have none."""
        with serve_answers(answer) as script:
            settings = load_settings(script.url, "5")
            client = ApiClient(
                settings,
                SUBMISSION,
                TokenSource(settings, SUBMISSION.audience),
                sleep=lambda _: None,
                retries=retries,
            )
            with contextlib.closing(client):
                for _ in range(10):
                    with pytest.raises(PartnerCenterError):
                        client.get("products/a", ACTION)
                script.answers = [OK]
                assert client.get("products/a", ACTION).body == {"fine": True}


LOCAL_HOSTS = [
    "localhost",
    "api.localhost",
    "127.0.0.1",
    "127.1.2.3",
    "127.1",
    "::1",
    "169.254.169.254",
    "169.254.170.2",
    "fe80::1",
    "fd00:ec2::254",
    "100.100.100.200",
    "0.0.0.0",
]


class TestProxies:
    @pytest.fixture(autouse=True)
    def _proxied(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, "http://proxy.example.com:3128")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)

    @pytest.mark.parametrize("host", LOCAL_HOSTS)
    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_no_proxy_is_used_for_local_and_metadata_addresses(self, scheme: str, host: str) -> None:
        name = f"[{host}]" if ":" in host else host
        assert proxy_for(httpx.URL(f"{scheme}://{name}:4010/metadata")) is None
        assert not is_proxied(host)

    @pytest.mark.parametrize("host", ["api.partner.microsoft.com", "10.0.0.7", "100.100.100.201", "1.1.1.1"])
    def test_the_proxy_is_used_for_other_hosts(self, host: str) -> None:
        assert proxy_for(httpx.URL(f"https://{host}/a")) == "http://proxy.example.com:3128"

    @pytest.mark.parametrize("exchange", EXCHANGES)
    def test_no_exchange_with_a_local_service_uses_the_proxy(
        self, exchange: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with serve_answers(Answer(407, b"")) as proxy, serve_answers(Answer(200, {})) as script:
            for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
                monkeypatch.setenv(name, proxy.url)
            EXCHANGES[exchange](script.url, "60")
            assert (len(script.requests), proxy.requests) == (1, [])

    def test_a_managed_identity_is_requested_without_proxy_at_any_address(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A platform may name an address that is neither local nor a metadata address."""
        resolve = socket.getaddrinfo
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda host, *rest, **more: resolve("127.0.0.1", *rest, **more)
        )
        body = {"access_token": "t0ken", "expires_on": "4000000000", "resource": "a", "token_type": "Bearer"}
        with serve_answers(Answer(407, b"")) as proxy, serve_answers(Answer(200, body)) as script:
            for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
                monkeypatch.setenv(name, proxy.url)
            port = httpx.URL(script.url).port
            monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://identity.example.com:{port}/token")
            monkeypatch.setenv("IDENTITY_HEADER", "h3ader")
            tokens = TokenSource(Settings.load({}, {"ARM_USE_MSI": "true"}), SUBMISSION.audience)
            assert tokens.token() == "t0ken"
            assert (len(script.requests), proxy.requests) == (1, [])

    def test_the_configured_proxy_is_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with serve_answers(Answer(200, {})) as proxy:
            for name in ("HTTP_PROXY", "http_proxy"):
                monkeypatch.setenv(name, proxy.url)
            transport = ExchangeTransport(load_settings("http://contoso.example.com", "5"))
            with httpx.Client(transport=transport) as client:
                assert client.get("http://contoso.example.com/a").status_code == 200
            assert [request.path for request in proxy.requests] == ["http://contoso.example.com/a"]
