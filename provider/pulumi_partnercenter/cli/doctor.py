"""`partnercenter doctor`: checks between this machine and Partner Center, with the next step for each failure."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

from ..errors import AuthError, Forbidden, NotFound, PartnerCenterError, SettingsError, Unavailable
from ..settings import Application, AzureCli, Settings
from . import environment_checks
from .connection import Connection, as_json, echo_json
from .printing import Cell, build_table, print_renderable, printable, progress, styled

if TYPE_CHECKING:
    from typing import TypeAlias

    from ..api.http.claims import Claims
    from ..api.http.probe import ProbeResult
    from ..api.system import System

    Probe: TypeAlias = tuple[str, ProbeResult | Unavailable]
    """The address that was probed, and what came of it."""

__all__ = ["doctor"]

NOBODY = (
    "not signed in: no variable names a login, and the Azure CLI (az) is not on PATH",
    (
        "to try it without an account: run `partnercenter emulator --port 4010`, then set"
        " PARTNERCENTER_ENDPOINT=http://127.0.0.1:4010 and PARTNERCENTER_ACCESS_TOKEN=emulator"
    ),
    "to sign in: set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or another login, or `az login`)",
)
MARKS = {"ok": ("✓", "green"), "failed": ("✗", "red"), "idle": ("·", "dim")}
REACH_SECONDS = 10
METADATA_PATH = "/v2.0/.well-known/openid-configuration"
"""Public document of each tenant, which a sign-in reads first."""
ENDPOINT_HINT = "check PARTNERCENTER_ENDPOINT: it has to be the root of the service, or of an emulator"
SKEW_SECONDS = 300
"""Tolerated difference of clocks: Entra ID rejects tokens that are issued further in the future."""


@dataclass(frozen=True)
class Check:
    """`state` is `ok`, `failed`, or `idle` for a check that is not needed or could not run."""

    what: str
    state: str
    how: str
    next: str = ""


@click.command()
@click.option(
    "--saas",
    "only_saas",
    is_flag=True,
    help="Only the SaaS fulfillment service, as a back end uses it: no engine, no role in Partner Center.",
)
@click.option(
    "--portal",
    "uses_portal",
    is_flag=True,
    help="The Cloud Partner Portal API too, for offers that are managed by it.",
)
@as_json
@click.pass_obj
def doctor(connection: Connection, only_saas: bool, uses_portal: bool, as_json: bool) -> None:
    """Check sign-in, role, services, engine and Python; each failing line has its next step.

    Reads one page of offers, and one of subscriptions if a setting such as PARTNERCENTER_SAAS_CLIENT_ID names a
    fulfillment application. Changes nothing. Tokens are never shown. Exit code 1 when anything needed fails.

    \b
    Examples:
      partnercenter doctor
      partnercenter doctor --saas
      partnercenter doctor --portal
      partnercenter --stack dev doctor
      partnercenter doctor --json | jq '.checks[] | select(.state == "failed")'
    """  # noqa: D301 - click's mark for lines that are not joined
    targets = _load_targets(connection, only_saas=only_saas, uses_portal=uses_portal)
    if all(isinstance(target.settings, Settings) and _is_nobody(target.settings) for target in targets):
        checks = [
            Check("sign-in", "failed", NOBODY[0].removeprefix("not signed in: "), "; ".join(NOBODY[1:]))
        ]
        lines = [*NOBODY]
    else:
        with progress("asking"):
            checks = [*_of_the_services(targets), *_of_the_machine(needs_engine=not only_saas)]
        lines = []
    with contextlib.suppress(BrokenPipeError):  # if the reader has gone, only the exit code remains
        if as_json:
            echo_json({"ok": _is_well(checks), "checks": [asdict(check) for check in checks]})
        elif lines:
            click.echo("\n".join(lines))
        else:
            _print(checks)
    if not _is_well(checks):
        raise click.exceptions.Exit(1)


@dataclass(frozen=True)
class Target:
    """A system, and the sign-in for it, or the reason why there is none."""

    system: System
    settings: Settings | SettingsError


def _load_targets(connection: Connection, *, only_saas: bool, uses_portal: bool) -> list[Target]:
    """The submission API, the portal's on request, the fulfillment service where a setting names its application."""
    from ..api.systems import FULFILLMENT, PORTAL, SUBMISSION

    fulfillment = Target(FULFILLMENT, _load(connection.fulfillment_settings))
    submission = Target(SUBMISSION, _load(connection.settings))
    portal = [Target(PORTAL, submission.settings)] if uses_portal else []
    if only_saas:
        return [fulfillment, *portal]
    if isinstance(submission.settings, SettingsError):
        portal = []  # the same message twice
    is_same = fulfillment.settings == submission.settings or (
        isinstance(fulfillment.settings, SettingsError)
        and str(fulfillment.settings) == str(submission.settings)
    )
    return [submission, *portal, *([] if is_same else [fulfillment])]


def _load(load: Callable[[], Settings]) -> Settings | SettingsError:
    try:
        return load()
    except SettingsError as error:
        return error


