"""What an offer has one of: its preview audience and its properties. Source: reference 5.4, 5.5."""

from __future__ import annotations

from typing import Any

from ..binding import ordered
from . import schemas
from .singletons import Singleton

__all__ = ["AUDIENCES", "PROPERTIES"]


def _with_nulls(body: dict[str, Any]) -> dict[str, Any]:
    """A property shows its amendment also when it has none (2.7; which members it is that way for: inferred)."""
    return ordered(schemas.PROPERTY, {"globalAmendmentTerms": None, **body})


AUDIENCES = Singleton("productavailability", "Availability", lambda _: schemas.PRODUCT_AVAILABILITY)
PROPERTIES = Singleton("property", "Property", lambda _: schemas.PROPERTY, _with_nulls)
