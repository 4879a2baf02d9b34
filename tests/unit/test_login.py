"""Every way to sign in, with the real msal over TLS, and the error of every failure."""

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
from provider.tools.hangs import HANG_SECONDS
from tests.unit.sign_in_server import (
    CERTIFICATE,
    CERTIFICATE_PEM,
    KEY,
    PLANTED,
    RESOURCE,
    SignInServer,
    federated_token,
    github_environment,
    running_server,
    server,
)

from pulumi_partnercenter.api.http.tokens import (
    TokenSource,
)
from pulumi_partnercenter.api.submission.system import SUBMISSION
from pulumi_partnercenter.emulator.entra import CLIENT, TENANT
from pulumi_partnercenter.errors import AuthError, PartnerCenterError, SettingsError
from pulumi_partnercenter.settings import Settings

__all__ = ["running_server", "server"]  # fixtures

# --- Ways to sign in


def test_a_client_secret_signs_in_with_two_requests_when_a_token_is_needed(server: SignInServer) -> None:
    tokens = TokenSource(server.secret_settings(), SUBMISSION.audience)
    with server.open_client(tokens) as client:
        assert server.log == []
        assert client.get("/products").status_code == 200
    assert server.log == [
        f"GET /{TENANT}/v2.0/.well-known/openid-configuration",
        f"POST /{TENANT}/oauth2/v2.0/token",
        "GET /v1.0/ingestion/products",
    ]


@pytest.mark.parametrize("password", ["", PLANTED])
@pytest.mark.parametrize("file_type", ["pem", "pfx"])
def test_a_certificate_signs_in(server: SignInServer, tmp_path: Path, file_type: str, password: str) -> None:
    file = tmp_path / f"certificate.{file_type}"
    encryption: KeySerializationEncryption = NoEncryption()
    if password:
        encryption = BestAvailableEncryption(password.encode())
    if file_type == "pem":
        file.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption) + CERTIFICATE_PEM)
    else:
        file.write_bytes(
            pkcs12.serialize_key_and_certificates(b"contoso", KEY, CERTIFICATE, None, encryption)
        )
    application = server.register_application(certificate=CERTIFICATE_PEM.decode())
    certificate = {"AZURE_CLIENT_CERTIFICATE_PATH": str(file), "AZURE_CLIENT_CERTIFICATE_PASSWORD": password}
    assert server.accepts(server.settings(**application, **certificate))


@pytest.mark.parametrize("name", ["AZURE_FEDERATED_TOKEN_FILE", "ARM_OIDC_TOKEN_FILE_PATH"])
def test_a_federated_token_file_is_read_at_every_use(server: SignInServer, tmp_path: Path, name: str) -> None:
    file = tmp_path / "token"
    file.write_text("stale")
    tokens = TokenSource(
        server.settings(**server.register_federation(), **{name: str(file)}), SUBMISSION.audience
    )
    with pytest.raises(AuthError):
        tokens.token()
    file.write_text(f"{federated_token()}\n")
    server.entra.require_access(f"Bearer {tokens.token()}", [RESOURCE])


def test_a_federated_token_in_the_environment_signs_in(server: SignInServer) -> None:
    assert server.accepts(server.settings(**server.register_federation(), ARM_OIDC_TOKEN=federated_token()))


def test_githubs_identity_signs_in(server: SignInServer) -> None:
    assert server.accepts(server.settings(**server.register_federation(), **github_environment(server)))
    assert server.count_requests("/github/id") == 1


