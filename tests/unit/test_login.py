"""Every way of signing in, with the real msal over TLS, and every way of failing to."""

from __future__ import annotations

import json
import os
import select
import stat
import sys
import traceback
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from tests.unit.signing_in import (
    CERTIFICATE,
    CERTIFICATE_PEM,
    KEY,
    PLANTED,
    RESOURCE,
    World,
    federated,
    github,
    served,
    world,
)

from pulumi_partnercenter.api.http.tokens import (
    TokenSource,
)
from pulumi_partnercenter.api.submission.system import SUBMISSION
from pulumi_partnercenter.emulator.entra import CLIENT, TENANT
from pulumi_partnercenter.errors import AuthError, PartnerCenterError, SettingsError
from pulumi_partnercenter.settings import Settings

__all__ = ["served", "world"]  # fixtures

# --- Every way of signing in


def test_a_secret_signs_in_with_two_requests_and_none_is_made_before_a_token_is_needed(world: World) -> None:
    tokens = TokenSource(world.secret(), SUBMISSION.audience)
    with world.client(tokens) as client:
        assert world.log == []
        assert client.get("/products").status_code == 200
    assert world.log == [
        f"GET /{TENANT}/v2.0/.well-known/openid-configuration",
        f"POST /{TENANT}/oauth2/v2.0/token",
        "GET /v1.0/ingestion/products",
    ]


@pytest.mark.parametrize("password", ["", PLANTED])
@pytest.mark.parametrize("form", ["pem", "pfx"])
def test_a_certificate_signs_in(world: World, tmp_path: Path, form: str, password: str) -> None:
    file = tmp_path / f"certificate.{form}"
    lock: KeySerializationEncryption = NoEncryption()
    if password:
        lock = BestAvailableEncryption(password.encode())
    if form == "pem":
        file.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock) + CERTIFICATE_PEM)
    else:
        file.write_bytes(pkcs12.serialize_key_and_certificates(b"contoso", KEY, CERTIFICATE, None, lock))
    who = world.application(certificate=CERTIFICATE_PEM.decode())
    named = {"AZURE_CLIENT_CERTIFICATE_PATH": str(file), "AZURE_CLIENT_CERTIFICATE_PASSWORD": password}
    assert world.accepts(world.settings(**who, **named))


@pytest.mark.parametrize("name", ["AZURE_FEDERATED_TOKEN_FILE", "ARM_OIDC_TOKEN_FILE_PATH"])
def test_a_federated_token_file_is_read_at_every_use(world: World, tmp_path: Path, name: str) -> None:
    file = tmp_path / "token"
    file.write_text("stale")
    tokens = TokenSource(world.settings(**world.federation(), **{name: str(file)}), SUBMISSION.audience)
    with pytest.raises(AuthError):
        tokens.token()
    file.write_text(f"{federated()}\n")
    world.entra.require_access(f"Bearer {tokens.token()}", [RESOURCE])


def test_a_federated_token_in_the_environment_signs_in(world: World) -> None:
    assert world.accepts(world.settings(**world.federation(), ARM_OIDC_TOKEN=federated()))


def test_githubs_identity_signs_in(world: World) -> None:
    assert world.accepts(world.settings(**world.federation(), **github(world)))
    assert world.asked("/github/id") == 1


