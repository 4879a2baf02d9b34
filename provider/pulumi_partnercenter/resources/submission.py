"""Publishing: what goes out, how far, and where the service stands with it. Source: submission API 5.19, 6, 9.4."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pulumi
from annotated_types import Ge, MinLen
from pulumi import Input

from .._resource import (
    Derived,
    Immutable,
    Inputs,
    Kind,
    Local,
    Outputs,
    Provider,
    Resource,
    Seen,
    Unordered,
    WriteOnly,
)
from ..errors import NotFound
from ._publishing import (
    Published,
    Step,
    digest,
    ended_early,
    further_modules,
    has_reached,
    in_the_way,
    is_due,
    must_name_what_live_needs,
    recorded_content,
    rejection,
    require_resources,
    told_of,
    what_counts,
    what_happens,
    with_content,
    with_known_content,
)
from ._rules import OfferReference
from ._undeclared import (
    omitted_resources,
    require_nothing_undeclared,
    undeclared_content,
    undeclared_plans,
)

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.submission_models import Submission as Run

__all__ = ["Submission"]


def _refusing_undeclared_content_needs_all_of_the_offer_in_publishes(want: Any) -> str | None:
    if want.undeclared == "refuse" and want.omitted:
        return f"publishes: {', '.join(want.omitted)} of the same offer is missing; undeclared is 'refuse'"
    return None


class SubmissionInputs(Inputs):
    """What a program may set. A submission goes out when what it publishes changed, and never because of a new name."""

    rules = (must_name_what_live_needs, _refusing_undeclared_content_needs_all_of_the_offer_in_publishes)

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    publishes: Annotated[list[str], Unordered, WriteOnly, MinLen(1)]
    """The resources that it sends: all that belong to the offer, as objects. A change in one of them is published."""
    sends: Annotated[list[str], Local, Derived] = []
    """Class and name of each of them, for messages; from the constructor."""
    target: Annotated[Literal["preview", "live"], WriteOnly] = "preview"
    """How far: `preview`, which the preview audience sees, or `live`. Each `up` goes as far as the service allows."""
    wait_minutes: Annotated[float, Ge(0), Local] = 60
    """How long an `up` waits for the preview, or for something else that is being published. 0 looks once. Nobody waits
    for certification, which takes days: a later `up` finds it done."""
    undeclared: Annotated[Literal["refuse", "warn"], Local] = "warn"
    """What to do when a submission would send more than `publishes` names: plans of no program, a colleague's drafts,
    resources of the program that were left out. `warn` names them; `refuse` names them and submits nothing."""
    published: Annotated[list[Published], Local, Derived] = []
    """Class, name and `id` of each of them; from the constructor."""
    omitted: Annotated[list[str], Local, Derived] = []
    """Class and name of the program's other resources of the offer; from the constructor."""
    notes: Annotated[str, Local] = ""
    """Notes for the certification team. After a failure other notes submit unchanged content again."""


class SubmissionOutputs(Outputs):
    """What the service decides."""

    state: str
    """`on the way to preview`, `preview`, `in certification`, `live`, `failed`, `cancelled` or `archived`."""
    submission: str
    """Id of the newest submission, decimal."""
    content: str
    """Digest of what it holds: of `publishes` when all is well, empty when it is somebody else's, not compared yet."""
    steps: list[Step]
    """`{"environment", "name", "state", "started", "completed"}` of each step, as the service tells them."""
    preview_links: list[str]
    """Addresses of the preview, where the service gives them (it was never recorded to)."""
    undeclared_content: list[str]
    """What the offer's drafts hold beside what the program publishes, as last looked at. The next submission
    sends it as well."""


SubmissionSeen = Seen[SubmissionOutputs]


def _seen(
    api: SubmissionApi, id: str, run: Run, content: str, told: Mapping[str, Any], undeclared: Sequence[str]
) -> SubmissionSeen:
    outputs = SubmissionOutputs(content=content, undeclared_content=list(undeclared), **told_of(api, id, run))
    return SubmissionSeen(id, SubmissionInputs.canonical(told), outputs)


