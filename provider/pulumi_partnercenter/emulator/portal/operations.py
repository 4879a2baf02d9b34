"""Publication of offers over the emulator's clock: publish, go live, cancel. There is no background task.

An operation is `running`, then `completed`, `failed` or `canceled`. A running one is at a step; `settle_all` moves each
through the steps that ended since the last call. An offer has at most one running operation; its status follows it.

    publish: displaydummycertify → displaycertify → displayprovision → displaypackage → publisher-signoff
    go live: live
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..service import Pace
from ..state import Document, Store
from . import behaviour, decisions, offers, requirements
from .decisions import HOLDS, Decision
from .ticks import ticks_of, timestamp

__all__ = [
    "KIND",
    "STAGES",
    "cancel",
    "decide",
    "describe",
    "describe_status",
    "find",
    "find_latest",
    "find_named",
    "find_running",
    "go_live",
    "is_waiting",
    "path_of",
    "publish",
    "publish_at_once",
    "settle_all",
    "summarise_all",
]

KIND = "portaloperation"
RUNNING, COMPLETED, FAILED, CANCELED = "running", "completed", "failed", "canceled"
WAITING, SUCCEEDED = "waitingForPublisherReview", "succeeded"
CANCEL_SECONDS: Mapping[Pace, float] = {"instant": 0, "real": 120}
"""Duration of an asynchronous cancellation. Public clients report one to three minutes."""


@dataclass(frozen=True)
class Step:
    """A step of an operation. `stage` is its name in decisions, `seconds` its duration under `--pace real`."""

    id: str
    name: str
    description: str
    stage: str = ""
    seconds: float = 0
    time_frame: str = ""


CERTIFICATION, TEST_DRIVE, SIGN_OFF, LIVE = (
    "displaycertify",
    "displaytestdrive",
    "publisher-signoff",
    "live",
)
STEPS = {
    step.id: step
    for step in (
        Step(
            "displaydummycertify",
            "Validate Pre-Requisites",
            "Checks the settings of the offer.",
            "portal_validation",
            600,
            "< 15 min",
        ),
        # The id of this step is unknown.
        Step(
            TEST_DRIVE,
            "Test Drive Validation",
            "Checks the test drive of the offer.",
            "portal_test_drive",
            7200,
            "~2 hours",
        ),
        Step(
            CERTIFICATION,
            "Certification",
            "Certification systems analyse the offer.",
            "portal_certification",
            2 * 86400,
            "< 5 day",
        ),
        Step(
            "displayprovision",
            "Provisioning",
            "Images are copied to the regions.",
            "portal_provisioning",
            43200,
            "< 1 day",
        ),
        Step(
            "displaypackage",
            "Packaging and Lead Generation Registration",
            "The offer is packaged for the marketplace.",
            "portal_packaging",
            1800,
            "< 1 hour",
        ),
        Step(SIGN_OFF, "Publisher signoff", "The preview waits for the publisher."),
        Step(LIVE, "Live", "The offer is published.", "portal_live", 2 * 86400, "~2-5 days"),
    )
}
STAGES = tuple(step.stage for step in STEPS.values() if step.stage)


# --- Beginnings and ends


def publish(store: Store, pace: Pace, offer: Document, emails: str) -> Document:
    """Begin the publication of the present draft."""
    operation = _new_publication(store, pace, offer, emails)
    _begin_step(store, operation, operation.body["steps"][0], store.clock())
    return operation


def go_live(store: Store, pace: Pace, offer: Document, published: Document, emails: str) -> Document:
    """Begin to push the preview of a waiting publication to production."""
    operation = _new_go_live(store, pace, offer, published, emails)
    _begin_step(store, operation, LIVE, store.clock())
    return operation


def publish_at_once(store: Store, offer: Document, target: Literal["preview", "live"]) -> None:
    """Publish the present draft as people in the portal do, complete or not.

    The API has a preview of it only as long as that waits.
    """
    operation = _new_publication(store, "instant", offer, "")
    for step in operation.body["steps"]:
        _enter(store, operation, step, store.clock())
        if step == SIGN_OFF:
            break
    if target == "live":
        operation = _new_go_live(store, "instant", _offer_of(store, operation), operation, "")
        _enter(store, operation, LIVE, store.clock())
        _end(store, operation, COMPLETED, store.clock())
        store.delete(kind=offers.SLOT, id=f"{offer.id}/preview")


def _new_publication(store: Store, pace: Pace, offer: Document, emails: str) -> Document:
    operation = _new(store, pace, offer, "publish", emails)
    number = offer.body["version"] = operation.body["publishingVersion"]
    offers.save_copy(store, offer, offers.VERSION, str(number), offer)
    operation.body["steps"] = [id for id in STEPS if id != TEST_DRIVE or requirements.has_test_drive(offer)]
    _set_status(store, offer, RUNNING)
    return operation


def _new_go_live(store: Store, pace: Pace, offer: Document, published: Document, emails: str) -> Document:
    _end(store, published, COMPLETED, store.clock())
    operation = _new(store, pace, offer, "goLive", emails or published.body["emails"])
    operation.body |= {name: published.body[name] for name in ("steps", "offerVersion", "publishingVersion")}
    operation.natural_key = f"{operation.body['publishingVersion']}$production"
    _set_status(store, offer, RUNNING)
    return operation


def _new(store: Store, pace: Pace, offer: Document, kind: str, emails: str) -> Document:
    number = offer.body["version"]
    body: dict[str, Any] = {
        "id": store.ids.guid(),
        "submissionType": kind,
        "offerVersion": number,
        "publishingVersion": number + 1,
        "emails": emails,
        "pace": pace,
        "steps": [],
        "history": [],
        "outcome": "",
        "failure": "",
        "messages": {},
        "cancelAt": None,
        "ticks": 0,
    }
    return Document(KIND, body["id"], body, offer.scope, f"{number + 1}$preview", RUNNING)


def cancel(store: Store, pace: Pace, operation: Document, *, is_async: bool) -> None:
    """Cancel a running operation at once, or some time from now."""
    now = store.clock()
    if not is_async:
        _end(store, operation, CANCELED, now)
    elif operation.body["cancelAt"] is None:
        operation.body["cancelAt"] = now + CANCEL_SECONDS[pace]
        store.save(operation)


def decide(store: Store, decision: Decision) -> None:
    """Decide the operation at this stage at once; if there is none, the next one that comes to the stage."""
    settle_all(store)
    for operation in store.select(KIND, stage=RUNNING):
        step = STEPS[operation.body["history"][-1][0]]
        if step.stage == decision["stage"] and decision["offer"].lower() in ("", _name_of(operation).lower()):
            _apply(store, operation, decision)
            if decision["outcome"] not in HOLDS:
                _finish(store, operation, store.clock())
            return
    decisions.keep(store, decision)


def settle_all(store: Store) -> None:
    """Move every running operation through all steps that have ended by now."""
    for operation in store.select(KIND, stage=RUNNING):
        _run(store, operation)


def _run(store: Store, operation: Document) -> None:
    body = operation.body
    while operation.stage == RUNNING:
        if body["cancelAt"] is not None:
            if body["cancelAt"] <= store.clock():
                _end(store, operation, CANCELED, body["cancelAt"])
            return
        step, began = body["history"][-1]
        due = began + _duration(store, operation, STEPS[step])
        if step == SIGN_OFF or body["outcome"] in HOLDS or due > store.clock():
            return
        _finish(store, operation, due)


def _duration(store: Store, operation: Document, step: Step) -> float:
    chosen = behaviour.read(store).seconds_per_step
    if chosen is not None:
        return chosen
    return step.seconds if operation.body["pace"] == "real" else 0


def _finish(store: Store, operation: Document, when: float) -> None:
    """End the present step as decided. Without a decision, certification looks for images, and other steps pass."""
    body = operation.body
    step, outcome = body["history"][-1][0], body["outcome"]
    body["outcome"] = ""
    if step == CERTIFICATION and not outcome:
        messages = requirements.find_missing_images(_content_of(store, operation))
        _add_messages(operation, "error", messages, when)
        outcome = "fail" if messages else "pass"
    if outcome in ("fail", "reject"):
        if not body["messages"].get(step):
            _add_messages(operation, "error", [f"{STEPS[step].name} failed."], when)
        body["failure"] = "rejected" if outcome == "reject" else "blocked"
        _end(store, operation, FAILED, when)
        return
    _add_messages(operation, "information", ["Step completed."], when)
    if step == LIVE:
        _end(store, operation, COMPLETED, when)
    else:
        _begin_step(store, operation, _step_after(operation), when)


def _step_after(operation: Document) -> str:
    steps: list[str] = operation.body["steps"]
    return steps[steps.index(operation.body["history"][-1][0]) + 1]


def _enter(store: Store, operation: Document, step: str, when: float) -> None:
    operation.body["history"].append([step, when])
    _touch(operation, when)
    if step == SIGN_OFF:
        offer = _offer_of(store, operation)
        offers.save_copy(store, offer, offers.SLOT, "preview", _content_of(store, operation))
        _set_status(store, offer, WAITING)
    store.save(operation)


def _begin_step(store: Store, operation: Document, step: str, when: float) -> None:
    """Enter a step, and apply a decision about it if there is one."""
    _enter(store, operation, step, when)
    if decision := decisions.take(store, _name_of(operation), STEPS[step].stage):
        _apply(store, operation, decision)


def _apply(store: Store, operation: Document, decision: Decision) -> None:
    operation.body["outcome"] = decision["outcome"]
    _add_messages(operation, "error", decision["messages"], store.clock())
    store.save(operation)


def _add_messages(operation: Document, level: str, texts: list[str], when: float) -> None:
    messages = operation.body["messages"].setdefault(operation.body["history"][-1][0], [])
    messages += [
        {"messageHtml": text, "level": level, "timestamp": timestamp(ticks_of(when))} for text in texts
    ]


def _end(store: Store, operation: Document, state: str, when: float) -> None:
    operation.stage = state
    _touch(operation, when)
    store.save(operation)
    offer = _offer_of(store, operation)
    if state == COMPLETED and operation.body["submissionType"] == "goLive":
        content = _content_of(store, operation)
        offers.save_copy(store, offer, offers.SLOT, "production", content)
        offers.save_copy(store, offer, offers.VERSION, content.body["name"], content, stage="live")
    statuses = {COMPLETED: SUCCEEDED, FAILED: "failed", CANCELED: "canceled"}
    _set_status(store, offer, statuses[state])


def _touch(operation: Document, when: float) -> None:
    operation.body["ticks"] = max(ticks_of(when), operation.body["ticks"] + 1)


def _set_status(store: Store, offer: Document, status: str) -> None:
    offer.stage = status
    store.save(offer)


# --- Look-ups


def find(store: Store, offer: Document, id: str) -> Document | None:
    operation = store.find(KIND, id)
    return operation if operation is not None and operation.scope == offer.scope else None


def find_named(store: Store, offer: Document, number: str, slot: str) -> Document | None:
    """Return the operation of a publication's number, to the slot `preview` or `production`."""
    named = store.select(KIND, scope=offer.scope, natural_key=f"{number}${slot.lower()}")
    return named[0] if named else None


