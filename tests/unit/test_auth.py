"""Tokens: cached, shared, renewed and sent with requests; errors when the service refuses a token."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import jwt
import pytest
from tests.unit.sign_in_server import PLANTED, SignInServer, running_server, server

from pulumi_partnercenter.api.http.sign_in import Token
from pulumi_partnercenter.api.http.tokens import (
    BearerTransport,
    TokenSource,
    forbidden_error,
    unauthorized_error,
)
from pulumi_partnercenter.api.submission.system import SUBMISSION
from pulumi_partnercenter.errors import AuthError
from pulumi_partnercenter.settings import Settings

__all__ = ["running_server", "server"]  # fixtures

# --- Cache of tokens


def test_fifty_threads_fetch_one_token(server: SignInServer) -> None:
    tokens = TokenSource(server.secret_settings(), SUBMISSION.audience)
    barrier = threading.Barrier(50)

    def fetch_token(_: int) -> str:
        barrier.wait()
        return tokens.token()

    with ThreadPoolExecutor(50) as threads:
        assert len(set(threads.map(fetch_token, range(50)))) == 1
    assert server.count_requests("/token") == 1


class TokenFetcher:
    """Returns numbered tokens, which expire `life` seconds after `now`."""

    def __init__(self, life: float = 3600) -> None:
        self.life, self.now, self.count = life, 0.0, 0

    def __call__(self, _settings: Settings, _resource: str, clock: Callable[[], float]) -> Token:
        self.count += 1
        return Token(f"token-{self.count}", clock() + self.life)

    def source(self) -> TokenSource:
        return TokenSource(Settings.load({}, {}), SUBMISSION.audience, clock=lambda: self.now, fetch=self)


@pytest.mark.parametrize(("life", "renewal"), [(3600, 3300), (600, 300), (100, 50)])
def test_a_token_is_renewed_300_seconds_before_it_ends_or_at_half_its_life(
    life: float, renewal: float
) -> None:
    fetcher = TokenFetcher(life)
    tokens = fetcher.source()
    assert tokens.token() == "token-1"
    fetcher.now = renewal - 1
    assert tokens.token() == "token-1"
    fetcher.now = renewal
    assert tokens.token() == "token-2"


def test_several_refusals_of_the_same_token_fetch_one_new_token() -> None:
    tokens = TokenFetcher().source()
    stale = tokens.token()
    assert [tokens.refresh(stale) for _ in range(3)] == ["token-2"] * 3


def test_a_failed_fetch_of_a_token_fails_its_callers_and_the_next_call_fetches_again() -> None:
    fetcher, is_fetching, may_fail = TokenFetcher(), threading.Event(), threading.Event()

    def fail_once(settings: Settings, resource: str, clock: Callable[[], float]) -> Token:
        if fetcher.count == 0:
            fetcher.count = 10
            is_fetching.set()
            may_fail.wait()
            raise AuthError("sign-in: refused")
        return fetcher(settings, resource, clock)

    tokens = TokenSource(Settings.load({}, {}), SUBMISSION.audience, clock=lambda: 0.0, fetch=fail_once)
    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(tokens.token)
        is_fetching.wait()
        may_fail.set()
        assert isinstance(first.exception(), AuthError)
    assert tokens.token() == "token-11"


def test_token_sources_are_shared_within_the_process_by_settings_and_resource(server: SignInServer) -> None:
    source = TokenSource.shared(server.secret_settings(), SUBMISSION.audience)
    assert TokenSource.shared(server.secret_settings(), SUBMISSION.audience) is source
    graph_source = TokenSource.shared(source.settings, "https://graph.microsoft.com")
    assert graph_source is not source
    assert graph_source is TokenSource.shared(server.secret_settings(), "https://graph.microsoft.com")
    audience = jwt.decode(graph_source.token(), options={"verify_signature": False})["aud"]
    assert (audience, source.audience) == ("https://graph.microsoft.com", SUBMISSION.audience)


# --- Tokens in requests


def test_a_401_renews_the_token_once_and_repeats_the_request_with_its_body(server: SignInServer) -> None:
    with server.open_client(TokenSource(server.secret_settings(), SUBMISSION.audience)) as client:
        assert client.get("/products").status_code == 200
        server.now += 3600
        server.log.clear()
        answer = client.post("/products", content=b"the body")
    assert (answer.status_code, answer.json()["sent"]) == (200, "the body")
    assert (server.count_requests("/token"), server.count_requests("/products")) == (1, 2)


def test_a_second_401_is_returned_to_the_caller(server: SignInServer) -> None:
    application = server.register_application(secret=PLANTED, associated=False)
    with server.open_client(
        TokenSource(server.settings(**application, AZURE_CLIENT_SECRET=PLANTED), SUBMISSION.audience)
    ) as client:
        assert client.get("/products").status_code == 401
    assert (server.count_requests("/token"), server.count_requests("/products")) == (2, 2)


def test_a_ready_token_that_is_refused_is_sent_once(server: SignInServer) -> None:
    with server.open_client(
        TokenSource(server.settings(PARTNERCENTER_ACCESS_TOKEN=PLANTED), SUBMISSION.audience)
    ) as client:
        assert client.get("/products").status_code == 401
    assert server.log == ["GET /v1.0/ingestion/products"]


def test_a_token_is_sent_below_the_services_base_only_and_not_added_to_the_callers_request(
    server: SignInServer,
) -> None:
    with server.open_client(TokenSource(server.secret_settings(), SUBMISSION.audience)) as client:
        assert client.get(f"{server.url}/uploads").json() == {"authorization": None}
        assert client.get(f"{server.url.replace('localhost', 'LOCALHOST')}/V1.0/ingestion").status_code == 404
        # The base address belongs to the service, whatever the case of host and path.
        assert server.count_requests("/token") == 1
        answer = client.get("/products")
    assert answer.status_code == 200
    assert "authorization" not in answer.request.headers


@pytest.mark.parametrize(
    ("url", "is_below"),
    [
        ("https://api.example.com/v1.0/ingestion", True),
        ("https://api.example.com/v1.0/ingestion/products", True),
        ("https://API.example.com:443/V1.0/Ingestion/products", True),
        ("https://api.example.com/v1.0/ingestion-uploads/products", False),
        ("https://api.example.com/v1.0/uploads", False),
        ("https://api.example.com/", False),
        ("https://api.example.com:8443/v1.0/ingestion/products", False),
        ("http://api.example.com/v1.0/ingestion/products", False),
        ("https://api.example.com.example.org/v1.0/ingestion/products", False),
    ],
)
def test_a_token_is_sent_to_no_address_beside_the_services_path(url: str, is_below: bool) -> None:
    headers: list[httpx.Headers] = []

    def answer(request: httpx.Request) -> httpx.Response:
        headers.append(request.headers)
        return httpx.Response(200)

    tokens = TokenSource(
        Settings.load({"partnercenter:accessToken": "t0ken-of-contoso"}, {}), SUBMISSION.audience
    )
    base = "https://api.example.com/v1.0/ingestion"
    with httpx.Client(transport=BearerTransport(httpx.MockTransport(answer), tokens, base)) as client:
        client.get(url)
    assert ["authorization" in sent for sent in headers] == [is_below]


def test_a_base_address_without_a_host_is_a_value_error(server: SignInServer) -> None:
    with pytest.raises(ValueError, match="URL"):
        BearerTransport(
            httpx.HTTPTransport(), TokenSource(server.secret_settings(), SUBMISSION.audience), "localhost"
        )


# --- Errors


def test_a_secret_in_the_services_answer_is_not_in_the_error(server: SignInServer) -> None:
    tokens = TokenSource(server.secret_settings(AZURE_CLIENT_SECRET=PLANTED), SUBMISSION.audience)
    for error in (
        unauthorized_error(SUBMISSION, tokens, "offer", PLANTED),
        forbidden_error(SUBMISSION, tokens, "offer", f"no {PLANTED}"),
    ):
        assert PLANTED not in f"{error} {error!r}"


def test_errors_tell_unassociated_application_missing_role_and_refused_ready_token_apart(
    server: SignInServer,
) -> None:
    tokens = TokenSource(server.secret_settings(), SUBMISSION.audience)
    unassociated = unauthorized_error(SUBMISSION, tokens, "offer contoso: read", "Unauthorized.")
    assert (
        str(unassociated)
        .splitlines()[0]
        .startswith("offer contoso: read: signed in by client secret of application")
    )
    assert "associate the tenant" in str(unassociated)
    assert "service: Unauthorized." in str(unassociated)
    forbidden = forbidden_error(
        SUBMISSION, tokens, "offer contoso: read", request_id="r1", method="GET", path="/p"
    )
    assert (forbidden.status, forbidden.request_id, forbidden.method, forbidden.path) == (
        403,
        "r1",
        "GET",
        "/p",
    )
    assert "Manager" in str(forbidden)
    ready = TokenSource(server.settings(PARTNERCENTER_ACCESS_TOKEN=PLANTED), SUBMISSION.audience)
    unauthorized = unauthorized_error(SUBMISSION, ready, "offer contoso: read")
    assert "PARTNERCENTER_ACCESS_TOKEN=emulator" in str(unauthorized)
    with pytest.raises(AuthError, match="cannot be renewed") as error:
        ready.refresh(PLANTED)
    assert PLANTED not in f"{unauthorized} {error.value} {error.value!r}"


def test_no_library_is_imported_before_a_token_is_needed() -> None:
    program = (
        "import sys; from pulumi_partnercenter.api.http.tokens import TokenSource;"
        "from pulumi_partnercenter.settings import Settings;"
        "settings = Settings.load({}, {'ARM_USE_MSI': 'true'});"
        "TokenSource.shared(settings, 'https://api.example.com').source;"
        "print({'msal', 'requests', 'cryptography'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
