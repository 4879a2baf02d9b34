"""Co-sell listings and the files that they refer to. Source: reference 5.17; what is not in its table is inferred."""

from __future__ import annotations

from ..binding import ordered
from ..service import Answer, Call
from ..state import Document
from . import drafts, errors, files, schemas
from .entities import (
    bind_replacement,
    in_instance,
    replace_body,
    require_draft,
    require_entity,
    require_type,
)
from .products import require_product
from .scopes import within_product
from .singletons import Singleton

__all__ = [
    "LISTINGS",
    "create_asset",
    "delete_asset",
    "get_asset",
    "list_assets",
    "list_drafts",
    "replace_asset",
]

LISTINGS = Singleton("coselllisting", "Cosell", lambda _: schemas.COSELL_LISTING, if_match_required=False)
KIND = "cosellasset"


def list_drafts(call: Call) -> Answer:
    """The assets of the present draft."""
    product = require_product(call)
    found = call.store.select(KIND, **within_product(product.id), stage="draft")
    return Answer(200, {"value": files.shown(call, [asset.body for asset in found])})


def list_assets(call: Call) -> Answer:
    """The assets of an instance, a published one too."""
    found = in_instance(call, KIND, "Cosell")
    return Answer(200, {"value": files.shown(call, [asset.body for asset in found])})


def get_asset(call: Call) -> Answer:
    return Answer(200, files.shown(call, require_entity(call, KIND, "id").body))


def create_asset(call: Call) -> Answer:
    """200, as documented, with the address to write to. It belongs to the present draft."""
    product = require_product(call)
    body = call.bind(schemas.COSELL_ASSET)
    require_type(body, "CosellAsset")
    files.require_new(body, ["fileName"])
    (listing,) = call.store.select("coselllisting", **within_product(product.id), stage="draft")
    id = call.store.ids.shaped()
    opened = files.opened(call, product.id, body)
    stored = drafts.stamped(call.store, ordered(schemas.COSELL_ASSET, opened), id)
    call.store.save(Document(KIND, id, stored, listing.scope, listing.id))
    return Answer(200, files.shown(call, stored), etag=stored["@odata.etag"])


def replace_asset(call: Call) -> Answer:
    document = require_entity(call, KIND, "id")
    body = bind_replacement(call, document, schemas.COSELL_ASSET, if_match_required=False)
    carried = files.carried(body, document.body, ["fileName", "type"])
    stored = replace_body(call, document, ordered(schemas.COSELL_ASSET, carried))
    return Answer(200, files.shown(call, stored), etag=stored["@odata.etag"])


def delete_asset(call: Call) -> Answer:
    """204, or 409 while its listing refers to it."""
    asset = require_draft(require_entity(call, KIND, "id"))
    listing = call.store.find("coselllisting", asset.natural_key)
    referred = listing.body.get("assetReferences", []) if listing is not None else []
    if asset.id in [str(pair.get("value", "")).lower() for pair in referred]:
        raise errors.conflict(f"Asset {asset.id} is referenced by the co-sell listing.")
    call.store.delete(kind=KIND, id=asset.id)
    return Answer(204)