def find_latest(store: Store, offer: Document) -> Document | None:
    operations = store.select(KIND, scope=offer.scope)
    return operations[-1] if operations else None


def find_running(store: Store, offer: Document) -> Document | None:
    operations = store.select(KIND, scope=offer.scope, stage=RUNNING)
    return operations[0] if operations else None


def is_waiting(operation: Document) -> bool:
    """Whether the preview of a running publication waits for the publisher."""
    return bool(operation.body["history"][-1][0] == SIGN_OFF and operation.body["cancelAt"] is None)


def path_of(offer: Document, operation: Document) -> str:
    """Return the path of an operation, in the form for migrated offers or in that for others."""
    publisher, id = offer.body["publisherId"], offer.body["id"]
    if offer.body["isMigrated"]:
        return f"/api/publishers/{publisher}/offers/{id}/operations/{operation.id}"
    return f"/api/operations/{publisher}${id}${operation.natural_key}"


def _name_of(operation: Document) -> str:
    return operation.scope.removesuffix("/")


def _offer_of(store: Store, operation: Document) -> Document:
    offer = store.find(offers.KIND, _name_of(operation))
    assert offer is not None, "operations go with their offer"
    return offer


def _content_of(store: Store, operation: Document) -> Document:
    number = operation.body["publishingVersion"]
    content = offers.find_version(store, _offer_of(store, operation), number)
    assert content is not None, "a publication is stored with its content"
    return content


