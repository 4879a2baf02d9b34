"""A managed application with all that publishing needs, and its submission: a measured project's `__main__.py`.

`plans.json` has the number of plans; the files of `stacks/assets` are beside it.
"""

import json
from pathlib import Path

import pulumi

import pulumi_partnercenter as partnercenter

GUID = "11111111-2222-4333-8444-555555555555"
LOGOS = ("small", "medium", "large", "wide")

CONTACTS: list[partnercenter.ContactArgsDict] = [
    {
        "type": "CustomerSupport",
        "name": "Contoso",
        "email": "help@contoso.example.com",
        "phone": "+1 555 0100",
    },
    {
        "type": "Engineering",
        "name": "Contoso",
        "email": "help@contoso.example.com",
        "phone": "+1 555 0100",
    },
]
TEXT = "<p>Finds files that nobody opened for months, moves them to cold storage, and brings them back.</p>"

names = [f"plan-{number:03}" for number in range(json.loads(Path("plans.json").read_text()))]
# The service cannot delete objects that were in a preview.
kept = pulumi.ResourceOptions(retain_on_delete=True)
offer = partnercenter.Offer(
    "offer",
    offer_id="contoso-archive",
    offer_type="AzureApplication",
    alias="Contoso Archive",
    opts=kept,
)
plans = {
    name: partnercenter.Plan(
        name,
        offer=offer.id,
        plan_id=name,
        name=f"Contoso Archive {name}",
        subtype="managed-application",
        opts=kept,
    )
    for name in names
}
package = partnercenter.Package("package", offer=offer.id, source="assets/archive-app", opts=kept)
parts = [
    *plans.values(),
    package,
    partnercenter.OfferSetup("setup", offer=offer.id),
    partnercenter.ResellerChannel("reseller", offer=offer.id, state="Enabled"),
    partnercenter.OfferProperties(
        "properties",
        offer=offer.id,
        categories={"storage-azure-apps": ["backup-and-recovery"]},
        uses_standard_contract=True,
    ),
    *(
        partnercenter.ListingImage(
            size, offer=offer.id, kind=f"AzureLogo{size.title()}", source=f"assets/logos/{size}.png"
        )
        for size in LOGOS
    ),
    partnercenter.OfferListing(
        "listing",
        offer=offer.id,
        title="Contoso Archive",
        summary="Cold storage for what nobody opens",
        short_description="Moves old files to cold storage.",
        description=TEXT * 5,
        contacts=CONTACTS,
        links=[{"type": "PrivacyUri", "uri": "https://contoso.example.com/privacy"}],
    ),
    partnercenter.PreviewAudience("audience", offer=offer.id, subscriptions=[GUID]),
    partnercenter.OfferTechnicalConfiguration("technical", offer=offer.id, tenant=GUID, application=GUID),
]
for name, plan in plans.items():
    parts += [
        partnercenter.PlanListing(
            name, plan=plan.id, title=f"Archive {name}", summary="For one team", description=TEXT
        ),
        partnercenter.PlanPricing(
            name, plan=plan.id, markets=["US", "CA"], prices=[{"amount": 49, "per": "month"}]
        ),
        partnercenter.PlanPackage(
            name,
            plan=plan.id,
            version="1.0.0",
            package=package.id,
            tenant=GUID,
            authorizations=[{"principal": GUID, "role": "Owner"}],
        ),
    ]
partnercenter.Submission("submission", offer=offer.id, publishes=parts, target="preview")
