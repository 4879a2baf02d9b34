"""Certification documents of a Dynamics 365 offer. Source: submission API 5.18; how they come in is inferred there."""

from __future__ import annotations

from typing import Annotated, Any

from ..api.submission import SubmissionApi
from ..api.submission.configuration_models import SupplementalAsset
from ..api.submission.configuration_models import SupplementalContent as Content
from ..errors import ContractError, InputError
from ..kind import Current
from ..markers import Immutable
from ..model import Outputs
from ._documents import MISSING, Attached, Carries, DerivedDocuments, Documents, content_of, with_documents
from ._drafts import preserve_spelling
from ._rules import OfferReference, as_set
from ._submission_api import SubmissionApiKind


class SupplementalContentArguments(Carries):
    """What a program may set. Words that the service knows are undocumented: read them from an offer of the portal."""

    offer: Annotated[OfferReference, Immutable]
    """`.id` of a Dynamics 365 offer."""
    target_release: str = ""
    """The release of Dynamics 365 that it is made for."""
    supported_editions: Annotated[list[str], as_set] = []
    """Editions that it runs on. A set."""
    documents: Documents = []
    """`[{"kind": "FunctionalTest", "source": "script.docx"}]`; only the content of a source counts, and its name."""
    attached: DerivedDocuments = []
    """Kind, file name and digest of each document; follows from `documents`."""


class SupplementalContentOutputs(Outputs):
    """What the service decides: only the `id`."""


SupplementalContentCurrent = Current[SupplementalContentOutputs]


def _has_module(api: SubmissionApi, offer: str) -> bool:
    return "Dynamics365" in api.offers.get(offer).resource_type


def _require_module(api: SubmissionApi, offer: str) -> None:
    """Raises InputError for an offer whose type has none; without asking, its first document would be waited for."""
    if not _has_module(api, offer):
        found = api.offers.get(offer).resource_type
        raise InputError(
            f"supplemental content {offer}: the offer is of type {found}, which has none",
            next="leave out the SupplementalContent; it is for Dynamics 365 offers",
        )


def _named(asset: SupplementalAsset) -> tuple[str, str]:
    return asset.type, asset.file_name


def _told(api: SubmissionApi, draft: Content) -> dict[str, Any]:
    return {
        "target_release": draft.target_release,
        "supported_editions": draft.supported_editions,
        "attached": [
            {
                "kind": each.type,
                "file_name": each.file_name,
                "digest": api.supplements.digest(each) or MISSING,
            }
            for each in draft.assets
        ],
    }


def _wanted(api: SubmissionApi, desired: SupplementalContentArguments, draft: Content) -> Content:
    """A document that is there, or waits for its bytes, stays; one with other bytes is a new one."""
    there = {_named(each): each for each in draft.assets}

    def asset(document: Attached) -> SupplementalAsset:
        found = there.get(document.named())
        if found and api.supplements.digest(found) in ("", document.digest):
            return found
        return SupplementalAsset(file_name=document.file_name, type=document.kind)

    return Content(
        resource_type="SupplementalContent",
        target_release=desired.target_release,
        supported_editions=desired.supported_editions,
        assets=[asset(each) for each in desired.attached],
    )


class SupplementalContentKind(SubmissionApiKind[SupplementalContentArguments, SupplementalContentOutputs]):
    """Certification documents of a Dynamics 365 offer; its `id` is the offer's. Deleting it leaves them."""

    keeps_draft = True
    noun, id_form = "supplemental content", "<product>"
    arguments, outputs = SupplementalContentArguments, SupplementalContentOutputs

    def list_ids(self, api: SubmissionApi, offer: str) -> list[str]:
        return [offer] if _has_module(api, offer) else []

    def program_arguments(self, api: SubmissionApi, seen: SupplementalContentCurrent) -> dict[str, Any]:
        there = {_named(each): each for each in api.supplements.get(seen.id).assets}
        return with_documents(seen.arguments, lambda named, path: api.supplements.save(there[named], path))

    def find(
        self, api: SubmissionApi, desired: SupplementalContentArguments
    ) -> SupplementalContentCurrent | None:
        """What a run that was cut off may have left counts as none: whether bytes arrived is not told."""
        _require_module(api, desired.offer)
        seen, plain = self.read(api, desired.offer), desired.to_json()
        wanted = {each.named(): each.digest for each in desired.attached}
        there = {(each["kind"], each["file_name"]): each["digest"] for each in seen.arguments["attached"]}
        differing = set(desired.differing(seen.arguments, plain)) - {"attached"}
        is_ours = wanted.keys() == there.keys() and all(there[n] in (MISSING, wanted[n]) for n in there)
        return None if there and is_ours and not differing else seen

    def create(self, api: SubmissionApi, desired: SupplementalContentArguments) -> SupplementalContentCurrent:
        return self.update(api, desired.offer, desired)

    def read(self, api: SubmissionApi, id: str) -> SupplementalContentCurrent:
        return self.build_current(id, _told(api, api.supplements.get(id)), {"offer": id})

    def update(
        self, api: SubmissionApi, id: str, desired: SupplementalContentArguments
    ) -> SupplementalContentCurrent:
        def change(draft: Content) -> Content:
            there = self.build_current(id, _told(api, draft), {"offer": id}).arguments
            return preserve_spelling(desired, there, draft, lambda each: _wanted(api, each, draft))

        written = api.supplements.write(change, id)
        wanted = {each.named(): each for each in desired.attached}
        for asset in written.assets:
            document = wanted.get(_named(asset))
            if document is None:
                raise ContractError(
                    f"supplemental content {id}: write: the answer has a document that nobody wrote: {asset.file_name}",
                    next="run the same command again",
                )
            if api.supplements.digest(asset) != document.digest:
                api.supplements.upload(asset, content_of(desired.documents, document))
        done = api.supplements.commit(id, written) if written.assets else written
        return self.build_current(id, _told(api, done), {"offer": id})

    def delete(self, api: SubmissionApi, id: str) -> None:
        """Stays as it is: it goes with its offer."""
