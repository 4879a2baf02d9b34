"""PUT of an offer: checks of the document, and concurrency control."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..binding import bind
from ..errors import Refusal
from ..service import Call
from ..state import Document
from . import behaviour, errors, offers
from .behaviour import Profile
from .offer_schema import CORE_VM, envelope

__all__ = [
    "created_status",
    "is_identifier",
    "read_document",
    "require_depth",
    "require_match",
    "require_plans",
]

IDENTIFIER = re.compile(r"[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?")
DEEPEST = 64
"""Levels of objects and lists in a document; the service's own limit is unknown."""
UNWRITABLE = (f"{CORE_VM}.legacyOfferId", f"{CORE_VM}.legacyPublisherId")


def is_identifier(id: str) -> bool:
    """Whether a new offer may have this id."""
    return bool(IDENTIFIER.fullmatch(id))


def require_match(profile: Profile, offer: Document | None, if_match: str | None) -> None:
    """Apply the rules of concurrency control to a write; `offer` None is a new one. Raises: Refusal."""
    if offer is None:
        if if_match not in (None, "*"):
            raise errors.stale()
    elif if_match is None:
        if profile != "clients2022":
            raise errors.exists() if profile == "observed2020" else errors.if_match_missing()
    elif if_match not in ("*", offers.etag_of(offer)):
        raise errors.stale()


def read_document(call: Call, publisher: str, stored: Document | None) -> tuple[str, dict[str, Any]]:
    """Return offer type and definition of the body. Raises: Refusal, or what `binding.bind` raises."""
    if not isinstance(call.body, dict):
        raise errors.malformed_body("The request body must be a JSON object.")
    require_depth(call.body)
    kept = stored.body if stored else {}
    # A document is a bag of properties: unknown ones are kept.
    document = bind(envelope(call.body), call.body, kept if call.strict else call.body, strict=call.strict)
    _require_identity(call, document, publisher, stored)
    definition = document.get("definition")
    if definition is None:
        raise _empty("Definition")
    require_plans(definition.get("plans", []))
    for name in UNWRITABLE:
        if name in definition.get("offer", {}):
            raise errors.bad_request(f"The property '{name}' is read-only.")
    definition = {"displayText": "", "offer": {}, "plans": [], **definition}
    return document["offerTypeId"], definition


def _require_identity(
    call: Call, document: Mapping[str, Any], publisher: str, stored: Document | None
) -> None:
    for name in ("offerTypeId", "publisherId", "id"):
        if not document.get(name):
            raise _empty(f"{name[0].upper()}{name[1:]}")
    for name, expected in (("publisherId", publisher), ("id", call.path["offer"])):
        if document[name].lower() != expected.lower():
            raise errors.bad_request(f"The property '{name}' must be that of the address, '{expected}'.")
    if stored is None:
        if not is_identifier(document["id"]):
            raise errors.bad_request(
                "The property 'id' must have at most 50 lowercase letters, digits and dashes."
            )
    elif document["offerTypeId"].lower() != stored.body["offerTypeId"].lower():
        raise errors.bad_request("The property 'offerTypeId' cannot be changed.")


def require_plans(plans: list[dict[str, Any]]) -> None:
    """Require an id of every plan, unique in the offer. Raises: Refusal."""
    ids = [plan.get("planId") for plan in plans]
    if not all(isinstance(id, str) and id for id in ids):
        raise _empty("PlanId")
    if len({str(id).lower() for id in ids}) < len(ids):
        raise errors.bad_request("The property 'planId' must be unique in the offer.")


def require_depth(body: Any) -> None:
    """Require that a body is not nested more deeply than answers can be. Raises: Refusal."""
    if _depth(body) > DEEPEST:
        raise errors.malformed_body("The request body is nested too deeply.")


def _empty(name: str) -> Refusal:
    return errors.bad_request(f"The argument: '{name}' cannot be null or empty.")


def _depth(value: Any) -> int:
    """Return the levels of objects and lists in a JSON value."""
    level, depth = [value], 0
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [item for outer in level for item in (outer.values() if isinstance(outer, dict) else outer)]
    return depth


def created_status(call: Call, offer: Document) -> int:
    """Return the status of the answer that creates an offer."""
    is_new_style = offer.body["isMigrated"] or behaviour.read(call.store).profile == "clients2022"
    return 200 if is_new_style else 201
