"""Sign-in of users by the emulator's Entra ID: authorization code with PKCE, and ID tokens of version 2.

`GET /{tenant}/oauth2/v2.0/authorize` is a page on which a person chooses a user. The code that its redirect carries is
redeemed once, within ten minutes. `response_mode` is `query`. There are no refresh tokens; the access token is opaque.
ID tokens end after 3600 s of the real clock, also if the emulator's clock was moved: programs have clocks of their own.

Control plane: `POST /_emulator/sign-in` takes `user` (a `preferred_username`: this user is signed in already, and no
page is shown; "" shows it again), `token` (one of `ID_TOKENS`) and `times` (so many of the next ID tokens, default 1,
0: all). A forged token breaks exactly one rule. `GET sign-in` answers these settings.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import secrets
import uuid
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from .applications import Application, Applications, Refused
from .binding import parse_json
from .control_input import BadInput, allow_members, read_choice, read_whole_number
from .forged_tokens import FORGED_KEY, STRANGER, sign_by_public_key, sign_by_stranger, without_signature
from .users import PERSONAL_TENANT, User, Users

__all__ = ["ANY_TENANT", "ID_TOKENS", "Signer", "UserSignIn"]

ANY_TENANT = ("common", "organizations", "consumers")
"""Words in the place of a tenant, for users of several tenants."""
ID_TOKENS = (
    "valid",
    "wrong_audience",
    "wrong_issuer",
    "foreign_issuer",
    "wrong_tenant",
    "other_tenant",
    "expired",
    "not_yet_valid",
    "wrong_nonce",
    "no_nonce",
    "unsigned",
    "hs256",
    "unknown_key",
    "foreign_key",
)
CODE_SECONDS, ID_TOKEN_SECONDS = 600, 3600
MOST_BYTES = 64 * 1024
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none';"
    " form-action 'self'"
)
HEADERS = {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-content-type-options": "nosniff"}
CODES, SETTINGS = "entra.codes", "entra.sign_in"


class Signer(Protocol):
    """The directory's signing key."""

    @property
    def key_id(self) -> str: ...

    def public_key(self) -> bytes: ...

    def sign(self, claims: Mapping[str, Any]) -> str: ...


class Denied(Exception):
    """A refusal that the application hears of: its redirect address is valid."""

    def __init__(self, error: str, number: int, message: str) -> None:
        super().__init__(message)
        self.error, self.number, self.message = error, number, message


@dataclass(frozen=True)
class Authorization:
    """A valid request of an application to sign a user in."""

    application: Application
    tenant: str
    redirect_uri: str
    scope: str
    state: str
    nonce: str
    challenge: str
    challenge_method: str
    prompt: str

    def admits(self, user: User) -> bool:
        """Whether this user may sign in to the application, at this tenant's address."""
        audience, is_personal = self.application["sign_in_audience"], user["tenant"] == PERSONAL_TENANT
        if audience == "AzureADMyOrg":
            return user["tenant"] == self.application["tenant"].lower()
        if is_personal and audience != "AzureADandPersonalMicrosoftAccount":
            return False
        return {"common": True, "organizations": not is_personal, "consumers": is_personal}.get(
            self.tenant, user["tenant"] == self.tenant
        )


