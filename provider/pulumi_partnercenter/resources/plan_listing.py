"""PlanListing: see `kinds/plan_listing.py`."""

# Made by `make generate` from kinds/plan_listing.py; changes here are lost.
from __future__ import annotations

import pulumi
from pulumi import Input

from ._base import Resource, Schema, friendly_type_errors


class PlanListing(Resource, module="partnercenter", name="PlanListing"):
    """Texts about a plan for customers, in a language; its `id` is `<plan>/<language>`."""

    schema = Schema(
        known_as="PlanListing",
        arguments=("adopt", "plan", "language", "title", "summary", "description"),
        computed=("fingerprint",),
    )

    plan: pulumi.Output[str]
    """`.id` of the plan."""
    language: pulumi.Output[str]
    """Language code; every plan has `en-us` from the start."""
    title: pulumi.Output[str]
    """Public name of the plan, at most 100 characters."""
    summary: pulumi.Output[str]
    """Short summary, at most 100 characters."""
    description: pulumi.Output[str]
    """HTML with basic formatting, at most 2,000 characters with its tags."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        plan: Input[str],
        title: Input[str],
        language: Input[str] | None = None,
        summary: Input[str] | None = None,
        description: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            plan: `.id` of the plan.
            title: Public name of the plan, at most 100 characters.
            language: Language code; every plan has `en-us` from the start.
            summary: Short summary, at most 100 characters.
            description: HTML with basic formatting, at most 2,000 characters with its tags.
            adopt: Take over something different that exists under the same name, instead of refusing.
            opts: Options of the engine.

        """
        arguments = {
            "plan": plan,
            "title": title,
            "language": language,
            "summary": summary,
            "description": description,
            "adopt": adopt,
        }
        super().__init__(resource_name, arguments, opts)
