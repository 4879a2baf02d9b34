"""Client of the Cloud Partner Portal API: an attribute for each kind of object.

with open_portal(settings) as portal:
    document = portal.offers.get("contoso", "contoso-gateway")
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...messages import SILENT, Host
from ...settings import Settings
from ..http.client import ApiClient
from ..shared_clients import SharedClients
from .offers import Offers
from .operations import Operations
from .system import PORTAL

__all__ = ["PortalClient", "open_portal", "shared_portal"]


class PortalClient:
    """Thread-safe. Offers are identified by publisher and offer id."""

    def __init__(self, client: ApiClient, host: Host = SILENT) -> None:
        self._client, self.host = client, host
        self.offers, self.operations = Offers(client), Operations(client)
        self.publishers = Summaries(client, "publishers")
        self.offer_types = Summaries(client, "offerTypes")

    def close(self) -> None:
        self._client.close()


class Summaries:
    """A list of the account that is only read."""

    def __init__(self, client: ApiClient, path: str) -> None:
        self._client, self._path = client, path

    def list(self) -> list[dict[str, Any]]:
        items = self._client.list_items(self._path, f"{self._path}: list")
        return [item for item in items if isinstance(item, dict)]


def _create(settings: Settings, host: Host, *, retries: bool = True) -> PortalClient:
    return PortalClient(ApiClient(settings, PORTAL, retries=retries), host)


_shared = SharedClients(_create)


def shared_portal(settings: Settings, host: Host = SILENT) -> PortalClient:
    """Return the process's client for these settings. It has sent nothing yet."""
    return _shared.get(settings, host)


@contextmanager
def open_portal(settings: Settings, *, retries: bool = True) -> Iterator[PortalClient]:
    """Open a separate client, and close it at the end.

    `retries=False`: the first failure raises, for callers who prefer an error to a wait.
    """
    client = _create(settings, SILENT, retries=retries)
    try:
        yield client
    finally:
        client.close()
