"""Publishing: what goes out, how far, and where the service stands with it. Source: Partner Center submission API."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

from annotated_types import Ge, MinLen

from ..api.submission.submission_models import Contents, find_live
from ..api.submission.submission_models import Submission as Run
from ..errors import InputError, NotFound
from ..kind import Current
from ..markers import Accepts, Boolean, Configured, Derived, Immutable, Local, Number, Unordered, WriteOnly
from ..model import Arguments, Outputs
from ..values import holds_unknown
from ._apps import AppPackage, judge_app_packages, require_consistent_apps
from ._files import about_source
from ._findings import Published
from ._publishing import (
    Step,
    changed_contents,
    current_submission,
    describe_publication,
    digest,
    find_own,
    further_modules,
    is_due,
    is_recorded,
    must_name_what_live_needs,
    needed_modules,
    outputs_from,
    partial_content,
    recorded_content,
    with_content,
    with_recorded_content,
)
from ._release import (
    Release,
    ReleaseKind,
    deadline_after,
    is_corrected,
    make_room,
    reach_target,
    with_cancelled,
)
from ._rules import ImpliedOfferType, OfferReference
from ._submission_api import SubmissionApi
from ._undeclared import (
    name_carried,
    name_left,
    require_nothing_undeclared,
    separate_changes,
    undeclared_content,
    undeclared_plans,
)
from .preview_audience import PreviewAudienceKind


def _refusing_undeclared_content_needs_all_of_the_offer_in_publishes(desired: Any) -> str | None:
    if desired.undeclared == "refuse" and desired.omitted:
        return f"publishes: {', '.join(desired.omitted)} of the same offer is missing; undeclared is 'refuse'"
    return None


class SubmissionArguments(Arguments):
    """Arguments of a submission. It publishes when the content of `publishes` changes, never because of a new name."""

    rules = (must_name_what_live_needs, _refusing_undeclared_content_needs_all_of_the_offer_in_publishes)

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    publishes: Annotated[list[str], Accepts("Sequence[Resource]", only=True), Unordered, WriteOnly, MinLen(1)]
    """Resources to publish, as objects: all that belong to the offer. A change of any of them is published."""
    sends: Annotated[list[str], Local, Derived] = []
    """Classes and names of `publishes`, for messages; set by the constructor."""
    target: Annotated[Literal["preview", "live"], Configured, WriteOnly] = "preview"
    """`preview`, visible to the preview audience, or `live`. Every `up` advances as far as the service allows."""
    wait_minutes: Annotated[Number, Ge(0), Local] = 60
    """Maximum wait of an `up` for the preview, or for another publication of the offer. 0: no wait. No `up` waits for
    certification, which takes days: a later `up` reports its result."""
    undeclared: Annotated[Literal["leave", "refuse", "warn"], Configured, Local] = "leave"
    """Policy for drafts that are not in `publishes`: plans of no program, work of colleagues, other resources of the
    program. `leave` names them and, once the offer is live, sends only the modules of `publishes`, so that what is in
    other modules stays a draft. `warn` names them and sends everything; `refuse` names them and submits nothing."""
    replaces_running: Annotated[Boolean, Local] = False
    """Whether a submission of this stack that is on the way to preview is cancelled when newer content is submitted.
    Otherwise `up` waits until it has ended."""
    published: Annotated[list[Published], Local, Derived] = []
    """Classes, names and ids of `publishes`; set by the constructor."""
    omitted: Annotated[list[str], Local, Derived] = []
    """Classes and names of the program's other resources of the offer; set by the constructor."""
    app_packages: Annotated[list[AppPackage], Local, Derived] = []
    """Kinds and apps of the packages that the technical configuration refers to; set by the constructor."""
    app_version: Annotated[str, Local, Derived] = ""
    """`app_version` of the `OfferProperties` in `publishes`, if the program gives it; set by the constructor."""
    offer_type: ImpliedOfferType = ""
    """Type of the offer; taken from the `Offer` whose `.id` is given. Empty for an offer of another program, which
    may declare the audience of the preview and the resellers too: judged by the service."""
    notes: Annotated[str, Local] = ""
    """Notes for the certification team. After a failure, a change of the notes submits unchanged content again."""
    adopt: Boolean = False
    """Take over what is in preview or live, if the drafts equal it, instead of publishing it again: another program
    sent it, or this one with a secret that it no longer has. No effect once the submission is in the state."""

    @classmethod
    def completed(cls, props: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
        """Refuse apps that the service's validation refuses. What was submitted before is not judged again."""
        packages, version = props.get("app_packages") or [], props.get("app_version") or ""
        publishes, former = props["publishes"], olds.get("publishes") or ()
        is_new = holds_unknown(publishes) or sorted(publishes) != sorted(former)
        if is_new and not holds_unknown([packages, version]):
            with about_source("publishes"):
                require_consistent_apps(packages, version)
        return dict(props)


class SubmissionOutputs(Outputs):
    """Computed outputs."""

    state: str
    """`on the way to preview`, `preview`, `in certification`, `live`, `failed`, `cancelled` or `archived`."""
    submission: str
    """Id of the newest submission, decimal."""
    content: str
    """Digest of the published content; empty for a submission of somebody else that was not compared yet."""
    steps: list[Step]
    """`{"environment", "name", "state", "started", "completed"}` of every step of the service's work."""
    preview_links: list[str]
    """Addresses of the preview, where the service gives them (no recording has them)."""
    undeclared_content: list[str]
    """Content of the offer's drafts that is not in `publishes`, as last read. The next submission publishes it too."""
    separate_changes: list[str]
    """Modules of a live offer and its plans that changed and that the next submission leaves as drafts."""


SubmissionCurrent = Current[SubmissionOutputs]


def _require_audience(api: SubmissionApi, product: str, published: Sequence[Published]) -> None:
    """Raise InputError if an offer has no preview audience, without which it cannot go live."""
    is_declared = any(resource.kind == "PreviewAudience" for resource in published)
    if not is_declared and PreviewAudienceKind().read(api, product).is_fresh:
        raise InputError(
            f"submission of offer {product}: target: 'live', and the offer has no preview audience",
            next="declare a PreviewAudience and add it to publishes",
        )


def _read_current(
    api: SubmissionApi,
    id: str,
    run: Run,
    content: str,
    arguments: Mapping[str, Any],
    undeclared: Sequence[str],
    separate: Sequence[str],
) -> SubmissionCurrent:
    outputs = SubmissionOutputs(
        content=content,
        undeclared_content=list(undeclared),
        separate_changes=list(separate),
        **outputs_from(api, id, run),
    )
    return SubmissionCurrent(id, SubmissionArguments.canonical(arguments), outputs)


class SubmissionKind(ReleaseKind[SubmissionArguments, SubmissionOutputs]):
    """Publishes an offer to preview or live; its `id` is the offer's."""

    noun, id_form, arguments, outputs = "submission", "<product>", SubmissionArguments, SubmissionOutputs

    def list_ids(self, api: SubmissionApi, offer: str) -> list[str]:
        return [offer] if api.submissions.newest(offer) else []

    def refresh(self, api: SubmissionApi, id: str, last: Mapping[str, Any]) -> SubmissionCurrent:
        """Read the submission that `update` also uses; the newest if the state does not say what is published."""
        published = [Published(**resource) for resource in last.get("published", [])]
        runs = api.submissions.all(id, last.get("submission"))
        only = partial_content(runs, published, last.get("undeclared"))
        content = recorded_content(last)

        def holds(run: Run) -> bool:
            if is_recorded(run, last):
                return bool(last["content"] == content)
            return bool(content) and self._holds(api, id, run, content, only, runs)

        run = current_submission(runs, holds)
        if run is None:
            raise NotFound(f"submission {id}: nothing was ever submitted", status=404)
        undeclared = undeclared_content(api, id, published, only, runs, is_refresh=True)
        separate = separate_changes(api, id, runs, only)
        shown = content if api.contents.carries(id, run, content, only, runs) else run.content
        current = with_recorded_content(
            _read_current(api, id, run, shown, {"offer": id}, undeclared, separate), last
        )
        return (
            current if holds(run) else with_cancelled(current, last, runs, {"steps": [], "preview_links": []})
        )

    def _holds(
        self, api: SubmissionApi, id: str, run: Run, content: str, only: Contents, runs: Sequence[Run]
    ) -> bool:
        carries = api.contents.carries(id, run, content, only, runs)
        return carries or api.contents.holds(id, run, content, only, runs)

    def _judge(
        self,
        api: SubmissionApi,
        id: str,
        desired: SubmissionArguments,
        only: Contents,
        runs: Sequence[Run],
        state: Mapping[str, Any],
    ) -> Callable[[Run], bool]:
        """Return the predicate of submissions with the desired content. `only` are the modules that are sent."""
        content, own = digest(desired.publishes), find_own(state)
        changed = changed_contents(state, desired.publishes, desired.published)
        is_compared = (desired.adopt and own is None) or (bool(only) and changed is not None)

        def holds(run: Run) -> bool:
            if run.id == own and changed == frozenset() and not run.standing.has_ended:
                return True  # `publishes` names no more than what it sent
            if self._holds(api, id, run, content, only, runs):
                return True
            if not run.standing.is_shown:
                return False
            if run.id == own:
                return changed is not None and api.contents.equals_drafts(
                    id, run, changed, runs, reads_files=False
                )
            # Another client, a stack beside this one, may have published the same drafts.
            return is_compared and api.contents.equals_drafts(id, run, only, runs)

        return holds

    def advance(
        self,
        api: SubmissionApi,
        id: str,
        desired: SubmissionArguments,
        runs: list[Run],
        state: Mapping[str, Any],
    ) -> SubmissionCurrent:
        only = partial_content(runs, desired.published, desired.undeclared)
        content = digest(desired.publishes)
        deadline = deadline_after(desired.wait_minutes)
        holds = self._judge(api, id, desired, only, runs, state)
        release = Release(
            id,
            content,
            holds,
            desired.target,
            deadline,
            desired.published,
            sent=find_own(state),
            replaces_sent=desired.replaces_running,
        )
        run = make_room(api, release, runs)
        undeclared = undeclared_content(api, id, desired.published, only, runs)
        separate = separate_changes(api, id, runs, only)
        is_new = run is None or is_due(run, desired.notes, holds) or is_corrected(api, id, run, only, runs)
        if run is None or is_new:
            if desired.target == "live" and find_live(runs) is None:
                _require_audience(api, id, desired.published)
            require_nothing_undeclared(api.host, id, undeclared, desired.undeclared)
            name_left(api.host, id, separate)
            modules, needed = further_modules(desired.sends), needed_modules(desired.published)
            run = api.submissions.submit(id, runs, content, desired.notes, modules, needed, only)

        def name_strangers(preview: Run) -> None:
            if only:
                name_carried(api, id, preview, only, runs)
            if not is_new and not (only and preview.content):
                strangers = undeclared_plans(api, id, preview, desired.published)
                require_nothing_undeclared(api.host, id, strangers, desired.undeclared)

        run = reach_target(api, release, run, name_strangers)
        return _read_current(api, id, run, content, desired.to_json(), undeclared, separate)

    def describe_change(self, was: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:
        packages, version = desired["app_packages"], desired["app_version"]
        if was.get("publishes") == desired["publishes"] or holds_unknown([packages, version]):
            return [describe_publication(was, desired)]
        return [describe_publication(was, desired), *judge_app_packages(packages, version)]

    def warnings(self, desired: Mapping[str, Any]) -> list[str]:
        """Warn of the program's resources of the offer that are not among the published ones."""
        omitted = desired["omitted"]
        if not isinstance(omitted, list) or not omitted or holds_unknown(omitted):
            return []
        return [
            f"publishes: {', '.join(omitted)} of the same offer is missing: a change of it publishes nothing"
        ]

    def upgrade_state(self, props: dict[str, Any]) -> dict[str, Any]:
        return with_content(props)
