"""Submissions: choice of the current one, content and description of the next."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..api.submission.offer_types import DYNAMICS
from ..api.submission.submission_models import PLAN_MODULES, RESELLER, Contents, Standing, find_live
from ..api.submission.submission_models import Submission as Run
from ..errors import JobTimeout
from ..kind import Current
from ..model import Part
from ..values import holds_unknown
from ._findings import ABOUT, Published
from ._submission_api import SubmissionApi

__all__ = [
    "FURTHER",
    "Step",
    "busy_error",
    "changed_contents",
    "current_submission",
    "describe_obstacle",
    "describe_publication",
    "digest",
    "find_own",
    "further_modules",
    "goes_on",
    "has_reached",
    "is_due",
    "is_recorded",
    "left_out",
    "must_name_what_live_needs",
    "needed_for_live",
    "needed_modules",
    "outputs_from",
    "partial_content",
    "recorded_content",
    "sent_too",
    "steps_of",
    "with_content",
    "with_recorded_content",
]

REACHED = {"preview": ("preview", "in certification", "live"), "live": ("live",)}
"""By target: the states that reach it."""
ENDED = [standing.value for standing in Standing if standing.has_ended]
FEW = 6
"""Maximum number of resources that a message names individually."""
FURTHER = {"CosellListing": "Cosell", "SupplementalContent": "SupplementalContent"}
"""By class: the module that is sent only with a resource of this class."""
NEEDED_FOR_LIVE = {"PreviewAudience": (), "ResellerChannel": DYNAMICS}
"""Classes that live needs, with the types of offers that need none."""
MODULE_OF: Mapping[str, str] = {
    **{
        name: module
        for module in ("Listing", "Availability", "Property", "Package")
        for name in ABOUT[module]
        if name != "Package"
    },
    "Plan": "Listing",
}
"""By class: the module of an offer or plan that contains it. Other resources refer to a Package; every plan has a
listing."""
PLAN_CLASSES = ("Plan", "PlanListing", "PlanPricing", "PlanPackage")
"""Classes whose `id` begins with that of a plan."""
NOT_COMPARED = ("Plan", "ListingImage", "ListingVideo", "ListingDocument")
"""Classes whose change is not looked for in the documents of a module."""


class Step(Part):
    """A step of the service's work on a submission. Times in UTC; empty before it happens."""

    environment: str
    name: str
    state: str
    started: str
    completed: str


def steps_of(api: SubmissionApi, product: str, run: Run) -> list[Step]:
    return [
        Step(
            environment=workflow.target_environment,
            name=step.name,
            state=step.state,
            started=step.started,
            completed=step.completed,
        )
        for workflow in api.submissions.workflows(product, run.id)
        for step in workflow.workflow_steps
    ]


def outputs_from(api: SubmissionApi, product: str, run: Run) -> dict[str, Any]:
    """Return the outputs of a submission, read from the service."""
    links = [link.value for link in run.extended_properties if link.value.startswith("https://")]
    steps = steps_of(api, product, run)
    return {"state": run.standing.value, "submission": run.id, "steps": steps, "preview_links": links}


def with_recorded_content(current: Current[Any], last: Mapping[str, Any]) -> Current[Any]:
    """Keep the program's content that state records for the same submission, whose content never changes."""
    is_same = current.outputs.submission == last.get("submission")
    if not is_same or not last.get("content") or last["content"] != recorded_content(last):
        return current
    return replace(current, outputs=current.outputs.replace(content=last["content"]))


def is_recorded(run: Run, state: Mapping[str, Any]) -> bool:
    """Whether state records the content of a submission."""
    return bool(state.get("content")) and run.id == state.get("submission")


def digest(fingerprints: object) -> str:
    """Return the digest of published content, independent of names and order."""
    return hashlib.sha256("\n".join(sorted(_listed(fingerprints))).encode()).hexdigest()[:16]


def recorded_content(state: Mapping[str, Any]) -> str:
    """Return the digest of the published content in state; "" without a state."""
    return digest(state["publishes"]) if "publishes" in state else ""


def find_own(state: Mapping[str, Any]) -> str | None:
    """Return the id of the submission that this resource sent, as state has it."""
    return state.get("submission") if state.get("content") == recorded_content(state) else None


def with_content(props: dict[str, Any]) -> dict[str, Any]:
    """Add outputs that older states lack: `content` (before 0.1.0) and `undeclared_content` (0.1.0).

    Before 0.1.0 the newest submission counted as the published content. `separate_changes` came with 0.2.0.
    """
    if "submission" not in props:
        return props
    older = {"content": digest(props.get("publishes")), "undeclared_content": [], "separate_changes": []}
    return {**older, **props}


