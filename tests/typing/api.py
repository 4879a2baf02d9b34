"""A tour of the constructors for the type checker; never run.

Each line that must not type-check has a `type: ignore` with its error: strict mypy reports an unused comment.
"""

from __future__ import annotations

from typing import Any, assert_type

import pulumi

import pulumi_partnercenter as partnercenter
from pulumi_partnercenter import (
    AppRelease,
    Conflict,
    ContactArgsDict,
    CosellListing,
    LeadDestination,
    ListingDocument,
    ListingImage,
    ListingVideo,
    Offer,
    OfferListing,
    OfferProperties,
    OfferSetup,
    OfferTechnicalConfiguration,
    Package,
    Plan,
    PlanListing,
    PlanPackage,
    PlanPricing,
    PreviewAudience,
    ResellerChannel,
    Resource,
    Submission,
    SupplementalContent,
    TestDrive,
    get_offer,
    get_plan,
    get_submission,
    list_offers,
    portal,
    validate,
)
from pulumi_partnercenter.components import (
    ManagedApplicationOffer,
    ManagedApplicationOfferArgs,
    SaasOffer,
    SolutionTemplateOffer,
)

config = pulumi.Config()

offer = Offer(
    "offer", offer_id="contoso-backup", offer_type="AzureApplication", alias=config.require("alias")
)
assert_type(offer.id, pulumi.Output[str])
assert_type(offer.fingerprint, pulumi.Output[str])

listing = OfferListing(
    "listing",
    offer=offer.id,
    language="de-de",
    title=pulumi.Output.concat("Contoso ", "Backup"),
    keywords=["backup", offer.id],
    contacts=[{"type": "Engineering", "name": "Team", "email": offer.id}],
    links=[{"type": "PrivacyUri", "uri": "https://contoso.example.com/privacy"}],
    allows_only_managed_disks=True,
    adopt=True,
    opts=pulumi.ResourceOptions(protect=True),
)
OfferSetup("setup", offer=offer.id, sells_through_microsoft=config.require_bool("sells"))
OfferProperties(
    "properties",
    offer=offer.id,
    categories={"storage-azure-apps": ["backup-and-recovery", config.require("subcategory")]},
    uses_standard_contract=True,
    custom_amendments=[{"name": "Thirty days", "terms": "Paid within thirty days.", "tenants": [offer.id]}],
)
PreviewAudience("audience", offer=offer.id, subscriptions=[config.require("subscription"), offer.id])
ResellerChannel("resellers", offer=offer.id, state="Disabled")
LeadDestination("leads", offer=offer.id, azure_table={"connection_string": config.require_secret("leads")})
CosellListing(
    "sellers",
    offer=offer.id,
    platforms=["Azure"],
    documents=[{"kind": "PitchDeck", "source": pulumi.FileAsset("pitch.pdf")}],
)
SupplementalContent(
    "certification", offer=offer.id, documents=[{"kind": "FunctionalTest", "source": "script.docx"}]
)
TestDrive("drive", offer=offer.id, duration_hours=4, application_key=config.require_secret("key"))
assert_type(get_offer("contoso-backup").id, str)
assert_type(get_plan(list_offers()[0].id, "gold").clouds, tuple[str, ...])
get_submission(offer.id)  # type: ignore[arg-type]
plan = Plan(
    "plan",
    offer=offer.id,
    plan_id="gold",
    name="Gold",
    subtype="managed-application",
    clouds=["public-azure"],
    government_certifications=[{"title": "FedRAMP"}],
)
PlanListing("plan-listing", plan=plan.id, title="Gold")
PlanPricing("everywhere", plan=plan.id, markets="all", prices=[{"amount": 49.0}])
PlanPricing(
    "pricing",
    plan=plan.id,
    visibility="Private",
    markets=["US", "CA"],
    prices=[{"amount": 49, "currency": "USD", "per": "month"}, {"amount": 45, "markets": ["CA"]}],
    trial={"type": "TimedAccess", "duration": 1, "unit": "Months"},
    meters=[{"id": "gb", "name": "Stored", "unit": "GB", "price_in_usd": 0.1}],
    subscriptions=["11111111-2222-4333-8444-555555555555", {"id": offer.id, "description": "Contoso"}],
    is_hidden=config.require_bool("hidden"),
)

