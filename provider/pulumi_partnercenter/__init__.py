"""Microsoft commercial-marketplace offers as code: Pulumi dynamic resources for Partner Center."""

from __future__ import annotations

from .errors import (
    AdoptionRefused,
    ApiError,
    AuthError,
    Conflict,
    ContractError,
    Forbidden,
    InputError,
    Invalid,
    JobTimeout,
    NotFound,
    PartnerCenterError,
    Rejected,
    SettingsError,
    Stale,
    Throttled,
    Unavailable,
)
from .lookups import (
    OfferInfo,
    PlanInfo,
    Step,
    SubmissionInfo,
    get_offer,
    get_plan,
    get_submission,
    list_offers,
)
from .resources.cosell_listing import CosellListing
from .resources.lead_destination import LeadDestination
from .resources.listing_document import ListingDocument
from .resources.listing_image import ListingImage
from .resources.listing_video import ListingVideo
from .resources.offer import Offer
from .resources.offer_listing import OfferListing
from .resources.offer_properties import OfferProperties
from .resources.offer_setup import OfferSetup
from .resources.offer_technical_configuration import OfferTechnicalConfiguration
from .resources.package import Package
from .resources.plan import Plan
from .resources.plan_listing import PlanListing
from .resources.plan_package import PlanPackage
from .resources.plan_pricing import PlanPricing
from .resources.preview_audience import PreviewAudience
from .resources.reseller_channel import ResellerChannel
from .resources.submission import Submission
from .resources.supplemental_content import SupplementalContent
from .resources.test_drive import TestDrive

__all__ = [
    "AdoptionRefused",
    "ApiError",
    "AuthError",
    "Conflict",
    "ContractError",
    "CosellListing",
    "Forbidden",
    "InputError",
    "Invalid",
    "JobTimeout",
    "LeadDestination",
    "ListingDocument",
    "ListingImage",
    "ListingVideo",
    "NotFound",
    "Offer",
    "OfferInfo",
    "OfferListing",
    "OfferProperties",
    "OfferSetup",
    "OfferTechnicalConfiguration",
    "Package",
    "PartnerCenterError",
    "Plan",
    "PlanInfo",
    "PlanListing",
    "PlanPackage",
    "PlanPricing",
    "PreviewAudience",
    "Rejected",
    "ResellerChannel",
    "SettingsError",
    "Stale",
    "Step",
    "Submission",
    "SubmissionInfo",
    "SupplementalContent",
    "TestDrive",
    "Throttled",
    "Unavailable",
    "get_offer",
    "get_plan",
    "get_submission",
    "list_offers",
]
