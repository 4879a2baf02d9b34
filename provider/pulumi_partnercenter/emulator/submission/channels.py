"""The reseller channel is told in two places, setup and reseller configuration; here they follow each other.

That they do is inferred (10, oddity 29).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..state import Document, Store
from .scopes import within_product

__all__ = ["RESELLER_STATES", "require_reseller", "tell_reseller", "tell_setup"]

CHANNEL = "Reseller"
RESELLER_STATES = ("Enabled", "Disabled", "PartialOptIn")


def require_reseller(store: Store, product: str) -> Document:
    """The present draft of the reseller configuration, which every product has."""
    (document,) = store.select("resellerconfiguration", **within_product(product), stage="draft")
    return document


def tell_setup(store: Store, product: str, state: str) -> None:
    setup = store.find("setup", product)
    assert setup is not None, "a product is stored with its setup, in one transaction"
    others = [pair for pair in setup.body.get("channelStates", []) if pair.get("type") != CHANNEL]
    setup.body["channelStates"] = [{"type": CHANNEL, "value": state}, *others]
    store.save(setup)


def tell_reseller(store: Store, product: str, setup: Mapping[str, Any]) -> None:
    """A state that only setup knows, and a setup without the channel, change nothing."""
    told = {pair.get("type"): pair.get("value") for pair in setup.get("channelStates", [])}
    if told.get(CHANNEL) in RESELLER_STATES:
        document = require_reseller(store, product)
        document.body["resellerChannelState"] = told[CHANNEL]
        store.save(document)