class UserSignIn:
    """The users' side of the directory. `memory` keeps codes and settings; `machine_clock` dates ID tokens."""

    def __init__(
        self,
        clock: Callable[[], float],
        memory: MutableMapping[str, str],
        applications: Applications,
        users: Users,
        signer: Signer,
        machine_clock: Callable[[], float],
    ) -> None:
        self._clock, self._machine_clock, self._memory = clock, machine_clock, memory
        self._applications, self._users, self._signer = applications, users, signer

    def routes(self) -> list[Route]:
        return [
            Route("/{tenant}/oauth2/v2.0/authorize", self._authorize, methods=["GET", "POST"]),
            Route("/_emulator/users", self._add_user, methods=["POST"]),
            Route("/_emulator/sign-in", self._describe, methods=["GET"]),
            Route("/_emulator/sign-in", self._configure, methods=["POST"]),
        ]

    def reset(self) -> None:
        """Forget added users, codes and settings."""
        self._users.forget()
        self._memory.pop(CODES, None)
        self._memory.pop(SETTINGS, None)

    # --- Authorization

    async def _authorize(self, request: Request) -> Response:
        try:
            authorization = self._parse(request)
        except Refused as refused:
            return _show_page(400, problem=f"AADSTS{refused.number}: {refused.words}")
        try:
            _require_supported(request.query_params)
            if request.method == "POST":
                return self._answer(authorization, await _read_form(request))
            return self._show_users(authorization)
        except Denied as denied:
            message = f"AADSTS{denied.number}: {denied.message}"
            return _redirect(authorization, {"error": denied.error, "error_description": message})

    def _parse(self, request: Request) -> Authorization:
        """Return the request of an application whose redirect address is registered. Raises: Refused."""
        query, tenant = request.query_params, str(request.path_params["tenant"]).lower()
        for name in ("client_id", "redirect_uri", "response_type", "scope"):
            if not query.get(name):
                raise _missing(name)
        application = self.find_application(tenant, query["client_id"])
        if query["redirect_uri"] not in application["redirect_uris"]:
            raise Refused(
                "invalid_request",
                50011,
                f"The redirect URI '{query['redirect_uri']}' specified in the request does not match the redirect"
                f" URIs configured for the application '{application['client']}'.",
            )
        return Authorization(
            application,
            tenant,
            query["redirect_uri"],
            query["scope"],
            query.get("state", ""),
            query.get("nonce", ""),
            query.get("code_challenge", ""),
            query.get("code_challenge_method", "plain"),
            query.get("prompt", ""),
        )

    def find_application(self, tenant: str, client: str) -> Application:
        """Return the application that signs users in at a tenant's address. Raises: Refused."""
        application = self._applications.find_by_client(client)
        is_own = application is not None and application["tenant"].lower() == tenant.lower()
        is_single = application is not None and application["sign_in_audience"] == "AzureADMyOrg"
        if application is None or (is_single and not is_own and tenant not in ANY_TENANT):
            raise Refused(
                "unauthorized_client",
                700016,
                f"Application with identifier '{client}' was not found in the directory '{tenant}'.",
            )
        if is_single and tenant in ANY_TENANT:
            raise Refused(
                "invalid_request",
                50194,
                f"Application '{client}' is not configured as a multi-tenant application. Usage of the /common"
                " endpoint is not supported for such apps.",
            )
        return application

    def _show_users(self, authorization: Authorization) -> Response:
        chosen = self._settings()["user"]
        user = next((user for user in self._users.all() if user["preferred_username"] == chosen), None)
        if user and authorization.prompt not in ("login", "select_account"):
            return self._issue_code(authorization, user)
        if authorization.prompt == "none":
            raise Denied(
                "login_required", 50058, "A silent sign-in request was sent but no user is signed in."
            )
        users = [user for user in self._users.all() if authorization.admits(user)]
        parts = urlsplit(authorization.redirect_uri)
        # Browsers apply the policy of a page also to where its form is redirected.
        policy = f"{POLICY} {parts.scheme}://{parts.netloc}"
        return _show_page(200, policy, users=users, application=authorization.application["client"])

    def _answer(self, authorization: Authorization, form: Mapping[str, str]) -> Response:
        """Answer the form of the page."""
        if not form.get("user"):
            raise Denied("access_denied", 65004, "User declined to consent to access the app.")
        user = self._users.find(form["user"])
        if user is None:
            return _show_page(400, problem="AADSTS50034: The user account does not exist.")
        return self._issue_code(authorization, user)

    def _issue_code(self, authorization: Authorization, user: User) -> Response:
        if not authorization.admits(user):
            raise Denied(
                "access_denied",
                50020,
                f"User account '{user['preferred_username']}' does not exist in the tenant of the application"
                " and cannot access it.",
            )
        code, now = secrets.token_urlsafe(48), self._clock()
        codes = {
            name: kept for name, kept in self._codes().items() if kept["expires_at"] > now - CODE_SECONDS
        }
        codes[_digest(code)] = {
            "client": authorization.application["client"].lower(),
            "user": user["object_id"],
            "redirect_uri": authorization.redirect_uri,
            "scope": authorization.scope,
            "nonce": authorization.nonce,
            "challenge": authorization.challenge,
            "challenge_method": authorization.challenge_method,
            "expires_at": now + CODE_SECONDS,
            "is_redeemed": False,
        }
        self._memory[CODES] = json.dumps(codes)
        return _redirect(authorization, {"code": code, "session_state": str(uuid.uuid4())})

    def _codes(self) -> dict[str, dict[str, Any]]:
        codes: dict[str, dict[str, Any]] = json.loads(self._memory.get(CODES, "{}"))
        return codes

    # --- Tokens

    def redeem(self, application: Application, form: Mapping[str, str], root: str) -> dict[str, Any]:
        """Return the answer to a token request with a code, of an authenticated application. Raises: Refused."""
        for name in ("code", "redirect_uri"):
            if not form.get(name):
                raise _missing(name)
        codes, digest = self._codes(), _digest(form["code"])
        code = codes.get(digest)
        if code is None or code["client"] != application["client"].lower():
            raise _invalid_grant(70000, "The provided authorization code is invalid for this application.")
        if code["is_redeemed"]:
            raise _invalid_grant(54005, "OAuth2 Authorization code was already redeemed.")
        if code["expires_at"] <= self._clock():
            raise _invalid_grant(70008, "The provided authorization code has expired.")
        if code["redirect_uri"] != form["redirect_uri"]:
            raise _invalid_grant(
                500112,
                f"The reply address '{form['redirect_uri']}' does not match the reply address"
                f" '{code['redirect_uri']}' provided when requesting Authorization code.",
            )
        if not _is_verified(code, form.get("code_verifier", "")):
            raise _invalid_grant(
                501481,
                "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
            )
        user = self._users.find(code["user"])
        if user is None:
            raise _invalid_grant(50034, "The user account does not exist.")
        code["is_redeemed"] = True
        self._memory[CODES] = json.dumps(codes)
        scopes = code["scope"].split()
        client_info = json.dumps({"uid": user["object_id"], "utid": user["tenant"]}).encode()
        return {
            "token_type": "Bearer",
            "scope": " ".join(scope for scope in scopes if scope != "offline_access"),
            "expires_in": ID_TOKEN_SECONDS - 1,
            "ext_expires_in": ID_TOKEN_SECONDS - 1,
            "access_token": secrets.token_urlsafe(64),
            "id_token": self._issue_id_token(application, user, scopes, code["nonce"], root),
            "client_info": base64.urlsafe_b64encode(client_info).decode().rstrip("="),
        }

    def _issue_id_token(
        self, application: Application, user: User, scopes: list[str], nonce: str, root: str
    ) -> str:
        now, tenant, client = int(self._machine_clock()), user["tenant"], application["client"].lower()
        roles = application["user_roles"].get(user["object_id"], [])
        claims = {
            "aud": client,
            "iss": f"{root}/{tenant}/v2.0",
            "iat": now,
            "nbf": now,
            "exp": now + ID_TOKEN_SECONDS,
            "oid": user["object_id"],
            "sub": base64.urlsafe_b64encode(
                hashlib.sha256(f"{client} {user['object_id']}".encode()).digest()
            ).decode()[:43],
            "tid": tenant,
            "uti": secrets.token_urlsafe(16),
            "ver": "2.0",
            **({"nonce": nonce} if nonce else {}),
            **({"name": user["name"]} if user["name"] and "profile" in scopes else {}),
            **({"preferred_username": user["preferred_username"]} if "profile" in scopes else {}),
            **({"email": user["email"]} if user["email"] and "email" in scopes else {}),
            **({"roles": roles} if roles else {}),
            **({"groups": user["groups"]} if user["groups"] else {}),
        }
        return self._sign(self._take_kind(), claims, root)

    def _take_kind(self) -> str:
        """Return the kind of the next ID token, and count it."""
        settings = self._settings()
        kind, times = str(settings["token"]), int(settings["times"])
        if kind != "valid" and times:
            settings |= {"times": times - 1} if times > 1 else {"token": ID_TOKENS[0], "times": 1}
            self._memory[SETTINGS] = json.dumps(settings)
        return kind

    def _sign(self, kind: str, claims: dict[str, Any], root: str) -> str:
        now, tenant = claims["iat"], claims["tid"]
        foreign_issuer = f"https://login.stranger.example/{tenant}/v2.0"
        changes: Mapping[str, Mapping[str, Any]] = {
            "wrong_audience": {"aud": STRANGER},
            "wrong_issuer": {"iss": f"{root}/{STRANGER}/v2.0"},
            "foreign_issuer": {"iss": foreign_issuer},
            "wrong_tenant": {"tid": STRANGER},
            "other_tenant": {"tid": STRANGER, "iss": f"{root}/{STRANGER}/v2.0"},
            "expired": {
                "iat": now - 2 * ID_TOKEN_SECONDS,
                "nbf": now - 2 * ID_TOKEN_SECONDS,
                "exp": now - ID_TOKEN_SECONDS,
            },
            "not_yet_valid": {"nbf": now + ID_TOKEN_SECONDS, "exp": now + 2 * ID_TOKEN_SECONDS},
            "wrong_nonce": {"nonce": secrets.token_urlsafe(16)},
        }
        claims |= changes.get(kind, {})
        match kind:
            case "no_nonce":
                return self._signer.sign({name: claims[name] for name in claims if name != "nonce"})
            case "unsigned":
                return without_signature(claims)
            case "hs256":
                return sign_by_public_key(claims, self._signer.key_id, self._signer.public_key())
            case "unknown_key":
                return sign_by_stranger(claims, {"kid": FORGED_KEY})
            case "foreign_key":
                return sign_by_stranger(claims, {"kid": self._signer.key_id})
            case _:
                return self._signer.sign(claims)

    # --- Control plane

    async def _add_user(self, request: Request) -> Response:
        try:
            return JSONResponse(self._users.add(parse_json(await request.body())), 201)
        except ValueError as error:  # JSON's own errors are ValueErrors too
            return JSONResponse({"error": f"users: {error}"}, 400)

    async def _describe(self, _: Request) -> Response:
        return JSONResponse(self._settings())

    async def _configure(self, request: Request) -> Response:
        try:
            settings = self._read_settings(parse_json(await request.body()))
        except (ValueError, BadInput) as error:
            return JSONResponse({"error": str(error)}, 400)
        self._memory[SETTINGS] = json.dumps(settings)
        return JSONResponse(settings)

    def _read_settings(self, body: object) -> dict[str, Any]:
        """Return the settings after a request. Raises: BadInput."""
        if not isinstance(body, dict):
            raise BadInput("body: must be a JSON object")
        allow_members(body, "user", "token", "times")
        settings = {**self._settings(), **body}
        read_choice(settings, "user", ["", *(user["preferred_username"] for user in self._users.all())])
        read_choice(settings, "token", ID_TOKENS)
        return {**settings, "times": read_whole_number(settings, "times", 1)}

    def _settings(self) -> dict[str, Any]:
        return {"user": "", "token": "valid", "times": 1, **json.loads(self._memory.get(SETTINGS, "{}"))}


