import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer(
    "parcel", offer_id="contoso-parcel", offer_type="AzureApplication", alias="Contoso Parcel"
)
plan = partnercenter.Plan(
    "parcel-standard", offer=offer.id, plan_id="standard", subtype="managed-application", name="Standard"
)
partnercenter.PlanListing(
    "parcel-standard",
    plan=plan.id,
    title="Standard",
    summary="For one warehouse",
    description="<p>Up to 10,000 parcels a month.</p>",
)
