"""Parts of the HTTP client that need no server: deadlines, proxies, retries, polls, outages, addresses, bodies."""

from __future__ import annotations

import gzip
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest

from pulumi_partnercenter import AuthError, ContractError, SettingsError, Unavailable
from pulumi_partnercenter.api.http import exchange, hardening, retry
from pulumi_partnercenter.api.http.exchange import Deadline, is_proxied, load_trust, proxy_for
from pulumi_partnercenter.api.http.hardening import parse_json, read_body, require_safe_address
from pulumi_partnercenter.api.http.outage import Outage
from pulumi_partnercenter.api.http.retry import PollPolicy, RetryPolicy, TransientResponse
from pulumi_partnercenter.messages import redacted
from pulumi_partnercenter.settings import Settings
from pulumi_partnercenter.strict_json import NestedTooDeeply

ACTION = "package app.zip: upload"


class Clock:
    """Seconds that only a test moves."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


class TestDeadline:
    def test_time_passes_and_bytes_do_not_renew_it(self, clock: Clock) -> None:
        deadline = Deadline(10, clock=clock)
        clock.seconds += 4
        deadline.count(1 << 30)
        assert deadline.remaining() == 6

    def test_a_transfer_renews_it_each_time_that_enough_bytes_have_passed(self, clock: Clock) -> None:
        deadline = Deadline(10, progress_bytes=100, clock=clock)
        clock.seconds += 4
        deadline.count(99)
        assert deadline.remaining() == 6
        deadline.count(1)
        assert deadline.remaining() == 10
        clock.seconds += 4
        deadline.count(99)
        assert deadline.remaining() == 6

    @pytest.mark.parametrize(("given", "expected"), [(None, 10), (3, 3), (30, 10), (0, 0)])
    def test_connecting_has_a_bound_of_its_own(self, given: float | None, expected: float) -> None:
        assert Deadline(10, connect_seconds=given).connect_seconds == expected


class Inner:
    """A connection that records the timeout of each operation."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def read(self, max_bytes: int, timeout: float | None) -> bytes:
        self.calls.append(("read", max_bytes, timeout))
        return b"x" * max_bytes

    def write(self, buffer: bytes, timeout: float | None) -> None:
        self.calls.append(("write", len(buffer), timeout))

    def close(self) -> None:
        self.calls.append(("close",))

    def start_tls(self, context: Any, hostname: str | None, timeout: float | None) -> Any:
        self.calls.append(("start_tls", context, hostname, timeout))
        return self

    def get_extra_info(self, info: str) -> str:
        return f"{info}?"

    def connect_tcp(self, *arguments: Any) -> Any:
        self.calls.append(("connect_tcp", *arguments))
        return self


