"""Plan: see `kinds/plan.py`."""

# Made by `make generate` from kinds/plan.py; changes here are lost.
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import pulumi
from pulumi import Input

from ._base import Resource, Schema, friendly_type_errors
from ._implied import imply_plan
from .types import CertificationArgsDict


class Plan(Resource, module="partnercenter", name="Plan"):
    """A plan; its `id` is `<product>/<variant>`."""

    schema = Schema(
        known_as="Plan",
        arguments=(
            "adopt",
            "offer",
            "plan_id",
            "subtype",
            "name",
            "clouds",
            "state",
            "conversion_paths",
            "lead_gen_id",
            "reference_plan",
            "government_certifications",
            "offer_type",
        ),
        computed=("published", "fingerprint"),
    )

    offer: pulumi.Output[str]
    """`.id` of the offer."""
    plan_id: pulumi.Output[str]
    """The id in the plan's public address, e.g. `gold`: at most 50 of a-z, 0-9, `-`, `_` for a new plan;
    what exists under another, `7.5`, is adopted. Never changes."""
    subtype: pulumi.Output[str]
    """What the plan of an Azure application deploys; plans of other offers leave the default. Never
    changes."""
    name: pulumi.Output[str]
    """Name inside Partner Center, at most 50 characters; customers see the title of the plan's listing."""
    clouds: pulumi.Output[list[str]]
    """Clouds that may deploy it: `public-azure`, `azure-government`."""
    state: pulumi.Output[str]
    """State of the plan. Inactive plans are not submitted."""
    conversion_paths: pulumi.Output[str]
    """Plans to which a customer may change; `*` means any."""
    lead_gen_id: pulumi.Output[str]
    """Label of leads from this plan, usually `<publisher>.<plan>`."""
    reference_plan: pulumi.Output[str]
    """`.id` of a plan whose technical configuration it uses (virtual machines, containers). Never changes."""
    government_certifications: pulumi.Output[list[dict[str, Any]]]
    """Certifications shown to government customers, at most 100: `[{"title": …, "uri": …}]`."""
    offer_type: pulumi.Output[str]
    """Type of the offer; taken from the `Offer` whose `.id` is given. Empty: judged by the service."""
    published: pulumi.Output[bool]
    """Whether it was ever in a preview or live, as of the last refresh. Then it cannot be deleted or
    replaced."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        plan_id: Input[str],
        name: Input[str],
        subtype: Input[Literal["managed-application", "solution-template"]] | None = None,
        clouds: Input[Sequence[Input[str]]] | None = None,
        state: Input[str] | None = None,
        conversion_paths: Input[str] | None = None,
        lead_gen_id: Input[str] | None = None,
        reference_plan: Input[str] | None = None,
        government_certifications: Input[Sequence[Input[CertificationArgsDict]]] | None = None,
        offer_type: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            offer: `.id` of the offer.
            plan_id: The id in the plan's public address, e.g. `gold`: at most 50 of a-z, 0-9, `-`, `_` for
                a new plan; what exists under another, `7.5`, is adopted. Never changes.
            name: Name inside Partner Center, at most 50 characters; customers see the title of the plan's
                listing.
            subtype: What the plan of an Azure application deploys; plans of other offers leave the default.
                Never changes.
            clouds: Clouds that may deploy it: `public-azure`, `azure-government`.
            state: State of the plan. Inactive plans are not submitted.
            conversion_paths: Plans to which a customer may change; `*` means any.
            lead_gen_id: Label of leads from this plan, usually `<publisher>.<plan>`.
            reference_plan: `.id` of a plan whose technical configuration it uses (virtual machines,
                containers). Never changes.
            government_certifications: Certifications shown to government customers, at most 100:
                `[{"title": …, "uri": …}]`.
            offer_type: Type of the offer; taken from the `Offer` whose `.id` is given. Empty: judged by the
                service.
            adopt: Take over something different that exists under the same name, instead of refusing.
            opts: Options of the engine.

        """
        arguments = {
            "offer": offer,
            "plan_id": plan_id,
            "name": name,
            "subtype": subtype,
            "clouds": clouds,
            "state": state,
            "conversion_paths": conversion_paths,
            "lead_gen_id": lead_gen_id,
            "reference_plan": reference_plan,
            "government_certifications": government_certifications,
            "offer_type": offer_type,
            "adopt": adopt,
        }
        super().__init__(resource_name, imply_plan(resource_name, arguments), opts)
