"""Where the leads of an offer go. Source: Partner Center submission API."""

from __future__ import annotations

from typing import Annotated, Any

from ..api.submission import SubmissionApi
from ..api.submission.models import LeadConfiguration
from ..errors import InputError
from ..kind import Current
from ..markers import Immutable, Secret, Unordered
from ..model import Arguments, Outputs
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


def _one_destination(desired: LeadDestinationArguments) -> str | None:
    unknown = [name for name in DESTINATIONS if not hasattr(desired, name)]
    given = [name for name in DESTINATIONS if getattr(desired, name, None)]
    if len(given) == 1 or (unknown and not given):
        return None
    names = ", ".join(given or DESTINATIONS)
    return f"{names}: leads go to one destination; " + ("leave one of them" if given else "say one of these")


class LeadDestinationArguments(Arguments):
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


LeadDestinationCurrent = Current[LeadDestinationOutputs]


class LeadDestinationKind(DraftKind[LeadDestinationArguments, LeadDestinationOutputs, "LeadConfiguration"]):
    """Where an offer's leads go; its `id` is the offer's. The service cannot remove one: deleting it leaves it."""

    noun, id_form, parent = "lead destination", "<product>", "offer"
    arguments, outputs = LeadDestinationArguments, LeadDestinationOutputs

    def document(self, api: SubmissionApi) -> Document[LeadConfiguration]:
        return api.leads

    def current(self, id: str, draft: LeadConfiguration) -> LeadDestinationCurrent:
        arguments: dict[str, Any] = {
            "offer": id,
            "contact_email": draft.contact_email,
            "daily_digest": draft.daily_digest_email_contacts,
        }
        for name, (type_, members) in DESTINATIONS.items():
            if draft.resource_type == type_:
                arguments[name] = {ours: getattr(draft, theirs) for ours, theirs in members.items()}
        is_fresh = not draft.resource_type
        return LeadDestinationCurrent(
            id, LeadDestinationArguments.canonical(arguments), LeadDestinationOutputs(), is_fresh
        )

    def wanted(self, desired: LeadDestinationArguments, draft: LeadConfiguration) -> LeadConfiguration:
        """Raises InputError for a new destination without its secret, which nobody else has."""
        name = next(name for name in DESTINATIONS if getattr(desired, name))
        (type_, members), destination = DESTINATIONS[name], getattr(desired, name)
        if draft.resource_type != type_ and (sentence := missing_secret(name, destination)):
            raise InputError(f"lead destination {desired.offer}: {sentence}")
        secret = [*desired.unreadable().get(name, []), *desired.retained().get(name, [])]
        document = {
            theirs: value
            for ours, theirs in members.items()
            if (value := getattr(destination, ours)) or ours not in secret
        }
        return LeadConfiguration(
            resource_type=type_,
            contact_email=desired.contact_email,
            daily_digest_email_contacts=desired.daily_digest,
            **document,
        )