class TestConnections:
    @pytest.fixture
    def inner(self) -> Inner:
        return Inner()

    def stream(self, inner: Any) -> exchange._Stream:
        return exchange._Stream(inner)

    def test_every_operation_gets_the_time_that_is_left(self, inner: Inner, clock: Clock) -> None:
        context: Any = object()
        with exchange._use_deadline(Deadline(10, clock=clock)):
            clock.seconds += 1
            assert self.stream(inner).read(5, 30) == b"xxxxx"
            self.stream(inner).read(5, 2)
            self.stream(inner).write(b"12345", None)
            secured = self.stream(inner).start_tls(context, "example.com", 30)
        assert isinstance(secured, exchange._Stream)
        assert inner.calls == [
            ("read", 5, 9),
            ("read", 5, 2),
            ("write", 5, 9),
            ("start_tls", context, "example.com", 9),
        ]

    def test_large_writes_go_in_slices_and_count_as_progress(self, inner: Inner, clock: Clock) -> None:
        deadline = Deadline(10, progress_bytes=20_000, clock=clock)
        with exchange._use_deadline(deadline):
            clock.seconds += 4
            self.stream(inner).write(bytes(40_000), None)
        assert inner.calls == [("write", 16_384, 6), ("write", 16_384, 6), ("write", 7_232, 10)]

    def test_reads_count_as_progress(self, inner: Inner, clock: Clock) -> None:
        deadline = Deadline(10, progress_bytes=100, clock=clock)
        with exchange._use_deadline(deadline):
            clock.seconds += 4
            self.stream(inner).read(100, None)
        assert deadline.remaining() == 10

    @pytest.mark.parametrize(
        ("operation", "error"),
        [
            (lambda stream: stream.read(1, None), httpcore.ReadTimeout),
            (lambda stream: stream.write(b"1", None), httpcore.WriteTimeout),
            (lambda stream: stream.start_tls(None, None, None), httpcore.ConnectTimeout),
        ],
    )
    def test_an_operation_after_the_deadline_is_not_started(
        self, inner: Inner, clock: Clock, operation: Callable[[Any], object], error: type[Exception]
    ) -> None:
        with exchange._use_deadline(Deadline(2.5, clock=clock)):
            clock.seconds += 2.5
            with pytest.raises(error, match=r"^not done within 2\.5 s$"):
                operation(self.stream(inner))
        assert inner.calls == []

    def test_a_connection_is_used_inside_of_an_exchange_only(self, inner: Inner) -> None:
        with pytest.raises(RuntimeError, match="outside of an exchange"):
            self.stream(inner).read(1, 1)

    def test_a_stream_with_a_deadline_passes_other_calls_on(self, inner: Inner) -> None:
        assert self.stream(inner).get_extra_info("socket") == "socket?"
        self.stream(inner).close()
        assert inner.calls == [("close",)]

    def test_connecting_gets_the_least_of_its_bounds(self, inner: Inner, clock: Clock) -> None:
        backend = exchange._Backend()
        backend._inner = inner  # type: ignore[assignment]
        for connect_seconds, timeout in ((3, 9), (30, 9), (None, None)):
            with exchange._use_deadline(Deadline(10, connect_seconds=connect_seconds, clock=clock)):
                backend.connect_tcp("example.com", 443, timeout, "127.0.0.1", [])
        assert inner.calls == [
            ("connect_tcp", "example.com", 443, seconds, "127.0.0.1", []) for seconds in (3, 9, 10)
        ]


class TestProxies:
    @pytest.mark.parametrize(
        "host",
        [
            "localhost",
            "a.localhost",
            "127.0.0.1",
            "127.1",
            "2130706433",
            "::1",
            "0.0.0.0",
            "169.254.169.254",
            "100.100.100.200",
            "fd00:ec2::254",
        ],
    )
    def test_this_machine_and_its_metadata_are_reached_directly(self, host: str) -> None:
        assert not is_proxied(host)

    @pytest.mark.parametrize("host", ["example.com", "localhost.example.com", "192.0.2.1", "10.0.0.1"])
    def test_other_hosts_may_be_reached_through_a_proxy(self, host: str) -> None:
        assert is_proxied(host)

    @pytest.fixture
    def environment(self, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
        for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.upper(), raising=False)
        return monkeypatch

    @pytest.mark.parametrize(
        ("variables", "proxy"),
        [
            ({}, None),
            ({"https_proxy": "http://proxy.example.com:3128"}, "http://proxy.example.com:3128"),
            ({"https_proxy": "https://proxy.example.com"}, "https://proxy.example.com"),
            ({"https_proxy": "proxy.example.com:3128"}, "http://proxy.example.com:3128"),
            ({"all_proxy": "http://all.example.com"}, "http://all.example.com"),
            ({"http_proxy": "http://plain.example.com"}, None),
            ({"https_proxy": "http://proxy.example.com", "no_proxy": "example.com"}, None),
        ],
    )
    def test_the_environment_names_the_proxy(
        self, environment: pytest.MonkeyPatch, variables: dict[str, str], proxy: str | None
    ) -> None:
        for name, value in variables.items():
            environment.setenv(name, value)
        assert proxy_for(httpx.URL("https://api.example.com/")) == proxy
        assert proxy_for(httpx.URL("https://127.0.0.1/")) is None

    def test_a_proxy_of_another_kind_is_refused(self, environment: pytest.MonkeyPatch) -> None:
        environment.setenv("https_proxy", "socks5://proxy.example.com")
        with pytest.raises(SettingsError) as caught:
            proxy_for(httpx.URL("https://api.example.com/"))
        assert str(caught.value) == (
            "settings: the proxy for https is of a kind that is not supported: socks5\n"
            "  next: set HTTPS_PROXY to an http:// or https:// proxy, or add the host to NO_PROXY"
        )

    def test_authorities_come_from_a_file_or_a_folder(self, tmp_path: Path) -> None:
        def load(path: Path | None) -> ssl.SSLContext | bool:
            return load_trust(Settings.load({}, {"SSL_CERT_FILE": str(path)} if path else {}))

        assert load(None) is True
        assert isinstance(load(tmp_path), ssl.SSLContext)
        (tmp_path / "empty.pem").write_text("")
        path = tmp_path / "empty.pem"
        with pytest.raises(SettingsError) as caught:
            load(path)
        assert str(caught.value).startswith(
            f"settings: no certificates readable in {path} (SSL_CERT_FILE or "
        )
        assert caught.value.next == (
            "point it at a PEM file or folder of certificate authorities, or unset it"
        )