def further_modules(sends: Sequence[str]) -> list[str]:
    """Return the modules that are sent only if the program manages them."""
    classes = {label.split()[0] for label in sends}
    return [module for name, module in FURTHER.items() if name in classes]


def needed_modules(published: Sequence[Published]) -> dict[tuple[str, str], str]:
    """Return what a submission has to contain: a resource by its plan ("" for the offer) and module."""
    needed: dict[tuple[str, str], str] = {}
    for resource in published:
        if module := MODULE_OF.get(resource.kind):
            plan = resource.id.split("/")[1] if resource.kind in PLAN_CLASSES else ""
            needed.setdefault((plan, module), f"{resource.kind} {resource.name}")
    return needed


def changed_contents(
    state: Mapping[str, Any], publishes: Sequence[str], published: Sequence[Published]
) -> Contents | None:
    """Return the modules of what is new in `publishes` since the state; None where documents are not compared.

    Packages, plans and setups are in no module, and files are not worth two downloads: they change with their bytes.
    """
    before = zip(state.get("publishes", ()), state.get("published", ()), strict=False)
    sent = {(fingerprint, resource["kind"], resource["id"]) for fingerprint, resource in before}
    changed = [
        resource
        for fingerprint, resource in zip(publishes, published, strict=False)
        if (fingerprint, resource.kind, resource.id) not in sent
    ]
    if any(resource.kind not in MODULE_OF or resource.kind in NOT_COMPARED for resource in changed):
        return None
    return frozenset(needed_modules(changed))


def partial_content(runs: Sequence[Run], published: Sequence[Published], policy: object) -> Contents:
    """Return what a partial submission sends: the modules of `published`, and every module of its new plans.

    Empty for a whole submission: under another policy than `leave`, and while nothing is live, because the service
    never validates a partial submission of an offer that was never published (reported by its users).
    """
    if policy != "leave" or not published or find_live(runs) is None:
        return frozenset()
    sent = {plan.variant_id for run in runs if run.was_published for plan in run.variant_resources}
    modules = {*needed_modules(published)}
    new_plans = {plan for plan, _ in modules if plan and plan not in sent}
    modules |= {(plan, module) for plan in new_plans for module in PLAN_MODULES}
    if any(resource.kind == "ResellerChannel" for resource in published):
        modules.add(("", RESELLER))
    return frozenset(modules)


def current_submission(runs: Sequence[Run], holds: Callable[[Run], bool]) -> Run | None:
    """Return the newest submission; the live one if it holds the content and no later one takes the content back.

    In the second case the live submission stays live, and nothing is left to submit: the later ones failed, or hold
    the content too, beside other changes of other clients.
    """
    valid = [run for run in runs if not run.standing.has_ended]
    live = find_live(valid)
    if live is None or live is runs[-1]:
        return runs[-1] if runs else None
    return live if all(holds(run) for run in valid[valid.index(live) :]) else runs[-1]


def is_due(run: Run, notes: str, holds: Callable[[Run], bool]) -> bool:
    """Whether another submission is needed. After a failure, this requires changed content or notes."""
    if run.standing in (Standing.CANCELLED, Standing.ARCHIVED):
        return True
    if run.standing is Standing.FAILED and run.notes.split() != notes.split():
        return True
    return not holds(run)


def busy_error(product: str, run: Run, *, is_own: bool) -> JobTimeout:
    """Build the error for a submission that blocks another one. `is_own`: the resource sent it."""
    is_certifying = run.standing is Standing.CERTIFYING  # the service cannot cancel it any more
    cancel = "set replaces_running=True, which cancels it" if is_own else "cancel it in Partner Center"
    return JobTimeout(
        f"submission of offer {product}: {run.friendly_name} ({run.id}), which holds other content, is"
        f" {run.standing.value}, and until it has ended nothing else can be submitted",
        next="run `pulumi up` again once it has ended, in hours or days"
        if is_certifying
        else f"wait, or {cancel}; then run `pulumi up` again",
    )


def needed_for_live(offer_type: str) -> list[str]:
    """Return the classes that target `live` requires for a type of offer."""
    return [name for name, without in NEEDED_FOR_LIVE.items() if offer_type not in without]


