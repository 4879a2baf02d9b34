"""The search for offers in all systems.

A further system needs a class with the members of `OfferSystem`, and an entry in `SYSTEMS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from ..errors import InputError, NotFound, PartnerCenterError
from ..settings import Settings
from .offers import FoundOffer, OfferSystem
from .portal_offers import PortalOffers
from .submission_offers import SubmissionOffers

__all__ = ["SYSTEMS", "OfferDirectory", "open_directory"]


SYSTEMS: tuple[type[OfferSystem], ...] = (SubmissionOffers, PortalOffers)
"""In the order of the search."""


@dataclass
class OfferDirectory:
    """The offers of all systems. A system that refuses this login is left out, with its reason in `left_out`."""

    systems: Sequence[OfferSystem]
    left_out: dict[str, str] = field(default_factory=dict)

    def find(self, offer_id: str) -> FoundOffer:
        """Return the offer of the first system that has it; of a shared one, that of the other system.

        Raises NotFound, InputError for the offer id of several publishers, or the error of the first system.
        """
        failures: dict[str, PartnerCenterError] = {}
        chosen: FoundOffer | None = None
        for system in self.systems:
            try:
                offers = system.find(offer_id)
            except InputError:
                raise
            except PartnerCenterError as error:
                failures[system.name] = error
                continue
            if len(offers) > 1:
                labels = ", ".join(offer.label for offer in offers)
                raise InputError(
                    f"offer {offer_id!r}: several publishers have it: {labels}", next="write one of these"
                )
            chosen = offers[0] if offers else chosen
            if chosen and not chosen.is_shared:
                break
        if chosen is None:
            raise self._no_offer(offer_id, failures)
        self._leave_out(failures)
        return chosen

    def find_all(self, offer_ids: Sequence[str]) -> list[FoundOffer]:
        """Return the offers with these ids, each once."""
        chosen = {offer.label: offer for offer in map(self.find, offer_ids)}
        return [*chosen.values()]

    def all(self) -> list[FoundOffer]:
        """Return every offer, by offer id; shared ones only if no other system has them.

        Raises the first error if every system fails.
        """
        failures: dict[str, PartnerCenterError] = {}
        offers: list[FoundOffer] = []
        for system in self.systems:
            try:
                offers += system.all()
            except PartnerCenterError as error:
                failures[system.name] = error
        if len(failures) == len(self.systems):
            raise next(iter(failures.values()))
        self._leave_out(failures)
        own = {offer.offer_id.casefold() for offer in offers if not offer.is_shared}
        chosen = [offer for offer in offers if not offer.is_shared or offer.offer_id.casefold() not in own]
        return sorted(chosen, key=lambda offer: (offer.offer_id, offer.label))

    def _no_offer(self, offer_id: str, failures: dict[str, PartnerCenterError]) -> PartnerCenterError:
        if self.systems[0].name in failures:
            return failures[self.systems[0].name]
        following = "check the offer id and the account (`partnercenter doctor` shows who is signed in)"
        unread = "".join(f"; {name} was not searched: {_first_line(e)}" for name, e in failures.items())
        return NotFound(f"offer {offer_id!r}: there is no such offer", next=following + unread, status=404)

    def _leave_out(self, failures: dict[str, PartnerCenterError]) -> None:
        self.left_out |= {name: _first_line(error) for name, error in failures.items()}


def _first_line(error: PartnerCenterError) -> str:
    return str(error).splitlines()[0]


@contextmanager
def open_directory(settings: Settings) -> Iterator[OfferDirectory]:
    """Open every system for a command."""
    with ExitStack() as stack:
        yield OfferDirectory([stack.enter_context(system.open(settings)) for system in SYSTEMS])
