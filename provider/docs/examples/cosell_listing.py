import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer(
    "harbor", offer_id="contoso-harbor", offer_type="AzureApplication", alias="Contoso Harbor"
)
partnercenter.CosellListing(
    "harbor",
    offer=offer.id,
    solution_areas=[{"area": "Infrastructure", "sub_areas": ["Backup"]}],
    contacts=[{"type": "Sales", "name": "Contoso Sales", "email": "sales@contoso.example.com"}],
    documents=[{"kind": "PitchDeck", "source": "assets/pitch.pdf"}],
)
