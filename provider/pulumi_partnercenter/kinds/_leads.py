"""The six destinations of leads, as a program gives them."""

from __future__ import annotations

import re
from typing import Annotated, Any

from annotated_types import MinLen

from ..markers import Meaning, Retained, Wire, WriteOnly
from ..model import Part
from ._rules import OptionalGuid, WebAddress

__all__ = [
    "DESTINATIONS",
    "AzureBlob",
    "AzureTable",
    "Dynamics",
    "Https",
    "Marketo",
    "Salesforce",
    "maybe",
    "missing_secret",
]

Text = Annotated[str, MinLen(1)]
Address = Annotated[WebAddress, MinLen(1)]
Unreadable = Annotated[str, WriteOnly]
"""A secret that the service never returns. If omitted, an existing destination keeps its own."""


def _require_connection_string(value: str) -> str:
    """Check the form of a connection string ("Configure Azure Storage connection strings"): a key or a signature."""
    if not value:
        return value
    pairs = [pair.partition("=") for pair in value.split(";") if pair.strip()]
    names = {name.strip().casefold() for name, _, content in pairs if content.strip()}
    is_alone = value == value.strip() and value.isprintable()
    if not is_alone or len(names) < len(pairs) or not any(needed <= names for needed in _ACCOUNTS):
        raise ValueError(
            "must be the connection string of a storage account: with AccountName and AccountKey, or an endpoint and a"
            " SharedAccessSignature, and no blanks or line ends around it"
        )
    return value


_ACCOUNTS = (
    {"accountname", "accountkey"},
    {"accountname", "sharedaccesssignature"},
    {"tableendpoint", "sharedaccesssignature"},
    {"blobendpoint", "sharedaccesssignature"},
)
ConnectionString = Annotated[Unreadable, Meaning(_require_connection_string)]


def _require_container_name(value: str) -> str:
    """Check Azure Storage's rule ("Naming and referencing containers, blobs, and metadata")."""
    if not re.fullmatch(r"\$root|(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*", value):
        raise ValueError("must be a container's name: 3 to 63 lowercase letters, digits and single hyphens")
    return value


class AzureTable(Part):
    """A table of an Azure storage account."""

    connection_string: ConnectionString = ""


class AzureBlob(Part):
    """Blobs in a container of an Azure storage account."""

    connection_string: ConnectionString = ""
    container: Annotated[str, Meaning(_require_container_name), Wire("container_name")]


class Dynamics(Part):
    """Dynamics 365 customer engagement; either a user or an application signs in."""

    url: Annotated[Address, Wire("uri")]
    authentication: str = ""
    user_name: str = ""
    password: Unreadable = ""
    application_id: OptionalGuid = ""
    application_key: Unreadable = ""
    directory_id: OptionalGuid = ""


class Https(Part):
    """An address for POST requests with leads. It is a credential: its holder may post leads."""

    url: Annotated[WebAddress, Retained, Wire("https_endpoint_uri")] = ""


class Marketo(Part):
    """A form of a Marketo account."""

    server_id: Text
    munchkin_account_id: Text
    form_id: Text


class Salesforce(Part):
    """A Salesforce organisation; it turns them into leads of its own."""

    object_identifier: Text


def _dump_optional(part: Part | None) -> dict[str, Any]:
    return part.to_json() if part else {}


maybe = Meaning(accept=lambda value: value or None, dump=_dump_optional)
"""An optional part: `{}` in state when absent, because arguments in state are never None."""

NEEDED = {"azure_table": "connection_string", "azure_blob": "connection_string", "https": "url"}
"""The required secret of each destination that has one."""
DESTINATIONS = {
    "azure_table": "AzureTableLeadConfiguration",
    "azure_blob": "AzureBlobLeadConfiguration",
    "dynamics": "DynamicsCustomerRelationshipManagementLeadConfiguration",
    "https": "HttpsEndpointLeadConfiguration",
    "marketo": "MarketoLeadConfiguration",
    "salesforce": "SalesForceLeadConfiguration",
}
"""By argument: the service's `resourceType`."""


def missing_secret(name: str, destination: Part) -> str | None:
    """Return the secret that a new destination lacks. A preview does not know whether a destination is new."""
    needed = NEEDED.get(name)
    if needed is None or getattr(destination, needed):
        return None
    return f"{name}.{needed}: is required, because leads do not go to this destination yet"
