"""AppRelease: see `kinds/app_release.py`."""

# Made by `make generate` from kinds/app_release.py; changes here are lost.
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi import Input

from ._base import Resource, Schema, friendly_type_errors


class AppRelease(Resource, module="partnercenter", name="AppRelease"):
    """Uploads an app, raises the offer's version, and publishes both and nothing else; its `id` is the
    offer's.
    """

    schema = Schema(
        known_as="AppRelease",
        arguments=(
            "adopt",
            "offer",
            "app",
            "libraries",
            "target",
            "version",
            "keeps_version",
            "wait_minutes",
            "replaces_running",
            "notes",
            "publishes",
            "apps",
        ),
        computed=("state", "submission", "content", "fingerprint"),
    )

    offer: pulumi.Output[str]
    """`.id` of the offer, or the id of the product."""
    app: pulumi.Output[Any]
    """The main app: an `.app` file, or a pattern that matches one, `build/*.app` or `build/**/ledger.app`."""
    libraries: pulumi.Output[Any]
    """Apps that it needs: an `.app` file, a folder, a zip or a list of files. Not given: libraries of the
    former release stay. An empty list removes them."""
    target: pulumi.Output[str]
    """`preview`, visible to the preview audience, or `live`. Every `up` advances as far as the service
    allows."""
    version: pulumi.Output[str]
    """The version of the main app, which customers see unless `keeps_version`. Not given: as its manifest
    has it."""
    keeps_version: pulumi.Output[bool]
    """Whether the version that customers see stays: for the hotfix of an older release."""
    wait_minutes: pulumi.Output[float]
    """Maximum wait of an `up` for the preview, or for another publication of the offer. 0: no wait. No
    `up` waits for certification, which takes days: a later `up` reports its result."""
    replaces_running: pulumi.Output[bool]
    """Whether a release of this resource that is on the way to preview is cancelled for a newer one.
    Otherwise `up` waits until it has ended."""
    notes: pulumi.Output[str]
    """Notes for the certification team. After a failure, a change of the notes submits unchanged content
    again."""
    publishes: pulumi.Output[list[str]]
    """Digests of the main app and of the libraries, and the version if the app does not show it."""
    apps: pulumi.Output[list[dict[str, Any]]]
    """`{"id", "name", "publisher", "version", "dependencies"}` of each app, the main app first; a
    dependency is `{"id", "name", "publisher", "min_version"}`. Libraries that stay are those of the
    last release with libraries."""
    state: pulumi.Output[str]
    """`on the way to preview`, `preview`, `in certification`, `live`, `failed`, `cancelled` or `archived`."""
    submission: pulumi.Output[str]
    """Id of the newest submission, decimal."""
    content: pulumi.Output[str]
    """Digest of the released content; empty for a submission of somebody else."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        app: Input[str | pulumi.Asset | pulumi.Archive],
        libraries: Input[str | pulumi.Archive | pulumi.Asset | Sequence[str]] | None = None,
        target: Input[str] | None = None,
        version: Input[str] | None = None,
        keeps_version: Input[bool] | None = None,
        wait_minutes: Input[float] | None = None,
        replaces_running: Input[bool] | None = None,
        notes: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            offer: `.id` of the offer, or the id of the product.
            app: The main app: an `.app` file, or a pattern that matches one, `build/*.app` or
                `build/**/ledger.app`.
            libraries: Apps that it needs: an `.app` file, a folder, a zip or a list of files. Not given:
                libraries of the former release stay. An empty list removes them.
            target: `preview`, visible to the preview audience, or `live`. Every `up` advances as far as the
                service allows.
            version: The version of the main app, which customers see unless `keeps_version`. Not given: as
                its manifest has it.
            keeps_version: Whether the version that customers see stays: for the hotfix of an older release.
            wait_minutes: Maximum wait of an `up` for the preview, or for another publication of the offer.
                0: no wait. No `up` waits for certification, which takes days: a later `up` reports its
                result.
            replaces_running: Whether a release of this resource that is on the way to preview is cancelled
                for a newer one. Otherwise `up` waits until it has ended.
            notes: Notes for the certification team. After a failure, a change of the notes submits
                unchanged content again.
            adopt: No effect: a release continues from the service's state anyway.
            opts: Options of the engine.

        """
        arguments = {
            "offer": offer,
            "app": app,
            "libraries": libraries,
            "target": target,
            "version": version,
            "keeps_version": keeps_version,
            "wait_minutes": wait_minutes,
            "replaces_running": replaces_running,
            "notes": notes,
            "adopt": adopt,
        }
        super().__init__(resource_name, arguments, opts)
