"""The emulator's Entra ID: what it issues, what it accepts, and how it spells a refusal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from starlette.applications import Starlette

from pulumi_partnercenter.emulator.entra import CLIENT, SECRET, TENANT, Entra
from pulumi_partnercenter.emulator.errors import AccessDenied

RESOURCE = "https://api.partner.microsoft.com"
ROOT = "http://testserver"
V2 = f"/{TENANT}/oauth2/v2.0/token"
V1 = f"/{TENANT}/oauth2/token"
FORM = {
    "grant_type": "client_credentials",
    "client_id": CLIENT,
    "client_secret": SECRET,
    "scope": f"{RESOURCE}/.default",
}
OUTSIDE = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Http:
    """The application in this process, asked one request at a time."""

    def __init__(self, app: Starlette) -> None:
        self._transport = httpx.ASGITransport(app)

    def get(self, path: str, **parts: Any) -> httpx.Response:
        return asyncio.run(self._send("GET", path, **parts))

    def post(self, path: str, **parts: Any) -> httpx.Response:
        return asyncio.run(self._send("POST", path, **parts))

    async def _send(self, method: str, path: str, **parts: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._transport, base_url=ROOT) as client:
            return await client.request(method, path, **parts)


class Place:
    """One emulator's Entra with a client and a clock to move."""

    def __init__(self, memory: dict[str, str] | None = None) -> None:
        self.memory: dict[str, str] = {} if memory is None else memory
        self.now = 1_800_000_000.0
        self.entra = Entra(lambda: self.now, self.memory, seed=1)
        self.http = Http(Starlette(routes=self.entra.routes()))

    def token(self, **changed: str) -> str:
        return str(self.http.post(V2, data={**FORM, **changed}).json()["access_token"])

    def access(self, token: str, audience: str = RESOURCE) -> int:
        """The status of a request with this token; 200 stands for "go on"."""
        return self.access_with(f"Bearer {token}", audience)[0]

    def access_with(self, authorization: str | None, audience: str = RESOURCE) -> tuple[int, str]:
        """The status of a request with this header, and the message of its refusal."""
        try:
            self.entra.require_access(authorization, [audience])
        except AccessDenied as denied:
            return denied.status, str(denied)
        return 200, ""

    def register(self, **members: Any) -> dict[str, Any]:
        answer = self.http.post("/_emulator/applications", json=members)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())


@pytest.fixture
def place() -> Place:
    return Place()


def test_v2_answers_numbers_and_v1_strings(place: Place) -> None:
    new = place.http.post(V2, data=FORM).json()
    assert (new["token_type"], new["expires_in"]) == ("Bearer", 3599)
    form = {name: value for name, value in FORM.items() if name != "scope"}
    old = place.http.post(V1, data={**form, "resource": f"{RESOURCE}/"}).json()
    assert (old["expires_in"], old["expires_on"], old["resource"]) == ("3599", "1800003600", RESOURCE)
    assert (place.access(old["access_token"])) == 200


def test_tokens_verify_against_the_published_keys_and_carry_the_claims(place: Place) -> None:
    described = place.http.get(f"/{TENANT}/v2.0/.well-known/openid-configuration").json()
    assert described["token_endpoint"] == f"{ROOT}{V2}"
    keys = place.http.get(described["jwks_uri"].removeprefix(ROOT)).json()
    token = place.token()
    key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(
        token,
        key,
        algorithms=["RS256"],
        audience=RESOURCE,
        options={"verify_nbf": False, "verify_iat": False},
    )
    assert (claims["tid"], claims["appid"]) == (TENANT, CLIENT)
    assert claims["iss"] == f"https://sts.windows.net/{TENANT}/"
    assert (claims["nbf"], claims["exp"] - claims["nbf"]) == (1_800_000_000, 3600)
    assert claims["oid"] == claims["sub"]
    old = place.http.get(f"/{TENANT}/.well-known/openid-configuration").json()
    assert (old["issuer"], old["token_endpoint"]) == (claims["iss"], f"{ROOT}{V1}")
    assert place.http.get(old["jwks_uri"].removeprefix(ROOT)).json() == keys


