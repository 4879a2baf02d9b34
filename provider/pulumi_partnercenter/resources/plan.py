"""A plan: one purchasable variant of an offer. Source: submission API 5.10, limits 9.1, locks 9.2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pulumi
from annotated_types import MaxLen, MinLen
from pulumi import Input

from .._resource import Immutable, Inputs, Kind, Meaning, Outputs, Provider, Resource, Seen, Unordered
from ..errors import InputError
from ._drafts import sparing
from ._rules import (
    OfferReference,
    OptionalPlanReference,
    advising,
    new_plan_id_problem,
    plan_id,
    trimmed,
    unguarded,
)
from ._variants import USUAL_SUBTYPE, Certification, spelled, subtype_of, with_whole_reference
from ._vocabularies import CLOUDS
from .offer import Offer

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.models import Variant

__all__ = ["Plan"]


class PlanInputs(Inputs):
    """What a program may set."""

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    plan_id: Annotated[str, Immutable, Meaning(plan_id)]
    """The id in the plan's public address, e.g. `gold`: at most 50 of a-z, 0-9, `-`, `_` for a new plan; what exists
    under another, `7.5`, is adopted. Never changes."""
    subtype: Annotated[Literal["managed-application", "solution-template"], Immutable] = "solution-template"
    """What the plan of an Azure application deploys; plans of other offers leave the default. Never changes."""
    name: Annotated[str, MinLen(1), MaxLen(50), trimmed]
    """Name inside Partner Center, at most 50 characters; customers see the title of the plan's listing."""
    clouds: Annotated[list[Annotated[str, CLOUDS]], Unordered, MinLen(1)] = ["public-azure"]
    """Clouds that may deploy it: `public-azure`, `azure-government`."""
    state: Literal["Active", "Inactive"] = "Active"
    """Inactive plans are left out of submissions."""
    conversion_paths: Annotated[str, MinLen(1)] = "*"
    """Which plans a customer may change to; `*` means any."""
    lead_gen_id: str = ""
    """Label that leads of this plan carry, by custom `<publisher>.<plan>`."""
    reference_plan: Annotated[OptionalPlanReference, Immutable] = ""
    """`.id` of a plan whose technical configuration it uses (virtual machines, containers). Never changes."""
    government_certifications: Annotated[list[Certification], Unordered, MaxLen(100)] = []
    """Certifications shown to government customers, at most 100: `[{"title": …, "uri": …}]`."""


class PlanOutputs(Outputs):
    """What the service decides, beside the `id`."""

    published: bool
    """Whether it was ever in a preview, or live: then it is not deleted and not replaced. As of the last refresh."""


PlanSeen = Seen[PlanOutputs]


def _seen(api: SubmissionApi, product: str, variant: Variant) -> PlanSeen:
    id = f"{product}/{variant.id}"
    outputs = PlanOutputs(published=id in api.submissions.published(product))
    return PlanSeen(id, _told(api, product, variant), outputs)


def _told(api: SubmissionApi, product: str, variant: Variant) -> dict[str, Any]:
    told = {
        "offer": product,
        "plan_id": variant.external_id,
        "subtype": subtype_of(api, product, variant) or USUAL_SUBTYPE,
        "name": variant.friendly_name,
        "clouds": variant.cloud_availabilities,
        "state": spelled(variant.state),
        "conversion_paths": variant.conversion_paths or "*",
        "lead_gen_id": variant.lead_gen_id,
        "reference_plan": f"{product}/{variant.reference_variant_id}" if variant.reference_variant_id else "",
        "government_certifications": [
            {"title": each.title, "uri": each.uri} for each in variant.certifications
        ],
    }
    return PlanInputs.canonical(told)


def _wanted(want: PlanInputs, draft: Variant) -> Variant:
    from ..api.submission.models import Certification as Certificate
    from ..api.submission.models import Variant
    from ..api.wire import overlaid

    certifications = [Certificate(title=each.title, uri=each.uri) for each in want.government_certifications]
    return Variant(
        friendly_name=want.name,
        cloud_availabilities=want.clouds,
        state=want.state,
        conversion_paths=want.conversion_paths,
        lead_gen_id=want.lead_gen_id,
        certifications=overlaid(draft.certifications, certifications, key=lambda each: each.title),
    )


