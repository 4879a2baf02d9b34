"""Environment and stack configuration, as one frozen object. The only module that reads either.

| Environment                                                    | Stack configuration `partnercenter:…`  |
|----------------------------------------------------------------|----------------------------------------|
| PARTNERCENTER_ENDPOINT                                         | endpoint                               |
| PARTNERCENTER_ACCESS_TOKEN                                     | accessToken                            |
| PARTNERCENTER_TIMEOUT_SECONDS                                  | timeoutSeconds                         |
| PARTNERCENTER_LOG                                              | log                                    |
| AZURE_TENANT_ID, ARM_TENANT_ID                                 | tenantId                               |
| AZURE_CLIENT_ID, ARM_CLIENT_ID                                 | clientId                               |
| AZURE_CLIENT_SECRET, ARM_CLIENT_SECRET                         | clientSecret                           |
| AZURE_CLIENT_CERTIFICATE_PATH, ARM_CLIENT_CERTIFICATE_PATH     | clientCertificatePath                  |
| AZURE_CLIENT_CERTIFICATE_PASSWORD, ARM_CLIENT_CERTIFICATE_PASSWORD | clientCertificatePassword          |
| AZURE_FEDERATED_TOKEN_FILE                                     | federatedTokenFile                     |
| ARM_OIDC_TOKEN                                                 | oidcToken                              |
| ARM_OIDC_TOKEN_FILE_PATH                                       | oidcTokenFilePath                      |
| ARM_USE_MSI                                                    | useMsi                                 |
| ACTIONS_ID_TOKEN_REQUEST_URL, ACTIONS_ID_TOKEN_REQUEST_TOKEN   | -                                      |
| SSL_CERT_FILE, REQUESTS_CA_BUNDLE                              | -                                      |

SaaS fulfillment calls may need another application than offers do (`Settings.load_fulfillment`). Its names come before
those above; without any of them the login above is used:

| Environment                                                    | Stack configuration `partnercenter:…`  |
|----------------------------------------------------------------|----------------------------------------|
| PARTNERCENTER_SAAS_ACCESS_TOKEN                                | saasAccessToken                        |
| PARTNERCENTER_SAAS_TENANT_ID                                   | saasTenantId                           |
| PARTNERCENTER_SAAS_CLIENT_ID                                   | saasClientId                           |
| PARTNERCENTER_SAAS_CLIENT_SECRET                               | saasClientSecret                       |
| PARTNERCENTER_SAAS_CLIENT_CERTIFICATE_PATH                     | saasClientCertificatePath              |
| PARTNERCENTER_SAAS_CLIENT_CERTIFICATE_PASSWORD                 | saasClientCertificatePassword          |
| PARTNERCENTER_SAAS_FEDERATED_TOKEN_FILE                        | saasFederatedTokenFile                 |

The environment wins over the stack, an `AZURE_…` name over its `ARM_…` sibling; an empty value is not set.
One login is chosen, the first of these: an access token; a credential, in the order of the table; GitHub's identity
for the named application; the Azure CLI's login. Credentials come from the AZURE_ names, else from the ARM_ names, else
from the stack. A place that names another client or tenant id than one before it is ignored: no credential is used
with another application's id.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, NoReturn
from urllib.parse import urlsplit

from .errors import SettingsError
from .messages import keep_secret

__all__ = [
    "CONFIG_KEYS",
    "Application",
    "AzureCli",
    "ClientCertificate",
    "ClientSecret",
    "FederatedToken",
    "GitHubIdentity",
    "Login",
    "ManagedIdentity",
    "Settings",
]


@dataclass(frozen=True)
class Application:
    """Login of an application; `origin` names the variable of the credential."""

    kind: ClassVar[str]
    tenant: str
    client: str
    origin: str

    @property
    def source(self) -> str:
        return f"{self.kind} of application {self.client} ({self.origin})"


@dataclass(frozen=True)
class ClientSecret(Application):
    """Login of an application with a secret."""

    kind = "client secret"
    secret: str = field(repr=False)


@dataclass(frozen=True)
class ClientCertificate(Application):
    """Login of an application with a certificate and its key: one PEM or PFX file."""

    kind = "certificate"
    path: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class FederatedToken(Application):
    """Login of an application with another issuer's token: `token`, or the content of `path`, read at every use."""

    kind = "federated token"
    path: str = ""
    token: str = field(default="", repr=False)


