"""The emulator's Entra ID: tokens, applications, federated credentials and errors."""

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
FEDERATED_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class InProcessClient:
    """A client of the application in this process."""

    def __init__(self, app: Starlette) -> None:
        self._transport = httpx.ASGITransport(app)

    def get(self, path: str, **parts: Any) -> httpx.Response:
        return asyncio.run(self._send("GET", path, **parts))

    def post(self, path: str, **parts: Any) -> httpx.Response:
        return asyncio.run(self._send("POST", path, **parts))

    async def _send(self, method: str, path: str, **parts: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._transport, base_url=ROOT) as client:
            return await client.request(method, path, **parts)


class EmulatedEntra:
    """An emulated Entra ID with a client and a clock."""

    def __init__(self, memory: dict[str, str] | None = None) -> None:
        self.memory: dict[str, str] = {} if memory is None else memory
        self.now = 1_800_000_000.0
        self.entra = Entra(lambda: self.now, self.memory, seed=1)
        self.http = InProcessClient(Starlette(routes=self.entra.routes()))

    def token(self, **changes: str) -> str:
        return str(self.http.post(V2, data={**FORM, **changes}).json()["access_token"])

    def request_status(self, token: str, audience: str = RESOURCE) -> int:
        """The status of a request with this token; 200 when it is let through."""
        return self.request_with_header(f"Bearer {token}", audience)[0]

    def request_with_header(self, authorization: str | None, audience: str = RESOURCE) -> tuple[int, str]:
        """The status of a request with this header, and the error message."""
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
def entra() -> EmulatedEntra:
    return EmulatedEntra()


def test_the_v2_token_endpoint_answers_numbers_and_the_v1_endpoint_strings(entra: EmulatedEntra) -> None:
    v2_token = entra.http.post(V2, data=FORM).json()
    assert (v2_token["token_type"], v2_token["expires_in"]) == ("Bearer", 3599)
    form = {name: value for name, value in FORM.items() if name != "scope"}
    v1_token = entra.http.post(V1, data={**form, "resource": f"{RESOURCE}/"}).json()
    assert (v1_token["expires_in"], v1_token["expires_on"], v1_token["resource"]) == (
        "3599",
        "1800003600",
        RESOURCE,
    )
    assert (entra.request_status(v1_token["access_token"])) == 200


def test_tokens_verify_against_the_published_keys_and_carry_the_claims(entra: EmulatedEntra) -> None:
    configuration = entra.http.get(f"/{TENANT}/v2.0/.well-known/openid-configuration").json()
    assert configuration["token_endpoint"] == f"{ROOT}{V2}"
    keys = entra.http.get(configuration["jwks_uri"].removeprefix(ROOT)).json()
    token = entra.token()
    key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(
        token,
        key,
        algorithms=["RS256"],
        audience=RESOURCE,
        # The emulator has its own time.
        options={"verify_nbf": False, "verify_iat": False, "verify_exp": False},
    )
    assert (claims["tid"], claims["appid"]) == (TENANT, CLIENT)
    assert claims["iss"] == f"https://sts.windows.net/{TENANT}/"
    assert (claims["nbf"], claims["exp"] - claims["nbf"]) == (1_800_000_000, 3600)
    assert claims["oid"] == claims["sub"]
    legacy = entra.http.get(f"/{TENANT}/.well-known/openid-configuration").json()
    assert (legacy["issuer"], legacy["token_endpoint"]) == (claims["iss"], f"{ROOT}{V1}")
    assert entra.http.get(legacy["jwks_uri"].removeprefix(ROOT)).json() == keys


def test_tokens_end_with_the_emulators_clock(entra: EmulatedEntra) -> None:
    token = entra.token()
    entra.now += 3599
    assert (entra.request_status(token)) == 200
    entra.now += 1
    assert (entra.request_status(token)) == 401


