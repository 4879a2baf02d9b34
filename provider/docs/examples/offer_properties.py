import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer(
    "backup", offer_id="contoso-backup", offer_type="AzureApplication", alias="Contoso Backup"
)
partnercenter.OfferProperties(
    "backup",
    offer=offer.id,
    categories={"storage-azure-apps": ["backup-and-recovery"]},
    uses_standard_contract=True,
    custom_amendments=[
        {
            "name": "Fabrikam",
            "terms": "Support answers within one hour.",
            "tenants": ["11111111-2222-4333-8444-555555555555"],
        }
    ],
)
