"""SupplementalContent: see `kinds/supplemental_content.py`."""

# Made by `make generate` from kinds/supplemental_content.py; changes here are lost.
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi import Input

from ._base import Resource, Schema, friendly_type_errors
from .types import CarriedArgsDict


class SupplementalContent(Resource, module="partnercenter", name="SupplementalContent"):
    """Certification documents of a Dynamics 365 offer; its `id` is the offer's. Deleting the resource
    keeps them.
    """

    schema = Schema(
        known_as="SupplementalContent",
        arguments=("adopt", "offer", "target_release", "supported_editions", "documents", "attached"),
        computed=("fingerprint",),
    )

    offer: pulumi.Output[str]
    """`.id` of a Dynamics 365 offer."""
    target_release: pulumi.Output[str]
    """The targeted release of Dynamics 365."""
    supported_editions: pulumi.Output[list[str]]
    """Supported editions. A set."""
    documents: pulumi.Output[list[dict[str, Any]]]
    """`[{"kind": "FunctionalTest", "source": "script.docx"}]`; sources are compared by content and name."""
    attached: pulumi.Output[list[dict[str, Any]]]
    """Kind, file name and digest of every document, derived from `documents`."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        target_release: Input[str] | None = None,
        supported_editions: Input[Sequence[Input[str]]] | None = None,
        documents: Input[Sequence[Input[CarriedArgsDict]]] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            offer: `.id` of a Dynamics 365 offer.
            target_release: The targeted release of Dynamics 365.
            supported_editions: Supported editions. A set.
            documents: `[{"kind": "FunctionalTest", "source": "script.docx"}]`; sources are compared by
                content and name.
            adopt: Take over something different that exists under the same name, instead of refusing.
            opts: Options of the engine.

        """
        arguments = {
            "offer": offer,
            "target_release": target_release,
            "supported_editions": supported_editions,
            "documents": documents,
            "adopt": adopt,
        }
        super().__init__(resource_name, arguments, opts)
