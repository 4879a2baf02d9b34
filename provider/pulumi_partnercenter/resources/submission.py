"""Submission: see `kinds/submission.py`."""

# Made by `make generate` from kinds/submission.py; changes here are lost.
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi import Input

from ._base import Resource, Schema, friendly_type_errors
from ._implied import imply_submission


class Submission(Resource, module="partnercenter", name="Submission"):
    """Publishes an offer to preview or live; its `id` is the offer's."""

    schema = Schema(
        known_as="Submission",
        arguments=(
            "adopt",
            "offer",
            "publishes",
            "sends",
            "target",
            "wait_minutes",
            "undeclared",
            "replaces_running",
            "published",
            "omitted",
            "app_packages",
            "app_version",
            "offer_type",
            "notes",
        ),
        computed=(
            "state",
            "submission",
            "content",
            "steps",
            "preview_links",
            "undeclared_content",
            "separate_changes",
            "fingerprint",
        ),
    )

    offer: pulumi.Output[str]
    """`.id` of the offer."""
    publishes: pulumi.Output[list[str]]
    """Resources to publish, as objects: all that belong to the offer. A change of any of them is
    published."""
    sends: pulumi.Output[list[str]]
    """Classes and names of `publishes`, for messages; set by the constructor."""
    target: pulumi.Output[str]
    """`preview`, visible to the preview audience, or `live`. Every `up` advances as far as the service
    allows."""
    wait_minutes: pulumi.Output[float]
    """Maximum wait of an `up` for the preview, or for another publication of the offer. 0: no wait. No
    `up` waits for certification, which takes days: a later `up` reports its result."""
    undeclared: pulumi.Output[str]
    """Policy for drafts that are not in `publishes`: plans of no program, work of colleagues, other
    resources of the program. `leave` names them and, once the offer is live, sends only the modules of
    `publishes`, so that what is in other modules stays a draft. `warn` names them and sends everything;
    `refuse` names them and submits nothing."""
    replaces_running: pulumi.Output[bool]
    """Whether a submission of this stack that is on the way to preview is cancelled when newer content is
    submitted. Otherwise `up` waits until it has ended."""
    published: pulumi.Output[list[dict[str, Any]]]
    """Classes, names and ids of `publishes`; set by the constructor."""
    omitted: pulumi.Output[list[str]]
    """Classes and names of the program's other resources of the offer; set by the constructor."""
    app_packages: pulumi.Output[list[dict[str, Any]]]
    """Kinds and apps of the packages that the technical configuration refers to; set by the constructor."""
    app_version: pulumi.Output[str]
    """`app_version` of the `OfferProperties` in `publishes`, if the program gives it; set by the
    constructor."""
    offer_type: pulumi.Output[str]
    """Type of the offer; taken from the `Offer` whose `.id` is given. Empty for an offer of another
    program, which may declare the audience of the preview and the resellers too: judged by the service."""
    notes: pulumi.Output[str]
    """Notes for the certification team. After a failure, a change of the notes submits unchanged content
    again."""
    state: pulumi.Output[str]
    """`on the way to preview`, `preview`, `in certification`, `live`, `failed`, `cancelled` or `archived`."""
    submission: pulumi.Output[str]
    """Id of the newest submission, decimal."""
    content: pulumi.Output[str]
    """Digest of the published content; empty for a submission of somebody else that was not compared yet."""
    steps: pulumi.Output[list[dict[str, Any]]]
    """`{"environment", "name", "state", "started", "completed"}` of every step of the service's work."""
    preview_links: pulumi.Output[list[str]]
    """Addresses of the preview, where the service gives them (no recording has them)."""
    undeclared_content: pulumi.Output[list[str]]
    """Content of the offer's drafts that is not in `publishes`, as last read. The next submission
    publishes it too."""
    separate_changes: pulumi.Output[list[str]]
    """Modules of a live offer and its plans that changed and that the next submission leaves as drafts."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        publishes: Sequence[Resource],
        target: Input[str] | None = None,
        wait_minutes: Input[float] | None = None,
        undeclared: Input[str] | None = None,
        replaces_running: Input[bool] | None = None,
        offer_type: Input[str] | None = None,
        notes: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            offer: `.id` of the offer.
            publishes: Resources to publish, as objects: all that belong to the offer. A change of any of
                them is published.
            target: `preview`, visible to the preview audience, or `live`. Every `up` advances as far as the
                service allows.
            wait_minutes: Maximum wait of an `up` for the preview, or for another publication of the offer.
                0: no wait. No `up` waits for certification, which takes days: a later `up` reports its
                result.
            undeclared: Policy for drafts that are not in `publishes`: plans of no program, work of
                colleagues, other resources of the program. `leave` names them and, once the offer is live,
                sends only the modules of `publishes`, so that what is in other modules stays a draft.
                `warn` names them and sends everything; `refuse` names them and submits nothing.
            replaces_running: Whether a submission of this stack that is on the way to preview is cancelled
                when newer content is submitted. Otherwise `up` waits until it has ended.
            offer_type: Type of the offer; taken from the `Offer` whose `.id` is given. Empty for an offer
                of another program, which may declare the audience of the preview and the resellers too:
                judged by the service.
            notes: Notes for the certification team. After a failure, a change of the notes submits
                unchanged content again.
            adopt: Take over what is in preview or live, if the drafts equal it, instead of publishing it
                again: another program sent it, or this one with a secret that it no longer has. No effect
                once the submission is in the state.
            opts: Options of the engine.

        """
        arguments = {
            "offer": offer,
            "publishes": publishes,
            "target": target,
            "wait_minutes": wait_minutes,
            "undeclared": undeclared,
            "replaces_running": replaces_running,
            "offer_type": offer_type,
            "notes": notes,
            "adopt": adopt,
        }
        super().__init__(resource_name, imply_submission(resource_name, arguments), opts)
