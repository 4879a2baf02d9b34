"""How a command reaches the service, and where its output goes."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from ..errors import NotFound, SettingsError

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.models import Product
    from ..settings import Settings

__all__ = ["Connection", "as_json", "echo_json", "offer_argument", "offer_named"]

COMPLETING_SECONDS = 3
"""So long may each answer take that a press of the tab key waits for."""
COMPLETED_TYPES = ("AzureApplication", "SoftwareAsAService")
"""The service lists offers by type only (0.3)."""


@dataclass(frozen=True)
class Connection:
    """Settings from the environment, and from the configuration of `stack` where the environment has none."""

    stack: str = ""

    def settings(self) -> Settings:
        """Raises SettingsError."""
        from ..settings import Settings

        return Settings.load(_config_of(self.stack) if self.stack else {})

    @contextmanager
    def api(self) -> Iterator[SubmissionApi]:
        """A client of this command alone; contacts nobody before it is asked."""
        from ..api.submission import connected

        with connected(self.settings()) as api:
            yield api


def _config_of(stack: str) -> dict[str, str]:
    """The stack's keys `partnercenter:…`, as `pulumi config` tells them in this folder."""
    command = ["pulumi", "config", "--json", "--show-secrets", "--stack", stack, "--non-interactive"]
    doing = f"settings: configuration of stack {stack!r}"
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError:
        raise SettingsError(f"{doing}: there is no `pulumi` on PATH", next="leave out --stack") from None
    if done.returncode:
        following = "run this in the folder of the Pulumi project, or leave out --stack"
        raise SettingsError(doing, said=done.stderr, next=following)
    told: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return {key: str(each["value"]) for key, each in told.items() if "value" in each}


def offer_named(api: SubmissionApi, offer_id: str) -> Product:
    """The offer with this offer id. Raises NotFound."""
    product = api.offers.find(offer_id)
    if product is None:
        following = "check the offer id and the account (`partnercenter doctor` tells who is signed in)"
        raise NotFound(f"offer {offer_id!r}: there is no such offer", next=following, status=404)
    return product


def _offers_that_begin(context: click.Context, _: click.Parameter, begun: str) -> list[str]:
    """For the tab key: nobody waits for long, and nothing is said on any trouble."""
    found: list[str] = []
    with contextlib.suppress(Exception):
        from ..api.submission import connected

        settings = Connection(context.find_root().params.get("stack") or "").settings()
        quick = replace(settings, timeout_seconds=min(settings.timeout_seconds, COMPLETING_SECONDS))
        with connected(quick, patient=False) as api:
            for offer_type in COMPLETED_TYPES:
                found += [each.offer_id for each in api.offers.of_type(offer_type)]
    return sorted(each for each in found if each.startswith(begun))


offer_argument = click.argument("offer_id", shell_complete=_offers_that_begin)

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")


def echo_json(document: object) -> None:
    """Characters that steer a terminal are spelled as JSON can spell every character."""
    text = json.dumps(document, indent=2, ensure_ascii=False)
    click.echo("".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text))
