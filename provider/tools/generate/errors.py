"""A real message of every class of the error tree, as the lifecycle raises it with the emulator."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any

from provider.tools.emulators import TOKEN, RunningEmulator, serve
from provider.tools.generate.pages import ROOT

import pulumi_partnercenter as partnercenter
from pulumi_partnercenter.api.shared_clients import close_clients
from pulumi_partnercenter.lifecycle import Lifecycle, State
from pulumi_partnercenter.operation import Operation
from pulumi_partnercenter.registry import load_kind
from pulumi_partnercenter.settings import Settings

OFFER = {"offer_id": "contoso-backup", "offer_type": "AzureApplication", "alias": "Contoso Backup"}
LISTING = {"title": "Contoso Backup", "summary": "Keeps two copies of everything"}
OTHER_LISTING = {**LISTING, "title": "Contoso Safe"}
LOGO = ROOT / "provider" / "template" / "assets" / "logos" / "large.png"
IDS = {
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}": "11111111-2222-4333-8444-555555555555",
    r"\b\d{19}\b": "1152921505690000001",
}
LONGEST = 4
"""Maximum number of findings in a message of the page."""


class SilentHost:
    """A host that discards messages: only errors count here."""

    def message(self, _text: str) -> None:
        pass

    def progress(self, _text: str) -> None:
        pass


class Account:
    """Resources in an emulator, without an engine. Every method is a separate run."""

    def __init__(self, emulator: RunningEmulator, token: str = TOKEN) -> None:
        self.emulator = emulator
        self._config = {"partnercenter:endpoint": emulator.url, "partnercenter:accessToken": token}

    def create(self, class_name: str, **arguments: Any) -> State:
        lifecycle = self._lifecycle(class_name)
        return lifecycle.create(_checked(lifecycle, {}, arguments))

    def update(self, class_name: str, state: State, **arguments: Any) -> State:
        lifecycle = self._lifecycle(class_name)
        return lifecycle.update(state.id, _checked(lifecycle, state.inputs, arguments))

    def delete(self, class_name: str, state: State) -> None:
        self._lifecycle(class_name).delete(state.id, state.outputs)

    def _lifecycle(self, class_name: str) -> Lifecycle:
        close_clients()  # clients cache the reads of a run
        kind = load_kind(class_name)
        return Lifecycle(kind, class_name, SilentHost(), Operation(), lambda: Settings.load(self._config, {}))


def _checked(lifecycle: Lifecycle, olds: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    checked = lifecycle.check(olds, arguments, "subject")
    if checked.problems:
        raise RuntimeError(f"these arguments break a rule: {checked.problems}")
    return checked.inputs


@functools.cache
def messages() -> dict[str, str]:
    """Return the messages by class, with equal ids in all of them."""
    messages_by_class: dict[str, str] = {}
    with serve(seed=1) as emulator:
        for cause in CAUSES:
            emulator.reset()
            try:
                cause(Account(emulator))
            except partnercenter.PartnerCenterError as error:
                messages_by_class[type(error).__name__] = _shown(error)
        close_clients()
    return messages_by_class


def sections() -> dict[str, str]:
    """Return the generated parts of `errors.md`, by marker."""
    return {name: f"```text\n{name}: {message}\n```" for name, message in messages().items()}


def _shown(error: partnercenter.PartnerCenterError) -> str:
    text = str(error)
    for pattern, example in IDS.items():
        text = re.sub(pattern, example, text)
    first, *lines = text.splitlines()
    return "\n".join([first, *lines[:LONGEST], *(["  …", lines[-1]] if len(lines) > LONGEST else [])])


def half_a_login(_account: Account) -> None:
    Settings.load(environ={"AZURE_TENANT_ID": "contoso.onmicrosoft.com", "AZURE_CLIENT_ID": "contoso"})


def refused_token(account: Account) -> None:
    Account(account.emulator, token="expired").create("Offer", **OFFER)


def wrong_kind_of_offer(account: Account) -> None:
    offer = account.create("Offer", **OFFER)
    account.create("SupplementalContent", offer=offer.id, target_release="2026 wave 2")


def different_listing(account: Account) -> None:
    listing = _create_listing(account)
    account.create("OfferListing", offer=listing.outputs["offer"], **OTHER_LISTING)


def faulty(match: str, **fault: Any) -> Callable[[Account], None]:
    """Return a cause: a fault while a listing is changed."""

    def cause(account: Account) -> None:
        listing = _create_listing(account)
        account.emulator.fault(match, times=0, **fault)
        _change_listing(account, listing)

    return cause


def lost_offer(account: Account) -> None:
    listing = _create_listing(account)
    account.emulator.client.delete(f"/v1.0/ingestion/products/{listing.outputs['offer']}")
    _change_listing(account, listing)


def published_offer(account: Account) -> None:
    offer = account.create("Offer", **OFFER)
    account.emulator.publish(offer.id)
    account.delete("Offer", offer)


def incomplete_offer(account: Account) -> None:
    listing = _create_listing(account)
    account.create("Submission", **_submission(listing, wait_minutes=60))


def no_listing(account: Account) -> None:
    offer = account.create("Offer", **OFFER)
    account.create("ListingImage", offer=offer.id, kind="AzureLogoLarge", source=str(LOGO), language="de-de")


def another_submission(account: Account) -> None:
    account.emulator.decide("validation", "hold")
    listing = _create_listing(account)
    submission = account.create("Submission", **_submission(listing, wait_minutes=0))
    changed = _change_listing(account, listing)
    account.update("Submission", submission, **_submission(changed, wait_minutes=0))


def _create_listing(account: Account) -> State:
    offer = account.create("Offer", **OFFER)
    return account.create("OfferListing", offer=offer.id, **LISTING)


def _change_listing(account: Account, listing: State) -> State:
    return account.update("OfferListing", listing, offer=listing.outputs["offer"], **OTHER_LISTING)


def _submission(listing: State, *, wait_minutes: int) -> dict[str, Any]:
    return {
        "offer": listing.outputs["offer"],
        "publishes": [listing.outputs["fingerprint"]],
        "wait_minutes": wait_minutes,
    }


CAUSES: list[Callable[[Account], None]] = [
    half_a_login,
    refused_token,
    wrong_kind_of_offer,
    different_listing,
    faulty(
        "PUT .*/listings/",
        status=400,
        body={"error": {"code": "InvalidRequest", "message": "title: not allowed"}},
    ),
    faulty("PUT .*/listings/", status=403),
    lost_offer,
    no_listing,
    published_offer,
    faulty("PUT .*/listings/", status=412),
    faulty("PUT .*/listings/", status=429, headers={"Retry-After": "0"}),
    faulty("PUT .*/listings/", status=503, headers={"Retry-After": "0"}),
    incomplete_offer,
    another_submission,
    faulty(
        "GET .*/listings/", status=200, headers={"Content-Type": "text/html"}, body="<html>Sign in</html>"
    ),
]
