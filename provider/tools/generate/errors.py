"""One real message of every class of the error tree, as a provider raises it against the emulator."""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any

from tests.resources.examples import OFFERS, configured
from tests.resources.harness import Declared, Program, Ref, Stack
from tests.serving import Serving, serve
from tests.stacks.cli import CHECKOUT

import pulumi_partnercenter as partnercenter
from pulumi_partnercenter.settings import Settings

LISTING: Program = {
    **OFFERS,
    "listing": Declared(
        partnercenter.OfferListing,
        {"offer": Ref("offer"), "title": "Contoso Backup", "summary": "Keeps two copies of everything"},
    ),
}
OTHER = Declared(partnercenter.OfferListing, {**LISTING["listing"].arguments, "title": "Contoso Safe"})
LOGO = CHECKOUT / "provider" / "template" / "assets" / "logos" / "large.png"
SUBMISSION: Program = {
    **LISTING,
    "submission": Declared(
        partnercenter.Submission,
        {"offer": Ref("offer"), "publishes": [Ref("listing", "fingerprint")], "wait_minutes": 0},
    ),
}
IDS = {
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}": "11111111-2222-4333-8444-555555555555",
    r"\b\d{19}\b": "1152921505690000001",
}
LONGEST = 4
"""So many findings are shown."""


@functools.cache
def messages() -> dict[str, str]:
    """By class, with the same ids in all of them."""
    messages_by_class: dict[str, str] = {}
    with serve(seed=1) as emulator, redirect_stdout(io.StringIO()):
        for cause in CAUSES:
            emulator.reset()
            try:
                cause(Stack(configured(emulator)), emulator)
            except partnercenter.PartnerCenterError as error:
                messages_by_class[type(error).__name__] = _shown(error)
    return messages_by_class


def sections() -> dict[str, str]:
    """The generated parts of `errors.md`, by marker."""
    return {name: f"```text\n{name}: {message}\n```" for name, message in messages().items()}


def _shown(error: partnercenter.PartnerCenterError) -> str:
    text = str(error)
    for pattern, example in IDS.items():
        text = re.sub(pattern, example, text)
    first, *lines = text.splitlines()
    return "\n".join([first, *lines[:LONGEST], *(["  …", lines[-1]] if len(lines) > LONGEST else [])])


def half_a_login(_stack: Stack, _emulator: Serving) -> None:
    Settings.load(environ={"AZURE_TENANT_ID": "contoso.onmicrosoft.com", "AZURE_CLIENT_ID": "contoso"})


def refused_token(stack: Stack, _emulator: Serving) -> None:
    stack.config["partnercenter:accessToken"] = "expired"
    stack.up(OFFERS)


def wrong_kind_of_offer(stack: Stack, _emulator: Serving) -> None:
    arguments = {"offer": Ref("offer"), "target_release": "2026 wave 2"}
    stack.up({**OFFERS, "content": Declared(partnercenter.SupplementalContent, arguments)})


def different_listing(stack: Stack, _emulator: Serving) -> None:
    stack.up(LISTING)
    stack.forget()
    stack.up({**OFFERS, "listing": OTHER})


def faulty(match: str, **fault: Any) -> Callable[[Stack, Serving], None]:
    """Trouble while a listing is changed."""

    def cause(stack: Stack, emulator: Serving) -> None:
        stack.up(LISTING)
        emulator.fault(match, times=0, **fault)
        stack.up({**OFFERS, "listing": OTHER})

    return cause


def lost_offer(stack: Stack, emulator: Serving) -> None:
    stack.up(LISTING)
    (product,) = emulator.state()["products"]
    emulator.client.delete(f"/v1.0/ingestion/products/{product['id']}")
    stack.up({**OFFERS, "listing": OTHER})


def changed_meanwhile(stack: Stack, emulator: Serving) -> None:
    faulty("PUT .*/listings/", status=412)(stack, emulator)


def published_offer(stack: Stack, emulator: Serving) -> None:
    stack.up(OFFERS)
    (product,) = emulator.state()["products"]
    emulator.client.post("/_emulator/publish", json={"product": product["id"]})
    stack.up({})


def incomplete_offer(stack: Stack, _emulator: Serving) -> None:
    stack.up({**SUBMISSION, "submission": _waiting(60)})


def no_listing(stack: Stack, _emulator: Serving) -> None:
    arguments = {"offer": Ref("offer"), "kind": "AzureLogoLarge", "source": str(LOGO), "language": "de-de"}
    stack.up({**OFFERS, "logo": Declared(partnercenter.ListingImage, arguments)})


def another_submission(stack: Stack, emulator: Serving) -> None:
    emulator.client.post("/_emulator/decide", json={"stage": "validation", "outcome": "hold"})
    stack.up(SUBMISSION)
    changed = Declared(partnercenter.Submission, {**SUBMISSION["submission"].arguments})
    stack.up({**OFFERS, "listing": OTHER, "submission": changed})


def _waiting(minutes: int) -> Declared:
    return Declared(partnercenter.Submission, {**SUBMISSION["submission"].arguments, "wait_minutes": minutes})


CAUSES: list[Callable[[Stack, Serving], None]] = [
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
    changed_meanwhile,
    faulty("PUT .*/listings/", status=429, headers={"Retry-After": "0"}),
    faulty("PUT .*/listings/", status=503, headers={"Retry-After": "0"}),
    incomplete_offer,
    another_submission,
    faulty(
        "GET .*/listings/", status=200, headers={"Content-Type": "text/html"}, body="<html>Sign in</html>"
    ),
]
