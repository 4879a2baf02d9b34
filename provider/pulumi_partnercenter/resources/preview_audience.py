"""PreviewAudience: see `kinds/preview_audience.py`."""

# Made by `make generate` from kinds/preview_audience.py; changes here are lost.
from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi import Input

from ._base import Resource, Schema, friendly_type_errors
from ._implied import imply_preview_audience


class PreviewAudience(Resource, module="partnercenter", name="PreviewAudience"):
    """The audience of an offer's preview; its `id` is the offer's. Deleting the resource keeps the
    audience.
    """

    schema = Schema(
        known_as="PreviewAudience",
        arguments=("adopt", "offer", "subscriptions", "emails", "hide_key", "offer_type"),
        computed=("fingerprint",),
        secrets=("hide_key",),
    )

    offer: pulumi.Output[str]
    """`.id` of the offer."""
    subscriptions: pulumi.Output[list[str]]
    """Azure subscriptions, GUIDs, at most 100; required to publish an Azure application. A set."""
    emails: pulumi.Output[list[str]]
    """E-mail addresses of Microsoft accounts (SaaS and AppSource offers). A set, compared without case."""
    hide_key: pulumi.Output[str]
    """The key in links to the preview (AppSource offers); lowercase letters and digits in Business Central
    offers."""
    offer_type: pulumi.Output[str]
    """Type of the offer; taken from the `Offer` whose `.id` is given. Empty: judged by the service."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        subscriptions: Input[Sequence[Input[str]]] | None = None,
        emails: Input[Sequence[Input[str]]] | None = None,
        hide_key: Input[str] | None = None,
        offer_type: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            offer: `.id` of the offer.
            subscriptions: Azure subscriptions, GUIDs, at most 100; required to publish an Azure
                application. A set.
            emails: E-mail addresses of Microsoft accounts (SaaS and AppSource offers). A set, compared
                without case.
            hide_key: The key in links to the preview (AppSource offers); lowercase letters and digits in
                Business Central offers.
            offer_type: Type of the offer; taken from the `Offer` whose `.id` is given. Empty: judged by the
                service.
            adopt: Take over something different that exists under the same name, instead of refusing.
            opts: Options of the engine.

        """
        arguments = {
            "offer": offer,
            "subscriptions": subscriptions,
            "emails": emails,
            "hide_key": hide_key,
            "offer_type": offer_type,
            "adopt": adopt,
        }
        super().__init__(resource_name, imply_preview_audience(resource_name, arguments), opts)
