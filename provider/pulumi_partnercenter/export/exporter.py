"""What the export needs of a system, beside the search for its offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from .collect import ExportedResource
from .exported_publication import ExportedPublication

__all__ = ["Exporter"]


class Exporter(Protocol):
    """The export of offers of a system."""

    publication: str
    """Class of the resource that publishes an offer."""

    def export_publication(
        self, offer: str, resources: Sequence[ExportedResource], defaults: Sequence[ExportedResource]
    ) -> ExportedPublication:
        """Declare the publication of an offer, if that publishes nothing.

        `resources` are in the program. `defaults` are unchanged since the service created them.
        """

    def kept(self, offer: str, resources: Sequence[ExportedResource]) -> list[ExportedResource]:
        """Return the resources that the service does not delete, because they were published."""
