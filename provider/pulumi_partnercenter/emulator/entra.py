"""The emulator's Microsoft Entra ID: applications, token endpoints, keys, and the check of tokens.

Both endpoints issue v1 tokens, which is what the emulated services take. A token ends after 3600 s of the emulator's
clock. Assertions come from outside and are checked against the real clock. Grants are `client_credentials` and, for
users (`user_sign_in.py`), `authorization_code`. Error numbers: `applications.py`.

Control plane: `POST /_emulator/applications` registers an application (201) and takes, all optional,
`tenant` and `client` (GUIDs), `secret`, `secret_expires_at` (seconds since 1970, on the emulator's clock),
`certificate` (PEM), `federated` {`issuer`, `subject`, `audience`, `keys` (a JWKS)}, `associated` (default
true) and `roles` (default ["Manager"]). One application exists from the start: `TENANT`, `CLIENT`, `SECRET`.
For the sign-in of users: `redirect_uris`, `sign_in_audience` (default `AzureADMyOrg`), and `user_roles`, its app roles
of users by their object ids.
"""

from __future__ import annotations

import datetime as dt
import functools
import random
import re
import uuid
from collections.abc import Callable, Collection, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from jwt.utils import base64url_encode
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .applications import CLIENT, SECRET, TENANT, Application, Applications, Caller, Refused, authenticate
from .binding import parse_json
from .errors import AccessDenied
from .user_sign_in import ANY_TENANT, UserSignIn
from .users import PERSONAL_TENANT, Users

__all__ = ["CLIENT", "LIFETIME_SECONDS", "SECRET", "TENANT", "TOKEN_PATH", "Entra"]

LIFETIME_SECONDS = 3600
READY_TOKEN = "emulator"  # noqa: S105 - known to everybody
READY_TOKEN_OF_APPLICATION = re.compile(
    rf"{READY_TOKEN}:(?P<tenant>[0-9a-fA-F-]{{36}}):(?P<client>[0-9a-fA-F-]{{36}})"
)
"""Of a registered application: `emulator:TENANT:CLIENT`."""
TOKEN_PATH = re.compile(r"/[^/]+/(v2\.0/|oauth2/|discovery/|\.well-known/)", re.IGNORECASE)
RESOURCES = frozenset(
    {
        "https://api.partner.microsoft.com",
        "https://graph.microsoft.com",
        "https://cloudpartner.azure.com",
        "https://marketplaceapi.microsoft.com",
        "20e940b3-4c77-4b0b-9a53-9e16a1b010a7",  # application id of marketplaceapi.microsoft.com
    }
)
"""Resources that every tenant has, whichever services are emulated."""
_KEY = "entra.signing_key"
_MISSING = "Unauthorized. Access token is missing or invalid."
_UNASSOCIATED = "Unauthorized. The application is not associated with a Partner Center account."


