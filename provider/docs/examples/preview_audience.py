import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer(
    "echo", offer_id="contoso-echo", offer_type="AzureApplication", alias="Contoso Echo"
)
partnercenter.PreviewAudience("echo", offer=offer.id, subscriptions=["11111111-2222-4333-8444-555555555555"])
