"""Microsoft commercial-marketplace offers as code: Pulumi dynamic resources for Partner Center."""

from __future__ import annotations

from . import resources
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
from .resources import *  # noqa: F403
from .validation import validate

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
    "OfferInfo",
    "PartnerCenterError",
    "PlanInfo",
    "Rejected",
    "SettingsError",
    "Stale",
    "Step",
    "SubmissionInfo",
    "Throttled",
    "Unavailable",
    "get_offer",
    "get_plan",
    "get_submission",
    "list_offers",
    "validate",
]
__all__ += resources.__all__
