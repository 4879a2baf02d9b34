"""Certification documents of a Dynamics 365 offer. Source: Partner Center submission API.

The way of the upload is inferred.
"""

from __future__ import annotations

from typing import Annotated, Any

from ..api.submission.configuration_models import SupplementalAsset
from ..api.submission.configuration_models import SupplementalContent as Content
from ..errors import ContractError, InputError
from ..kind import Current
from ..markers import Immutable, Wire
from ..model import Outputs
from ._documents import MISSING, Attached, Carries, DerivedDocuments, Documents, read_content, with_documents
from ._drafts import build_document, preserve_spelling, read_arguments
from ._rules import OfferReference, as_set
from ._submission_api import SubmissionApi, SubmissionApiKind


class SupplementalContentArguments(Carries):
    """Arguments of supplemental content. Its vocabularies are undocumented: read values from an offer of the portal."""

    offer: Annotated[OfferReference, Immutable]
    """`.id` of a Dynamics 365 offer."""
    target_release: Annotated[str, Wire("target_release")] = ""
    """The targeted release of Dynamics 365."""
    supported_editions: Annotated[list[str], as_set, Wire("supported_editions")] = []
    """Supported editions. A set."""
    documents: Documents = []
    """`[{"kind": "FunctionalTest", "source": "script.docx"}]`; sources are compared by content and name."""
    attached: DerivedDocuments = []
    """Kind, file name and digest of every document, derived from `documents`."""


def _has_module(api: SubmissionApi, offer: str) -> bool:
    return "Dynamics365" in api.offers.get(offer).resource_type


def _require_module(api: SubmissionApi, offer: str) -> None:
    """Raise InputError for an offer whose type has no such module, instead of waiting for its document."""
    if not _has_module(api, offer):
        offer_type = api.offers.get(offer).resource_type
        raise InputError(
            f"supplemental content {offer}: the offer is of type {offer_type}, which has none",
            next="leave out the SupplementalContent; it is for Dynamics 365 offers",
        )


def _named(asset: SupplementalAsset) -> tuple[str, str]:
    return asset.type, asset.file_name


def _read_arguments(api: SubmissionApi, draft: Content) -> dict[str, Any]:
    return {
        **read_arguments(SupplementalContentArguments, draft),
        "attached": [
            {
                "kind": asset.type,
                "file_name": asset.file_name,
                "digest": api.supplements.digest(asset) or MISSING,
            }
            for asset in draft.assets
        ],
    }


def _build_document(api: SubmissionApi, desired: SupplementalContentArguments, draft: Content) -> Content:
    """Build the document: assets with the same bytes, or still without bytes, stay; other bytes make a new asset."""
    current = {_named(asset): asset for asset in draft.assets}

    def build_asset(document: Attached) -> SupplementalAsset:
        asset = current.get(document.named())
        if asset and api.supplements.digest(asset) in ("", document.digest):
            return asset
        return SupplementalAsset(file_name=document.file_name, type=document.kind)

    return build_document(
        desired,
        draft,
        resource_type="SupplementalContent",
        assets=[build_asset(document) for document in desired.attached],
    )


class SupplementalContentKind(SubmissionApiKind[SupplementalContentArguments, Outputs]):
    """Certification documents of a Dynamics 365 offer; its `id` is the offer's. Deleting the resource keeps them."""

    keeps_draft = True
    noun, id_form = "supplemental content", "<product>"
    arguments, outputs = SupplementalContentArguments, Outputs

    def list_ids(self, api: SubmissionApi, offer: str) -> list[str]:
        return [offer] if _has_module(api, offer) else []

    def program_arguments(self, api: SubmissionApi, current: Current[Outputs]) -> dict[str, Any]:
        assets = {_named(asset): asset for asset in api.supplements.get(current.id).assets}
        return with_documents(
            current.arguments, lambda named, path: api.supplements.save(assets[named], path)
        )

    def find(self, api: SubmissionApi, desired: SupplementalContentArguments) -> Current[Outputs] | None:
        """Content of an interrupted upload counts as none: the service does not return whether bytes arrived."""
        _require_module(api, desired.offer)
        current, plain = self.read(api, desired.offer), desired.to_json()
        given = {document.named(): document.digest for document in desired.attached}
        attached = current.arguments["attached"]
        actual = {(document["kind"], document["file_name"]): document["digest"] for document in attached}
        differing = set(desired.differing(current.arguments, plain)) - {"attached"}
        is_ours = given.keys() == actual.keys() and all(
            digest in (MISSING, given[named]) for named, digest in actual.items()
        )
        return None if actual and is_ours and not differing else current

    def create(self, api: SubmissionApi, desired: SupplementalContentArguments) -> Current[Outputs]:
        return self.update(api, desired.offer, desired)

    def read(self, api: SubmissionApi, id: str) -> Current[Outputs]:
        return self.build_current(id, _read_arguments(api, api.supplements.get(id)), {"offer": id})

    def update(self, api: SubmissionApi, id: str, desired: SupplementalContentArguments) -> Current[Outputs]:
        def change(draft: Content) -> Content:
            current = self.build_current(id, _read_arguments(api, draft), {"offer": id}).arguments
            return preserve_spelling(
                desired, current, draft, lambda given: _build_document(api, given, draft)
            )

        written = api.supplements.write(change, id)
        documents = {document.named(): document for document in desired.attached}
        for asset in written.assets:
            document = documents.get(_named(asset))
            if document is None:
                raise ContractError(
                    f"supplemental content {id}: write: the answer has a document that was not uploaded:"
                    f" {asset.file_name}",
                    next="run the same command again",
                )
            if api.supplements.digest(asset) != document.digest:
                api.supplements.upload(asset, read_content(desired.documents, document))
        done = api.supplements.commit(id, written) if written.assets else written
        return self.build_current(id, _read_arguments(api, done), {"offer": id})

    def delete(self, api: SubmissionApi, id: str) -> None:
        """The document stays as it is, and goes with its offer."""
