"""A plan: one purchasable variant of an offer. Source: Partner Center submission API."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Annotated, Any, Literal

from annotated_types import MaxLen, MinLen

from ..api.submission.models import Variant
from ..api.submission.offer_types import LISTED_ONLY
from ..errors import InputError
from ..kind import Current
from ..markers import Boolean, Configured, Immutable, Meaning, Unordered, Wire
from ..model import Arguments, Outputs
from ._drafts import build_document, preserve_spelling, read_arguments
from ._rules import (
    ImpliedOfferType,
    OfferReference,
    OptionalPlanReference,
    advising,
    new_plan_id_problem,
    plan_id,
    trimmed,
    unguarded_remarks,
)
from ._submission_api import SubmissionApi, SubmissionApiKind
from ._variants import DEFAULT_SUBTYPE, Certification, spelled, subtype_of, with_whole_reference
from ._vocabularies import CLOUDS


def _types_with_plans(desired: PlanArguments) -> str | None:
    if desired.offer_type in LISTED_ONLY:
        return f"offer: {desired.offer_type} offers have no plans; their markets are in OfferMarkets"
    return None


def _types_with_subtypes(desired: PlanArguments) -> str | None:
    if desired.offer_type in ("", "AzureApplication") or desired.subtype == DEFAULT_SUBTYPE:
        return None
    return f"subtype: plans of {desired.offer_type} offers have none; leave it out"


class PlanArguments(Arguments):
    """Arguments of a plan."""

    rules = (_types_with_plans, _types_with_subtypes)

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    plan_id: Annotated[str, Immutable, Meaning(plan_id)]
    """The id in the plan's public address, e.g. `gold`: at most 50 of a-z, 0-9, `-`, `_` for a new plan; what exists
    under another, `7.5`, is adopted. Never changes."""
    subtype: Annotated[Literal["managed-application", "solution-template"], Immutable] = "solution-template"
    """What the plan of an Azure application deploys; plans of other offers leave the default. Never changes."""
    name: Annotated[str, MinLen(1), MaxLen(50), trimmed, Wire("friendly_name")]
    """Name inside Partner Center, at most 50 characters; customers see the title of the plan's listing."""
    clouds: Annotated[list[Annotated[str, CLOUDS]], Unordered, MinLen(1), Wire("cloud_availabilities")] = [
        "public-azure"
    ]
    """Clouds that may deploy it: `public-azure`, `azure-government`."""
    state: Annotated[Literal["Active", "Inactive"], Configured] = "Active"
    """State of the plan. Inactive plans are not submitted."""
    conversion_paths: Annotated[str, MinLen(1), Wire("conversion_paths")] = "*"
    """Plans to which a customer may change; `*` means any."""
    lead_gen_id: Annotated[str, Wire("lead_gen_id")] = ""
    """Label of leads from this plan, usually `<publisher>.<plan>`."""
    reference_plan: Annotated[OptionalPlanReference, Immutable] = ""
    """`.id` of a plan whose technical configuration it uses (virtual machines, containers). Never changes."""
    government_certifications: Annotated[
        list[Certification], Unordered, MaxLen(100), Wire("certifications")
    ] = []
    """Certifications shown to government customers, at most 100: `[{"title": …, "uri": …}]`."""
    offer_type: ImpliedOfferType = ""
    """Type of the offer; taken from the `Offer` whose `.id` is given. Empty: judged by the service."""


class PlanOutputs(Outputs):
    """Computed outputs."""

    published: Boolean
    """Whether it was ever in a preview or live, as of the last refresh. Then it cannot be deleted or replaced."""


PlanCurrent = Current[PlanOutputs]


def _read_current(api: SubmissionApi, product: str, variant: Variant) -> PlanCurrent:
    id = f"{product}/{variant.id}"
    outputs = PlanOutputs(published=id in api.submissions.published(product))
    return PlanCurrent(id, _read_arguments(api, product, variant), outputs)


