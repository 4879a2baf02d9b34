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
    """Information about an offer for Microsoft's sellers; its `id` is the offer's. Deleting the resource
    keeps it.
    """

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
    """Platforms of the solution. A set, as are the segments."""
    segments: pulumi.Output[list[str]]
    """Segments of end customers."""
    offer_type: pulumi.Output[str]
    """Type of the solution."""
    solution_areas: pulumi.Output[list[dict[str, Any]]]
    """`[{"area": "Infrastructure", "sub_areas": ["Backup"]}]`."""
    contacts: pulumi.Output[list[dict[str, Any]]]
    """`[{"type": …, "name": …, "email": …, "job_title": …, "role": …, "regions": […], "sub_regions":
    […]}]`."""
    documents: pulumi.Output[list[dict[str, Any]]]
    """`[{"kind": "PitchDeck", "source": "pitch.pdf"}]`; sources are compared by content and name."""
    attached: pulumi.Output[list[dict[str, Any]]]
    """Kind, file name and digest of every document, derived from `documents`."""

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
            platforms: Platforms of the solution. A set, as are the segments.
            segments: Segments of end customers.
            offer_type: Type of the solution.
            solution_areas: `[{"area": "Infrastructure", "sub_areas": ["Backup"]}]`.
            contacts: `[{"type": …, "name": …, "email": …, "job_title": …, "role": …, "regions": […],
                "sub_regions": […]}]`.
            documents: `[{"kind": "PitchDeck", "source": "pitch.pdf"}]`; sources are compared by content and
                name.
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
