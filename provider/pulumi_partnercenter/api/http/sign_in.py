"""Fetch of an access token, for each login that `settings.py` reads.

`fetch_token` caches nothing: `tokens.py` caches tokens, so msal's own caches are new each time. Every failure becomes
an error of three lines with the next step; msal writes nothing to the log or a traceback. Error numbers: Microsoft's
public list of AADSTS codes.
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
from typing import TYPE_CHECKING, Any

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
from .exchange import ExchangeTransport
from .hardening import ENCODINGS, decode_text, no_cookies, parse_json, read_body

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__all__ = ["EMULATOR_HINT", "Clock", "Token", "fetch_token", "first_line"]

Clock = Callable[[], float]

EMULATOR_HINT = f"for the emulator set PARTNERCENTER_ACCESS_TOKEN={WORD}"
_METADATA_CONNECT_SECONDS = 5
"""Outside of Azure the metadata address does not answer; the default timeout would be too long."""
_GITHUB_AUDIENCE = "api://AzureADTokenExchange"
_FEDERATION = (
    "compare the issuer, subject and audience of the application's federated credential with the token's"
)
_SAME_APPLICATION = (
    "check that AZURE_CLIENT_ID and AZURE_TENANT_ID name an application and the tenant that contains it"
)
_HINTS = {
    "7000215": "set {origin} to the secret's value, not its id (the application's Certificates & secrets)",
    "7000222": "create a new secret under the application's Certificates & secrets and set {origin} to it",
    **dict.fromkeys(("90002", "900023", "700016"), _SAME_APPLICATION),
    **dict.fromkeys(("70021", "700211", "700212", "700213"), _FEDERATION),
    "7000112": "enable the application again (Entra, Enterprise applications), or set another one",
    "700027": "upload the certificate under the application's Certificates & secrets, or use the one there",
    "700024": "the token in {origin} is not valid now: have its issuer write a new one and check the clock",
    "500011": "use a tenant that is associated with a Partner Center account: the service is unknown in this one",
}


@dataclass(frozen=True)
class Token:
    """An access token and its expiry, in seconds since 1970."""

    text: str = field(repr=False)
    expires_at: float

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[!-~]+", self.text):  # httpx would quote an invalid header in its error
            raise AuthError(
                "sign-in: the value given as a token is not a token", next="run the same command again"
            )
        keep_secret(self.text)


def fetch_token(settings: Settings, audience: str, clock: Clock) -> Token:
    """Fetch a new token for `audience` (`https://api.partner.microsoft.com`) with the login of the settings.

    Raises: SettingsError if no login is usable, AuthError if the login is refused or not answered.
    """
    keep_secret(*settings.secrets())
    if settings.access_token:
        return Token(settings.access_token, float("inf"))
    if settings.login_url.startswith("http:"):
        raise SettingsError(
            f"sign-in: PARTNERCENTER_ENDPOINT is {settings.endpoint}, and no login is sent over plain http",
            next=f"{EMULATOR_HINT}, or use an https:// endpoint",
        )
    match settings.login:
        case AzureCli():
            return _from_azure_cli(settings, audience)
        case ManagedIdentity() as login:
            return _from_managed_identity(settings, login, audience, clock)
        case _ as login:
            return _from_entra(settings, login, audience, clock)


def _quote_page(text: str) -> str:
    """Return the first line of an HTML page; "" if it may hold a token."""
    is_page = text.lstrip()[:1] == "<"
    holds_token = re.search(r"(?i)token|assertion|secret|\beyJ", text)
    return first_line(text) if is_page and not holds_token else ""


def first_line(text: str) -> str:
    """Return the first line of a message of another program, redacted."""
    return next(iter(redacted(text).strip().splitlines()), "")[:400]


# --- Entra ID: secret, certificate, federated token


def _from_entra(
    settings: Settings,
    login: ClientSecret | ClientCertificate | FederatedToken | GitHubIdentity,
    audience: str,
    clock: Clock,
) -> Token:
    import msal  # type: ignore[import-untyped]

    with _client(settings) as client:
        http = _MsalHttp(client, settings)
        credential = _credential(login, http)
        try:
            application = msal.ConfidentialClientApplication(
                login.client,
                client_credential=credential,
                authority=f"{settings.login_url}/{login.tenant}",
                instance_discovery=False,  # it would ask the public cloud about the configured authority
                azure_region=msal.ConfidentialClientApplication.DISABLE_MSAL_FORCE_REGION,
                http_client=http,
            )
            answer = application.acquire_token_for_client([f"{audience}/.default"])
            return Token(str(answer["access_token"]), clock() + float(answer["expires_in"]))
        # A member of the document is missing or invalid.
        except (KeyError, TypeError, ValueError, OverflowError):
            raise AuthError(
                f"sign-in: {settings.login_url} does not answer as Entra ID does",
                next="check PARTNERCENTER_ENDPOINT",
            ) from None


def _credential(
    login: ClientSecret | ClientCertificate | FederatedToken | GitHubIdentity, http: _MsalHttp
) -> str | dict[str, Any]:
    match login:
        case ClientSecret():
            return login.secret
        case ClientCertificate():
            return _certificate_credential(login)
        case FederatedToken():
            assertion = login.token or _read_assertion(login)
        case GitHubIdentity():
            assertion = http.github_identity(login)
    keep_secret(assertion)
    return {"client_assertion": lambda: assertion}  # msal warns if this is a string


def _certificate_credential(login: ClientCertificate) -> dict[str, Any]:
    """Return msal's credential for a PEM or PFX file with an RSA key and its certificate."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        content, password = Path(login.path).read_bytes(), login.password.encode() or None
        is_pem = b"-----BEGIN" in content
        if b"ENCRYPTED" not in content and is_pem:
            password = None  # a key without a password may be configured with one
        key, certificates = _load_pem(content, password) if is_pem else _load_pfx(content, password)
    except (OSError, ValueError, TypeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "wrong password, or neither PEM nor PFX"
        raise SettingsError(
            f"sign-in: the certificate {login.path} is not readable ({reason})",
            next=f"check {login.origin} and AZURE_CLIENT_CERTIFICATE_PASSWORD;"
            " the file must hold the certificate and its private key",
        ) from None
    public_key = key.public_key() if isinstance(key, RSAPrivateKey) else None
    certificate = next((item for item in certificates if item.public_key() == public_key), None)
    if public_key is None or certificate is None:
        raise SettingsError(
            f"sign-in: {login.path} contains no RSA key with its certificate",
            next=f"set {login.origin} to a file with both: Entra takes RSA certificates",
        )
    passphrase = {"passphrase": login.password} if password else {}
    if not is_pem:
        return {"private_key_pfx_path": login.path, "public_certificate": True, **passphrase}
    keep_secret(private_key := content.decode("utf-8", "replace"))
    public_certificate = certificate.public_bytes(Encoding.PEM).decode()
    return {"private_key": private_key, "public_certificate": public_certificate, **passphrase}


def _load_pem(content: bytes, password: bytes | None) -> tuple[object, list[Certificate]]:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return load_pem_private_key(content, password), x509.load_pem_x509_certificates(content)


def _load_pfx(content: bytes, password: bytes | None) -> tuple[object, list[Certificate]]:
    from cryptography.hazmat.primitives.serialization import pkcs12

    bundle = pkcs12.load_pkcs12(content, password)
    return bundle.key, [bundle.cert.certificate] if bundle.cert else []


def _read_assertion(login: FederatedToken) -> str:
    try:
        text = Path(login.path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a token"
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
    """Open an HTTP client. `direct`: without a proxy, for metadata addresses."""
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


class _MsalHttp:
    """HTTP client for msal. Only successful responses reach msal; others raise errors of this package."""

    def __init__(self, client: httpx.Client, settings: Settings) -> None:
        self._client, self._settings = client, settings

    def get(self, url: str, *, params: Any = None, headers: Any = None) -> httpx.Response:
        return self._require_accepted(self.send("GET", url, params=params, headers=headers))

    def post(self, url: str, *, params: Any = None, headers: Any = None, data: Any = None) -> httpx.Response:
        # msal gives a signed assertion as bytes, which a form would encode as b'…'.
        form = {name: value.decode() if isinstance(value, bytes) else value for name, value in data.items()}
        return self._require_accepted(self.send("POST", url, params=params, headers=headers, data=form))

    def close(self) -> None:
        """Do nothing: the owner of the client closes it."""

    def send(self, method: str, url: str, **parts: Any) -> httpx.Response:
        """Send a request. Raises: AuthError without a response."""
        try:
            with self._client.stream(method, url, **parts) as response:
                return read_body(response)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            host = httpx.URL(url).host if isinstance(error, httpx.HTTPError) else "a malformed address"
            reason = f"{type(error).__name__}: {first_line(str(error))}"
            raise AuthError(
                f"sign-in: no answer from {host} ({reason})",
                next="check network, proxy (HTTPS_PROXY) and authorities (SSL_CERT_FILE), then run again",
            ) from None

    def github_identity(self, login: GitHubIdentity) -> str:
        """Fetch the running job's identity, as GitHub documents OpenID Connect in Actions."""
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
                said=first_line(problem) if isinstance(problem, str) else _quote_page(decode_text(answer)),
                next="give the job `permissions: id-token: write`",
            )
        return identity

    def _require_accepted(self, answer: httpx.Response) -> httpx.Response:
        members = _members(answer)
        if answer.status_code == 200 and members:
            return answer
        if "error" in members:
            raise _refusal_error(self._settings, members)
        raise AuthError(
            f"sign-in: {answer.url.host} cannot issue tokens now ({answer.status_code})",
            said=_quote_page(decode_text(answer)),
            next="run again in a few minutes; with an endpoint of your own, check that it serves sign-in",
        )


def _members(answer: httpx.Response) -> dict[str, Any]:
    try:
        members = parse_json(answer.content)
    except ValueError:
        return {}
    return members if isinstance(members, dict) else {}


def _refusal_error(settings: Settings, answer: dict[str, Any]) -> AuthError:
    """Build the error of a refusal by Entra ID, with its first sentences and the hint for its AADSTS number."""
    message = str(answer.get("error_description") or answer["error"])
    match = re.search(r"AADSTS(\d+)", message)
    number = match[1] if match else ""
    hint = _HINTS.get(number, f"look up AADSTS{number} at {settings.login_url}/error?code={number}")
    origin = getattr(settings.login, "origin", "the token")
    return AuthError(
        f"sign-in: refused, by {settings.source}",
        said=first_line(re.sub(r"\s*(Trace ID|Correlation ID|Timestamp):.*", "", message, flags=re.DOTALL)),
        next=hint.format(origin=origin) if number else "check the login, then run again",
    )


# --- Logins of the machine and of the Azure CLI


class _MetadataHttp(_MsalHttp):
    """HTTP client for managed identities. msal handles their refusals itself: Azure Arc begins with a 401."""

    def _require_accepted(self, answer: httpx.Response) -> httpx.Response:
        return answer


def _from_managed_identity(settings: Settings, login: ManagedIdentity, audience: str, clock: Clock) -> Token:
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
                resource=audience
            )
    except AuthError as error:
        raise _managed_identity_error(login, error.doing.removeprefix("sign-in: ")) from None
    except (AttributeError, TypeError):  # JSON of another type
        raise _managed_identity_error(login, "an answer without a token") from None
    except (ValueError, OSError, KeyError) as error:  # not JSON, an unknown platform, or no key file
        raise _managed_identity_error(login, first_line(str(error))) from None
    if not isinstance(answer, dict):
        raise _managed_identity_error(login, "an answer without a token")
    if "access_token" not in answer:
        message = answer.get("error_description") or answer.get("error") or "no token in the answer"
        raise _managed_identity_error(login, first_line(str(message)))
    try:
        return Token(str(answer["access_token"]), clock() + float(answer["expires_in"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        raise _managed_identity_error(login, "an answer that does not say how long its token lasts") from None


def _managed_identity_error(login: ManagedIdentity, message: str) -> AuthError:
    return AuthError(
        f"sign-in: no token from the {login.source}",
        said=message,
        next=f"give this machine the identity (AZURE_CLIENT_ID picks one), or unset {login.origin}",
    )


def _from_azure_cli(settings: Settings, audience: str) -> Token:
    az = shutil.which("az")
    if not az:
        raise SettingsError(
            "sign-in: nothing is configured, and the Azure CLI (az) is not on PATH",
            next="set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or another login);"
            f" {EMULATOR_HINT}",
        )
    command = [az, "account", "get-access-token", "--resource", audience, "-o", "json"]
    try:
        code, output, errors = _run_command(command, settings.timeout_seconds)
    except subprocess.TimeoutExpired:
        raise _azure_cli_error(
            f"no answer within {settings.timeout_seconds:g} seconds, so it was ended"
        ) from None
    except OSError as error:
        raise _azure_cli_error(f"{az}: {error.strerror}") from None
    if code != 0:
        lines = re.findall(r"ERROR: (.+)", errors) or [errors]
        raise _azure_cli_error(first_line(lines[0]))
    try:
        answer = json.loads(output)
        # Before 2.54 the answer has only `expiresOn`, in local time without an offset.
        ends = float(answer.get("expires_on") or datetime.fromisoformat(answer["expiresOn"]).timestamp())
        return Token(str(answer["accessToken"]), ends)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _azure_cli_error("an answer that is not the JSON of get-access-token") from None


def _run_command(command: list[str], seconds: float) -> tuple[int, str, str]:
    """Return exit code, output and errors. Child processes end with the command: `az` starts another program."""
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


def _azure_cli_error(message: str) -> AuthError:
    return AuthError(
        "sign-in: nothing is configured but the Azure CLI (az), and it gave no token",
        said=message,
        next="run `az login` with an account that Partner Center knows, or set AZURE_TENANT_ID,"
        f" AZURE_CLIENT_ID and AZURE_CLIENT_SECRET; {EMULATOR_HINT}",
    )
