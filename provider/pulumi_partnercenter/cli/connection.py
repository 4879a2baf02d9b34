"""Connection of a command to the service, and what every command shares: the offer argument, JSON output."""

from __future__ import annotations

import contextlib
import json
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from ..errors import SettingsError
from ..kinds._submission_api import SubmissionApi
from ..settings import Settings

if TYPE_CHECKING:
    from ..fulfillment import FulfillmentClient

__all__ = [
    "Connection",
    "as_json",
    "complete_offer_id",
    "echo_json",
    "offer_argument",
    "offer_argument_or_all",
]

COMPLETION_SECONDS = 3
"""Timeout of requests for completion, during which the user waits."""
COMPLETED_TYPES = ("AzureApplication", "SoftwareAsAService")
"""Types of offers to complete: the service lists offers of a single type at a time."""


@dataclass(frozen=True)
class Connection:
    """Settings from the environment, or from the configuration of `stack` for those that the environment lacks."""

    stack: str = ""

    def settings(self) -> Settings:
        """Load the settings. Raises SettingsError."""
        return Settings.load(self._configuration)

    def fulfillment_settings(self) -> Settings:
        """Load the settings of the fulfillment application. Raises SettingsError."""
        return Settings.load_fulfillment(self._configuration)

    @cached_property
    def _configuration(self) -> dict[str, str]:
        return _stack_configuration(self.stack) if self.stack else {}

    @contextmanager
    def api(self) -> Iterator[SubmissionApi]:
        """Open a client for this command. It sends nothing before its first call."""
        from ..api.submission.client import open_client

        with open_client(self.settings()) as api:
            yield api

    @contextmanager
    def fulfillment(self) -> Iterator[FulfillmentClient]:
        """Open a client of the fulfillment service, which takes the command for one business operation."""
        from ..fulfillment import FulfillmentClient

        with FulfillmentClient(self.fulfillment_settings(), correlation_id=str(uuid.uuid4())) as client:
            yield client


def _stack_configuration(stack: str) -> dict[str, str]:
    """Configuration of a stack of the project in this folder, as `pulumi config` prints it."""
    command = ["pulumi", "config", "--json", "--show-secrets", "--stack", stack, "--non-interactive"]
    doing = f"settings: configuration of stack {stack!r}"
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError:
        raise SettingsError(f"{doing}: there is no `pulumi` on PATH", next="leave out --stack") from None
    if done.returncode:
        following = "run this in the folder of the Pulumi project, or leave out --stack"
        raise SettingsError(doing, said=done.stderr, next=following)
    configuration: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return {key: str(entry["value"]) for key, entry in configuration.items() if "value" in entry}


def complete_offer_id(context: click.Context, _: click.Parameter, prefix: str) -> list[str]:
    """Return offer ids for the tab key: quickly, and none of a service that fails. With a publisher after a `/`."""
    offer_ids: set[str] = set()
    for list_offer_ids in (_list_product_ids, _list_portal_ids):
        with contextlib.suppress(Exception):
            settings = Connection(context.find_root().params.get("stack") or "").settings()
            offer_ids.update(list_offer_ids(settings))
    shown = {offer_id if "/" in prefix else offer_id.rpartition("/")[2] for offer_id in offer_ids}
    return sorted(offer_id for offer_id in shown if offer_id.startswith(prefix))


def _list_product_ids(settings: Settings) -> list[str]:
    from ..api.submission.client import open_client

    quick = replace(settings, timeout_seconds=min(settings.timeout_seconds, COMPLETION_SECONDS))
    with open_client(quick, retries=False) as api:
        return [product.offer_id for type in COMPLETED_TYPES for product in api.offers.of_type(type)]


def _list_portal_ids(settings: Settings) -> list[str]:
    from ..api.portal.client import open_portal
    from ..api.portal.system import PORTAL
    from ..directory.portal_offers import PortalOffers

    seconds = min(settings.timeout_seconds, COMPLETION_SECONDS) / PORTAL.timeout_factor
    with open_portal(replace(settings, timeout_seconds=seconds), retries=False) as client:
        return [offer.label for offer in PortalOffers(client).all()]


offer_argument = click.argument("offer_id", shell_complete=complete_offer_id)

offer_argument_or_all = click.argument("offer_id", required=False, shell_complete=complete_offer_id)

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")


def echo_json(document: object) -> None:
    """Print a JSON document in which control characters of a terminal are escaped."""
    text = json.dumps(document, indent=2, ensure_ascii=False)
    click.echo(
        "".join(
            character if character.isprintable() or character == "\n" else json.dumps(character)[1:-1]
            for character in text
        )
    )
