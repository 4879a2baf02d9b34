"""Scopes of the submission API's documents: `product/variant/instance`, with empty parts if a document has none."""

from __future__ import annotations

from ..state import Document

__all__ = [
    "instance_of",
    "product_of",
    "scope",
    "variant_of",
    "within_instance",
    "within_product",
    "within_variant",
]


def scope(product: str, variant: str = "", instance: str = "") -> str:
    """Compose the scope of a document."""
    return f"{product}/{variant}/{instance}"


def product_of(document: Document) -> str:
    """Return the id of the product that the document belongs to."""
    return document.scope.split("/")[0]


def variant_of(document: Document) -> str:
    """Return the id of the variant that the document belongs to, "" for a document of the offer."""
    return document.scope.split("/")[1]


def instance_of(document: Document) -> str:
    """Return the id of the draft or published instance of the document, "" without one."""
    return document.scope.split("/")[2]


def within_product(product: str) -> dict[str, str]:
    """Select the documents of a product, at any depth."""
    return {"within": f"{product}/"}


def within_variant(product: str, variant: str) -> dict[str, str]:
    """Select the documents of a variant."""
    return {"within": f"{product}/{variant}/"}


def within_instance(product: str, instance: str) -> dict[str, str]:
    """Select the documents of an instance, of the offer or of a variant."""
    return {"within": f"{product}/", "ending": f"/{instance}"}


def describe_scope(scope: str) -> dict[str, str]:
    """Return the parts of a scope by name, as the control plane shows them beside a document."""
    names = ("productID", "variantID", "instanceID")
    return {name: part for name, part in zip(names, scope.split("/"), strict=True) if part}
