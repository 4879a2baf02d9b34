import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer(
    "docs", offer_id="contoso-docs", offer_type="AzureApplication", alias="Contoso Docs"
)
partnercenter.ListingDocument(
    "docs-datasheet",
    offer=offer.id,
    title="Datasheet",
    source="assets/datasheet.pdf",
    description="What it needs, and what it costs to run",
)
