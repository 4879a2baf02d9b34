import pulumi

import pulumi_partnercenter as partnercenter

config = pulumi.Config()
offer = partnercenter.Offer(
    "museum", offer_id="contoso-museum", offer_type="AzureApplication", alias="Contoso Museum"
)
partnercenter.TestDrive(
    "museum",
    offer=offer.id,
    subscription="11111111-2222-4333-8444-555555555555",
    tenant="22222222-3333-4444-8555-666666666666",
    application="33333333-4444-4555-8666-777777777777",
    application_key=config.require_secret("testDriveKey"),
    duration_hours=4,
    regions=["westeurope"],
    hot_instances=1,
)
