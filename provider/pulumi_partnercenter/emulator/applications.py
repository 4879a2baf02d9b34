"""Applications of the emulator's Entra ID: their registration, and the check of their credentials.

Error numbers and texts follow Microsoft's public list of AADSTS codes; statuses are inferred.
"""

from __future__ import annotations

import hmac
import json
import uuid
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, NamedTuple, TypedDict, cast
from urllib.parse import urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from jwt.utils import base64url_encode

__all__ = [
    "CLIENT",
    "SECRET",
    "TENANT",
    "Application",
    "Applications",
    "Caller",
    "Federation",
    "Refused",
    "authenticate",
]

TENANT = "11111111-1111-1111-1111-111111111111"
CLIENT = "22222222-2222-2222-2222-222222222222"
SECRET = "emulator"  # noqa: S105 - known to everybody

FEDERATION_AUDIENCE = "api://AzureADTokenExchange"
_KEPT = "entra.applications"


class Caller(NamedTuple):
    """An application in its tenant, as in the claims of a token; GUIDs in lower case."""

    tenant: str
    client: str


class Federation(TypedDict):
    """Issuer of tokens with which an application may sign in; `keys` is a JSON Web Key Set."""

    issuer: str
    subject: str
    audience: str
    keys: dict[str, Any]


class Application(TypedDict):
    """A registered application. Credentials that it lacks are empty or None. `certificate` is PEM.

    Users sign in only by its `redirect_uris`. `user_roles` are its app roles of users, by their object ids.
    """

    tenant: str
    client: str
    secret: str
    secret_expires_at: float | None
    certificate: str
    federated: Federation | None
    associated: bool
    roles: list[str]
    redirect_uris: list[str]
    sign_in_audience: str
    user_roles: dict[str, list[str]]


class Refused(Exception):
    """A failed sign-in, as Entra ID reports it."""

    def __init__(self, error: str, number: int, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.error, self.number, self.words, self.status = error, number, words, status


_FIRST: Application = {
    "tenant": TENANT,
    "client": CLIENT,
    "secret": SECRET,
    "secret_expires_at": None,
    "certificate": "",
    "federated": None,
    "associated": True,
    "roles": ["Manager"],
    "redirect_uris": [],
    "sign_in_audience": "AzureADMyOrg",
    "user_roles": {},
}
AUDIENCES = ("AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount")
"""Whose users may sign in: the own tenant's, every tenant's, and these with personal accounts."""
LOOPBACK = ("127.0.0.1", "localhost")


class Applications:
    """The predefined application, and the registered ones."""

    def __init__(self, memory: MutableMapping[str, str]) -> None:
        self._memory = memory

    def list_registered(self) -> list[Application]:
        # A folder of an earlier version lacks the newer members.
        kept = json.loads(self._memory.get(_KEPT, "[]"))
        return [cast("Application", {**_FIRST, **application}) for application in kept]

    def all(self) -> list[Application]:
        """Return all applications. A registration with the predefined client id replaces that application."""
        registered = self.list_registered()
        return (
            registered
            if any(_is(application, TENANT, CLIENT) for application in registered)
            else [_FIRST, *registered]
        )

    def forget(self) -> None:
        self._memory.pop(_KEPT, None)

    def find(self, tenant: str, client: str) -> Application | None:
        return next((application for application in self.all() if _is(application, tenant, client)), None)

    def find_by_client(self, client: str) -> Application | None:
        """Return the application with this id, whatever its tenant."""
        return next((app for app in self.all() if app["client"].lower() == client.lower()), None)

    def has_tenant(self, tenant: str) -> bool:
        return any(application["tenant"].lower() == tenant.lower() for application in self.all())

    def register(self, body: object) -> Application:
        """Add an application, or replace the one with its ids. Raises: ValueError naming member and rule."""
        application = _application(body)
        others = [
            other
            for other in self.list_registered()
            if not _is(other, application["tenant"], application["client"])
        ]
        self._memory[_KEPT] = json.dumps([*others, application])
        return application


def _is(application: Application, tenant: str, client: str) -> bool:
    return (application["tenant"].lower(), application["client"].lower()) == (tenant.lower(), client.lower())


def _application(body: object) -> Application:
    if not isinstance(body, dict):
        raise ValueError("the body: an object")  # noqa: TRY004 - one kind for every broken rule
    given = {"tenant": TENANT, "client": str(uuid.uuid4())} | body
    if unknown := set(given) - set(_FIRST):
        raise ValueError(f"{', '.join(sorted(unknown))}: unknown; expected are {', '.join(_FIRST)}")
    rules: dict[str, tuple[Callable[[Any], bool], str]] = {
        "tenant": (_is_guid, "a GUID"),
        "client": (_is_guid, "a GUID"),
        "secret": (lambda value: isinstance(value, str), "a string"),
        "secret_expires_at": (
            lambda value: value is None or (isinstance(value, int | float) and not isinstance(value, bool)),
            "seconds since 1970",
        ),
        "certificate": (_is_certificate, "a certificate with an RSA key, as PEM"),
        "federated": (_is_federation, "an object of issuer, subject, keys (a JWKS) and perhaps audience"),
        "associated": (lambda value: isinstance(value, bool), "true or false"),
        "roles": (_is_list_of_strings, "a list of strings"),
        "redirect_uris": (
            lambda value: isinstance(value, list) and all(map(_is_redirect_uri, value)),
            "a list of https addresses, or http ones of this machine, without fragment",
        ),
        "sign_in_audience": (lambda value: value in AUDIENCES, f"one of {', '.join(AUDIENCES)}"),
        "user_roles": (
            lambda value: (
                isinstance(value, dict)
                and all(_is_guid(user) and _is_list_of_strings(roles) for user, roles in value.items())
            ),
            "an object of object ids of users, each with a list of strings",
        ),
    }
    complete: dict[str, Any] = {**_FIRST, "secret": "", **given}
    for member, (holds, rule) in rules.items():
        if not holds(complete[member]):
            raise ValueError(f"{member}: {rule}")
    if complete["federated"]:
        complete["federated"] = {"audience": FEDERATION_AUDIENCE, **complete["federated"]}
    return cast("Application", complete)


def _is_guid(value: object) -> bool:
    try:
        return isinstance(value, str) and str(uuid.UUID(value)) == value.lower()
    except ValueError:
        return False


def _is_list_of_strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_redirect_uri(value: object) -> bool:
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        host = parts.hostname or ""
    except ValueError:
        return False
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
    return bool(host) and is_safe and not parts.fragment and "*" not in parts.netloc


def _is_certificate(value: object) -> bool:
    if value == "":
        return True
    try:
        return isinstance(value, str) and isinstance(
            x509.load_pem_x509_certificate(value.encode()).public_key(), rsa.RSAPublicKey
        )
    except ValueError:
        return False


def _is_federation(value: object) -> bool:
    if value is None:
        return True
    if not isinstance(value, dict) or not {"issuer", "subject", "keys"} <= set(value) <= set(
        Federation.__annotations__
    ):
        return False
    try:
        jwt.PyJWKSet.from_dict(value["keys"])
    except (jwt.PyJWTError, AttributeError, TypeError):
        return False
    return all(isinstance(value.get(name, ""), str) for name in ("issuer", "subject", "audience"))


def authenticate(application: Application, form: Mapping[str, str], audiences: list[str], now: float) -> str:
    """Check the credential in a token request. Return "1" for a secret, "2" for an assertion.

    `audiences` are the allowed audiences of an assertion that the application signs itself. Raises: Refused.
    """
    if "client_assertion" in form:
        _authenticate_by_assertion(application, form, audiences)
        return "2"
    if "client_secret" not in form:
        raise Refused(
            "invalid_client",
            7000218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
            401,
        )
    client, expires_at = application["client"], application["secret_expires_at"]
    if not application["secret"] or not hmac.compare_digest(
        application["secret"].encode(), form["client_secret"].encode()
    ):
        raise Refused(
            "invalid_client",
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret"
            f" value, not the client secret ID, for a secret added to app '{client}'.",
            401,
        )
    if expires_at is not None and expires_at <= now:
        raise Refused(
            "invalid_client", 7000222, f"The provided client secret keys for app '{client}' are expired.", 401
        )
    return "1"


def _authenticate_by_assertion(
    application: Application, form: Mapping[str, str], audiences: list[str]
) -> None:
    if form.get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer":
        raise Refused("invalid_request", 900144, "client_assertion_type must be …:jwt-bearer.")
    token = form["client_assertion"]
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False})
        if "x5t" in header or "x5t#S256" in header:
            _verify_certificate(application, token, header, audiences)
        else:
            _verify_federated(application, token, header, claims)
    except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError):
        raise Refused(
            "invalid_client", 700024, "Client assertion is not within its valid time range.", 401
        ) from None
    except jwt.InvalidTokenError:
        raise Refused("invalid_client", 50027, "JWT token is invalid or malformed.", 401) from None


