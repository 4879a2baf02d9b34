"""ListingImage: see `kinds/listing_image.py`."""

# Made by `make generate` from kinds/listing_image.py; changes here are lost.
from __future__ import annotations

from typing import Any

import pulumi
from pulumi import Input

from ._base import Resource, Schema, friendly_type_errors


class ListingImage(Resource, module="partnercenter", name="ListingImage"):
    """A logo or screenshot; its `id` is `<product>/<language>/<kind>/<file name>`."""

    schema = Schema(
        known_as="ListingImage",
        arguments=(
            "adopt",
            "offer",
            "kind",
            "source",
            "language",
            "file_name",
            "order",
            "description",
            "digest",
        ),
        computed=("fingerprint",),
    )

    offer: pulumi.Output[str]
    """`.id` of the offer."""
    kind: pulumi.Output[str]
    """`AzureLogoSmall`, `AzureLogoMedium`, `AzureLogoLarge`, `AzureLogoWide`, `AzureLogoScreenshot` …"""
    source: pulumi.Output[Any]
    """Path of the picture, or an asset."""
    language: pulumi.Output[str]
    """Language of the listing that it is in."""
    file_name: pulumi.Output[str]
    """Its name in the service, one for each screenshot. Else logos are called by their kind, others by
    their source."""
    order: pulumi.Output[int]
    """Position of a screenshot."""
    description: pulumi.Output[str]
    """Caption."""
    digest: pulumi.Output[str]
    """Digest of the picture; follows from `source`."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        kind: Input[str],
        source: Input[str | pulumi.Asset | pulumi.Archive],
        language: Input[str] | None = None,
        file_name: Input[str] | None = None,
        order: Input[int] | None = None,
        description: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            offer: `.id` of the offer.
            kind: `AzureLogoSmall`, `AzureLogoMedium`, `AzureLogoLarge`, `AzureLogoWide`,
                `AzureLogoScreenshot` …
            source: Path of the picture, or an asset.
            language: Language of the listing that it is in.
            file_name: Its name in the service, one for each screenshot. Else logos are called by their
                kind, others by their source.
            order: Position of a screenshot.
            description: Caption.
            adopt: Take over something different that exists under the same name, instead of refusing.
            opts: Options of the engine.

        """
        arguments = {
            "offer": offer,
            "kind": kind,
            "source": source,
            "language": language,
            "file_name": file_name,
            "order": order,
            "description": description,
            "adopt": adopt,
        }
        super().__init__(resource_name, arguments, opts)
