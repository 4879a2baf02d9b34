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

The environment wins over the stack, an `AZURE_…` name over its `ARM_…` sibling; an empty value is not set.
One way of signing in is chosen: an access token; else the first credential in the order of the table, from
the AZURE_ names if they hold one, else from the ARM_ names, else from the stack; else GitHub's identity for
the named application; else the Azure CLI's login. No credential goes with another application's id: once a
client or tenant id is decided, whoever names a different one is not asked for anything else.
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
    """What every login of an application knows; `origin` names the variable that the credential came from."""

    kind: ClassVar[str]
    tenant: str
    client: str
    origin: str

    @property
    def source(self) -> str:
        return f"{self.kind} of application {self.client} ({self.origin})"


@dataclass(frozen=True)
class ClientSecret(Application):
    """An application signs in with a secret."""

    kind = "client secret"
    secret: str = field(repr=False)


@dataclass(frozen=True)
class ClientCertificate(Application):
    """An application signs in with a certificate and its key: one PEM or PFX file."""

    kind = "certificate"
    path: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class FederatedToken(Application):
    """An application signs in with another issuer's token: `token`, else in `path`, read at every use."""

    kind = "federated token"
    path: str = ""
    token: str = field(default="", repr=False)


@dataclass(frozen=True)
class GitHubIdentity(Application):
    """An application signs in with the identity of a GitHub Actions job, asked for at `url` at every use."""

    kind = "GitHub Actions identity"
    url: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(frozen=True)
class ManagedIdentity:
    """The machine's own identity; `client` picks a user-assigned one, empty means the system-assigned one."""

    client: str
    origin: str

    @property
    def source(self) -> str:
        return f"managed identity {self.client or '(system-assigned)'} ({self.origin})"


@dataclass(frozen=True)
class AzureCli:
    """Whoever signed in with `az login`: what is left when nothing else is configured."""

    source: ClassVar[str] = "the Azure CLI's login (az)"


Login = ClientSecret | ClientCertificate | FederatedToken | GitHubIdentity | ManagedIdentity | AzureCli


@dataclass(frozen=True)
class Settings:
    """Where the services are, how patient to be, how to sign in. Hashable, never pickled.

    `endpoint` is one root for every system, "" when each is at its own public address. `ca_file` is a file or
    folder of certificate authorities to trust instead of the usual ones, or "". `repr` has no secret.
    """

    login: Login
    endpoint: str = ""
    access_token: str = field(default="", repr=False)
    timeout_seconds: float = 60.0
    log: str = ""
    ca_file: str = ""

    @classmethod
    def load(
        cls, config: Mapping[str, str] | None = None, environ: Mapping[str, str] = os.environ
    ) -> Settings:
        """Settings from `config` (keys `partnercenter:endpoint` …) and the environment.

        Raises: SettingsError for a value that breaks its rule and for half a login. No login at all is no
        error before a token is needed.
        """
        here, stack = Layer.of(environ, _ENVIRONMENT), Layer.of(config or {}, _STACK)
        access_token = _token(here.get("access_token") or stack.get("access_token"))
        found = cls(
            login=AzureCli() if access_token else _login(environ, stack),  # one that is not used may be half
            endpoint=_endpoint(here.get("endpoint") or stack.get("endpoint")),
            access_token=access_token,
            timeout_seconds=_seconds(here.get("timeout") or stack.get("timeout")),
            log=_log(here.get("log") or stack.get("log")),
            ca_file=_existing(here.get("ssl_cert_file") or here.get("requests_ca_bundle")),
        )
        keep_secret(*found.secrets())
        return found

    def secrets(self) -> list[str]:
        """What no message may show."""
        return [
            self.access_token,
            *(getattr(self.login, name, "") for name in ("secret", "password", "token")),
        ]

    @staticmethod
    def is_debugging(config: Mapping[str, str], environ: Mapping[str, str] = os.environ) -> bool:
        """Whether `log` is `debug`, without judging any other setting: previews need none of them."""
        here, stack = Layer.of(environ, _ENVIRONMENT), Layer.of(config, _STACK)
        return (here.get("log") or stack.get("log") or Value("", "")).text.lower() == "debug"

    @property
    def login_url(self) -> str:
        """Microsoft Entra ID; its paths begin with the tenant."""
        return self.endpoint or "https://login.microsoftonline.com"

    @property
    def source(self) -> str:
        """Where tokens come from, in words that fit a message; nothing secret."""
        return "the ready token (PARTNERCENTER_ACCESS_TOKEN)" if self.access_token else self.login.source

    def __reduce__(self) -> NoReturn:
        raise TypeError("Settings hold credentials and are not pickled; load them where they are used")


