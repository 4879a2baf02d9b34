"""The whole document of an offer, read into arguments, and changed to hold desired arguments."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from ._members import as_list, as_mapping, document_key
from ._portal_leads import read_leads, write_leads
from ._portal_listing import read_listing, read_test_drive, write_listing, write_test_drive
from ._vm_plans import read_plans, write_plans
from ._vm_pricing import PRICE_MEMBERS

__all__ = ["list_unread_members", "read_arguments", "write_arguments"]

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
        "test_drive": read_test_drive(offer, offer_type),
        "plans": read_plans(definition.get("plans"), offer_type),
    }


class _Recorded(Mapping[str, Any]):
    """An object that records the names of the members that were read."""

    def __init__(self, members: Mapping[str, Any]) -> None:
        self._members, self._read = members, set[str]()

    def __getitem__(self, name: str) -> Any:
        self._read.add(name)
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def unread(self) -> list[str]:
        """Return the names of members with a value that nobody has read."""
        return sorted(
            name
            for name, value in self._members.items()
            if name not in self._read and value not in (None, "", False, [], {})
        )


def list_unread_members(body: Mapping[str, Any]) -> list[str]:
    """Return the members of an offer and its plans that have a value and no argument: `plans[basic]: diskGenerations`.

    Members within them, such as those of an image, are not listed.
    """
    definition = as_mapping(body.get("definition"))
    offer = _Recorded(as_mapping(definition.get("offer")))
    plans = [_Recorded(plan) for plan in as_list(definition.get("plans")) if isinstance(plan, Mapping)]
    whole = _Recorded({**definition, "offer": offer, "plans": plans})
    read_arguments({**body, "definition": whole})
    unread = [*whole.unread(), *(f"offer: {name}" for name in offer.unread())]
    for plan in plans:
        names = [name for name in plan.unread() if name not in PRICE_MEMBERS]
        unread += [f"plans[{plan['planId']}]: {name}" for name in names]
    return unread


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
        write_test_drive(offer, desired["test_drive"], offer_type)
    if offer or "offer" in definition:
        definition["offer"] = offer
    write_plans(definition, desired["plans"], last.get("plans") or [], live, offer_type)
    return written


def _changed_switch(
    current: Mapping[str, Any], desired: Mapping[str, Any], name: str, key: str
) -> dict[str, bool]:
    value = desired[name]
    return {key: _SWITCHES.get(value, value)} if value != current[name] else {}
