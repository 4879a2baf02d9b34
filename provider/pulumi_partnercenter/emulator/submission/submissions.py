"""Operations of submissions. Texts of refusals are inferred."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..service import Answer, Call, Operation
from ..state import Document
from . import automaton, errors, workflow
from .automaton import Content
from .control import REPORTS
from .entities import require_type
from .products import MODULES, require_product
from .schemas import SUBMISSION_REQUEST
from .scopes import instance_of, product_of, within_product, within_variant

__all__ = ["OPERATIONS"]

BY_STATE = re.compile(r"state eq '(\w+)'", re.IGNORECASE)


def list_submissions(call: Call) -> Answer:
    """Return the submissions, oldest first. The syntax of `$filter` is inferred: only `state eq '…'` works."""
    product = require_product(call)
    rows = call.store.select("submission", **within_product(product.id))
    submissions = [row for row in rows if not _is_hidden(call, row) and not automaton.is_lost(row)]
    if expression := " ".join(call.query.get("$filter", "").split()):
        by_state = BY_STATE.fullmatch(expression)
        if by_state is None:
            raise errors.not_emulated(f"$filter={expression}")
        state = by_state[1].lower()
        submissions = [row for row in submissions if row.body["state"].lower() == state]
    return Answer(200, {"value": [_expand(call, submission.body) for submission in submissions]})


def get_submission(call: Call) -> Answer:
    return Answer(200, _expand(call, _require_submission(call).body))


def _expand(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    names = {name.strip().lower() for name in call.query.get("$expand", "").split(",") if name.strip()}
    if unknown := names - {"publishoption"}:
        raise errors.not_emulated(f"$expand={','.join(sorted(unknown))}")
    return {name: value for name, value in body.items() if names or name != "publishOption"}


def create_submission(call: Call) -> Answer:
    """Freeze and rotate drafts, and begin automated validation: 201; 409 while another submission is in progress."""
    product = require_product(call)
    body = call.bind(SUBMISSION_REQUEST)
    require_type(body, "SubmissionCreationRequest")
    targets = [
        (target.get("type", "").lower(), target.get("value", "").lower())
        for target in body.get("targets", [])
    ]
    if targets != [("scope", "preview")]:
        raise errors.invalid({"Targets": "A submission starts with the one target Scope, preview."})
    if automaton.is_busy(call.store, product.id):
        raise errors.conflict("A submission of this product is in progress.")
    sent: Content = {"": _instances(call, product, "", body.get("resources", []))}
    for entry in body.get("variantResources", []):
        variant = _require_active(call, product, entry.get("variantID", ""))
        if variant in sent:
            raise errors.bad_request(f"Variant {variant} occurs twice.")
        sent[variant] = _instances(call, product, variant, entry.get("resources", []))
    if not any(sent.values()):
        raise errors.invalid({"Resources": "Missing required field Resources."})
    taken = {variant: modules for variant, modules in sent.items() if modules}
    submission = automaton.accept(call.store, call.pace, product.id, body, taken)
    location = f"/products/{product.id}/submissions/{submission.id}"
    if automaton.is_of_dynamics(call.store, product.id):
        return Answer(201, _accepted(submission.body, body), location=location)
    return Answer(201, _expand(call, submission.body), location=location)


def _accepted(submission: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first answer of a Dynamics 365 offer's submission, before it is submitted (reported)."""
    return {
        **submission,
        "substate": "InDraft",
        "resources": request.get("resources", []),
        "pendingUpdateInfo": {"updateType": "Create", "status": "Running"},
    }


def _is_hidden(call: Call, submission: Document) -> bool:
    """Return whether a submission was cancelled and is gone.

    Clients of Business Central never find one in the list; that its id is unknown then is inferred.
    """
    is_cancelled = submission.body["state"] == "Cancelled"
    return is_cancelled and automaton.is_of_dynamics(call.store, product_of(submission))


def _require_active(call: Call, product: Document, id: str) -> str:
    """Return the id of a plan that may be submitted; 400 otherwise (inferred)."""
    variant = call.store.find("variant", id)
    if variant is None or product_of(variant) != product.id:
        raise errors.bad_request(f"Variant {id} was not found.")
    if variant.body.get("state") != "Active":
        raise errors.bad_request(f"Variant {variant.id} is not active.")
    return variant.id


