"""A logo or screenshot of an offer's listing. Source: Partner Center submission API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from annotated_types import Ge

from ..api.submission.models import ListingImage as Row
from ..content import pictures
from ..content.sources import Content
from ..markers import Derived, Immutable, Integer, Local, Meaning, Wire
from ._files import FileArguments, FileKind, FileName, Source
from ._rules import DEFAULT_LANGUAGE, Language, OfferReference, Text
from ._submission_api import ListingFiles, SubmissionApi
from ._vocabularies import IMAGE_KINDS


def _kind(value: str) -> str:
    if not value.isalnum() or not value.isascii():
        raise ValueError("must be a kind of image such as AzureLogoLarge or AzureLogoScreenshot")
    return value


def _is_logo(kind: object) -> bool:
    """A listing has one logo of a kind, and several screenshots."""
    name = str(kind).casefold()
    return name.startswith("azurelogo") and "screenshot" not in name


class ListingImageArguments(FileArguments):
    """Arguments of an image, PNG only. Logos: 48×48, 90×90, 216 to 350 square, 255×115. Screenshots: 1280×720."""

    is_by_kind = True

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    kind: Annotated[str, Immutable, Meaning(_kind), IMAGE_KINDS]
    """`AzureLogoSmall`, `AzureLogoMedium`, `AzureLogoLarge`, `AzureLogoWide`, `AzureLogoScreenshot` …"""
    source: Annotated[Source, Local]
    """Path of the picture, or an asset."""
    language: Annotated[Language, Immutable] = DEFAULT_LANGUAGE
    """Language of the listing that it is in."""
    file_name: Annotated[FileName, Immutable] = ""
    """Its name in the service, one for each screenshot. Else logos are called by their kind, others by their source."""
    order: Annotated[Integer, Ge(0), Wire("order")] = 0
    """Position of a screenshot."""
    description: Annotated[Text, Wire("description")] = ""
    """Caption."""
    digest: Annotated[str, Derived] = ""
    """Digest of the picture; follows from `source`."""

    @classmethod
    def problem(cls, content: Content, props: Mapping[str, Any]) -> str | None:
        return pictures.problem(content, str(props["kind"]))

    @classmethod
    def default_name(cls, content: Content, props: Mapping[str, Any]) -> str:
        return f"{props['kind']}.png" if _is_logo(props["kind"]) else content.name


class ListingImageKind(FileKind[ListingImageArguments, Row]):
    """A logo or screenshot; its `id` is `<product>/<language>/<kind>/<file name>`."""

    noun, id_form = "listing image", "<product>/<language>/<kind>/<file name>"
    arguments = ListingImageArguments
    key = ("offer", "language", "kind", "file_name")

    def files(self, api: SubmissionApi) -> ListingFiles[Row]:
        return api.images

    def is_of(self, row: Row, key: Mapping[str, str]) -> bool:
        same = row.type.casefold() == key["kind"].casefold()
        return same and (_is_logo(key["kind"]) or row.file_name == key["file_name"])

    def natural_key(self, props: Mapping[str, Any]) -> dict[str, Any]:
        """Leave out the file name of a logo: a listing has one logo of a kind."""
        place = super().natural_key(props)
        if isinstance(place["kind"], str):
            place["kind"] = place["kind"].casefold()
        return place | {"file_name": ""} if _is_logo(place["kind"]) else place

    def key_in(self, row: Row) -> dict[str, str]:
        name = f"{row.type}.png" if _is_logo(row.type) else row.file_name
        return {"kind": row.type, "file_name": name}

    def new(self, desired: ListingImageArguments, name: str) -> Row:  # noqa: ARG002
        row = Row(
            resource_type="ListingImage",
            file_name=desired.file_name,
            type=desired.kind,
            state="PendingUpload",
        )
        return row.merge(self.build_row(desired, row))
