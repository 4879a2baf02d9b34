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
from .resources.offer import Offer
from .resources.offer_listing import OfferListing
from .resources.plan import Plan
from .resources.plan_listing import PlanListing
from .resources.plan_pricing import PlanPricing
from .resources.submission import Submission

__all__ = [
    "AdoptionRefused",
    "ApiError",
    "AuthError",
    "Conflict",
    "ContractError",
    "Forbidden",
    "InputError",
    "Invalid",
    "JobTimeout",
    "NotFound",
    "Offer",
    "OfferListing",
    "PartnerCenterError",
    "Plan",
    "PlanListing",
    "PlanPricing",
    "Rejected",
    "SettingsError",
    "Stale",
    "Submission",
    "Throttled",
    "Unavailable",
]
