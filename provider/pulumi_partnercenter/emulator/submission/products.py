"""Products, their setup and their branches."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any
from urllib.parse import quote

from .. import account
from ..service import Answer, Call
from ..state import Document, Store
from . import automaton, channels, document_types, drafts, errors, schemas
from .scopes import product_of, scope, within_product

__all__ = ["OFFER_ID", "require_product"]

OFFER_ID = "AzureOfferId"
# Documented for the portal; that the service checks it at POST is inferred.
OFFER_ID_FORM = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")
LONGEST_CENTRAL_ID = 39
BY_EXTERNAL_ID = re.compile(
    r"externalids/any\((?P<it>\w+): ?(?P=it)/type eq '(?P<type>(?:[^']|'')*)'"
    r" and (?P=it)/value eq '(?P<value>(?:[^']|'')*)'\)",
    re.IGNORECASE,
)
ONE_TYPE = r"resourcetype eq '((?:[^']|'')*)'"
BY_TYPE = re.compile(rf"{ONE_TYPE}(?: or {ONE_TYPE})*", re.IGNORECASE)
PACKAGE_TYPES = ("AddOn", "Connect")
# Pages have different sizes, and some are empty although more follow (recorded).
PAGE_SIZES = (1, 4, 5, 0, 2, 20, 100)
MODULES = (
    "Listing",
    "Property",
    "Package",
    "Availability",
    "SupplementalContent",
    "Cosell",
    "ResellerConfiguration",
)


def require_product(call: Call) -> Document:
    """Return the product that the path names, after settling its submissions; 404 if there is none.

    Of a product that belongs to another service, only the product itself is emulated.
    """
    id = call.path["product"]
    product = call.store.find("product", id)
    if product is None and account.find(call.store, id):
        raise errors.not_emulated(f"content of product {id}, whose offer belongs to another service")
    if product is None:
        raise errors.not_found(f"Product {id}")
    automaton.settle(call.store, product.id)
    return product


def list_products(call: Call) -> Answer:
    """Return all products in partition order, page by page; or those that match a filter."""
    expression = " ".join(call.query.get("$filter", "").split())
    if not expression:
        return Answer(200, _page(call, _visible_products(call.store), ""))
    if by_id := BY_EXTERNAL_ID.fullmatch(expression):
        is_offer_id, value = by_id["type"].lower() == OFFER_ID.lower(), by_id["value"].replace("''", "'")
        products = _visible_products(call.store, natural_key=value) if is_offer_id else []
        return Answer(200, {"value": [product.body for product in products]})
    if BY_TYPE.fullmatch(expression):
        types = {name.replace("''", "'") for name in re.findall(ONE_TYPE, expression, re.IGNORECASE)}
        products = _visible_products(call.store)
        chosen = [product for product in products if product.body["resourceType"] in types]
        return Answer(200, _page(call, chosen, f"$filter={quote(expression)}&"))
    raise errors.invalid({"Filter": f"The filter expression is not supported: {expression}"})


def _visible_products(store: Store, **columns: str) -> list[Document]:
    """Return products by id, with those of other services' offers."""
    products = [*store.visible("product", **columns), *account.list_visible(store, **columns)]
    return sorted(products, key=lambda product: product.id)


def _page(call: Call, products: list[Document], option: str) -> dict[str, Any]:
    number, after = _parse_token(call.query.get("$skipToken", ""))
    size = PAGE_SIZES[number % len(PAGE_SIZES)]
    rest = [product for product in products if product.id > after]
    shown = rest[:size]
    page: dict[str, Any] = {"value": [product.body for product in shown]}
    if rest and len(shown) == size:  # the service cannot know whether a full page is the last one
        last = shown[-1].id if shown else after
        page = {"nextLink": f"v1.0/ingestion/products?{option}$skipToken={_token(number + 1, last)}", **page}
    return page


def _token(number: int, after: str) -> str:
    """Return a token in the shape of the service's continuation tokens; its range is the position."""
    ranges = [{"token": None, "range": {"min": f"{number:04X}{after}", "max": "FF"}}]
    token = {"LastId": json.dumps(ranges, separators=(",", ":")), "Source": "DocDB"}
    return base64.b64encode(json.dumps(token, separators=(",", ":")).encode()).decode()


def _parse_token(token: str) -> tuple[int, str]:
    if not token:
        return 0, ""
    try:
        # A literal plus sign in a query is decoded to a blank.
        decoded = json.loads(base64.b64decode(token.replace(" ", "+"), validate=True))
        position = json.loads(decoded["LastId"])[0]["range"]["min"]
        return int(position[:4], 16), str(position[4:])
    except (binascii.Error, ValueError, KeyError, TypeError, IndexError):
        raise errors.not_found("Page") from None  # clients of the service expect this status


