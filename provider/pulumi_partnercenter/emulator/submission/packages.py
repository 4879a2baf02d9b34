"""Packages: files that plans or offers deliver."""

from __future__ import annotations

from typing import Any

from ..service import Answer, Call
from ..state import Document
from . import archives, automaton, conditions, document_types, drafts, errors, files, schemas
from .configurations import BUSINESS_CENTRAL_TYPES, references
from .entities import bind_replacement, replace_body, require_entity, require_type, sent
from .files import APPS, FILE
from .products import require_product
from .scopes import instance_of, product_of, within_product

__all__ = ["create_package", "delete_package", "get_package", "list_packages", "replace_package"]

APPLICATION = "AzureApplicationPackage"
NO_PACKAGES = tuple(name for name in document_types.DYNAMICS if name != document_types.BUSINESS_CENTRAL)
"""Types whose packages stay at an address of the publisher, or in Lifecycle Services (documented)."""
PROCESSING_SECONDS = 3.0  # under `--pace real`; inferred


def list_packages(call: Call) -> Answer:
    product = require_product(call)
    packages = call.store.select("package", **within_product(product.id))
    return Answer(200, {"value": [_render_processed(call, package) for package in packages]})


def get_package(call: Call) -> Answer:
    return Answer(200, _render_processed(call, require_entity(call, "package", "id")))


def create_package(call: Call) -> Answer:
    """Create a package: 201 with the address for its upload. One for another type of offer is refused (inferred)."""
    product = require_product(call)
    offer_type = product.body["resourceType"]
    if offer_type in NO_PACKAGES:
        raise errors.not_applicable()
    body = call.bind(schemas.PACKAGE)
    is_central = offer_type == document_types.BUSINESS_CENTRAL
    if not (is_central and body.get("resourceType") in BUSINESS_CENTRAL_TYPES):
        require_type(body, BUSINESS_CENTRAL_TYPES[0] if is_central else APPLICATION)
    files.require_new(body, ["fileName"])
    id = call.store.ids.guid()
    stored = drafts.stamp_entity(call.store, files.add_file(call, product.id, body), id)
    package = Document("package", id, stored, product.scope)
    call.store.save(package)
    location = f"/products/{product.id}/packages/{id}"
    return Answer(201, _render(call, package), etag=stored["@odata.etag"], location=location)


def replace_package(call: Call) -> Answer:
    """Start the processing, with the state `Uploaded`; no other member changes. The etag may be in the body."""
    package = require_entity(call, "package", "id")
    conditions.check(sent(call, "@odata.etag"), package.body["@odata.etag"], required=False)
    bound = bind_replacement(call, package, schemas.PACKAGE, if_match_required=False)
    before = {**package.body, "state": files.state_of(package, call.store.clock())}
    state = files.keep_file(bound, before, ["fileName"])["state"]
    body = package.body if state != files.UPLOADED else _process(call, package)
    stored = replace_body(call, package, body)
    return Answer(200, _render(call, package), etag=stored["@odata.etag"])


def delete_package(call: Call) -> Answer:
    """Delete a package: 204, or 409 while a draft, a published document or a submission refers to it (inferred)."""
    package = require_entity(call, "package", "id")
    product = product_of(package)
    held_instances = automaton.held_instances(call.store, product)
    for configuration in call.store.select("packageconfiguration", **within_product(product)):
        named = package.id.lower() in [id.lower() for id in references(configuration.body)]
        if named and (configuration.stage == "draft" or instance_of(configuration) in held_instances):
            raise errors.conflict(
                f"Package {package.id} is referenced by package configuration {configuration.id}."
            )
    call.store.delete(kind="package", id=package.id)
    return Answer(204)


def _process(call: Call, package: Document) -> dict[str, Any]:
    """Return the package after processing; a Business Central package is processed at once (bcch)."""
    path = call.blobs.content(package.body[FILE]["blob"])
    is_application = package.body["resourceType"] == APPLICATION
    if path is None:
        items = [archives.item("Package-10000", "No file was uploaded.")]
    else:
        items = archives.find_problems(path) if is_application else []
    failed = any(item["severity"] == "Error" for item in items)
    delay = PROCESSING_SECONDS if is_application and call.pace == "real" else 0
    body = {**package.body, "state": "ProcessFailed" if failed else "Processed"}
    apps = archives.read_apps(path) if path is not None and not is_application else []
    if path is not None:
        body |= {"fileSize": path.stat().st_size, "isEmpty": path.stat().st_size == 0}
    if items:
        body["validationItems"] = items
    file = {**package.body[FILE], "processed_at": call.store.clock() + delay}
    return {**body, FILE: {**file, **({APPS: apps} if apps else {})}}


def _render(call: Call, package: Document) -> dict[str, Any]:
    state = files.state_of(package, call.store.clock())
    body: dict[str, Any] = files.render(call, {**package.body, "state": state})
    if state == "InProcessing":
        body.pop("validationItems", None)
    return body


def _render_processed(call: Call, package: Document) -> dict[str, Any]:
    """Return a package. A processed Business Central package has neither type nor address."""
    body = _render(call, package)
    if package.body["resourceType"] == APPLICATION or body["state"] != "Processed":
        return body
    lost = ("fileSasUri", "fileSize", "isEmpty")
    return {name: value for name, value in body.items() if name not in lost} | {"resourceType": ""}
