"""A video in an offer's listing, streamed from elsewhere, and its picture. Source: submission API 5.8, limits 9.1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import pulumi
from annotated_types import MinLen
from pulumi import Input

from .._resource import Derived, Immutable, Local, Outputs, Provider, Resource
from ._files import FileInputs, FileKind, Given, OptionalSource
from ._rules import DEFAULT_LANGUAGE, Language, OfferReference, PublicAddress, Text, unguarded

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.files import ListingFiles
    from ..api.submission.models import ListingVideo as Row
    from ..content.sources import Content

__all__ = ["ListingVideo"]


def _titles_belong_to_pictures(want: ListingVideoInputs) -> str | None:
    if want.title and not want.source:
        return "title: the service keeps it with the picture; name its source"
    return None


class ListingVideoInputs(FileInputs):
    """What a program may set. The service takes up to four videos a listing."""

    rules = (_titles_belong_to_pictures,)

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    url: Annotated[PublicAddress, Immutable, MinLen(1)]
    """Where it is streamed from: YouTube or Vimeo."""
    title: Text = ""
    """What customers read below the picture."""
    source: Annotated[OptionalSource, Local] = ""
    """Path of its picture, a PNG of 1280×720, or an asset."""
    language: Annotated[Language, Immutable] = DEFAULT_LANGUAGE
    """Language of the listing that it is in."""
    digest: Annotated[str, Derived] = ""
    """Digest of the picture; follows from `source`."""

    @classmethod
    def problem(cls, content: Content, props: Mapping[str, Any]) -> str | None:  # noqa: ARG003
        from ..content import pictures

        return pictures.problem(content, "VideoThumbnail")


class ListingVideoOutputs(Outputs):
    """What the service decides: only the `id`."""


class ListingVideoKind(FileKind[ListingVideoInputs, ListingVideoOutputs, "Row"]):
    noun, id_form = "listing video", "<product>/<language>/<address, quoted>"
    inputs, outputs = ListingVideoInputs, ListingVideoOutputs
    key = ("offer", "language", "url")

    def files(self, api: SubmissionApi) -> ListingFiles[Row]:
        return api.videos

    def is_of(self, row: Row, key: Mapping[str, str]) -> bool:
        return row.streaming_uri == key["url"]

    def key_in(self, row: Row) -> dict[str, str]:
        return {"url": row.streaming_uri}

    def told(self, row: Row) -> dict[str, Any]:
        return {"title": row.thumbnail.title}

    def wanted(self, want: ListingVideoInputs, row: Row) -> Row:
        if not want.source:
            return type(row)()
        return type(row)(thumbnail=row.thumbnail.over(type(row.thumbnail)(title=want.title)))

    def remarks(self, was: Mapping[str, Any], want: Mapping[str, Any]) -> list[str]:
        return [
            f"listing video: {address} is not protected: customers' browsers warn of http://"
            for address in unguarded(was.get("url"), want["url"])
        ]

    def new(self, want: ListingVideoInputs, name: str) -> Row:
        from ..api.submission.models import ListingVideo as Row
        from ..api.submission.models import Thumbnail

        row = Row(resource_type="ListingVideo", streaming_uri=want.url, state="PendingUpload")
        if want.source:
            picture = Thumbnail(file_name=name or "thumbnail.png", title=want.title, state="PendingUpload")
            row.thumbnail = picture
        return row


class ListingVideoProvider(Provider):
    kind, known_as = ListingVideoKind(), "ListingVideo"


class ListingVideo(Resource, module="partnercenter", name="ListingVideo"):
    """A video; its `id` is `<product>/<language>/<its address, quoted>`. Arguments: `ListingVideoInputs`."""

    provider = ListingVideoProvider

    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        url: Input[str],
        title: Input[str] | None = None,
        source: Input[Given] | None = None,
        language: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        arguments = {
            "offer": offer,
            "url": url,
            "title": title,
            "source": source,
            "language": language,
            "adopt": adopt,
        }
        super().__init__(resource_name, arguments, opts)
