"""One fetch of an access token, for each way of signing in that `settings.py` knows.

`fetch` keeps nothing: `auth.py` keeps tokens, so msal's own caches are made anew each time. Every way of
failing ends here as three lines with the next step; nothing of msal's reaches its log or a traceback.
Source of the error numbers: Microsoft's public list of AADSTS codes.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from ...errors import AuthError, SettingsError
from ...messages import WORD, keep_secret, redacted
from ...settings import (
    AzureCli,
    ClientCertificate,
    ClientSecret,
    FederatedToken,
    GitHubIdentity,
    ManagedIdentity,
    Settings,
)
from .certificates import as_msal_takes_it
from .exchange import ExchangeTransport, trust
from .hardening import ENCODINGS, no_cookies, parsed, text_of, whole

__all__ = ["EMULATOR", "Clock", "Token", "fetch", "quoted", "trust"]

Clock = Callable[[], float]

EMULATOR = f"for the emulator set PARTNERCENTER_ACCESS_TOKEN={WORD}"
_METADATA_CONNECT_SECONDS = (
    5  # off Azure nobody answers at the metadata address; a minute is too long to learn it
)
_GITHUB_AUDIENCE = "api://AzureADTokenExchange"
_FEDERATION = (
    "compare the issuer, subject and audience of the application's federated credential with the token's"
)
_SAME_APPLICATION = (
    "check that AZURE_CLIENT_ID and AZURE_TENANT_ID name an application and the tenant it lives in"
)
_NEXT = {
    "7000215": "set {origin} to the secret's value, not its id (the application's Certificates & secrets)",
    "7000222": "make a new secret under the application's Certificates & secrets and set {origin} to it",
    **dict.fromkeys(("90002", "900023", "700016"), _SAME_APPLICATION),
    **dict.fromkeys(("70021", "700211", "700212", "700213"), _FEDERATION),
    "7000112": "enable the application again (Entra, Enterprise applications), or set another one",
    "700027": "upload the certificate under the application's Certificates & secrets, or use the one there",
    "700024": "the token in {origin} is not valid now: have its issuer write a new one and check the clock",
    "500011": "use a tenant that is associated with a Partner Center account: here the service is unknown",
}


@dataclass(frozen=True)
class Token:
    """An access token and when it ends, in seconds since 1970."""

    text: str = field(repr=False)
    expires_at: float

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[!-~]+", self.text):  # what a header cannot hold fails deep in HTTP, quoting it
            raise AuthError("sign-in: what was given for a token is none", next="run the same command again")
        keep_secret(self.text)


def fetch(settings: Settings, resource: str, clock: Clock) -> Token:
    """A new token for `resource` (`https://api.partner.microsoft.com`), by the one way that `settings` chose.

    Raises: SettingsError when nothing usable is configured, AuthError when it is refused or unanswered.
    """
    keep_secret(*settings.secrets())
    if settings.access_token:
        return Token(settings.access_token, float("inf"))
    if settings.login_url.startswith("http:"):
        raise SettingsError(
            f"sign-in: PARTNERCENTER_ENDPOINT is {settings.endpoint}, and no login is sent over plain http",
            next=f"{EMULATOR}, or use an https:// endpoint",
        )
    match settings.login:
        case AzureCli():
            return _from_azure_cli(settings, resource)
        case ManagedIdentity() as login:
            return _from_managed_identity(settings, login, resource, clock)
        case _ as login:
            return _from_entra(settings, login, resource, clock)


def _harmless_words(text: str) -> str:
    """The first line of an answer of a sign-in service that is no answer; nothing where it may hold a token."""
    is_page = text.lstrip()[:1] == "<"
    holds_token = re.search(r"(?i)token|assertion|secret|\beyJ", text)
    return quoted(text) if is_page and not holds_token else ""


def quoted(text: str) -> str:
    """The first line of what another side said, without secrets."""
    return next(iter(redacted(text).strip().splitlines()), "")[:400]


# --- Entra ID: secret, certificate, federated token


def _from_entra(
    settings: Settings,
    login: ClientSecret | ClientCertificate | FederatedToken | GitHubIdentity,
    resource: str,
    clock: Clock,
) -> Token:
    import msal  # type: ignore[import-untyped]

    with _client(settings) as client:
        http = _Http(client, settings)
        credential = _credential(login, http)
        try:
            application = msal.ConfidentialClientApplication(
                login.client,
                client_credential=credential,
                authority=f"{settings.login_url}/{login.tenant}",
                instance_discovery=False,  # asks the public cloud whether it knows our endpoint: it need not
                azure_region=msal.ConfidentialClientApplication.DISABLE_MSAL_FORCE_REGION,
                http_client=http,
            )
            answer = application.acquire_token_for_client([f"{resource}/.default"])
            return Token(str(answer["access_token"]), clock() + float(answer["expires_in"]))
        except (
            KeyError,
            TypeError,
            ValueError,
            OverflowError,
        ):  # what msal makes of a document that lacks a member
            raise AuthError(
                f"sign-in: {settings.login_url} does not answer as Entra ID does",
                next="check PARTNERCENTER_ENDPOINT",
            ) from None


def _credential(
    login: ClientSecret | ClientCertificate | FederatedToken | GitHubIdentity, http: _Http
) -> str | dict[str, Any]:
    match login:
        case ClientSecret():
            return login.secret
        case ClientCertificate():
            return as_msal_takes_it(login)
        case FederatedToken():
            assertion = login.token or _assertion_in(login)
        case GitHubIdentity():
            assertion = http.github_identity(login)
    keep_secret(assertion)
    return {"client_assertion": lambda: assertion}  # msal warns of a plain text, which it might keep for long


def _assertion_in(login: FederatedToken) -> str:
    try:
        text = Path(login.path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as trouble:
        reason = trouble.strerror if isinstance(trouble, OSError) else "not a token"
        raise SettingsError(
            f"sign-in: the federated token in {login.path} is not readable ({reason})",
            next=f"set {login.origin} to a file that holds the token and that this user may read",
        ) from None
    if not text:
        raise SettingsError(
            f"sign-in: the federated token in {login.path} is empty",
            next=f"have the issuer write the token again, or correct {login.origin}",
        )
    return text


def _client(settings: Settings, *, direct: bool = False) -> httpx.Client:
    """`direct`: metadata addresses, which no proxy finds."""
    transport = ExchangeTransport(
        settings, connect_seconds=_METADATA_CONNECT_SECONDS if direct else None, uses_proxy=not direct
    )
    return httpx.Client(
        transport=transport,
        timeout=settings.timeout_seconds,
        headers={"Accept-Encoding": ENCODINGS},
        cookies=no_cookies(),
        trust_env=False,
    )


class _Http:
    """The HTTP that msal speaks through. Only good answers reach msal; the others end here as our errors."""

    def __init__(self, client: httpx.Client, settings: Settings) -> None:
        self._client, self._settings = client, settings

    def get(self, url: str, *, params: Any = None, headers: Any = None) -> httpx.Response:
        return self._accepted(self.send("GET", url, params=params, headers=headers))

    def post(self, url: str, *, params: Any = None, headers: Any = None, data: Any = None) -> httpx.Response:
        # msal gives a signed assertion as bytes, which a form would spell b'…'.
        form = {name: value.decode() if isinstance(value, bytes) else value for name, value in data.items()}
        return self._accepted(self.send("POST", url, params=params, headers=headers, data=form))

    def close(self) -> None:
        """Nothing: whoever made the client closes it."""

    def send(self, method: str, url: str, **parts: Any) -> httpx.Response:
        """One request. Raises: AuthError when there is no answer."""
        try:
            with self._client.stream(method, url, **parts) as answer:
                return whole(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as trouble:
            host = httpx.URL(url).host if isinstance(trouble, httpx.HTTPError) else "a malformed address"
            reason = f"{type(trouble).__name__}: {quoted(str(trouble))}"
            raise AuthError(
                f"sign-in: no answer from {host} ({reason})",
                next="check network, proxy (HTTPS_PROXY) and authorities (SSL_CERT_FILE), then run again",
            ) from None

    def github_identity(self, login: GitHubIdentity) -> str:
        """The running job's identity. Source: GitHub's documentation of OpenID Connect in Actions."""
        answer = self.send(
            "GET",
            f"{login.url}{'&' if '?' in login.url else '?'}audience={_GITHUB_AUDIENCE}",
            headers={"Authorization": f"bearer {login.token}", "Accept": "application/json"},
        )
        members = _members(answer)
        identity, problem = members.get("value"), members.get("message")
        if answer.status_code != 200 or not isinstance(identity, str):
            raise AuthError(
                f"sign-in: GitHub gave no identity for this job ({answer.status_code})",
                said=quoted(problem) if isinstance(problem, str) else _harmless_words(text_of(answer)),
                next="give the job `permissions: id-token: write`",
            )
        return identity

    def _accepted(self, answer: httpx.Response) -> httpx.Response:
        members = _members(answer)
        if answer.status_code == 200 and members:
            return answer
        if "error" in members:
            raise _refused(self._settings, members)
        raise AuthError(
            f"sign-in: {answer.url.host} cannot issue tokens now ({answer.status_code})",
            said=_harmless_words(text_of(answer)),
            next="run again in a few minutes; with an endpoint of your own, check that it serves sign-in",
        )


def _members(answer: httpx.Response) -> dict[str, Any]:
    try:
        members = parsed(answer.content)
    except ValueError:
        return {}
    return members if isinstance(members, dict) else {}


def _refused(settings: Settings, answer: dict[str, Any]) -> AuthError:
    """The error for an answer of Entra's: its first sentences, and what its AADSTS number asks for."""
    said = str(answer.get("error_description") or answer["error"])
    found = re.search(r"AADSTS(\d+)", said)
    number = found[1] if found else ""
    following = _NEXT.get(number, f"look up AADSTS{number} at {settings.login_url}/error?code={number}")
    origin = getattr(settings.login, "origin", "the token")
    return AuthError(
        f"sign-in: refused, by {settings.source}",
        said=quoted(re.sub(r"\s*(Trace ID|Correlation ID|Timestamp):.*", "", said, flags=re.DOTALL)),
        next=following.format(origin=origin) if number else "check the login, then run again",
    )


