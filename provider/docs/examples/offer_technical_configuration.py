import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer(
    "tide", offer_id="contoso-tide", offer_type="SoftwareAsAService", alias="Contoso Tide"
)
partnercenter.OfferTechnicalConfiguration(
    "tide",
    offer=offer.id,
    tenant="22222222-3333-4444-8555-666666666666",
    application="33333333-4444-4555-8666-777777777777",
    landing_page_url="https://contoso.example.com/tide/welcome",
    webhook_url="https://contoso.example.com/tide/webhook",
)
