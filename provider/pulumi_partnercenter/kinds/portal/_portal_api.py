"""Base of all kinds of the Cloud Partner Portal API, and the ids of its offers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from ...kind import Kind
from ...markers import Meaning
from ...messages import Host
from ...model import Arguments, Outputs
from ...settings import Settings

if TYPE_CHECKING:
    from ...api.portal.client import PortalClient
else:  # a preview makes no request, so it does not import the libraries of HTTP
    PortalClient = Any

__all__ = ["PortalClient", "PortalKind", "PortalOfferReference", "is_offer_reference", "split_offer_id"]

A = TypeVar("A", bound=Arguments)
O = TypeVar("O", bound=Outputs)  # noqa: E741


class PortalKind(Kind[PortalClient, A, O], Generic[A, O]):
    """A resource of the Cloud Partner Portal API."""

    def open_client(self, settings: Settings, host: Host) -> PortalClient:
        from ...api.portal.client import shared_portal  # imported with the first request of a run

        return shared_portal(settings, host)


def split_offer_id(id: str) -> tuple[str, str]:
    """Return publisher and offer id of an `id` of an offer."""
    publisher, _, offer_id = id.partition("/")
    return publisher, offer_id


def is_offer_reference(value: str) -> bool:
    """Return whether a text has the form of an offer's `id`, `<publisher>/<offer_id>`."""
    return bool(re.fullmatch(r"[^/\\?#%$()'\s]+/[^/\\?#%$()'\s]+", value)) and value.isprintable()


def _offer_reference(value: str) -> str:
    if not is_offer_reference(value):
        raise ValueError(
            "must be an offer of the portal, <publisher>/<offer_id>: pass `.id` of a portal.Offer"
        )
    return value


PortalOfferReference = Annotated[str, Meaning(_offer_reference)]