# --- The machine's and the person's own logins


class _MetadataHttp(_Http):
    """As above for managed identities, whose refusals msal itself must see: Azure Arc begins with a 401."""

    def _accepted(self, answer: httpx.Response) -> httpx.Response:
        return answer


def _from_managed_identity(settings: Settings, login: ManagedIdentity, resource: str, clock: Clock) -> Token:
    import msal

    chosen = (
        msal.UserAssignedManagedIdentity(client_id=login.client)
        if login.client
        else msal.SystemAssignedManagedIdentity()
    )
    try:
        with _client(settings, direct=True) as client:
            http = _MetadataHttp(client, settings)
            answer = msal.ManagedIdentityClient(chosen, http_client=http).acquire_token_for_client(
                resource=resource
            )
    except AuthError as trouble:
        raise _no_managed_identity(login, trouble.doing.removeprefix("sign-in: ")) from None
    except (AttributeError, TypeError):  # JSON of another kind
        raise _no_managed_identity(login, "an answer that is none") from None
    except (ValueError, OSError, KeyError) as trouble:  # not JSON, a platform it does not know, no key file
        raise _no_managed_identity(login, quoted(str(trouble))) from None
    if not isinstance(answer, dict):
        raise _no_managed_identity(login, "an answer that is none")
    if "access_token" not in answer:
        said = answer.get("error_description") or answer.get("error") or "no token in the answer"
        raise _no_managed_identity(login, quoted(str(said)))
    try:
        return Token(str(answer["access_token"]), clock() + float(answer["expires_in"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        raise _no_managed_identity(login, "an answer that does not say how long its token lasts") from None


def _no_managed_identity(login: ManagedIdentity, said: str) -> AuthError:
    return AuthError(
        f"sign-in: no token from the {login.source}",
        said=said,
        next=f"give this machine the identity (AZURE_CLIENT_ID picks one), or unset {login.origin}",
    )


def _from_azure_cli(settings: Settings, resource: str) -> Token:
    az = shutil.which("az")
    if not az:
        raise SettingsError(
            "sign-in: nothing is configured, and the Azure CLI (az) is not on PATH",
            next="set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or another login);"
            f" {EMULATOR}",
        )
    command = [az, "account", "get-access-token", "--resource", resource, "-o", "json"]
    try:
        code, output, errors = _run(command, settings.timeout_seconds)
    except subprocess.TimeoutExpired:
        raise _no_azure_cli(
            f"no answer within {settings.timeout_seconds:g} seconds, so it was ended"
        ) from None
    except OSError as trouble:
        raise _no_azure_cli(f"{az}: {trouble.strerror}") from None
    if code != 0:
        lines = re.findall(r"ERROR: (.+)", errors) or [errors]
        raise _no_azure_cli(quoted(lines[0]))
    try:
        answer = json.loads(output)
        # Before 2.54 there is only `expiresOn`, in local time without an offset.
        ends = float(answer.get("expires_on") or datetime.fromisoformat(answer["expiresOn"]).timestamp())
        return Token(str(answer["accessToken"]), ends)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _no_azure_cli("an answer that is not the JSON of get-access-token") from None


def _run(command: list[str], seconds: float) -> tuple[int, str, str]:
    """Exit code, output and errors. Whatever the command has started ends with it: `az` is a script around another."""
    with subprocess.Popen(  # noqa: S603 - a fixed command line, no shell
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=os.name == "posix",
    ) as process:
        try:
            output, errors = process.communicate(timeout=seconds)
        except BaseException:
            if os.name == "posix":
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            raise
        return process.returncode, output, errors


def _no_azure_cli(said: str) -> AuthError:
    return AuthError(
        "sign-in: nothing is configured but the Azure CLI (az), and it gave no token",
        said=said,
        next="run `az login` with an account that Partner Center knows, or set AZURE_TENANT_ID,"
        f" AZURE_CLIENT_ID and AZURE_CLIENT_SECRET; {EMULATOR}",
    )
