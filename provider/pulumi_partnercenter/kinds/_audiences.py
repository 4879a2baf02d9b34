"""Subscriptions and tenants by GUID: audiences of private plans, previews and amended terms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from ..api.submission import models as wire
from ..api.wire import merge_lists
from ..markers import Accepts, Meaning
from ..model import Part
from ._rules import Guid, Text

__all__ = ["Audience", "AudienceMember", "audience_arguments", "audience_wanted"]


class AudienceMember(Part):
    """A subscription or tenant: its GUID and a description."""

    id: Guid
    description: Text = ""


def _with_id(value: object) -> object:
    return {"id": value} if isinstance(value, str) else value


Audience = Annotated[AudienceMember, Meaning(accept=_with_id), Accepts("str")]
"""A GUID, or `{"id": …, "description": …}`."""


def audience_arguments(members: Sequence[wire.AudienceMember]) -> list[dict[str, Any]]:
    return [{"id": member.id, "description": member.description} for member in members]


def audience_wanted(
    members: Sequence[AudienceMember], have: list[wire.AudienceMember]
) -> list[wire.AudienceMember]:
    wanted = [wire.AudienceMember(id=member.id, description=member.description) for member in members]
    return merge_lists(have, wanted, key=lambda member: member.id.casefold())
