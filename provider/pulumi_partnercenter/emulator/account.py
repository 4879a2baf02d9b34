"""Products of the Partner Center account that belong to offers of one service, and that another service lists.

A service declares the products of its offers; it does not know which service lists them.
"""

from __future__ import annotations

from .state import Document, Store

__all__ = ["KIND", "declare", "find", "list_visible"]

KIND = "accountproduct"


def declare(store: Store, scope: str, offer_id: str, resource_type: str) -> None:
    """Declare the product of the offer that owns this scope, once. Its name is the offer id."""
    if store.select(KIND, scope=scope):
        return
    id = store.ids.guid()
    body = {
        "resourceType": resource_type,
        "name": offer_id,
        "externalIDs": [{"type": "AzureOfferId", "value": offer_id}],
        "isModularPublishing": True,
        "id": id,
    }
    store.save(Document(KIND, id, body, scope, offer_id))


def find(store: Store, id: str) -> Document | None:
    return store.find(KIND, id)


def list_visible(store: Store, **columns: str) -> list[Document]:
    """Return the products with these values of `Store.select`, by id."""
    return store.visible(KIND, order="id", **columns)
