"""Offer: see `kinds/portal/offer.py`."""

# Made by `make generate` from kinds/portal/offer.py; changes here are lost.
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import pulumi
from pulumi import Input

from .._base import Resource, Schema, friendly_type_errors
from .types import LeadDestinationArgsDict, ListingArgsDict, PlanArgsDict, TestDriveArgsDict


class Offer(Resource, module="partnercenter/portal", name="Offer"):
    """An offer of the Cloud Partner Portal API; its `id` is `<publisher>/<offer_id>`. Deleting the
    resource keeps the offer, which the service cannot delete.
    """

    schema = Schema(
        known_as="portal.Offer",
        arguments=(
            "adopt",
            "publisher",
            "offer_id",
            "offer_type",
            "alias",
            "listing",
            "uses_standard_contract",
            "terms_of_use",
            "amendment",
            "preview_audience",
            "csp_opt_in",
            "lead_destination",
            "test_drive",
            "plans",
        ),
        computed=(
            "status",
            "version",
            "is_migrated",
            "published",
            "published_plans",
            "has_expired_images",
            "fingerprint",
        ),
        secrets=("lead_destination",),
    )

    publisher: pulumi.Output[str]
    """Id of the publisher, e.g. `contoso`. Never changes."""
    offer_id: pulumi.Output[str]
    """The id in the offer's public address, e.g. `contoso-gateway`: 3 to 50 of a-z, 0-9, `-`, `_` for a
    new offer; what exists under another is adopted. Never changes."""
    offer_type: pulumi.Output[str]
    """What is sold. Of other types than virtual machines, what they share is managed, and the rest stays.
    Never changes."""
    alias: pulumi.Output[str]
    """Name inside Partner Center, at most 50 characters; customers do not see it."""
    listing: pulumi.Output[dict[str, Any]]
    """What customers read: `{"title": …, "summary": …, "categories": {"networking": ["firewalls"]},
    "logos": …}`."""
    uses_standard_contract: pulumi.Output[bool]
    """Whether Microsoft's Standard Contract replaces own terms."""
    terms_of_use: pulumi.Output[str]
    """Own terms: text or simple HTML."""
    amendment: pulumi.Output[str]
    """Amendment of the standard contract for all customers."""
    preview_audience: pulumi.Output[list[str]]
    """Azure subscriptions that see the preview, GUIDs, at most 100; required to publish. A set."""
    csp_opt_in: pulumi.Output[str]
    """Whether cloud solution providers may resell the offer."""
    lead_destination: pulumi.Output[dict[str, Any]]
    """Where leads go: `{"azure_table": {"connection_string": …}}`, or `azure_blob`, `dynamics`, `https`,
    `marketo`, `salesforce`."""
    test_drive: pulumi.Output[dict[str, Any]]
    """`{"enabled": True, "description": …}`."""
    plans: pulumi.Output[list[dict[str, Any]]]
    """All plans of the offer: `[{"plan_id": "standard", "title": …, "pricing": {"per_core": 0.12},
    "images": …}]`. A live plan cannot be removed."""
    status: pulumi.Output[str]
    """Status of publishing in the service's words: `neverPublished`, `running`,
    `waitingForPublisherReview`, `succeeded`, `failed`, `canceled`."""
    version: pulumi.Output[int]
    """Number of the version; the service counts publications."""
    is_migrated: pulumi.Output[bool]
    """Whether the offer has moved to Partner Center."""
    published: pulumi.Output[bool]
    """Whether the offer is live, as of the last refresh. Then it cannot be replaced."""
    published_plans: pulumi.Output[dict[str, dict[str, Any]]]
    """Live plans by id, with what is fixed: prices, whether it is public, the number of data disks,
    images."""
    has_expired_images: pulumi.Output[bool]
    """Whether the signature of an image's address had expired before the image went live, as of the last
    refresh. The next `up` writes the addresses again."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        publisher: Input[str],
        offer_id: Input[str],
        offer_type: Input[str] | None = None,
        alias: Input[str] | None = None,
        listing: Input[ListingArgsDict] | None = None,
        uses_standard_contract: Input[bool] | None = None,
        terms_of_use: Input[str] | None = None,
        amendment: Input[str] | None = None,
        preview_audience: Input[Sequence[Input[str]]] | None = None,
        csp_opt_in: Input[Literal["Enabled", "Disabled"]] | None = None,
        lead_destination: Input[LeadDestinationArgsDict] | None = None,
        test_drive: Input[TestDriveArgsDict] | None = None,
        plans: Input[Sequence[Input[PlanArgsDict]]] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            publisher: Id of the publisher, e.g. `contoso`. Never changes.
            offer_id: The id in the offer's public address, e.g. `contoso-gateway`: 3 to 50 of a-z, 0-9,
                `-`, `_` for a new offer; what exists under another is adopted. Never changes.
            offer_type: What is sold. Of other types than virtual machines, what they share is managed, and
                the rest stays. Never changes.
            alias: Name inside Partner Center, at most 50 characters; customers do not see it.
            listing: What customers read: `{"title": …, "summary": …, "categories": {"networking":
                ["firewalls"]}, "logos": …}`.
            uses_standard_contract: Whether Microsoft's Standard Contract replaces own terms.
            terms_of_use: Own terms: text or simple HTML.
            amendment: Amendment of the standard contract for all customers.
            preview_audience: Azure subscriptions that see the preview, GUIDs, at most 100; required to
                publish. A set.
            csp_opt_in: Whether cloud solution providers may resell the offer.
            lead_destination: Where leads go: `{"azure_table": {"connection_string": …}}`, or `azure_blob`,
                `dynamics`, `https`, `marketo`, `salesforce`.
            test_drive: `{"enabled": True, "description": …}`.
            plans: All plans of the offer: `[{"plan_id": "standard", "title": …, "pricing": {"per_core":
                0.12}, "images": …}]`. A live plan cannot be removed.
            adopt: Take over something different that exists under the same name, instead of refusing.
            opts: Options of the engine.

        """
        arguments = {
            "publisher": publisher,
            "offer_id": offer_id,
            "offer_type": offer_type,
            "alias": alias,
            "listing": listing,
            "uses_standard_contract": uses_standard_contract,
            "terms_of_use": terms_of_use,
            "amendment": amendment,
            "preview_audience": preview_audience,
            "csp_opt_in": csp_opt_in,
            "lead_destination": lead_destination,
            "test_drive": test_drive,
            "plans": plans,
            "adopt": adopt,
        }
        super().__init__(resource_name, arguments, opts)