@dataclass(frozen=True)
class GitHubIdentity(Application):
    """Login of an application with the identity of a GitHub Actions job, read from `url` at every use."""

    kind = "GitHub Actions identity"
    url: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(frozen=True)
class ManagedIdentity:
    """Login with the machine's own identity. `client` selects a user-assigned identity, "" the system-assigned one."""

    client: str
    origin: str

    @property
    def source(self) -> str:
        return f"managed identity {self.client or '(system-assigned)'} ({self.origin})"


@dataclass(frozen=True)
class AzureCli:
    """Login of the Azure CLI (`az login`), the default."""

    source: ClassVar[str] = "the Azure CLI's login (az)"


Login = ClientSecret | ClientCertificate | FederatedToken | GitHubIdentity | ManagedIdentity | AzureCli


@dataclass(frozen=True)
class Settings:
    """Endpoint, deadlines and login. Hashable, never pickled.

    `endpoint` is a common root for all systems, or "" for their public addresses. `ca_file` is a file or
    folder of certificate authorities to trust instead of the default ones, or "". `repr` has no secret.
    """

    login: Login
    endpoint: str = ""
    access_token: str = field(default="", repr=False)
    timeout_seconds: float = 60.0
    log: str = ""
    ca_file: str = ""
    access_token_name: str = "PARTNERCENTER_ACCESS_TOKEN"  # noqa: S105 - a name
    """Variable of the access token, which messages quote."""

    @classmethod
    def load(
        cls, config: Mapping[str, str] | None = None, environ: Mapping[str, str] = os.environ
    ) -> Settings:
        """Load settings from `config` (keys `partnercenter:endpoint` …) and the environment.

        Raises: SettingsError for a value that breaks its rule and for an incomplete login. A missing login is no error
        until a token is needed.
        """
        return cls._load(config or {}, environ, [])

    @classmethod
    def load_fulfillment(
        cls, config: Mapping[str, str] | None = None, environ: Mapping[str, str] = os.environ
    ) -> Settings:
        """Load settings of the SaaS fulfillment and metering services: as `load`, with the SaaS names first.

        A SaaS access token wins over everything, a SaaS credential over PARTNERCENTER_ACCESS_TOKEN.

        Raises: SettingsError, as `load`.
        """
        saas = [Layer.of(environ, _SAAS), Layer.of(config or {}, _SAAS_STACK)]
        return cls._load(config or {}, environ, saas)

    @classmethod
    def _load(cls, config: Mapping[str, str], environ: Mapping[str, str], saas: list[Layer]) -> Settings:
        environment, stack = Layer.of(environ, _ENVIRONMENT), Layer.of(config, _STACK)
        saas_token = next((layer["access_token"] for layer in saas if "access_token" in layer), None)
        access_token = _token(saas_token or environment.get("access_token") or stack.get("access_token"))
        if not saas_token and any(kind in layer for layer in saas for kind in _CREDENTIALS):
            access_token = ""
        settings = cls(
            # An unused login may be incomplete.
            login=AzureCli() if access_token else _login(environ, stack, saas),
            access_token_name=_SAAS["access_token"] if saas_token else _ENVIRONMENT["access_token"],
            endpoint=_endpoint(environment.get("endpoint") or stack.get("endpoint")),
            access_token=access_token,
            timeout_seconds=_seconds(environment.get("timeout") or stack.get("timeout")),
            log=_log(environment.get("log") or stack.get("log")),
            ca_file=_existing(environment.get("ssl_cert_file") or environment.get("requests_ca_bundle")),
        )
        keep_secret(*settings.secrets())
        return settings

    def secrets(self) -> list[str]:
        """Return the values that no message may show."""
        return [
            self.access_token,
            *(getattr(self.login, name, "") for name in ("secret", "password", "token")),
        ]

    @staticmethod
    def is_debugging(config: Mapping[str, str], environ: Mapping[str, str] = os.environ) -> bool:
        """Return whether `log` is `debug`, without validating other settings, which previews do not need."""
        environment, stack = Layer.of(environ, _ENVIRONMENT), Layer.of(config, _STACK)
        return (environment.get("log") or stack.get("log") or Value("", "")).text.lower() == "debug"

    @property
    def login_url(self) -> str:
        """Address of Microsoft Entra ID; paths below it begin with the tenant."""
        return self.endpoint or "https://login.microsoftonline.com"

    @property
    def source(self) -> str:
        """Origin of tokens for messages, without a secret."""
        return f"the access token ({self.access_token_name})" if self.access_token else self.login.source

    def __reduce__(self) -> NoReturn:
        raise TypeError("Settings hold credentials and are not pickled; load them where they are used")


