"""`partnercenter doctor`: what works between this machine and Partner Center, and the next step for what does not."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

from ..errors import NotFound, PartnerCenterError, SettingsError, Unavailable
from ..settings import Application, AzureCli, Settings
from . import environment_checks
from .connection import Connection, as_json, echo_json
from .printing import Cell, build_table, print_renderable, printable, progress, styled

if TYPE_CHECKING:
    from ..api.http.claims import Claims
    from ..api.http.probe import Answer

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
SKEW_SECONDS = 300
"""A token that is issued later than now by more is not accepted; Entra ID forgives five minutes."""


@dataclass(frozen=True)
class Check:
    """`state` is `ok`, `failed`, or `idle` for what is not needed here or could not be asked."""

    what: str
    state: str
    how: str
    next: str = ""


@click.command()
@as_json
@click.pass_obj
def doctor(connection: Connection, as_json: bool) -> None:
    """Check sign-in, role, services, engine and Python; each failing line has its next step.

    Reads one page of offers and changes nothing. Tokens are never shown. Exit code 1 when anything needed fails.

    \b
    Examples:
      partnercenter doctor
      partnercenter --stack dev doctor
      partnercenter doctor --json | jq '.checks[] | select(.state == "failed")'
    """  # noqa: D301 - click's mark for lines that are not joined
    settings: Settings | SettingsError
    try:
        settings = connection.settings()
    except SettingsError as error:
        settings = error
    if isinstance(settings, Settings) and _is_nobody(settings):
        checks = [
            Check("sign-in", "failed", NOBODY[0].removeprefix("not signed in: "), "; ".join(NOBODY[1:]))
        ]
        told = [*NOBODY]
    else:
        with progress("asking"):
            checks = [*_of_the_service(settings), *_of_the_machine()]
        told = []
    with contextlib.suppress(BrokenPipeError):  # the exit code tells it to whoever reads no further
        if as_json:
            echo_json({"ok": _is_well(checks), "checks": [asdict(each) for each in checks]})
        elif told:
            click.echo("\n".join(told))
        else:
            _print(checks)
    if not _is_well(checks):
        raise click.exceptions.Exit(1)


def _is_nobody(settings: Settings) -> bool:
    named = settings.access_token or settings.endpoint or not isinstance(settings.login, AzureCli)
    return not named and not shutil.which("az")


def _is_well(checks: list[Check]) -> bool:
    return all(each.state != "failed" for each in checks)


def _print(checks: list[Check]) -> None:
    rows: list[list[Cell]] = []
    for each in checks:
        mark, style = MARKS[each.state]
        rows.append([styled(mark, style), each.what, each.how])
        if each.next:
            rows.append(["", "", styled(f"→ {each.next}", "yellow")])
    print_renderable(build_table(("", "", ""), rows))


# ---- the service


def _of_the_service(settings: Settings | SettingsError) -> Iterator[Check]:
    if isinstance(settings, SettingsError):
        yield _failed("settings", settings)
        return
    answers = _answers(settings)
    signed_in, claims = _sign_in(settings)
    yield signed_in
    yield _role(settings, signed_in, answers["submission API"])
    for name, answer in answers.items():
        yield _service(settings, name, answer)
    yield _clock(settings, answers["submission API"], claims)


def _failed(what: str, error: PartnerCenterError) -> Check:
    how = error.doing.removeprefix(f"{what}: ")
    return Check(what, "failed", f"{how}: {error.said}" if error.said else how, error.next)


def _sign_in(settings: Settings) -> tuple[Check, Claims | None]:
    from ..api.http.claims import claims_of
    from ..api.http.tokens import SUBMISSION_RESOURCE, TokenSource

    try:
        token = TokenSource.of(settings, SUBMISSION_RESOURCE).token()
    except PartnerCenterError as error:
        return _failed("sign-in", error), None
    claims = claims_of(token)
    if claims is None:
        return Check("sign-in", "ok", settings.source), None
    how = ", ".join([settings.source, *_facts(claims)])
    if claims.expires_at and claims.expires_at < time.time():
        return Check("sign-in", "failed", how, "this token is over: get a new one"), claims
    if claims.audience.startswith("https://") and claims.audience.rstrip("/") != SUBMISSION_RESOURCE:
        following = f"this token is for {claims.audience}: get one for {SUBMISSION_RESOURCE}"
        return Check("sign-in", "failed", how, following), claims
    return Check("sign-in", "ok", how), claims


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


def _role(settings: Settings, signed_in: Check, answer: Answer | Unavailable) -> Check:
    """One cheap read: a filter that no offer passes."""
    from ..api.submission import connected

    if signed_in.state == "failed" or isinstance(answer, Unavailable):
        return Check("role", "idle", "not asked")
    try:
        with connected(settings, patient=False) as api:
            api.offers.find("none")
    except NotFound as error:
        following = (
            "check PARTNERCENTER_ENDPOINT, and that the token is for https://api.partner.microsoft.com"
        )
        return _failed("role", error.advise(following))
    except PartnerCenterError as error:
        following = (
            error.next or "try again later; if it stays so, something between here and there answers instead"
        )
        return _failed("role", error.advise(following))
    return Check("role", "ok", "the account lets this login read its offers")


def _services(settings: Settings) -> dict[str, str]:
    return {
        "submission API": settings.submission_url,
        "Entra ID": settings.login_url,
        "Cloud Partner Portal": settings.portal_url,
        "SaaS fulfillment": settings.fulfillment_url,
        "Product Ingestion": settings.ingestion_url,
    }


def _answers(settings: Settings) -> dict[str, Answer | Unavailable]:
    """What each service's host answers, asked at the same time."""
    from ..api.http.probe import reach

    patience = min(settings.timeout_seconds, REACH_SECONDS)

    def ask(url: str) -> Answer | Unavailable:
        try:
            return reach(settings, url, patience)
        except Unavailable as error:
            return error

    services = _services(settings)
    with ThreadPoolExecutor(len(services)) as pool:
        return dict(zip(services, pool.map(ask, services.values()), strict=True))


def _service(settings: Settings, name: str, answer: Answer | Unavailable) -> Check:
    url = _services(settings)[name]
    if not isinstance(answer, Unavailable):
        return Check(name, "ok", f"{url} answers")
    is_application = isinstance(settings.login, Application) and not settings.access_token
    if name == "submission API" or (name == "Entra ID" and is_application):
        return Check(name, "failed", f"{url}: {answer.doing}", answer.next)
    return Check(name, "idle", f"{url}: {answer.doing}; not needed here")


def _clock(settings: Settings, answer: Answer | Unavailable, claims: Claims | None) -> Check:
    ahead = 0.0 if isinstance(answer, Unavailable) else answer.ahead_seconds
    early = claims.issued_at - time.time() if claims else 0.0
    if abs(ahead) <= SKEW_SECONDS and early > SKEW_SECONDS and not settings.endpoint:
        ahead = -early  # the token was issued in the future
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


def _of_the_machine() -> Iterator[Check]:
    pulumi = shutil.which("pulumi")
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
    found = environment_checks.engine_version(pulumi)
    if found is None:
        return Check("engine", "failed", f"{pulumi} does not tell its version", install)
    if found[:2] < environment_checks.LEAST_ENGINE:
        return Check("engine", "failed", f"Pulumi {found[2]} ({pulumi}) is older than {least}", install)
    return Check("engine", "ok", f"Pulumi {found[2]} ({pulumi})")


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
