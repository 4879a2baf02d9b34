"""The public resources and the types of their arguments."""

# Made by `make generate` from kinds/; changes here are lost.
from __future__ import annotations

from ._base import Resource
from .app_release import AppRelease
from .cosell_listing import CosellListing
from .lead_destination import LeadDestination
from .listing_document import ListingDocument
from .listing_image import ListingImage
from .listing_video import ListingVideo
from .offer import Offer
from .offer_listing import OfferListing
from .offer_markets import OfferMarkets
from .offer_properties import OfferProperties
from .offer_setup import OfferSetup
from .offer_technical_configuration import OfferTechnicalConfiguration
from .package import Package
from .plan import Plan
from .plan_listing import PlanListing
from .plan_package import PlanPackage
from .plan_pricing import PlanPricing
from .preview_audience import PreviewAudience
from .reseller_channel import ResellerChannel
from .submission import Submission
from .supplemental_content import SupplementalContent
from .test_drive import TestDrive
from .types import (
    AreaArgsDict,
    AudienceMemberArgsDict,
    AuthorizationArgsDict,
    AzureBlobArgsDict,
    AzureTableArgsDict,
    CarriedArgsDict,
    CertificationArgsDict,
    ContactArgsDict,
    CustomAmendmentArgsDict,
    DynamicsArgsDict,
    HttpsArgsDict,
    IncludedArgsDict,
    LinkArgsDict,
    MarketoArgsDict,
    MeterArgsDict,
    PackageOfOfferArgsDict,
    PolicyArgsDict,
    PriceArgsDict,
    RegionArgsDict,
    SalesforceArgsDict,
    SellerContactArgsDict,
    TrialArgsDict,
    UnitArgsDict,
)

__all__ = [
    "AppRelease",
    "AreaArgsDict",
    "AudienceMemberArgsDict",
    "AuthorizationArgsDict",
    "AzureBlobArgsDict",
    "AzureTableArgsDict",
    "CarriedArgsDict",
    "CertificationArgsDict",
    "ContactArgsDict",
    "CosellListing",
    "CustomAmendmentArgsDict",
    "DynamicsArgsDict",
    "HttpsArgsDict",
    "IncludedArgsDict",
    "LeadDestination",
    "LinkArgsDict",
    "ListingDocument",
    "ListingImage",
    "ListingVideo",
    "MarketoArgsDict",
    "MeterArgsDict",
    "Offer",
    "OfferListing",
    "OfferMarkets",
    "OfferProperties",
    "OfferSetup",
    "OfferTechnicalConfiguration",
    "Package",
    "PackageOfOfferArgsDict",
    "Plan",
    "PlanListing",
    "PlanPackage",
    "PlanPricing",
    "PolicyArgsDict",
    "PreviewAudience",
    "PriceArgsDict",
    "RegionArgsDict",
    "ResellerChannel",
    "Resource",
    "SalesforceArgsDict",
    "SellerContactArgsDict",
    "Submission",
    "SupplementalContent",
    "TestDrive",
    "TrialArgsDict",
    "UnitArgsDict",
]
