"""Variants, the service's form of plans: certifications, subtype, spelling of the state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from annotated_types import MinLen

from ..api.submission.models import Variant
from ..errors import ODD_ANSWER, ContractError
from ..model import Part
from ._rules import PublicAddress, trimmed
from ._submission_api import SubmissionApi

__all__ = [
    "DEFAULT_SUBTYPE",
    "Certification",
    "plan_subtype",
    "spelled",
    "subtype_of",
    "with_whole_reference",
]

DEFAULT_SUBTYPE = "solution-template"
"""Subtype of plans of offers without subtypes."""
_STATES = {"": "Active", "active": "Active", "inactive": "Inactive"}
"""By state in lower case: the spelling in programs. The service also spells `InActive`."""


class Certification(Part):
    """A certification for the government cloud."""

    title: Annotated[str, MinLen(1), trimmed]
    uri: PublicAddress = ""


def spelled(state: str) -> str:
    """Return a variant's state in the spelling of programs."""
    return _STATES.get(state.casefold(), state)


def plan_subtype(api: SubmissionApi, plan: str) -> str:
    """Return the subtype of an existing plan; "" for offers without subtypes."""
    product, variant = plan.split("/")
    is_of_application = api.offers.get(product).resource_type == "AzureApplication"
    return subtype_of(api, product, api.plans.get(product, variant)) if is_of_application else ""


def subtype_of(api: SubmissionApi, product: str, variant: Variant) -> str:
    """Return the subtype of a variant; "" if the offer's type has no subtypes.

    Raises ContractError for a plan of an Azure application without a subtype: it decides what the plan deploys.
    """
    if variant.sub_type or not variant.is_plan:
        return variant.sub_type
    if api.offers.get(product).resource_type != "AzureApplication":
        return ""
    raise ContractError(
        f"plan {product}/{variant.id}: read: the answer lacks subType, which says what the plan deploys",
        next=ODD_ANSWER,
    )


def with_whole_reference(props: Mapping[str, Any]) -> dict[str, Any]:
    """Upgrade state of 0.1.0.dev1: its `reference_plan` is the bare GUID of a plan of the same offer."""
    offer, plan = props.get("offer"), props.get("reference_plan")
    if isinstance(offer, str) and isinstance(plan, str) and plan and "/" not in plan:
        return {**props, "reference_plan": f"{offer}/{plan}"}
    return dict(props)
