"""Settings: precedence, the choice of a login, and values that are refused before any request."""

from __future__ import annotations

import dataclasses
import pickle
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pulumi_partnercenter.api.submission.system import SUBMISSION
from pulumi_partnercenter.api.systems import SYSTEMS
from pulumi_partnercenter.errors import SettingsError
from pulumi_partnercenter.settings import (
    CONFIG_KEYS,
    AzureCli,
    ClientCertificate,
    ClientSecret,
    FederatedToken,
    GitHubIdentity,
    ManagedIdentity,
    Settings,
)

TENANT = "11111111-1111-1111-1111-111111111111"
CLIENT = "22222222-2222-2222-2222-222222222222"
OTHER = "33333333-3333-3333-3333-333333333333"
AZURE = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT}
ARM = {"ARM_TENANT_ID": TENANT, "ARM_CLIENT_ID": CLIENT}
GITHUB = {
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://example.com/id",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "planted-g",
}


def load(config: dict[str, str] | None = None, /, **environ: str) -> Settings:
    return Settings.load(config, environ)


def settings_error(config: dict[str, str] | None = None, /, **environ: str) -> str:
    with pytest.raises(SettingsError) as error:
        Settings.load(config, environ)
    assert len(str(error.value).splitlines()) <= 3
    return str(error.value)


def test_defaults_are_the_public_services_and_the_login_of_azure_cli() -> None:
    settings = load()
    assert SUBMISSION.url(settings.endpoint) == "https://api.partner.microsoft.com/v1.0/ingestion"
    assert settings.login_url == "https://login.microsoftonline.com"
    assert (settings.timeout_seconds, settings.log, settings.access_token) == (60, "", "")
    assert settings.login == AzureCli()


def test_the_endpoint_is_the_root_of_every_system() -> None:
    settings = load(PARTNERCENTER_ENDPOINT="http://127.0.0.1:4010/")
    root = "http://127.0.0.1:4010"
    assert settings.login_url == root
    for system in SYSTEMS:
        assert system.url(settings.endpoint) == f"{root}{urlsplit(system.base).path}"


def test_environment_precedes_stack_configuration_and_stack_configuration_defaults() -> None:
    stack = {"partnercenter:timeoutSeconds": "5", "partnercenter:log": "debug"}
    assert load(stack, PARTNERCENTER_TIMEOUT_SECONDS="7.5").timeout_seconds == 7.5
    assert load(stack).timeout_seconds == 5
    assert load(stack).log == "debug"


@pytest.mark.parametrize("blank", ["", "  ", "\n"])
def test_a_blank_setting_is_not_set(blank: str) -> None:
    settings = load({"partnercenter:timeoutSeconds": "5"}, PARTNERCENTER_TIMEOUT_SECONDS=blank)
    assert settings.timeout_seconds == 5
    assert load(AZURE_TENANT_ID=blank, PARTNERCENTER_ENDPOINT=blank) == load()


def test_every_key_of_stack_configuration_is_documented() -> None:
    documented = sys.modules[Settings.__module__].__doc__ or ""
    for key in CONFIG_KEYS:
        space, _, name = key.partition(":")
        assert space == "partnercenter"
        assert f"| {name} " in documented


@pytest.mark.parametrize("names", ["AZURE", "ARM"])
def test_a_client_secret_is_read_from_azure_and_arm_variables(names: str) -> None:
    application = {
        f"{names}_TENANT_ID": TENANT,
        f"{names}_CLIENT_ID": CLIENT,
        f"{names}_CLIENT_SECRET": "planted",
    }
    assert load(**application).login == ClientSecret(
        TENANT, CLIENT, f"{names}_CLIENT_SECRET", secret="planted"
    )


def test_ids_of_the_stack_combine_with_a_secret_of_the_environment() -> None:
    stack = {"partnercenter:tenantId": TENANT, "partnercenter:clientId": CLIENT}
    login = load(stack, AZURE_CLIENT_SECRET="planted").login
    assert login == ClientSecret(TENANT, CLIENT, "AZURE_CLIENT_SECRET", secret="planted")


