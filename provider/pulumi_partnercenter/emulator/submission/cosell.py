"""Co-sell listings and their files. Members are documented, refusals are inferred."""

from __future__ import annotations

from ..binding import order_members
from ..service import Answer, Call
from ..state import Document
from . import drafts, errors, files, schemas
from .entities import (
    bind_replacement,
    list_in_instance,
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
    """Return the assets of the present draft."""
    product = require_product(call)
    assets = call.store.select(KIND, **within_product(product.id), stage="draft")
    return Answer(200, {"value": files.render(call, [asset.body for asset in assets])})


def list_assets(call: Call) -> Answer:
    """Return the assets of an instance, which may be a published one."""
    assets = list_in_instance(call, KIND, "Cosell")
    return Answer(200, {"value": files.render(call, [asset.body for asset in assets])})


def get_asset(call: Call) -> Answer:
    return Answer(200, files.render(call, require_entity(call, KIND, "id").body))


def create_asset(call: Call) -> Answer:
    """Create an asset of the present draft: 200, as documented, with the address for its upload."""
    product = require_product(call)
    body = call.bind(schemas.COSELL_ASSET)
    require_type(body, "CosellAsset")
    files.require_new(body, ["fileName"])
    (listing,) = call.store.select("coselllisting", **within_product(product.id), stage="draft")
    id = call.store.ids.shaped()
    opened = files.add_file(call, product.id, body)
    stored = drafts.stamp_entity(call.store, order_members(schemas.COSELL_ASSET, opened), id)
    call.store.save(Document(KIND, id, stored, listing.scope, listing.id))
    return Answer(200, files.render(call, stored), etag=stored["@odata.etag"])


def replace_asset(call: Call) -> Answer:
    document = require_entity(call, KIND, "id")
    body = bind_replacement(call, document, schemas.COSELL_ASSET, if_match_required=False)
    carried = files.keep_file(body, document.body, ["fileName", "type"])
    stored = replace_body(call, document, order_members(schemas.COSELL_ASSET, carried))
    return Answer(200, files.render(call, stored), etag=stored["@odata.etag"])


def delete_asset(call: Call) -> Answer:
    """Delete an asset: 204, or 409 while its listing refers to it."""
    asset = require_draft(require_entity(call, KIND, "id"))
    listing = call.store.find("coselllisting", asset.natural_key)
    referred = listing.body.get("assetReferences", []) if listing is not None else []
    if asset.id in [str(pair.get("value", "")).lower() for pair in referred]:
        raise errors.conflict(f"Asset {asset.id} is referenced by the co-sell listing.")
    call.store.delete(kind=KIND, id=asset.id)
    return Answer(204)