def use_metadata_service(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Redirect msal to this metadata service of a virtual machine."""
    for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT", "MSI_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", address)


def test_a_managed_identity_signs_in(server: SignInServer, monkeypatch: pytest.MonkeyPatch) -> None:
    use_metadata_service(monkeypatch, server.url)
    assert server.accepts(server.settings(ARM_USE_MSI="true"))
    client = server.register_application(secret="unused")["AZURE_CLIENT_ID"]
    token = TokenSource(
        server.settings(ARM_USE_MSI="true", ARM_CLIENT_ID=client), SUBMISSION.audience
    ).token()
    assert jwt.decode(token, options={"verify_signature": False})["appid"] == client


def install_az(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, output: str = "", error: str = "", exit_code: int = 0
) -> None:
    """Put an `az` on PATH that answers get-access-token like this; other commands end with exit code 2."""
    expected = ["account", "get-access-token", "--resource", RESOURCE, "-o", "json"]
    program = (
        f"#!{sys.executable}\nimport sys\nif sys.argv[1:] != {expected!r}: sys.exit(2)\n"
        f"sys.stdout.write({output!r}); sys.stderr.write({error!r}); sys.exit({exit_code})\n"
    )
    file = folder / "az"
    file.write_text(program)
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder))


def test_a_hanging_azure_cli_is_ended_with_its_child_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`az` is a script that starts another program, which would keep the pipes open."""
    pipe, file = tmp_path / "held", tmp_path / "az"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(pipe, os.O_WRONLY)  # so that the pipe ends also if `az` is ended before it opens it
    file.write_text(f"#!/bin/sh\nexec 9>{pipe}\n/bin/sleep 600 &\nwait\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AuthError, match="Azure CLI") as error:
        TokenSource(Settings.load({"partnercenter:timeoutSeconds": "1"}, {}), SUBMISSION.audience).token()
    assert "no answer within 1 seconds" in error.value.said
    assert "az login" in error.value.next
    os.close(writer)
    assert select.select([reader], [], [], HANG_SECONDS)[0], "a process still holds the pipe"
    assert os.read(reader, 1) == b""
    os.close(reader)


@pytest.mark.parametrize(
    "expiry", [{"expires_on": 4_000_000_000}, {"expiresOn": "2096-10-02 07:06:40.000000"}]
)
def test_the_azure_clis_login_is_used_when_nothing_else_is_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expiry: dict[str, Any]
) -> None:
    install_az(
        tmp_path, monkeypatch, output=json.dumps({"accessToken": "from-az", "tokenType": "Bearer", **expiry})
    )
    tokens = TokenSource(Settings.load({}, {}), SUBMISSION.audience)
    assert (tokens.token(), tokens.source) == ("from-az", "the Azure CLI's login (az)")


def test_a_ready_token_precedes_a_login_and_sends_no_token_request(server: SignInServer) -> None:
    assert server.accepts(server.secret_settings(PARTNERCENTER_ACCESS_TOKEN="emulator"))
    assert server.log == ["GET /v1.0/ingestion/products"]


# --- Failures


def sign_in_error(
    settings: Settings, *words: str, log: pytest.LogCaptureFixture | None = None
) -> PartnerCenterError:
    """Fetch a token and return the error: at most three lines, with these words, without the planted secret."""
    with pytest.raises(PartnerCenterError) as error_info:
        TokenSource(settings, SUBMISSION.audience).token()
    error = error_info.value
    texts = [str(error), repr(error), *traceback.format_exception(error), log.text if log else ""]
    assert PLANTED not in "".join(texts)
    assert len(str(error).splitlines()) <= 3
    assert error.next
    for word in words:
        assert word in str(error)
    return error


def test_a_missing_login_names_the_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    error = sign_in_error(Settings.load({}, {}), "AZURE_CLIENT_SECRET", "PARTNERCENTER_ACCESS_TOKEN=emulator")
    assert isinstance(error, SettingsError)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            {"error": "ERROR: Please run 'az login' to setup account.\n", "exit_code": 1},
            ("Please run", "az login"),
        ),
        ({"error": f"Traceback\nERROR: {'x' * 20}.{'y' * 20}.{'z' * 20}\n", "exit_code": 1}, ("service: …",)),
        ({"output": "not json"}, ("not the JSON",)),
        ({"output": "[]"}, ("not the JSON",)),
    ],
)
def test_an_azure_cli_without_a_login_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], words: tuple[str, ...]
) -> None:
    install_az(tmp_path, monkeypatch, **answer)
    sign_in_error(Settings.load({}, {}), *words)