def _require_supported(query: Mapping[str, str]) -> None:
    """Refuse a request that the emulator, or Entra ID, does not serve. Raises: Denied."""
    if query["response_type"] != "code":
        raise Denied(
            "unsupported_response_type", 700051, f"response_type '{query['response_type']}' is not supported."
        )
    if query.get("response_mode", "query") != "query":
        raise Denied("invalid_request", 9002313, "not emulated: a response_mode other than query")
    if "openid" not in query["scope"].split():
        raise Denied("invalid_scope", 70011, "not emulated: a sign-in without the scope openid")
    if query.get("code_challenge_method", "plain") not in ("plain", "S256"):
        raise Denied("invalid_request", 501491, "Invalid size or method of the code_challenge parameter.")


def _is_verified(code: Mapping[str, Any], verifier: str) -> bool:
    """Whether the verifier fits the challenge (RFC 7636). A request without challenge allows no verifier."""
    if code["challenge_method"] == "S256" and code["challenge"]:
        digest = hashlib.sha256(verifier.encode()).digest()
        verifier = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return secrets.compare_digest(str(code["challenge"]).encode(), verifier.encode())


def _missing(name: str) -> Refused:
    return Refused(
        "invalid_request", 900144, f"The request body must contain the following parameter: '{name}'."
    )


def _invalid_grant(number: int, message: str) -> Refused:
    return Refused("invalid_grant", number, message)


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


async def _read_form(request: Request) -> dict[str, str]:
    content = b""
    async for part in request.stream():
        content = (content + part)[:MOST_BYTES]
    return dict(parse_qsl(content.decode("ascii", "replace"), keep_blank_values=True))


def _redirect(authorization: Authorization, answer: Mapping[str, str]) -> Response:
    state = {"state": authorization.state} if authorization.state else {}
    separator = "&" if "?" in authorization.redirect_uri else "?"
    address = f"{authorization.redirect_uri}{separator}{urlencode({**answer, **state})}"
    return RedirectResponse(address, 303, HEADERS)


def _show_page(status: int, policy: str = POLICY, **values: Any) -> Response:
    template = _environment().get_template("sign_in.html.jinja")
    values = {"problem": "", "users": [], "application": "", "personal_tenant": PERSONAL_TENANT, **values}
    text = template.render(values).encode(errors="replace")
    return HTMLResponse(text, status, {**HEADERS, "content-security-policy": policy})


@functools.cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader(__package__),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
