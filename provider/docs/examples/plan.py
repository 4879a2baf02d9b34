import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer(
    "orchard", offer_id="contoso-orchard", offer_type="AzureApplication", alias="Contoso Orchard"
)
partnercenter.Plan(
    "orchard-standard",
    offer=offer.id,
    plan_id="standard",
    subtype="managed-application",
    name="Standard",
)
