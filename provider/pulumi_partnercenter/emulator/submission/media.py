"""Media below a listing: images, videos, documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..binding import Schema, order_members
from ..service import Answer, Call
from ..state import Document
from . import drafts, errors, files, schemas
from .entities import bind_replacement, replace_body, require_draft, require_entity, require_type
from .files import FILE
from .scopes import product_of

__all__ = ["ASSETS", "IMAGES", "KINDS", "VIDEOS", "Media"]


@dataclass(frozen=True)
class Media:
    """One of the three collections below a listing; its methods are its operations.

    `path` is its segment, `required` are the required members of a new element, `fixed` those that never change.
    Elements
    have the id of their listing as natural key.
    """

    kind: str
    path: str
    resource_type: str
    schema: Mapping[str, Schema]
    required: Sequence[str]
    fixed: Sequence[str]
    if_match_required: bool = False

    def list(self, call: Call) -> Answer:
        listing, addresses = require_entity(call, "listing", "listing"), files.expands(call)
        members = call.store.select(self.kind, natural_key=listing.id)
        return Answer(
            200, {"value": files.render(call, [member.body for member in members], addresses=addresses)}
        )

    def get(self, call: Call) -> Answer:
        addresses = files.expands(call)
        return Answer(200, files.render(call, self._require(call).body, addresses=addresses))

    def create(self, call: Call) -> Answer:
        """Create an element: 201 with the address for its upload. Equal types and names coexist (recorded)."""
        listing = require_draft(require_entity(call, "listing", "listing"))
        body = call.bind(self.schema)
        require_type(body, self.resource_type)
        files.require_new(body, self.required)
        id, add_files = call.store.ids.shaped(), self.add_files(call, product_of(listing), body)
        stored = drafts.stamp_entity(call.store, order_members(self.schema, add_files), id)
        call.store.save(Document(self.kind, id, stored, listing.scope, listing.id))
        location = f"/products/{product_of(listing)}/listings/{listing.id}/{self.path}/{id}"
        return Answer(201, files.render(call, stored), etag=stored["@odata.etag"], location=location)

    def replace(self, call: Call) -> Answer:
        """Replace everything but the fixed members. The state `Uploaded` is final (recording)."""
        document = self._require(call)
        body = bind_replacement(call, document, self.schema, if_match_required=self.if_match_required)
        keep_files = self.keep_files(call, document, body)
        stored = replace_body(call, document, order_members(self.schema, keep_files))
        return Answer(200, files.render(call, stored), etag=stored["@odata.etag"])

    def delete(self, call: Call) -> Answer:
        document = require_draft(self._require(call))
        call.store.delete(kind=self.kind, id=document.id)
        return Answer(204)

    def add_files(self, call: Call, product: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return a new element with files that are not uploaded yet."""
        return files.add_file(call, product, body)

    def keep_files(self, _: Call, document: Document, body: dict[str, Any]) -> dict[str, Any]:
        """Return a replacement with the uploaded files."""
        return files.keep_file(body, document.body, self.fixed)

    def _require(self, call: Call) -> Document:
        """Return the element that the path names in the listing that the path names."""
        listing = require_entity(call, "listing", "listing")
        document = require_entity(call, self.kind, "id")
        if document.natural_key != listing.id:
            raise errors.not_found(f"{self.resource_type} {document.id}")
        return document


class Videos(Media):
    """A video is only an address; its thumbnail is a file."""

    def add_files(self, call: Call, product: str, body: dict[str, Any]) -> dict[str, Any]:
        video = {**body, "state": files.PENDING}
        if "thumbnail" in body:
            video["thumbnail"] = _new_thumbnail(call, product, body["thumbnail"])
        return video

    def keep_files(self, call: Call, document: Document, body: dict[str, Any]) -> dict[str, Any]:
        video = {**body, "state": files.next_state(body, document.body["state"])}
        if "thumbnail" in body:
            video["thumbnail"] = _thumbnail(call, document, body["thumbnail"])
        return video


def _thumbnail(call: Call, video: Document, thumbnail: dict[str, Any]) -> dict[str, Any]:
    """Return the thumbnail of a replacement: the stored file, or a new one for another file name (inferred)."""
    before = video.body.get("thumbnail", {})
    if FILE in before and thumbnail.get("fileName", before["fileName"]) == before["fileName"]:
        return files.keep_file(thumbnail, before, ["fileName"])
    return _new_thumbnail(call, product_of(video), thumbnail)


def _new_thumbnail(call: Call, product: str, thumbnail: dict[str, Any]) -> dict[str, Any]:
    files.require_new(thumbnail, ["fileName"])
    return files.add_file(call, product, thumbnail)


IMAGES = Media(
    "listingimage",
    "images",
    "ListingImage",
    schemas.LISTING_IMAGE,
    ["fileName", "type"],
    ["fileName", "type"],
    if_match_required=True,
)
VIDEOS = Videos("listingvideo", "videos", "ListingVideo", schemas.LISTING_VIDEO, ["streamingUri"], [])
ASSETS = Media("listingasset", "assets", "ListingAsset", schemas.LISTING_ASSET, ["fileName"], ["fileName"])
KINDS = tuple(media.kind for media in (IMAGES, VIDEOS, ASSETS))