def metadata(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Point msal at a metadata service of a virtual machine, whatever this machine is."""
    for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT", "MSI_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", address)


def test_a_managed_identity_signs_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    metadata(monkeypatch, world.url)
    assert world.accepts(world.settings(ARM_USE_MSI="true"))
    chosen = world.application(secret="unused")["AZURE_CLIENT_ID"]
    token = TokenSource(world.settings(ARM_USE_MSI="true", ARM_CLIENT_ID=chosen), SUBMISSION.audience).token()
    assert jwt.decode(token, options={"verify_signature": False})["appid"] == chosen


def az(folder: Path, monkeypatch: pytest.MonkeyPatch, *, out: str = "", err: str = "", code: int = 0) -> None:
    """An `az` on PATH that answers get-access-token as told, and anything else with status 2."""
    wanted = ["account", "get-access-token", "--resource", RESOURCE, "-o", "json"]
    program = (
        f"#!{sys.executable}\nimport sys\nif sys.argv[1:] != {wanted!r}: sys.exit(2)\n"
        f"sys.stdout.write({out!r}); sys.stderr.write({err!r}); sys.exit({code})\n"
    )
    file = folder / "az"
    file.write_text(program)
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder))


def test_an_azure_cli_that_hangs_is_ended_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`az` is a script around another program, which would hold the pipes and live on."""
    held, file = tmp_path / "held", tmp_path / "az"
    os.mkfifo(held)
    end = os.open(held, os.O_RDONLY | os.O_NONBLOCK)
    file.write_text(f"#!/bin/sh\nexec 9>{held}\n/bin/sleep 600 &\nwait\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AuthError, match="Azure CLI") as told:
        TokenSource(Settings.load({"partnercenter:timeoutSeconds": "1"}, {}), SUBMISSION.audience).token()
    assert "no answer within 1 seconds" in told.value.said
    assert "az login" in told.value.next
    assert select.select([end], [], [], 60)[0], "somebody still holds the pipe"
    assert os.read(end, 1) == b""
    os.close(end)


@pytest.mark.parametrize("ends", [{"expires_on": 4_000_000_000}, {"expiresOn": "2096-10-02 07:06:40.000000"}])
def test_the_azure_clis_login_is_used_when_nothing_else_is_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: dict[str, Any]
) -> None:
    az(tmp_path, monkeypatch, out=json.dumps({"accessToken": "from-az", "tokenType": "Bearer", **ends}))
    tokens = TokenSource(Settings.load({}, {}), SUBMISSION.audience)
    assert (tokens.token(), tokens.source) == ("from-az", "the Azure CLI's login (az)")


def test_a_ready_token_wins_over_a_login_and_asks_nobody(world: World) -> None:
    assert world.accepts(world.secret(PARTNERCENTER_ACCESS_TOKEN="emulator"))
    assert world.log == ["GET /v1.0/ingestion/products"]


# --- Failing


def failure(
    settings: Settings, *words: str, log: pytest.LogCaptureFixture | None = None
) -> PartnerCenterError:
    """The error of a fetch: three lines, with these words, and the planted secret nowhere."""
    with pytest.raises(PartnerCenterError) as caught:
        TokenSource(settings, SUBMISSION.audience).token()
    error = caught.value
    told = [str(error), repr(error), *traceback.format_exception(error), log.text if log else ""]
    assert PLANTED not in "".join(told)
    assert len(str(error).splitlines()) <= 3
    assert error.next
    for word in words:
        assert word in str(error)
    return error


def test_nothing_configured_names_the_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    error = failure(Settings.load({}, {}), "AZURE_CLIENT_SECRET", "PARTNERCENTER_ACCESS_TOKEN=emulator")
    assert isinstance(error, SettingsError)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"err": "ERROR: Please run 'az login' to setup account.\n", "code": 1}, ("Please run", "az login")),
        ({"err": f"Traceback\nERROR: {'x' * 20}.{'y' * 20}.{'z' * 20}\n", "code": 1}, ("service: …",)),
        ({"out": "not json"}, ("not the JSON",)),
        ({"out": "[]"}, ("not the JSON",)),
    ],
)
def test_an_azure_cli_without_a_login_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], words: tuple[str, ...]
) -> None:
    az(tmp_path, monkeypatch, **answer)
    failure(Settings.load({}, {}), *words)


def test_no_login_goes_over_plain_http() -> None:
    endpoint = {"PARTNERCENTER_ENDPOINT": "http://127.0.0.1:9"}
    who = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT, "AZURE_CLIENT_SECRET": PLANTED}
    for login in ({}, who, {"ARM_USE_MSI": "true"}):
        failure(Settings.load({}, {**endpoint, **login}), "plain http", "PARTNERCENTER_ACCESS_TOKEN=emulator")


def test_each_refusal_of_a_secret_has_its_own_next_step(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    expired = world.application(secret=PLANTED, secret_expires_at=1)
    unknown = "99999999-9999-9999-9999-999999999999"
    secret = {"AZURE_CLIENT_SECRET": PLANTED}
    for environ, words in (
        (secret, ("AADSTS7000215", "AZURE_CLIENT_SECRET", "not its id")),
        ({**expired, **secret}, ("AADSTS7000222", "new secret")),
        ({"AZURE_TENANT_ID": unknown, **secret}, ("AADSTS90002", "AZURE_TENANT_ID")),
        ({"AZURE_CLIENT_ID": unknown, **secret}, ("AADSTS700016", "AZURE_CLIENT_ID")),
    ):
        error = failure(world.secret(**environ), *words, log=caplog)
        assert isinstance(error, AuthError)
        assert "Trace ID" not in str(error)


def test_a_tenant_that_does_not_know_the_service_says_so(world: World) -> None:
    with pytest.raises(AuthError, match=r"(?s)AADSTS500011.*associated"):
        TokenSource(world.secret(), "https://example.com").token()


def test_certificates_that_cannot_be_used_say_why(world: World, tmp_path: Path) -> None:
    lock = BestAvailableEncryption(PLANTED.encode())
    locked = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock) + CERTIFICATE_PEM
    curve = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    plain = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + CERTIFICATE_PEM
    pfx = pkcs12.serialize_key_and_certificates(b"contoso", KEY, CERTIFICATE, None, lock)
    file = tmp_path / "certificate"
    for content, words in (
        (locked, ("not readable", "AZURE_CLIENT_CERTIFICATE_PASSWORD")),
        (pfx, ("not readable", "AZURE_CLIENT_CERTIFICATE_PASSWORD")),
        (PLANTED.encode(), ("not readable", "neither PEM nor PFX")),
        (CERTIFICATE_PEM, ("not readable", "private key")),
        (curve + CERTIFICATE_PEM, ("no RSA key",)),
        (plain, ("AADSTS700027", "upload the certificate")),
    ):
        file.write_bytes(content)
        failure(world.secret(AZURE_CLIENT_SECRET="", AZURE_CLIENT_CERTIFICATE_PATH=str(file)), *words)


