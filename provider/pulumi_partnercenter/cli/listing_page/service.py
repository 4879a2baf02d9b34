"""Listing of an offer in Partner Center: its draft in comparison with preview and live."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from ...content.sources import text_content
from ..compare import OfferComparison, ResourceComparison
from .listing import Listing
from .pictures import Picture

__all__ = ["listing_in_service"]


def listing_in_service(comparison: OfferComparison) -> Listing:
    """Return the listing of a comparison. Its pictures are downloaded on demand, over the open connection."""

    def read_picture(resource: ResourceComparison, stage: str) -> Picture:
        stored = comparison.stored_file(resource, stage)
        if stored is None or stored.save is None:
            return Picture(problem="The service gives no address for this picture.")
        with TemporaryDirectory() as folder:
            path = Path(folder) / "picture"  # the file's name in the service may be any text
            stored.save(path)
            return Picture.from_content(text_content(path.read_bytes()), stored.name)

    product = comparison.product
    return Listing(
        product.offer_id,
        product.resource_type,
        product.name,
        "the draft in Partner Center",
        {stage.name: stage.name for stage in comparison.stages},
        [
            f"{stage.name.capitalize()} is release {stage.run.release_number}, submission {stage.run.id}."
            for stage in comparison.stages
        ]
        or ["Nothing of this offer was ever submitted."],
        comparison.resources,
        read_picture,
    )
