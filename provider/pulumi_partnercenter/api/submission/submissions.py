"""Submissions: what goes out, how far it is, and what it holds. Source: submission API 5.19, 6.

A submission carries the digest of what a program published in the last line of its notes to certification: the
service has no idempotency key (6.5), and instance ids say nothing once they have rotated.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ...errors import Conflict, ContractError, Invalid, NotFound
from ..http.blobs import Tell
from ..http.retry import Waiting
from ..wire import W
from .drafts import Drafts
from .models import Entity, Finding, TypeValue
from .modules import Module
from .submission_models import (
    PublishOption,
    Report,
    Standing,
    Submission,
    SubmissionRequest,
    VariantResources,
    Workflow,
)

if TYPE_CHECKING:
    from .client import SubmissionApi

__all__ = ["Standing", "Submissions"]

MODULES = ("Availability", "Property", "Package", "Listing")
PLAN_MODULES = ("Availability", "Package", "Listing")
EXPAND = {"$expand": "PublishOption"}
CARRIED = (Standing.PREVIEW, Standing.LIVE, Standing.ARCHIVED)
PROMOTED = (Standing.CERTIFYING, Standing.LIVE, Standing.FAILED)
VOLATILE = ("id", "@odata.etag", "submissionVersion", "fileSasUri")


class Submissions:
    """The publishing runs of a product."""

    def __init__(self, drafts: Drafts, api: SubmissionApi, tell: Tell) -> None:
        self._drafts, self._door, self._api, self._tell = drafts, drafts.door, api, tell

    def all(self, product: str) -> list[Submission]:
        """Oldest first; the service's own order is not reliable (oddity 35). Never shared: it moves by itself."""
        doing = f"submissions of {product}: list"
        path = f"products/{product}/submissions"

        def look() -> list[Submission]:
            return [Submission.told(each, doing) for each in self._door.pages(path, doing, EXPAND)]

        found = self._drafts.below(product, doing, look)
        return sorted(found, key=lambda each: (each.release_number, len(each.id), each.id))

    def published(self, product: str) -> frozenset[str]:
        """Ids of the offer and of each plan that was ever in a preview. One answer serves an operation."""

        def look() -> frozenset[str]:
            runs = [each for each in self.all(product) if each.was_published]
            plans = {f"{product}/{plan.variant_id}" for run in runs for plan in run.variant_resources}
            return frozenset(plans | ({product} if runs else set()))

        return self._drafts.shared.get((product, "published"), look)

    def newest(self, product: str) -> Submission | None:
        """The one that counts; None when nothing was ever submitted."""
        return next(iter(self.all(product)[-1:]), None)

    def get(self, product: str, id: str) -> Submission:
        doing = f"submission {id}: read"
        path = f"products/{product}/submissions/{id}"
        return Submission.told(self._door.get(path, doing, EXPAND), doing, id=id)

    def current(self, product: str, id: str) -> Submission | None:
        """A submission as it stands; None when it is gone.

        A 404 alone proves nothing: the list of submissions decides.
        """
        try:
            return self.get(product, id)
        except NotFound:
            return next((run for run in self.all(product) if run.id == id), None)

    def submit(
        self, product: str, before: list[Submission], content: str, notes: str, also: Collection[str]
    ) -> Submission:
        """The current drafts of the offer and its active plans, to preview. Looks before it repeats a lost POST.

        `before` are all earlier submissions, `content` is the digest of what the program publishes, `also` names
        further modules to send (`Cosell`).
        """
        doing = f"submission of {product}: create"
        request = self._request(product, before, also, doing)
        request.publish_option = PublishOption.marked(notes, content)
        known = {each.id for each in before}

        def look() -> Submission | None:
            """By our mark or by what was sent: the service may tell neither as we wrote it (5.15, 5.19)."""
            new = [each for each in self.all(product) if each.id not in known]
            ours = (each for each in new if each.content == content or _sent(each) == _sent(request))
            return next(ours, None)

        path = f"products/{product}/submissions"
        try:
            return self._door.make(path, doing, request.members(), Submission, look)
        except (Conflict, Invalid) as error:
            if any(each.id not in known for each in self.all(product)):
                error.advise("somebody else submitted it meanwhile: run the same command again")
            raise
        finally:
            self._drafts.shared.forget(product)  # every draft has another id now

    def wait(self, product: str, submission: Submission, minutes: float) -> Submission:
        """As it stands once it is no longer on the way to preview, or when the time is over; at least one look.

        Nobody waits for certification, which takes days. What is in no list any more was cancelled.
        """

        def look() -> Submission:
            current = self.current(product, submission.id)
            if current is None:
                return submission.model_copy(update={"state": "Cancelled"})  # which may delete it (6.1)
            self._tell(f"{current.friendly_name or submission.id}: {current.standing.value}")
            return current

        patience = Waiting(
            lambda found: found.standing is not Standing.VALIDATING,
            sleep=self._door.sleep,
            deadline_seconds=minutes * 60,
            longest_seconds=30,
        )
        return patience(look)

    def promote(self, product: str, id: str) -> None:
        """Send a preview live. Looks before it repeats a lost POST; what was promoted already is as good."""
        doing = f"submission {id}: go live"

        def look() -> Workflow | None:
            submission = self.current(product, id)
            return Workflow() if submission and submission.standing in PROMOTED else None

        path = f"products/{product}/submissions/{id}/promote"
        try:
            self._drafts.below(product, doing, lambda: self._door.make(path, doing, None, Workflow, look))
        except Conflict:
            if not look():
                raise

    def cancel(self, product: str, id: str) -> None:
        """What ended meanwhile stays as it is."""
        doing = f"submission {id}: cancel"
        try:
            self._door.delete(f"products/{product}/submissions/{id}", doing)
        except (Conflict, NotFound) as error:
            submission = self.current(product, id)
            if submission is None or not submission.standing.is_busy:
                return
            if isinstance(error, NotFound):
                raise ContractError(
                    f"{doing}: it is there and cannot be cancelled (404)", said=error.said
                ) from None
            raise error.advise("wait until it has ended, then run the same command again") from None

    def findings(self, product: str, id: str) -> list[Finding]:
        return self._listed(product, id, "validations", Finding)

    def reports(self, product: str, id: str) -> list[Report]:
        return self._listed(product, id, "reports", Report)

    def workflows(self, product: str, id: str) -> list[Workflow]:
        return self._listed(product, id, "workflowdetails", Workflow)

    def _listed(self, product: str, id: str, what: str, model: type[W]) -> list[W]:
        """Empty where there are none (404), which says nothing about the submission."""
        doing = f"submission {id}: {what}"
        path = f"products/{product}/submissions/{id}/{what}"
        try:
            return [model.told(each, doing) for each in self._door.pages(path, doing)]
        except NotFound:
            return []

    # ---- what goes out

    def _request(
        self, product: str, before: list[Submission], also: Collection[str], doing: str
    ) -> SubmissionRequest:
        """Instances of every module that the offer and its active plans have (6.3)."""
        request = SubmissionRequest(
            resource_type="SubmissionCreationRequest",
            targets=[TypeValue(type="Scope", value="preview")],
            resources=self._instances(product, "", (*MODULES, *also), doing),
            variant_resources=[
                VariantResources(
                    variant_id=plan.id, resources=self._instances(product, plan.id, PLAN_MODULES, doing)
                )
                for plan in self._api.plans.all(product)
                if plan.state.casefold() == "active"
            ],
        )
        sent = {value for each in before for _, _, value in _sent(each)}
        if sent & {value for _, _, value in _sent(request)}:
            # What is shared is older than a submission that somebody else made meanwhile.
            self._drafts.shared.forget(product)
            return self._request(product, [], also, doing)
        request.resources = [
            *request.resources,
            # The literal, which Microsoft's tool sends, saves asking for the branch (5.15).
            TypeValue(type="ResellerConfiguration", value=f"{product}-ResellerInstance"),
        ]
        return request

    def _instances(self, product: str, variant: str, modules: Collection[str], doing: str) -> list[TypeValue]:
        return [
            TypeValue(type=module, value=each.current_draft_instance_id)
            for module in modules
            for each in self._drafts.branches(product, module, doing)
            if each.variant_id == variant
        ]

    # ---- what it holds

    def holds(self, product: str, submission: Submission, content: str) -> bool:
        """Whether it holds what a program publishes: by the digest in its notes, else by comparing every document."""
        if submission.content:
            return submission.content == content
        return self._drafts.shared.get(
            (product, "holds", submission.id), lambda: self._holds_drafts(product, submission)
        )

    def contents(self, product: str, submission: Submission) -> dict[tuple[str, str], str]:
        """What it shows: instances by plan ("" for the offer) and module.

        A partial submission leaves the rest to the ones before it (5.19), as far as those came to be published,
        also those that others replaced since.
        """
        before = [each for each in self.all(product) if each.release_number < submission.release_number]
        good = [each for each in before if each.standing in CARRIED]
        sent: dict[tuple[str, str], str] = {}
        for each in [submission, *reversed(good)]:
            sent = {(variant, module): value for variant, module, value in _sent(each)} | sent
        return sent

    def _holds_drafts(self, product: str, submission: Submission) -> bool:
        """Whether the drafts are, word for word and byte for byte, what was submitted."""
        sent = self.contents(product, submission)
        doing = f"submission {submission.id}: comparison with the drafts"
        drafts = {(v, m): i for v, m, i in _sent(self._request(product, [], (), doing))}
        keys = {key for key in drafts if key[1] in MODULES}
        if {v for v, _ in keys} != {v for v, _ in sent}:
            return False  # another set of plans
        return all(
            key in sent and self._same(product, key, drafts[key], sent[key], doing) for key in sorted(keys)
        )

    def _same(self, product: str, key: tuple[str, str], draft: str, sent: str, doing: str) -> bool:
        return draft == sent or list(self._told(product, key, draft, doing)) == list(
            self._told(product, key, sent, doing)
        )

    def _told(self, product: str, key: tuple[str, str], instance: str, doing: str) -> Iterator[object]:
        """What an instance holds, without what rotates."""
        variant, name = key
        module = self._modules(bool(variant))[name]
        documents: list[Entity] = list(module.in_instance(product, instance, doing))
        for each in sorted(documents, key=lambda found: str(found.members().get("languageCode", ""))):
            yield _lasting(each)
            if name == "Listing" and not variant:
                for files in (self._api.images, self._api.videos, self._api.documents):
                    yield from sorted(
                        f"{_lasting(one)} {files.digest(one)}"  # type: ignore[arg-type]
                        for one in files.in_listing(product, each.id)
                    )

    def _modules(self, of_a_plan: bool) -> Mapping[str, Module[Any]]:
        api = self._api
        both: dict[str, Module[Any]] = {"Package": api.configurations, "Listing": api.listings.module}
        if of_a_plan:
            return both | {"Availability": api.pricing}
        return both | {"Availability": api.audiences, "Property": api.properties}


def _sent(what: Submission | SubmissionRequest) -> list[tuple[str, str, str]]:
    """Plan ("" for the offer), module and instance of everything in it, in one order."""
    found = [("", each.type, each.value) for each in what.resources]
    for plan in what.variant_resources:
        found += [(plan.variant_id, each.type, each.value) for each in plan.resources]
    return sorted(found)


def _lasting(document: Entity) -> dict[str, Any]:
    return {name: value for name, value in document.members().items() if name not in VOLATILE}
