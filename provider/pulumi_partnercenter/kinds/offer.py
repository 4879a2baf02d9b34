"""An offer: the product that a publisher sells. Source: Partner Center submission API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from annotated_types import MaxLen, MinLen

from ..api.submission.models import Product
from ..api.submission.offer_types import BUSINESS_CENTRAL
from ..errors import InputError
from ..kind import Current
from ..markers import Boolean, Immutable, Meaning
from ..model import Arguments, Outputs
from ._rules import advising, new_offer_id_problem, offer_id, trimmed
from ._submission_api import SubmissionApi, SubmissionApiKind
from ._vocabularies import OFFER_TYPES

LONGEST_CENTRAL_ID = 39
"""The ids of a publisher and of a Business Central offer have 40 characters together (documentation of the portal)."""


def _new_offer_problem(offer_id: object, offer_type: object) -> str:
    """Return the broken rule of a new offer's id; "" for a valid or unknown id."""
    if rule := new_offer_id_problem(offer_id):
        return rule
    is_too_long = isinstance(offer_id, str) and len(offer_id) > LONGEST_CENTRAL_ID
    if offer_type != BUSINESS_CENTRAL or not is_too_long:
        return ""
    return (
        f"at most {LONGEST_CENTRAL_ID} characters: {BUSINESS_CENTRAL} offers have 40 with the publisher's id"
    )


class OfferArguments(Arguments):
    """Arguments of an offer."""

    offer_id: Annotated[str, Immutable, Meaning(offer_id)]
    """The id in the offer's public address, e.g. `contoso-backup`: 3 to 50 of a-z, 0-9, `-`, `_` for a new offer; what
    exists under another, `CentOS-HPC`, is adopted. Never changes."""
    offer_type: Annotated[str, Immutable, MinLen(1), OFFER_TYPES]
    """What is sold, e.g. `AzureApplication`, `SoftwareAsAService`, `AzureContainer`. Never changes."""
    alias: Annotated[str, Immutable, MinLen(1), MaxLen(50), trimmed]
    """Name inside Partner Center, at most 50 characters; customers do not see it. The service cannot change it."""


class OfferOutputs(Outputs):
    """Computed outputs. The `id` is the product's GUID."""

    published: Boolean
    """Whether it was ever in a preview or live, as of the last refresh. Then it cannot be deleted or replaced."""
    declared_alias: str
    """The declared alias; `alias` is the alias in Partner Center."""


OfferCurrent = Current[OfferOutputs]


def _read_current(api: SubmissionApi, product: Product) -> OfferCurrent:
    arguments = {"offer_id": product.offer_id, "offer_type": product.resource_type, "alias": product.name}
    is_published = product.id in api.submissions.published(product.id)
    inputs = OfferArguments.canonical(arguments)
    return OfferCurrent(
        product.id, inputs, OfferOutputs(published=is_published, declared_alias=inputs["alias"])
    )


def _with_declared_alias(current: OfferCurrent, alias: str | None) -> OfferCurrent:
    return replace(current, outputs=current.outputs.replace(declared_alias=alias)) if alias else current


class OfferKind(SubmissionApiKind[OfferArguments, OfferOutputs]):
    """An offer; its `id` is the product's GUID, which everything in the offer refers to."""

    noun, id_form, arguments, outputs = "offer", "<product>", OfferArguments, OfferOutputs
    stays_once_published = True
    may_drift = ("alias",)

    def list_ids(self, api: SubmissionApi, offer: str) -> list[str]:  # noqa: ARG002
        return [offer]

    def find(self, api: SubmissionApi, desired: OfferArguments) -> OfferCurrent | None:
        """Found by its offer id."""
        product = api.offers.find(desired.offer_id)
        return _read_current(api, product) if product else None

    def create(self, api: SubmissionApi, desired: OfferArguments) -> OfferCurrent:
        if rule := _new_offer_problem(desired.offer_id, desired.offer_type):
            raise InputError(
                f"offer {desired.offer_id!r}: it does not exist, and a new offer needs another id: {rule}",
                next="write the id of an offer that exists, or one by this rule",
            )
        product = api.offers.create(desired.offer_id, desired.offer_type, desired.alias)
        return _with_declared_alias(_read_current(api, product), desired.alias)

    def read(self, api: SubmissionApi, id: str) -> OfferCurrent:
        return _read_current(api, api.offers.get(id))

    def update(self, api: SubmissionApi, id: str, desired: OfferArguments) -> OfferCurrent:
        """Read the offer: nothing can change in place, because every argument replaces."""
        return _with_declared_alias(self.read(api, id), desired.alias)

    def natural_key(self, props: Mapping[str, Any]) -> dict[str, Any]:
        return {"offer_id": props.get("offer_id")}

    def refresh(self, api: SubmissionApi, id: str, state: Mapping[str, Any]) -> OfferCurrent:
        """Read the offer, with the declared alias from the state: the service does not return it."""
        return _with_declared_alias(self.read(api, id), state.get("declared_alias"))

    def irreparable_drift(self, state: Mapping[str, Any], desired: Mapping[str, Any]) -> dict[str, str]:
        """Warn of a changed alias: the service cannot change it back, and the offer is not replaced for it."""
        actual, declared = state.get("alias"), state.get("declared_alias")
        if desired.get("alias") != declared or actual == declared:
            return {}
        return {
            "alias": f"warning: offer {state.get('offer_id')}: its alias was changed in Partner Center to {actual!r};"
            f" nothing can change it back: write alias={actual!r} into the program, which changes nothing else"
        }

    def upgrade_state(self, props: dict[str, Any]) -> dict[str, Any]:
        """Upgrade state of 0.1.0, which lacks `published` and `declared_alias`."""
        older = (
            {"published": False, "declared_alias": props.get("alias", "")} if "fingerprint" in props else {}
        )
        return {**older, **props}

    def describe_change(self, was: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:
        rule = _new_offer_problem(desired["offer_id"], desired["offer_type"])
        if not rule or was.get("offer_id") == desired["offer_id"]:
            return []
        return [
            f"offer {desired['offer_id']!r}: only an offer that exists can have this id; a new one needs {rule}"
        ]

    def delete(self, api: SubmissionApi, id: str) -> None:
        """The offer is deleted with its contents. The service refuses this for a published offer."""
        with advising(
            "a published offer can only be stopped in Partner Center (Stop distribution); to remove it only from the"
            " state, use `pulumi state delete` or retain_on_delete=True"
        ):
            api.offers.delete(id)