def create_product(call: Call) -> Answer:
    """Create a product: 201, visible to filters at once. Its children appear later under `--pace real`."""
    body = call.bind(schemas.PRODUCT)
    body["externalIDs"] = [_spell_offer_id(pair) for pair in body.get("externalIDs", [])]
    offer_id = _require_valid(body)
    if any(call.store.select(kind, natural_key=offer_id) for kind in ("product", account.KIND)):
        raise errors.conflict(f"A product with the offer ID {offer_id} exists already.")
    id = call.store.ids.guid()
    document = {**body, "isModularPublishing": body.get("isModularPublishing", True), "id": id}
    product = Document("product", id, document, scope(id), offer_id)
    call.store.save(product)
    drafts.create_offer_drafts(call.store, product, call.pace)
    channels.update_reseller(call.store, id, _setup(call.store, product).body)
    return Answer(201, document, location=f"/products/{id}")


def _spell_offer_id(pair: dict[str, Any]) -> dict[str, Any]:
    """`AzureOfferID` is accepted and rewritten (recording)."""
    return {**pair, "type": OFFER_ID} if str(pair.get("type", "")).lower() == OFFER_ID.lower() else pair


def _require_valid(body: dict[str, Any]) -> str:
    """Return the offer id of a new product; 400 for an invalid body (text inferred)."""
    offer_id = next(
        (pair.get("value", "") for pair in body["externalIDs"] if pair.get("type") == OFFER_ID), None
    )
    problems: dict[str, str] = {}
    if "resourceType" not in body:
        problems["ResourceType"] = "Missing required field ResourceType."
    elif body["resourceType"] not in document_types.OFFER_TYPES:
        raise errors.not_emulated(f"offer type {body['resourceType']}")  # the service may have more types
    if not body.get("name"):
        problems["Name"] = "Missing required field Name."
    if offer_id is None:
        problems["ExternalIDs"] = f"Missing required external id {OFFER_ID}."
    elif not OFFER_ID_FORM.fullmatch(offer_id) or _is_too_long(body, offer_id):
        problems["ExternalIDs"] = "The field ExternalIDs is invalid."
    if problems:
        raise errors.invalid(problems)
    return str(offer_id)


def _is_too_long(body: dict[str, Any], offer_id: str) -> bool:
    """Return whether a Business Central offer's id and any publisher's have more than 40 characters together."""
    return body.get("resourceType") == document_types.BUSINESS_CENTRAL and len(offer_id) > LONGEST_CENTRAL_ID


def get_product(call: Call) -> Answer:
    listed = account.find(call.store, call.path["product"])
    return Answer(200, (listed or require_product(call)).body)


def delete_product(call: Call) -> Answer:
    """Delete a product with its contents: 204; refused while a submission is in progress, and once it was published."""
    product = require_product(call)
    automaton.require_not_submitted(call.store, product.id)
    if drafts.is_published(call.store, product.id):
        raise errors.conflict(
            "The product was published and cannot be deleted. Stop its distribution instead."
        )
    call.store.delete(**within_product(product.id))
    return Answer(204)


def get_setup(call: Call) -> Answer:
    return Answer(200, _setup(call.store, require_product(call)).body)


def save_setup(call: Call) -> Answer:
    """Create or replace the setup: 200, though 201 is documented (recording).

    The refusals of types that are listed only, and of other package types, are inferred.
    """
    product = require_product(call)
    setup, offer_type = _setup(call.store, product), product.body["resourceType"]
    is_central = offer_type == document_types.BUSINESS_CENTRAL
    body = call.bind(schemas.SETUP_OF_BUSINESS_CENTRAL if is_central else schemas.SETUP, setup.body)
    if body.get("resourceType", "AzureProductSetup") != "AzureProductSetup":
        raise errors.invalid({"ResourceType": "The field ResourceType is invalid."})
    if body.get("enableTestDrive"):
        raise errors.invalid({"FeatureName": "The field FeatureName is invalid."})
    if offer_type in document_types.LISTED_ONLY and body.get("sellingOption") == "ListAndSell":
        raise errors.invalid({"SellingOption": "The field SellingOption is invalid."})
    if is_central:
        body = {"packageType": setup.body.get("packageType", "AddOn"), **body}
        if body["packageType"] not in PACKAGE_TYPES:
            raise errors.invalid({"PackageType": "The field PackageType is invalid."})
    setup.body = {"resourceType": "AzureProductSetup", **body}
    call.store.save(setup)
    channels.update_reseller(call.store, product_of(setup), setup.body)
    return Answer(200, setup.body)


def _setup(store: Store, product: Document) -> Document:
    setup = store.find("setup", product.id)
    assert setup is not None, "a product is stored with its setup, in one transaction"
    return setup


def list_branches(call: Call) -> Answer:
    """Return the branches of a module: the offer's, then the plans'; `{"value": []}` if there are none (yet)."""
    product = require_product(call)
    name = call.path["module"].lower()
    module = next((module for module in MODULES if module.lower() == name), None)
    if module is None:
        raise errors.invalid({"Module": "The field Module is invalid."})  # inferred
    branches = call.store.visible("branch", **within_product(product.id), natural_key=module)
    return Answer(200, {"value": [branch.body for branch in branches]})
