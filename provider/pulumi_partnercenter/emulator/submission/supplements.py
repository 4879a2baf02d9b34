"""Supplemental content: certification documents of Dynamics 365 offers. The flow is inferred."""

from __future__ import annotations

from typing import Any

from ..binding import order_members
from ..service import Answer, Call
from . import errors, files, schemas
from .entities import bind_replacement, list_in_instance, replace_body, require_draft, require_entity
from .files import FILE
from .scopes import product_of, scope

__all__ = ["commit_content", "get_content", "list_contents", "replace_content"]

KIND = "supplementalcontent"


def list_contents(call: Call) -> Answer:
    contents = list_in_instance(call, KIND, "SupplementalContent")
    return Answer(200, {"value": files.render(call, [content.body for content in contents])})


def get_content(call: Call) -> Answer:
    return Answer(200, files.render(call, require_entity(call, KIND, "id").body))


def replace_content(call: Call) -> Answer:
    """Replace the content. An asset without `assetID` is new and gets an upload address; others keep their file."""
    content = require_entity(call, KIND, "id")
    stored_assets = {asset["assetID"]: asset for asset in content.body.get("assets", [])}
    body = bind_replacement(call, content, schemas.SUPPLEMENTAL_CONTENT, if_match_required=True)
    if "assets" in body:
        body["assets"] = [_asset(call, product_of(content), asset, stored_assets) for asset in body["assets"]]
    stored = replace_body(call, content, order_members(schemas.SUPPLEMENTAL_CONTENT, body))
    return Answer(200, files.render(call, stored), etag=stored["@odata.etag"])


def commit_content(call: Call) -> Answer:
    """Commit the uploads: 200, and assets become read-only; 409 unless every asset was uploaded."""
    content = require_draft(require_entity(call, KIND, "id"))
    assets = content.body.get("assets", [])
    missing = [asset["fileName"] for asset in assets if call.blobs.content(asset[FILE]["blob"]) is None]
    if missing:
        raise errors.conflict(f"Not uploaded: {', '.join(missing)}.")
    committed = [{**asset, FILE: {**asset[FILE], "committed": True}} for asset in assets]
    body = {**content.body, "assets": committed} if assets else content.body
    stored = replace_body(call, content, body)
    return Answer(200, files.render(call, stored), etag=stored["@odata.etag"])


def _asset(
    call: Call, product: str, asset: dict[str, Any], stored_assets: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    id = asset.get("assetID")
    if id is not None:
        if id not in stored_assets:
            raise errors.invalid({"Assets": f"There is no asset {id}."})
        if asset.get("fileName", stored_assets[id]["fileName"]) != stored_assets[id]["fileName"]:
            raise errors.invalid({"Assets.FileName": "The field cannot be changed."})
        return {**stored_assets[id], **asset, FILE: stored_assets[id][FILE]}
    files.require_new(asset, ["fileName"])
    blob = call.blobs.allocate(scope(product))
    return {"assetID": call.store.ids.shaped(), **asset, FILE: {"blob": blob}}