def test_tokens_and_applications_survive_a_restart_and_a_reset_keeps_the_key(entra: EmulatedEntra) -> None:
    entra.register(client="44444444-4444-4444-4444-444444444444", secret="planted")
    token, other = (
        entra.token(),
        entra.token(client_id="44444444-4444-4444-4444-444444444444", client_secret="planted"),
    )
    restarted = EmulatedEntra(dict(entra.memory))
    assert (restarted.request_status(token)) == (restarted.request_status(other)) == 200
    restarted.entra.reset()
    assert restarted.entra.list_registered() == []
    assert ((restarted.request_status(token)), (restarted.request_status(other))) == (200, 401)


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Basic emulator", "Bearer nonsense", "Bearer a.b.c"]
)
def test_an_authorization_without_a_valid_token_is_refused(
    entra: EmulatedEntra, authorization: str | None
) -> None:
    message = "Unauthorized. Access token is missing or invalid."
    assert entra.request_with_header(authorization) == (401, message)


def test_the_ready_token_of_the_emulator_is_valid_for_every_audience(entra: EmulatedEntra) -> None:
    assert entra.request_status("emulator") == 200
    assert entra.request_status("emulator", "https://graph.microsoft.com") == 200


def test_a_registered_application_has_a_ready_token_of_its_own(entra: EmulatedEntra) -> None:
    application = entra.register()
    tenant, client = application["tenant"], application["client"]
    caller = entra.entra.require_access(f"Bearer emulator:{tenant}:{client}", [RESOURCE])
    assert (caller.tenant, caller.client) == (tenant, client)
    for token in (f"emulator:{tenant}:{tenant}", f"emulator:{client}", f"emulator:{tenant}:{client}:"):
        assert entra.request_status(token) == 401


def test_audience_and_signature_of_a_token_are_checked(entra: EmulatedEntra) -> None:
    assert (entra.request_status(entra.token(scope="https://graph.microsoft.com/.default"))) == 401
    claims = jwt.decode(entra.token(), options={"verify_signature": False})
    assert (entra.request_status(jwt.encode(claims, FEDERATED_KEY, "RS256"))) == 401
    assert (entra.request_status(jwt.encode(claims, "", "none"))) == 401


def test_a_valid_token_needs_an_associated_application_with_a_role(entra: EmulatedEntra) -> None:
    for members, expected in (({"associated": False}, 401), ({"roles": []}, 403), ({}, 200)):
        application = entra.register(secret="planted", **members)
        token = entra.token(client_id=application["client"], client_secret="planted")
        assert (entra.request_status(token)) == expected


def federated_form(**changes: Any) -> dict[str, str]:
    claims = {"iss": "https://issuer.example.com", "sub": "job", "aud": "api://AzureADTokenExchange"}
    text = jwt.encode(
        {**claims, "exp": 4_000_000_000, **changes}, FEDERATED_KEY, "RS256", headers={"kid": "one"}
    )
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    form = {name: value for name, value in FORM.items() if name != "client_secret"}
    return {**form, "client_assertion": text, "client_assertion_type": kind}


def register_federation(entra: EmulatedEntra) -> None:
    public = {**RSAAlgorithm.to_jwk(FEDERATED_KEY.public_key(), as_dict=True), "kid": "one"}
    subject = {"issuer": "https://issuer.example.com", "subject": "job", "keys": {"keys": [public]}}
    entra.register(tenant=TENANT, client=CLIENT, federated=subject)


def form_without(name: str) -> dict[str, str]:
    return {key: value for key, value in FORM.items() if key != name}


REFUSALS: dict[int, Callable[[], dict[str, str]]] = {
    900144: lambda: form_without("grant_type"),
    70003: lambda: {**FORM, "grant_type": "password"},
    700016: lambda: {**FORM, "client_id": "99999999-9999-9999-9999-999999999999"},
    7000218: lambda: form_without("client_secret"),
    7000215: lambda: {**FORM, "client_secret": "planted"},
    1002012: lambda: {**FORM, "scope": RESOURCE},
    500011: lambda: {**FORM, "scope": "https://example.com/.default"},
    70021: federated_form,
}


@pytest.mark.parametrize("number", REFUSALS)
def test_token_errors_have_the_form_of_entra_id(entra: EmulatedEntra, number: int) -> None:
    answer = entra.http.post(V2, data=REFUSALS[number]())
    body = answer.json()
    assert answer.status_code == (401 if body["error"] == "invalid_client" else 400)
    assert body["error_codes"] == [number]
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    assert body["trace_id"] in body["error_description"]
    assert set(body) >= {"timestamp", "correlation_id", "error_uri"}
    assert "planted" not in answer.text