def test_tokens_end_with_the_emulators_clock(place: Place) -> None:
    token = place.token()
    place.now += 3599
    assert (place.access(token)) == 200
    place.now += 1
    assert (place.access(token)) == 401


def test_tokens_and_applications_survive_a_restart_and_a_reset_keeps_the_key(place: Place) -> None:
    place.register(client="44444444-4444-4444-4444-444444444444", secret="planted")
    token, other = (
        place.token(),
        place.token(client_id="44444444-4444-4444-4444-444444444444", client_secret="planted"),
    )
    again = Place(dict(place.memory))
    assert (again.access(token)) == (again.access(other)) == 200
    again.entra.reset()
    assert again.entra.list_registered() == []
    assert ((again.access(token)), (again.access(other))) == (200, 401)


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Basic emulator", "Bearer nonsense", "Bearer a.b.c"]
)
def test_what_is_no_token_is_refused(place: Place, authorization: str | None) -> None:
    message = "Unauthorized. Access token is missing or invalid."
    assert place.access_with(authorization) == (401, message)


def test_the_ready_token_passes_everywhere(place: Place) -> None:
    assert place.access("emulator") == 200
    assert place.access("emulator", "https://graph.microsoft.com") == 200


def test_audience_and_signature_are_checked(place: Place) -> None:
    assert (place.access(place.token(scope="https://graph.microsoft.com/.default"))) == 401
    claims = jwt.decode(place.token(), options={"verify_signature": False})
    assert (place.access(jwt.encode(claims, OUTSIDE, "RS256"))) == 401
    assert (place.access(jwt.encode(claims, "", "none"))) == 401


def test_association_and_role_decide_after_the_token(place: Place) -> None:
    for members, expected in (({"associated": False}, 401), ({"roles": []}, 403), ({}, 200)):
        made = place.register(secret="planted", **members)
        token = place.token(client_id=made["client"], client_secret="planted")
        assert (place.access(token)) == expected


def assertion(**changed: Any) -> dict[str, str]:
    claims = {"iss": "https://issuer.example.com", "sub": "job", "aud": "api://AzureADTokenExchange"}
    text = jwt.encode({**claims, "exp": 4_000_000_000, **changed}, OUTSIDE, "RS256", headers={"kid": "one"})
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    form = {name: value for name, value in FORM.items() if name != "client_secret"}
    return {**form, "client_assertion": text, "client_assertion_type": kind}


def federate(place: Place) -> None:
    public = {**RSAAlgorithm.to_jwk(OUTSIDE.public_key(), as_dict=True), "kid": "one"}
    subject = {"issuer": "https://issuer.example.com", "subject": "job", "keys": {"keys": [public]}}
    place.register(tenant=TENANT, client=CLIENT, federated=subject)


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in FORM.items() if key != name}


REFUSALS: dict[int, Callable[[], dict[str, str]]] = {
    900144: lambda: without("grant_type"),
    70003: lambda: {**FORM, "grant_type": "password"},
    700016: lambda: {**FORM, "client_id": "99999999-9999-9999-9999-999999999999"},
    7000218: lambda: without("client_secret"),
    7000215: lambda: {**FORM, "client_secret": "planted"},
    1002012: lambda: {**FORM, "scope": RESOURCE},
    500011: lambda: {**FORM, "scope": "https://example.com/.default"},
    70021: assertion,
}


@pytest.mark.parametrize("number", REFUSALS)
def test_refusals_are_spelled_as_entra_does(place: Place, number: int) -> None:
    answer = place.http.post(V2, data=REFUSALS[number]())
    body = answer.json()
    assert answer.status_code == (401 if body["error"] == "invalid_client" else 400)
    assert body["error_codes"] == [number]
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    assert body["trace_id"] in body["error_description"]
    assert set(body) >= {"timestamp", "correlation_id", "error_uri"}
    assert "planted" not in answer.text


