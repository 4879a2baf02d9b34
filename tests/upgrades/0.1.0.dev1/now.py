"""The same as this version reads it: `reference_plan` is a plan's `.id`."""

import pulumi

import pulumi_partnercenter as partnercenter

made: list[pulumi.Resource] = []


def after_the_last(this: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
    following = pulumi.ResourceOptions(depends_on=made[-1:])
    made.append(this.resource)
    return pulumi.ResourceTransformationResult(this.props, pulumi.ResourceOptions.merge(this.opts, following))


pulumi.runtime.register_stack_transformation(after_the_last)

SUBSCRIPTION = "33333333-4444-4555-8666-777777777777"

offer = partnercenter.Offer(
    "machine", offer_id="contoso-machine", offer_type="AzureApplication", alias="Contoso Machine"
)
partnercenter.OfferListing(
    "machine",
    offer=offer.id,
    title="Contoso Machine",
    summary="Keeps what nobody opens",
    description="<p>Moves old files to cold storage, and back.</p>",
    keywords=["archive", "cold storage"],
    contacts=[{"type": "CustomerSupport", "name": "Contoso", "email": "help@contoso.example.com"}],
    links=[{"type": "PrivacyUri", "text": "Privacy", "uri": "https://contoso.example.com/privacy"}],
)
partnercenter.OfferListing(
    "machine-de", offer=offer.id, language="de-de", title="Contoso Maschine", summary="Schließt, was zählt"
)
gold = partnercenter.Plan("gold", offer=offer.id, plan_id="gold", subtype="managed-application", name="Gold")
silver = partnercenter.Plan(
    "silver",
    offer=offer.id,
    plan_id="silver",
    subtype="managed-application",
    name="Silver",
    clouds=["azure-government", "public-azure"],
    government_certifications=[{"title": "FedRAMP", "uri": "https://contoso.example.com/fedramp"}],
    reference_plan=gold.id,
)
for name, plan in {"gold": gold, "silver": silver}.items():
    partnercenter.PlanListing(
        name, plan=plan.id, title=name.title(), summary="For one team", description="<p>One team.</p>"
    )
partnercenter.PlanPricing(
    "gold",
    plan=gold.id,
    markets=["US", "CA", "DE"],
    prices=[
        {"amount": 49, "per": "month"},
        {"amount": 490.5, "per": "year"},
        {"amount": 55, "per": "month", "markets": ["CA"]},
    ],
    trial={"type": "TimedAccess", "duration": 1, "unit": "Months"},
    meters=[
        {
            "id": "terabyte",
            "name": "Archived terabytes",
            "unit": "TB per month",
            "price_in_usd": 2.5,
            "included": [{"per": "month", "quantity": 50}],
        }
    ],
)
partnercenter.PlanPricing(
    "silver",
    plan=silver.id,
    visibility="Private",
    subscriptions=[{"id": SUBSCRIPTION, "description": "Ann"}],
    markets="all",
    prices=[{"amount": 0, "per": "month"}],
)
