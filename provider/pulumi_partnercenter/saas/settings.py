"""Settings of the SaaS service, from the environment.

The fulfillment application signs in as in `Settings.load_fulfillment` (`PARTNERCENTER_SAAS_TENANT_ID` …). Beside it:

| Environment                                 | Meaning                                                        |
|---------------------------------------------|----------------------------------------------------------------|
| PARTNERCENTER_SAAS_PUBLIC_URL               | address that customers and the marketplace use, required       |
| PARTNERCENTER_SAAS_DATABASE_URL             | default `sqlite:///partnercenter-saas.db`                      |
| PARTNERCENTER_SAAS_KEYS                     | secrets that encrypt what is kept; required; newest first      |
| PARTNERCENTER_SAAS_SIGN_IN_CLIENT_ID        | application of the landing page, required                      |
| PARTNERCENTER_SAAS_SIGN_IN_CLIENT_SECRET    | its secret, required                                           |
| PARTNERCENTER_SAAS_PUBLISHER_TENANT_ID      | tenant of the publisher's pages: default the fulfillment one's |
| PARTNERCENTER_SAAS_PUBLISHER_CLIENT_ID      | application of the publisher's pages; without it they are off  |
| PARTNERCENTER_SAAS_PUBLISHER_CLIENT_SECRET  | its secret                                                     |
| PARTNERCENTER_SAAS_READERS                  | app role or group ids that may read, default `Subscriptions.Read` |
| PARTNERCENTER_SAAS_OPERATORS                | … that may also change, default `Subscriptions.Manage`         |
| PARTNERCENTER_SAAS_CHANGES                  | `accept` (default), `refuse` or `ask` the handler              |
| PARTNERCENTER_SAAS_HANDLERS                 | Python handlers, `package.module:name`                         |
| PARTNERCENTER_SAAS_CALLBACK_URL             | HTTP handlers                                                  |
| PARTNERCENTER_SAAS_CALLBACK_SECRETS         | secrets that sign its requests; newest first                   |
| PARTNERCENTER_SAAS_USAGE_KEYS               | keys with which `POST /usage` is called; without them it is off |
| PARTNERCENTER_SAAS_METRICS_KEY              | key of `GET /metrics`; without it the service does not serve it |
| PARTNERCENTER_SAAS_PRODUCT_NAME             | name on the pages, default `Our product`                       |
| PARTNERCENTER_SAAS_PRODUCT_URL              | where a customer goes after the activation                     |
| PARTNERCENTER_SAAS_SUPPORT_EMAIL            | address on pages that report a problem                         |
| PARTNERCENTER_SAAS_CONTACT_FIELDS           | fields of the landing page's form, comma-separated names       |
| PARTNERCENTER_SAAS_WEBHOOK_TOKENS           | `required` (default) or `off`, which the real marketplace refuses |
| PARTNERCENTER_SAAS_RETENTION_DAYS           | days until a cancelled customer's data may go, at least 7, default 30 |
| PARTNERCENTER_SAAS_SECRET_EXPIRES_AT        | first expiry of the applications' secrets, a date              |
| PARTNERCENTER_SAAS_TRUSTED_PROXIES          | addresses whose forwarded headers are believed, default none   |

OTEL_EXPORTER_OTLP_ENDPOINT switches traces on; the other variables of OpenTelemetry's SDK are its own.

An empty value is not set. A list is separated by commas.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, NoReturn, cast
from urllib.parse import urlsplit

from ..errors import SettingsError
from ..messages import keep_secret
from ..settings import Application, Settings

__all__ = ["GUID", "ServiceSettings", "SignIn"]

PREFIX = "PARTNERCENTER_SAAS_"
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""An id of Microsoft Entra, as tokens have it."""
SHORTEST_SECRET = 16
"""Characters of keys and secrets that others choose."""
SHORTEST_RETENTION_DAYS = 7
"""Microsoft's terms: a cancelled customer's data is kept so long."""

Changes = Literal["accept", "refuse", "ask"]


