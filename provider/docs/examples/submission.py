import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer(
    "vault", offer_id="contoso-vault", offer_type="AzureApplication", alias="Contoso Vault"
)
plan = partnercenter.Plan(
    "vault-standard", offer=offer.id, plan_id="standard", subtype="solution-template", name="Standard"
)
package = partnercenter.Package("vault", offer=offer.id, source="assets/app")
parts = [
    plan,
    package,
    partnercenter.OfferProperties(
        "vault",
        offer=offer.id,
        categories={"storage-azure-apps": ["data-management"]},
        uses_standard_contract=True,
    ),
    partnercenter.PreviewAudience(
        "vault", offer=offer.id, subscriptions=["11111111-2222-4333-8444-555555555555"]
    ),
    partnercenter.ResellerChannel("vault", offer=offer.id, state="Disabled"),
    partnercenter.OfferListing(
        "vault",
        offer=offer.id,
        title="Contoso Vault",
        summary="A storage account that is closed from the start",
        short_description="Sets up storage that nobody reaches without signing in.",
        description="<p>One storage account, closed to the public, in your own subscription.</p>",
        contacts=[
            {"type": "CustomerSupport", "name": "Contoso Support", "email": "support@contoso.example.com"},
            {"type": "Engineering", "name": "Vault Team", "email": "vault@contoso.example.com"},
        ],
        links=[{"type": "PrivacyUri", "text": "Privacy", "uri": "https://contoso.example.com/privacy"}],
    ),
    partnercenter.ListingImage(
        "vault-large", offer=offer.id, kind="AzureLogoLarge", source="assets/logos/large.png"
    ),
    partnercenter.PlanListing(
        "vault-standard",
        plan=plan.id,
        title="Standard",
        summary="One storage account",
        description="<p>One storage account in your subscription.</p>",
    ),
    partnercenter.PlanPricing("vault-standard", plan=plan.id),
    partnercenter.PlanPackage("vault-standard", plan=plan.id, version="1.0.0", package=package.id),
]
partnercenter.Submission("vault", offer=offer.id, publishes=parts, target="preview")