def test_a_credential_is_never_combined_with_another_applications_id() -> None:
    arm = {"ARM_TENANT_ID": TENANT, "ARM_CLIENT_ID": OTHER, "ARM_CLIENT_SECRET": "planted"}
    assert "incomplete login" in settings_error(**AZURE, **arm)
    own = load({"partnercenter:clientSecret": "mine", "partnercenter:clientId": CLIENT}, **AZURE, **arm)
    assert own.login == ClientSecret(TENANT, CLIENT, "partnercenter:clientSecret", secret="mine")


def test_files_in_settings_must_exist(tmp_path: Path) -> None:
    existing, missing = tmp_path / "existing", str(tmp_path / "missing")
    existing.write_text("content")
    certificate = load(
        {"partnercenter:clientCertificatePassword": "planted"},
        **AZURE,
        AZURE_CLIENT_CERTIFICATE_PATH=str(existing),
    ).login
    assert certificate == ClientCertificate(
        TENANT, CLIENT, "AZURE_CLIENT_CERTIFICATE_PATH", path=str(existing), password="planted"
    )
    for name in ("AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE", "ARM_OIDC_TOKEN_FILE_PATH"):
        assert name in settings_error(**AZURE, **{name: missing})
    assert "SSL_CERT_FILE" in settings_error(SSL_CERT_FILE=missing)
    assert load(REQUESTS_CA_BUNDLE=str(existing)).ca_file == str(existing)


def test_federated_tokens_are_read_from_files_and_variables(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("a.b.c")
    for name, application in (("AZURE_FEDERATED_TOKEN_FILE", AZURE), ("ARM_OIDC_TOKEN_FILE_PATH", ARM)):
        assert load(**application, **{name: str(file)}).login == FederatedToken(
            TENANT, CLIENT, name, path=str(file)
        )
    assert load(**ARM, ARM_OIDC_TOKEN="a.b.c").login == FederatedToken(
        TENANT, CLIENT, "ARM_OIDC_TOKEN", token="a.b.c"
    )


def test_githubs_identity_is_used_for_a_configured_application_without_other_credentials() -> None:
    assert isinstance(load(**GITHUB, **AZURE).login, GitHubIdentity)
    assert load(**GITHUB).login == AzureCli()
    assert isinstance(load(**GITHUB, **AZURE, AZURE_CLIENT_SECRET="planted").login, ClientSecret)
    assert isinstance(load({"partnercenter:clientSecret": "planted"}, **GITHUB, **AZURE).login, ClientSecret)


def test_managed_identity_needs_no_ids_and_accepts_a_client_id() -> None:
    assert load(ARM_USE_MSI="true").login == ManagedIdentity("", "ARM_USE_MSI")
    assert load(ARM_USE_MSI="1", ARM_CLIENT_ID=CLIENT).login == ManagedIdentity(CLIENT, "ARM_USE_MSI")
    assert load(ARM_USE_MSI="false").login == AzureCli()
    assert "ARM_USE_MSI" in settings_error(ARM_USE_MSI="perhaps")


def test_a_ready_token_precedes_an_incomplete_login() -> None:
    settings = load(PARTNERCENTER_ACCESS_TOKEN="emulator", AZURE_TENANT_ID=TENANT)
    assert settings.access_token == "emulator"
    assert settings.source == "the access token (PARTNERCENTER_ACCESS_TOKEN)"


@pytest.mark.parametrize(
    ("environ", "variable"),
    [
        ({"AZURE_TENANT_ID": TENANT}, "AZURE_CLIENT_ID"),
        ({"AZURE_CLIENT_ID": CLIENT}, "AZURE_TENANT_ID"),
        ({"ARM_CLIENT_SECRET": "planted"}, "AZURE_CLIENT_ID"),
        ({**AZURE}, "AZURE_CLIENT_SECRET"),
    ],
)
def test_an_incomplete_login_names_the_missing_variable(environ: dict[str, str], variable: str) -> None:
    message = settings_error(**environ)
    assert variable in message
    assert "planted" not in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PARTNERCENTER_ENDPOINT", "localhost:4010"),
        ("PARTNERCENTER_ENDPOINT", "ftp://example.com"),
        ("PARTNERCENTER_ENDPOINT", "http://"),
        ("PARTNERCENTER_ENDPOINT", "http://127.0.0.1:port"),
        ("PARTNERCENTER_ENDPOINT", "http://127.0.0.1:4010/v1.0/ingestion"),
        ("PARTNERCENTER_ENDPOINT", "https://user:planted@example.com"),
        ("PARTNERCENTER_TIMEOUT_SECONDS", "soon"),
        ("PARTNERCENTER_TIMEOUT_SECONDS", "0"),
        ("PARTNERCENTER_TIMEOUT_SECONDS", "-1"),
        ("PARTNERCENTER_TIMEOUT_SECONDS", "nan"),
        ("PARTNERCENTER_LOG", "verbose"),
        ("PARTNERCENTER_ACCESS_TOKEN", "Bearer planted"),
        ("PARTNERCENTER_ACCESS_TOKEN", "planted\nplanted"),
        ("PARTNERCENTER_ACCESS_TOKEN", "plantedü"),
    ],
)
def test_an_invalid_setting_names_the_variable_and_quotes_no_secret(name: str, value: str) -> None:
    message = settings_error(**{name: value})
    assert name in message
    assert "planted" not in message


