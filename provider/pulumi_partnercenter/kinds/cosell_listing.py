"""What Microsoft's sellers read about an offer. Source: Partner Center submission API.

The vocabularies are undocumented.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

from annotated_types import MinLen

from ..api.submission.configuration_models import CosellListing as Listing
from ..api.submission.models import CosellAsset, TypeValue
from ..api.wire import merge_lists
from ..errors import Stale
from ..kind import Current
from ..markers import Immutable, Unordered, Wire
from ..model import Outputs, Part
from ._documents import MISSING, Attached, Carries, DerivedDocuments, Documents, read_content, with_documents
from ._drafts import build_document, preserve_spelling, read_arguments
from ._rules import OfferReference, OptionalEmail, Text, as_set, named_or_guid
from ._submission_api import SubmissionApi, SubmissionApiKind

Names = Annotated[list[str], as_set]


class Area(Part):
    """A solution area and its sub-areas, a set."""

    area: Annotated[str, MinLen(1)]
    sub_areas: Names = []


class SellerContact(Part):
    """A contact for Microsoft's sellers; `type`, `role` and regions in the service's words."""

    type: Annotated[str, MinLen(1)]
    name: Text = ""
    email: OptionalEmail = ""
    job_title: Text = ""
    role: str = ""
    regions: Names = []
    sub_regions: Names = []


class CosellListingArguments(Carries):
    """Arguments of a co-sell listing. Its vocabularies are undocumented: read values from an offer of the portal."""

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    platforms: Annotated[Names, Wire("offer_platforms")] = []
    """Platforms of the solution. A set, as are the segments."""
    segments: Annotated[Names, Wire("end_customer_segments")] = []
    """Segments of end customers."""
    offer_type: Annotated[str, Wire("offer_type")] = ""
    """Type of the solution."""
    solution_areas: Annotated[list[Area], Unordered, Wire("solution_areas")] = []
    """`[{"area": "Infrastructure", "sub_areas": ["Backup"]}]`."""
    contacts: Annotated[list[SellerContact], Unordered, Wire("contacts")] = []
    """`[{"type": …, "name": …, "email": …, "job_title": …, "role": …, "regions": […], "sub_regions": […]}]`."""
    documents: Documents = []
    """`[{"kind": "PitchDeck", "source": "pitch.pdf"}]`; sources are compared by content and name."""
    attached: DerivedDocuments = []
    """Kind, file name and digest of every document, derived from `documents`."""


def _read_attached(api: SubmissionApi, id: str, draft: Listing) -> list[dict[str, str]]:
    assets = api.cosell_assets.all(id) if draft.asset_references else []
    by_id = {named_or_guid(asset.id): asset for asset in assets}
    documents = []
    for reference in draft.asset_references:
        asset = by_id.get(named_or_guid(reference.value))
        name, digest = (asset.file_name, api.cosell_assets.digest(asset)) if asset else ("", "")
        documents.append({"kind": reference.type, "file_name": name, "digest": digest or MISSING})
    return documents


def _referenced_ids(draft: Listing) -> set[str]:
    return {named_or_guid(reference.value) for reference in draft.asset_references}


def _build_references(assets: list[CosellAsset], draft: Listing) -> list[TypeValue]:
    current = {(reference.type, named_or_guid(reference.value)) for reference in draft.asset_references}
    if current == {(asset.type, named_or_guid(asset.id)) for asset in assets}:
        return draft.asset_references
    references = [TypeValue(type=asset.type, value=asset.id) for asset in assets]
    return merge_lists(draft.asset_references, references, key=lambda reference: reference.value)


class CosellListingKind(SubmissionApiKind[CosellListingArguments, Outputs]):
    """Information about an offer for Microsoft's sellers; its `id` is the offer's. Deleting the resource keeps it."""

    keeps_draft = True
    noun, id_form = "cosell listing", "<product>"
    arguments, outputs = CosellListingArguments, Outputs

    def list_ids(self, api: SubmissionApi, offer: str) -> list[str]:
        return [offer] if api.cosell.exists(offer) else []

    def program_arguments(self, api: SubmissionApi, current: Current[Outputs]) -> dict[str, Any]:
        assets = {(asset.type, asset.file_name): asset for asset in api.cosell_assets.all(current.id)}
        return with_documents(
            current.arguments, lambda named, path: api.cosell_assets.save(assets[named], path)
        )

    def find(self, api: SubmissionApi, desired: CosellListingArguments) -> Current[Outputs] | None:
        """Every offer has a co-sell listing from the start."""
        return self.read(api, desired.offer)

    def read(self, api: SubmissionApi, id: str) -> Current[Outputs]:
        return self._current(api, id, api.cosell.get(id))

    def update(self, api: SubmissionApi, id: str, desired: CosellListingArguments) -> Current[Outputs]:
        """Write the listing, then remove documents that it does not refer to: replaced ones, and those of an
        interrupted run.

        An upload that another client is making stays.
        """
        referred = _referenced_ids(api.cosell.get(id)) if desired.attached else set()
        assets = [self._upload(api, id, desired, document, referred) for document in desired.attached]

        def build(given: CosellListingArguments, draft: Listing) -> Listing:
            return build_document(given, draft, resource_type="CosellListing")

        def change(draft: Listing) -> Listing:
            current = self.arguments.canonical({"offer": id, **read_arguments(self.arguments, draft)})
            document = preserve_spelling(desired, current, draft, lambda given: build(given, draft))
            document.asset_references = _build_references(assets, draft)
            return document

        written = api.cosell.write(change, id)
        if self._remove_unreferenced(api, id, desired, written, assets):
            written = api.cosell.get(id)
            self._require_referred(api, id, written)
        return self._current(api, id, written)

    def _remove_unreferenced(
        self,
        api: SubmissionApi,
        id: str,
        desired: CosellListingArguments,
        written: Listing,
        sent: list[CosellAsset],
    ) -> list[CosellAsset]:
        """Remove uploaded documents to which the listing does not refer, and return them.

        The references are those in `sent`, whatever the response has.
        """
        referred = _referenced_ids(written) | {named_or_guid(asset.id) for asset in sent}
        ours = {document.named() for document in desired.attached}
        loose = [
            asset for asset in api.cosell_assets.list_current(id) if named_or_guid(asset.id) not in referred
        ]
        swept = []
        for asset in loose:
            is_others = asset.is_pending and (asset.type, asset.file_name) not in ours
            if not is_others and api.cosell_assets.remove_unchanged(id, asset) and not asset.is_pending:
                swept.append(asset)
        return swept

    def _require_referred(self, api: SubmissionApi, id: str, draft: Listing) -> None:
        """Raises Stale if another run began to refer to a document that was removed at the same time."""
        if _referenced_ids(draft) <= {
            named_or_guid(asset.id) for asset in api.cosell_assets.list_current(id)
        }:
            return
        raise Stale(
            f"cosell listing {id}: somebody else changed its documents meanwhile",
            next="run `pulumi up --refresh`: it uploads again what is missing",
            status=412,
        )

    def _current(self, api: SubmissionApi, id: str, draft: Listing) -> Current[Outputs]:
        return self.build_current(
            id,
            {**read_arguments(self.arguments, draft), "attached": _read_attached(api, id, draft)},
            {"offer": id},
        )

    def _upload(
        self,
        api: SubmissionApi,
        id: str,
        desired: CosellListingArguments,
        document: Attached,
        referred: Collection[str],
    ) -> CosellAsset:
        """Return the document in the service; upload it if it is missing. Of two, the listing's own comes first."""
        assets = sorted(api.cosell_assets.all(id), key=lambda asset: named_or_guid(asset.id) not in referred)
        for asset in assets:
            same_name = (asset.type, asset.file_name) == document.named()
            if same_name and api.cosell_assets.digest(asset) == document.digest:
                return asset
        new = CosellAsset(resource_type="CosellAsset", type=document.kind, file_name=document.file_name)
        return api.cosell_assets.add(id, new, read_content(desired.documents, document))

    def delete(self, api: SubmissionApi, id: str) -> None:
        """The listing stays as it is, and goes with its offer."""
