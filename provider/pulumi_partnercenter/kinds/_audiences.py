"""Subscriptions and tenants by GUID: audiences of private plans, previews and amended terms."""

from __future__ import annotations

from typing import Annotated

from ..markers import Accepts, Meaning
from ..model import Part
from ._rules import Guid, Text

__all__ = ["Audience", "AudienceMember"]


class AudienceMember(Part):
    """A subscription or tenant: its GUID and a description."""

    id: Guid
    description: Text = ""


def _with_id(value: object) -> object:
    return {"id": value} if isinstance(value, str) else value


Audience = Annotated[AudienceMember, Meaning(accept=_with_id), Accepts("str")]
"""A GUID, or `{"id": …, "description": …}`."""