class SubmissionKind(Kind[SubmissionInputs, SubmissionOutputs]):
    noun, id_form, inputs, outputs = "submission", "<product>", SubmissionInputs, SubmissionOutputs
    spares_drafts = True

    def ids_in(self, api: SubmissionApi, offer: str) -> list[str]:
        return [offer] if api.submissions.newest(offer) else []

    def find(self, api: SubmissionApi, want: SubmissionInputs) -> SubmissionSeen | None:  # noqa: ARG002
        """Nothing is taken over: `create` goes on from where the service stands, and sends nothing that it has."""
        return None

    def create(self, api: SubmissionApi, want: SubmissionInputs) -> SubmissionSeen:
        return self.update(api, want.offer, want)

    def read(self, api: SubmissionApi, id: str) -> SubmissionSeen:
        return self.refresh(api, id, {})

    def refresh(self, api: SubmissionApi, id: str, last: Mapping[str, Any]) -> SubmissionSeen:
        """The submission that `update` goes by as well; the newest where no state says what is published."""
        recorded = {last["submission"]: last["content"]} if last.get("content") else {}
        run = what_counts(api, id, api.submissions.all(id), recorded_content(last), recorded)
        if run is None:
            raise NotFound(f"submission {id}: nothing was ever submitted", status=404)
        published = [Published(**one) for one in last.get("published", [])]
        undeclared = undeclared_content(api, id, published, is_refresh=True)
        return with_known_content(_seen(api, id, run, run.content, {"offer": id}, undeclared), last)

    def update(self, api: SubmissionApi, id: str, want: SubmissionInputs) -> SubmissionSeen:
        """As far as the service allows. Raises Rejected with every finding, JobTimeout when another is in the way."""
        from ..api.submission.submissions import Standing

        began, runs, content = time.monotonic(), api.submissions.all(id), digest(want.publishes)
        run = what_counts(api, id, runs, content)

        def wait(run: Run) -> Run:
            return api.submissions.wait(id, run, want.wait_minutes - (time.monotonic() - began) / 60)

        if run and run.standing.is_busy and not api.submissions.holds(id, run, content):
            run = wait(run)
            if run.standing.is_busy:
                raise in_the_way(id, run)
        undeclared, is_named = undeclared_content(api, id, want.published), False
        if run is None or is_due(api, id, run, content, want.notes):
            require_nothing_undeclared(id, undeclared, want.undeclared)
            is_named = True
            run = api.submissions.submit(id, runs, content, want.notes, further_modules(want.sends))
        if run.standing is Standing.VALIDATING:
            run = wait(run)
        if run.standing is Standing.PREVIEW and want.target == "live":
            if not is_named:
                strangers = undeclared_plans(api, id, run, want.published)
                require_nothing_undeclared(id, strangers, want.undeclared)
            api.submissions.promote(id, run.id)
            run = api.submissions.wait(id, run, 0)
        if run.standing is Standing.FAILED:
            raise rejection(api, id, run, want.published)
        if run.standing in (Standing.CANCELLED, Standing.ARCHIVED):
            raise ended_early(id, run)
        return _seen(api, id, run, content, want.plain(), undeclared)

    def delete(self, api: SubmissionApi, id: str) -> None:
        """Cancels a submission of this stack that can still be cancelled. What is in preview or live stays."""
        self.remove(api, id, {})

    def remove(self, api: SubmissionApi, id: str, last: Mapping[str, Any]) -> None:
        """Cancel a submission of this stack that can still be cancelled: its mark is what the state says is published.

        What is in preview or live stays, and what others submitted.
        """
        from ..api.submission.submissions import Standing

        run = api.submissions.newest(id)
        is_ours = run is not None and bool(run.content) and run.content == recorded_content(last)
        if run and is_ours and run.standing is Standing.VALIDATING:
            api.submissions.cancel(id, run.id)

    recalled = staticmethod(with_known_content)

    def is_settled(self, state: Mapping[str, Any]) -> bool:
        """False also for other content: of a run that was cut off, or of another person."""
        is_ours = state.get("content") == digest(state.get("publishes"))
        return is_ours and has_reached(state.get("state"), state.get("target"))

    def remarks(self, was: Mapping[str, Any], want: Mapping[str, Any]) -> list[str]:
        return [what_happens(was, want)]

    def warnings(self, want: Mapping[str, Any]) -> list[str]:
        """The program's resources of the offer that are not among those published."""
        omitted = want["omitted"]
        if not isinstance(omitted, list) or not omitted or pulumi.contains_unknowns(omitted):
            return []
        return [
            f"publishes: {', '.join(omitted)} of the same offer is missing: a change of it publishes nothing"
        ]

    def upgrade(self, props: dict[str, Any]) -> dict[str, Any]:
        return with_content(props)


class SubmissionProvider(Provider):
    kind, known_as = SubmissionKind(), "Submission"


class Submission(Resource, module="partnercenter", name="Submission"):
    """Publishes an offer to preview or live; its `id` is the offer's. Arguments: `SubmissionInputs`."""

    provider = SubmissionProvider
    state: pulumi.Output[str]
    submission: pulumi.Output[str]
    content: pulumi.Output[str]
    steps: pulumi.Output[list[dict[str, str]]]
    preview_links: pulumi.Output[list[str]]
    undeclared_content: pulumi.Output[list[str]]

    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        publishes: Sequence[Resource],
        target: Input[str] | None = None,
        wait_minutes: Input[float] | None = None,
        undeclared: Input[str] | None = None,
        notes: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        require_resources(resource_name, publishes)

        async def find_omitted() -> list[str]:
            """Run once the program has, so that it sees what is declared after the submission."""
            return omitted_resources(offer, publishes)

        omitted: Any = find_omitted()
        arguments = {
            "offer": offer,
            "publishes": [each.fingerprint for each in publishes],
            "sends": [f"{type(each).__name__} {each.pulumi_resource_name}" for each in publishes],
            "target": target,
            "wait_minutes": wait_minutes,
            "undeclared": undeclared,
            "published": [
                {"kind": type(each).__name__, "name": each.pulumi_resource_name, "id": each.id}
                for each in publishes
            ],
            "omitted": pulumi.Output.from_input(omitted),
            "notes": notes,
            "adopt": adopt,
        }
        super().__init__(resource_name, arguments, opts)
