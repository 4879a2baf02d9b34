"""What amends the standard contract for some customers. Source: submission API 5.5, limits 9.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import MaxLen, MinLen

from .._resource import Meaning, Part
from ._rules import Guid

if TYPE_CHECKING:
    from ..api.submission.documents import Amendment, AudienceMember

__all__ = ["CustomAmendment", "CustomAmendments", "Tenant", "Terms", "amendments_seen", "amendments_wanted"]

Terms = Annotated[str, MaxLen(10_000)]


class Tenant(Part):
    """A customer's tenant: its GUID, and what people call it."""

    id: Guid
    description: str = ""


def _by_id(tenants: list[Tenant]) -> list[Tenant]:
    return sorted(tenants, key=lambda each: each.id)


def _with_id(value: object) -> object:
    return {"id": value} if isinstance(value, str) else value


class CustomAmendment(Part):
    """Terms for at most 20 tenants, a set: GUIDs, or `{"id": …, "description": …}`."""

    name: Annotated[str, MinLen(1)]
    terms: Annotated[str, MinLen(1), MaxLen(10_000)]
    tenants: Annotated[list[Annotated[Tenant, Meaning(accept=_with_id)]], MaxLen(20), Meaning(_by_id)] = []


def _named_once(amendments: list[CustomAmendment]) -> list[CustomAmendment]:
    names = [each.name for each in amendments]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{', '.join(twice)} is there twice")
    return amendments


CustomAmendments = Annotated[list[CustomAmendment], MaxLen(10), Meaning(_named_once)]


def amendments_seen(amendments: list[Amendment]) -> list[dict[str, Any]]:
    return [
        {
            "name": each.name,
            "terms": each.terms,
            "tenants": [{"id": one.id, "description": one.description} for one in each.tenants],
        }
        for each in amendments
    ]


def amendments_wanted(amendments: list[CustomAmendment], have: list[Amendment]) -> list[Amendment]:
    """By name, each with its tenants by id over those that are there."""
    from ..api.submission.documents import Amendment, AudienceMember
    from ..api.wire import overlaid

    known = {each.name: each.tenants for each in have}

    def tenants(amendment: CustomAmendment) -> list[AudienceMember]:
        wanted = [AudienceMember(id=each.id, description=each.description) for each in amendment.tenants]
        return overlaid(known.get(amendment.name, []), wanted, key=lambda each: each.id.casefold())

    wanted = [Amendment(name=each.name, terms=each.terms, tenants=tenants(each)) for each in amendments]
    return overlaid(have, wanted, key=lambda each: each.name)