def _is_nobody(settings: Settings) -> bool:
    named = settings.access_token or settings.endpoint or not isinstance(settings.login, AzureCli)
    return not named and not shutil.which("az")


def _is_well(checks: list[Check]) -> bool:
    return all(check.state != "failed" for check in checks)


def _print(checks: list[Check]) -> None:
    rows: list[list[Cell]] = []
    for check in checks:
        mark, style = MARKS[check.state]
        rows.append([styled(mark, style), check.what, check.how])
        if check.next:
            rows.append(["", "", styled(f"→ {check.next}", "yellow")])
    print_renderable(build_table(("", "", ""), rows))


# ---- the services


def _of_the_services(targets: Sequence[Target]) -> Iterator[Check]:
    """Check sign-in and role at each system, then the addresses, then the clock."""
    usable: list[tuple[System, Settings]] = []
    for target in targets:
        if isinstance(target.settings, SettingsError):
            yield _failed("settings", target.settings)
        else:
            usable.append((target.system, target.settings))
    if not usable:
        return
    probes = _probe_all(usable)
    claims_by_system: dict[str, Claims | None] = {}
    for system, settings in usable:
        at_system = f" at {system.name}" if len(targets) > 1 else ""
        signed_in, claims = _sign_in(settings, system, f"sign-in{at_system}")
        claims_by_system[system.name] = claims
        yield signed_in
        answer = probes[system.name][1]
        is_asked = signed_in.state != "failed" and not isinstance(answer, Unavailable)
        yield _role(settings, system, f"role{at_system}", claims, is_asked=is_asked)
    for name, (url, answer) in probes.items():
        yield _service(name, url, answer)
    system, settings = usable[0]
    yield _clock(settings, probes[system.name][1], claims_by_system[system.name])


def _failed(what: str, error: PartnerCenterError) -> Check:
    how = error.doing.removeprefix(f"{what}: ")
    return Check(what, "failed", f"{how}: {error.said}" if error.said else how, error.next)


def _sign_in(settings: Settings, system: System, name: str) -> tuple[Check, Claims | None]:
    from ..api.http.claims import read_claims
    from ..api.http.tokens import TokenSource

    try:
        token = TokenSource.shared(settings, system.audience).token()
    except PartnerCenterError as error:
        return _failed(name, error), None
    claims = read_claims(token)
    if claims is None:
        return Check(name, "ok", settings.source), None
    how = ", ".join([settings.source, *_facts(claims)])
    if claims.expires_at and claims.expires_at < time.time():
        return Check(name, "failed", how, "this token has expired: get a new one"), claims
    is_foreign = claims.audience.rstrip("/").removeprefix("spn:") != system.audience
    is_address = claims.audience.startswith("https://")  # what is none may be the id of the same service
    if claims.audience and is_foreign and (is_address or not system.audience.startswith("https://")):
        hint = f"this token is for {claims.audience}: get one for {system.audience}"
        return Check(name, "failed", how, hint), claims
    return Check(name, "ok", how), claims


def _facts(claims: Claims) -> Iterator[str]:
    if claims.expires_at:
        ends = dt.datetime.fromtimestamp(claims.expires_at, dt.UTC)
        minutes = (claims.expires_at - time.time()) / 60
        yield f"token until {ends:%Y-%m-%d %H:%M} UTC " + (
            f"({minutes:.0f} min)" if minutes > 0 else "(over)"
        )
    for name, value in (
        ("application", claims.application),
        ("tenant", claims.tenant),
        ("audience", claims.audience),
        ("roles", " ".join(claims.roles)),
    ):
        if value:
            yield f"{name} {value}"


def _role(settings: Settings, system: System, name: str, claims: Claims | None, *, is_asked: bool) -> Check:
    """Send the system's cheapest read with the token."""
    from ..api.http.client import ApiClient

    if not is_asked:
        return Check(name, "idle", "not asked")
    try:
        with contextlib.closing(ApiClient(settings, system, retries=False)) as client:
            is_empty = not any(True for _ in client.list_items(system.probe_path, name, system.probe_params))
    except NotFound as error:
        hint = f"check PARTNERCENTER_ENDPOINT, and that the token is for {system.audience}"
        return _failed(name, error.advise(hint))
    except PartnerCenterError as error:
        hint = (
            _refusal_hint(error, system, claims)
            or error.next
            or "try again later; if this repeats, something between this machine and the service answers instead"
        )
        return _failed(name, error.advise(hint))
    if is_empty and system.empty_probe_hint:
        return Check(name, "failed", "this login sees nothing there", system.empty_probe_hint)
    return Check(name, "ok", system.role_text)


