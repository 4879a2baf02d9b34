"""Contents of submissions, and their comparison with the drafts and with each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from ...errors import NotFound
from .drafts import Drafts
from .files import ListingFiles
from .models import Entity
from .modules import Module
from .offer_types import DYNAMICS
from .submission_models import Contents, Standing, Submission, find_live, list_instances
from .submission_requests import MODULES, SubmissionRequests

__all__ = ["PublishedModules", "SubmissionContents", "contents_among"]

PUBLISHED_STANDINGS = (Standing.PREVIEW, Standing.LIVE, Standing.ARCHIVED)
VOLATILE_MEMBERS = ("id", "@odata.etag", "submissionVersion", "fileSasUri")


@dataclass(frozen=True)
class PublishedModules:
    """Modules that a submission contains, by their names in it, and the files of an offer's listings.

    `markets` is the second document of the module `Availability` in an offer that has markets of its own.
    """

    offer: Mapping[str, Module[Any]]
    plan: Mapping[str, Module[Any]]
    markets: Module[Any]
    files: Sequence[ListingFiles[Any]]


class SubmissionContents:
    """Comparisons of submissions of a product. Every method takes all its submissions, oldest first, as `runs`."""

    def __init__(self, requests: SubmissionRequests, drafts: Drafts, modules: PublishedModules) -> None:
        self._requests, self._drafts, self._modules = requests, drafts, modules

    def holds(
        self, product: str, submission: Submission, content: str, only: Contents, runs: Sequence[Submission]
    ) -> bool:
        """Whether it has the program's content: by the digest in its notes, or by comparing every document.

        `only` restricts the comparison to these modules; empty, it compares all.
        """
        if submission.content:
            return submission.content == content
        return self.equals_drafts(product, submission, only, runs)

    def carries(
        self, product: str, submission: Submission, content: str, only: Contents, runs: Sequence[Submission]
    ) -> bool:
        """Whether it has the program's content: by its digest, or unchanged from an earlier submission with the digest.

        Submissions of other clients carry over the modules that they do not change. `only` are the compared modules.
        One that failed, was cancelled or replaced carries nothing on.
        """
        if not content or submission.content == content:
            return bool(content)
        if not only or submission.standing.has_ended:
            return False
        return self._drafts.cache.get(
            (product, "carries", submission.id, content),
            lambda: self._equals_earlier(product, submission, content, only, runs),
        )

    def equals_drafts(
        self,
        product: str,
        submission: Submission,
        only: Contents,
        runs: Sequence[Submission],
        *,
        reads_files: bool = True,
    ) -> bool:
        """Whether every submitted document equals its draft. Cached.

        `only` restricts this to these modules; empty, it compares all, and the plans too. Without `reads_files`, files
        are compared by their descriptions.
        """
        return self._drafts.cache.get(
            (product, "holds", submission.id, str(reads_files), *map(str, sorted(only))),
            lambda: self._holds_drafts(product, submission, only, runs, reads_files=reads_files),
        )

    def _equals_earlier(
        self, product: str, submission: Submission, content: str, only: Contents, runs: Sequence[Submission]
    ) -> bool:
        """Whether the modules equal those of the newest earlier submission that was published with this digest."""
        earlier = [run for run in runs if run.content == content and run.was_published]
        if not earlier:
            return False
        ours, theirs = contents_among(runs, earlier[-1]), contents_among(runs, submission)
        action = f"submission {submission.id}: comparison with submission {earlier[-1].id}"
        return all(
            key in theirs and self._is_equal(product, key, ours[key], theirs[key], action)
            for key in sorted(only & ours.keys())
            if key[1] in MODULES
        )

    def _holds_drafts(
        self,
        product: str,
        submission: Submission,
        only: Contents,
        runs: Sequence[Submission],
        *,
        reads_files: bool,
    ) -> bool:
        """Whether the drafts equal the submitted documents in every member and, with `reads_files`, every byte."""
        submitted = contents_among(runs, submission)
        action = f"submission {submission.id}: comparison with the drafts"
        request = self._requests.build(product, [], (), only, action)
        drafts = {(variant, module): instance for variant, module, instance in list_instances(request)}
        keys = {key for key in drafts if key[1] in MODULES}
        if not only and {variant for variant, _ in keys} != {variant for variant, _ in submitted}:
            return False  # the submission has other plans
        if self._requests.missing(product, request, {key: key[1] for key in only if key[1] in MODULES}):
            return False  # an odd list of drafts shows nothing
        return all(
            key in submitted
            and self._is_equal(product, key, drafts[key], submitted[key], action, reads_files=reads_files)
            for key in sorted(keys)
        )

    def changed_modules(
        self, product: str, submission: Submission, only: Contents, runs: Sequence[Submission]
    ) -> list[tuple[str, str]]:
        """Return the modules, by plan ("" for the offer), whose drafts differ from a submission and are not in `only`.

        A plan that it lacks is returned with the module "". Files are compared by their descriptions, not their bytes.
        """
        submitted = contents_among(runs, submission)
        action = f"submission {submission.id}: comparison with the drafts"
        plans = {variant for variant, _ in submitted}
        changed = set()
        request = self._requests.build(product, [], (), frozenset(), action)
        for variant, module, draft in list_instances(request):
            key = variant, module
            if key in only:
                continue
            if variant not in plans:
                changed.add((variant, ""))
            elif module in MODULES and (
                key not in submitted
                or not self._is_equal(product, key, draft, submitted[key], action, reads_files=False)
            ):
                changed.add(key)
        return sorted(changed)

    def changed_documents(
        self, product: str, submission: Submission, only: Contents, runs: Sequence[Submission]
    ) -> list[tuple[str, str, Entity]]:
        """Return documents and files in `only` whose drafts differ from a submission, with plan and language.

        The plan is "" for the offer, the language for documents without one. Files are compared by their descriptions.
        """
        submitted = contents_among(runs, submission)
        action = f"submission {submission.id}: comparison with the drafts"
        request = self._requests.build(product, [], (), only, action)
        changed = []
        for variant, module, draft in list_instances(request):
            key = variant, module
            if module not in MODULES or draft == submitted.get(key):
                continue
            shown = self._described(product, key, submitted[key], action) if key in submitted else {}
            drafts = self._described(product, key, draft, action)
            changed += [(variant, *drafts[described]) for described in drafts.keys() - shown.keys()]
        return changed

    def _described(
        self, product: str, key: tuple[str, str], instance: str, action: str
    ) -> dict[str, tuple[str, Entity]]:
        """Return documents and files of an instance, with their language, by their class and lasting members."""
        described: dict[str, tuple[str, Entity]] = {}
        for document in self._read(product, key, instance, action):
            language = _language(document)
            files = self._modules.files if key == ("", "Listing") else ()
            rows = [row for kind in files for row in kind.in_listing(product, document.id)]
            for entity in (document, *rows):
                described[f"{type(entity).__name__} {language} {_lasting_members(entity)}"] = language, entity
        return described

    def carried_modules(
        self, product: str, submission: Submission, only: Contents, runs: Sequence[Submission]
    ) -> list[tuple[str, str]]:
        """Return the modules outside of `only`, by plan, in which a submission differs from the live one.

        A partial submission carries them over from the preview of another client. Empty if nothing is live.
        """
        live = find_live(runs)
        if live is None:
            return []
        shown, carried = contents_among(runs, live), contents_among(runs, submission)
        action = f"submission {submission.id}: comparison with what is live"
        return [
            key
            for key, instance in sorted(carried.items())
            if key not in only
            and key[1] in MODULES
            and not (
                key in shown and self._is_equal(product, key, instance, shown[key], action, reads_files=False)
            )
        ]

    def _is_equal(
        self,
        product: str,
        key: tuple[str, str],
        draft: str,
        submitted: str,
        action: str,
        *,
        reads_files: bool = True,
    ) -> bool:
        def lasting(documents: list[Entity]) -> Iterator[object]:
            return self._lasting_contents(product, key, documents, reads_files=reads_files)

        if draft == submitted:
            return True
        if not (documents := self._read(product, key, draft, action)):
            return _may_be_empty(key) and self._is_empty(product, key, submitted, action)
        pairs = zip_longest(lasting(documents), lasting(self._read(product, key, submitted, action)))
        return all(ours == theirs for ours, theirs in pairs)

    def _read(self, product: str, key: tuple[str, str], instance: str, action: str) -> list[Entity]:
        """Read the documents of an instance, again if there are none: one odd list proves no absence."""

        def read() -> list[Entity]:
            return self._documents(product, key, instance, action) or self._documents(
                product, key, instance, action
            )

        return self._drafts.confirm_missing(product, action, read)

    def _is_empty(self, product: str, key: tuple[str, str], submitted: str, action: str) -> bool:
        """Whether a submitted instance has no documents."""
        try:
            return not self._documents(product, key, submitted, action)
        except NotFound:  # the service does not say how it answers
            return True

    def _documents(self, product: str, key: tuple[str, str], instance: str, action: str) -> list[Entity]:
        variant, name = key
        module = (self._modules.plan if variant else self._modules.offer)[name]
        documents: list[Entity] = list(module.in_instance(product, instance, action))
        if key == ("", "Availability") and self._drafts.product(product).resource_type in DYNAMICS:
            documents += self._modules.markets.in_instance(product, instance, action)
        return documents

    def _lasting_contents(
        self, product: str, key: tuple[str, str], documents: list[Entity], *, reads_files: bool
    ) -> Iterator[object]:
        """Iterate over the contents of an instance, without volatile members."""
        for document in sorted(documents, key=_language):
            yield _lasting_members(document)
            if key == ("", "Listing"):
                for files in self._modules.files:
                    yield from sorted(
                        f"{_lasting_members(file)} {files.digest(file) if reads_files else ''}"
                        for file in files.in_listing(product, document.id)
                    )


def contents_among(runs: Sequence[Submission], submission: Submission) -> dict[tuple[str, str], str]:
    """Return the instances of a submission among `runs`, by plan ("" for the offer) and module.

    A partial one carries over the other modules from earlier published ones, even if later ones replaced them since.
    """
    earlier = [run for run in runs if run.release_number < submission.release_number]
    published = [run for run in earlier if run.standing in PUBLISHED_STANDINGS]
    contents: dict[tuple[str, str], str] = {}
    for run in [submission, *reversed(published)]:
        contents = {(variant, module): value for variant, module, value in list_instances(run)} | contents
    return contents


def _may_be_empty(key: tuple[str, str]) -> bool:
    """Whether a module may have no documents, as of SaaS plans, which have no technical configuration."""
    variant, module = key
    return bool(variant) and module == "Package"


def _language(document: Entity) -> str:
    """Return the lower-case code of a listing's language; "" for other documents."""
    return str(document.to_json().get("languageCode", "")).lower()


def _lasting_members(document: Entity) -> dict[str, Any]:
    return {name: value for name, value in document.to_json().items() if name not in VOLATILE_MEMBERS}