def _instances(
    call: Call, product: Document, variant: str, resources: Sequence[Mapping[str, str]]
) -> dict[str, str]:
    """Return instance ids by module; 400 unless each is the current draft of its module and plan (inferred)."""
    branches = call.store.visible("branch", **within_variant(product.id, variant))
    drafts = {branch.natural_key: instance_of(branch) for branch in branches}
    names = {module.lower(): module for module in MODULES}
    instances: dict[str, str] = {}
    for resource in resources:
        named, value = resource.get("type", ""), resource.get("value", "")
        module = names.get(named.lower(), "")
        draft = drafts.get(module)
        is_literal = module == "ResellerConfiguration" and _is_reseller(product, value)
        if draft is None or not (is_literal or value.lower() == draft):
            raise errors.bad_request(f"Instance {value} is not the current draft of module {named}.")
        if module in instances:
            raise errors.bad_request(f"Module {module} occurs twice.")
        instances[module] = draft
    return instances


def _is_reseller(product: Document, value: str) -> bool:
    """Return whether a value is the fixed name of the reseller module's draft."""
    return value.lower() == f"{product.id}-ResellerInstance".lower()


def cancel_submission(call: Call) -> Answer:
    """Cancel a submission before its preview: 204. Drafts do not change."""
    automaton.cancel(call.store, _require_submission(call).id)
    return Answer(204)


def promote_submission(call: Call) -> Answer:
    """Promote a preview: 200, with certification in progress."""
    submission = _require_submission(call)
    if call.strict and call.body:
        raise errors.not_emulated("a body of promote")
    automaton.promote(call.store, submission.id)
    return Answer(200, workflow.details(_publication(call, submission))[-1])


def list_workflow_details(call: Call) -> Answer:
    publication = _publication(call, _require_submission(call))
    return Answer(200, {"value": workflow.details(publication)})


def list_validations(call: Call) -> Answer:
    """Return the findings of automated validation or certification; empty until one of them has ended."""
    facts = _publication(call, _require_submission(call)).body
    is_decided = facts["outcome"] != ""
    return Answer(200, {"value": [] if is_decided else facts["items"]})


def list_reports(call: Call) -> Answer:
    """Return a report after a failed certification; `fileUri` needs no token."""
    publication = _publication(call, _require_submission(call))
    if publication.stage != "rejected":
        return Answer(200, {"value": []})
    report = {
        "reportTimeInUtc": workflow.time(publication.body["history"][-1][1]) + "Z",
        "status": "Failed",
        "fileUri": f"{call.origin}{REPORTS}/{publication.id}",
    }
    return Answer(200, {"value": [report]})


def _require_submission(call: Call) -> Document:
    """Return the submission that the path names; 404 if there is none."""
    product = require_product(call)
    submission = call.store.find("submission", call.path["submission"])
    if submission is None or product_of(submission) != product.id or _is_hidden(call, submission):
        raise errors.not_found(f"Submission {call.path['submission']}")
    return submission


def _publication(call: Call, submission: Document) -> Document:
    publication = call.store.find("publication", submission.id)
    assert publication is not None, "a submission is stored with its publication, in one transaction"
    return publication


SUBMISSIONS = "/products/{product}/submissions"
SUBMISSION = f"{SUBMISSIONS}/{{submission}}"
EXPAND = ("$expand",)
OPERATIONS = (
    Operation("documented", "GET", SUBMISSIONS, list_submissions, ("$filter", "$expand")),
    Operation("documented", "POST", SUBMISSIONS, create_submission),
    Operation("documented", "GET", SUBMISSION, get_submission, EXPAND),
    Operation("documented", "DELETE", SUBMISSION, cancel_submission),
    Operation("documented", "POST", f"{SUBMISSION}/promote", promote_submission),
    Operation("documented", "GET", f"{SUBMISSION}/reports", list_reports),
    Operation("documented", "GET", f"{SUBMISSION}/validations", list_validations),
    Operation("documented", "GET", f"{SUBMISSION}/workflowdetails", list_workflow_details),
)
