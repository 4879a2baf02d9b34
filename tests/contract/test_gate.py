"""Requests from web pages of other sites, and requests for other host names, are refused."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx
import pytest
from provider.tools.emulators import RunningEmulator, in_process

PRODUCTS = "/v1.0/ingestion/products"
CONTROL = ["faults", "state", "requests", "clock", "reset", "decide", "portal", "nothing"]


def port(emulator: RunningEmulator) -> str:
    number = urlsplit(emulator.url).port
    return f":{number}" if number else ""


def order_fault(emulator: RunningEmulator, **headers: str) -> httpx.Response:
    """Send a request that a web page may send without a preflight: a POST with a plain text body."""
    text = '{"match": "products", "status": 500, "times": 0}'
    return emulator.client.post(
        "/_emulator/faults", content=text, headers={"Content-Type": "text/plain", **headers}
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://contoso.example.com"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9"},
        {"Origin": "https://127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://contoso.example.com", "Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
def test_a_web_page_of_another_site_cannot_use_the_control_plane(
    emulator: RunningEmulator, headers: dict[str, str]
) -> None:
    answer = order_fault(emulator, **headers)
    assert answer.status_code == 403
    assert "web pages of others" in answer.json()["error"]
    assert emulator.faults() == []
    for name in CONTROL:
        for method in ("GET", "POST", "DELETE"):
            control_answer = emulator.client.request(method, f"/_emulator/{name}", headers=headers)
            assert (method, name, control_answer.status_code) == (method, name, 403)
    assert "access-control-allow-origin" not in answer.headers


def test_own_pages_and_other_clients_may_use_the_control_plane(emulator: RunningEmulator) -> None:
    for headers in (
        {},
        {"Origin": emulator.url},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ):
        assert order_fault(emulator, **headers).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["contoso.example.com", "127.0.0.1.example.com", "localhost.example.com", "192.0.2.1", "[::", "", "a b"],
)
def test_a_request_for_another_host_name_is_refused_on_every_route_and_not_logged(
    emulator: RunningEmulator, host: str
) -> None:
    for path in ("/_emulator/state", PRODUCTS, "/common/v2.0/.well-known/openid-configuration", "/nothing"):
        answer = emulator.client.get(path, headers={"Host": f"{host}{port(emulator)}"})
        assert answer.status_code == 403 or (answer.status_code == 400 and host in ("", "a b")), (
            path,
            answer,
        )
    assert emulator.requests() == []


@pytest.mark.parametrize("host", ["localhost", "LocalHost", "127.0.0.1", "127.0.0.2", "[::1]"])
def test_every_loopback_name_is_accepted_as_host(emulator: RunningEmulator, host: str) -> None:
    for path in ("/_emulator/state", PRODUCTS):
        assert emulator.client.get(path, headers={"Host": f"{host}{port(emulator)}"}).status_code == 200


def test_a_preflight_for_a_request_with_a_token_fails(emulator: RunningEmulator) -> None:
    """A page may send a token only after a successful preflight."""
    headers = {"Origin": "https://contoso.example.com", "Access-Control-Request-Headers": "authorization"}
    answer = emulator.client.options(PRODUCTS, headers=headers)
    assert not answer.is_success
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    ("bind_address", "host", "status"),
    [
        ("0.0.0.0", "192.0.2.1", 200),
        ("::", "[2001:db8::1]", 200),
        ("0.0.0.0", "contoso.example.com", 403),
        ("0.0.0.0", "emulator", 200),
        ("emulator.example.com", "emulator.example.com", 200),
        ("127.0.0.1", "emulator", 200),
        ("127.0.0.1", "192.0.2.1", 403),
    ],
)
def test_an_emulator_beyond_the_loopback_accepts_addresses_and_allowed_names(
    bind_address: str, host: str, status: int
) -> None:
    with in_process(host=bind_address, names=["Emulator"]) as emulator:
        assert emulator.client.get("/_emulator/state", headers={"Host": f"{host}:4010"}).status_code == status
