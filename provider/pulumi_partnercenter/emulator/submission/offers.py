"""Preview audience and properties of an offer: a document each."""

from __future__ import annotations

from typing import Any

from ..binding import order_members
from . import schemas
from .document_types import BUSINESS_CENTRAL
from .singletons import Singleton

__all__ = ["AUDIENCES", "PROPERTIES"]


def _add_nulls(body: dict[str, Any]) -> dict[str, Any]:
    """Return the amendment as null if the property has none (recorded; for other members: inferred)."""
    return order_members(schemas.PROPERTY, {"globalAmendmentTerms": None, **body})


AUDIENCES = Singleton("productavailability", "Availability", lambda _: schemas.PRODUCT_AVAILABILITY)
PROPERTIES = Singleton(
    "property",
    "Property",
    lambda _: schemas.PROPERTY,
    _add_nulls,
    unlisted_offer_types=(BUSINESS_CENTRAL,),  # reported by users
)
