import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer(
    "archive", offer_id="contoso-archive", offer_type="AzureApplication", alias="Contoso Archive"
)
