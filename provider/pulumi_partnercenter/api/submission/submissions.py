"""Submissions: creation, progress, and comparison of their contents with the drafts.

The service has no idempotency key, and instance ids lose their meaning when they change. So a submission has the
digest of the program's content in the last line of its notes for certification.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import Conflict, ContractError, InputError, Invalid, NotFound
from ..http.blobs import Progress
from ..http.retry import PollPolicy
from ..wire import M
from .drafts import Drafts
from .files import ListingFiles
from .models import Entity, Finding, TypeValue
from .modules import Module
from .offer_types import BUSINESS_CENTRAL, DYNAMICS
from .plans import Plans
from .submission_models import (
    PLAN_MODULES,
    RESELLER,
    Contents,
    PublishOption,
    Report,
    Standing,
    Submission,
    SubmissionRequest,
    VariantResources,
    Workflow,
    find_live,
)

__all__ = ["PublishedModules", "Standing", "Submissions"]

MODULES = ("Availability", "Property", "Package", "Listing")
EXPAND = {"$expand": "PublishOption"}
CONFIRM_SECONDS = 2
"""Pause before the second look for a submission that seems to be gone."""
PUBLISHED_STANDINGS = (Standing.PREVIEW, Standing.LIVE, Standing.ARCHIVED)
PROMOTED_STANDINGS = (Standing.CERTIFYING, Standing.LIVE, Standing.FAILED)
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


class Submissions:
    """Publishing runs of a product."""

    def __init__(self, drafts: Drafts, plans: Plans, modules: PublishedModules, progress: Progress) -> None:
        self._drafts, self._client, self._cache = drafts, drafts.client, drafts.cache
        self._plans, self._modules, self._progress = plans, modules, progress

    def all(self, product: str) -> list[Submission]:
        """List the submissions, oldest first; never cached, because they advance by themselves.

        The order of the service is not reliable.
        """
        action = f"submissions of {product}: list"
        path = f"products/{product}/submissions"

        def read() -> list[Submission]:
            items = self._client.list_items(path, action, EXPAND)
            return [Submission.from_json(item, action) for item in items]

        submissions = self._drafts.confirm_missing(product, action, read)
        return sorted(submissions, key=lambda run: (run.release_number, len(run.id), run.id))

    def all_confirmed(self, product: str, id: str | None = None) -> list[Submission]:
        """List the submissions, again if the list is empty or lacks this id: one odd list proves no absence."""
        submissions = self.all(product)
        ids = {run.id for run in submissions}
        return self.all(product) if not ids or (id and id not in ids) else submissions

    def published(self, product: str) -> frozenset[str]:
        """Return the ids of the offer and of each plan that was ever in a preview; cached for the operation."""

        def read() -> frozenset[str]:
            runs = [run for run in self.all(product) if run.was_published]
            plans = {f"{product}/{plan.variant_id}" for run in runs for plan in run.variant_resources}
            return frozenset(plans | ({product} if runs else set()))

        return self._cache.get((product, "published"), read)

    def newest(self, product: str) -> Submission | None:
        """Return the current submission; None if there is none."""
        return next(iter(self.all(product)[-1:]), None)

    def get(self, product: str, id: str) -> Submission:
        action = f"submission {id}: read"
        path = f"products/{product}/submissions/{id}"
        return Submission.from_json(self._client.get(path, action, EXPAND).body, action, id=id)

    def current(self, product: str, id: str) -> Submission | None:
        """Return a submission; None if it is gone: two reads, with a pause between them, and two lists lack it.

        The service sometimes answers 404 for a submission in preview (reported by its users).
        """
        submission = self._find(product, id)
        if submission is None:
            self._client.sleep(CONFIRM_SECONDS)
            submission = self._find(product, id)
        return submission

    def _find(self, product: str, id: str) -> Submission | None:
        try:
            return self.get(product, id)
        except NotFound:
            return next((run for run in self.all(product) if run.id == id), None)

    def submit(
        self,
        product: str,
        before: list[Submission],
        content: str,
        notes: str,
        also: Collection[str],
        needed: Mapping[tuple[str, str], str],
        only: Contents = frozenset(),
    ) -> Submission:
        """Submit the current drafts of the offer and its active plans to preview.

        `before` are all earlier submissions, `content` is the digest of the program's content, `also` names further
        modules (`Cosell`). `needed` names what has to go out, by plan ("" for the offer) and module: a ContractError
        if the service's lists lack one. `only` restricts the submission: other modules stay as they were published. A
        lost POST is repeated only if no new submission has the same digest or instances: the service may return either
        in another form than it was written.
        """
        action = f"submission of {product}: create"
        request = self._request(product, before, also, only, action)
        if self._missing(product, request, needed):
            self._cache.forget(product)  # a single odd list proves no absence
            request = self._request(product, before, also, only, action)
            if missing := self._missing(product, request, needed):
                raise ContractError(
                    f"{action}: the service does not list {', '.join(missing)}, which publishes names;"
                    " nothing was submitted",
                    next="run `pulumi refresh` to see what the service has, then run `pulumi up` again",
                )
        request.publish_option = PublishOption.with_digest(notes, content)
        if not _instances(request):
            raise InputError(
                f"{action}: publishes names inactive plans only, which no submission can send",
                next="add another resource of the offer to publishes, or set the plan's state to Active",
            )
        earlier_ids = {run.id for run in before}

        def find() -> Submission | None:
            new = [run for run in self.all(product) if run.id not in earlier_ids]
            sent = {*_instances(request)}  # of some offer types, a submission names carried-over modules too
            own = (run for run in new if run.content == content or sent <= {*_instances(run)})
            return next(own, None)

        path = f"products/{product}/submissions"
        try:
            return self._client.create(path, action, request.to_json(), Submission, find)
        except (Conflict, Invalid) as error:
            if any(run.id not in earlier_ids for run in self.all(product)):
                error.advise("somebody else submitted it meanwhile: run the same command again")
            raise
        finally:
            self._cache.forget(product)  # every draft has a new id now

    def wait(self, product: str, submission: Submission, minutes: float) -> Submission:
        """Wait until the submission is no longer on the way to preview, or for `minutes`; read it at least once.

        Certification is not awaited: it takes days. A submission that is gone was cancelled.
        """

        def read() -> Submission:
            current = self.current(product, submission.id)
            if current is None:
                # A cancellation may delete the submission.
                return submission.model_copy(update={"state": "Cancelled"})
            self._progress(f"{current.friendly_name or submission.id}: {current.standing.value}")
            return current

        poll = PollPolicy(
            lambda run: run.standing is not Standing.VALIDATING,
            sleep=self._client.sleep,
            deadline_seconds=minutes * 60,
            max_pause_seconds=30,
        )
        return poll(read)

    def promote(self, product: str, id: str) -> None:
        """Send a preview live, unless it was promoted already."""
        action = f"submission {id}: go live"

        def find() -> Workflow | None:
            submission = self.current(product, id)
            return Workflow() if submission and submission.standing in PROMOTED_STANDINGS else None

        path = f"products/{product}/submissions/{id}/promote"

        def request() -> Workflow:
            return self._client.create(path, action, None, Workflow, find)

        try:
            self._drafts.confirm_missing(product, action, request)
        except Conflict:
            if not find():
                raise

    def cancel(self, product: str, id: str) -> None:
        """Cancel a submission, unless it has ended meanwhile."""
        action = f"submission {id}: cancel"
        try:
            self._client.delete(f"products/{product}/submissions/{id}", action)
        except (Conflict, NotFound) as error:
            submission = self.current(product, id)
            if submission is None or not submission.standing.is_busy:
                return
            if isinstance(error, NotFound):
                raise ContractError(
                    f"{action}: it exists and cannot be cancelled (404)", said=error.said
                ) from None
            raise error.advise("wait until it has ended, then run the same command again") from None

    def findings(self, product: str, id: str) -> list[Finding]:
        return self._list_details(product, id, "validations", Finding)

    def reports(self, product: str, id: str) -> list[Report]:
        return self._list_details(product, id, "reports", Report)

    def workflows(self, product: str, id: str) -> list[Workflow]:
        return self._list_details(product, id, "workflowdetails", Workflow)

    def _list_details(self, product: str, id: str, collection: str, model: type[M]) -> list[M]:
        """List details of a submission. A 404 means that it has none; the submission itself may exist."""
        action = f"submission {id}: {collection}"
        path = f"products/{product}/submissions/{id}/{collection}"
        try:
            return [model.from_json(item, action) for item in self._client.list_items(path, action)]
        except NotFound:
            return []

    # ---- Request

    def _request(
        self, product: str, before: list[Submission], also: Collection[str], only: Contents, action: str
    ) -> SubmissionRequest:
        """Build the request: instances of every module of the offer and its active plans, or those in `only`."""

        def instances(plan: str, modules: Collection[str]) -> list[TypeValue]:
            chosen = [module for module in modules if not only or (plan, module) in only]
            return self._draft_instances(product, plan, chosen, action)

        has_plans = not only or any(plan for plan, _ in only)
        listed = self._plans.all(product) if has_plans else []
        plans = [plan.id for plan in listed if plan.state.casefold() == "active"]
        sent = [VariantResources(variant_id=plan, resources=instances(plan, PLAN_MODULES)) for plan in plans]
        request = SubmissionRequest(
            resource_type="SubmissionCreationRequest",
            targets=[TypeValue(type="Scope", value="preview")],
            resources=[*instances("", MODULES), *self._draft_instances(product, "", also, action)],
            variant_resources=[plan for plan in sent if plan.resources or not only],
        )
        submitted = {instance for run in before for _, _, instance in _instances(run)}
        if submitted & {instance for _, _, instance in _instances(request)}:
            # The cache may be older than another client's submission.
            self._cache.forget(product)
            return self._request(product, [], also, only, action)
        is_asked = not only or ("", RESELLER) in only
        if is_asked and self._drafts.product(product).resource_type != BUSINESS_CENTRAL:
            # The same literal as in Microsoft's own tool; it saves a request for the branch.
            reseller = TypeValue(type=RESELLER, value=f"{product}-ResellerInstance")
            request.resources = [*request.resources, reseller]
        return request

    def _missing(
        self, product: str, request: SubmissionRequest, needed: Mapping[tuple[str, str], str]
    ) -> list[str]:
        """Return the needed contents that a request lacks. Inactive plans are never sent."""
        sent = {(variant, module) for variant, module, _ in _instances(request)}
        has_plans = any(variant for variant, _ in needed)
        plans = self._plans.all(product) if has_plans else []
        inactive = {plan.id for plan in plans if plan.state.casefold() == "inactive"}
        return [
            name
            for (variant, module), name in needed.items()
            if variant not in inactive and (variant, module) not in sent
        ]

    def _draft_instances(
        self, product: str, variant: str, modules: Collection[str], action: str
    ) -> list[TypeValue]:
        return [
            TypeValue(type=module, value=branch.current_draft_instance_id)
            for module in modules
            for branch in self._drafts.branches(product, module, action)
            if branch.variant_id == variant
        ]

    # ---- Contents

    def holds(self, product: str, submission: Submission, content: str, only: Contents = frozenset()) -> bool:
        """Whether it has the program's content: by the digest in its notes, or by comparing every document.

        `only` restricts the comparison to these modules.
        """
        if submission.content:
            return submission.content == content
        return self.equals_drafts(product, submission, only)

    def carries(
        self, product: str, submission: Submission, content: str, only: Contents, runs: Sequence[Submission]
    ) -> bool:
        """Whether it has the program's content: by its digest, or unchanged from an earlier submission with the digest.

        Submissions of other clients carry over the modules that they do not change. `only` are the compared modules,
        `runs` all submissions. One that failed, was cancelled or replaced carries nothing on.
        """
        if not content or submission.content == content:
            return bool(content)
        if not only or submission.standing.has_ended:
            return False
        return self._cache.get(
            (product, "carries", submission.id, content),
            lambda: self._equals_earlier(product, submission, content, only, runs),
        )

    def equals_drafts(self, product: str, submission: Submission, only: Contents = frozenset()) -> bool:
        """Whether every submitted document equals its draft; `only` restricts this to these modules. Cached."""
        return self._cache.get(
            (product, "holds", submission.id), lambda: self._holds_drafts(product, submission, only)
        )

    def contents(self, product: str, submission: Submission) -> dict[tuple[str, str], str]:
        """Return its instances by plan ("" for the offer) and module.

        For a partial submission, the other modules come from earlier published submissions, even if later ones replaced
        them since.
        """
        return _contents_among(self.all(product), submission)

    def _equals_earlier(
        self, product: str, submission: Submission, content: str, only: Contents, runs: Sequence[Submission]
    ) -> bool:
        """Whether the modules equal those of the newest earlier submission that was published with this digest."""
        earlier = [run for run in runs if run.content == content and run.was_published]
        if not earlier:
            return False
        ours, theirs = _contents_among(runs, earlier[-1]), _contents_among(runs, submission)
        action = f"submission {submission.id}: comparison with submission {earlier[-1].id}"
        return all(
            key in theirs and self._is_equal(product, key, ours[key], theirs[key], action)
            for key in sorted(only & ours.keys())
            if key[1] in MODULES
        )

    def _holds_drafts(self, product: str, submission: Submission, only: Contents) -> bool:
        """Whether the drafts equal the submitted documents in every member and every byte."""
        submitted = self.contents(product, submission)
        action = f"submission {submission.id}: comparison with the drafts"
        request = self._request(product, [], (), only, action)
        drafts = {(variant, module): instance for variant, module, instance in _instances(request)}
        keys = {key for key in drafts if key[1] in MODULES}
        if not only and {variant for variant, _ in keys} != {variant for variant, _ in submitted}:
            return False  # the submission has other plans
        return all(
            key in submitted and self._is_equal(product, key, drafts[key], submitted[key], action)
            for key in sorted(keys)
        )

    def changed_modules(
        self, product: str, submission: Submission, only: Contents, runs: Sequence[Submission]
    ) -> list[tuple[str, str]]:
        """Return the modules, by plan ("" for the offer), whose drafts differ from a submission and are not in `only`.

        A plan that it lacks is returned with the module "". Files are compared by their descriptions, not their bytes.
        `runs` are all submissions.
        """
        submitted = _contents_among(runs, submission)
        action = f"submission {submission.id}: comparison with the drafts"
        plans = {variant for variant, _ in submitted}
        changed = set()
        for variant, module, draft in _instances(self._request(product, [], (), frozenset(), action)):
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

    def carried_modules(
        self, product: str, submission: Submission, only: Contents, runs: Sequence[Submission]
    ) -> list[tuple[str, str]]:
        """Return the modules outside of `only`, by plan, in which a submission differs from the live one of `runs`.

        A partial submission carries them over from the preview of another client. Empty if nothing is live.
        """
        live = find_live(runs)
        if live is None:
            return []
        shown, carried = _contents_among(runs, live), _contents_among(runs, submission)
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
        def read(instance: str) -> list[Entity]:
            return self._drafts.confirm_missing(
                product, action, lambda: self._documents(product, key, instance, action)
            )

        def lasting(documents: list[Entity]) -> list[object]:
            return [*self._lasting_contents(product, key, documents, reads_files=reads_files)]

        if draft == submitted:
            return True
        if not (documents := read(draft)):
            return self._is_empty(product, key, submitted, action)
        return lasting(documents) == lasting(read(submitted))

    def _is_empty(self, product: str, key: tuple[str, str], submitted: str, action: str) -> bool:
        """Whether a submitted instance has no documents, as of SaaS plans, which have no technical configuration."""
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
        for document in sorted(documents, key=lambda item: str(item.to_json().get("languageCode", ""))):
            yield _lasting_members(document)
            if key == ("", "Listing"):
                for files in self._modules.files:
                    yield from sorted(
                        f"{_lasting_members(file)} {files.digest(file) if reads_files else ''}"
                        for file in files.in_listing(product, document.id)
                    )


def _contents_among(runs: Sequence[Submission], submission: Submission) -> dict[tuple[str, str], str]:
    """Return what a submission among `runs` contains, with the modules that it carries over from earlier ones."""
    earlier = [run for run in runs if run.release_number < submission.release_number]
    published = [run for run in earlier if run.standing in PUBLISHED_STANDINGS]
    contents: dict[tuple[str, str], str] = {}
    for run in [submission, *reversed(published)]:
        contents = {(variant, module): value for variant, module, value in _instances(run)} | contents
    return contents


def _instances(run: Submission | SubmissionRequest) -> list[tuple[str, str, str]]:
    """Return plan ("" for the offer), module and instance of everything in it, sorted."""
    instances = [("", resource.type, resource.value) for resource in run.resources]
    for plan in run.variant_resources:
        instances += [(plan.variant_id, resource.type, resource.value) for resource in plan.resources]
    return sorted(instances)


def _lasting_members(document: Entity) -> dict[str, Any]:
    return {name: value for name, value in document.to_json().items() if name not in VOLATILE_MEMBERS}