def test_federated_tokens_that_do_not_match_say_what_to_compare(world: World, tmp_path: Path) -> None:
    who, empty = world.federation(), tmp_path / "empty"
    failure(world.settings(**who, ARM_OIDC_TOKEN=federated(PLANTED[::-1])), "AADSTS700213", "subject")
    unfederated = world.secret(AZURE_CLIENT_SECRET="", ARM_OIDC_TOKEN=federated())
    failure(unfederated, "AADSTS70021", "federated credential")
    empty.write_text("\n")
    failure(
        world.settings(**who, AZURE_FEDERATED_TOKEN_FILE=str(empty)), "empty", "AZURE_FEDERATED_TOKEN_FILE"
    )
    empty.write_bytes(b"\xff\xfe")
    failure(world.settings(**who, AZURE_FEDERATED_TOKEN_FILE=str(empty)), "not readable")


def test_a_github_job_without_the_permission_says_so(world: World) -> None:
    failure(world.settings(**world.federation(), **github(world, f"{PLANTED}-2")), "401", "id-token: write")


def test_an_address_of_githubs_that_is_none_is_no_traceback(world: World) -> None:
    broken = {**github(world), "ACTIONS_ID_TOKEN_REQUEST_URL": "https://localhost:none"}
    failure(world.settings(**world.federation(), **broken), "malformed address")


def test_an_endpoint_that_is_not_entra_is_no_traceback(world: World) -> None:
    world.strange = True
    failure(world.secret(), "does not answer as Entra ID does", "PARTNERCENTER_ENDPOINT")


def test_a_machine_without_an_identity_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    metadata(monkeypatch, world.url)
    failure(world.settings(ARM_USE_MSI="true", ARM_CLIENT_ID="unknown"), "Identity not found", "ARM_USE_MSI")
    metadata(monkeypatch, f"{world.url}/nowhere")
    failure(world.settings(ARM_USE_MSI="true"), "managed identity")
    metadata(monkeypatch, "http://127.0.0.1:9")
    failure(world.settings(ARM_USE_MSI="true"), "no answer", "ARM_USE_MSI")


def test_no_network_and_an_untrusted_authority_are_no_tracebacks(world: World) -> None:
    failure(
        world.secret(PARTNERCENTER_ENDPOINT="https://127.0.0.1:9"), "no answer from 127.0.0.1", "HTTPS_PROXY"
    )
    failure(world.secret(SSL_CERT_FILE=""), "CERTIFICATE_VERIFY_FAILED", "SSL_CERT_FILE")
    failure(world.secret(SSL_CERT_FILE=__file__), "no certificates readable")


@pytest.mark.parametrize("status", [500, 503, 200])
def test_an_entra_that_is_unwell_is_quoted_and_not_logged(
    world: World, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    world.failing = status
    caplog.set_level("DEBUG")
    failure(world.secret(), f"({status})", "unavailable", log=caplog)
    assert not [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")]


OPAQUE = "0.AbCdEf0123456789-opaque~token"
BROKEN = {
    "cut": f'{{"token_type":"Bearer","expires_in":3599,"access_token":"{OPAQUE}"',
    "escaped": f'"{{\\"access_token\\":\\"{OPAQUE}\\"',
    "single quotes": f"{{'access_token':'{OPAQUE}'}}",
    "form": f"access_token={OPAQUE}&expires_in=3599",
    "array": f'["{OPAQUE}"]',
    "alone": OPAQUE,
    "text": json.dumps(OPAQUE),
    "page": f"<html><body>access_token: {OPAQUE}</body></html>",
    "value": f'{{"value":"{OPAQUE}"',
    "no end": f'{{"access_token":"{OPAQUE}"}}',
    "odd end": f'{{"access_token":"{OPAQUE}","expires_in":"soon","token_type":"Bearer"}}',
}


@pytest.mark.parametrize("status", [200, 203, 500])
@pytest.mark.parametrize("body", BROKEN)
def test_a_broken_answer_with_a_token_in_it_is_not_quoted(
    body: str, status: int, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """By every way of signing in that asks somebody; nobody knows such a token yet, so that none is redacted."""
    caplog.set_level("DEBUG")
    logins = [world.secret(), world.settings(**world.federation(), **github(world))]
    metadata(monkeypatch, f"{world.url}/token")
    world.failing, world.broken = status, BROKEN[body].encode()
    for settings in [*logins, world.settings(ARM_USE_MSI="true")]:
        with pytest.raises(PartnerCenterError) as told:
            TokenSource(settings, SUBMISSION.audience).token()
        chain = "".join(traceback.format_exception(told.value))
        for text in (str(told.value), repr(told.value), chain.partition("The above exception")[0]):
            assert OPAQUE not in text
            assert OPAQUE[:12] not in text