def answer(status: int, **headers: str) -> TransientResponse:
    request = httpx.Request("GET", "https://example.com/a")
    return TransientResponse(httpx.Response(status, headers=headers, request=request))


class TestRetryPolicy:
    """Each attempt fails with the next error; a policy that gives up raises the last one."""

    def run(self, *errors: Exception, **options: Any) -> tuple[int, list[float]]:
        pauses: list[float] = []
        attempts = iter(errors)

        def attempt() -> None:
            nonlocal calls
            calls += 1
            if error := next(attempts, None):
                raise error

        calls = 0
        options = {"silence_seconds": 30, **options}
        RetryPolicy(lambda error: not isinstance(error, ValueError), sleep=pauses.append, **options)(attempt)
        return calls, pauses

    def test_retries_end_with_the_first_success(self) -> None:
        calls, pauses = self.run(answer(503), answer(503))
        assert calls == 3
        assert len(pauses) == 2

    def test_another_error_is_raised_at_once(self) -> None:
        with pytest.raises(ValueError, match="wrong"):
            self.run(ValueError("wrong"))

    def test_pauses_grow_up_to_a_bound(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("random.uniform", lambda _, highest: highest)
        _, pauses = self.run(*[answer(503)] * 9, attempts=10)
        assert pauses == [0.5, 1, 2, 4, 8, 16, 20, 20, 20]

    def test_attempts_are_bounded(self) -> None:
        with pytest.raises(TransientResponse, match=r"^GET /a: 503$"):
            self.run(*[answer(503)] * 3, attempts=3)
        assert self.run(*[answer(503)] * 2, attempts=3)[0] == 3

    def test_a_pause_ends_within_the_deadline(self) -> None:
        assert self.run(answer(429, **{"retry-after": "119"}))[1] == [119]
        with pytest.raises(TransientResponse):
            self.run(answer(429, **{"retry-after": "121"}))

    def test_pauses_add_up_to_the_deadline(self) -> None:
        with pytest.raises(TransientResponse):
            self.run(*[answer(429, **{"retry-after": "50"})] * 3)
        assert self.run(*[answer(429, **{"retry-after": "50"})] * 2)[1] == [50, 50]

    def test_silence_has_a_shorter_deadline(self) -> None:
        request = httpx.Request("GET", "https://example.com/a")
        silence = httpx.ReadTimeout("late", request=request)
        with pytest.raises(httpx.ReadTimeout):
            self.run(answer(429, **{"retry-after": "31"}), silence)
        assert self.run(answer(429, **{"retry-after": "31"}), answer(503))[0] == 3

    def test_calls_inside_of_a_call_share_its_budget(self) -> None:
        calls = 0

        def fail() -> None:
            nonlocal calls
            calls += 1
            raise answer(503)

        def outer() -> None:
            RetryPolicy(lambda _: True, sleep=lambda _: None, silence_seconds=30)(fail)

        with pytest.raises(TransientResponse):
            RetryPolicy(lambda _: True, sleep=lambda _: None, silence_seconds=30)(outer)
        assert calls == 6
        assert RetryPolicy.elapsed() == 0

    @pytest.mark.parametrize(
        ("header", "pause"),
        [("7", 7.0), ("Thu, 01 Jan 1970 00:01:00 GMT", 60.0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0)],
    )
    def test_the_service_may_ask_for_a_pause(
        self, header: str, pause: float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(retry.time, "time", lambda: 0.0)
        assert self.run(answer(503, **{"retry-after": header}))[1] == [pause]
        monkeypatch.setattr(retry.time, "time", lambda: 1e6)
        assert self.run(answer(503, **{"retry-after": "Thu, 01 Jan 1970 00:01:00 GMT"}))[1] == [0.0]

    @pytest.mark.parametrize(("seconds", "line"), [("1", "GET /a: 503; again in 1 s\n"), ("0", "")])
    def test_a_pause_of_a_second_is_reported(
        self, seconds: str, line: str, capfd: pytest.CaptureFixture[str]
    ) -> None:
        self.run(answer(503, **{"retry-after": seconds}))
        assert capfd.readouterr().err == line

    def test_silence_is_reported_with_its_request(
        self, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("random.uniform", lambda _, highest: 3 * highest)
        silence = httpx.ReadTimeout("late", request=httpx.Request("PUT", "https://example.com/a?sig=1"))
        self.run(silence)
        assert capfd.readouterr().err == "PUT /a: late; again in 2 s\n"


class TestPollPolicy:
    def poll(self, results: int, **options: Any) -> tuple[Any, list[float]]:
        pauses: list[float] = []
        numbers = iter(range(1, 10_000))
        policy = PollPolicy(
            lambda number: number >= results, sleep=pauses.append, **{"deadline_seconds": 60, **options}
        )
        return policy(lambda: next(numbers)), pauses

    @pytest.fixture(autouse=True)
    def no_jitter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("random.uniform", lambda _, __: 0.0)

    def test_it_returns_the_first_result_that_is_accepted(self) -> None:
        assert self.poll(1) == (1, [])
        assert self.poll(4) == (4, [0.25, 0.5, 1])

    def test_pauses_grow_up_to_a_bound(self) -> None:
        assert self.poll(7)[1] == [0.25, 0.5, 1, 2, 3, 3]
        assert self.poll(7, max_pause_seconds=5)[1] == [0.25, 0.5, 1, 2, 4, 5]

    def test_the_last_result_is_returned_at_the_deadline(self) -> None:
        number, pauses = self.poll(9_999, deadline_seconds=6.75)
        assert (number, pauses) == (6, [0.25, 0.5, 1, 2, 3])

    def test_people_read_a_line_every_fifteen_seconds(self, capfd: pytest.CaptureFixture[str]) -> None:
        self.poll(9_999, deadline_seconds=31, action="package: processing")
        assert capfd.readouterr().err == "package: processing; waiting\n" * 2
        self.poll(9_999, deadline_seconds=31)
        assert capfd.readouterr().err == ""


class TestOutage:
    def test_a_remembered_error_is_raised_for_the_new_action(self, clock: Clock) -> None:
        outage = Outage(clock)
        outage.check("plan: read")
        outage.begin(Unavailable("offer: read: no answer", said="late", next="wait"), "offer: read", 0)
        with pytest.raises(Unavailable) as caught:
            outage.check("plan: read")
        assert (caught.value.doing, caught.value.said, caught.value.next) == (
            "plan: read: no answer",
            "late",
            "wait",
        )

    def test_a_text_without_the_action_stays_as_it_is(self, clock: Clock) -> None:
        outage = Outage(clock)
        outage.begin(AuthError("sign-in: refused"), "offer: read", 0)
        with pytest.raises(AuthError, match=r"^sign-in: refused$"):
            outage.check("plan: read")

    def test_it_ends_after_a_minute_or_with_an_answer(self, clock: Clock) -> None:
        outage = Outage(clock)
        outage.begin(AuthError("refused"), "", 0)
        clock.seconds += 59.9
        with pytest.raises(AuthError):
            outage.check("a")
        clock.seconds += 0.1
        outage.check("a")
        outage.begin(AuthError("refused"), "", 0)
        outage.end()
        outage.check("a")
        assert outage.answers == 1

    def test_an_error_from_before_an_answer_is_not_remembered(self, clock: Clock) -> None:
        outage = Outage(clock)
        outage.end()
        outage.begin(AuthError("refused"), "", 0)
        outage.check("a")
        outage.begin(AuthError("refused"), "", 1)
        with pytest.raises(AuthError):
            outage.check("a")


SERVICE = "https://api.example.com/v1.0"


class TestAddresses:
    @pytest.mark.parametrize(
        ("address", "service", "problem"),
        [
            ("", SERVICE, "cannot be used"),
            ("ftp://files.example.com/a", SERVICE, "cannot be used"),
            ("https://files.example.com/a b", SERVICE, "cannot be used"),
            ("https://files.example.com/ä", SERVICE, "cannot be used"),
            ("https:///a", SERVICE, "cannot be used"),
            ("https://user@files.example.com/a", SERVICE, "cannot be used"),
            ("https://files.example.com:0/a", SERVICE, "cannot be used"),
            ("https://files.example.com:99999/a", SERVICE, "cannot be used"),
            ("http://files.example.com/a", SERVICE, "is not protected: http://files.example.com"),
            ("https://10.0.0.1/a", SERVICE, "leads into a private network: 10.0.0.1"),
            ("https://127.1/a", SERVICE, "leads into a private network: 127.1"),
            ("https://localhost/a", SERVICE, "leads into a private network: localhost"),
            ("https://files.localhost/a", SERVICE, "leads into a private network: files.localhost"),
        ],
    )
    def test_an_unsafe_address_is_refused(self, address: str, service: str, problem: str) -> None:
        with pytest.raises(ContractError) as caught:
            require_safe_address(address, service, ACTION)
        assert str(caught.value) == f"{ACTION}: the service gave an address that {problem}"

    @pytest.mark.parametrize(
        ("address", "service"),
        [
            ("https://files.example.com/a?sig=b", SERVICE),
            ("https://files.example.com:8443/a", SERVICE),
            ("https://8.8.8.8/a", SERVICE),
            ("http://files.example.com/a", "http://api.example.com"),
            ("http://127.0.0.1:4010/a", "http://127.0.0.1:4010/v1.0"),
            ("https://10.0.0.1/a", "https://localhost"),
        ],
    )
    def test_a_safe_address_is_accepted(self, address: str, service: str) -> None:
        require_safe_address(address, service, ACTION)

    def test_no_message_shows_its_signature(self) -> None:
        require_safe_address("https://files.example.com/a?sv=1&sig=c2lnbmF0dXJlLW9mLWE", SERVICE, ACTION)
        assert "c2lnbmF0dXJlLW9mLWE" not in redacted("it was c2lnbmF0dXJlLW9mLWE")


class TestBodies:
    def response(self, content: bytes, **headers: str) -> httpx.Response:
        request = httpx.Request("GET", "https://example.com/a")
        return httpx.Response(
            201,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            stream=httpx.ByteStream(content),
            request=request,
        )

    def test_a_packed_body_is_unpacked_and_its_headers_fit(self) -> None:
        packed = gzip.compress(b"text")
        response = read_body(self.response(packed, content_encoding=" GZIP ", etag="1"))
        assert (response.status_code, response.content, response.headers["etag"]) == (201, b"text", "1")
        assert "content-encoding" not in response.headers
        assert response.headers["content-length"] == "4"
        assert response.request.url == "https://example.com/a"

    @pytest.mark.parametrize("encoding", ["", "identity"])
    def test_a_plain_body_is_read(self, encoding: str) -> None:
        assert read_body(self.response(b"text", content_encoding=encoding)).content == b"text"

    @pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "deflate"])
    def test_another_packing_is_refused(self, encoding: str) -> None:
        with pytest.raises(httpx.DecodingError, match=r"^it has a content encoding that was not requested$"):
            read_body(self.response(b"text", content_encoding=encoding))

    def test_a_body_has_a_bound(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(hardening, "MAX_BODY_BYTES", 2 << 20)
        assert len(read_body(self.response(bytes(2 << 20))).content) == 2 << 20
        with pytest.raises(httpx.DecodingError, match=r"^it has more than 2 MiB$"):
            read_body(self.response(gzip.compress(bytes((2 << 20) + 1)), content_encoding="gzip"))

    def test_json_is_read_with_and_without_a_byte_order_mark(self) -> None:
        assert parse_json(b'\xef\xbb\xbf{"a": ["\xc3\xa4"]}') == {"a": ["ä"]}

    @pytest.mark.parametrize("body", [b'"\\ud800"', b'{"\\ud800": 1}', b'{"a": [["\\udfff"]]}'])
    def test_half_a_character_is_refused(self, body: bytes) -> None:
        with pytest.raises(ValueError, match=r"^it holds half a character \(a lone surrogate\)$"):
            parse_json(body)

    @pytest.mark.parametrize(("depth", "is_refused"), [(99, False), (100, True)])
    def test_nesting_has_a_bound(self, depth: int, is_refused: bool) -> None:
        body = b"[" * depth + b"1" + b"]" * depth
        if is_refused:
            with pytest.raises(NestedTooDeeply):
                parse_json(body)
        else:
            assert parse_json(body)