class Entra:
    """The directory of the emulator.

    `clock` gives the emulator's time, `store` keeps key and applications, `seed` fixes ids in answers. `audiences` are
    resources beside those that every tenant has. ID tokens have the time of `machine_clock`: programs that read them
    have clocks of their own.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        store: MutableMapping[str, str],
        seed: int | None = None,
        audiences: Collection[str] = (),
        machine_clock: Callable[[], float] | None = None,
    ) -> None:
        self._resources = RESOURCES | set(audiences)
        self._clock, self._store, self._random = clock, store, random.Random(seed)  # noqa: S311 - ids that repeat
        self._applications, self.users = Applications(store), Users(store)
        self._user_sign_in = UserSignIn(
            clock, store, self._applications, self.users, self, machine_clock or clock
        )

    def routes(self) -> list[Route]:
        """Routes below `/{tenant}/`, the endpoint of managed identities, and the control plane."""
        return [
            Route("/_emulator/applications", self._register, methods=["POST"]),
            Route("/metadata/identity/oauth2/token", self._managed_identity, methods=["GET"]),
            Route("/{tenant}/oauth2/v2.0/token", self._token_v2, methods=["POST"]),
            Route("/{tenant}/oauth2/token", self._token_v1, methods=["POST"]),
            Route("/{tenant}/v2.0/.well-known/openid-configuration", self._metadata_v2, methods=["GET"]),
            Route("/{tenant}/.well-known/openid-configuration", self._metadata_v1, methods=["GET"]),
            Route("/{tenant}/discovery/v2.0/keys", self._keys, methods=["GET"]),
            Route("/{tenant}/discovery/keys", self._keys, methods=["GET"]),
            *self._user_sign_in.routes(),
        ]

    def reset(self) -> None:
        """Forget the registered applications and users. The key stays, and tokens of the predefined application."""
        self._applications.forget()
        self._user_sign_in.reset()

    def list_registered(self) -> list[dict[str, Any]]:
        """Return the applications that `POST /_emulator/applications` added, without their secrets."""
        return [_without_secret(application) for application in self._applications.list_registered()]

    def require_access(
        self,
        authorization: str | None,
        audiences: Collection[str],
        *,
        needs_account: bool = True,
        unassociated_status: int = 401,
    ) -> Caller:
        """Check the Authorization header of a request to an API that takes tokens for these audiences.

        `needs_account`: the application must be associated with the Partner Center account, else
        `unassociated_status`, and have a role in it.
        Words other than "missing or invalid" are inferred. Raises: AccessDenied.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise AccessDenied(401, _MISSING)
        if token == READY_TOKEN:
            return Caller(TENANT, CLIENT)
        if ready := READY_TOKEN_OF_APPLICATION.fullmatch(token):
            if self._applications.find(ready["tenant"], ready["client"]) is None:
                raise AccessDenied(401, _MISSING)
            return Caller(ready["tenant"].lower(), ready["client"].lower())
        try:
            application = self._find_caller(token, audiences)
        except jwt.InvalidTokenError as error:
            raise AccessDenied(401, str(error)) from None
        if needs_account and not application["associated"]:
            raise AccessDenied(unassociated_status, _UNASSOCIATED)
        if needs_account and not application["roles"]:
            raise AccessDenied(403, "Forbidden. The application has no role in the Partner Center account.")
        return Caller(application["tenant"].lower(), application["client"].lower())

    def _find_caller(self, token: str, audiences: Collection[str]) -> Application:
        """Return the application that a token was issued to. Raises: InvalidTokenError with the words of the 401."""
        try:
            claims = self._claims(token)
        except jwt.InvalidTokenError:
            raise jwt.InvalidTokenError(_MISSING) from None
        if claims["aud"] not in audiences:
            raise jwt.InvalidAudienceError("Unauthorized. Access token validation failure. Invalid audience.")
        if not claims["nbf"] <= self._clock() < claims["exp"]:
            raise jwt.ExpiredSignatureError("Unauthorized. Access token has expired.")
        application = self._applications.find(claims["tid"], claims["appid"])
        if application is None:
            raise jwt.InvalidTokenError(_UNASSOCIATED)
        return application

    # --- Keys and tokens

    @functools.cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        # Created at its first use: it takes longer than all other parts of a start.
        text = self._store.get(_KEY)
        if text is None:
            private_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            text = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
            self._store[_KEY] = text
        key = load_pem_private_key(text.encode(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        return key

    def _public(self) -> dict[str, Any]:
        numbers = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        name = str(uuid.uuid5(uuid.NAMESPACE_URL, numbers["n"]))
        return {**numbers, "use": "sig", "alg": "RS256", "kid": name, "x5t": name}

    def _claims(self, token: str) -> dict[str, Any]:
        """Return the claims of a token that this emulator signed. The caller checks audience and time."""
        return jwt.decode(
            token,
            self._key.public_key(),
            algorithms=["RS256"],
            options={
                "require": ["aud", "iss", "tid", "appid", "nbf", "exp"],
                "verify_aud": False,
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            },
        )

    def _token(self, application: Application, resource: str, strength: str) -> tuple[str, int]:
        """Return a signed token and the second of its issue. `strength`: 1 after a secret, 2 after an assertion."""
        now, tenant, client = int(self._clock()), application["tenant"], application["client"]
        principal = str(uuid.uuid5(uuid.UUID(tenant), client))
        claims = {
            "aud": resource,
            "iss": f"https://sts.windows.net/{tenant}/",
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME_SECONDS,
            "appid": client,
            "appidacr": strength,
            "idp": f"https://sts.windows.net/{tenant}/",
            "idtyp": "app",
            "oid": principal,
            "sub": principal,
            "tid": tenant,
            "uti": base64url_encode(self._random.randbytes(16)).decode(),
            "ver": "1.0",
        }
        return self.sign(claims), now

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return a token of this directory with these claims."""
        return jwt.encode({**claims}, self._key, "RS256", headers={"kid": self.key_id})

    @property
    def key_id(self) -> str:
        """The `kid` of the signing key in the key sets that the directory serves."""
        return str(self._public()["kid"])

    def public_key(self) -> bytes:
        """Return the public half of the signing key, PEM."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    # --- Endpoints

    async def _register(self, request: Request) -> Response:
        try:
            return JSONResponse(
                _without_secret(self._applications.register(parse_json(await request.body()))), 201
            )
        except ValueError as error:  # JSON's own errors are ValueErrors too
            return JSONResponse({"statusCode": 400, "message": f"applications: {error}"}, 400)

    async def _token_v2(self, request: Request) -> Response:
        def issue(form: dict[str, str]) -> Response:
            if form.get("grant_type") == "authorization_code":
                return self._redeem_code(request, form)
            application, strength = self._authenticate(request, form)
            scope = _required(form, "scope")
            if not scope.endswith("/.default") or " " in scope:
                raise Refused(
                    "invalid_scope",
                    1002012,
                    f"The provided value for scope {scope} is not valid. Client credential flows must have a"
                    " scope value with /.default suffixed to the resource identifier (application ID URI).",
                )
            resource = self._require_resource(scope.removesuffix("/.default"), application["tenant"])
            text, _ = self._token(application, resource, strength)
            lifetime = LIFETIME_SECONDS - 1
            return _token_response(
                {
                    "token_type": "Bearer",
                    "expires_in": lifetime,
                    "ext_expires_in": lifetime,
                    "access_token": text,
                }
            )

        return await self._answer(request, issue)

    def _redeem_code(self, request: Request, form: dict[str, str]) -> Response:
        tenant = str(request.path_params["tenant"]).lower()
        application = self._user_sign_in.find_application(tenant, _required(form, "client_id"))
        authenticate(application, form, _token_places(request, tenant), self._clock())
        return _token_response(self._user_sign_in.redeem(application, form, _root(request)))

    async def _token_v1(self, request: Request) -> Response:
        def issue(form: dict[str, str]) -> Response:
            application, strength = self._authenticate(request, form)
            resource = self._require_resource(_required(form, "resource"), application["tenant"])
            return self._token_response_v1(application, resource, strength)

        return await self._answer(request, issue)

    async def _managed_identity(self, request: Request) -> Response:
        """Answer as Azure's instance metadata service, for the predefined application or that of `client_id`.

        Shape: Azure's public documentation of managed identities on virtual machines.
        """
        client = request.query_params.get("client_id", CLIENT)
        resource = request.query_params.get("resource", "").rstrip("/")
        applications = [app for app in self._applications.all() if app["client"].lower() == client.lower()]
        if request.headers.get("metadata") != "true" or resource not in self._resources:
            return JSONResponse({"error": "invalid_request", "error_description": "Bad Request"}, 400)
        if not applications:
            return JSONResponse({"error": "invalid_request", "error_description": "Identity not found"}, 400)
        return self._token_response_v1(applications[0], resource, "2")

    def _token_response_v1(self, application: Application, resource: str, strength: str) -> Response:
        text, now = self._token(application, resource, strength)
        lifetime = str(LIFETIME_SECONDS - 1)
        return _token_response(
            {
                "token_type": "Bearer",
                "expires_in": lifetime,
                "ext_expires_in": lifetime,
                "expires_on": str(now + LIFETIME_SECONDS),
                "not_before": str(now),
                "resource": resource,
                "access_token": text,
            }
        )

    async def _metadata_v2(self, request: Request) -> Response:
        return await self._metadata(request, "/v2.0", "{root}/{tenant}/v2.0")

    async def _metadata_v1(self, request: Request) -> Response:
        return await self._metadata(request, "", "https://sts.windows.net/{tenant}/")

    async def _metadata(self, request: Request, version: str, issuer: str) -> Response:
        def describe(_form: dict[str, str]) -> Response:
            root, tenant = _root(request), self._require_directory(request)
            issuing = {"consumers": PERSONAL_TENANT}.get(
                tenant, "{tenantid}" if tenant in ANY_TENANT else tenant
            )
            return JSONResponse(
                {
                    "issuer": issuer.format(root=root, tenant=issuing),
                    "authorization_endpoint": f"{root}/{tenant}/oauth2{version}/authorize",
                    "token_endpoint": f"{root}/{tenant}/oauth2{version}/token",
                    "device_authorization_endpoint": f"{root}/{tenant}/oauth2{version}/devicecode",
                    "jwks_uri": f"{root}/{tenant}/discovery{version}/keys",
                    "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                    "subject_types_supported": ["pairwise"],
                }
            )

        return await self._answer(request, describe)

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self._public()]})

    async def _answer(self, request: Request, work: Callable[[dict[str, str]], Response]) -> Response:
        try:
            return work(dict(parse_qsl((await request.body()).decode(errors="replace"))))
        except Refused as refused:
            now = dt.datetime.fromtimestamp(self._clock(), dt.UTC)
            trace, correlation = self._id(), request.headers.get("client-request-id") or self._id()
            at = f"{now:%Y-%m-%d %H:%M:%SZ}"
            ids = f"Trace ID: {trace} Correlation ID: {correlation} Timestamp: {at}"
            return JSONResponse(
                {
                    "error": refused.error,
                    "error_description": f"AADSTS{refused.number}: {refused.words} {ids}",
                    "error_codes": [refused.number],
                    "timestamp": at,
                    "trace_id": trace,
                    "correlation_id": correlation,
                    "error_uri": f"{_root(request)}/error?code={refused.number}",
                },
                refused.status,
            )

    def _id(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def _require_directory(self, request: Request) -> str:
        """Return the tenant in the address of a request: of an application, of users, or a word for several."""
        tenant = str(request.path_params["tenant"]).lower()
        if tenant in ANY_TENANT or any(user["tenant"] == tenant for user in self.users.all()):
            return tenant
        return self._tenant(request)

    def _tenant(self, request: Request) -> str:
        tenant = str(request.path_params["tenant"])
        if not self._applications.has_tenant(tenant):
            raise Refused(
                "invalid_tenant" if request.method == "GET" else "invalid_request",
                90002,
                f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are"
                " signing into the correct cloud.",
            )
        return tenant

    def _require_resource(self, name: str, tenant: str) -> str:
        """Return the resource without the slash that some clients add. Raises: Refused."""
        resource = name.rstrip("/")
        if resource not in self._resources:
            raise Refused(
                "invalid_resource",
                500011,
                f"The resource principal named {name} was not found in the tenant named {tenant}.",
            )
        return resource

    def _authenticate(self, request: Request, form: dict[str, str]) -> tuple[Application, str]:
        """Return the application that sent a token request, and the strength of its credential."""
        tenant = self._tenant(request)
        if (grant := _required(form, "grant_type")) != "client_credentials":
            raise Refused(
                "unsupported_grant_type", 70003, f"The app requested an unsupported grant type '{grant}'."
            )
        client = _required(form, "client_id")
        application = self._applications.find(tenant, client)
        if application is None:
            raise Refused(
                "unauthorized_client",
                700016,
                f"Application with identifier '{client}' was not found in the directory '{tenant}'.",
            )
        strength = authenticate(application, form, _token_places(request, tenant), self._clock())
        return application, strength


def _root(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _token_places(request: Request, tenant: str) -> list[str]:
    """Return the audiences of an assertion that an application signs itself."""
    return [f"{_root(request)}/{tenant}{path}" for path in ("/oauth2/v2.0/token", "/oauth2/token", "/v2.0")]


def _required(form: dict[str, str], name: str) -> str:
    if name not in form:
        raise Refused(
            "invalid_request", 900144, f"The request body must contain the following parameter: '{name}'."
        )
    return form[name]


def _token_response(body: dict[str, Any]) -> Response:
    return JSONResponse(body, headers={"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"})


def _without_secret(application: Application) -> dict[str, Any]:
    return {name: value for name, value in application.items() if name != "secret"}