@dataclass(frozen=True)
class SignIn:
    """An application with which users sign in. `tenant` is `common` for every work and personal account."""

    tenant: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class ServiceSettings:
    """Everything that the service reads. `repr` has no secret.

    `public_url` has no slash at its end. `publisher` is None where the publisher's pages are off.
    """

    public_url: str
    fulfillment: Settings
    tenant_id: str
    """Tenant of the fulfillment application: the offer's technical configuration names both."""
    client_id: str
    """The fulfillment application: audience of the webhook's tokens."""
    customers: SignIn
    keys: Sequence[str] = field(repr=False)
    database_url: str = field(default="sqlite:///partnercenter-saas.db", repr=False)
    publisher: SignIn | None = None
    readers: Sequence[str] = ("Subscriptions.Read",)
    operators: Sequence[str] = ("Subscriptions.Manage",)
    changes: Changes = "accept"
    handlers: str = ""
    callback_url: str = ""
    callback_secrets: Sequence[str] = field(default=(), repr=False)
    usage_keys: Sequence[str] = field(default=(), repr=False)
    metrics_key: str = field(default="", repr=False)
    product_name: str = "Our product"
    product_url: str = ""
    support_email: str = ""
    contact_fields: Sequence[str] = ()
    requires_webhook_tokens: bool = True
    retention_days: int = 30
    secret_expires_at: datetime | None = None
    trusted_proxies: Sequence[str] = ()
    has_traces: bool = False
    """Whether OpenTelemetry sends traces: OTEL_EXPORTER_OTLP_ENDPOINT is set."""

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ) -> ServiceSettings:
        """Load settings from the environment.

        Raises: SettingsError for a value that is missing or breaks its rule.
        """
        source = _Source(environ)
        fulfillment = Settings.load_fulfillment(environ=environ)
        source.check_required(*_list_required(fulfillment))
        tenant, client = _find_application(source, fulfillment)
        settings = cls(
            public_url=source.url("PUBLIC_URL", required=True),
            fulfillment=fulfillment,
            tenant_id=tenant,
            client_id=client,
            customers=SignIn(
                "common", source.require("SIGN_IN_CLIENT_ID").lower(), source.require("SIGN_IN_CLIENT_SECRET")
            ),
            keys=source.secrets("KEYS", required=True),
            database_url=source.get("DATABASE_URL") or cls.database_url,
            publisher=_load_publisher(source, tenant),
            readers=source.strings("READERS") or cls.readers,
            operators=source.strings("OPERATORS") or cls.operators,
            changes=cast("Changes", source.choose("CHANGES", ("accept", "refuse", "ask"))),
            handlers=source.get("HANDLERS"),
            callback_url=source.url("CALLBACK_URL"),
            callback_secrets=source.secrets("CALLBACK_SECRETS", required=bool(source.get("CALLBACK_URL"))),
            usage_keys=source.secrets("USAGE_KEYS"),
            metrics_key=source.get("METRICS_KEY"),
            product_name=source.get("PRODUCT_NAME") or cls.product_name,
            product_url=source.url("PRODUCT_URL"),
            support_email=source.get("SUPPORT_EMAIL"),
            contact_fields=source.strings("CONTACT_FIELDS"),
            requires_webhook_tokens=source.choose("WEBHOOK_TOKENS", ("required", "off")) == "required",
            retention_days=source.number("RETENTION_DAYS", cls.retention_days, SHORTEST_RETENTION_DAYS),
            secret_expires_at=source.date("SECRET_EXPIRES_AT"),
            trusted_proxies=source.strings("TRUSTED_PROXIES"),
            has_traces=bool(environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").strip()),
        )
        if settings.handlers and settings.callback_url:
            raise SettingsError(
                f"settings: {PREFIX}HANDLERS and {PREFIX}CALLBACK_URL are both set",
                next="unset the handlers that are not used",
            )
        if not settings.requires_webhook_tokens and not fulfillment.endpoint:
            raise SettingsError(
                f"settings: {PREFIX}WEBHOOK_TOKENS is off, and the webhook is the real marketplace's",
                next="unset it: anybody could cancel subscriptions; only an emulator is used without tokens",
            )
        keep_secret(*settings.secrets())
        return settings

    @classmethod
    def load_database_url(cls, environ: Mapping[str, str] = os.environ) -> str:
        """Return the address of the database alone, for what needs nothing else."""
        return _Source(environ).get("DATABASE_URL") or cls.database_url

    def secrets(self) -> list[str]:
        """Return the values that no message may show."""
        sign_ins = [self.customers, *([self.publisher] if self.publisher else [])]
        return [
            *self.fulfillment.secrets(),
            *(sign_in.client_secret for sign_in in sign_ins),
            *self.keys,
            *self.callback_secrets,
            *self.usage_keys,
            self.metrics_key,
            urlsplit(self.database_url).password or "",
        ]

    def __reduce__(self) -> NoReturn:
        raise TypeError("settings hold credentials and are not pickled; load them where they are used")


def _list_required(fulfillment: Settings) -> list[str]:
    """Return the names that have no default. The sign-in may name the fulfillment application already."""
    application = [] if isinstance(fulfillment.login, Application) else ["TENANT_ID", "CLIENT_ID"]
    return [*application, "PUBLIC_URL", "SIGN_IN_CLIENT_ID", "SIGN_IN_CLIENT_SECRET", "KEYS"]


def _find_application(source: _Source, fulfillment: Settings) -> tuple[str, str]:
    """Return tenant and client id of the fulfillment application. Raises: SettingsError."""
    login = fulfillment.login
    if isinstance(login, Application):
        tenant, client = login.tenant, login.client
    else:
        tenant, client = source.require("TENANT_ID"), source.require("CLIENT_ID")
    return _check_tenant("TENANT_ID", tenant), client.lower()


def _load_publisher(source: _Source, tenant: str) -> SignIn | None:
    client_id = source.get("PUBLISHER_CLIENT_ID")
    if not client_id:
        return None
    return SignIn(
        _check_tenant("PUBLISHER_TENANT_ID", source.get("PUBLISHER_TENANT_ID") or tenant),
        client_id.lower(),
        source.require("PUBLISHER_CLIENT_SECRET"),
    )


def _check_tenant(name: str, value: str) -> str:
    """Return the id of a tenant in lower case, as in tokens. Raises: SettingsError for a domain, which no token has."""
    if not GUID.fullmatch(value.lower()):
        raise SettingsError(
            f"settings: {PREFIX}{name} is {value!r}",
            next="set it to the directory's id, a GUID: the service compares it with the tenant in tokens",
        )
    return value.lower()


class _Source:
    """Values of the environment, by their names without the prefix. Every method raises SettingsError."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def get(self, name: str) -> str:
        return self._environ.get(PREFIX + name, "").strip()

    def require(self, name: str) -> str:
        self.check_required(name)
        return self.get(name)

    def check_required(self, *names: str) -> None:
        """Check that values are set, and name all that are missing."""
        missing = [PREFIX + name for name in names if not self.get(name)]
        if missing:
            raise SettingsError(
                f"settings: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set",
                next=f"set {'it' if len(missing) == 1 else 'them'}; `{EXAMPLE}` sets everything for a trial",
            )

    def strings(self, name: str) -> list[str]:
        return [part.strip() for part in self.get(name).split(",") if part.strip()]

    def secrets(self, name: str, *, required: bool = False) -> list[str]:
        if required:
            self.require(name)
        values = self.strings(name)
        if any(len(value) < SHORTEST_SECRET for value in values):
            raise SettingsError(
                f"settings: {PREFIX}{name} has a secret of fewer than {SHORTEST_SECRET} characters",
                next="generate each, for example with `openssl rand -hex 32`",
            )
        return values

    def url(self, name: str, *, required: bool = False) -> str:
        """Return an absolute address without a slash at its end; https, or http of this machine."""
        text = self.require(name) if required else self.get(name)
        if not text:
            return ""
        try:
            url = urlsplit(text)
            is_valid = bool(url.hostname) and not url.username and not url.fragment and url.port != 0
            is_safe = url.scheme == "https" or (url.scheme == "http" and url.hostname in LOOPBACK)
        except ValueError:  # e.g. a port that is no number
            is_valid = is_safe = False
        if not (is_valid and is_safe):
            raise SettingsError(
                f"settings: {PREFIX}{name} is no https address",
                next="set it to an address such as https://saas.example.com, without user and fragment",
            )
        return text.rstrip("/")

    def choose(self, name: str, choices: Sequence[str]) -> str:
        """Return the value, or the first of the choices if it is not set."""
        value = self.get(name) or choices[0]
        if value not in choices:
            raise SettingsError(
                f"settings: {PREFIX}{name} is {value!r}", next=f"set it to one of: {', '.join(choices)}"
            )
        return value

    def number(self, name: str, default: int, least: int) -> int:
        text = self.get(name) or str(default)
        if not re.fullmatch(r"\d{1,5}", text, re.ASCII) or int(text) < least:
            raise SettingsError(
                f"settings: {PREFIX}{name} is {text!r}", next=f"set it to an integer of at least {least}"
            )
        return int(text)

    def date(self, name: str) -> datetime | None:
        text = self.get(name)
        if not text:
            return None
        try:
            time = datetime.fromisoformat(text)
        except ValueError:
            raise SettingsError(
                f"settings: {PREFIX}{name} is {text!r}", next="set it to a date such as 2027-06-30"
            ) from None
        return time if time.tzinfo else time.replace(tzinfo=UTC)


LOOPBACK = ("127.0.0.1", "localhost", "::1")
EXAMPLE = "partnercenter saas demo"
