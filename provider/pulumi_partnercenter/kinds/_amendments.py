"""Amendments of the standard contract for some customers."""

from __future__ import annotations

from typing import Annotated

from annotated_types import MaxLen, MinLen

from ..markers import Meaning
from ..model import Part
from ._audiences import Audience, AudienceMember
from ._rules import once_by, trimmed

__all__ = ["CustomAmendment", "CustomAmendments", "Terms"]

Terms = Annotated[str, MaxLen(10_000), trimmed]


def _by_id(tenants: list[AudienceMember]) -> list[AudienceMember]:
    return sorted(tenants, key=lambda tenant: tenant.id)


class CustomAmendment(Part):
    """Terms for at most 20 tenants, a set: GUIDs, or `{"id": …, "description": …}`."""

    name: Annotated[str, MinLen(1), trimmed]
    terms: Annotated[str, MinLen(1), MaxLen(10_000), trimmed]
    tenants: Annotated[list[Audience], MaxLen(20), Meaning(_by_id)] = []


CustomAmendments = Annotated[list[CustomAmendment], MaxLen(10), once_by("name")]
