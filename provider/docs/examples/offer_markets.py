import pulumi_partnercenter as partnercenter

ledger = partnercenter.Offer(
    "ledger", offer_id="contoso-ledger", offer_type="AzureDynamics365BusinessCentral", alias="Contoso Ledger"
)
partnercenter.OfferMarkets("ledger", offer=ledger.id, markets=["DK", "IT", "US"])
