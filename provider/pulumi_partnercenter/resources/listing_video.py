"""ListingVideo: see `kinds/listing_video.py`."""

# Made by `make generate` from kinds/listing_video.py; changes here are lost.
from __future__ import annotations

from typing import Any

import pulumi
from pulumi import Input

from ._base import Resource, Schema, friendly_type_errors


class ListingVideo(Resource, module="partnercenter", name="ListingVideo"):
    """A video; its `id` is `<product>/<language>/<its address, quoted>`."""

    schema = Schema(
        known_as="ListingVideo",
        arguments=("adopt", "offer", "url", "title", "source", "language", "digest"),
        computed=("fingerprint",),
    )

    offer: pulumi.Output[str]
    """`.id` of the offer."""
    url: pulumi.Output[str]
    """Where it is streamed from: YouTube or Vimeo."""
    title: pulumi.Output[str]
    """What customers read below the picture."""
    source: pulumi.Output[Any]
    """Path of its picture, a PNG of 1280×720, or an asset."""
    language: pulumi.Output[str]
    """Language of the listing that it is in."""
    digest: pulumi.Output[str]
    """Digest of the picture; follows from `source`."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        url: Input[str],
        title: Input[str] | None = None,
        source: Input[str | pulumi.Asset | pulumi.Archive] | None = None,
        language: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            offer: `.id` of the offer.
            url: Where it is streamed from: YouTube or Vimeo.
            title: What customers read below the picture.
            source: Path of its picture, a PNG of 1280×720, or an asset.
            language: Language of the listing that it is in.
            adopt: Take over something different that exists under the same name, instead of refusing.
            opts: Options of the engine.

        """
        arguments = {
            "offer": offer,
            "url": url,
            "title": title,
            "source": source,
            "language": language,
            "adopt": adopt,
        }
        super().__init__(resource_name, arguments, opts)
