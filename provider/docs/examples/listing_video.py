import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer(
    "cinema", offer_id="contoso-cinema", offer_type="AzureApplication", alias="Contoso Cinema"
)
partnercenter.ListingVideo(
    "cinema-tour",
    offer=offer.id,
    url="https://video.example.com/watch?v=cinema",
    title="A tour in two minutes",
    source="assets/screenshot.png",
)
