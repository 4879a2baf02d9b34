"""The resources of this package. A line here adds a resource to constructors, pages, exports and states."""

from __future__ import annotations

import functools
import importlib
from dataclasses import dataclass
from typing import Any

from .errors import SettingsError
from .kind import Exportable, Kind

__all__ = ["RESOURCES", "ResourceType", "exportable_kinds", "find_resource_type", "load_kind"]


@dataclass(frozen=True)
class ResourceType:
    """A resource: its name in programs and states, and its module.

    The name is dotted for services other than the submission API: `portal.Offer` is in `kinds/portal/`.
    """

    name: str
    module: str

    @property
    def service(self) -> str:
        """The package of the resource; empty for the submission API."""
        return self.name.rpartition(".")[0]

    @property
    def class_name(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def path(self) -> str:
        """The module below `kinds` and `resources`: `portal.offer`."""
        return f"{self.service}.{self.module}" if self.service else self.module


RESOURCES = (
    ResourceType("Offer", "offer"),
    ResourceType("OfferSetup", "offer_setup"),
    ResourceType("OfferProperties", "offer_properties"),
    ResourceType("OfferListing", "offer_listing"),
    ResourceType("ListingImage", "listing_image"),
    ResourceType("ListingVideo", "listing_video"),
    ResourceType("ListingDocument", "listing_document"),
    ResourceType("PreviewAudience", "preview_audience"),
    ResourceType("OfferMarkets", "offer_markets"),
    ResourceType("ResellerChannel", "reseller_channel"),
    ResourceType("LeadDestination", "lead_destination"),
    ResourceType("OfferTechnicalConfiguration", "offer_technical_configuration"),
    ResourceType("CosellListing", "cosell_listing"),
    ResourceType("SupplementalContent", "supplemental_content"),
    ResourceType("TestDrive", "test_drive"),
    ResourceType("Package", "package"),
    ResourceType("Plan", "plan"),
    ResourceType("PlanListing", "plan_listing"),
    ResourceType("PlanPricing", "plan_pricing"),
    ResourceType("PlanPackage", "plan_package"),
    ResourceType("Submission", "submission"),
    ResourceType("AppRelease", "app_release"),
    ResourceType("portal.Offer", "offer"),
    ResourceType("portal.Publication", "publication"),
)
"""In the order of documentation and `partnercenter show`: parents before their children."""


def find_resource_type(name: str) -> ResourceType:
    """Return the resource of this name. Raises SettingsError for a name that this version does not have."""
    for resource_type in RESOURCES:
        if resource_type.name == name:
            return resource_type
    raise SettingsError(
        f"the state holds a {name}, which this version of pulumi-partnercenter does not know",
        next="install the version that wrote it or a newer one, or remove it from the state by `pulumi state delete`",
    )


@functools.cache
def load_kind(name: str) -> Kind[Any, Any, Any]:
    """Return the kind of a resource, by its name."""
    resource_type = find_resource_type(name)
    module = importlib.import_module(f"{__package__}.kinds.{resource_type.path}")
    kind: Kind[Any, Any, Any] = getattr(module, f"{resource_type.class_name}Kind")()
    return kind


def exportable_kinds(service: str = "") -> dict[str, Exportable[Any, Any, Any]]:
    """The kinds of a service whose objects can be found in an offer, by name, without the submission."""
    names = [resource_type.name for resource_type in RESOURCES if resource_type.service == service]
    kinds = {name: load_kind(name) for name in names}
    return {
        name: kind for name, kind in kinds.items() if isinstance(kind, Exportable) and name != "Submission"
    }
