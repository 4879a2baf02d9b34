"""Listings of offers and of plans."""

from __future__ import annotations

from ..binding import order_members
from ..service import Answer, Call
from ..state import Document
from . import drafts, errors, media, schemas
from .entities import (
    bind_replacement,
    list_in_instance,
    replace_body,
    require_branch,
    require_draft,
    require_entity,
    require_type,
)
from .scopes import product_of

__all__ = ["create_listing", "delete_listing", "get_listing", "list_listings", "replace_listing"]

DEFAULT_LANGUAGE = "en-us"


def list_listings(call: Call) -> Answer:
    """Return an element for each language."""
    return Answer(200, {"value": [listing.body for listing in list_in_instance(call, "listing", "Listing")]})


def get_listing(call: Call) -> Answer:
    return Answer(200, require_entity(call, "listing", "listing").body)


def replace_listing(call: Call) -> Answer:
    """Replace everything but `id` and `languageCode`; completeness is not checked (recording)."""
    listing = require_entity(call, "listing", "listing")
    body = bind_replacement(call, listing, schemas.LISTING, if_match_required=True)
    language = listing.body["languageCode"]
    if body.get("languageCode", language).lower() != language.lower():
        raise errors.invalid({"LanguageCode": "The language of a listing cannot be changed."})  # inferred
    stored = replace_body(call, listing, order_members(schemas.LISTING, {**body, "languageCode": language}))
    return Answer(200, stored, etag=stored["@odata.etag"])


def create_listing(call: Call) -> Answer:
    """Create a further language in a draft instance: 201; 409 for an existing language (inferred)."""
    branch = require_branch(call, "Listing")
    body = call.bind(schemas.LISTING)
    require_type(body, "AzureListing")
    language = body.get("languageCode")
    if not language:
        raise errors.invalid({"LanguageCode": "Missing required field LanguageCode."})
    siblings = call.store.select("listing", scope=branch.scope)
    if language.lower() in {sibling.natural_key.lower() for sibling in siblings}:
        raise errors.conflict(f"A listing in {language} exists already.")
    id = call.store.ids.shaped()
    stored = drafts.stamp_entity(call.store, body, id)
    call.store.save(Document("listing", id, stored, branch.scope, language))
    location = f"/products/{product_of(branch)}/listings/{id}"
    return Answer(201, stored, etag=stored["@odata.etag"], location=location)


def delete_listing(call: Call) -> Answer:
    """Delete a further language and its images: 204; 409 for the default language, which stays (inferred)."""
    listing = require_draft(require_entity(call, "listing", "listing"))
    if listing.natural_key.lower() == DEFAULT_LANGUAGE:
        raise errors.conflict("The listing in the default language cannot be deleted.")
    for kind in media.KINDS:
        call.store.delete(kind=kind, natural_key=listing.id)
    call.store.delete(kind="listing", id=listing.id)
    return Answer(204)
