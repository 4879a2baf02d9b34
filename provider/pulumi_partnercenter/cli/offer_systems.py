"""The systems whose offers `show` and `status` know, and the search for offers in all of them.

A further system needs its own `OfferDirectory` and an entry here. A system that refuses this login is left out, with a
line on stderr, unless every one does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import click

from ..errors import InputError, NotFound, PartnerCenterError
from .connection import Connection
from .offers import Offer, OfferSystem
from .portal.portal_offers import PortalOffers
from .printing import printable
from .submission_offers import SubmissionOffers

__all__ = ["OFFER_SYSTEMS", "OfferList", "open_offer", "open_offers"]

OFFER_SYSTEMS: tuple[OfferSystem, ...] = (SubmissionOffers, PortalOffers)


@dataclass(frozen=True)
class OfferList:
    """Offers of all systems; `left_out` has the reason for each system that could not be read, by its name."""

    offers: list[Offer] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)


@contextmanager
def open_offer(connection: Connection, offer_id: str) -> Iterator[Offer]:
    """Find an offer in the first system that has it; a later one wins if the first shares the offer with it.

    Raises NotFound, or the error of the first system.
    """
    failures: dict[str, PartnerCenterError] = {}
    result: Offer | None = None
    with ExitStack() as stack:
        for system in OFFER_SYSTEMS:
            directory = stack.enter_context(system.open(connection))
            try:
                offer = directory.find(offer_id)
            except InputError:
                raise
            except PartnerCenterError as error:
                failures[system.name] = error
                continue
            result = offer or result
            if offer is not None and not offer.is_shared:
                break
        if result is None and OFFER_SYSTEMS[0].name in failures:
            raise failures[OFFER_SYSTEMS[0].name]
        for name, failure in failures.items():
            _report_left_out(name, _first_line(failure))
        if result is None:
            following = "check the offer id and the account (`partnercenter doctor` shows who is signed in)"
            raise NotFound(f"offer {offer_id!r}: there is no such offer", next=following, status=404)
        yield result


@contextmanager
def open_offers(connection: Connection) -> Iterator[OfferList]:
    """List the offers of all systems. Raises the error of the first system if every one fails."""
    failures: dict[str, PartnerCenterError] = {}
    offers: list[Offer] = []
    with ExitStack() as stack:
        for system in OFFER_SYSTEMS:
            directory = stack.enter_context(system.open(connection))
            try:
                offers += directory.all()
            except PartnerCenterError as error:
                failures[system.name] = error
        if len(failures) == len(OFFER_SYSTEMS):
            raise failures[OFFER_SYSTEMS[0].name]
        left_out = {name: _first_line(failure) for name, failure in failures.items()}
        for name, reason in left_out.items():
            _report_left_out(name, reason)
        own = {offer.offer_id for offer in offers if not offer.is_shared}
        offers = [offer for offer in offers if not offer.is_shared or offer.offer_id not in own]
        yield OfferList(sorted(offers, key=lambda offer: offer.label), left_out)


def _first_line(error: PartnerCenterError) -> str:
    return str(error).splitlines()[0]


def _report_left_out(name: str, reason: str) -> None:
    click.echo(printable(f"left out: {name}: {reason}"), err=True)
