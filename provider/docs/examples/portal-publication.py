import pulumi_partnercenter as partnercenter

FILES = "https://files.contoso.example.com"
SIGNATURE = "sv=2022-11-02&sr=c&sp=rl&se=2999-01-01T00:00:00Z&sig=REDACTED"

router = partnercenter.portal.Offer(
    "router",
    publisher="contoso",
    offer_id="contoso-router",
    listing={
        "title": "Contoso Router",
        "summary": "A router for branches",
        "short_description": "Routes between branches.",
        "description": "<p>Routes between branches.</p>",
        "categories": {"networking": ["connectivity"]},
        "contacts": [
            {
                "type": kind,
                "name": "Router Team",
                "email": "router@contoso.example.com",
                "phone": "+1 555 0100",
            }
            for kind in ("CustomerSupport", "Engineering")
        ],
        "privacy_policy_url": "https://contoso.example.com/privacy",
        "marketing_id": "contoso-router",
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
            "markets": ["US"],
            "operating_system": {"family": "Linux", "type": "Ubuntu", "name": "Ubuntu 24.04"},
            "recommended_sizes": ["d2s-standard-v3"],
            "pricing": {"byol": True},
            "images": {"1.0.0": {"os_disk": f"{FILES}/disks/router-1.0.0.vhd?{SIGNATURE}"}},
        },
    ],
)
partnercenter.portal.Publication("router", offer=router.id, publishes=[router], target="preview")
