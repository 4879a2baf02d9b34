import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer(
    "atlas", offer_id="contoso-atlas", offer_type="AzureApplication", alias="Contoso Atlas"
)
partnercenter.OfferSetup(
    "atlas",
    offer=offer.id,
    sells_through_microsoft=False,
    call_to_action="free-trial",
    trial_url="https://contoso.example.com/atlas/try",
)
