"""Where the leads of an offer go. Source: submission API 5.16."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import pulumi
from annotated_types import MinLen
from pulumi import Input

from .._resource import Immutable, Inputs, Meaning, Outputs, Part, Provider, Resource, Secret, Seen, WriteOnly
from ._drafts import Document, DraftKind
from ._rules import OfferReference, OptionalEmail, OptionalGuid, WebAddress

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.documents import LeadConfiguration

__all__ = ["LeadDestination"]

Text = Annotated[str, MinLen(1)]
Address = Annotated[WebAddress, MinLen(1)]
Untold = Annotated[str, WriteOnly]
"""A secret. Not required by itself, because what the service tells lacks it; `_secrets_are_said` asks for it."""


class AzureTable(Part):
    """A table of an Azure storage account."""

    connection_string: Untold = ""


class AzureBlob(Part):
    """Blobs in a container of an Azure storage account."""

    connection_string: Untold = ""
    container: Text


class Dynamics(Part):
    """Dynamics 365 customer engagement; either a user or an application signs in."""

    url: Address
    authentication: str = ""
    user_name: str = ""
    password: Untold = ""
    application_id: OptionalGuid = ""
    application_key: Untold = ""
    directory_id: OptionalGuid = ""


class Https(Part):
    """An address that leads are posted to."""

    url: Address


class Marketo(Part):
    server_id: Text
    munchkin_account_id: Text
    form_id: Text


class Salesforce(Part):
    object_identifier: Text


_maybe = Meaning(accept=lambda value: value or None, dump=lambda part: part.plain() if part else {})
"""Nothing is `{}` in state, where no argument may be None."""

_DESTINATIONS: dict[str, tuple[str, dict[str, str]]] = {
    "azure_table": ("AzureTableLeadConfiguration", {"connection_string": "connection_string"}),
    "azure_blob": (
        "AzureBlobLeadConfiguration",
        {"connection_string": "connection_string", "container": "container_name"},
    ),
    "dynamics": (
        "DynamicsCustomerRelationshipManagementLeadConfiguration",
        {"url": "uri"} | {name: name for name in Dynamics.names() if name != "url"},
    ),
    "https": ("HttpsEndpointLeadConfiguration", {"url": "https_endpoint_uri"}),
    "marketo": ("MarketoLeadConfiguration", {name: name for name in Marketo.names()}),
    "salesforce": ("SalesForceLeadConfiguration", {"object_identifier": "object_identifier"}),
}
"""What each argument is to the service: its `resourceType`, and the member behind each of ours."""


def _one_destination(want: LeadDestinationInputs) -> str | None:
    said = [name for name in _DESTINATIONS if getattr(want, name)]
    if len(said) == 1:
        return None
    names = ", ".join(said or _DESTINATIONS)
    return f"{names}: leads go to one destination; " + ("leave one of them" if said else "say one of these")


def _secrets_are_said(want: LeadDestinationInputs) -> str | None:
    for name, part in (("azure_table", want.azure_table), ("azure_blob", want.azure_blob)):
        if part and not part.connection_string:
            return f"{name}.connection_string: is required"
    return None


class LeadDestinationInputs(Inputs):
    """What a program may set: one of the six destinations."""

    rules = (_one_destination, _secrets_are_said)

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    azure_table: Annotated[AzureTable | None, _maybe, Secret] = None
    """`{"connection_string": …}`."""
    azure_blob: Annotated[AzureBlob | None, _maybe, Secret] = None
    """`{"connection_string": …, "container": …}`."""
    dynamics: Annotated[Dynamics | None, _maybe, Secret] = None
    """`{"url": …, "authentication": …}` with `user_name` and `password`, or with `application_id`, `application_key`
    and `directory_id`."""
    https: Annotated[Https | None, _maybe] = None
    """`{"url": "https://…"}`."""
    marketo: Annotated[Marketo | None, _maybe] = None
    """`{"server_id": …, "munchkin_account_id": …, "form_id": …}`."""
    salesforce: Annotated[Salesforce | None, _maybe] = None
    """`{"object_identifier": …}`."""
    contact_email: OptionalEmail = ""
    """Who is told about leads."""


class LeadDestinationOutputs(Outputs):
    """What the service decides: only the `id`."""


LeadDestinationSeen = Seen[LeadDestinationOutputs]


class LeadDestinationKind(DraftKind[LeadDestinationInputs, LeadDestinationOutputs, "LeadConfiguration"]):
    noun, id_form, parent = "lead destination", "<product>", "offer"
    inputs, outputs = LeadDestinationInputs, LeadDestinationOutputs

    def document(self, api: SubmissionApi) -> Document[LeadConfiguration]:
        return api.leads

    def seen(self, id: str, draft: LeadConfiguration) -> LeadDestinationSeen:
        told: dict[str, Any] = {"offer": id, "contact_email": draft.contact_email}
        for name, (type_, members) in _DESTINATIONS.items():
            if draft.resource_type == type_:
                told[name] = {ours: getattr(draft, theirs) for ours, theirs in members.items()}
        is_fresh = not draft.resource_type
        return LeadDestinationSeen(
            id, LeadDestinationInputs.canonical(told), LeadDestinationOutputs(), is_fresh
        )

    def wanted(self, want: LeadDestinationInputs, draft: LeadConfiguration) -> LeadConfiguration:  # noqa: ARG002
        from ..api.submission.documents import LeadConfiguration

        name = next(each for each in _DESTINATIONS if getattr(want, each))
        type_, members = _DESTINATIONS[name]
        told = {theirs: getattr(getattr(want, name), ours) for ours, theirs in members.items()}
        return LeadConfiguration(resource_type=type_, contact_email=want.contact_email, **told)


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
            "adopt": adopt,
        }
        super().__init__(resource_name, arguments, opts)