package = Package("package", offer=offer.id, source="assets/managed-application")
Package(
    "of-assets",
    offer=offer.id,
    source=pulumi.AssetArchive({"mainTemplate.json": pulumi.FileAsset("mainTemplate.json")}),
    kind="AzureApplicationPackage",
)
PlanPackage(
    "plan-package",
    plan=plan.id,
    version="1.0.0",
    package=package.id,
    tenant=config.require("tenant"),
    authorizations=[{"principal": config.require_secret("principal"), "role": "Owner"}],
    policies=[{"name": "tags", "definition": "/providers/contoso/tags", "parameters": {"tag": "cost"}}],
)
OfferTechnicalConfiguration("configuration", offer=offer.id, tenant=offer.id, packages=[package.id])
ListingImage("logo", offer=offer.id, kind="AzureLogoLarge", source="assets/large.png", order=0)
ListingDocument("datasheet", offer=offer.id, title="Datasheet", source=pulumi.FileAsset("datasheet.pdf"))
ListingVideo("tour", offer=offer.id, url="https://video.example.com/1", title="Tour", source="tour.png")
Package("no source", offer=offer.id)  # type: ignore[call-arg]

submission = Submission(
    "archive",
    offer=offer.id,
    publishes=[offer, plan],
    target=config.require("target"),
    wait_minutes=30,
    replaces_running=True,
)
assert_type(submission.state, pulumi.Output[str])
AppRelease("ledger", offer=offer.id, app="build/*.app", libraries=["base.app"], replaces_running=True)

assert_type(Conflict("offer: delete", status=409).advise("wait"), Conflict)

Offer("missing", offer_id="contoso-backup", alias="Contoso")  # type: ignore[call-arg]
Offer("misspelled", offerId="a", offer_type="A", alias="A")  # type: ignore[call-arg]
Offer("by position", "contoso-backup", "AzureApplication", "Contoso")  # type: ignore[call-arg]
ResellerChannel("missing", offer=offer.id)  # type: ignore[call-arg]
LeadDestination("wrong", offer=offer.id, https="https://contoso.example.com")  # type: ignore[arg-type]
Plan("wrong", offer=offer.id, plan_id="gold", name=5)  # type: ignore[arg-type]
PlanPricing("wrong", plan=plan.id, prices={"amount": 49})  # type: ignore[arg-type]
Submission("wrong", offer=offer.id, publishes=[offer.id])  # type: ignore[list-item]

assert_type(offer.alias, pulumi.Output[str])
assert_type(offer.published, pulumi.Output[bool])
assert_type(plan.clouds, pulumi.Output[list[str]])
assert_type(submission.steps, pulumi.Output[list[dict[str, Any]]])
_ = offer.offre_id  # type: ignore[attr-defined]
Plan("wrong", offer=offer.id, plan_id="gold", name="Gold", subtype="managed")  # type: ignore[arg-type]
PlanPricing("wrong", plan=plan.id, prices=[{"amout": 1}])  # type: ignore[list-item]
PlanPricing("wrong", plan=plan.id, trial={"type": "Timed"})  # type: ignore[arg-type]
OfferListing("wrong", offer=offer.id, title="Contoso", contacts=[{"type": "Sales"}])  # type: ignore[list-item]
contact: ContactArgsDict = {"type": "Engineering", "name": "Team"}
OfferListing("typed", offer=offer.id, title="Contoso", contacts=[contact])
validate(Plan, offer=offer.id, plan_id="gold", name="Gold")
everything: list[Resource] = [offer, plan, submission]


