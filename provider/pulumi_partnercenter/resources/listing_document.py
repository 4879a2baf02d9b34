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
    """What customers read in place of the file's name."""
    source: pulumi.Output[Any]
    """Path of the PDF, or an asset."""
    kind: pulumi.Output[str]
    """What it is, in the service's words; the spelling is inferred, another can be given."""
    language: pulumi.Output[str]
    """Language of the listing that it is in."""
    file_name: pulumi.Output[str]
    """Its name in the service; else that of its source when it was made."""
    description: pulumi.Output[str]
    """What it is about."""
    digest: pulumi.Output[str]
    """Digest of the document; follows from `source`."""

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
            title: What customers read in place of the file's name.
            source: Path of the PDF, or an asset.
            kind: What it is, in the service's words; the spelling is inferred, another can be given.
            language: Language of the listing that it is in.
            file_name: Its name in the service; else that of its source when it was made.
            description: What it is about.
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
