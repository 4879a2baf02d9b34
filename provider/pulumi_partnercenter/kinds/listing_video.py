"""A video in an offer's listing, streamed from elsewhere, and its picture. Source: Partner Center submission API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from annotated_types import MinLen

from ..api.submission.models import ListingVideo as Row
from ..api.submission.models import Thumbnail
from ..content import pictures
from ..content.sources import Content
from ..markers import Derived, Immutable, Local
from ._files import FileArguments, FileKind, OptionalSource
from ._rules import DEFAULT_LANGUAGE, Language, OfferReference, PublicAddress, Text, unguarded_remarks
from ._submission_api import ListingFiles, SubmissionApi


def _titles_belong_to_pictures(desired: ListingVideoArguments) -> str | None:
    if desired.title and not desired.source:
        return "title: the service keeps it with the picture; name its source"
    return None


class ListingVideoArguments(FileArguments):
    """Arguments of a video. A listing has at most four videos."""

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
        return pictures.problem(content, "VideoThumbnail")


class ListingVideoKind(FileKind[ListingVideoArguments, Row]):
    """A video; its `id` is `<product>/<language>/<its address, quoted>`."""

    noun, id_form = "listing video", "<product>/<language>/<address, quoted>"
    arguments = ListingVideoArguments
    key = ("offer", "language", "url")

    def files(self, api: SubmissionApi) -> ListingFiles[Row]:
        return api.videos

    def is_of(self, row: Row, key: Mapping[str, str]) -> bool:
        return row.streaming_uri == key["url"]

    def key_in(self, row: Row) -> dict[str, str]:
        return {"url": row.streaming_uri}

    def read_arguments(self, row: Row) -> dict[str, Any]:
        return {"title": row.thumbnail.title}

    def build_row(self, desired: ListingVideoArguments, row: Row) -> Row:
        if not desired.source:
            return type(row)()
        return type(row)(thumbnail=row.thumbnail.merge(type(row.thumbnail)(title=desired.title)))

    def describe_change(self, was: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:
        return unguarded_remarks(self.noun, was.get("url"), desired["url"])

    def new(self, desired: ListingVideoArguments, name: str) -> Row:
        row = Row(resource_type="ListingVideo", streaming_uri=desired.url, state="PendingUpload")
        if desired.source:
            picture = Thumbnail(file_name=name or "thumbnail.png", title=desired.title, state="PendingUpload")
            row.thumbnail = picture
        return row
