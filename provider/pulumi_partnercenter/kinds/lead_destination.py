"""Where the leads of an offer go. Source: Partner Center submission API."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from ..api.submission.models import LeadConfiguration
from ..errors import InputError
from ..kind import Current
from ..markers import Immutable, Secret, Unordered, Wire
from ..model import Arguments, Outputs
from ._drafts import Document, DraftKind, build_attributes, build_document, read_arguments
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
from ._submission_api import SubmissionApi


def _one_destination(desired: LeadDestinationArguments) -> str | None:
    unknown = [name for name in DESTINATIONS if not hasattr(desired, name)]
    given = [name for name in DESTINATIONS if getattr(desired, name, None)]
    if len(given) == 1 or (unknown and not given):
        return None
    names = ", ".join(given or DESTINATIONS)
    return f"{names}: leads go to one destination; " + (
        "keep one of them" if given else "one of these is required"
    )


class LeadDestinationArguments(Arguments):
    """Arguments of a lead destination: exactly one of six destinations. A secret that is not set stays unchanged."""

    rules = (_one_destination,)

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    azure_table: Annotated[AzureTable | None, maybe, Secret] = None
    """`{"connection_string": …}`; required unless this is the current destination. So is the string of `azure_blob`."""
    azure_blob: Annotated[AzureBlob | None, maybe, Secret] = None
    """`{"connection_string": …, "container": …}`."""
    dynamics: Annotated[Dynamics | None, maybe, Secret] = None
    """`{"url": …, "authentication": …}` with `user_name` and `password`, or with `application_id`, `application_key`
    and `directory_id`."""
    https: Annotated[Https | None, maybe, Secret] = None
    """`{"url": "https://…"}`; the address may hold a signature. Required unless this is the current destination."""
    marketo: Annotated[Marketo | None, maybe] = None
    """`{"server_id": …, "munchkin_account_id": …, "form_id": …}`."""
    salesforce: Annotated[Salesforce | None, maybe] = None
    """`{"object_identifier": …}`."""
    contact_email: Annotated[OptionalEmail, Wire("contact_email")] = ""
    """E-mail address for notifications about leads."""
    daily_digest: Annotated[list[Email], Unordered, Wire("daily_digest_email_contacts")] = []
    """E-mail addresses for a daily digest of leads (consulting services)."""


class LeadDestinationKind(DraftKind[LeadDestinationArguments, LeadConfiguration]):
    """Destination of an offer's leads; its `id` is the offer's. Deleting the resource keeps the destination."""

    noun, id_form, parent = "lead destination", "<product>", "offer"
    arguments = LeadDestinationArguments

    def document(self, api: SubmissionApi) -> Document[LeadConfiguration]:
        return api.leads

    def current(self, id: str, draft: LeadConfiguration) -> Current[Outputs]:
        """Return the destination as current. It is fresh until it has a kind."""
        return replace(super().current(id, draft), is_fresh=not draft.resource_type)

    def read_arguments(self, id: str, draft: LeadConfiguration) -> dict[str, Any]:  # noqa: ARG002
        arguments = read_arguments(self.arguments, draft)
        for name, resource_type in DESTINATIONS.items():
            part = self.arguments.part_in(name)
            if part and draft.resource_type == resource_type:
                arguments[name] = read_arguments(part, draft)
        return arguments

    def build_document(
        self, desired: LeadDestinationArguments, draft: LeadConfiguration
    ) -> LeadConfiguration:
        """Raises InputError for a new destination without its secret, which the service does not have."""
        name = next(name for name in DESTINATIONS if getattr(desired, name))
        resource_type, destination = DESTINATIONS[name], getattr(desired, name)
        if draft.resource_type != resource_type and (sentence := missing_secret(name, destination)):
            raise InputError(f"lead destination {desired.offer}: {sentence}")
        return build_document(desired, draft, resource_type=resource_type, **build_attributes(destination))
