"""An offer: the product that a publisher sells. Source: submission API 5.1, limits 9.1, locks 9.2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import pulumi
from annotated_types import MaxLen, MinLen
from pulumi import Input

from .._resource import Immutable, Inputs, Kind, Meaning, Outputs, Provider, Resource, Seen
from ..errors import InputError
from ._rules import advising, new_offer_id_problem, offer_id, trimmed
from ._vocabularies import OFFER_TYPES

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.models import Product

__all__ = ["Offer"]


class OfferInputs(Inputs):
    """What a program may set."""

    offer_id: Annotated[str, Immutable, Meaning(offer_id)]
    """The id in the offer's public address, e.g. `contoso-backup`: 3 to 50 of a-z, 0-9, `-`, `_` for a new offer; what
    exists under another, `CentOS-HPC`, is adopted. Never changes."""
    offer_type: Annotated[str, Immutable, MinLen(1), OFFER_TYPES]
    """What is sold, e.g. `AzureApplication`, `SoftwareAsAService`, `AzureContainer`. Never changes."""
    alias: Annotated[str, Immutable, MinLen(1), MaxLen(50), trimmed]
    """Name inside Partner Center, at most 50 characters; customers do not see it. The service cannot change it."""


class OfferOutputs(Outputs):
    """What the service decides, beside the `id`, the product's GUID."""

    published: bool
    """Whether it was ever in a preview, or live: then it is not deleted and not replaced. As of the last refresh."""
    declared_alias: str
    """The alias that the program declared; `alias` is what Partner Center has."""


OfferSeen = Seen[OfferOutputs]


def _seen(api: SubmissionApi, product: Product) -> OfferSeen:
    told = {"offer_id": product.offer_id, "offer_type": product.resource_type, "alias": product.name}
    is_published = product.id in api.submissions.published(product.id)
    inputs = OfferInputs.canonical(told)
    return OfferSeen(product.id, inputs, OfferOutputs(published=is_published, declared_alias=inputs["alias"]))


class OfferKind(Kind[OfferInputs, OfferOutputs]):
    noun, id_form, inputs, outputs = "offer", "<product>", OfferInputs, OfferOutputs
    stays_once_published = True
    may_drift = ("alias",)

    def ids_in(self, api: SubmissionApi, offer: str) -> list[str]:  # noqa: ARG002
        return [offer]

    def find(self, api: SubmissionApi, want: OfferInputs) -> OfferSeen | None:
        """By its offer id."""
        product = api.offers.find(want.offer_id)
        return _seen(api, product) if product else None

    def create(self, api: SubmissionApi, want: OfferInputs) -> OfferSeen:
        if rule := new_offer_id_problem(want.offer_id):
            raise InputError(
                f"offer {want.offer_id!r}: there is none, and a new one needs another id: {rule}",
                next="write the id of an offer that exists, or one by this rule",
            )
        product = api.offers.create(want.offer_id, want.offer_type, want.alias)
        return self.recalled(_seen(api, product), {"declared_alias": want.alias})

    def read(self, api: SubmissionApi, id: str) -> OfferSeen:
        return _seen(api, api.offers.get(id))

    def update(self, api: SubmissionApi, id: str, want: OfferInputs) -> OfferSeen:
        """Nothing can change in place: every argument replaces."""
        return self.recalled(self.read(api, id), {"declared_alias": want.alias})

    def place(self, props: Mapping[str, Any]) -> dict[str, Any]:
        return {"offer_id": props.get("offer_id")}

    def recalled(self, seen: OfferSeen, last: Mapping[str, Any]) -> OfferSeen:
        if not last.get("declared_alias"):
            return seen
        return replace(seen, outputs=seen.outputs.but(declared_alias=last["declared_alias"]))

    def drifted(self, state: Mapping[str, Any], want: Mapping[str, Any]) -> dict[str, str]:
        """The service cannot change an alias back, and another draft is not what anybody wants instead."""
        there, declared = state.get("alias"), state.get("declared_alias")
        if want.get("alias") != declared or there == declared:
            return {}
        return {
            "alias": f"warning: offer {state.get('offer_id')}: its alias was changed in Partner Center to {there!r};"
            f" nothing can change it back: write alias={there!r} into the program, which changes nothing else"
        }

    def upgrade(self, props: dict[str, Any]) -> dict[str, Any]:
        """State of 0.1.0, which told neither."""
        older = (
            {"published": False, "declared_alias": props.get("alias", "")} if "fingerprint" in props else {}
        )
        return {**older, **props}

    def remarks(self, was: Mapping[str, Any], want: Mapping[str, Any]) -> list[str]:
        rule = new_offer_id_problem(want["offer_id"])
        if not rule or was.get("offer_id") == want["offer_id"]:
            return []
        return [
            f"offer {want['offer_id']!r}: only an offer that exists can have this id; a new one needs {rule}"
        ]

    def delete(self, api: SubmissionApi, id: str) -> None:
        """With everything in it. Refused once the offer has been published."""
        with advising(
            "a published offer can only be stopped in Partner Center (Stop distribution); to let go of it here,"
            " `pulumi state delete` or retain_on_delete=True"
        ):
            api.offers.delete(id)


class OfferProvider(Provider):
    kind, known_as = OfferKind(), "Offer"


class Offer(Resource, module="partnercenter", name="Offer"):
    """An offer; its `id` is the product's GUID, which everything in the offer refers to. Arguments: `OfferInputs`."""

    provider = OfferProvider
    published: pulumi.Output[bool]
    declared_alias: pulumi.Output[str]

    @staticmethod
    def type_of(offer: Input[str]) -> pulumi.Output[str]:
        """The type of the Offer whose `.id` is given; "" when it is none of this program."""

        async def found() -> pulumi.Output[str]:
            given = await pulumi.Output.from_input(offer).resources()
            types = [pulumi.Output.from_input(each.offer_type) for each in given if isinstance(each, Offer)]
            return types[0] if types else pulumi.Output.from_input("")

        awaited: Any = found()
        return pulumi.Output.from_input(awaited)

    def __init__(
        self,
        resource_name: str,
        *,
        offer_id: Input[str],
        offer_type: Input[str],
        alias: Input[str],
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        arguments = {"offer_id": offer_id, "offer_type": offer_type, "alias": alias, "adopt": adopt}
        super().__init__(resource_name, arguments, opts)
