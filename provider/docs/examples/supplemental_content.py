import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer(
    "ledger", offer_id="contoso-ledger", offer_type="AzureDynamics365BusinessCentral", alias="Contoso Ledger"
)
partnercenter.SupplementalContent(
    "ledger",
    offer=offer.id,
    target_release="2026 wave 2",
    supported_editions=["Essentials", "Premium"],
    documents=[{"kind": "FunctionalTest", "source": "assets/test-script.pdf"}],
)
