"""A system with offers, and an offer that a system has."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from ..settings import Settings

__all__ = ["FoundOffer", "OfferSystem"]


@dataclass(frozen=True)
class FoundOffer:
    """An offer in a system. `id`: that of its Offer resource. `label`: its name among the offers of all systems.

    `is_shared`: another system may have the same offer, and more of it.
    """

    system: OfferSystem
    id: str
    offer_id: str
    label: str
    is_shared: bool = False


class OfferSystem(Protocol):
    """A system that is open. `service`: the package of its resources, as the registry has it."""

    name: str
    service: str
    client: Any

    @classmethod
    def open(cls, settings: Settings) -> AbstractContextManager[OfferSystem]:
        """Open a client, which sends nothing yet."""

    def find(self, offer_id: str) -> Sequence[FoundOffer]:
        """Find offers by offer id: none, one, or one of several publishers."""

    def all(self) -> Sequence[FoundOffer]:
        """List the offers that this login may read."""
