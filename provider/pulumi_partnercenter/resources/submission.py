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
            "published",
            "omitted",
            "notes",
        ),
        computed=(
            "state",
            "submission",
            "content",
            "steps",
            "preview_links",
            "undeclared_content",
            "fingerprint",
        ),
    )

    offer: pulumi.Output[str]
    """`.id` of the offer."""
    publishes: pulumi.Output[list[str]]
    """The resources that it sends: all that belong to the offer, as objects. A change in one of them is
    published."""
    sends: pulumi.Output[list[str]]
    """Class and name of each of them, for messages; from the constructor."""
    target: pulumi.Output[str]
    """How far: `preview`, which the preview audience sees, or `live`. Each `up` goes as far as the service
    allows."""
    wait_minutes: pulumi.Output[float]
    """How long an `up` waits for the preview, or for something else that is being published. 0 looks once.
    Nobody waits for certification, which takes days: a later `up` finds it done."""
    undeclared: pulumi.Output[str]
    """What to do when a submission would send more than `publishes` names: plans of no program, a
    colleague's drafts, resources of the program that were left out. `warn` names them; `refuse` names
    them and submits nothing."""
    published: pulumi.Output[list[dict[str, Any]]]
    """Class, name and `id` of each of them; from the constructor."""
    omitted: pulumi.Output[list[str]]
    """Class and name of the program's other resources of the offer; from the constructor."""
    notes: pulumi.Output[str]
    """Notes for the certification team. After a failure other notes submit unchanged content again."""
    state: pulumi.Output[str]
    """`on the way to preview`, `preview`, `in certification`, `live`, `failed`, `cancelled` or `archived`."""
    submission: pulumi.Output[str]
    """Id of the newest submission, decimal."""
    content: pulumi.Output[str]
    """Digest of what it holds: of `publishes` when all is well, empty when it is somebody else's, not
    compared yet."""
    steps: pulumi.Output[list[dict[str, Any]]]
    """`{"environment", "name", "state", "started", "completed"}` of each step, as the service tells them."""
    preview_links: pulumi.Output[list[str]]
    """Addresses of the preview, where the service gives them (it was never recorded to)."""
    undeclared_content: pulumi.Output[list[str]]
    """What the offer's drafts hold beside what the program publishes, as last looked at. The next
    submission sends it as well."""

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
        notes: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            offer: `.id` of the offer.
            publishes: The resources that it sends: all that belong to the offer, as objects. A change in
                one of them is published.
            target: How far: `preview`, which the preview audience sees, or `live`. Each `up` goes as far as
                the service allows.
            wait_minutes: How long an `up` waits for the preview, or for something else that is being
                published. 0 looks once. Nobody waits for certification, which takes days: a later `up`
                finds it done.
            undeclared: What to do when a submission would send more than `publishes` names: plans of no
                program, a colleague's drafts, resources of the program that were left out. `warn` names
                them; `refuse` names them and submits nothing.
            notes: Notes for the certification team. After a failure other notes submit unchanged content
                again.
            adopt: Take over something different that exists under the same name, instead of refusing.
            opts: Options of the engine.

        """
        arguments = {
            "offer": offer,
            "publishes": publishes,
            "target": target,
            "wait_minutes": wait_minutes,
            "undeclared": undeclared,
            "notes": notes,
            "adopt": adopt,
        }
        super().__init__(resource_name, imply_submission(resource_name, arguments), opts)
