"""Reseller configurations."""

from __future__ import annotations

from ..binding import order_members
from ..service import Answer, Call
from . import channels, errors, schemas
from .entities import require_type
from .products import require_product

__all__ = ["POSTED", "get_reseller", "save_reseller"]

POSTED = "posted"  # natural key of a configuration that was saved, which publishing requires


def get_reseller(call: Call) -> Answer:
    return Answer(200, channels.require_reseller(call.store, require_product(call).id).body)


def save_reseller(call: Call) -> Answer:
    """Create or replace the configuration: 200; 400 for values that first-party clients do not send (inferred)."""
    product = require_product(call)
    document = channels.require_reseller(call.store, product.id)
    body = call.bind(schemas.RESELLER, document.body)
    require_type(body, "ResellerConfiguration")
    state = body.get("resellerChannelState")
    if state not in channels.RESELLER_STATES:
        raise errors.invalid({"ResellerChannelState": "The field ResellerChannelState is invalid."})
    document.body = order_members(schemas.RESELLER, body)
    document.natural_key = POSTED
    call.store.save(document)
    channels.update_setup(call.store, product.id, state)
    return Answer(200, document.body)
