"""Where the leads of an offer go. Source: submission API 5.16."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import pulumi
from pulumi import Input

from .._resource import Immutable, Inputs, Outputs, Provider, Resource, Secret, Seen, Unordered
from ..errors import InputError
from ._drafts import Document, DraftKind
from ._leads import (
    DESTINATIONS,
    AzureBlob,
    AzureTable,
    Dynamics,
    Https,
    Marketo,
    Salesforce,
    maybe,
    missing_secret,
)
from ._rules import Email, OfferReference, OptionalEmail

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.models import LeadConfiguration

__all__ = ["LeadDestination"]


def _one_destination(want: LeadDestinationInputs) -> str | None:
    unknown = [name for name in DESTINATIONS if not hasattr(want, name)]
    said = [name for name in DESTINATIONS if getattr(want, name, None)]
    if len(said) == 1 or (unknown and not said):
        return None
    names = ", ".join(said or DESTINATIONS)
    return f"{names}: leads go to one destination; " + ("leave one of them" if said else "say one of these")


class LeadDestinationInputs(Inputs):
    """What a program may set: one of the six destinations. A secret that is not said stays as the service has it."""

    rules = (_one_destination,)

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    azure_table: Annotated[AzureTable | None, maybe, Secret] = None
    """`{"connection_string": …}`; needed where leads do not go there yet, as is that of `azure_blob`."""
    azure_blob: Annotated[AzureBlob | None, maybe, Secret] = None
    """`{"connection_string": …, "container": …}`."""
    dynamics: Annotated[Dynamics | None, maybe, Secret] = None
    """`{"url": …, "authentication": …}` with `user_name` and `password`, or with `application_id`, `application_key`
    and `directory_id`."""
    https: Annotated[Https | None, maybe, Secret] = None
    """`{"url": "https://…"}`; the address may hold a signature, and is needed where leads do not go there yet."""
    marketo: Annotated[Marketo | None, maybe] = None
    """`{"server_id": …, "munchkin_account_id": …, "form_id": …}`."""
    salesforce: Annotated[Salesforce | None, maybe] = None
    """`{"object_identifier": …}`."""
    contact_email: OptionalEmail = ""
    """Who is told about leads."""
    daily_digest: Annotated[list[Email], Unordered] = []
    """Who gets a daily digest of them (consulting services)."""


class LeadDestinationOutputs(Outputs):
    """What the service decides: only the `id`."""


LeadDestinationSeen = Seen[LeadDestinationOutputs]


class LeadDestinationKind(DraftKind[LeadDestinationInputs, LeadDestinationOutputs, "LeadConfiguration"]):
    noun, id_form, parent = "lead destination", "<product>", "offer"
    inputs, outputs = LeadDestinationInputs, LeadDestinationOutputs

    def document(self, api: SubmissionApi) -> Document[LeadConfiguration]:
        return api.leads

    def seen(self, id: str, draft: LeadConfiguration) -> LeadDestinationSeen:
        told: dict[str, Any] = {
            "offer": id,
            "contact_email": draft.contact_email,
            "daily_digest": draft.daily_digest_email_contacts,
        }
        for name, (type_, members) in DESTINATIONS.items():
            if draft.resource_type == type_:
                told[name] = {ours: getattr(draft, theirs) for ours, theirs in members.items()}
        is_fresh = not draft.resource_type
        return LeadDestinationSeen(
            id, LeadDestinationInputs.canonical(told), LeadDestinationOutputs(), is_fresh
        )

    def wanted(self, want: LeadDestinationInputs, draft: LeadConfiguration) -> LeadConfiguration:
        """Raises InputError for a new destination without its secret, which nobody else has."""
        from ..api.submission.models import LeadConfiguration

        name = next(each for each in DESTINATIONS if getattr(want, each))
        (type_, members), said = DESTINATIONS[name], getattr(want, name)
        if draft.resource_type != type_ and (sentence := missing_secret(name, said)):
            raise InputError(f"lead destination {want.offer}: {sentence}")
        secret = [*want.untold().get(name, []), *want.retained().get(name, [])]
        told = {
            theirs: value
            for ours, theirs in members.items()
            if (value := getattr(said, ours)) or ours not in secret
        }
        return LeadConfiguration(
            resource_type=type_,
            contact_email=want.contact_email,
            daily_digest_email_contacts=want.daily_digest,
            **told,
        )


class LeadDestinationProvider(Provider):
    kind, known_as = LeadDestinationKind(), "LeadDestination"


class LeadDestination(Resource, module="partnercenter", name="LeadDestination"):
    """Where an offer's leads go; its `id` is the offer's. The service cannot remove one: deleting it leaves it.
    Arguments: `LeadDestinationInputs`.
    """

    provider = LeadDestinationProvider

    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        azure_table: Input[Mapping[str, Any]] | None = None,
        azure_blob: Input[Mapping[str, Any]] | None = None,
        dynamics: Input[Mapping[str, Any]] | None = None,
        https: Input[Mapping[str, Any]] | None = None,
        marketo: Input[Mapping[str, Any]] | None = None,
        salesforce: Input[Mapping[str, Any]] | None = None,
        contact_email: Input[str] | None = None,
        daily_digest: Input[Sequence[Input[str]]] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        arguments = {
            "offer": offer,
            "azure_table": azure_table,
            "azure_blob": azure_blob,
            "dynamics": dynamics,
            "https": https,
            "marketo": marketo,
            "salesforce": salesforce,
            "contact_email": contact_email,
            "daily_digest": daily_digest,
            "adopt": adopt,
        }
        super().__init__(resource_name, arguments, opts)
