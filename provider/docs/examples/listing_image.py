import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer(
    "canvas", offer_id="contoso-canvas", offer_type="AzureApplication", alias="Contoso Canvas"
)
for size in ("small", "medium", "large", "wide"):
    partnercenter.ListingImage(
        f"canvas-{size}",
        offer=offer.id,
        kind=f"AzureLogo{size.capitalize()}",
        source=f"assets/logos/{size}.png",
    )
partnercenter.ListingImage(
    "canvas-screenshot",
    offer=offer.id,
    kind="AzureLogoScreenshot",
    source="assets/screenshot.png",
    description="A drawing that three people work on",
)
