import pulumi

import pulumi_partnercenter as partnercenter

config = pulumi.Config()
offer = partnercenter.Offer(
    "garden", offer_id="contoso-garden", offer_type="AzureApplication", alias="Contoso Garden"
)
partnercenter.LeadDestination(
    "garden",
    offer=offer.id,
    azure_table={"connection_string": config.require_secret("leadsConnection")},
    contact_email="sales@contoso.example.com",
)