@dataclass(frozen=True)
class Value:
    """A value that is set, and the name of its setting for messages."""

    name: str
    text: str = field(repr=False)


class Layer(dict[str, Value]):
    """Values of a single origin (AZURE_ names, ARM_ names, the stack), by short names."""

    @classmethod
    def of(cls, source: Mapping[str, str], names: Mapping[str, str]) -> Layer:
        values = {short: Value(name, source.get(name, "").strip()) for short, name in names.items()}
        return cls({short: value for short, value in values.items() if value.text})


_ENVIRONMENT = {
    "endpoint": "PARTNERCENTER_ENDPOINT",
    "access_token": "PARTNERCENTER_ACCESS_TOKEN",
    "timeout": "PARTNERCENTER_TIMEOUT_SECONDS",
    "log": "PARTNERCENTER_LOG",
    "ssl_cert_file": "SSL_CERT_FILE",
    "requests_ca_bundle": "REQUESTS_CA_BUNDLE",
}
_AZURE = {
    "tenant": "AZURE_TENANT_ID",
    "client": "AZURE_CLIENT_ID",
    "secret": "AZURE_CLIENT_SECRET",
    "certificate": "AZURE_CLIENT_CERTIFICATE_PATH",
    "password": "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "token_file": "AZURE_FEDERATED_TOKEN_FILE",
}
_ARM = {
    "tenant": "ARM_TENANT_ID",
    "client": "ARM_CLIENT_ID",
    "secret": "ARM_CLIENT_SECRET",
    "certificate": "ARM_CLIENT_CERTIFICATE_PATH",
    "password": "ARM_CLIENT_CERTIFICATE_PASSWORD",
    "oidc_token": "ARM_OIDC_TOKEN",
    "oidc_file": "ARM_OIDC_TOKEN_FILE_PATH",
    "use_msi": "ARM_USE_MSI",
}
_GITHUB = {"url": "ACTIONS_ID_TOKEN_REQUEST_URL", "token": "ACTIONS_ID_TOKEN_REQUEST_TOKEN"}
_STACK = {
    "endpoint": "partnercenter:endpoint",
    "access_token": "partnercenter:accessToken",
    "timeout": "partnercenter:timeoutSeconds",
    "log": "partnercenter:log",
    "tenant": "partnercenter:tenantId",
    "client": "partnercenter:clientId",
    "secret": "partnercenter:clientSecret",
    "certificate": "partnercenter:clientCertificatePath",
    "password": "partnercenter:clientCertificatePassword",
    "token_file": "partnercenter:federatedTokenFile",
    "oidc_token": "partnercenter:oidcToken",
    "oidc_file": "partnercenter:oidcTokenFilePath",
    "use_msi": "partnercenter:useMsi",
}
_SAAS = {
    "access_token": "PARTNERCENTER_SAAS_ACCESS_TOKEN",
    "tenant": "PARTNERCENTER_SAAS_TENANT_ID",
    "client": "PARTNERCENTER_SAAS_CLIENT_ID",
    "secret": "PARTNERCENTER_SAAS_CLIENT_SECRET",
    "certificate": "PARTNERCENTER_SAAS_CLIENT_CERTIFICATE_PATH",
    "password": "PARTNERCENTER_SAAS_CLIENT_CERTIFICATE_PASSWORD",
    "token_file": "PARTNERCENTER_SAAS_FEDERATED_TOKEN_FILE",
}
_SAAS_STACK = {
    "access_token": "partnercenter:saasAccessToken",
    "tenant": "partnercenter:saasTenantId",
    "client": "partnercenter:saasClientId",
    "secret": "partnercenter:saasClientSecret",
    "certificate": "partnercenter:saasClientCertificatePath",
    "password": "partnercenter:saasClientCertificatePassword",
    "token_file": "partnercenter:saasFederatedTokenFile",
}
CONFIG_KEYS = (*_STACK.values(), *_SAAS_STACK.values())
"""Every key of the stack's configuration that is read."""

