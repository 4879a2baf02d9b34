"""Offers: their drafts, the copies in preview and production, the numbered versions, and how the service shows them.

An offer is stored under `KIND`; `stage` is its status. Copies are stored under `SLOT` and `VERSION`, with the offer's
scope. A document's body has `isMigrated`, `version`, `ticks` (time of the last write, unique in an offer) and the
definition as it was normalised, secrets included. Other members of an offer's body are such that the portal wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import account
from ..state import Document, Store
from . import artifacts, normalisation, spreadsheets
from .offer_schema import CORE_VM, VM
from .ticks import etag, ticks_of, timestamp

__all__ = [
    "KIND",
    "NEVER_PUBLISHED",
    "SLOT",
    "STORED",
    "VERSION",
    "describe",
    "describe_scope",
    "etag_of",
    "find",
    "find_slot",
    "find_version",
    "is_migrated_publisher",
    "list_of",
    "new",
    "save_copy",
    "summarise",
    "touch",
    "write",
]

KIND, SLOT, VERSION = "portaloffer", "portalslot", "portalversion"
NEVER_PUBLISHED = "neverPublished"
STORED = ("publisherId", "offerTypeId", "id", "isMigrated", "hasLegacyIds", "version", "ticks", "definition")
"""Members of the stored body of an offer."""
PRODUCT_TYPE = "AzureThirdPartyVirtualMachine"
"""Type of a migrated virtual machine offer in the account's list of products (fixture of a public client)."""
MIGRATED = {"pcMigrationStatus": "migrated", "pcRedirectUri": "", "isvUpgradeRequest": False}
MIGRATED_IN_LIST = {
    "lockStatus": "none",
    "offerTypeChanges": [],
    "pricingNotRecalculatedRegions": [],
    "offerTypeVersionsOverride": {},
}


def _name(publisher: str, offer: str) -> str:
    return f"{publisher}/{offer}"


def scope_of(publisher: str, offer: str) -> str:
    return f"{_name(publisher, offer)}/"


def describe_scope(scope: str) -> Mapping[str, str]:
    return {"offer": scope.removesuffix("/")} if scope else {}


def new(
    publisher: str, offer: str, offer_type: str, *, is_migrated: bool, has_legacy_ids: bool = False
) -> Document:
    """Return an offer that nothing has written yet."""
    body = {
        "publisherId": publisher,
        "offerTypeId": offer_type,
        "id": offer,
        "isMigrated": is_migrated,
        "hasLegacyIds": has_legacy_ids,
        "version": 0,
        "ticks": 0,
        "definition": {"displayText": "", "offer": {}, "plans": []},
    }
    return Document(KIND, _name(publisher, offer), body, scope_of(publisher, offer), offer, NEVER_PUBLISHED)


def find(store: Store, publisher: str, offer: str) -> Document | None:
    return store.find(KIND, _name(publisher, offer))


def list_of(store: Store, publisher: str) -> list[Document]:
    """Return the offers of a publisher, oldest first."""
    return [
        offer for offer in store.select(KIND) if str(offer.body["publisherId"]).lower() == publisher.lower()
    ]


def is_migrated_publisher(store: Store, publisher: str) -> bool:
    """Whether the publisher has an offer that was migrated."""
    return any(offer.body["isMigrated"] for offer in list_of(store, publisher))


def write(store: Store, offer: Document, definition: Mapping[str, Any]) -> None:
    """Store a new draft of the offer: files copied, defaults filled in, with a new etag."""
    body = offer.body
    copied = artifacts.copy_files(store, body["publisherId"], body["id"], definition)
    spreadsheets.evaluate(store, definition, copied)
    body["definition"] = normalisation.normalise(body["offerTypeId"], copied, is_migrated=body["isMigrated"])
    touch(store, offer)
    store.save(offer)
    if body["isMigrated"] and body["offerTypeId"].lower() == VM:
        account.declare(store, offer.scope, body["id"], PRODUCT_TYPE)


def touch(store: Store, offer: Document) -> None:
    """Give the offer the time of a write, which no other write of it has."""
    offer.body["ticks"] = max(ticks_of(store.clock()), offer.body["ticks"] + 1)


def etag_of(offer: Document) -> str:
    return etag(offer.body["ticks"])


# --- Copies


def find_slot(store: Store, offer: Document, slot: str) -> Document | None:
    """Return the copy in `preview` or `production`."""
    return store.find(SLOT, f"{offer.id}/{slot}")


def find_version(store: Store, offer: Document, number: int) -> Document | None:
    """Return the copy that a publication took."""
    return store.find(VERSION, f"{offer.id}/{number}")


def save_copy(store: Store, offer: Document, kind: str, name: str, source: Document, stage: str = "") -> None:
    """Store a copy of the source as a slot or a version of the offer."""
    body = {**source.body, "name": name}
    store.save(Document(kind, f"{offer.id}/{name}", body, offer.scope, name, stage))


# --- Answers


def summarise(offer: Document) -> dict[str, Any]:
    """Return the offer as it is listed."""
    migrated, body = offer.body["isMigrated"], offer.body
    return {
        **_envelope(offer, body),
        **(MIGRATED_IN_LIST if migrated else {}),
        "definition": {"displayText": body["definition"].get("displayText", "")},
        "changedTime": timestamp(body["ticks"], digits=3, zone="") if migrated else timestamp(body["ticks"]),
    }


def describe(
    store: Store,
    offer: Document,
    copy: Document | None = None,
    *,
    has_all_prices: bool = True,
    hides_windows_type: bool = False,
) -> dict[str, Any]:
    """Return the draft of the offer, or a copy, as it is read.

    Without `has_all_prices`, prices by region are left out. `hides_windows_type`: answers to writes lack this alias.
    """
    body = (copy or offer).body
    shown = normalisation.hide(
        body["definition"], hides_prices=not has_all_prices, hides_windows_type=hides_windows_type
    )
    if body["hasLegacyIds"]:
        shown["offer"] |= {
            f"{CORE_VM}.legacyOfferId": body["id"],
            f"{CORE_VM}.legacyPublisherId": body["publisherId"],
        }
    return {
        **_envelope(offer, body),
        **{name: value for name, value in offer.body.items() if name not in STORED},
        "definition": artifacts.sign(store, shown),
        "changedTime": timestamp(body["ticks"]),
    }


def _envelope(offer: Document, body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "offerTypeId": body["offerTypeId"],
        "publisherId": body["publisherId"],
        "status": offer.stage,
        **(MIGRATED if body["isMigrated"] else {}),
        "version": body["version"],
        "id": body["id"],
    }
