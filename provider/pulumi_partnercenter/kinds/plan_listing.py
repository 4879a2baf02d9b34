"""A plan's listing in one language. Source: Partner Center submission API."""

from __future__ import annotations

from typing import Annotated

from annotated_types import MaxLen, MinLen

from ..markers import Immutable, Wire
from ..model import Arguments
from ._listings import ListingKind
from ._rules import DEFAULT_LANGUAGE, Language, PlanReference, trimmed


class PlanListingArguments(Arguments):
    """Arguments of a plan's listing. The default is empty: text that was written in the portal is cleared."""

    plan: Annotated[PlanReference, Immutable]
    """`.id` of the plan."""
    language: Annotated[Language, Immutable] = DEFAULT_LANGUAGE
    """Language code; every plan has `en-us` from the start."""
    title: Annotated[str, MinLen(1), MaxLen(100), trimmed, Wire("title")]
    """Public name of the plan, at most 100 characters."""
    summary: Annotated[str, MaxLen(100), trimmed, Wire("short_description")] = ""
    """Short summary, at most 100 characters."""
    description: Annotated[str, MaxLen(2000), trimmed, Wire("description")] = ""
    """HTML with basic formatting, at most 2,000 characters with its tags."""


class PlanListingKind(ListingKind[PlanListingArguments]):
    """Texts about a plan for customers, in a language; its `id` is `<plan>/<language>`."""

    noun, id_form, parent = "plan listing", "<product>/<variant>/<language>", "plan"
    arguments = PlanListingArguments
