import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer(
    "calendar", offer_id="contoso-calendar", offer_type="AzureApplication", alias="Contoso Calendar"
)
partnercenter.OfferListing(
    "calendar",
    offer=offer.id,
    title="Contoso Calendar",
    summary="One calendar for all rooms of a company",
    short_description="Finds a free room, books it, and gives it back when nobody comes.",
    description="<p>Contoso Calendar books rooms where your people work already.</p>",
    keywords=["calendar", "rooms"],
    contacts=[
        {"type": "CustomerSupport", "name": "Contoso Support", "email": "support@contoso.example.com"},
        {"type": "Engineering", "name": "Calendar Team", "email": "calendar@contoso.example.com"},
    ],
    links=[{"type": "PrivacyUri", "text": "Privacy", "uri": "https://contoso.example.com/privacy"}],
)
german = partnercenter.OfferListing(
    "calendar-de",
    offer=offer.id,
    language="de-de",
    title="Contoso Kalender",
    summary="Ein Kalender für alle Räume einer Firma",
)