# --- Answers


def describe(store: Store, offer: Document, operation: Document) -> dict[str, Any]:
    """Return an operation with its steps."""
    state = operation.stage
    return {
        "status": "complete" if state == COMPLETED and offer.body["isMigrated"] else state,
        "messages": [],
        "publishingVersion": operation.body["publishingVersion"],
        "offerVersion": operation.body["offerVersion"],
        **({"cancellationRequestState": "canCancel"} if state == RUNNING else {}),
        "steps": _describe_steps(store, offer, operation),
        "previewLinks": [],
        "liveLinks": [],
        **_emails("notificationEmails", offer, operation),
    }


def describe_status(store: Store, offer: Document) -> dict[str, Any]:
    """Return the status of an offer, with the steps of its latest operation."""
    operation = find_latest(store, offer)
    return {
        "status": offer.stage,
        "messages": [],
        "steps": _describe_steps(store, offer, operation),
        "previewLinks": [],
        "liveLinks": [],
        **(_emails("notificationEmails", offer, operation) if operation else {}),
    }


def summarise_all(store: Store, offer: Document, state: str) -> list[dict[str, Any]]:
    """Return the operations of an offer in a state, "" for any, newest first."""
    return [
        {
            "id": operation.id,
            "offerId": offer.body["id"],
            "offerVersion": operation.body["offerVersion"],
            "offerTypeId": offer.body["offerTypeId"],
            "publisherId": offer.body["publisherId"],
            "submissionType": operation.body["submissionType"],
            "submissionState": operation.stage,
            "publishingVersion": operation.body["publishingVersion"],
            "slot": "staging" if operation.body["submissionType"] == "publish" else "production",
            "version": operation.body["ticks"],
            "definition": {"metadata": _emails("emails", offer, operation)},
            "changedTime": timestamp(operation.body["ticks"], digits=6),
        }
        for operation in reversed(store.select(KIND, scope=offer.scope))
        if not state or _canonical(state) == operation.stage
    ]


