"""Publication: see `kinds/portal/publication.py`."""

# Made by `make generate` from kinds/portal/publication.py; changes here are lost.
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi import Input

from .._base import Resource, Schema, friendly_type_errors
from .._implied import imply_portal_publication


class Publication(Resource, module="partnercenter/portal", name="Publication"):
    """Publishes a portal's offer to preview or live; its `id` is the offer's."""

    schema = Schema(
        known_as="portal.Publication",
        arguments=(
            "adopt",
            "offer",
            "publishes",
            "sends",
            "published",
            "target",
            "notification_emails",
            "wait_minutes",
            "replaces_running",
        ),
        computed=("state", "operation", "is_own", "content", "steps", "preview_links", "fingerprint"),
    )

    offer: pulumi.Output[str]
    """`.id` of the portal.Offer."""
    publishes: pulumi.Output[list[str]]
    """The portal.Offer, as an object, in a list. A change of it is published."""
    sends: pulumi.Output[list[str]]
    """Classes and names of `publishes`, for messages; set by the constructor."""
    published: pulumi.Output[list[dict[str, Any]]]
    """Classes, names and ids of `publishes`; set by the constructor."""
    target: pulumi.Output[str]
    """`preview`, visible to the preview audience, or `live`. Every `up` advances as far as the service
    allows."""
    notification_emails: pulumi.Output[list[str]]
    """Mail addresses that the service tells about progress; ignored for offers that have moved to Partner
    Center. After a failure, a change of them publishes unchanged content again, once there is a state."""
    wait_minutes: pulumi.Output[float]
    """Maximum wait of an `up` for the preview, or for another publication of the offer. 0: no wait.
    Certification may take days: a later `up` continues, and reports its result."""
    replaces_running: pulumi.Output[bool]
    """Whether a publication of this stack that is on the way to preview is cancelled when the offer has
    newer content. Otherwise `up` waits until it has ended."""
    state: pulumi.Output[str]
    """`draft`, `on the way to preview`, `preview`, `in certification` (on the way to live), `live`,
    `failed` or `cancelled`."""
    operation: pulumi.Output[str]
    """Id of the operation that made the preview; empty for one of somebody else that was not looked up."""
    is_own: pulumi.Output[bool]
    """Whether this resource started that operation, so that its deletion may cancel it."""
    content: pulumi.Output[str]
    """Digest of the published content; empty for a publication of somebody else that was not compared yet."""
    steps: pulumi.Output[list[dict[str, Any]]]
    """`{"name", "state", "changed"}` of every step of the service's work."""
    preview_links: pulumi.Output[list[str]]
    """Addresses of the preview, where the service gives them."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        publishes: Sequence[Resource],
        target: Input[str],
        notification_emails: Input[Sequence[Input[str]]] | None = None,
        wait_minutes: Input[float] | None = None,
        replaces_running: Input[bool] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            offer: `.id` of the portal.Offer.
            publishes: The portal.Offer, as an object, in a list. A change of it is published.
            target: `preview`, visible to the preview audience, or `live`. Every `up` advances as far as the
                service allows.
            notification_emails: Mail addresses that the service tells about progress; ignored for offers
                that have moved to Partner Center. After a failure, a change of them publishes unchanged
                content again, once there is a state.
            wait_minutes: Maximum wait of an `up` for the preview, or for another publication of the offer.
                0: no wait. Certification may take days: a later `up` continues, and reports its result.
            replaces_running: Whether a publication of this stack that is on the way to preview is cancelled
                when the offer has newer content. Otherwise `up` waits until it has ended.
            adopt: No effect: a publication continues from the service's state anyway.
            opts: Options of the engine.

        """
        arguments = {
            "offer": offer,
            "publishes": publishes,
            "target": target,
            "notification_emails": notification_emails,
            "wait_minutes": wait_minutes,
            "replaces_running": replaces_running,
            "adopt": adopt,
        }
        super().__init__(resource_name, imply_portal_publication(resource_name, arguments), opts)
