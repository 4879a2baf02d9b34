"""Submissions over the emulator's clock: from accepted to live, failed or cancelled. There is no background task.

A submission is in one phase. `settle` moves it through the phases that ended since the last call, each at the time
when it was due. `WIRE` has the state that the service returns in each phase.

    validating → creating → previewed → certifying → live → replaced
        ↓           ↓           ↓            ↓
      failed    cancelled   superseded    rejected        (validating can be cancelled too)

A submission of a part of a Dynamics 365 offer that has no preview to complete it is lost: nothing validates it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from ..service import Pace
from ..state import Document, Store
from . import completeness, decisions, drafts, errors, workflow
from .decisions import Decision
from .document_types import DYNAMICS
from .scopes import instance_of, product_of, scope, variant_of, within_product

__all__ = [
    "Content",
    "accept",
    "base",
    "cancel",
    "decide",
    "held_instances",
    "is_busy",
    "is_lost",
    "is_of_dynamics",
    "promote",
    "publish",
    "report",
    "require_not_submitted",
    "settle",
    "settle_all",
]

Content: TypeAlias = dict[str, dict[str, str]]
"""Instance ids by module, by variant id; "" stands for the offer itself."""

# Seconds of each phase that ends by itself. The values of pace `real` come from reports of publishers.
SECONDS: Mapping[Pace, Mapping[str, float]] = {
    "instant": {"validating": 0, "creating": 0, "certifying": 0},
    "real": {"validating": 240, "creating": 600, "certifying": 10800},
}
BUSY = frozenset(SECONDS["real"])
CANCELLABLE = ("validating", "creating", "lost")
# State and substate. The last four are inferred.
WIRE = {
    "lost": ("InProgress", "InDraft"),
    "validating": ("InProgress", "Submitted"),
    "creating": ("InProgress", "Submitted"),
    "previewed": ("Published", "ReadyToPublish"),
    "live": ("Published", "InStore"),
    "failed": ("InProgress", "Failed"),
    "certifying": ("Published", "Publishing"),
    "rejected": ("Published", "FailedInCertification"),
    "cancelled": ("Cancelled", "Cancelled"),
    "superseded": ("Archived", "ReadyToPublish"),
    "replaced": ("Archived", "InStore"),
}
# Of Dynamics 365 offers: clients submit again only after this failure, so certification ends in it too (inferred).
DYNAMICS_WIRE = {"rejected": WIRE["failed"]}
# `pendingUpdateInfo` of a phase; all but the first two are inferred.
PENDING = {
    "lost": {"updateType": "Create", "status": "Failed", "failureReason": "Active validation errors"},
    "validating": {"updateType": "Create", "status": "Completed"},
    "certifying": {"updateType": "Promote", "status": "Running"},
    "live": {"updateType": "Promote", "status": "Completed"},
    "rejected": {"updateType": "Promote", "status": "Failed", "failureReason": "Certification failed."},
}
NEVER = "1601-01-01T00:00:00Z"
NO_PUBLISH_OPTION = {
    "releaseTimeInUtc": "0001-01-01T00:00:00",
    "isManualPublish": False,
    "isAutoPromote": False,
}
FIRST_MODULES = ("Availability", "Listing", "Package", "Property")
"""Modules that a submission names first, as users of its clients print it; the order of the others is inferred."""
FIRST_ID = 1152921505690000000
_LAST_ID = "submission.last_id"


def accept(store: Store, pace: Pace, product: str, request: Mapping[str, Any], sent: Content) -> Document:
    """Accept the instances in `sent`, with the client's `request`; other content carries over. Rotates every draft.

    Clients of Business Central find a submission of a part of a new offer in no list, never validated.
    """
    for publication in store.select("publication", **within_product(product), stage="previewed"):
        _enter(store, publication, "superseded", store.clock())
    content = base(store, product)
    for variant, modules in sent.items():
        content[variant] = {**content.get(variant, {}), **modules}
    submission = _new_submission(store, product, request, content)
    facts: dict[str, Any] = {
        "pace": pace,
        "content": content,
        "history": [],
        "outcome": "",
        "items": [],
        "report": "",
    }
    publication = Document("publication", submission.id, facts, scope(product))
    phase = _first_phase(store, product, content)
    drafts.rotate(store, product, {instance for modules in sent.values() for instance in modules.values()})
    store.save(submission)
    if phase == "lost":
        facts["items"] = _find_problems(store, publication, store.clock())
    _enter(store, publication, phase, store.clock())
    _use_decision(store, publication)
    return _submission(store, publication)


def _first_phase(store: Store, product: str, content: Content) -> str:
    is_lost = is_of_dynamics(store, product) and completeness.lacks_modules(
        store, _product(store, product), content
    )
    return "lost" if is_lost else "validating"


def _new_submission(store: Store, product: str, request: Mapping[str, Any], content: Content) -> Document:
    """Build the submission. Of a Dynamics 365 offer it names its whole content, whatever was sent (reported)."""
    is_dynamics = is_of_dynamics(store, product)
    ordered = {variant: dict(sorted(modules.items(), key=_place)) for variant, modules in content.items()}
    named = {**request, **_name_content(ordered)} if is_dynamics else request
    id = str(int(store.memory.get(_LAST_ID, FIRST_ID)) + 1)
    store.memory[_LAST_ID] = id
    rows = store.select("submission", **within_product(product))
    number = len([row for row in rows if not is_lost(row)]) + 1
    option = {**(NO_PUBLISH_OPTION if is_dynamics else {}), **request.get("publishOption", {})}
    body = {
        "resourceType": "Submission",
        "state": "",
        "substate": "",
        "targets": [{"type": "Scope", "value": "Preview"}],
        "resources": named.get("resources", []),
        **{name: named[name] for name in ("variantResources",) if named.get(name)},
        **({"publishOption": option} if option else {}),
        "publishedTimeInUtc": NEVER,
        "pendingUpdateInfo": {},
        **{name: request[name] for name in ("extendedProperties",) if request.get(name)},
        "releaseNumber": number,
        "friendlyName": f"Submission {number}",
        "areResourcesReady": is_dynamics,
        "id": id,
    }
    return Document("submission", id, body, scope(product), natural_key=str(number), stage="")


def is_lost(submission: Document) -> bool:
    """Return whether a submission is in no list and not validated. No other one stays in a draft."""
    return bool(submission.body["substate"] == WIRE["lost"][1])


def is_of_dynamics(store: Store, product: str) -> bool:
    """Return whether a product is a Dynamics 365 offer, whose submissions are answered in another form."""
    return _product(store, product).body["resourceType"] in DYNAMICS


def _product(store: Store, id: str) -> Document:
    product = store.find("product", id)
    assert product is not None, "submissions go with their product"
    return product


def _name_content(content: Content) -> dict[str, Any]:
    """Return `resources` and `variantResources` of content."""
    pairs = {
        variant: [{"type": module, "value": instance} for module, instance in modules.items()]
        for variant, modules in content.items()
    }
    return {
        "resources": pairs.pop("", []),
        "variantResources": [{"variantID": id, "resources": resources} for id, resources in pairs.items()],
    }


def _place(resource: tuple[str, str]) -> tuple[bool, str]:
    return resource[0] not in FIRST_MODULES, resource[0]


def base(store: Store, product: str) -> Content:
    """Return the content below a partial submission: that of the newest one that reached a preview (inferred)."""
    reached = [
        publication
        for publication in store.select("publication", **within_product(product))
        if _has_entered(publication, "previewed")
    ]
    content: Content = json.loads(json.dumps(reached[-1].body["content"])) if reached else {}
    return content


def promote(store: Store, id: str) -> None:
    """Send a preview to certification; 409 unless it is ready and no other submission is in progress."""
    publication = _publication(store, id)
    if publication.stage != "previewed":
        raise errors.conflict(f"Submission {id} cannot be promoted: its preview is not ready.")
    _enter(store, publication, "certifying", store.clock())
    _use_decision(store, publication)


def cancel(store: Store, id: str) -> None:
    """Cancel a submission before its preview; 409 later. The drafts do not change.

    The preview before it is the current one again (inferred): clients of Business Central submit only over a newest
    submission that failed, is in preview or live.
    """
    publication = _publication(store, id)
    if publication.stage not in CANCELLABLE:
        raise errors.conflict(f"Submission {id} cannot be cancelled any more.")
    _enter(store, publication, "cancelled", store.clock())
    publications = store.select("publication", **within_product(product_of(publication)))
    newest = next((before for before in reversed(publications) if before.stage != "cancelled"), None)
    if newest is not None and newest.stage == "superseded":
        _, when = newest.body["history"][-2]
        del newest.body["history"][-2:]
        _enter(store, newest, "previewed", when)


def publish(store: Store, product: str) -> None:
    """Publish the present drafts as the portal would: live at once, complete or not."""
    sent: Content = {}
    for branch in store.select("branch", **within_product(product)):
        sent.setdefault(variant_of(branch), {})[branch.natural_key] = instance_of(branch)
    publication = _publication(store, accept(store, "instant", product, _name_content(sent), sent).id)
    for phase in ("creating", "previewed", "certifying", "live"):
        _enter(store, publication, phase, store.clock())


def report(store: Store, id: str) -> str:
    """Return the text of the report of a failed certification, "" if there is none."""
    publication = store.find("publication", id)
    if publication is None or publication.stage != "rejected":
        return ""
    return publication.body["report"] or f"Submission {id} did not pass certification.\n"


def is_busy(store: Store, product: str) -> bool:
    """Return whether a submission of the product is in progress."""
    return any(
        publication.stage in BUSY for publication in store.select("publication", **within_product(product))
    )


def held_instances(store: Store, product: str) -> set[str]:
    """Return the frozen instances in preview or live, or on the way there."""
    return _content(store, product, {"live", *BUSY})


def require_not_submitted(store: Store, product: str, variant: str = "") -> None:
    """Raise 409 if a submission in progress contains the product, or this plan of it (text inferred)."""
    for publication in store.select("publication", **within_product(product)):
        if publication.stage in BUSY and variant in {"", *publication.body["content"]}:
            raise errors.conflict(f"It is part of submission {publication.id}, which is in progress.")


def settle_all(store: Store) -> None:
    """`settle` for every product."""
    for publication in store.select("publication"):
        _run(store, publication)


def settle(store: Store, product: str) -> None:
    """Move a product's submissions through all phases that have ended by now."""
    for publication in store.select("publication", **within_product(product)):
        _run(store, publication)


