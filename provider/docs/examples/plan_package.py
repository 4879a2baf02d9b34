import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer(
    "signal", offer_id="contoso-signal", offer_type="AzureApplication", alias="Contoso Signal"
)
plan = partnercenter.Plan(
    "signal-standard", offer=offer.id, plan_id="standard", subtype="managed-application", name="Standard"
)
package = partnercenter.Package("signal", offer=offer.id, source="assets/app")
partnercenter.PlanPackage(
    "signal-standard",
    plan=plan.id,
    version="1.0.0",
    package=package.id,
    tenant="22222222-3333-4444-8555-666666666666",
    authorizations=[{"principal": "33333333-4444-4555-8666-777777777777", "role": "Contributor"}],
    allows_customer_actions=True,
    allowed_actions=["Microsoft.Storage/storageAccounts/regenerateKey/action"],
)
