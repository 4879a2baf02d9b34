"""Sign-in of users: sessions, states, ID tokens, cookies. Attacks on them: `attacks.py`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from provider.tools.hangs import HANG_SECONDS
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from tests.saas.deployment import ON_SQLITE, Deployment, serve_deployment

from pulumi_partnercenter.saas import app, sessions, tables
from pulumi_partnercenter.saas.endpoints import add_route
from pulumi_partnercenter.saas.service import Service

DANA, LEE, ROBIN = "dana@fabrikam.example", "lee@fabrikam.example", "robin@example.com"
ALEX = "alex@contoso.example"
COOKIES = {"customer": "__Host-customer", "publisher": "__Host-publisher"}
PAGES = {"customer": "/probe", "publisher": "/publisher/probe"}


@pytest.fixture
def deployment(emulator, clock, database_url, monkeypatch) -> Iterator[Deployment]:
    """A service with a page for each audience that shows the signed-in user."""

    def show_user(service: Service, request: Request) -> Response:
        audience = "publisher" if request.url.path.startswith("/publisher") else "customer"
        user = sessions.require_user(service, request, audience)
        return user if isinstance(user, Response) else PlainTextResponse(f"{user.email} {user.roles}")

    def list_routes(service: Service):
        return [
            add_route(service, path, show_user, methods=("GET", "POST")) for path in PAGES.values()
        ] + routes(service)

    routes = app.list_routes
    monkeypatch.setattr(app, "list_routes", list_routes)
    with serve_deployment(emulator, clock, database_url) as deployment:
        yield deployment


def begin(deployment: Deployment, visitor: httpx.Client, audience: str = "customer", query: str = "") -> str:
    """Open a page that needs a sign-in; the address of the callback with which Entra ID sends the browser back."""
    answer = visitor.get(PAGES[audience] + query)
    assert answer.status_code == 303
    authorize = answer.headers["location"]
    assert authorize.startswith(deployment.emulator.url)
    return str(httpx.get(authorize, trust_env=False, timeout=HANG_SECONDS).headers["location"])


def cookie(visitor: httpx.Client, audience: str = "customer") -> str:
    return visitor.cookies.get(COOKIES[audience], "")


def is_signed_in(visitor: httpx.Client, audience: str = "customer") -> bool:
    return visitor.get(PAGES[audience]).status_code == 200


@pytest.mark.parametrize(
    ("audience", "account", "text"),
    [
        ("customer", DANA, f"{DANA} ()"),
        ("customer", ROBIN, f"{ROBIN} ()"),
        ("publisher", ALEX, f"{ALEX} ('Subscriptions.Manage',)"),
    ],
)
def test_a_user_signs_in_and_comes_back_to_the_page(deployment, audience, account, text):
    deployment.use_account(account)
    answer = deployment.http.get(f"{PAGES[audience]}?a=1&b=%26", follow_redirects=True)
    assert (answer.status_code, answer.text) == (200, text)
    assert urlsplit(str(answer.url)).query == "a=1&b=%26"
    assert is_signed_in(deployment.http, audience)


@ON_SQLITE
def test_the_request_to_entra_has_pkce_state_and_nonce(deployment):
    address = deployment.http.get("/probe").headers["location"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert query["response_type"] == "code"
    assert query["response_mode"] == "query"
    assert query["code_challenge_method"] == "S256"
    assert len(query["state"]) >= 20
    assert len(query["nonce"]) >= 20
    assert query["redirect_uri"] == f"{deployment.url}/sign-in/customer/callback"
    assert set(query["scope"].split()) == {"openid", "profile", "email"}


@ON_SQLITE
def test_a_token_of_another_tenant_opens_the_customers_pages_only(deployment):
    deployment.use_account(ALEX, token="other_tenant", times=0)
    assert deployment.http.get("/probe", follow_redirects=True).status_code == 200
    assert deployment.http.get("/publisher/probe", follow_redirects=True).status_code == 400


@ON_SQLITE
def test_a_token_that_expired_by_the_clock_of_the_service_is_refused(deployment):
    deployment.use_account(DANA)
    callback = begin(deployment, deployment.http)
    now = deployment.service.now
    object.__setattr__(deployment.service, "now", lambda: now() - timedelta(days=365))
    deployment.http.get(callback)
    object.__setattr__(deployment.service, "now", now)
    assert not is_signed_in(deployment.http)


@ON_SQLITE
def test_customers_and_the_publishers_people_have_sessions_of_their_own(deployment):
    deployment.use_account(ALEX)
    deployment.http.get("/probe", follow_redirects=True)
    assert is_signed_in(deployment.http)
    assert not is_signed_in(deployment.http, "publisher")
    value = cookie(deployment.http)
    headers = {"cookie": f"{COOKIES['publisher']}={value}"}
    assert (
        httpx.get(
            f"{deployment.url}/publisher/probe", headers=headers, trust_env=False, timeout=HANG_SECONDS
        ).status_code
        == 303
    )


def test_a_callback_is_used_once(deployment):
    deployment.use_account(DANA)
    callback = begin(deployment, deployment.http)
    assert deployment.http.get(callback).status_code == 303
    assert deployment.http.get(callback).status_code == 400
    assert is_signed_in(deployment.http)
    redeemed = [entry for entry in deployment.emulator.requests() if entry["path"].endswith("/v2.0/token")]
    assert len(redeemed) == 1, "a used state reaches Entra ID again"


def test_a_sign_in_changes_the_id_of_the_session_and_the_former_is_worth_nothing(deployment):
    deployment.use_account(DANA)
    callback = begin(deployment, deployment.http)
    former = cookie(deployment.http)
    deployment.http.get(callback)
    assert cookie(deployment.http) not in ("", former)
    assert [bool(row.user) for row in deployment.rows(tables.Session)] == [True]
    answer = httpx.get(
        f"{deployment.url}/probe",
        headers={"cookie": f"{COOKIES['customer']}={former}"},
        trust_env=False,
        timeout=HANG_SECONDS,
    )
    assert answer.status_code == 303
    assert len([row for row in deployment.rows(tables.Session) if row.user]) == 1


@ON_SQLITE
def test_two_tabs_can_sign_in_at_the_same_time(deployment):
    deployment.use_account(DANA)
    first, second = (begin(deployment, deployment.http, query=f"?tab={tab}") for tab in (1, 2))
    assert deployment.http.get(first).headers["location"] == "/probe?tab=1"
    assert deployment.http.get(second).headers["location"] == "/probe?tab=2"
    assert is_signed_in(deployment.http)


@ON_SQLITE
def test_cookies_are_for_this_host_https_and_no_script(deployment):
    header = deployment.http.get("/probe").headers["set-cookie"]
    name, *attributes = header.split("; ")
    assert name.startswith("__Host-customer=")
    assert set(attributes) == {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"}
    assert cookie(deployment.http) not in str(
        [(row.id_hash, row.data, row.user) for row in deployment.rows(tables.Session)]
    )


@ON_SQLITE
def test_sessions_end_with_time(deployment):
    deployment.use_account(DANA)
    deployment.http.get("/probe", follow_redirects=True)
    deployment.advance(hours=23)
    assert is_signed_in(deployment.http)
    deployment.advance(hours=2)
    assert not is_signed_in(deployment.http)


def test_a_sign_out_needs_a_form_of_the_session_and_ends_it_for_everybody(deployment):
    deployment.use_account(DANA)
    deployment.http.get("/probe", follow_redirects=True)
    stolen = cookie(deployment.http)
    assert deployment.http.post("/sign-out").status_code == 403
    assert is_signed_in(deployment.http)
    form = {"form_token": compute_form_token(stolen)}
    assert (
        deployment.http.post(
            "/sign-out", data=form, headers={"origin": "https://attacker.example"}
        ).status_code
        == 403
    )
    assert deployment.http.post("/sign-out", data=form).status_code == 303
    assert cookie(deployment.http) == ""
    headers = {"cookie": f"{COOKIES['customer']}={stolen}"}
    assert (
        httpx.get(
            f"{deployment.url}/probe", headers=headers, trust_env=False, timeout=HANG_SECONDS
        ).status_code
        == 303
    )


def compute_form_token(session_id: str) -> str:
    """The token that a page shows."""
    from pulumi_partnercenter.saas.cookies import form_token

    cookies = f"{COOKIES['customer']}={session_id}".encode()
    return form_token(Request({"type": "http", "path": "/", "headers": [(b"cookie", cookies)]}))


@ON_SQLITE
def test_a_form_after_the_end_of_the_session_asks_to_sign_in(deployment):
    answer = deployment.http.post("/probe", headers={"accept": "text/html"})
    assert answer.status_code == 403
    assert "Your session has ended" in answer.text


@ON_SQLITE
def test_without_entra_a_page_says_so(deployment):
    deployment.emulator.fault("GET .*/openid-configuration", status=503, times=0)
    answer = deployment.http.get("/probe", headers={"accept": "text/html"})
    assert answer.status_code == 503
    assert "Nothing is lost" in answer.text
    deployment.emulator.unfault()
    assert deployment.http.get("/probe").status_code == 303


@ON_SQLITE
def test_a_sign_in_while_entra_gives_no_token_says_so(deployment):
    deployment.use_account(DANA)
    callback = begin(deployment, deployment.http)
    deployment.emulator.fault("POST .*/token", status=500, times=0)
    assert deployment.http.get(callback).status_code == 503