_CREDENTIALS = ("secret", "certificate", "token_file", "oidc_token", "oidc_file", "use_msi")


def _login(environ: Mapping[str, str], stack: Layer, saas: list[Layer]) -> Login:
    """Choose the login, in the order of the module's docstring."""
    layers = _of_one_application([*saas, Layer.of(environ, _AZURE), Layer.of(environ, _ARM), stack])
    tenant = next((layer["tenant"] for layer in layers if "tenant" in layer), None)
    client = next((layer["client"] for layer in layers if "client" in layer), None)
    for layer in layers:
        for kind in _CREDENTIALS:
            if kind in layer and not (kind == "use_msi" and not _yes(layer[kind])):
                password = next((layer["password"].text for layer in layers if "password" in layer), "")
                return _login_with(kind, layer[kind], password, tenant, client)
    github = Layer.of(environ, _GITHUB)
    if tenant and client and len(github) == len(_GITHUB):
        who = (_tenant(tenant), client.text, github["url"].name)
        return GitHubIdentity(*who, url=github["url"].text, token=_token(github["token"]))
    if tenant or client:
        raise _half_login(tenant, client, None)
    return AzureCli()


def _of_one_application(layers: list[Layer]) -> list[Layer]:
    """Return the layers without those that name another tenant or client than a layer before them."""
    chosen: list[Layer] = []
    decided: dict[str, str] = {}
    for layer in layers:
        named = {short: layer[short].text for short in ("tenant", "client") if short in layer}
        if all(decided.get(short, text).lower() == text.lower() for short, text in named.items()):
            chosen.append(layer)
            decided |= named
    return chosen


def _login_with(
    kind: str, credential: Value, password: str, tenant: Value | None, client: Value | None
) -> Login:
    """Return the login for a credential of this kind."""
    if kind == "use_msi":
        return ManagedIdentity(client.text if client else "", credential.name)
    if not tenant or not client:
        raise _half_login(tenant, client, credential)
    who = (_tenant(tenant), client.text, credential.name)
    if kind == "secret":
        return ClientSecret(*who, secret=credential.text)
    if kind == "certificate":
        return ClientCertificate(*who, path=_existing(credential), password=password)
    if kind == "oidc_token":
        return FederatedToken(*who, token=_token(credential))
    return FederatedToken(*who, path=_existing(credential))