def _run(store: Store, publication: Document) -> None:
    while publication.stage in BUSY and publication.body["outcome"] != "hold":
        _, began = publication.body["history"][-1]
        due = began + SECONDS[publication.body["pace"]][publication.stage]
        if due > store.clock():
            return
        _finish(store, publication, due)


def decide(store: Store, decision: Decision) -> None:
    """Decide the submissions at this stage at once; if there is none, the next one that reaches the stage."""
    settle_all(store)
    running = [
        publication
        for publication in store.select("publication", stage=decisions.PHASES[decision["stage"]])
        if decision["product"] in ("", product_of(publication))
    ]
    if not running:
        decisions.keep(store, decision)
        return
    publication = next(
        (publication for publication in running if publication.body["outcome"] == "hold"), running[0]
    )
    _apply(store, publication, decision)
    if decision["outcome"] != "hold":
        _finish(store, publication, store.clock())


def _use_decision(store: Store, publication: Document) -> None:
    """Apply the decision about the stage that begins, if there is one."""
    if decision := decisions.take(store, product_of(publication), publication.stage):
        _apply(store, publication, decision)


def _apply(store: Store, publication: Document, decision: Decision) -> None:
    publication.body.update({name: value for name, value in decision.items() if name in publication.body})
    store.save(publication)


