"""An offer as `show` and `status` need it, and the part of a system that finds its offers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from .connection import Connection
from .printing import Node

__all__ = ["Offer", "OfferDirectory", "OfferSystem", "ShownOffer", "StatusReport"]


@dataclass(frozen=True)
class StatusReport:
    """Where an offer's publication stands.

    `state`: in the words of the outputs of `Submission` and `portal.Publication`. `details` follows it in the headline.
    `steps`: rows of a table with `columns`, one of which is `STATE`. `document`: the JSON document.
    """

    offer: str
    state: str
    details: str
    document: dict[str, Any] = field(repr=False)
    columns: tuple[str, ...] = ()
    steps: tuple[tuple[str, ...], ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        return f"{self.offer}: {self.state}{self.details}"


class ShownOffer(Protocol):
    """An offer that was read in all its stages."""

    def only_differences(self) -> ShownOffer:
        """Return only what differs between draft, preview and live."""

    def to_json(self) -> dict[str, Any]: ...

    def to_tree(self) -> Node: ...


class Offer(Protocol):
    """An offer of a system, while the connection is open.

    `label`: the name in lists. `is_shared`: another system may have the same offer, with contents that this one lacks.
    """

    offer_id: str
    label: str
    is_shared: bool

    def status(self) -> StatusReport: ...

    def read_stages(self, show: Callable[[str], None]) -> ShownOffer:
        """Read the offer in all stages; `show` displays the progress."""

    def render_page(self, show: Callable[[str], None]) -> str:
        """Return the page of the listing, in HTML."""


class OfferDirectory(Protocol):
    """Offers of a system that this login may read."""

    def find(self, offer_id: str) -> Offer | None:
        """Find an offer by its offer id; None if there is none."""

    def all(self) -> Iterable[Offer]: ...


class OfferSystem(Protocol):
    """A system with offers: its name in messages, and its directory."""

    name: str

    def open(self, connection: Connection) -> AbstractContextManager[OfferDirectory]:
        """Open a client, which sends nothing yet."""
