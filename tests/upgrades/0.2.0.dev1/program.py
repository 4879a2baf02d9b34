"""Every resource class: an application in preview, a Dynamics 365 offer and an application with a test drive as drafts,
and a virtual machine of the Cloud Partner Portal in preview.

Resources are made one after another, so that a seeded service gives the same ids in every run.
"""

import pulumi

import pulumi_partnercenter as partnercenter

made: list[pulumi.Resource] = []


def after_the_last(this: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
    following = pulumi.ResourceOptions(depends_on=made[-1:])
    made.append(this.resource)
    return pulumi.ResourceTransformationResult(this.props, pulumi.ResourceOptions.merge(this.opts, following))


pulumi.runtime.register_stack_transformation(after_the_last)

TENANT = "11111111-2222-4333-8444-555555555555"
APPLICATION = "22222222-3333-4444-8555-666666666666"
SUBSCRIPTION = "33333333-4444-4555-8666-777777777777"
CONTACT = {"name": "Contoso", "email": "Help@contoso.example.com", "phone": "+1 555 0100"}

kept = pulumi.ResourceOptions(retain_on_delete=True)  # the service deletes nothing that was in a preview
archive = partnercenter.Offer(
    "archive",
    offer_id="contoso-archive",
    offer_type="AzureApplication",
    alias="Contoso Archive",
    opts=kept,
)
gold = partnercenter.Plan(
    "gold", offer=archive.id, plan_id="gold", subtype="managed-application", name="Gold", opts=kept
)
silver = partnercenter.Plan(
    "silver",
    offer=archive.id,
    plan_id="silver",
    subtype="managed-application",
    name="Silver",
    clouds=["azure-government", "public-azure"],
    government_certifications=[{"title": "FedRAMP", "uri": "https://contoso.example.com/fedramp"}],
    opts=kept,
)
package = partnercenter.Package("app", offer=archive.id, source="assets/app", opts=kept)
setup = partnercenter.OfferSetup("archive", offer=archive.id)
reseller = partnercenter.ResellerChannel("archive", offer=archive.id, state="Enabled")
properties = partnercenter.OfferProperties(
    "archive",
    offer=archive.id,
    categories={"storage-azure-apps": ["data-management", "backup-and-recovery"]},
    uses_standard_contract=True,
)
listing = partnercenter.OfferListing(
    "archive",
    offer=archive.id,
    title="Contoso Archive",
    summary="Keeps what nobody opens",
    short_description="Moves old files to cold storage.",
    description="<p>Moves old files to cold storage, and back.</p>",
    keywords=["archive", "cold storage"],
    contacts=[{"type": kind, **CONTACT} for kind in ("CustomerSupport", "Engineering")],
    links=[{"type": "PrivacyUri", "text": "Privacy", "uri": "https://contoso.example.com/privacy"}],
)
logos = [
    partnercenter.ListingImage(
        size, offer=archive.id, kind=f"AzureLogo{size.title()}", source=f"assets/{size}.png"
    )
    for size in ("small", "medium", "large", "wide")
]
video = partnercenter.ListingVideo(
    "tour",
    offer=archive.id,
    url="https://video.example.com/tour",
    title="Tour",
    source="assets/tour.png",
)
document = partnercenter.ListingDocument(
    "datasheet", offer=archive.id, title="Datasheet", source="assets/datasheet.pdf", description="Numbers"
)
audience = partnercenter.PreviewAudience("archive", offer=archive.id, subscriptions=[SUBSCRIPTION.upper()])
technical = partnercenter.OfferTechnicalConfiguration(
    "archive", offer=archive.id, tenant=TENANT, application=APPLICATION
)
cosell = partnercenter.CosellListing(
    "archive",
    offer=archive.id,
    platforms=["Azure"],
    segments=["Enterprise"],
    offer_type="Application",
    solution_areas=[{"area": "Infrastructure", "sub_areas": ["Storage"]}],
    contacts=[{"type": "Sales", "name": "Ann", "email": "ann@contoso.example.com"}],
    documents=[{"kind": "OnePager", "source": "assets/datasheet.pdf"}],
)
leads = partnercenter.LeadDestination(
    "archive",
    offer=archive.id,
    azure_table={
        "connection_string": "DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=example"
    },
    contact_email="ann@contoso.example.com",
)
parts = [gold, silver, package, setup, reseller, properties, listing, *logos, video, document]
parts += [audience, technical, cosell]
PRICES = {
    "gold": [
        {"amount": 49, "per": "month"},
        {"amount": 490.5, "per": "year"},
        {"amount": 55, "per": "month", "markets": ["CA"]},
    ],
    "silver": [{"amount": 0, "per": "month"}],
}
for name, plan in {"gold": gold, "silver": silver}.items():
    parts += [
        partnercenter.PlanListing(
            name, plan=plan.id, title=name.title(), summary="For one team", description="<p>One team.</p>"
        ),
        partnercenter.PlanPricing(
            name,
            plan=plan.id,
            markets=["US", "CA", "DE"] if name == "gold" else "all",
            prices=PRICES[name],
            trial={"type": "TimedAccess", "duration": 1, "unit": "Months"} if name == "gold" else None,
            meters=[
                {
                    "id": "terabyte",
                    "name": "Archived terabytes",
                    "unit": "TB per month",
                    "price_in_usd": 2.5,
                    "included": [{"per": "month", "quantity": 50}],
                }
            ]
            if name == "gold"
            else None,
        ),
        partnercenter.PlanPackage(
            name,
            plan=plan.id,
            version="1.0.0",
            package=package.id,
            tenant=TENANT,
            authorizations=[{"principal": SUBSCRIPTION, "role": "Owner"}],
            policies=[
                {
                    "name": "tags",
                    "definition": "/providers/Microsoft.Authorization/policyDefinitions/tags",
                    "parameters": {"tag": {"value": "owner"}},
                }
            ]
            if name == "gold"
            else None,
        ),
    ]
submission = partnercenter.Submission("archive", offer=archive.id, publishes=parts, notes="For Ann")

central = partnercenter.Offer(
    "central",
    offer_id="contoso-central",
    offer_type="AzureDynamics365BusinessCentral",
    alias="Contoso Central",
)
partnercenter.OfferSetup(
    "central",
    offer=central.id,
    sells_through_microsoft=False,
    call_to_action="contact-me",
    package_type="AddOn",
)
partnercenter.OfferMarkets("central", offer=central.id, markets=["DK", "US"])
extension = partnercenter.Package(
    "extension",
    offer=central.id,
    source="assets/ledger.app",
    kind="Dynamics365BusinessCentralAddOnExtensionPackage",
)
partnercenter.OfferTechnicalConfiguration(
    "central",
    offer=central.id,
    package_type="AddOn",
    installation_url="https://contoso.example.com/install",
    packages=[extension.id],
)
partnercenter.SupplementalContent(
    "central",
    offer=central.id,
    target_release="2026 wave 2",
    supported_editions=["Essentials", "Premium"],
    documents=[{"kind": "UserGuide", "source": "assets/datasheet.pdf"}],
)

ledger = partnercenter.Offer(
    "ledger",
    offer_id="contoso-ledger",
    offer_type="AzureDynamics365BusinessCentral",
    alias="Contoso Ledger",
    opts=kept,
)
partnercenter.AppRelease("ledger", offer=ledger.id, app="assets/ledger.app")

vault = partnercenter.Offer(
    "vault", offer_id="fabrikam-vault", offer_type="AzureApplication", alias="Fabrikam Vault"
)
german = partnercenter.OfferListing(
    "vault-de", offer=vault.id, language="de-de", title="Fabrikam Tresor", summary="Schließt, was zählt"
)
private = partnercenter.Plan("private", offer=vault.id, plan_id="private", name="Private", state="Inactive")
partnercenter.PlanPricing(
    "private",
    plan=private.id,
    visibility="Private",
    subscriptions=[{"id": SUBSCRIPTION, "description": "Ann"}],
)
partnercenter.PlanListing("private-de", plan=private.id, language="de-de", title="Privat", summary="Für Ann")
partnercenter.LeadDestination(
    "vault",
    offer=vault.id,
    dynamics={
        "url": "https://fabrikam.example.com",
        "authentication": "AzureAD",
        "application_id": APPLICATION,
        "application_key": "example-key",
        "directory_id": TENANT,
    },
)
partnercenter.TestDrive(
    "vault",
    offer=vault.id,
    subscription=SUBSCRIPTION,
    tenant=TENANT,
    application=APPLICATION,
    application_key="example-key",
    duration_hours=4,
    regions=["westeurope"],
    hot_instances=1,
    warm_instances=0,
    cold_instances=2,
)

STORAGE = "https://contoso.blob.core.windows.net"
SIGNATURE = "sv=2022-11-02&sr=c&sp=rl&st=2026-01-01T00:00:00Z&se=2999-01-01T00:00:00Z&sig=c2lnbmF0dXJl"


def image(name: str) -> dict[str, object]:
    return {"os_disk": f"{STORAGE}/disks/{name}.vhd?{SIGNATURE}"}


gateway = partnercenter.portal.Offer(
    "gateway",
    publisher="contoso",
    offer_id="contoso-gateway",
    alias="Gateway",
    listing={
        "title": "Contoso Gateway",
        "summary": "A gateway for branches",
        "short_description": "Connects branches to Azure.",
        "description": "<p>Connects branches to Azure, and back.</p>",
        "categories": {"networking": ["connectivity", "firewalls"]},
        "contacts": [{"type": kind, **CONTACT} for kind in ("CustomerSupport", "Engineering")],
        "links": [{"uri": "https://docs.contoso.example.com", "text": "Manual"}],
        "privacy_policy_url": "https://contoso.example.com/privacy",
        "support_url": "https://contoso.example.com/support",
        "marketing_id": "contoso-gateway",
        "logos": {
            size: f"{STORAGE}/logos/{size}.png?{SIGNATURE}" for size in ("small", "medium", "large", "wide")
        },
        "screenshots": [f"{STORAGE}/pictures/one.png?{SIGNATURE}"],
    },
    terms_of_use="Pay first.",
    preview_audience=[SUBSCRIPTION.upper()],
    csp_opt_in="Enabled",
    lead_destination={
        "azure_table": {
            "connection_string": "DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=example"
        }
    },
    test_drive={"enabled": False},
    plans=[
        {
            "plan_id": plan_id,
            "title": plan_id.title(),
            "summary": "For one branch",
            "description": "<p>For one branch.</p>",
            "markets": ["us", "DE"],
            "subscriptions": [{"id": SUBSCRIPTION, "description": "Ann"}] if plan_id == "licensed" else None,
            "operating_system": {"family": "Linux", "type": "Ubuntu", "name": "Ubuntu 24.04"},
            "recommended_sizes": ["d2s-standard-v3"],
            "features": {"accelerated_networking": True},
            "pricing": pricing,
            "images": {version: image(f"{plan_id}-{version}") for version in ("1.0.0", "1.0.1")},
        }
        for plan_id, pricing in {
            "cores": {"per_core": "0.120", "trial_months": 1},
            "licensed": {"byol": True},
            "markets": {"per_market": {"US": {"1core": 0.05}, "DE": {"1core": 0.04, "2core": "0.080"}}},
            "sizes": {"per_size": {"1core": 0.05, "2core": 0.1}},
        }.items()
    ],
)
partnercenter.portal.Publication(
    "gateway",
    offer=gateway.id,
    publishes=[gateway],
    target="preview",
    notification_emails=["ann@contoso.example.com"],
)
pulumi.export("state", submission.state)
