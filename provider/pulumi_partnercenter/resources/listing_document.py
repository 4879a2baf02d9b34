"""ListingDocument: see `kinds/listing_document.py`."""

# Made by `make generate` from kinds/listing_document.py; changes here are lost.
from __future__ import annotations

from typing import Any

import pulumi
from pulumi import Input

from ._base import Resource, Schema, friendly_type_errors


class ListingDocument(Resource, module="partnercenter", name="ListingDocument"):
    """A PDF for customers; its `id` is `<product>/<language>/<file name>`."""

    schema = Schema(
        known_as="ListingDocument",
        arguments=(
            "adopt",
            "offer",
            "title",
            "source",
            "kind",
            "language",
            "file_name",
            "description",
            "digest",
        ),
        computed=("fingerprint",),
    )

    offer: pulumi.Output[str]
    """`.id` of the offer."""
    title: pulumi.Output[str]
    """Title that customers see in place of the file's name."""
    source: pulumi.Output[Any]
    """Path of the PDF, or an asset."""
    kind: pulumi.Output[str]
    """Type of the document in the service's vocabulary. The default is inferred; other values are
    accepted."""
    language: pulumi.Output[str]
    """Language of the listing."""
    file_name: pulumi.Output[str]
    """File name in the service; by default the name of the source at creation."""
    description: pulumi.Output[str]
    """Description of the document."""
    digest: pulumi.Output[str]
    """Digest of the document, derived from `source`."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        title: Input[str],
        source: Input[str | pulumi.Asset | pulumi.Archive],
        kind: Input[str] | None = None,
        language: Input[str] | None = None,
        file_name: Input[str] | None = None,
        description: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            offer: `.id` of the offer.
            title: Title that customers see in place of the file's name.
            source: Path of the PDF, or an asset.
            kind: Type of the document in the service's vocabulary. The default is inferred; other values
                are accepted.
            language: Language of the listing.
            file_name: File name in the service; by default the name of the source at creation.
            description: Description of the document.
            adopt: Take over something different that exists under the same name, instead of refusing.
            opts: Options of the engine.

        """
        arguments = {
            "offer": offer,
            "title": title,
            "source": source,
            "kind": kind,
            "language": language,
            "file_name": file_name,
            "description": description,
            "adopt": adopt,
        }
        super().__init__(resource_name, arguments, opts)