def _read_arguments(api: SubmissionApi, product: str, variant: Variant) -> dict[str, Any]:
    arguments = {
        **read_arguments(PlanArguments, variant),
        "offer": product,
        "plan_id": variant.external_id,
        "subtype": subtype_of(api, product, variant) or DEFAULT_SUBTYPE,
        "state": spelled(variant.state),
        "reference_plan": f"{product}/{variant.reference_variant_id}" if variant.reference_variant_id else "",
    }
    return PlanArguments.canonical(arguments)


def _build_document(desired: PlanArguments, draft: Variant) -> Variant:
    return build_document(desired, draft, state=desired.state)


class PlanKind(SubmissionApiKind[PlanArguments, PlanOutputs]):
    """A plan; its `id` is `<product>/<variant>`."""

    noun, id_form, arguments, outputs = "plan", "<product>/<variant>", PlanArguments, PlanOutputs
    stays_once_published = True

    def list_ids(self, api: SubmissionApi, offer: str) -> list[str]:
        return [f"{offer}/{variant.id}" for variant in api.plans.all(offer)]

    def hold(self, api: SubmissionApi, desired: PlanArguments) -> AbstractContextManager[None]:
        return api.plans.hold_creation(desired.offer)

    def find(self, api: SubmissionApi, desired: PlanArguments) -> PlanCurrent | None:
        """Found by its plan id."""
        variant = api.plans.find(desired.offer, desired.plan_id)
        return _read_current(api, desired.offer, variant) if variant else None

    def create(self, api: SubmissionApi, desired: PlanArguments) -> PlanCurrent:
        if rule := new_plan_id_problem(desired.plan_id):
            raise InputError(
                f"plan {desired.plan_id!r}: the offer has no such plan, and a new plan needs another id: {rule}",
                next="write the id of a plan that exists, or one by this rule",
            )
        variant = _build_document(desired, Variant())
        variant.resource_type, variant.external_id = "AzureSkuVariant", desired.plan_id
        if desired.subtype != "solution-template":  # offers of other types have no subtypes
            variant.sub_type = desired.subtype
        if desired.reference_plan:
            variant.reference_variant_id = desired.reference_plan.split("/")[1]
        return _read_current(api, desired.offer, api.plans.create(desired.offer, variant))

    def read(self, api: SubmissionApi, id: str) -> PlanCurrent:
        product, variant = id.split("/")
        return _read_current(api, product, api.plans.get(product, variant))

    def update(self, api: SubmissionApi, id: str, desired: PlanArguments) -> PlanCurrent:
        product, variant = id.split("/")

        def change(draft: Variant) -> Variant:
            current = _read_arguments(api, product, draft)
            return preserve_spelling(desired, current, draft, lambda given: _build_document(given, draft))

        return _read_current(api, product, api.plans.update(product, variant, change))

    def describe_change(self, was: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:
        id, rule = desired["plan_id"], new_plan_id_problem(desired["plan_id"])
        remarks = unguarded_remarks(
            f"plan {id!r}", was.get("government_certifications"), desired["government_certifications"]
        )
        if rule and was.get("plan_id") != id:
            remarks.append(f"plan {id!r}: only a plan that exists can have this id; a new one needs {rule}")
        return remarks

    def delete(self, api: SubmissionApi, id: str) -> None:
        """The plan is deleted. The service refuses this for a published plan."""
        with advising(
            "a published plan can only be stopped in Partner Center (Stop distribution, then publish); to remove it"
            " only from the state, use `pulumi state delete` or retain_on_delete=True"
        ):
            api.plans.delete(*id.split("/"))

    def upgrade_state(self, props: dict[str, Any]) -> dict[str, Any]:
        older = {"published": False} if "fingerprint" in props else {}
        return {**older, **with_whole_reference(props)}

    def natural_key(self, props: Mapping[str, Any]) -> dict[str, Any]:
        return {name: props.get(name) for name in ("offer", "plan_id")}
