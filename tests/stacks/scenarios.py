"""Programs that harness and engine both run: a few runs each, with changes of the service between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from provider.tools.emulators import RunningEmulator
from tests.resources import examples, samples
from tests.resources.examples import OFFERS
from tests.resources.harness import Declaration, Program, Ref
from tests.resources.portal.portal_offers import GATEWAY

from pulumi_partnercenter import (
    LeadDestination,
    OfferListing,
    Package,
    PlanListing,
    PreviewAudience,
    portal,
)

__all__ = ["SCENARIOS", "Run", "Scenario"]

API = "/v1.0/ingestion/products"
CONNECTION = "DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=c2VjcmV0"


@dataclass(frozen=True)
class Run:
    """A command. `before` changes the service first; faults that it sets end with the run."""

    verb: Literal["up", "preview", "refresh", "destroy"]
    program: Program | None = None
    """None: the program of the previous run."""
    replace: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    before: Callable[[RunningEmulator], object] | None = None
    loses_state: bool = False
    fails: bool = False


Scenario = tuple[Run, ...]


def changed(program: Program, name: str, /, **arguments: Any) -> Program:
    """Return the program with other arguments of a resource."""
    declared = program[name]
    return {**program, name: replace(declared, arguments={**declared.arguments, **arguments})}


def without(program: Program, *names: str) -> Program:
    return {name: declared for name, declared in program.items() if name not in names}


def renamed(program: Program, old: str, new: str, *, aliases: tuple[str, ...] = ()) -> Program:
    """Return the program with another name of a resource that no other resource refers to."""
    return {
        (new if name == old else name): replace(declared, aliases=aliases) if name == old else declared
        for name, declared in program.items()
    }


def listing_address(emulator: RunningEmulator) -> str:
    """Return the path of the only offer's listing, for changes as in the portal."""
    (listing,) = [listing for listing in emulator.state()["listings"] if not listing.get("variantID")]
    return f"{API}/{listing['productID']}/listings/{listing['id']}"


def write_in_portal(emulator: RunningEmulator) -> None:
    emulator.portal(listing_address(emulator), summary="Written in the portal", unknownToUs=[1])


def delete_plans(emulator: RunningEmulator) -> None:
    for plan in emulator.state()["variants"]:
        emulator.client.delete(f"{API}/{plan['productID']}/variants/{plan['id']}").raise_for_status()


def refuse(match: str) -> Callable[[RunningEmulator], None]:
    return lambda emulator: emulator.fault(match, status=400, body={"message": "not today"}, times=0)


PLANS = changed(examples.PLANS, "plan", offer_type="AzureApplication")
"""With what the constructor takes from the offer."""
LISTING = Declaration(
    OfferListing, {"offer": Ref("offer"), "title": "Contoso Backup", "summary": "Keeps copies"}
)
PLAN_LISTING = Declaration(PlanListing, {"plan": Ref("plan"), "title": "Gold", "summary": "For all"})
AUDIENCE = Declaration(
    PreviewAudience,
    {"offer": Ref("offer"), "emails": ["one@example.com"], "offer_type": "AzureApplication"},
)
LISTED: Program = {"offer": OFFERS["offer"], "listing": LISTING}
WHOLE: Program = {**LISTED, "plan": PLANS["plan"], "plan_listing": PLAN_LISTING}
AUDIENCED: Program = {**WHOLE, "audience": AUDIENCE}
GOLDEN = changed(AUDIENCED, "plan", plan_id="golden")
GUARDED: Program = {
    **WHOLE,
    "listing": replace(LISTING, is_protected=True),
    "plan_listing": replace(PLAN_LISTING, is_retained=True),
}
REFERRING = changed(WHOLE, "plan_listing", language=Ref("listing", "language"))
LEADS: Program = {
    **OFFERS,
    "leads": Declaration(
        LeadDestination,
        {"offer": Ref("offer"), "azure_blob": {"connection_string": CONNECTION, "container": "leads"}},
    ),
}
OTHER_LEADS = changed(LEADS, "leads", contact_email="two@example.com")


GATEWAYS: Program = {"gateway": Declaration(portal.Offer, GATEWAY)}


def published(offer: Program, target: str) -> Program:
    """Return a program with an offer of the portal and its publication."""
    publication = {
        "offer": Ref("gateway"),
        "publishes": [Ref("gateway", "fingerprint")],
        "sends": ["portal.Offer gateway"],
        "published": [{"kind": "portal.Offer", "name": "gateway", "id": Ref("gateway")}],
        "target": target,
    }
    return {**offer, "publication": Declaration(portal.Publication, publication)}