def test_no_credential_is_sent_over_plain_http() -> None:
    endpoint = {"PARTNERCENTER_ENDPOINT": "http://127.0.0.1:9"}
    application = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT, "AZURE_CLIENT_SECRET": PLANTED}
    for login in ({}, application, {"ARM_USE_MSI": "true"}):
        sign_in_error(
            Settings.load({}, {**endpoint, **login}), "plain http", "PARTNERCENTER_ACCESS_TOKEN=emulator"
        )


def test_every_refusal_of_a_client_secret_has_its_own_next_step(
    server: SignInServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    expired = server.register_application(secret=PLANTED, secret_expires_at=1)
    unknown = "99999999-9999-9999-9999-999999999999"
    secret = {"AZURE_CLIENT_SECRET": PLANTED}
    for environ, words in (
        (secret, ("AADSTS7000215", "AZURE_CLIENT_SECRET", "not its id")),
        ({**expired, **secret}, ("AADSTS7000222", "new secret")),
        ({"AZURE_TENANT_ID": unknown, **secret}, ("AADSTS90002", "AZURE_TENANT_ID")),
        ({"AZURE_CLIENT_ID": unknown, **secret}, ("AADSTS700016", "AZURE_CLIENT_ID")),
    ):
        error = sign_in_error(server.secret_settings(**environ), *words, log=caplog)
        assert isinstance(error, AuthError)
        assert "Trace ID" not in str(error)


def test_a_tenant_without_the_service_is_reported(server: SignInServer) -> None:
    with pytest.raises(AuthError, match=r"(?s)AADSTS500011.*associated"):
        TokenSource(server.secret_settings(), "https://example.com").token()


def test_an_unusable_certificate_is_reported_with_the_reason(server: SignInServer, tmp_path: Path) -> None:
    encryption = BestAvailableEncryption(PLANTED.encode())
    encrypted = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption) + CERTIFICATE_PEM
    curve = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    unregistered = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + CERTIFICATE_PEM
    pfx = pkcs12.serialize_key_and_certificates(b"contoso", KEY, CERTIFICATE, None, encryption)
    file = tmp_path / "certificate"
    for content, words in (
        (encrypted, ("not readable", "AZURE_CLIENT_CERTIFICATE_PASSWORD")),
        (pfx, ("not readable", "AZURE_CLIENT_CERTIFICATE_PASSWORD")),
        (PLANTED.encode(), ("not readable", "neither PEM nor PFX")),
        (CERTIFICATE_PEM, ("not readable", "private key")),
        (curve + CERTIFICATE_PEM, ("no RSA key",)),
        (unregistered, ("AADSTS700027", "upload the certificate")),
    ):
        file.write_bytes(content)
        sign_in_error(
            server.secret_settings(AZURE_CLIENT_SECRET="", AZURE_CLIENT_CERTIFICATE_PATH=str(file)), *words
        )


def test_a_federated_token_that_does_not_match_is_reported_with_what_to_compare(
    server: SignInServer, tmp_path: Path
) -> None:
    application, token_file = server.register_federation(), tmp_path / "empty"
    sign_in_error(
        server.settings(**application, ARM_OIDC_TOKEN=federated_token(PLANTED[::-1])),
        "AADSTS700213",
        "subject",
    )
    other_application = server.secret_settings(AZURE_CLIENT_SECRET="", ARM_OIDC_TOKEN=federated_token())
    sign_in_error(other_application, "AADSTS70021", "federated credential")
    token_file.write_text("\n")
    sign_in_error(
        server.settings(**application, AZURE_FEDERATED_TOKEN_FILE=str(token_file)),
        "empty",
        "AZURE_FEDERATED_TOKEN_FILE",
    )
    token_file.write_bytes(b"\xff\xfe")
    sign_in_error(server.settings(**application, AZURE_FEDERATED_TOKEN_FILE=str(token_file)), "not readable")


