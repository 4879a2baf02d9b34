"""What Microsoft's sellers read about an offer. Source: submission API 5.17; its vocabularies are undocumented."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

from ..api.submission import SubmissionApi
from ..api.submission.configuration_models import CosellContact, SolutionArea
from ..api.submission.configuration_models import CosellListing as Listing
from ..api.submission.models import CosellAsset, TypeValue
from ..api.wire import merge_lists
from ..errors import Stale
from ..kind import Current
from ..markers import Immutable, Unordered
from ..model import Outputs
from ._documents import MISSING, Attached, Carries, DerivedDocuments, Documents, content_of, with_documents
from ._drafts import preserve_spelling
from ._rules import OfferReference, named_or_guid
from ._sellers import Area, Names, SellerContact
from ._submission_api import SubmissionApiKind


class CosellListingArguments(Carries):
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


CosellListingCurrent = Current[CosellListingOutputs]


def _told(draft: Listing) -> dict[str, Any]:
    return {
        "platforms": draft.offer_platforms,
        "segments": draft.end_customer_segments,
        "offer_type": draft.offer_type,
        "solution_areas": [{"area": each.area, "sub_areas": each.sub_areas} for each in draft.solution_areas],
        "contacts": [
            {name: getattr(each, name) for name in SellerContact.names()} for each in draft.contacts
        ],
    }


def _wanted(desired: CosellListingArguments, draft: Listing) -> Listing:
    areas = [SolutionArea(**each.to_json()) for each in desired.solution_areas]
    contacts = [CosellContact(**each.to_json()) for each in desired.contacts]
    return Listing(
        resource_type="CosellListing",
        offer_platforms=desired.platforms,
        end_customer_segments=desired.segments,
        offer_type=desired.offer_type,
        solution_areas=merge_lists(draft.solution_areas, areas, key=lambda each: each.area),
        contacts=merge_lists(
            draft.contacts, contacts, key=lambda each: (each.type, each.email.casefold(), each.name)
        ),
    )


def _attached(api: SubmissionApi, id: str, draft: Listing) -> list[dict[str, str]]:
    assets = api.cosell_assets.all(id) if draft.asset_references else []
    there = {named_or_guid(each.id): each for each in assets}
    found = []
    for each in draft.asset_references:
        asset = there.get(named_or_guid(each.value))
        name, digest = (asset.file_name, api.cosell_assets.digest(asset)) if asset else ("", "")
        found.append({"kind": each.type, "file_name": name, "digest": digest or MISSING})
    return found


def _referred(draft: Listing) -> set[str]:
    return {named_or_guid(each.value) for each in draft.asset_references}


def _references(assets: list[CosellAsset], draft: Listing) -> list[TypeValue]:
    there = {(each.type, named_or_guid(each.value)) for each in draft.asset_references}
    if there == {(each.type, named_or_guid(each.id)) for each in assets}:
        return draft.asset_references
    references = [TypeValue(type=each.type, value=each.id) for each in assets]
    return merge_lists(draft.asset_references, references, key=lambda each: each.value)


class CosellListingKind(SubmissionApiKind[CosellListingArguments, CosellListingOutputs]):
    """What Microsoft's sellers read about an offer; its `id` is the offer's. Deleting it leaves it."""

    keeps_draft = True
    noun, id_form = "cosell listing", "<product>"
    arguments, outputs = CosellListingArguments, CosellListingOutputs

    def list_ids(self, api: SubmissionApi, offer: str) -> list[str]:
        return [offer] if api.cosell.exists(offer) else []

    def program_arguments(self, api: SubmissionApi, seen: CosellListingCurrent) -> dict[str, Any]:
        there = {(each.type, each.file_name): each for each in api.cosell_assets.all(seen.id)}
        return with_documents(seen.arguments, lambda named, path: api.cosell_assets.save(there[named], path))

    def find(self, api: SubmissionApi, desired: CosellListingArguments) -> CosellListingCurrent | None:
        """Every offer has one from the start."""
        return self.read(api, desired.offer)

    def read(self, api: SubmissionApi, id: str) -> CosellListingCurrent:
        return self._current(api, id, api.cosell.get(id))

    def update(self, api: SubmissionApi, id: str, desired: CosellListingArguments) -> CosellListingCurrent:
        """What the listing does not refer to goes: what was replaced, or what a cut run left, is like that. An upload
        that somebody else has under way stays.
        """
        referred = _referred(api.cosell.get(id)) if desired.attached else set()
        assets = [self._uploaded(api, id, desired, each, referred) for each in desired.attached]

        def change(draft: Listing) -> Listing:
            there = CosellListingArguments.canonical({"offer": id, **_told(draft)})
            spared = preserve_spelling(desired, there, draft, lambda each: _wanted(each, draft))
            spared.asset_references = _references(assets, draft)
            return spared

        written = api.cosell.write(change, id)
        if self._swept(api, id, desired, written, assets):
            written = api.cosell.get(id)
            self._require_referred(api, id, written)
        return self._current(api, id, written)

    def _swept(
        self,
        api: SubmissionApi,
        id: str,
        desired: CosellListingArguments,
        written: Listing,
        sent: list[CosellAsset],
    ) -> list[CosellAsset]:
        """The uploaded documents that went because the listing does not refer to them.

        It refers to what was `sent`, whatever the answer says of it.
        """
        referred = _referred(written) | {named_or_guid(each.id) for each in sent}
        ours = {each.named() for each in desired.attached}
        loose = [
            each for each in api.cosell_assets.list_current(id) if named_or_guid(each.id) not in referred
        ]
        swept = []
        for each in loose:
            is_others = each.is_pending and (each.type, each.file_name) not in ours
            if not is_others and api.cosell_assets.remove_unchanged(id, each) and not each.is_pending:
                swept.append(each)
        return swept

    def _require_referred(self, api: SubmissionApi, id: str, draft: Listing) -> None:
        """Raises Stale when another run came to refer to what went in the same moment."""
        if _referred(draft) <= {named_or_guid(each.id) for each in api.cosell_assets.list_current(id)}:
            return
        raise Stale(
            f"cosell listing {id}: somebody else changed its documents meanwhile",
            next="run `pulumi up --refresh`: it uploads again what is missing",
            status=412,
        )

    def _current(self, api: SubmissionApi, id: str, draft: Listing) -> CosellListingCurrent:
        return self.build_current(id, {**_told(draft), "attached": _attached(api, id, draft)}, {"offer": id})

    def _uploaded(
        self,
        api: SubmissionApi,
        id: str,
        desired: CosellListingArguments,
        document: Attached,
        referred: Collection[str],
    ) -> CosellAsset:
        """What is there already is not uploaded again; of two the one that the listing refers to."""
        there = sorted(api.cosell_assets.all(id), key=lambda each: named_or_guid(each.id) not in referred)
        for each in there:
            same_name = (each.type, each.file_name) == document.named()
            if same_name and api.cosell_assets.digest(each) == document.digest:
                return each
        new = CosellAsset(resource_type="CosellAsset", type=document.kind, file_name=document.file_name)
        return api.cosell_assets.add(id, new, content_of(desired.documents, document))

    def delete(self, api: SubmissionApi, id: str) -> None:
        """Stays as it is: it goes with its offer."""