def _refusal_hint(error: PartnerCenterError, system: System, claims: Claims | None) -> str:
    """Why the fulfillment service refuses an application, "" for other errors and systems."""
    from ..api.systems import FULFILLMENT

    if system is not FULFILLMENT or claims is None or not isinstance(error, AuthError | Forbidden):
        return ""
    if claims.application and not claims.object_id:
        return (
            f"application {claims.application} has no service principal in tenant {claims.tenant}: create one"
            f" (`az ad sp create --id {claims.application}`), and get a new token"
        )
    return (
        f"in Partner Center, the technical configuration of the offers has to name application {claims.application}"
        f" and tenant {claims.tenant}, and has to be published, not only saved; all offers of an account name the"
        " same application"
    )


def _probe_all(targets: Sequence[tuple[System, Settings]]) -> dict[str, Probe]:
    """Probe every address that these settings use, at the same time."""
    from ..api.http.probe import probe

    _, settings = targets[0]  # what they share: trust, timeout, endpoint
    timeout_seconds = min(settings.timeout_seconds, REACH_SECONDS)
    urls = {system.name: f"{system.url(settings.endpoint)}/{system.probe_path}" for system, _ in targets}
    for system, settings in targets:
        if isinstance(settings.login, Application) and not settings.access_token:
            url = f"{settings.login_url}/{settings.login.tenant}{METADATA_PATH}"
            if url not in urls.values():
                urls[f"Entra ID of {system.name}" if "Entra ID" in urls else "Entra ID"] = url

    def ask(url: str) -> Probe:
        try:
            return url, probe(settings, url, timeout_seconds)
        except Unavailable as error:
            return url, error

    with ThreadPoolExecutor(len(urls)) as pool:
        return dict(zip(urls, pool.map(ask, urls.values()), strict=True))


def _service(name: str, url: str, answer: ProbeResult | Unavailable) -> Check:
    """Interpret the response to a request without a token."""
    if isinstance(answer, Unavailable):
        return Check(name, "failed", f"{url}: {answer.doing}", answer.next)
    status, state, hint = answer.status, "ok", ""
    how = f"{url} answers ({status})"
    if status in (401, 403):
        how = f"{url} answers, and asks for a token ({status})"
    elif status == 404:
        state, how = "idle", f"{url}: the host answers; without a token, that nothing is there (404)"
    elif status == 501:
        state, hint = "failed", ENDPOINT_HINT
        how = f"{url}: the host answers, and does not have this service (501)"
    elif status >= 500:
        state, hint = "failed", "the service is not available: try again later"
        how = f"{url}: refused ({status})"
    elif 300 <= status < 400:
        state, hint = "failed", ENDPOINT_HINT
        how = f"{url}: redirected ({status}), as by a proxy or a sign-in page"
    return Check(name, state, how, hint)


def _clock(settings: Settings, answer: ProbeResult | Unavailable, claims: Claims | None) -> Check:
    ahead = 0.0 if isinstance(answer, Unavailable) else answer.ahead_seconds
    early = claims.issued_at - time.time() if claims else 0.0
    if abs(ahead) <= SKEW_SECONDS and early > SKEW_SECONDS and not settings.endpoint:
        ahead = -early  # the token's time of issue lies in the future
    if abs(ahead) <= SKEW_SECONDS:
        return Check("clock", "ok", "agrees with the service's")
    way = "ahead of" if ahead > 0 else "behind"
    return Check(
        "clock",
        "failed",
        f"{abs(ahead) / 60:.0f} min {way} the service's",
        "set this machine's clock: tokens are refused when it is wrong",
    )


# ---- the machine


def _of_the_machine(*, needs_engine: bool) -> Iterator[Check]:
    pulumi = shutil.which("pulumi") if needs_engine else None
    if needs_engine:
        yield _engine(pulumi)
    yield Check("Python", "ok", environment_checks.python_description())
    if pulumi:
        yield _plugin(pulumi)


def _engine(pulumi: str | None) -> Check:
    least = ".".join(map(str, environment_checks.LEAST_ENGINE))
    install = f"install Pulumi {least} or newer (https://www.pulumi.com/docs/install/)"
    if not pulumi:
        own = environment_checks.environment_activation()
        following = f"run `source {own}`: that environment has one" if own else install
        return Check("engine", "failed", "there is no `pulumi` on PATH", following)
    engine = environment_checks.engine_version(pulumi)
    if engine is None:
        return Check("engine", "failed", f"{pulumi} does not print its version", install)
    if engine[:2] < environment_checks.LEAST_ENGINE:
        return Check("engine", "failed", f"Pulumi {engine[2]} ({pulumi}) is older than {least}", install)
    return Check("engine", "ok", f"Pulumi {engine[2]} ({pulumi})")


def _plugin(pulumi: str) -> Check:
    python = environment_checks.plugin_python(pulumi)
    following = (
        "activate the environment that has pulumi-partnercenter, so that its `python3` is first on PATH"
    )
    if not python:
        return Check("plugin", "failed", "there is no `python3` for it on PATH", following)
    place = environment_checks.package_location(python)
    if not place:
        return Check("plugin", "failed", f"runs in {python}, which lacks pulumi-partnercenter", following)
    return Check("plugin", "ok", f"runs in {python}, with the package in {printable(place)}")
