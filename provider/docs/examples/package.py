import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer(
    "relay", offer_id="contoso-relay", offer_type="AzureApplication", alias="Contoso Relay"
)
package = partnercenter.Package("relay", offer=offer.id, source="assets/app")
