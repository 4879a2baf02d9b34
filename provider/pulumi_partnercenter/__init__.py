"""Microsoft commercial-marketplace offers as code: Pulumi dynamic resources for Partner Center.

Resources and look-ups load with the first use of one: `pulumi_partnercenter.fulfillment` does without Pulumi.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from . import portal, resources
    from .lookups import (
        OfferInfo,
        PlanInfo,
        Step,
        SubmissionInfo,
        SubscriptionInfo,
        get_offer,
        get_plan,
        get_submission,
        get_subscription,
        list_offers,
        list_subscriptions,
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
        "SubscriptionInfo",
        "Throttled",
        "Unavailable",
        "get_offer",
        "get_plan",
        "get_submission",
        "get_subscription",
        "list_offers",
        "list_subscriptions",
        "portal",
        "validate",
    ]
    __all__ += resources.__all__

_MODULES = ("errors", "lookups", "resources", "validation")
"""Modules whose names are public here; all but the first load the SDK of Pulumi."""
_SERVICES = ("portal",)
"""Modules with the resources and look-ups of another service, loaded with their first use."""


def __getattr__(name: str) -> Any:
    """Load the public names that need Pulumi's SDK when the first of them is used."""
    if name in (*_MODULES, *_SERVICES):
        return importlib.import_module(f"{__name__}.{name}")
    # An import of a submodule asks for its name first.
    is_other = name.startswith("_") or importlib.util.find_spec(f"{__name__}.{name}") is not None
    if name == "__all__" or not is_other:
        modules = [importlib.import_module(f"{__name__}.{module}") for module in _MODULES]
        exports = {export: getattr(module, export) for module in modules for export in module.__all__}
        globals().update(exports, __all__=sorted([*exports, *_SERVICES]))
        if name in globals():
            return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__getattr__("__all__")]
