"""Comparison of an offer's draft with its preview and its live content."""

from __future__ import annotations

import re
from typing import Any

from ...api.portal.documents import OfferDocument
from ...api.portal.operation_models import OfferStatus
from ...errors import NotFound
from ._members import as_mapping
from ._portal_api import PortalClient, split_offer_id
from ._portal_leads import read_leads

__all__ = ["has_same_content", "holds_draft", "is_draft_older"]


def holds_draft(api: PortalClient, id: str, slot: str, *, has_new_secrets: bool = False) -> bool:
    """Whether a slot has the content of the draft; False for an empty slot.

    `has_new_secrets`: the secrets of leads, which the service does not return, may differ: False if there are leads.
    """
    publisher, offer_id = split_offer_id(id)
    try:
        content = api.offers.slot(publisher, offer_id, slot)
    except NotFound:
        return False
    draft = api.offers.slot(publisher, offer_id, "draft")
    is_comparable = not (
        has_new_secrets and read_leads(as_mapping(draft.definition.get("offer")), draft.offer_type)
    )
    return is_comparable and has_same_content(content, draft)


def has_same_content(left: OfferDocument, right: OfferDocument) -> bool:
    return bool(_without_signatures(left.definition) == _without_signatures(right.definition))


def is_draft_older(draft: OfferDocument, status: OfferStatus) -> bool:
    """Whether the draft was last changed before the first message of a publication.

    False if the service gives no times.
    """
    times = [_time_key(message.timestamp) for step in status.steps for message in step.messages]
    began = min(filter(None, times), default="")
    changed = _time_key(draft.changed_time)
    return bool(began and changed) and changed < began


def _without_signatures(value: Any) -> Any:
    """Return a document whose addresses have no query: signatures of the same file differ from read to read."""
    if isinstance(value, dict):
        return {name: _without_signatures(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_without_signatures(element) for element in value]
    if isinstance(value, str) and re.match("https?://", value):
        return value.partition("?")[0]
    return value


def _time_key(text: str) -> str:
    """Return a time in a form that sorts: UTC with 7 digits of a second; "" for no time."""
    match = re.match(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,7}))?", text)
    return f"{match[1]}.{match[2] or '':0<7}" if match else ""