def test_a_github_job_without_the_permission_is_told_which_it_needs(server: SignInServer) -> None:
    sign_in_error(
        server.settings(**server.register_federation(), **github_environment(server, f"{PLANTED}-2")),
        "401",
        "id-token: write",
    )


def test_a_malformed_address_of_githubs_identity_service_is_reported(server: SignInServer) -> None:
    malformed = {**github_environment(server), "ACTIONS_ID_TOKEN_REQUEST_URL": "https://localhost:none"}
    sign_in_error(server.settings(**server.register_federation(), **malformed), "malformed address")


def test_an_endpoint_that_is_not_entra_id_is_reported(server: SignInServer) -> None:
    server.is_foreign = True
    sign_in_error(server.secret_settings(), "does not answer as Entra ID does", "PARTNERCENTER_ENDPOINT")


def test_a_machine_without_a_managed_identity_is_reported(
    server: SignInServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_metadata_service(monkeypatch, server.url)
    sign_in_error(
        server.settings(ARM_USE_MSI="true", ARM_CLIENT_ID="unknown"), "Identity not found", "ARM_USE_MSI"
    )
    use_metadata_service(monkeypatch, f"{server.url}/nowhere")
    sign_in_error(server.settings(ARM_USE_MSI="true"), "managed identity")
    use_metadata_service(monkeypatch, "http://127.0.0.1:9")
    sign_in_error(server.settings(ARM_USE_MSI="true"), "no answer", "ARM_USE_MSI")


def test_no_network_and_an_untrusted_authority_are_reported(server: SignInServer) -> None:
    sign_in_error(
        server.secret_settings(PARTNERCENTER_ENDPOINT="https://127.0.0.1:9"),
        "no answer from 127.0.0.1",
        "HTTPS_PROXY",
    )
    sign_in_error(server.secret_settings(SSL_CERT_FILE=""), "CERTIFICATE_VERIFY_FAILED", "SSL_CERT_FILE")
    sign_in_error(server.secret_settings(SSL_CERT_FILE=__file__), "no certificates readable")


@pytest.mark.parametrize("status", [500, 503, 200])
def test_an_error_of_entra_id_is_quoted_and_not_logged(
    server: SignInServer, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    server.failure_status = status
    caplog.set_level("DEBUG")
    sign_in_error(server.secret_settings(), f"({status})", "unavailable", log=caplog)
    assert not [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")]


OPAQUE = "0.AbCdEf0123456789-opaque~token"
MALFORMED_ANSWERS = {
    "truncated": f'{{"token_type":"Bearer","expires_in":3599,"access_token":"{OPAQUE}"',
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
@pytest.mark.parametrize("body", MALFORMED_ANSWERS)
def test_a_malformed_answer_with_a_token_is_not_quoted(
    body: str,
    status: int,
    server: SignInServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Covers every login that sends a request. The token is new, so redaction does not know it."""
    caplog.set_level("DEBUG")
    logins = [
        server.secret_settings(),
        server.settings(**server.register_federation(), **github_environment(server)),
    ]
    use_metadata_service(monkeypatch, f"{server.url}/token")
    server.failure_status, server.token_body = status, MALFORMED_ANSWERS[body].encode()
    for settings in [*logins, server.settings(ARM_USE_MSI="true")]:
        with pytest.raises(PartnerCenterError) as error:
            TokenSource(settings, SUBMISSION.audience).token()
        chain = "".join(traceback.format_exception(error.value))
        for text in (str(error.value), repr(error.value), chain.partition("The above exception")[0]):
            assert OPAQUE not in text
            assert OPAQUE[:12] not in text