def test_an_unknown_tenant_is_refused_by_both_endpoints(entra: EmulatedEntra) -> None:
    path = "/99999999-9999-9999-9999-999999999999"
    for answer in (
        entra.http.post(f"{path}/oauth2/v2.0/token", data=FORM),
        entra.http.get(f"{path}/v2.0/.well-known/openid-configuration"),
    ):
        assert (answer.status_code, answer.json()["error_codes"]) == (400, [90002])


def test_a_secret_ends_with_the_emulators_clock(entra: EmulatedEntra) -> None:
    application = entra.register(secret="planted", secret_expires_at=entra.now + 10)
    form = {**FORM, "client_id": application["client"], "client_secret": "planted"}
    assert entra.http.post(V2, data=form).status_code == 200
    entra.now += 10
    assert entra.http.post(V2, data=form).json()["error_codes"] == [7000222]


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"iss": "https://other.example.com"}, 700211),
        ({"sub": "other"}, 700213),
        ({"aud": "other"}, 700212),
        ({"exp": 1_000_000_000}, 700024),
        ({}, None),
    ],
)
def test_claims_of_a_federated_token_are_verified(
    entra: EmulatedEntra, changes: dict[str, Any], number: int | None
) -> None:
    register_federation(entra)
    answer = entra.http.post(V2, data=federated_form(**changes))
    assert answer.json().get("error_codes", [None]) == [number], answer.text


def test_a_federated_token_signed_with_another_key_is_refused(entra: EmulatedEntra) -> None:
    register_federation(entra)
    other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = federated_form()
    claims = jwt.decode(form["client_assertion"], options={"verify_signature": False})
    form["client_assertion"] = jwt.encode(claims, other_key, "RS256", headers={"kid": "one"})
    assert entra.http.post(V2, data=form).status_code == 401


def test_managed_identities_have_the_shape_of_the_metadata_service(entra: EmulatedEntra) -> None:
    path, query = "/metadata/identity/oauth2/token", {"resource": RESOURCE, "api-version": "2018-02-01"}
    assert entra.http.get(path, params=query).status_code == 400
    headers = {"Metadata": "true"}
    answer = entra.http.get(path, params=query, headers=headers).json()
    assert answer["expires_in"] == "3599"
    assert (entra.request_status(answer["access_token"])) == 200
    unknown = entra.http.get(path, params={**query, "client_id": "unknown"}, headers=headers)
    assert (unknown.status_code, unknown.json()["error_description"]) == (400, "Identity not found")


@pytest.mark.parametrize(
    ("body", "member"),
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
def test_an_invalid_registration_names_the_member_and_registers_nothing(
    entra: EmulatedEntra, body: Any, member: str
) -> None:
    answer = entra.http.post("/_emulator/applications", json=body)
    assert answer.status_code == 400
    assert member in answer.json()["message"]
    assert entra.entra.list_registered() == []


@pytest.mark.parametrize("content", [b"{", b"[" * 100_000, b'{"tenant": "\\ud800"}', b""])
def test_a_registration_that_is_not_json_is_refused(entra: EmulatedEntra, content: bytes) -> None:
    answer = entra.http.post("/_emulator/applications", content=content)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("applications: ")
    assert entra.entra.list_registered() == []


def test_registered_applications_are_listed_without_secrets(entra: EmulatedEntra) -> None:
    application = entra.register(secret="planted")
    assert entra.entra.list_registered() == [application]
    assert "planted" not in json.dumps(application)


def test_tokens_are_issued_for_the_audience_of_an_emulated_service(entra: EmulatedEntra) -> None:
    form = {**FORM, "scope": "https://licences.contoso.example/.default"}
    assert entra.http.post(V2, data=form).json()["error_codes"] == [500011]
    entra.entra = Entra(
        lambda: entra.now, entra.memory, seed=1, audiences=["https://licences.contoso.example"]
    )
    entra.http = InProcessClient(Starlette(routes=entra.entra.routes()))
    token = entra.http.post(V2, data=form).json()["access_token"]
    assert entra.request_status(token, "https://licences.contoso.example") == 200
    assert entra.request_status(token) == 401
