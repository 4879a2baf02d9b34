"""Services that answer slowly, or not at all: every exchange has an end, and an operation meets an outage once."""

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
from tests.unit.scripted import Answer, serving
from tests.unit.test_transport import DOING, OK, opened

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
SLOW: dict[str, Callable[[], Iterator[bytes]]] = {
    "one byte at a time": lambda: iter(
        [HEAD + b"Content-Length: 93\r\n\r\n", *([b" "] * 80), *(bytes([byte]) for byte in BODY)]
    ),
    "slow headers": lambda: iter(
        [*(bytes([byte]) for byte in HEAD + b"X-Padding: " + b"a" * 60), b"\r\nContent-Length: 2\r\n\r\n{}"]
    ),
    "informational answers": lambda: iter(
        [*([b"HTTP/1.1 103 Early Hints\r\n\r\n"] * 90), HEAD + b"Content-Length: 2\r\n\r\n{}"]
    ),
}
"""What arrives, a piece each twentieth of a second: whole answers, for those who wait for them."""


@dataclass
class Drip:
    url: str
    asked: list[bytes] = field(default_factory=list)


@contextmanager
def dripping(pieces: Callable[[], Iterator[bytes]]) -> Iterator[Drip]:
    """A server that sends the pieces slowly to whoever connects."""
    listener, closing = socket.create_server(("127.0.0.1", 0)), threading.Event()
    drip = Drip(f"http://127.0.0.1:{listener.getsockname()[1]}")
    threads: list[threading.Thread] = []

    def answer(peer: socket.socket) -> None:
        with peer, contextlib.suppress(OSError):
            drip.asked.append(peer.recv(65536))
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

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield drip
    finally:
        closing.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for thread in threads:
            thread.join()


def settings_of(url: str, timeout: str = TIMEOUT) -> Settings:
    config = {
        "partnercenter:endpoint": url,
        "partnercenter:accessToken": "t0ken-of-contoso",
        "partnercenter:timeoutSeconds": timeout,
    }
    return Settings.load(config, {})


@contextmanager
def door_to(url: str, timeout: str = TIMEOUT, source: TokenSource | None = None) -> Iterator[ApiClient]:
    settings = settings_of(url, timeout)
    door = ApiClient(
        settings, SUBMISSION, source or TokenSource(settings, SUBMISSION.audience), sleep=lambda _: None
    )
    try:
        yield door
    finally:
        door.close()


@contextmanager
def blobs_of(url: str) -> Iterator[Blobs]:
    blobs = Blobs(settings_of(url), SUBMISSION, sleep=lambda _: None, progress=lambda _: None)
    try:
        yield blobs
    finally:
        blobs.close()


def api(url: str) -> None:
    with door_to(url) as door:
        door.get("products", DOING)


def impatient_api(url: str) -> None:
    settings = settings_of(url)
    door = ApiClient(settings, SUBMISSION, TokenSource(settings, SUBMISSION.audience), retries=False)
    with contextlib.closing(door):
        door.get("products", DOING)


def sign_in(url: str) -> None:
    settings = settings_of(url)
    with _client(settings) as client:
        _MsalHttp(client, settings).send("GET", f"{url}/openid-configuration")


def metadata(url: str) -> None:
    settings = settings_of(url)
    with _client(settings, direct=True) as client:
        _MsalHttp(client, settings).send("GET", f"{url}/metadata/identity")


def upload(url: str) -> None:
    with blobs_of(url) as blobs:
        blobs.upload(f"{url}/a?sig=b", text_content("bytes"), DOING)


def digest(url: str) -> None:
    with blobs_of(url) as blobs:
        blobs.digest(f"{url}/a?sig=b", DOING)


def reached(url: str) -> None:
    probe(settings_of(url), url, float(TIMEOUT))


EXCHANGES: dict[str, Callable[[str], None]] = {
    "api": api,
    "impatient api": impatient_api,
    "sign-in": sign_in,
    "metadata": metadata,
    "upload": upload,
    "digest": digest,
}


class TestSlowAnswers:
    @pytest.mark.parametrize("exchange", EXCHANGES)
    @pytest.mark.parametrize("way", SLOW)
    def test_none_lasts_longer_than_the_timeout(self, way: str, exchange: str) -> None:
        """Each of these answers comes to its end, and is right, for whoever has no deadline."""
        with dripping(SLOW[way]) as drip:
            with pytest.raises((Unavailable, AuthError), match="no answer"):
                EXCHANGES[exchange](drip.url)
            assert 1 <= len(drip.asked) <= 3

    @pytest.mark.parametrize("way", ["slow headers", "informational answers"])
    def test_nobody_is_reached_later_than_that(self, way: str) -> None:
        with dripping(SLOW[way]) as drip, pytest.raises(Unavailable, match="no answer within"):
            reached(drip.url)

    def test_an_answer_in_time_is_taken(self) -> None:
        pieces = [HEAD + b"Content-Length: 13\r\n\r\n", *(bytes([byte]) for byte in BODY)]
        with dripping(lambda: iter(pieces)) as drip, door_to(drip.url, "60") as door:
            assert door.get("products", DOING).body == {"value": []}