def must_name_what_live_needs(inputs: Any) -> str | None:
    """Target `live` requires a PreviewAudience and, for most types of offers, a ResellerChannel in `publishes`.

    Without a type, another program may declare them: `up` asks the service.
    """
    if inputs.target != "live" or not inputs.sends or not inputs.offer_type:
        return None
    classes = {label.split()[0] for label in inputs.sends}
    missing = [f"a {name}" for name in needed_for_live(inputs.offer_type) if name not in classes]
    return f"target: 'live' — needs {' and '.join(missing)} in publishes" if missing else None


def describe_publication(was: Mapping[str, Any], desired: Mapping[str, Any]) -> str:
    """Describe for a preview what `up` publishes, how far, and which undeclared content goes out with it."""
    policy, text = desired.get("undeclared"), _change(was, desired)
    sent, left = _listed(was.get("undeclared_content")), _listed(was.get("separate_changes"))
    if policy != "leave":
        sent, left = [*sent, *left], []
    if "nothing is published" in text:
        return text
    end = ", which undeclared='refuse' refuses" if policy == "refuse" else ""
    return "; ".join([text, *([sent_too(sent) + end] if sent else []), *([left_out(left)] if left else [])])


def sent_too(names: Sequence[str]) -> str:
    return f"the submission also sends what publishes does not name: {', '.join(names)}"


def left_out(names: Sequence[str]) -> str:
    return f"these changes stay drafts, because publishes does not name them: {', '.join(names)}"


def _change(was: Mapping[str, Any], desired: Mapping[str, Any]) -> str:
    if holds_unknown(desired["offer"]):
        offer = "the replaced offer" if was else "a new offer"
    else:
        offer = f"offer {desired['offer']}"
    far = "to preview, then live" if desired["target"] == "live" else "to preview"
    sends, before = _listed(desired["sends"]), _listed(was.get("publishes"))
    if was.get("offer") != desired["offer"]:
        unless = "" if holds_unknown(desired["offer"]) else ", unless the service holds all of it already"
        return f"{offer}: will be submitted {far}{unless}: {_counted(sends)}"
    now = dict(zip(sends, _listed(desired["publishes"]), strict=False))
    changed = [label for label, fingerprint in now.items() if fingerprint not in before]
    is_less = len(now) < len(before)
    if changed or len(now) > len(before) or (is_less and was.get("state") in ENDED):
        what = (", ".join(changed) if len(changed) <= FEW else _counted(changed)) or "what it publishes"
        # Fingerprints are unknown where a resource is updated, perhaps to repair its drift.
        unless = ", unless the newest has it already" if "" in now.values() else ""
        end = f"{far}{unless}{describe_obstacle(was, desired)}"
        return f"{offer}: {what} changed: a new submission goes {end}"
    if was.get("content") != digest(before):
        return f"{offer}: submission {was.get('submission')} is not what this stack sent: what differs goes {far}"
    less = "publishes names less than before; " if is_less else ""
    return f"{offer}: {less}{goes_on(was.get('submission'), was.get('state'), desired['target'])}"


def describe_obstacle(was: Mapping[str, Any], desired: Mapping[str, Any]) -> str:
    """Describe what becomes of the submission that is on its way according to the state; "" without one."""
    state = was.get("state")
    if state not in (Standing.VALIDATING.value, Standing.CERTIFYING.value):
        return ""
    is_cancelled = (
        state == Standing.VALIDATING.value and desired["replaces_running"] is True and find_own(was)
    )
    end = "is cancelled for it" if is_cancelled else "has to end first"
    return f"; submission {was.get('submission')}, if it is still {state}, {end}"


def _counted(labels: Sequence[str]) -> str:
    """Return the number of each class: `2 Plan, 5 ListingImage, OfferListing`."""
    classes = Counter(label.split()[0] for label in labels if label)
    return ", ".join(f"{number} {name}" if number > 1 else name for name, number in classes.items())


def goes_on(submission: object, state: object, target: object) -> str:
    """Describe the next step of a submission with the program's content."""
    if state == "failed":
        return (
            f"submission {submission} failed: `up` says why; it is submitted again once its content, or the notes,"
            " changed"
        )
    if state in ("cancelled", "archived"):
        return f"submission {submission} was {state}: a new one is submitted"
    if has_reached(state, target):
        return f"submission {submission} is {state}: nothing is published"
    if state == "preview":
        return f"the preview of submission {submission} goes live"
    return f"submission {submission} is {state}: continues to {target}"


def has_reached(state: object, target: object) -> bool:
    return state in (REACHED.get(target, ()) if isinstance(target, str) else ())


def _listed(value: Any) -> list[Any]:
    """Return a list of strings; "" for an unknown one, and an empty list for an unknown list."""
    return (
        [element if isinstance(element, str) else "" for element in value] if isinstance(value, list) else []
    )
