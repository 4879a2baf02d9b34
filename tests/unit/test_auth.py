"""Tokens: kept, shared, renewed, and put on requests; and what is said when the service refuses one."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import jwt
import pytest
from tests.unit.signing_in import PLANTED, World, served, world

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

__all__ = ["served", "world"]  # fixtures

# --- Keeping tokens


def test_fifty_threads_fetch_one_token(world: World) -> None:
    tokens = TokenSource(world.secret(), SUBMISSION.audience)
    together = threading.Barrier(50)

    def ask(_: int) -> str:
        together.wait()
        return tokens.token()

    with ThreadPoolExecutor(50) as threads:
        assert len(set(threads.map(ask, range(50)))) == 1
    assert world.asked("/token") == 1


class Fetches:
    """A fetch that numbers its tokens; they live for `life` seconds of `now`."""

    def __init__(self, life: float = 3600) -> None:
        self.life, self.now, self.count = life, 0.0, 0

    def __call__(self, _settings: Settings, _resource: str, clock: Callable[[], float]) -> Token:
        self.count += 1
        return Token(f"token-{self.count}", clock() + self.life)

    def source(self) -> TokenSource:
        return TokenSource(Settings.load({}, {}), SUBMISSION.audience, clock=lambda: self.now, fetch=self)


@pytest.mark.parametrize(("life", "kept"), [(3600, 3300), (600, 300), (100, 50)])
def test_a_token_is_renewed_300_seconds_before_it_ends_or_at_half_its_life(life: float, kept: float) -> None:
    fetches = Fetches(life)
    tokens = fetches.source()
    assert tokens.token() == "token-1"
    fetches.now = kept - 1
    assert tokens.token() == "token-1"
    fetches.now = kept
    assert tokens.token() == "token-2"


def test_only_the_first_of_many_refusals_of_one_token_fetches() -> None:
    tokens = Fetches().source()
    stale = tokens.token()
    assert [tokens.refresh(stale) for _ in range(3)] == ["token-2"] * 3


def test_those_who_wait_for_a_failing_fetch_fail_with_it_and_the_next_one_tries_again() -> None:
    fetches, entered, go = Fetches(), threading.Event(), threading.Event()

    def fail_once(settings: Settings, resource: str, clock: Callable[[], float]) -> Token:
        if fetches.count == 0:
            fetches.count = 10
            entered.set()
            go.wait()
            raise AuthError("sign-in: refused")
        return fetches(settings, resource, clock)

    tokens = TokenSource(Settings.load({}, {}), SUBMISSION.audience, clock=lambda: 0.0, fetch=fail_once)
    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(tokens.token)
        entered.wait()
        go.set()
        assert isinstance(first.exception(), AuthError)
    assert tokens.token() == "token-11"


def test_sources_are_shared_within_the_process_by_settings_and_resource(world: World) -> None:
    one = TokenSource.shared(world.secret(), SUBMISSION.audience)
    assert TokenSource.shared(world.secret(), SUBMISSION.audience) is one
    graph = TokenSource.shared(one.settings, "https://graph.microsoft.com")
    assert graph is not one
    assert graph is TokenSource.shared(world.secret(), "https://graph.microsoft.com")
    audience = jwt.decode(graph.token(), options={"verify_signature": False})["aud"]
    assert (audience, one.audience) == ("https://graph.microsoft.com", SUBMISSION.audience)


# --- On the wire


def test_a_401_renews_the_token_once_and_repeats_the_request_with_its_body(world: World) -> None:
    with world.client(TokenSource(world.secret(), SUBMISSION.audience)) as client:
        assert client.get("/products").status_code == 200
        world.now += 3600
        world.log.clear()
        answer = client.post("/products", content=b"the body")
    assert (answer.status_code, answer.json()["sent"]) == (200, "the body")
    assert (world.asked("/token"), world.asked("/products")) == (1, 2)


def test_a_second_401_is_left_to_the_client(world: World) -> None:
    who = world.application(secret=PLANTED, associated=False)
    with world.client(
        TokenSource(world.settings(**who, AZURE_CLIENT_SECRET=PLANTED), SUBMISSION.audience)
    ) as client:
        assert client.get("/products").status_code == 401
    assert (world.asked("/token"), world.asked("/products")) == (2, 2)


def test_a_ready_token_that_is_refused_is_sent_once(world: World) -> None:
    with world.client(
        TokenSource(world.settings(PARTNERCENTER_ACCESS_TOKEN=PLANTED), SUBMISSION.audience)
    ) as client:
        assert client.get("/products").status_code == 401
    assert world.log == ["GET /v1.0/ingestion/products"]


def test_the_token_goes_below_its_base_only_and_stays_out_of_the_callers_request(world: World) -> None:
    with world.client(TokenSource(world.secret(), SUBMISSION.audience)) as client:
        assert client.get(f"{world.url}/uploads").json() == {"authorization": None}
        assert client.get(f"{world.url.replace('localhost', 'LOCALHOST')}/V1.0/ingestion").status_code == 404
        assert world.asked("/token") == 1  # the base itself counts, host and path in any spelling
        answer = client.get("/products")
    assert answer.status_code == 200
    assert "authorization" not in answer.request.headers


def test_a_base_without_a_host_is_a_mistake_in_the_program(world: World) -> None:
    with pytest.raises(ValueError, match="URL"):
        BearerTransport(httpx.HTTPTransport(), TokenSource(world.secret(), SUBMISSION.audience), "localhost")


# --- What is said


def test_a_secret_that_the_service_repeats_is_not_shown(world: World) -> None:
    tokens = TokenSource(world.secret(AZURE_CLIENT_SECRET=PLANTED), SUBMISSION.audience)
    for error in (
        unauthorized_error(SUBMISSION, tokens, "offer", PLANTED),
        forbidden_error(SUBMISSION, tokens, "offer", f"no {PLANTED}"),
    ):
        assert PLANTED not in f"{error} {error!r}"


def test_an_unassociated_application_a_missing_role_and_a_refused_ready_token_differ(world: World) -> None:
    tokens = TokenSource(world.secret(), SUBMISSION.audience)
    unknown = unauthorized_error(SUBMISSION, tokens, "offer contoso: read", "Unauthorized.")
    assert (
        str(unknown)
        .splitlines()[0]
        .startswith("offer contoso: read: signed in by client secret of application")
    )
    assert "associate the tenant" in str(unknown)
    assert "service: Unauthorized." in str(unknown)
    powerless = forbidden_error(
        SUBMISSION, tokens, "offer contoso: read", request_id="r1", method="GET", path="/p"
    )
    assert (powerless.status, powerless.request_id, powerless.method, powerless.path) == (
        403,
        "r1",
        "GET",
        "/p",
    )
    assert "Manager" in str(powerless)
    ready = TokenSource(world.settings(PARTNERCENTER_ACCESS_TOKEN=PLANTED), SUBMISSION.audience)
    refused = unauthorized_error(SUBMISSION, ready, "offer contoso: read")
    assert "PARTNERCENTER_ACCESS_TOKEN=emulator" in str(refused)
    with pytest.raises(AuthError, match="cannot be renewed") as caught:
        ready.refresh(PLANTED)
    assert PLANTED not in f"{refused} {caught.value} {caught.value!r}"


def test_nothing_is_imported_or_asked_before_a_token_is_needed() -> None:
    program = (
        "import sys; from pulumi_partnercenter.api.http.tokens import TokenSource;"
        "from pulumi_partnercenter.settings import Settings;"
        "settings = Settings.load({}, {'ARM_USE_MSI': 'true'});"
        "TokenSource.shared(settings, 'https://api.example.com').source;"
        "print({'msal', 'requests', 'cryptography'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
