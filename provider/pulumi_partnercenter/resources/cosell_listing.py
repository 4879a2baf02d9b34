"""CosellListing: see `kinds/cosell_listing.py`."""

# Made by `make generate` from kinds/cosell_listing.py; changes here are lost.
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi import Input

from ._base import Resource, Schema, friendly_type_errors
from .types import AreaArgsDict, CarriedArgsDict, SellerContactArgsDict


class CosellListing(Resource, module="partnercenter", name="CosellListing"):
    """What Microsoft's sellers read about an offer; its `id` is the offer's. Deleting it leaves it."""

    schema = Schema(
        known_as="CosellListing",
        arguments=(
            "adopt",
            "offer",
            "platforms",
            "segments",
            "offer_type",
            "solution_areas",
            "contacts",
            "documents",
            "attached",
        ),
        computed=("fingerprint",),
    )

    offer: pulumi.Output[str]
    """`.id` of the offer."""
    platforms: pulumi.Output[list[str]]
    """Platforms that it runs on. A set, as are the segments."""
    segments: pulumi.Output[list[str]]
    """Segments of end customers."""
    offer_type: pulumi.Output[str]
    """What kind of solution it is."""
    solution_areas: pulumi.Output[list[dict[str, Any]]]
    """`[{"area": "Infrastructure", "sub_areas": ["Backup"]}]`."""
    contacts: pulumi.Output[list[dict[str, Any]]]
    """`[{"type": …, "name": …, "email": …, "job_title": …, "role": …, "regions": […], "sub_regions":
    […]}]`."""
    documents: pulumi.Output[list[dict[str, Any]]]
    """`[{"kind": "PitchDeck", "source": "pitch.pdf"}]`; only the content of a source counts, and its name."""
    attached: pulumi.Output[list[dict[str, Any]]]
    """Kind, file name and digest of each document; follows from `documents`."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        platforms: Input[Sequence[Input[str]]] | None = None,
        segments: Input[Sequence[Input[str]]] | None = None,
        offer_type: Input[str] | None = None,
        solution_areas: Input[Sequence[Input[AreaArgsDict]]] | None = None,
        contacts: Input[Sequence[Input[SellerContactArgsDict]]] | None = None,
        documents: Input[Sequence[Input[CarriedArgsDict]]] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            offer: `.id` of the offer.
            platforms: Platforms that it runs on. A set, as are the segments.
            segments: Segments of end customers.
            offer_type: What kind of solution it is.
            solution_areas: `[{"area": "Infrastructure", "sub_areas": ["Backup"]}]`.
            contacts: `[{"type": …, "name": …, "email": …, "job_title": …, "role": …, "regions": […],
                "sub_regions": […]}]`.
            documents: `[{"kind": "PitchDeck", "source": "pitch.pdf"}]`; only the content of a source
                counts, and its name.
            adopt: Take over something different that exists under the same name, instead of refusing.
            opts: Options of the engine.

        """
        arguments = {
            "offer": offer,
            "platforms": platforms,
            "segments": segments,
            "offer_type": offer_type,
            "solution_areas": solution_areas,
            "contacts": contacts,
            "documents": documents,
            "adopt": adopt,
        }
        super().__init__(resource_name, arguments, opts)
