"""LeadDestination: see `kinds/lead_destination.py`."""

# Made by `make generate` from kinds/lead_destination.py; changes here are lost.
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi import Input

from ._base import Resource, Schema, friendly_type_errors
from .types import (
    AzureBlobArgsDict,
    AzureTableArgsDict,
    DynamicsArgsDict,
    HttpsArgsDict,
    MarketoArgsDict,
    SalesforceArgsDict,
)


class LeadDestination(Resource, module="partnercenter", name="LeadDestination"):
    """Destination of an offer's leads; its `id` is the offer's. Deleting the resource keeps the
    destination.
    """

    schema = Schema(
        known_as="LeadDestination",
        arguments=(
            "adopt",
            "offer",
            "azure_table",
            "azure_blob",
            "dynamics",
            "https",
            "marketo",
            "salesforce",
            "contact_email",
            "daily_digest",
        ),
        computed=("fingerprint",),
        secrets=("azure_table", "azure_blob", "dynamics", "https"),
    )

    offer: pulumi.Output[str]
    """`.id` of the offer."""
    azure_table: pulumi.Output[dict[str, Any]]
    """`{"connection_string": …}`; required unless this is the current destination. So is the string of
    `azure_blob`."""
    azure_blob: pulumi.Output[dict[str, Any]]
    """`{"connection_string": …, "container": …}`."""
    dynamics: pulumi.Output[dict[str, Any]]
    """`{"url": …, "authentication": …}` with `user_name` and `password`, or with `application_id`,
    `application_key` and `directory_id`."""
    https: pulumi.Output[dict[str, Any]]
    """`{"url": "https://…"}`; the address may hold a signature. Required unless this is the current
    destination."""
    marketo: pulumi.Output[dict[str, Any]]
    """`{"server_id": …, "munchkin_account_id": …, "form_id": …}`."""
    salesforce: pulumi.Output[dict[str, Any]]
    """`{"object_identifier": …}`."""
    contact_email: pulumi.Output[str]
    """E-mail address for notifications about leads."""
    daily_digest: pulumi.Output[list[str]]
    """E-mail addresses for a daily digest of leads (consulting services)."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        azure_table: Input[AzureTableArgsDict] | None = None,
        azure_blob: Input[AzureBlobArgsDict] | None = None,
        dynamics: Input[DynamicsArgsDict] | None = None,
        https: Input[HttpsArgsDict] | None = None,
        marketo: Input[MarketoArgsDict] | None = None,
        salesforce: Input[SalesforceArgsDict] | None = None,
        contact_email: Input[str] | None = None,
        daily_digest: Input[Sequence[Input[str]]] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            offer: `.id` of the offer.
            azure_table: `{"connection_string": …}`; required unless this is the current destination. So is
                the string of `azure_blob`.
            azure_blob: `{"connection_string": …, "container": …}`.
            dynamics: `{"url": …, "authentication": …}` with `user_name` and `password`, or with
                `application_id`, `application_key` and `directory_id`.
            https: `{"url": "https://…"}`; the address may hold a signature. Required unless this is the
                current destination.
            marketo: `{"server_id": …, "munchkin_account_id": …, "form_id": …}`.
            salesforce: `{"object_identifier": …}`.
            contact_email: E-mail address for notifications about leads.
            daily_digest: E-mail addresses for a daily digest of leads (consulting services).
            adopt: Take over something different that exists under the same name, instead of refusing.
            opts: Options of the engine.

        """
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