def rename_in_portal(emulator: RunningEmulator) -> None:
    edit = {"publisher": "contoso", "offer_id": "contoso-gateway", "display_text": "Renamed in the portal"}
    emulator.client.post("/_emulator/portal/edit", json=edit).raise_for_status()


def packaged(name: str, **members: Any) -> Program:
    """With what the constructor takes from the offer."""
    arguments = {"source": samples.application(name, **members), "offer_type": "AzureApplication"}
    return {**OFFERS, "package": Declaration(Package, {"offer": Ref("offer"), **arguments})}


SCENARIOS: Mapping[str, Scenario] = {
    "immutable argument with dependents": (
        Run("up", AUDIENCED),
        Run("up", changed(GOLDEN, "plan_listing", summary="For some")),
        Run("destroy"),
    ),
    "changed arguments": (
        Run("up", WHOLE),
        Run("up", changed(changed(WHOLE, "plan", name="Gold plan"), "listing", summary="Keeps three copies")),
        Run("up"),
        Run("destroy"),
    ),
    "renamed with an alias and without": (
        Run("up", PLANS),
        Run("up", renamed(PLANS, "plan", "gold", aliases=("plan",))),
        Run("up", renamed(PLANS, "plan", "bronze")),
    ),
    "forced replacement": (
        Run("up", AUDIENCED),
        Run("up", replace=("plan", "listing")),
        Run("destroy"),
    ),
    "replaced before it is deleted": (
        Run("up", packaged("first")),
        Run("up", packaged("second", outputs={})),
        Run("destroy"),
    ),
    "deleted in the portal": (
        Run("up", WHOLE),
        Run("refresh", before=delete_plans),
        Run("up"),
        Run("destroy", before=delete_plans),
    ),
    "targets": (
        Run("up", WHOLE),
        Run(
            "up",
            changed(changed(AUDIENCED, "plan_listing", title="Gold plan"), "listing", title="Contoso Safe"),
            targets=("listing",),
        ),
        Run("up", OFFERS, targets=("plan_listing",)),
    ),
    "failed and resumed": (
        Run("up", WHOLE, before=refuse("POST .*/variants"), fails=True),
        Run("up", AUDIENCED),
        Run("up", GOLDEN, before=refuse("POST .*/variants"), fails=True),
        Run("refresh"),
        Run("up", AUDIENCED),
        Run("up", GOLDEN, before=refuse("POST .*/variants"), fails=True),
        Run("up"),
    ),
    "protected and retained": (
        Run("up", GUARDED),
        Run("up", without(GUARDED, "listing"), fails=True),
        Run("up", changed(GUARDED, "listing", language="de-de"), fails=True),
        Run("up", {**without(WHOLE, "plan_listing"), "listing": LISTING}),
        Run("destroy"),
    ),
    "drift": (
        Run("up", WHOLE),
        Run("refresh", before=write_in_portal),
        Run("up"),
    ),
    "unknowns in previews": (
        Run("preview", REFERRING),
        Run("up"),
        Run(
            "preview", changed(changed(REFERRING, "plan", plan_id="golden"), "listing", summary="Keeps three")
        ),
        Run("preview", changed(REFERRING, "listing", language="de-de")),
    ),
    "adopted, with a secret": (
        Run("up", LEADS),
        Run("up", OTHER_LEADS, loses_state=True, fails=True),
        Run("up", changed(OTHER_LEADS, "leads", adopt=True)),
    ),
    "offer of the portal": (
        Run("preview", published(GATEWAYS, "preview")),
        Run("up"),
        Run("up", published(GATEWAYS, "live")),
        Run("up"),
        Run("refresh"),
        Run("up", published(changed(GATEWAYS, "gateway", alias="Quick"), "live"), targets=("gateway",)),
        Run("refresh", before=rename_in_portal),
        Run("up"),
        Run("up", published(changed(GATEWAYS, "gateway", offer_id="contoso-router"), "live"), fails=True),
        Run("up", published(changed(GATEWAYS, "gateway", alias="Quick"), "live"), loses_state=True),
        Run("destroy"),
    ),
    "replaced offer of the portal": (
        Run("up", published(GATEWAYS, "preview")),
        Run("up", published(changed(GATEWAYS, "gateway", offer_id="contoso-router"), "preview")),
        Run("up", published(changed(GATEWAYS, "gateway", publisher="fabrikam"), "preview")),
        Run("up", published(GATEWAYS, "preview"), replace=("gateway",)),
        Run("destroy"),
    ),
}
