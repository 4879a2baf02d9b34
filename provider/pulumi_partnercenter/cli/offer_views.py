"""Offers of all systems, as `show` and `status` present them.

A further system needs a view, with the members of `Offer`, and an entry here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from ..api.portal.system import PORTAL
from ..api.submission.system import SUBMISSION
from ..directory.offers import FoundOffer
from ..directory.search import OfferDirectory, open_directory
from .connection import Connection
from .offers import Offer, OfferList
from .portal.portal_view import PortalOffer
from .printing import printable
from .submission_view import SubmissionOffer

__all__ = ["open_offer", "open_offers"]

VIEWS: dict[str, Callable[[Any, FoundOffer], Offer]] = {
    SUBMISSION.name: SubmissionOffer,
    PORTAL.name: PortalOffer,
}
"""By the name of a system: a view of an offer, made of the system's client and the offer."""


@contextmanager
def open_offer(connection: Connection, offer_id: str) -> Iterator[Offer]:
    """Find an offer. A system that could not be searched is named on stderr."""
    with open_directory(connection.settings()) as directory:
        offer = directory.find(offer_id)
        _report_left_out(directory)
        yield _view(offer)


@contextmanager
def open_offers(connection: Connection) -> Iterator[OfferList]:
    """List the offers of all systems. A system that could not be read is named on stderr."""
    with open_directory(connection.settings()) as directory:
        offers = directory.all()
        _report_left_out(directory)
        yield OfferList([_view(offer) for offer in offers], directory.left_out)


def _view(offer: FoundOffer) -> Offer:
    return VIEWS[offer.system.name](offer.system.client, offer)


def _report_left_out(directory: OfferDirectory) -> None:
    for name, reason in directory.left_out.items():
        click.echo(printable(f"left out: {name}: {reason}"), err=True)
