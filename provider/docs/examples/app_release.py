import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer(
    "invoices",
    offer_id="contoso-invoices",
    offer_type="AzureDynamics365BusinessCentral",
    alias="Contoso Invoices",
)
partnercenter.AppRelease(
    "invoices",
    offer=offer.id,
    app="assets/build/*.app",
    libraries="assets/build/dependencies",
    target="preview",
)