def _verify_certificate(
    application: Application, token: str, header: dict[str, Any], audiences: list[str]
) -> None:
    unregistered = Refused(
        "invalid_client",
        700027,
        "The certificate with identifier used to sign the client assertion is not registered on application.",
        401,
    )
    if not application["certificate"]:
        raise unregistered
    certificate = x509.load_pem_x509_certificate(application["certificate"].encode())
    for name, digest in (("x5t", SHA1()), ("x5t#S256", SHA256())):  # noqa: S303 - x5t is defined so
        thumbprint = base64url_encode(certificate.fingerprint(digest)).decode()
        if name in header and str(header[name]).rstrip("=") != thumbprint:
            raise unregistered
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)  # registration accepts no other keys
    client = application["client"]
    try:
        jwt.decode(
            token, key, algorithms=["RS256", "PS256"], audience=audiences, issuer=client, subject=client
        )
    except jwt.InvalidSignatureError:
        raise unregistered from None


def _verify_federated(
    application: Application, token: str, header: dict[str, Any], claims: dict[str, Any]
) -> None:
    federation = application["federated"]
    for number, claim in ((700211, "issuer"), (700213, "subject"), (700212, "audience")):
        presented = claims.get(claim[:3])
        if federation is None or presented != cast("dict[str, Any]", federation)[claim]:
            raise Refused(
                "invalid_request" if federation else "invalid_client",
                number if federation else 70021,
                f"No matching federated identity record found for presented assertion {claim} '{presented}'."
                " Check your federated identity credential Subject, Audience and Issuer against the presented"
                " assertion.",
                401,
            )
    assert federation is not None
    keys = jwt.PyJWKSet.from_dict(federation["keys"]).keys
    key = next((key for key in keys if key.key_id == header.get("kid")), keys[0])
    jwt.decode(token, key, algorithms=["RS256"], audience=federation["audience"])
