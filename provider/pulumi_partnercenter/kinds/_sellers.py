"""Solution areas of an offer and contacts for Microsoft's sellers."""

from __future__ import annotations

from typing import Annotated

from annotated_types import MinLen

from ..model import Part
from ._rules import OptionalEmail, Text, as_set

__all__ = ["Area", "Names", "SellerContact"]

Names = Annotated[list[str], as_set]


class Area(Part):
    """A solution area and its sub-areas, a set."""

    area: Annotated[str, MinLen(1)]
    sub_areas: Names = []


class SellerContact(Part):
    """A contact for Microsoft's sellers; `type`, `role` and regions in the service's words."""

    type: Annotated[str, MinLen(1)]
    name: Text = ""
    email: OptionalEmail = ""
    job_title: Text = ""
    role: str = ""
    regions: Names = []
    sub_regions: Names = []
