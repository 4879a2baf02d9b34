"""The whole document of an offer, read into arguments, and changed to hold desired arguments."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ._members import as_list, as_mapping, document_key, read_members, write_members
from ._portal_leads import read_leads, write_leads
from ._portal_listing import TestDrive, read_listing, write_listing
from ._vm_plans import read_plans, write_plans

__all__ = ["read_arguments", "write_arguments"]

_TEXTS = {
    "terms_of_use": "marketplace.termsOfUse",
    "amendment": "marketplace.universalAmendmentTerms",
}
_SWITCHES = {"Enabled": True, "Disabled": False}
_STANDARD_CONTRACT, _RESALE = "marketplace.useEnterpriseContract", "marketplace.cspOfferOptIn"
_AUDIENCE = "marketplace.allowedSubscriptions"


def read_arguments(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of an offer. Addresses of files have no signature, and secrets are empty."""
    offer_type = str(body["offerTypeId"])
    definition = as_mapping(body.get("definition"))
    offer = as_mapping(definition.get("offer"))
    subscriptions = as_list(offer.get(document_key(_AUDIENCE, offer_type)))
    return {
        "publisher": body["publisherId"],
        "offer_id": body["id"],
        "offer_type": offer_type,
        "alias": str(definition.get("displayText") or "").strip(),
        "listing": read_listing(offer, offer_type),
        "uses_standard_contract": offer.get(document_key(_STANDARD_CONTRACT, offer_type)) is True,
        **{
            name: str(offer.get(document_key(key, offer_type)) or "").replace("\r\n", "\n").strip()
            for name, key in _TEXTS.items()
        },
        "preview_audience": sorted({str(subscription).lower() for subscription in subscriptions}),
        "csp_opt_in": "Enabled" if offer.get(document_key(_RESALE, offer_type)) is True else "Disabled",
        "lead_destination": read_leads(offer, offer_type),
        "test_drive": read_members(TestDrive, offer, offer_type),
        "plans": read_plans(definition.get("plans"), offer_type),
    }


def write_arguments(
    body: Mapping[str, Any],
    desired: Mapping[str, Any],
    last: Mapping[str, Any],
    live: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Return the body with the desired canonical arguments; what equals them already, and everything else, stays.

    `last`: the canonical arguments of the last run; the desired ones in an adoption; empty for a new offer. `live`: the
    live plans by id.
    """
    written, offer_type = copy.deepcopy(dict(body)), str(body["offerTypeId"])
    current = read_arguments(body)
    definition = written["definition"] = dict(as_mapping(written.get("definition")))
    offer = dict(as_mapping(definition.get("offer")))
    if desired["alias"] and desired["alias"] != current["alias"]:
        definition["displayText"] = desired["alias"]
    values = {
        **{key: desired[name] for name, key in _TEXTS.items() if desired[name] != current[name]},
        **_changed_switch(current, desired, "uses_standard_contract", _STANDARD_CONTRACT),
        **_changed_switch(current, desired, "csp_opt_in", _RESALE),
    }
    if desired["preview_audience"] != current["preview_audience"]:
        values[_AUDIENCE] = desired["preview_audience"]
    offer |= {document_key(key, offer_type): value for key, value in values.items()}
    if desired["listing"]:
        write_listing(offer, desired["listing"], last.get("listing") or {}, offer_type)
    if desired["lead_destination"]:
        write_leads(offer, desired["lead_destination"], offer_type)
    if desired["test_drive"]:
        write_members(TestDrive, offer, desired["test_drive"], offer_type)
    if offer or "offer" in definition:
        definition["offer"] = offer
    write_plans(definition, desired["plans"], last.get("plans") or [], live, offer_type)
    return written


def _changed_switch(
    current: Mapping[str, Any], desired: Mapping[str, Any], name: str, key: str
) -> dict[str, bool]:
    value = desired[name]
    return {key: _SWITCHES.get(value, value)} if value != current[name] else {}
