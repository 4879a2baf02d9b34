"""The reseller channel: setup and reseller configuration both hold its state, and a write of either changes both.

This connection is inferred.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..state import Document, Store
from . import errors
from .scopes import within_product

__all__ = ["RESELLER_STATES", "require_reseller", "update_reseller", "update_setup"]

CHANNEL = "Reseller"
RESELLER_STATES = ("Enabled", "Disabled", "PartialOptIn")


def require_reseller(store: Store, product: str) -> Document:
    """Return the present draft of the reseller configuration; a refusal if the type of the offer has none."""
    for document in store.select("resellerconfiguration", **within_product(product), stage="draft"):
        return document
    raise errors.not_applicable()


def update_setup(store: Store, product: str, state: str) -> None:
    setup = store.find("setup", product)
    assert setup is not None, "a product is stored with its setup, in one transaction"
    others = [pair for pair in setup.body.get("channelStates", []) if pair.get("type") != CHANNEL]
    setup.body["channelStates"] = [{"type": CHANNEL, "value": state}, *others]
    store.save(setup)


def update_reseller(store: Store, product: str, setup: Mapping[str, Any]) -> None:
    """Copy the state from a setup. An absent state, or one that only the setup can have, changes nothing.

    Nor does it for an offer without a reseller configuration.
    """
    states = {pair.get("type"): pair.get("value") for pair in setup.get("channelStates", [])}
    if states.get(CHANNEL) in RESELLER_STATES:
        for document in store.select("resellerconfiguration", **within_product(product), stage="draft"):
            document.body["resellerChannelState"] = states[CHANNEL]
            store.save(document)