class TestDeadline:
    def test_it_gets_shorter_and_nothing_renews_it(self) -> None:
        now = itertools.count()
        deadline = Deadline(10, clock=lambda: float(next(now)))
        deadline.count(1 << 30)
        assert [deadline.remaining() for _ in range(3)] == [9, 8, 7]

    def test_progress_of_a_transfer_renews_it_and_less_does_not(self) -> None:
        time = 0.0
        deadline = Deadline(10, progress_bytes=1000, clock=lambda: time)
        time = 6
        deadline.count(999)
        assert deadline.remaining() == 4
        deadline.count(1)
        assert deadline.remaining() == 10

    def test_an_upload_that_moves_may_take_longer_than_the_timeout(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A clock that jumps by half a timeout with each piece that is sent."""
        ticks = itertools.count()
        jumping = functools.partial(Deadline, clock=lambda: float(next(ticks)))
        monkeypatch.setattr("pulumi_partnercenter.api.http.exchange.Deadline", jumping)
        with serving(Answer(201)) as script:
            settings = settings_of(script.url, "200")
            large = text_content(bytes(8 << 20))
            blobs = Blobs(settings, SUBMISSION, sleep=lambda _: None, progress=lambda _: None)
            blobs.upload(f"{script.url}/a?sig=b", large, DOING)
            blobs.close()
            assert next(ticks) > 400
            assert len(script.asked) == 1


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


CALLS: dict[str, Callable[[ApiClient], Any]] = {
    "get": lambda door: door.get("products/a", DOING),
    "put": lambda door: door.put("products/a", DOING, {}, etag='"1"'),
    "delete": lambda door: door.delete("products/a", DOING),
    "post": lambda door: door.post("products", DOING, {}),
    "upsert": lambda door: door.upsert("products", DOING, {}),
    "make": lambda door: door.create("products", DOING, {}, Variant, find=lambda: None),
    "make and look": lambda door: door.create(
        "products", DOING, {}, Variant, find=lambda: door.get("products/a", DOING)
    ),
}


class TestRetries:
    @pytest.mark.parametrize("call", CALLS)
    def test_they_do_not_nest(self, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Six attempts at a port where nobody listens, whatever is asked for."""
        tries: list[str] = []
        send = httpx.HTTPTransport.handle_request

        def counted(wire: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
            tries.append(request.method)
            return send(wire, request)

        monkeypatch.setattr(httpx.HTTPTransport, "handle_request", counted)
        with door_to(closed_port(), "60") as door, pytest.raises(Unavailable, match="no answer"):
            CALLS[call](door)
        assert 2 <= len(tries) <= 6

    @pytest.mark.parametrize("call", ["upsert", "make", "make and look"])
    def test_answers_of_a_gateway_count_with_them(self, call: str) -> None:
        with serving(Answer(503)) as script, door_to(script.url, "60") as door:
            with pytest.raises(Unavailable, match="503"):
                CALLS[call](door)
            assert len(script.asked) == 6

    @pytest.mark.parametrize("call", CALLS)
    def test_silence_is_borne_for_two_timeouts(self, call: str) -> None:
        """An endpoint that takes connections and says nothing; without a bound each call would ask six times."""
        with dripping(lambda: iter([b""] * 200)) as drip, door_to(drip.url) as door:
            with pytest.raises(Unavailable, match="in time"):
                CALLS[call](door)
            assert len(drip.asked) <= 3


FORTY = [f"offer contoso-{number}: read" for number in range(40)]


def refreshed(door: ApiClient) -> list[PartnerCenterError]:
    """What forty reads end with."""
    errors = []
    for doing in FORTY:
        with pytest.raises(PartnerCenterError) as error:
            door.get("products/a", doing)
        errors.append(error.value)
    return errors


class TestOutage:
    def test_a_dead_endpoint_is_asked_for_the_first_resource_only(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tries: list[str] = []
        send = httpx.HTTPTransport.handle_request

        def counted(wire: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
            tries.append(request.method)
            return send(wire, request)

        monkeypatch.setattr(httpx.HTTPTransport, "handle_request", counted)
        with door_to(closed_port(), "60") as door:
            errors = refreshed(door)
        assert len(tries) <= 6
        assert {type(error) for error in errors} == {Unavailable}
        words = {str(error).removeprefix(doing) for error, doing in zip(errors, FORTY, strict=True)}
        assert len(words) == 1
        assert words.pop().startswith(": no answer from http://127.0.0.1")

    def test_so_is_a_silent_one(self) -> None:
        with dripping(lambda: iter([b""] * 200)) as drip, door_to(drip.url) as door:
            assert {type(error) for error in refreshed(door)} == {Unavailable}
            assert len(drip.asked) <= 3

    def test_a_refused_token_is_sent_once(self) -> None:
        with serving(Answer(401, "who are you?")) as script, door_to(script.url) as door:
            errors = refreshed(door)
            assert len(script.asked) == 1
        assert {type(error) for error in errors} == {AuthError}
        assert all(str(error).startswith(doing) for error, doing in zip(errors, FORTY, strict=True))
        assert len({str(error).split(": ", 2)[2] for error in errors}) == 1

    def test_a_failing_sign_in_is_tried_once(self) -> None:
        fetched: list[str] = []

        def fetch(*_: Any) -> Token:
            fetched.append("")
            raise AuthError("sign-in: no answer from login.example.com (ConnectTimeout)", next="check it")

        with serving(OK) as script:
            source = TokenSource(Settings.load({}, {}), SUBMISSION.audience, fetch=fetch)
            with door_to(script.url, source=source) as door:
                errors = refreshed(door)
            assert script.asked == []
        assert len(fetched) == 1
        assert {str(error) for error in errors} == {
            "sign-in: no answer from login.example.com (ConnectTimeout)\n  next: check it"
        }

    @pytest.mark.parametrize("status", [400, 403, 404, 409, 429, 500, 503])
    def test_an_answer_is_no_outage(self, status: int) -> None:
        with opened(*[Answer(status)] * (6 if status == 429 else 1), OK) as way:
            with pytest.raises(PartnerCenterError):
                way.door.post("products", DOING, {})
            assert way.door.get("products/a", DOING).body == {"fine": True}

    def test_a_401_is_none_once_somebody_was_let_in(self) -> None:
        with opened(OK, Answer(401), OK) as way:
            way.door.get("products/a", DOING)
            with pytest.raises(AuthError):
                way.door.get("products/a", DOING)
            assert way.door.get("products/a", DOING).body == {"fine": True}

    def test_it_passes_and_whoever_is_answered_meanwhile_ends_it(self) -> None:
        time = 0.0
        outage, lost = Outage(clock=lambda: time), Unavailable("a: read: no answer")
        outage.begin(lost, "a: read", outage.answers)
        with pytest.raises(Unavailable, match="b: read: no answer"):
            outage.check("b: read")
        time = HOLD_SECONDS
        outage.check("b: read")

        outage.begin(lost, "a: read", outage.answers)
        outage.end()
        outage.check("b: read")

        outage.begin(lost, "a: read", outage.answers - 1)  # somebody was answered while this one waited
        outage.check("b: read")

    def test_a_lost_connection_alone_is_none(self) -> None:
        """Somebody is there: a request that is cut says nothing about the others."""
        with opened(Answer(cut=True), OK) as way:
            with pytest.raises(Unavailable):
                way.door.post("products", DOING, {})
            assert way.door.get("products/a", DOING).body == {"fine": True}


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
    @pytest.mark.parametrize("is_patient", [True, False])
    def test_an_answer_that_cannot_be_read_gives_its_connection_back(
        self, answer: Answer, is_patient: bool
    ) -> None:
        """More such answers than there are connections; one that was kept would leave none for the last request."""
        with serving(answer) as script:
            settings = settings_of(script.url, "5")
            door = ApiClient(
                settings,
                SUBMISSION,
                TokenSource(settings, SUBMISSION.audience),
                sleep=lambda _: None,
                retries=is_patient,
            )
            with contextlib.closing(door):
                for _ in range(10):
                    with pytest.raises(PartnerCenterError):
                        door.get("products/a", DOING)
                script.answers = [OK]
                assert door.get("products/a", DOING).body == {"fine": True}


HERE = [
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

    @pytest.mark.parametrize("host", HERE)
    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_none_reaches_this_machine_and_its_metadata(self, scheme: str, host: str) -> None:
        name = f"[{host}]" if ":" in host else host
        assert proxy_for(httpx.URL(f"{scheme}://{name}:4010/metadata")) is None
        assert not is_proxied(host)

    @pytest.mark.parametrize("host", ["api.partner.microsoft.com", "10.0.0.7", "100.100.100.201", "1.1.1.1"])
    def test_one_reaches_everybody_else(self, host: str) -> None:
        assert proxy_for(httpx.URL(f"https://{host}/a")) == "http://proxy.example.com:3128"

    @pytest.mark.parametrize("exchange", EXCHANGES)
    def test_no_exchange_here_goes_through_one(self, exchange: str, monkeypatch: pytest.MonkeyPatch) -> None:
        with serving(Answer(407, b"")) as proxy, serving(Answer(200, {})) as script:
            for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
                monkeypatch.setenv(name, proxy.url)
            EXCHANGES[exchange](script.url)
            assert (len(script.asked), proxy.asked) == (1, [])

    def test_one_that_is_named_is_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with serving(Answer(200, {})) as proxy:
            for name in ("HTTP_PROXY", "http_proxy"):
                monkeypatch.setenv(name, proxy.url)
            transport = ExchangeTransport(settings_of("http://contoso.example.com", "5"))
            with httpx.Client(transport=transport) as client:
                assert client.get("http://contoso.example.com/a").status_code == 200
            assert [asked.path for asked in proxy.asked] == ["http://contoso.example.com/a"]