def _canonical(state: str) -> str:
    """Return a state in this emulator's spelling; sources spell states in several ways."""
    name = state.lower().replace(" ", "")
    return {"cancelled": CANCELED, "complete": COMPLETED, "succeeded": COMPLETED, "inprogress": RUNNING}.get(
        name, name
    )


def _emails(name: str, offer: Document, operation: Document) -> dict[str, str]:
    return {} if offer.body["isMigrated"] else {name: operation.body["emails"]}


def _describe_steps(store: Store, offer: Document, operation: Document | None) -> list[dict[str, Any]]:
    has_ids_as_names = behaviour.read(store).has_ids_as_step_names(offer)
    names = operation.body["steps"] if operation else [id for id in STEPS if id != TEST_DRIVE]
    return [_describe_step(STEPS[id], operation, has_id_as_name=has_ids_as_names) for id in names]


def _describe_step(step: Step, operation: Document | None, *, has_id_as_name: bool) -> dict[str, Any]:
    status = _status_of(step.id, operation)
    return {
        **({"estimatedTimeFrame": step.time_frame} if step.time_frame else {}),
        "id": step.id,
        "stepName": step.id if has_id_as_name else step.name,
        "description": step.description,
        "status": status,
        "messages": operation.body["messages"].get(step.id, []) if operation else [],
        "progressPercentage": 100 if status == "complete" else 0,
    }


def _status_of(step: str, operation: Document | None) -> str:
    if operation is None:
        return "notStarted"
    steps, present = operation.body["steps"], operation.body["history"][-1][0]
    position = steps.index(step) - steps.index(present)
    if position:
        return "complete" if position < 0 else "notStarted"
    if operation.stage == RUNNING:
        return WAITING if step == SIGN_OFF else HOLDS.get(operation.body["outcome"], "inProgress")
    ends: dict[str, str] = {COMPLETED: "complete", CANCELED: "canceled"}
    return ends.get(operation.stage) or str(operation.body["failure"])
