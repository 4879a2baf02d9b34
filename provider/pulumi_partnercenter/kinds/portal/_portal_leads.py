"""Destinations of leads in the document of the Cloud Partner Portal API.

Its documentation names the objects of the destinations and not their members; these follow the newer API.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from annotated_types import MinLen

from ...markers import WriteOnly
from ...model import Part
from .._leads import AzureBlob, AzureTable, Dynamics, Https, Salesforce, maybe
from .._rules import OptionalEmail
from ._members import document_key

__all__ = ["LeadDestination", "lead_secrets", "read_leads", "remember_leads", "write_leads"]


class Marketo(Part):
    """A form of a Marketo account, and the application that signs in."""

    client_id: Annotated[str, MinLen(1)]
    client_secret: Annotated[str, WriteOnly] = ""
    munchkin_account_id: Annotated[str, MinLen(1)]
    form_id: Annotated[str, MinLen(1)]


def _one_destination(leads: LeadDestination) -> str | None:
    unknown = [name for name in _DESTINATIONS if not hasattr(leads, name)]
    given = [name for name in _DESTINATIONS if getattr(leads, name, None)]
    if len(given) == 1 or (unknown and not given):
        return None
    names = ", ".join(given or _DESTINATIONS)
    return f"{names}: leads go to one destination; " + (
        "keep one of them" if given else "one of these is required"
    )


class LeadDestination(Part):
    """Where leads go: exactly one of six destinations. The service returns no secret; each write sends them again."""

    rules = (_one_destination,)

    azure_table: Annotated[AzureTable | None, maybe] = None
    """`{"connection_string": …}`."""
    azure_blob: Annotated[AzureBlob | None, maybe] = None
    """`{"connection_string": …, "container": …}`."""
    dynamics: Annotated[Dynamics | None, maybe] = None
    """`{"url": …, "authentication": …}` with `user_name` and `password`, or with `application_id`, `application_key`
    and `directory_id`."""
    https: Annotated[Https | None, maybe] = None
    """`{"url": "https://…"}`; the address may hold a signature."""
    marketo: Annotated[Marketo | None, maybe] = None
    """`{"client_id": …, "client_secret": …, "munchkin_account_id": …, "form_id": …}`."""
    salesforce: Annotated[Salesforce | None, maybe] = None
    """`{"object_identifier": …}`."""
    contact_email: OptionalEmail = ""
    """E-mail address for notifications about leads."""


_DESTINATIONS = {
    "azure_table": ("Table", "tableLeadConfiguration"),
    "azure_blob": ("Blob", "blobLeadConfiguration"),
    "dynamics": ("Crm", "crmLeadConfiguration"),
    "https": ("HttpsEndpoint", "httpsEndpointLeadConfiguration"),
    "marketo": ("Marketo", "marketoLeadConfiguration"),
    "salesforce": ("SalesForce", "salesForceLeadConfiguration"),
}
"""By argument: the service's name of the destination, and the member with its configuration."""
_NAMES = {
    "connection_string": "storageAccountConnectionString",
    "container": "containerName",
    "authentication": "authentication",
    "user_name": "username",
    "password": "password",
    "application_id": "applicationId",
    "application_key": "applicationKey",
    "directory_id": "directoryId",
    "client_id": "clientId",
    "client_secret": "clientSecret",
    "munchkin_account_id": "munchkinId",
    "form_id": "formId",
    "object_identifier": "objectIdentifier",
}
"""By member of a destination: its name in the document, except addresses."""
_ADDRESSES = {"dynamics": "instanceUrl", "https": "httpsEndpointUrl"}
_SECRETS = frozenset({"connection_string", "password", "application_key", "client_secret"})
_DESTINATION, _EMAILS = "marketplace.leadDestination", "marketplace.leadNotificationEmails"
_NONE = ("", "none")


def _member(destination: str, name: str) -> str:
    return _ADDRESSES[destination] if name == "url" else _NAMES[name]


def _members_of(destination: str) -> tuple[str, ...]:
    part = LeadDestination.part_in(destination)
    return part.names() if part else ()


def read_leads(offer: Mapping[str, Any], offer_type: str) -> dict[str, Any]:
    """Return the canonical destination of leads; empty if there is none. Secrets are empty."""
    name = _current_destination(offer, offer_type)
    if not name:
        return {}
    configuration = _configuration(offer, name, offer_type)
    values = {
        member: "" if member in _SECRETS else str(configuration.get(_member(name, member)) or "")
        for member in _members_of(name)
    }
    emails = str(offer.get(document_key(_EMAILS, offer_type)) or "").strip().lower()
    return {**{key: {} for key in _DESTINATIONS}, name: values, "contact_email": emails}


def _current_destination(offer: Mapping[str, Any], offer_type: str) -> str:
    if str(offer.get(document_key(_DESTINATION, offer_type)) or "").casefold() in _NONE:
        return ""
    given = str(offer.get(document_key(_DESTINATION, offer_type))).casefold()
    configured = [name for name in _DESTINATIONS if _configuration(offer, name, offer_type)]
    named = [name for name, (word, _) in _DESTINATIONS.items() if word.casefold() in given]
    return next(iter([*(name for name in configured if name in named), *configured, *named]), "")


def _configuration(offer: Mapping[str, Any], name: str, offer_type: str) -> Mapping[str, Any]:
    value = offer.get(document_key(f"marketplace.{_DESTINATIONS[name][1]}", offer_type))
    return value if isinstance(value, Mapping) else {}


def remember_leads(current: Mapping[str, Any], last: Mapping[str, Any]) -> dict[str, Any]:
    """Complete the service's destination by the secrets that were given. Without a given destination: none.

    The address of an HTTPS destination is a secret too: one that was not given stays empty.
    """
    if not last or not current:
        return dict(current) if last else {}
    remembered = dict(current)
    for name in _DESTINATIONS:
        if current[name] and last[name]:
            unreturned = {
                member: value
                for member, value in last[name].items()
                if member in _SECRETS or (name == "https" and not (value and current[name][member]))
            }
            remembered[name] = {**current[name], **unreturned}
    return remembered


def write_leads(offer: dict[str, Any], desired: Mapping[str, Any], offer_type: str) -> None:
    """Write the destination with its secrets, and empty the configurations of the others."""
    name = next(name for name in _DESTINATIONS if desired[name])
    if _current_destination(offer, offer_type) != name:
        offer[document_key(_DESTINATION, offer_type)] = _DESTINATIONS[name][0]
        for other, (_, member) in _DESTINATIONS.items():
            if other != name and _configuration(offer, other, offer_type):
                offer[document_key(f"marketplace.{member}", offer_type)] = {}
    configuration = dict(_configuration(offer, name, offer_type))
    for member, value in desired[name].items():
        key = _member(name, member)
        is_secret = member in _SECRETS or name == "https"
        if value != str(configuration.get(key) or "") and (value or not is_secret):
            configuration[key] = value
    if configuration != _configuration(offer, name, offer_type):
        offer[document_key(f"marketplace.{_DESTINATIONS[name][1]}", offer_type)] = configuration
    key = document_key(_EMAILS, offer_type)
    if desired["contact_email"] != str(offer.get(key) or "").strip().lower():
        offer[key] = desired["contact_email"]


def lead_secrets(leads: object) -> Iterator[str]:
    """Yield the secrets of a destination, for redaction."""
    for name in _DESTINATIONS:
        members = leads.get(name) if isinstance(leads, Mapping) else None
        if isinstance(members, Mapping):
            for member in (*_SECRETS, "url"):
                if isinstance(members.get(member), str) and (member in _SECRETS or name == "https"):
                    yield members[member]