def documents(archive: ManagedApplicationOffer) -> list[Resource]:
    return [SupplementalContent("documents", offer=archive.offer.id)]


archive = ManagedApplicationOffer(
    "archive",
    ManagedApplicationOfferArgs(
        offer_id="contoso-archive",
        alias=config.require("alias"),
        target=config.require("target"),
        retention=config.require("retention"),
        preview_audience={"subscriptions": [config.require("subscription"), offer.id]},
        logos={"large": "assets/large.png", "small": pulumi.FileAsset("assets/small.png")},
        listings={
            "en-us": {
                "title": pulumi.Output.concat("Contoso ", "Archive"),
                "contacts": [{"type": "Engineering", "name": "Team"}],
                "images": {"overview": {"kind": "AzureLogoScreenshot", "source": "overview.png"}},
            }
        },
        package={"source": "assets/app"},
        plans={
            "standard": {
                "name": "Standard",
                "listings": {"en-us": {"title": "Standard"}},
                "pricing": {"markets": "all", "prices": [{"amount": 49, "per": "month"}]},
                "package": {"version": "1.0.0", "authorizations": [{"principal": offer.id, "role": "Owner"}]},
            }
        },
        submission={"wait_minutes": 30},
        also_publishes=documents,
        former_names={"archive-listing": "archive"},
    ),
    pulumi.ResourceOptions(protect=True),
)
assert_type(archive.plan_ids, pulumi.Output[dict[str, str]])
assert_type(archive.plans["standard"].id, pulumi.Output[str])
assert_type(archive.state, pulumi.Output[str])
SaasOffer("saas", {"offer_id": "contoso-saas", "alias": "Contoso", "listings": {}})
SaasOffer("saas", {"offer_id": "contoso-saas", "alias": "Contoso", "listings": {}, "package": {}})  # type: ignore[typeddict-unknown-key]
SaasOffer("saas", {"offer_id": "contoso-saas", "listings": {}})  # type: ignore[typeddict-item]
SaasOffer("saas", offer_id="contoso-saas")  # type: ignore[call-arg]
ManagedApplicationOfferArgs(offer_id="a", alias="A", listings={}, plans={}, titel="A")  # type: ignore[typeddict-unknown-key]
ManagedApplicationOfferArgs(offer_id="a", alias="A", listings={})  # type: ignore[typeddict-item]
SolutionTemplateOffer(
    "wrong",
    {
        "offer_id": "a",
        "alias": "A",
        "listings": {"en-us": {"title": "A", "summry": "A"}},  # type: ignore[typeddict-unknown-key]
        "logos": {"huge": "a.png"},  # type: ignore[typeddict-unknown-key]
        "plans": {
            "a": {
                "name": "A",
                "listings": {},
                "pricing": {"prices": [{"amout": 1}]},  # type: ignore[list-item]
                "package": {"source": "assets/app"},  # type: ignore[typeddict-item]
            }
        },
    },
)

gateway = portal.Offer(
    "gateway",
    publisher=config.require("publisher"),
    offer_id="contoso-gateway",
    plans=[
        {"plan_id": "standard", "pricing": {"per_core": 0.12}, "images": {"1.0.0": {"os_disk": offer.id}}}
    ],
)
publication = portal.Publication(
    "gateway", offer=gateway.id, publishes=[gateway], target=config.require("target"), wait_minutes=0
)
assert_type(publication.is_own, pulumi.Output[bool])
assert_type(portal.get_offer("contoso", "contoso-gateway").definition, pulumi.Output[dict[str, Any]])
assert_type(portal.list_offers("contoso"), list[portal.OfferSummary])
assert_type(partnercenter.portal.Publication, type[portal.Publication])
portal.Publication("no target", offer=gateway.id, publishes=[gateway])  # type: ignore[call-arg]
portal.Offer("wrong", publisher="contoso", offer_id="a", plans=[{"plan": "a"}])  # type: ignore[list-item]
