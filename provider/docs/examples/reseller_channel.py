import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer(
    "fleet", offer_id="contoso-fleet", offer_type="AzureApplication", alias="Contoso Fleet"
)
partnercenter.ResellerChannel(
    "fleet",
    offer=offer.id,
    state="PartialOptIn",
    tenants=["22222222-3333-4444-8555-666666666666"],
)
