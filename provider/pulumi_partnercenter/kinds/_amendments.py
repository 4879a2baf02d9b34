"""Amendments of the standard contract for some customers."""

from __future__ import annotations

from typing import Annotated, Any

from annotated_types import MaxLen, MinLen

from ..api.submission.models import Amendment
from ..api.wire import merge_lists
from ..markers import Meaning
from ..model import Part
from ._audiences import Audience, AudienceMember, audience_arguments, audience_wanted
from ._rules import once_by, trimmed

__all__ = ["CustomAmendment", "CustomAmendments", "Terms", "amendment_arguments", "amendments_wanted"]

Terms = Annotated[str, MaxLen(10_000), trimmed]


def _by_id(tenants: list[AudienceMember]) -> list[AudienceMember]:
    return sorted(tenants, key=lambda tenant: tenant.id)


class CustomAmendment(Part):
    """Terms for at most 20 tenants, a set: GUIDs, or `{"id": …, "description": …}`."""

    name: Annotated[str, MinLen(1), trimmed]
    terms: Annotated[str, MinLen(1), MaxLen(10_000), trimmed]
    tenants: Annotated[list[Audience], MaxLen(20), Meaning(_by_id)] = []


CustomAmendments = Annotated[list[CustomAmendment], MaxLen(10), once_by("name")]


def amendment_arguments(amendments: list[Amendment]) -> list[dict[str, Any]]:
    return [
        {
            "name": amendment.name,
            "terms": amendment.terms,
            "tenants": audience_arguments(amendment.tenants),
        }
        for amendment in amendments
    ]


def amendments_wanted(amendments: list[CustomAmendment], have: list[Amendment]) -> list[Amendment]:
    """Amendments merged into the draft's by name, and their tenants by id."""
    tenants = {amendment.name: amendment.tenants for amendment in have}
    wanted = [
        Amendment(
            name=amendment.name,
            terms=amendment.terms,
            tenants=audience_wanted(amendment.tenants, tenants.get(amendment.name, [])),
        )
        for amendment in amendments
    ]
    return merge_lists(have, wanted, key=lambda amendment: amendment.name)
