import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer(
    "quarry", offer_id="contoso-quarry", offer_type="AzureApplication", alias="Contoso Quarry"
)
plan = partnercenter.Plan(
    "quarry-standard", offer=offer.id, plan_id="standard", subtype="managed-application", name="Standard"
)
partnercenter.PlanPricing(
    "quarry-standard",
    plan=plan.id,
    markets=["US", "CA", "DE"],
    prices=[
        {"amount": 49, "per": "month"},
        {"amount": 490, "per": "year"},
        {"amount": 59, "per": "month", "markets": ["CA"]},
        {"amount": 590, "per": "year", "markets": ["CA"]},
    ],
    trial={"type": "TimedAccess", "duration": 1, "unit": "Months"},
    meters=[
        {
            "id": "terabyte",
            "name": "Terabytes beyond the included ones",
            "unit": "TB per month",
            "price_in_usd": 2.5,
            "included": [{"per": "month", "quantity": 10}, {"per": "year", "quantity": 120}],
        }
    ],
)
