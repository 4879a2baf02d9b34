"""An offer as `show` and `status` need it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from .printing import Node

__all__ = ["Offer", "OfferList", "ShownOffer", "StatusReport"]


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


@dataclass(frozen=True)
class OfferList:
    """Offers of all systems; `left_out` has the reason for each system that could not be read, by its name."""

    offers: list[Offer]
    left_out: dict[str, str]
