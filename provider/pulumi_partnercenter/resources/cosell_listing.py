"""What Microsoft's sellers read about an offer. Source: submission API 5.17; its vocabularies are undocumented."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import pulumi
from annotated_types import MinLen
from pulumi import Input

from .._resource import Immutable, Kind, Outputs, Part, Provider, Resource, Seen, Unordered
from ._documents import MISSING, Attached, Carries, DerivedDocuments, Documents, content_of
from ._rules import OfferReference, OptionalEmail, Text, as_set

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.configurations import CosellListing as Listing
    from ..api.submission.documents import CosellAsset

__all__ = ["CosellListing"]

Names = Annotated[list[str], as_set]


class Area(Part):
    """A solution area and areas within it, which are a set."""

    area: Annotated[str, MinLen(1)]
    sub_areas: Names = []


class SellerContact(Part):
    """Whom Microsoft's sellers reach; `type`, `role` and regions in the service's words."""

    type: Annotated[str, MinLen(1)]
    name: Text = ""
    email: OptionalEmail = ""
    job_title: Text = ""
    role: str = ""
    regions: Names = []
    sub_regions: Names = []


class CosellListingInputs(Carries):
    """What a program may set; words that the service knows are read from an offer that was filled in in the portal."""

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    platforms: Names = []
    """Platforms that it runs on. A set, as are the segments."""
    segments: Names = []
    """Segments of end customers."""
    offer_type: str = ""
    """What kind of solution it is."""
    solution_areas: Annotated[list[Area], Unordered] = []
    """`[{"area": "Infrastructure", "sub_areas": ["Backup"]}]`."""
    contacts: Annotated[list[SellerContact], Unordered] = []
    """`[{"type": …, "name": …, "email": …, "job_title": …, "role": …, "regions": […], "sub_regions": […]}]`."""
    documents: Documents = []
    """`[{"kind": "PitchDeck", "source": "pitch.pdf"}]`; only the content of a source counts, and its name."""
    attached: DerivedDocuments = []
    """Kind, file name and digest of each document; follows from `documents`."""


class CosellListingOutputs(Outputs):
    """What the service decides: only the `id`."""


CosellListingSeen = Seen[CosellListingOutputs]


def _told(api: SubmissionApi, id: str, draft: Listing) -> dict[str, Any]:
    return {
        "platforms": draft.offer_platforms,
        "segments": draft.end_customer_segments,
        "offer_type": draft.offer_type,
        "solution_areas": [{"area": each.area, "sub_areas": each.sub_areas} for each in draft.solution_areas],
        "contacts": [
            {name: getattr(each, name) for name in SellerContact.names()} for each in draft.contacts
        ],
        "attached": _attached(api, id, draft),
    }


def _attached(api: SubmissionApi, id: str, draft: Listing) -> list[dict[str, str]]:
    there = {each.id: each for each in api.cosell_assets.all(id)} if draft.asset_references else {}
    found = []
    for each in draft.asset_references:
        asset = there.get(each.value)
        name, digest = (asset.file_name, api.cosell_assets.digest(asset)) if asset else ("", "")
        found.append({"kind": each.type, "file_name": name, "digest": digest or MISSING})
    return found


def _wanted(want: CosellListingInputs, draft: Listing, assets: list[CosellAsset]) -> Listing:
    from ..api.submission.configurations import CosellContact, SolutionArea
    from ..api.submission.configurations import CosellListing as Listing
    from ..api.submission.documents import TypeValue
    from ..api.wire import overlaid

    areas = [SolutionArea(**each.plain()) for each in want.solution_areas]
    contacts = [CosellContact(**each.plain()) for each in want.contacts]
    references = [TypeValue(type=each.type, value=each.id) for each in assets]
    return Listing(
        resource_type="CosellListing",
        offer_platforms=want.platforms,
        end_customer_segments=want.segments,
        offer_type=want.offer_type,
        solution_areas=overlaid(draft.solution_areas, areas, key=lambda each: each.area),
        contacts=overlaid(
            draft.contacts, contacts, key=lambda each: (each.type, each.email.casefold(), each.name)
        ),
        asset_references=overlaid(draft.asset_references, references, key=lambda each: each.value),
    )


class CosellListingKind(Kind[CosellListingInputs, CosellListingOutputs]):
    noun, id_form = "cosell listing", "<product>"
    inputs, outputs = CosellListingInputs, CosellListingOutputs

    def find(self, api: SubmissionApi, want: CosellListingInputs) -> CosellListingSeen | None:
        return self.read(api, want.offer)

    def read(self, api: SubmissionApi, id: str) -> CosellListingSeen:
        return self.as_seen(id, _told(api, id, api.cosell.get(id)), {"offer": id})

    def update(self, api: SubmissionApi, id: str, want: CosellListingInputs) -> CosellListingSeen:
        """What the listing does not refer to goes: only what was replaced, or what a cut run left, is like that."""
        assets = [self._uploaded(api, id, want, each) for each in want.attached]
        written = api.cosell.write(lambda draft: _wanted(want, draft, assets), id)
        for each in list(api.cosell_assets.all(id)):
            if each.id not in {one.value for one in written.asset_references}:
                api.cosell_assets.remove(id, each.id)
        return self.as_seen(id, _told(api, id, written), {"offer": id})

    def _uploaded(
        self, api: SubmissionApi, id: str, want: CosellListingInputs, document: Attached
    ) -> CosellAsset:
        """What is there already is not uploaded again."""
        from ..api.submission.documents import CosellAsset

        for each in api.cosell_assets.all(id):
            same_name = (each.type, each.file_name) == document.named()
            if same_name and api.cosell_assets.digest(each) == document.digest:
                return each
        new = CosellAsset(resource_type="CosellAsset", type=document.kind, file_name=document.file_name)
        return api.cosell_assets.add(id, new, content_of(want.documents, document))

    def delete(self, api: SubmissionApi, id: str) -> None:
        """Stays as it is: it goes with its offer."""


class CosellListingProvider(Provider):
    kind, known_as = CosellListingKind(), "CosellListing"


class CosellListing(Resource, module="partnercenter", name="CosellListing"):
    """What Microsoft's sellers read about an offer; its `id` is the offer's. Deleting it leaves it.
    Arguments: `CosellListingInputs`.
    """

    provider = CosellListingProvider

    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        platforms: Input[Sequence[Input[str]]] | None = None,
        segments: Input[Sequence[Input[str]]] | None = None,
        offer_type: Input[str] | None = None,
        solution_areas: Input[Sequence[Input[Mapping[str, Any]]]] | None = None,
        contacts: Input[Sequence[Input[Mapping[str, Any]]]] | None = None,
        documents: Input[Sequence[Input[Mapping[str, Any]]]] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
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
