"""A managed application with one plan: a draft until `pulumi config set target preview` (or `live`)."""

import pulumi

import pulumi_partnercenter as partnercenter

VERSION = "1.0.0"
"""Of what is deployed: raise it with every change in assets/app."""
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
"""An Azure built-in role."""

config = pulumi.Config()
target = config.require("target")
tenant = config.require("tenant")

# What was in a preview cannot be deleted any more: `pulumi destroy` then lets go of it.
kept = pulumi.ResourceOptions(retain_on_delete=target != "draft")

offer = partnercenter.Offer(
    "offer",
    offer_id=config.require("offerId"),
    offer_type="AzureApplication",
    alias=config.require("alias"),
    opts=kept,
)
setup = partnercenter.OfferSetup("offer", offer=offer.id)
reseller = partnercenter.ResellerChannel("offer", offer=offer.id, state="Disabled")
properties = partnercenter.OfferProperties(
    "offer",
    offer=offer.id,
    categories={"storage-azure-apps": ["data-management"]},
    uses_standard_contract=True,
)
audience = partnercenter.PreviewAudience(
    "offer", offer=offer.id, subscriptions=[config.require("previewSubscription")]
)
listing = partnercenter.OfferListing(
    "offer",
    offer=offer.id,
    title="Contoso Notes",
    summary="Notes of a team, kept in your own subscription",
    short_description="A notebook for a team whose pages never leave your own Azure subscription.",
    description="<p>Contoso Notes keeps what a team writes down in a storage account of yours.</p>",
    keywords=["notes", "team"],
    contacts=[
        {"type": "CustomerSupport", "name": "Contoso Support", "email": "support@contoso.example.com"},
        {"type": "Engineering", "name": "Contoso Notes Team", "email": "notes@contoso.example.com"},
    ],
    links=[{"type": "PrivacyUri", "text": "Privacy", "uri": "https://contoso.example.com/privacy"}],
)
logos = [
    partnercenter.ListingImage(
        f"logo-{size}",
        offer=offer.id,
        kind=f"AzureLogo{size.capitalize()}",
        source=f"assets/logos/{size}.png",
    )
    for size in ("small", "medium", "large", "wide")
]

plan = partnercenter.Plan(
    "standard",
    offer=offer.id,
    plan_id="standard",
    subtype="managed-application",
    name="Standard",
    opts=kept,
)
plan_listing = partnercenter.PlanListing(
    "standard",
    plan=plan.id,
    title="Standard",
    summary="For one team",
    description="<p>Up to 1 TB of pages and attachments.</p>",
)
pricing = partnercenter.PlanPricing(
    "standard", plan=plan.id, markets=["US"], prices=[{"amount": 19, "per": "month"}]
)
package = partnercenter.Package("app", offer=offer.id, source="assets/app", opts=kept)
plan_package = partnercenter.PlanPackage(
    "standard",
    plan=plan.id,
    version=VERSION,
    package=package.id,
    tenant=tenant,
    authorizations=[{"principal": config.require("operators"), "role": CONTRIBUTOR}],
)

pulumi.export("offer", offer.id)
pulumi.export("plan", plan.id)
if target != "draft":
    submission = partnercenter.Submission(
        "offer",
        offer=offer.id,
        publishes=[
            setup,
            reseller,
            properties,
            audience,
            listing,
            *logos,
            plan,
            plan_listing,
            pricing,
            package,
            plan_package,
        ],
        target=target,
    )
    pulumi.export("state", submission.state)