@pytest.mark.parametrize("name", ["ARM_OIDC_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"])
def test_a_token_that_is_no_valid_header_is_refused_without_quoting_it(name: str) -> None:
    message = settings_error(**{**GITHUB, **AZURE, name: "planted\nplanted"})
    assert name in message
    assert "planted" not in message


def test_an_invalid_value_of_the_stack_names_its_configuration_key() -> None:
    assert "partnercenter:endpoint" in settings_error({"partnercenter:endpoint": "nowhere"})
    assert "partnercenter:tenantId" in settings_error(
        {"partnercenter:tenantId": "a/b", "partnercenter:clientId": CLIENT, "partnercenter:clientSecret": "s"}
    )


def test_debug_logging_is_read_without_validating_other_settings() -> None:
    assert Settings.is_debugging({"partnercenter:log": "debug"}, {"PARTNERCENTER_ENDPOINT": "nowhere"})
    assert not Settings.is_debugging({"partnercenter:log": "debug"}, {"PARTNERCENTER_LOG": "verbose"})
    assert not Settings.is_debugging({}, {})


def test_settings_show_no_secret_and_cannot_be_pickled(tmp_path: Path) -> None:
    file = tmp_path / "certificate"
    file.write_text("content")
    certificate = {"AZURE_CLIENT_CERTIFICATE_PATH": str(file), "AZURE_CLIENT_CERTIFICATE_PASSWORD": "planted"}
    for settings in (
        load(PARTNERCENTER_ACCESS_TOKEN="planted"),
        load(**AZURE, AZURE_CLIENT_SECRET="planted"),
        load(**AZURE, **certificate),
        load(**ARM, ARM_OIDC_TOKEN="planted"),
        load(**AZURE, **GITHUB),
    ):
        assert "planted" not in f"{settings!r} {settings} {settings.source}"
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(settings)


def test_settings_are_frozen_and_equal_for_the_same_environment() -> None:
    settings, equal_settings = (load(**AZURE, AZURE_CLIENT_SECRET="planted") for _ in range(2))
    assert {settings: 1}[equal_settings] == 1
    assert load() != settings
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.log = "debug"  # type: ignore[misc]


def test_loading_settings_imports_no_client_library() -> None:
    program = (
        "import sys; from pulumi_partnercenter.settings import Settings; Settings.load({}, {});"
        "print({'httpx', 'msal', 'requests'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