@dataclass(frozen=True)
class Value:
    """What somebody set, and under which name: messages quote the name."""

    name: str
    text: str = field(repr=False)


class Layer(dict[str, Value]):
    """The values that one place (AZURE_ names, ARM_ names, the stack) sets, under our own short names."""

    @classmethod
    def of(cls, source: Mapping[str, str], names: Mapping[str, str]) -> Layer:
        found = ((short, name, source.get(name, "").strip()) for short, name in names.items())
        return cls({short: Value(name, text) for short, name, text in found if text})


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
CONFIG_KEYS = tuple(_STACK.values())
"""Every key of the stack's configuration that means something here."""

_CREDENTIALS = ("secret", "certificate", "token_file", "oidc_token", "oidc_file", "use_msi")


def _login(environ: Mapping[str, str], stack: Layer) -> Login:
    """The one way to sign in, in the order that the module's docstring gives."""
    layers = _of_one_application([Layer.of(environ, _AZURE), Layer.of(environ, _ARM), stack])
    tenant = next((layer["tenant"] for layer in layers if "tenant" in layer), None)
    client = next((layer["client"] for layer in layers if "client" in layer), None)
    for layer in layers:
        for kind in _CREDENTIALS:
            if kind in layer and not (kind == "use_msi" and not _yes(layer[kind])):
                password = next((each["password"].text for each in layers if "password" in each), "")
                return _with(kind, layer[kind], password, tenant, client)
    github = Layer.of(environ, _GITHUB)
    if tenant and client and len(github) == len(_GITHUB):
        who = (_tenant(tenant), client.text, github["url"].name)
        return GitHubIdentity(*who, url=github["url"].text, token=_token(github["token"]))
    if tenant or client:
        raise _half_login(tenant, client, None)
    return AzureCli()


def _of_one_application(layers: list[Layer]) -> list[Layer]:
    """The layers without those that name another tenant or client than a layer before them."""
    chosen: list[Layer] = []
    decided: dict[str, str] = {}
    for layer in layers:
        named = {short: layer[short].text for short in ("tenant", "client") if short in layer}
        if all(decided.get(short, text).lower() == text.lower() for short, text in named.items()):
            chosen.append(layer)
            decided |= named
    return chosen


def _with(kind: str, credential: Value, password: str, tenant: Value | None, client: Value | None) -> Login:
    """The login that signs in with a credential of this kind."""
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
    wanted = {"AZURE_TENANT_ID": tenant, "AZURE_CLIENT_ID": client, "AZURE_CLIENT_SECRET": credential}
    present = [value.name for value in wanted.values() if value]
    missing = [name for name, value in wanted.items() if not value]
    return SettingsError(
        f"settings: half a login: {' and '.join(present)} set, {' and '.join(missing)} not",
        next=f"set {' and '.join(missing)} too (another credential than a secret will do),"
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
    # Checked here because a header with a line break or an umlaut fails deep in HTTP, quoting the token.
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
    except ValueError:  # a port that is no number, brackets that do not close
        well_formed = False
    if not well_formed:
        shown = f": {value.text!r}" if "@" not in value.text else ""  # what precedes an @ may be a password
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