class PlanKind(Kind[PlanInputs, PlanOutputs]):
    noun, id_form, inputs, outputs = "plan", "<product>/<variant>", PlanInputs, PlanOutputs
    stays_once_published = True

    def ids_in(self, api: SubmissionApi, offer: str) -> list[str]:
        return [f"{offer}/{each.id}" for each in api.plans.all(offer)]

    def making(self, api: SubmissionApi, want: PlanInputs) -> AbstractContextManager[None]:
        return api.plans.making(want.offer)

    def find(self, api: SubmissionApi, want: PlanInputs) -> PlanSeen | None:
        """By its plan id."""
        variant = api.plans.find(want.offer, want.plan_id)
        return _seen(api, want.offer, variant) if variant else None

    def create(self, api: SubmissionApi, want: PlanInputs) -> PlanSeen:
        from ..api.submission.models import Variant

        if rule := new_plan_id_problem(want.plan_id):
            raise InputError(
                f"plan {want.plan_id!r}: the offer has none, and a new one needs another id: {rule}",
                next="write the id of a plan that exists, or one by this rule",
            )
        wanted = _wanted(want, Variant())
        wanted.resource_type, wanted.external_id = "AzureSkuVariant", want.plan_id
        if want.subtype != "solution-template":  # where there are subtypes at all
            wanted.sub_type = want.subtype
        if want.reference_plan:
            wanted.reference_variant_id = want.reference_plan.split("/")[1]
        return _seen(api, want.offer, api.plans.create(want.offer, wanted))

    def read(self, api: SubmissionApi, id: str) -> PlanSeen:
        product, variant = id.split("/")
        return _seen(api, product, api.plans.get(product, variant))

    def update(self, api: SubmissionApi, id: str, want: PlanInputs) -> PlanSeen:
        product, variant = id.split("/")

        def change(draft: Variant) -> Variant:
            there = _told(api, product, draft)
            return sparing(want, there, draft, lambda each: _wanted(each, draft))

        return _seen(api, product, api.plans.update(product, variant, change))

    def remarks(self, was: Mapping[str, Any], want: Mapping[str, Any]) -> list[str]:
        id, rule = want["plan_id"], new_plan_id_problem(want["plan_id"])
        found = [
            f"plan {id!r}: {address} is not protected: customers' browsers warn of http://"
            for address in unguarded(was.get("government_certifications"), want["government_certifications"])
        ]
        if rule and was.get("plan_id") != id:
            found.append(f"plan {id!r}: only a plan that exists can have this id; a new one needs {rule}")
        return found

    def delete(self, api: SubmissionApi, id: str) -> None:
        """Refused once the plan has been published."""
        with advising(
            "a published plan can only be stopped in Partner Center (Stop distribution, then publish); to let go of"
            " it here, `pulumi state delete` or retain_on_delete=True"
        ):
            api.plans.delete(*id.split("/"))

    def upgrade(self, props: dict[str, Any]) -> dict[str, Any]:
        older = {"published": False} if "fingerprint" in props else {}
        return {**older, **with_whole_reference(props)}

    def place(self, props: Mapping[str, Any]) -> dict[str, Any]:
        return {name: props.get(name) for name in ("offer", "plan_id")}


class PlanProvider(Provider):
    kind, known_as = PlanKind(), "Plan"


class Plan(Resource, module="partnercenter", name="Plan"):
    """A plan; its `id` is `<product>/<variant>`. Arguments: `PlanInputs`."""

    provider = PlanProvider
    published: pulumi.Output[bool]

    @staticmethod
    def subtype_of(plan: Input[str]) -> pulumi.Output[str]:
        """The subtype of the Plan whose `.id` is given, if it belongs to an Azure application; else ""."""

        async def found() -> pulumi.Output[str]:
            plans = [
                each for each in await pulumi.Output.from_input(plan).resources() if isinstance(each, Plan)
            ]
            if not plans:
                return pulumi.Output.from_input("")
            both = pulumi.Output.all(Offer.type_of(plans[0]._offer), plans[0].subtype)  # noqa: SLF001
            return both.apply(lambda known: str(known[1]) if known[0] == "AzureApplication" else "")

        awaited: Any = found()
        return pulumi.Output.from_input(awaited)

    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        plan_id: Input[str],
        name: Input[str],
        subtype: Input[str] | None = None,
        clouds: Input[Sequence[Input[str]]] | None = None,
        state: Input[str] | None = None,
        conversion_paths: Input[str] | None = None,
        lead_gen_id: Input[str] | None = None,
        reference_plan: Input[str] | None = None,
        government_certifications: Input[Sequence[Input[Mapping[str, Any]]]] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        self._offer = offer
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
            "adopt": adopt,
        }
        super().__init__(resource_name, arguments, opts)
