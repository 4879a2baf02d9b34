"""Supplemental content: certification documents of Dynamics 365 offers. Source: reference 5.18; flow inferred."""

from __future__ import annotations

from typing import Any

from ..binding import ordered
from ..service import Answer, Call
from . import errors, files, schemas
from .entities import bind_replacement, in_instance, replace_body, require_draft, require_entity
from .files import FILE
from .scopes import product_of, scope

__all__ = ["commit_content", "get_content", "list_contents", "replace_content"]

KIND = "supplementalcontent"


def list_contents(call: Call) -> Answer:
    found = in_instance(call, KIND, "SupplementalContent")
    return Answer(200, {"value": files.shown(call, [content.body for content in found])})


def get_content(call: Call) -> Answer:
    return Answer(200, files.shown(call, require_entity(call, KIND, "id").body))


def replace_content(call: Call) -> Answer:
    """An asset without `assetID` is a new one and gets an address to write to; others keep their file."""
    content = require_entity(call, KIND, "id")
    known = {asset["assetID"]: asset for asset in content.body.get("assets", [])}
    body = bind_replacement(call, content, schemas.SUPPLEMENTAL_CONTENT, if_match_required=True)
    if "assets" in body:
        body["assets"] = [_asset(call, product_of(content), asset, known) for asset in body["assets"]]
    stored = replace_body(call, content, ordered(schemas.SUPPLEMENTAL_CONTENT, body))
    return Answer(200, files.shown(call, stored), etag=stored["@odata.etag"])


def commit_content(call: Call) -> Answer:
    """200 once every asset was uploaded, which can then be read and no longer written; else 409."""
    content = require_draft(require_entity(call, KIND, "id"))
    assets = content.body.get("assets", [])
    missing = [asset["fileName"] for asset in assets if call.blobs.content(asset[FILE]["blob"]) is None]
    if missing:
        raise errors.conflict(f"Not uploaded: {', '.join(missing)}.")
    committed = [{**asset, FILE: {**asset[FILE], "committed": True}} for asset in assets]
    body = {**content.body, "assets": committed} if assets else content.body
    stored = replace_body(call, content, body)
    return Answer(200, files.shown(call, stored), etag=stored["@odata.etag"])


def _asset(
    call: Call, product: str, asset: dict[str, Any], known: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    id = asset.get("assetID")
    if id is not None:
        if id not in known:
            raise errors.invalid({"Assets": f"There is no asset {id}."})
        if asset.get("fileName", known[id]["fileName"]) != known[id]["fileName"]:
            raise errors.invalid({"Assets.FileName": "The field cannot be changed."})
        return {**known[id], **asset, FILE: known[id][FILE]}
    files.require_new(asset, ["fileName"])
    blob = call.blobs.allocate(scope(product))
    return {"assetID": call.store.ids.shaped(), **asset, FILE: {"blob": blob}}
