import pulumi_partnercenter as partnercenter

FILES = "https://files.contoso.example.com"
SIGNATURE = "sv=2022-11-02&sr=c&sp=rl&se=2999-01-01T00:00:00Z&sig=REDACTED"

partnercenter.portal.Offer(
    "gateway",
    publisher="contoso",
    offer_id="contoso-gateway",
    alias="Contoso Gateway",
    listing={
        "title": "Contoso Gateway",
        "summary": "A gateway for branches",
        "short_description": "Connects branches to Azure.",
        "description": "<p>Connects branches to Azure, and back.</p>",
        "categories": {"networking": ["connectivity", "firewalls"]},
        "contacts": [
            {
                "type": "CustomerSupport",
                "name": "Contoso Support",
                "email": "support@contoso.example.com",
                "phone": "+1 555 0100",
            },
            {
                "type": "Engineering",
                "name": "Gateway Team",
                "email": "gateway@contoso.example.com",
                "phone": "+1 555 0101",
            },
        ],
        "privacy_policy_url": "https://contoso.example.com/privacy",
        "marketing_id": "contoso-gateway",
        "logos": {
            "small": f"{FILES}/logos/small.png?{SIGNATURE}",
            "medium": f"{FILES}/logos/medium.png?{SIGNATURE}",
            "large": f"{FILES}/logos/large.png?{SIGNATURE}",
            "wide": f"{FILES}/logos/wide.png?{SIGNATURE}",
        },
    },
    terms_of_use="The terms of the agreement with Contoso apply.",
    preview_audience=["11111111-2222-4333-8444-555555555555"],
    plans=[
        {
            "plan_id": "standard",
            "title": "Standard",
            "summary": "For one branch",
            "description": "<p>For one branch.</p>",
            "markets": ["US", "DE"],
            "operating_system": {"family": "Linux", "type": "Ubuntu", "name": "Ubuntu 24.04"},
            "recommended_sizes": ["d2s-standard-v3", "ds2-standard-v2"],
            "pricing": {"per_core": 0.12, "trial_months": 1},
            "images": {"1.0.0": {"os_disk": f"{FILES}/disks/gateway-1.0.0.vhd?{SIGNATURE}"}},
        },
    ],
)
