"""The public resources of `portal` and the types of their arguments."""

# Made by `make generate` from kinds/portal/; changes here are lost.
from __future__ import annotations

from .offer import Offer
from .publication import Publication
from .types import (
    ContactArgsDict,
    ImageArgsDict,
    LeadDestinationArgsDict,
    LinkArgsDict,
    ListingArgsDict,
    LogosArgsDict,
    MarketoArgsDict,
    OperatingSystemArgsDict,
    PlanArgsDict,
    PricingArgsDict,
    TestDriveArgsDict,
)

__all__ = [
    "ContactArgsDict",
    "ImageArgsDict",
    "LeadDestinationArgsDict",
    "LinkArgsDict",
    "ListingArgsDict",
    "LogosArgsDict",
    "MarketoArgsDict",
    "Offer",
    "OperatingSystemArgsDict",
    "PlanArgsDict",
    "PricingArgsDict",
    "Publication",
    "TestDriveArgsDict",
]