def _finish(store: Store, publication: Document, when: float) -> None:
    """End the phase as decided. Without a decision, validation checks the content, and other phases pass."""
    facts, phase = publication.body, publication.stage
    outcome = facts["outcome"]
    if phase == "validating":
        if outcome != "pass" and not facts["items"]:
            facts["items"] = _find_problems(store, publication, when)
        outcome = outcome or ("fail" if facts["items"] else "pass")
        if outcome == "fail" and not facts["items"]:
            facts["items"] = [completeness.REFUSED]
    after = {
        "validating": ("creating", "failed"),
        "creating": ("previewed",),
        "certifying": ("live", "rejected"),
    }
    facts["outcome"] = ""
    _enter(store, publication, after[phase][outcome == "fail"], when)


def _find_problems(store: Store, publication: Document, when: float) -> list[dict[str, str]]:
    product = _product(store, product_of(publication))
    content, published = publication.body["content"], base(store, product.id)
    return list(completeness.problems(store, product, content, published, when))


def _enter(store: Store, publication: Document, phase: str, when: float) -> None:
    """Enter a phase at a time, and update all that depends on it."""
    if phase == "live":
        for before in store.select("publication", **within_product(product_of(publication)), stage="live"):
            _enter(store, before, "replaced", when)
    publication.stage = phase
    publication.body["history"].append([phase, when])
    store.save(publication)
    submission = _submission(store, publication)
    body = submission.body
    is_dynamics = is_of_dynamics(store, product_of(publication))
    body["state"], body["substate"] = (DYNAMICS_WIRE if is_dynamics else {}).get(phase, WIRE[phase])
    if phase == "validating" or not is_dynamics:
        body["pendingUpdateInfo"] = PENDING.get(phase, body["pendingUpdateInfo"])
        # Submissions of Dynamics 365 offers have the target Preview even when they are live (reported).
        body["targets"] = [{"type": "Scope", "value": "Live"}] if phase == "certifying" else body["targets"]
    if phase == "lost":
        path = f"v1.0/ingestion/products/{product_of(publication)}/submissions/{publication.id}/validations"
        body["pendingUpdateInfo"] = {**PENDING[phase], "href": path}
    if phase == "previewed":
        body["areResourcesReady"] = True
    if phase == "live":
        body["publishedTimeInUtc"] = f"{workflow.time(when)}Z"
    store.save(submission)
    if phase in ("previewed", "live"):
        _update_stages(store, product_of(publication))


def _update_stages(store: Store, product: str) -> None:
    """Set the stage of frozen documents: `published` while in preview or live, `superseded` after that."""
    shown = _content(store, product, {"live"})
    for before, belongs, after in (("submitted", True, "published"), ("published", False, "superseded")):
        for document in store.select(**within_product(product), stage=before):
            if (instance_of(document) in shown) is belongs:
                store.save(replace(document, stage=after))


def _content(store: Store, product: str, phases: Collection[str]) -> set[str]:
    """Return the instances in submissions in these phases, and those on which partial ones build."""
    publications = store.select("publication", **within_product(product))
    contents = [publication.body["content"] for publication in publications if publication.stage in phases]
    return {
        instance
        for content in (base(store, product), *contents)
        for modules in content.values()
        for instance in modules.values()
    }


def _has_entered(publication: Document, phase: str) -> bool:
    return any(entered == phase for entered, _ in publication.body["history"])


def _publication(store: Store, id: str) -> Document:
    publication = store.find("publication", id)
    assert publication is not None, "a submission is stored with its publication, in one transaction"
    return publication


def _submission(store: Store, publication: Document) -> Document:
    submission = store.find("submission", publication.id)
    assert submission is not None, "as above"
    return submission
