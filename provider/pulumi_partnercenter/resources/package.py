"""Package: see `kinds/package.py`."""

# Made by `make generate` from kinds/package.py; changes here are lost.
from __future__ import annotations

from typing import Any, Literal

import pulumi
from pulumi import Input

from ._base import Resource, Schema, friendly_type_errors
from ._implied import imply_package


class Package(Resource, module="partnercenter", name="Package"):
    """An uploaded package, which plans deploy; its `id` is `<product>/<package>`."""

    schema = Schema(
        known_as="Package",
        arguments=("adopt", "offer", "source", "kind", "digest", "apps", "app_version", "offer_type"),
        computed=("fingerprint",),
        is_keyed_by_content=True,
    )

    offer: pulumi.Output[str]
    """`.id` of the offer."""
    source: pulumi.Output[Any]
    """A folder, a zip, a Pulumi asset or archive, compared by content. Files for Business Central stay
    unchanged."""
    kind: pulumi.Output[str]
    """Type of the content in the service's vocabulary. Of Business Central offers, `app` is the main app,
    and `library` one or several apps that it needs; state has the service's word."""
    digest: pulumi.Output[str]
    """Digest of the content, derived from `source`."""
    apps: pulumi.Output[list[dict[str, Any]]]
    """`{"id", "name", "publisher", "version", "dependencies"}` of each Business Central app in it, derived
    from `source`; a dependency is `{"id", "name", "publisher", "min_version"}`. A runtime package does
    not show its app."""
    app_version: pulumi.Output[str]
    """Version of the app, if there is one. For `app_version` of the `OfferProperties`."""
    offer_type: pulumi.Output[str]
    """Type of the offer; taken from the `Offer` whose `.id` is given. Empty: judged by the service."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        source: Input[str | pulumi.Asset | pulumi.Archive],
        kind: Input[
            Literal[
                "app",
                "library",
                "AzureApplicationPackage",
                "Dynamics365BusinessCentralAddOnExtensionPackage",
                "Dynamics365BusinessCentralAddOnLibraryExtensionPackage",
                "Dynamics365BusinessCentralAddOnDependencyPackage",
            ]
        ]
        | None = None,
        offer_type: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            offer: `.id` of the offer.
            source: A folder, a zip, a Pulumi asset or archive, compared by content. Files for Business
                Central stay unchanged.
            kind: Type of the content in the service's vocabulary. Of Business Central offers, `app` is the
                main app, and `library` one or several apps that it needs; state has the service's word.
            offer_type: Type of the offer; taken from the `Offer` whose `.id` is given. Empty: judged by the
                service.
            adopt: Take over something different that exists under the same name, instead of refusing.
            opts: Options of the engine.

        """
        arguments = {
            "offer": offer,
            "source": source,
            "kind": kind,
            "offer_type": offer_type,
            "adopt": adopt,
        }
        super().__init__(resource_name, imply_package(resource_name, arguments), opts)
