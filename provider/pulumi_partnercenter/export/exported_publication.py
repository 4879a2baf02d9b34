"""The resource that publishes an exported offer: a Submission or a portal.Publication."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .collect import ExportedResource

__all__ = ["ExportedPublication", "order_publication", "publishing_arguments"]


@dataclass
class ExportedPublication:
    """The resource that publishes an offer, or the reason why declaring one would publish something."""

    resource: ExportedResource | None = None
    defaults: list[ExportedResource] = field(default_factory=list)
    """Published resources at their defaults, which the program therefore declares."""
    reason: str = ""


def order_publication(publication: ExportedResource, resources: Sequence[ExportedResource]) -> None:
    """Sort `publishes` in the order of the program's declarations, because the constructor keeps that order."""
    published = [resource for resource in resources if resource in publication.arguments["publishes"]]
    publication.arguments["publishes"] = published
    publication.checked |= publishing_arguments(published)


def publishing_arguments(published: Sequence[ExportedResource]) -> dict[str, Any]:
    """Return the arguments that the constructor derives from the published resources."""
    return {
        "publishes": [resource.fingerprint() for resource in published],
        "sends": [resource.label for resource in published],
        "published": [
            {"kind": resource.resource_class.schema.known_as, "name": resource.name, "id": resource.id}
            for resource in published
        ],
    }