def _half_login(tenant: Value | None, client: Value | None, credential: Value | None) -> SettingsError:
    present = [value.name for value in (tenant, client, credential) if value]
    is_saas = any(name.startswith(("PARTNERCENTER_SAAS_", "partnercenter:saas")) for name in present)
    names = _SAAS if is_saas else _AZURE
    required = {names["tenant"]: tenant, names["client"]: client, names["secret"]: credential}
    missing = [name for name, value in required.items() if not value]
    return SettingsError(
        f"settings: incomplete login: {' and '.join(present)} set, {' and '.join(missing)} not",
        next=f"set {' and '.join(missing)} too (or another credential than a secret),"
        f" or unset {' and '.join(present)} to use the Azure CLI's login",
    )


def _tenant(value: Value) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.-]+", value.text):
        raise SettingsError(
            f"settings: {value.name} is not a tenant",
            next=f"set {value.name} to the directory's GUID or its domain, such as contoso.onmicrosoft.com",
        )
    return value.text


def _token(value: Value | None) -> str:
    # Checked here because httpx quotes a header that it cannot send.
    if value and not re.fullmatch(r"[!-~]+", value.text):
        raise SettingsError(
            f"settings: {value.name} is not a token: it holds spaces, line breaks or letters beyond ASCII",
            next=f"set {value.name} to the token alone, without `Bearer` and quotation marks",
        )
    return value.text if value else ""


def _endpoint(value: Value | None) -> str:
    if not value:
        return ""
    try:
        url = urlsplit(value.text)
        rest = (url.path.strip("/"), url.query, url.fragment, url.username)
        well_formed = url.scheme in ("http", "https") and bool(url.hostname) and not any(rest)
        well_formed = well_formed and (url.port is None or url.port > 0)
    except ValueError:  # e.g. a port that is no number, or an unclosed bracket
        well_formed = False
    if not well_formed:
        shown = f": {value.text!r}" if "@" not in value.text else ""  # the text before an @ may be a password
        raise SettingsError(
            f"settings: {value.name} is not the root of a service{shown}",
            next=f"set {value.name} to scheme, host and port only, such as http://127.0.0.1:4010",
        )
    return f"{url.scheme}://{url.netloc}"


def _seconds(value: Value | None) -> float:
    if not value:
        return 60.0
    seconds = float(value.text) if re.fullmatch(r"\d{1,6}(\.\d+)?", value.text, re.ASCII) else 0.0
    if not seconds:
        raise SettingsError(
            f"settings: {value.name} is not a number of seconds above zero: {value.text!r}",
            next=f"set {value.name} to a number such as 60, or unset it",
        )
    return seconds


def _log(value: Value | None) -> str:
    if value and value.text.lower() != "debug":
        raise SettingsError(
            f"settings: {value.name} is not a log level: {value.text!r}",
            next=f"set {value.name} to debug, or unset it for silence",
        )
    return "debug" if value else ""


def _yes(value: Value) -> bool:
    if value.text.lower() not in ("true", "1", "false", "0"):
        raise SettingsError(
            f"settings: {value.name} is neither true nor false: {value.text!r}",
            next=f"set {value.name} to true or false, or unset it",
        )
    return value.text.lower() in ("true", "1")


def _existing(value: Value | None) -> str:
    if value and not Path(value.text).exists():
        raise SettingsError(
            f"settings: {value.name} names a file that does not exist: {value.text!r}",
            next=f"correct {value.name}, or unset it",
        )
    return value.text if value else ""


def read_usage_key(environ: Mapping[str, str] = os.environ) -> str:
    """Return the key with which usage is reported to the SaaS service. Raises SettingsError if it is not set."""
    key = environ.get("PARTNERCENTER_SAAS_USAGE_KEY", "").strip()
    if not key:
        raise SettingsError(
            "settings: PARTNERCENTER_SAAS_USAGE_KEY is not set",
            next="set it to one of the keys in PARTNERCENTER_SAAS_USAGE_KEYS of the service",
        )
    if not key.isascii() or not key.isprintable():
        raise SettingsError("settings: PARTNERCENTER_SAAS_USAGE_KEY has characters that no key has")
    keep_secret(key)
    return key