def test_an_unknown_tenant_is_refused_by_both_endpoints(place: Place) -> None:
    path = "/99999999-9999-9999-9999-999999999999"
    for answer in (
        place.http.post(f"{path}/oauth2/v2.0/token", data=FORM),
        place.http.get(f"{path}/v2.0/.well-known/openid-configuration"),
    ):
        assert (answer.status_code, answer.json()["error_codes"]) == (400, [90002])


def test_a_secret_ends_with_the_emulators_clock(place: Place) -> None:
    made = place.register(secret="planted", secret_expires_at=place.now + 10)
    form = {**FORM, "client_id": made["client"], "client_secret": "planted"}
    assert place.http.post(V2, data=form).status_code == 200
    place.now += 10
    assert place.http.post(V2, data=form).json()["error_codes"] == [7000222]


@pytest.mark.parametrize(
    ("changed", "number"),
    [
        ({"iss": "https://other.example.com"}, 700211),
        ({"sub": "other"}, 700213),
        ({"aud": "other"}, 700212),
        ({"exp": 1_000_000_000}, 700024),
        ({}, None),
    ],
)
def test_federated_tokens_are_compared_and_verified(
    place: Place, changed: dict[str, Any], number: int | None
) -> None:
    federate(place)
    answer = place.http.post(V2, data=assertion(**changed))
    assert answer.json().get("error_codes", [None]) == [number], answer.text


def test_a_federated_token_by_another_key_is_refused(place: Place) -> None:
    federate(place)
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = assertion()
    claims = jwt.decode(form["client_assertion"], options={"verify_signature": False})
    form["client_assertion"] = jwt.encode(claims, stranger, "RS256", headers={"kid": "one"})
    assert place.http.post(V2, data=form).status_code == 401


def test_managed_identities_have_the_shape_of_the_metadata_service(place: Place) -> None:
    path, query = "/metadata/identity/oauth2/token", {"resource": RESOURCE, "api-version": "2018-02-01"}
    assert place.http.get(path, params=query).status_code == 400
    marked = {"Metadata": "true"}
    answer = place.http.get(path, params=query, headers=marked).json()
    assert answer["expires_in"] == "3599"
    assert (place.access(answer["access_token"])) == 200
    unknown = place.http.get(path, params={**query, "client_id": "unknown"}, headers=marked)
    assert (unknown.status_code, unknown.json()["error_description"]) == (400, "Identity not found")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"sekret": "x"}, "sekret"),
        ({"tenant": "contoso"}, "tenant"),
        ({"secret": 1}, "secret"),
        ({"certificate": "-----BEGIN"}, "certificate"),
        ({"federated": {"issuer": "x"}}, "federated"),
        ({"roles": "Manager"}, "roles"),
        ({"associated": "yes"}, "associated"),
        ([], "body"),
    ],
)
def test_a_bad_registration_names_the_member_and_keeps_nothing(place: Place, body: Any, named: str) -> None:
    answer = place.http.post("/_emulator/applications", json=body)
    assert answer.status_code == 400
    assert named in answer.json()["message"]
    assert place.entra.list_registered() == []


@pytest.mark.parametrize("content", [b"{", b"[" * 100_000, b'{"tenant": "\\ud800"}', b""])
def test_a_registration_that_is_no_json_is_refused(place: Place, content: bytes) -> None:
    answer = place.http.post("/_emulator/applications", content=content)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("applications: ")
    assert place.entra.list_registered() == []


def test_registrations_are_shown_without_secrets(place: Place) -> None:
    made = place.register(secret="planted")
    assert place.entra.list_registered() == [made]
    assert "planted" not in json.dumps(made)


def test_a_resource_of_an_emulated_service_has_tokens(place: Place) -> None:
    form = {**FORM, "scope": "https://licences.contoso.example/.default"}
    assert place.http.post(V2, data=form).json()["error_codes"] == [500011]
    place.entra = Entra(
        lambda: place.now, place.memory, seed=1, audiences=["https://licences.contoso.example"]
    )
    place.http = Http(Starlette(routes=place.entra.routes()))
    token = place.http.post(V2, data=form).json()["access_token"]
    assert place.access(token, "https://licences.contoso.example") == 200
    assert place.access(token) == 401
