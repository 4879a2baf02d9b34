"""The fulfillment service: what the publisher calls."""

from __future__ import annotations

import base64
import functools
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from ..applications import CLIENT, TENANT, Caller
from ..binding import Scalar, Schema
from ..errors import PlainText, Refusal
from ..service import Answer, Call, Evidence, Operation
from ..state import Document
from . import behaviour, catalog, customer, errors, events, odd_members, operations, subscriptions
from .offers import MOST_SEATS, Plan
from .operations import FAILED, PARTNER, SUCCEEDED
from .subscriptions import ACTIVE, CANCELLED, PENDING, SUSPENDED

__all__ = ["API_VERSION", "OPERATIONS", "require_known_application", "versioned"]

API_VERSION = "2018-08-31"
BASE = "/api/saas"
CHANGE: Mapping[str, Schema] = {"planId": Scalar.STRING, "quantity": Scalar.INTEGER}
UPDATE: Mapping[str, Schema] = {**CHANGE, "status": Scalar.STRING}
NOTIFICATIONS = ("Renew", "Suspend", "Unsubscribe", "Subscribe")
OWN_OPERATION = "Emulated behaviour: an operation whose source is 'Partner' is answered with 500."


def versioned(
    evidence: Evidence, method: str, path: str, work: Callable[[Call], Answer], query: tuple[str, ...] = ()
) -> Operation:
    """An operation that requires `api-version`."""

    @functools.wraps(work)
    def require_version(call: Call) -> Answer:
        version = call.query.get("api-version", "")
        if not version:
            raise errors.unspecified_version()
        if version != API_VERSION:
            raise errors.unsupported_version(call.origin, version)
        return work(call)

    return Operation(evidence, method, path, require_version, ("api-version", *query))


def require_known_application(call: Call) -> None:
    """403 for an application that no technical configuration names; the first application may always ask."""
    if call.caller == Caller(TENANT, CLIENT):
        return
    if all(offer.owner != call.caller for offer in catalog.list_offers(call.store)):
        raise errors.forbidden()


def resolve(call: Call) -> Answer:
    """Exchange a purchase token for the subscription; in every state, as often as asked."""
    token = call.headers.get("x-ms-marketplace-token", "")
    if not token:
        raise errors.token_missing()
    purchased = customer.find_by_token(call.store, token)
    if purchased is None:
        raise errors.invalid_value("The token is malformed, unknown or has expired", "token")
    subscription = _require_own(call, purchased.id)
    wire = subscriptions.describe(call.store, subscription, without=("created",))
    if wire["saasSubscriptionStatus"] == PENDING:
        wire["lastModified"] = subscriptions.NEVER
    answer = {
        "id": wire["id"],
        "subscriptionName": wire["name"],
        "offerId": wire["offerId"],
        "planId": wire["planId"],
        **({"quantity": wire["quantity"]} if "quantity" in wire else {}),
        "subscription": wire,
    }
    return Answer(200, odd_members.disguise(call.store, answer))


def activate(call: Call) -> Answer:
    """Begin the billing of a purchase; without body."""
    subscription = _find_own(call)
    if subscription is None or subscription.stage == CANCELLED:
        if _is_so(call, "empty_answers", "text"):
            raise Refusal(404, PlainText("Not Found"))
        raise _unknown_subscription(call)
    body = call.bind(CHANGE) if call.body is not None else {}
    if not body.get("planId"):
        raise errors.bad_activation("The plan id is required", "plan id")
    if body["planId"] != subscription.body["planId"] and _is_so(call, "activate_another_plan", "refused"):
        raise errors.bad_activation("The plan id should match the purchased plan id", "plan id")
    has_other_seats = "quantity" in body and body["quantity"] != subscription.body.get("quantity")
    if has_other_seats and _is_so(call, "activate_wrong_quantity", "refused"):
        raise errors.bad_request("The provided quantity does not match the recorded one", "quantity")
    row = {ACTIVE: "activate_subscribed", SUSPENDED: "activate_suspended"}.get(subscription.stage)
    if row and _is_so(call, row, "refused"):
        raise errors.bad_request(f"The subscription is {subscription.stage}", "activate")
    if subscription.stage != ACTIVE:
        operations.revoke(call.store, subscription.id, call.store.clock())
        subscriptions.enter(call.store, subscription, ACTIVE, call.store.clock())
    return _without_content(call, 200)


def list_subscriptions(call: Call) -> Answer:
    """One page of the subscriptions of all offers that the caller's application serves, in all states."""
    require_known_application(call)
    owned = subscriptions.list_owned(call.store, call.caller)
    if not owned and _is_so(call, "empty_list", "empty"):
        return Answer(200)
    settings = behaviour.read(call.store)
    size = settings.page_size if _is_so(call, "list_paging", "paged") else len(owned)
    begin = _parse_position(call, [subscription.id for subscription in owned])
    page = [settled for document in owned[begin : begin + size] if (settled := _settle(call, document.id))]
    items = [subscriptions.describe(call.store, document) for document in page]
    for item in items:
        item.pop("lastModified")
    answer: dict[str, Any] = {"subscriptions": items}
    if begin + size < len(owned):
        answer["@nextLink"] = _next_link(call, page[-1].id)
    return Answer(200, odd_members.disguise(call.store, answer))


def _parse_position(call: Call, ids: list[str]) -> int:
    """Return where the page begins: after the subscription that the continuation token names."""
    text = call.query.get("continuationToken", "")
    if not text:
        return 0
    try:
        ((_, token),) = json.loads(text)[0].items()
        last = base64.b64decode(token.removeprefix("+RID:"), validate=True).decode()
        return ids.index(last) + 1
    except (ValueError, LookupError, TypeError, AttributeError):
        raise errors.bad_request("The continuation token is invalid", "continuationToken") from None


def _next_link(call: Call, last: str) -> str:
    token = base64.b64encode(last.encode()).decode()
    blob = json.dumps([{"token": f"+RID:{token}"}], separators=(",", ":"))
    query = f"continuationToken={quote(blob, safe='')}&api-version={API_VERSION}"
    return f"{call.origin}{BASE}/subscriptions/?{query}"


def get_subscription(call: Call) -> Answer:
    subscription = _require_own(call)
    return Answer(200, odd_members.disguise(call.store, subscriptions.describe(call.store, subscription)))


def list_available_plans(call: Call) -> Answer:
    """The plans that the customer may change to, the present one included."""
    subscription = _find_own(call)
    if subscription is None:
        return Answer(200, [] if _is_so(call, "plans_of_unknown", "array") else None)
    plans = [plan.describe() for plan in _plans_for(call, subscription)]
    if plan_id := call.query.get("planId"):
        plans = [plan for plan in plans if plan["planId"] == plan_id]
    return Answer(200, {"plans": plans})


def change_subscription(call: Call) -> Answer:
    """Ask for another plan or quantity as the publisher."""
    subscription = _require_own(call)
    body = call.bind(CHANGE)
    if "planId" in body and "quantity" in body:
        raise errors.bad_request("Cannot patch more than one field in the same request", code="")
    if not body.get("planId") and not body.get("quantity"):
        raise errors.empty_change()
    if subscription.stage != ACTIVE:
        raise errors.bad_request("Subscription is not active", "update")
    _require_permission(call, subscription, "Update")
    if operations.find_pending(call.store, subscription.id):
        raise errors.locked()
    if "planId" in body:
        plan = _require_other_plan(call, subscription, body["planId"])
        operation = _begin(call, subscription, "ChangePlan", plan_id=plan.plan_id)
    else:
        _require_other_quantity(call, subscription, body["quantity"])
        operation = _begin(call, subscription, "ChangeQuantity", quantity=body["quantity"])
    return _accepted(call, operation)


def _require_other_plan(call: Call, subscription: Document, plan_id: str) -> Plan:
    body = subscription.body
    if plan_id == body["planId"]:
        raise errors.bad_request(
            f"SaaS subscription {body['name']} is already subscribed to plan {plan_id}. Changing plans only"
            " supported between two different plans",
            code="",
        )
    plan = next((plan for plan in _plans_for(call, subscription) if plan.plan_id == plan_id), None)
    if plan is None:
        raise errors.bad_request("Request Plan is NOT in Catalog.", "update")
    if "quantity" in body:
        _check_seats(call, plan, body["quantity"])
    return plan


def _require_other_quantity(call: Call, subscription: Document, quantity: int) -> None:
    if quantity == subscription.body.get("quantity"):
        raise errors.bad_request("New quantity is the same as on the subscription", code="")
    if "quantity" not in subscription.body:
        raise errors.bad_request("The plan has a flat rate", "quantity")
    plan_id = subscription.body["planId"]
    for plan in _plans_for(call, subscription):
        if plan.plan_id == plan_id:
            _check_seats(call, plan, quantity)


def _check_seats(call: Call, plan: Plan, quantity: int) -> None:
    if _is_so(call, "seat_limits", "ignored"):
        return
    if quantity > MOST_SEATS:
        raise errors.bad_request(f"The limit of {MOST_SEATS} seats is exceeded", code="")
    if not plan.min_quantity <= quantity <= plan.max_quantity:
        raise errors.bad_request(
            f"The quantity must be from {plan.min_quantity} to {plan.max_quantity}", "quantity"
        )


def cancel_subscription(call: Call) -> Answer:
    """Cancel a subscription as the publisher."""
    subscription = _require_own(call)
    if subscription.stage == CANCELLED and _is_so(call, "cancel_again", "200"):
        return Answer(200)
    _require_permission(call, subscription, "Delete")
    pending = operations.find_pending(call.store, subscription.id)
    if pending is not None and pending.body["action"] == "Unsubscribe":
        return _accepted(call, pending)
    now = call.store.clock()
    stays = subscription.stage == PENDING and _is_so(call, "cancel_pending", "stays")
    if stays or subscription.stage == CANCELLED:
        return _accepted(call, operations.record(call.store, subscription, "Unsubscribe", PARTNER, now))
    operations.revoke(call.store, subscription.id, now)
    return _accepted(call, _begin(call, subscription, "Unsubscribe"))


def list_operations(call: Call) -> Answer:
    """The operations in progress."""
    subscription = _find_own(call)
    if subscription is None and _is_so(call, "operations_of_unknown", "404"):
        raise _unknown_subscription(call)
    listed = [] if subscription is None else operations.list_of(call.store, subscription.id)
    items = [
        operations.describe(call.store, operation)
        for operation in listed
        if operation.stage == "InProgress" and operations.is_visible(call.store, operation)
    ]
    is_array = _is_so(call, "operations_body", "array")
    return Answer(200, odd_members.disguise(call.store, items if is_array else {"operations": items}))


def get_operation(call: Call) -> Answer:
    operation = _require_operation(call, "get_unknown_operation")
    if operation.body["source"] == PARTNER and not operations.is_visible(call.store, operation):
        raise _unknown_operation(call, "get_unknown_operation")
    return Answer(200, odd_members.disguise(call.store, operations.describe(call.store, operation)))


def update_operation(call: Call) -> Answer:
    """The publisher's decision: `Success` or `Failure`."""
    operation = _require_operation(call, "update_unknown_operation")
    status = call.bind(UPDATE).get("status")
    is_other = status not in ("Success", "Failure")
    if is_other and (not status or _is_so(call, "update_any_status", "refused")):
        raise errors.invalid_value("Expected Success or Failure", "status")
    if operation.body["source"] == PARTNER and not _is_so(call, "update_partner_operation", "accepted"):
        text = OWN_OPERATION if _is_so(call, "update_partner_operation", "500 text") else ""
        raise errors.internal_error(text)
    if operation.body["action"] in NOTIFICATIONS and _is_so(call, "update_notification", "400"):
        raise errors.bad_request("The operation only notifies", "operation")
    if operation.stage != "InProgress":
        raise errors.already_decided(_request_id(call))
    if operation.body["source"] != PARTNER and not is_other:
        decision = SUCCEEDED if status == "Success" else FAILED
        operations.finish(call.store, operation, decision, call.store.clock())
    return _without_content(call, 200)


def _request_id(call: Call) -> str:
    """The id of the request, which the answer repeats; Microsoft's emulator has none of its own here."""
    given = call.headers.get("x-ms-requestid", "")
    return given or ("" if _is_so(call, "update_decided", "409 given id") else str(uuid.uuid4()))


# --- Shared


def _is_so(call: Call, row: str, value: str) -> bool:
    return behaviour.is_so(call.store, row, value)


def _settle(call: Call, id: str) -> Document | None:
    return events.settle(call.store, id)


def _find_own(call: Call) -> Document | None:
    """Return the subscription of the path as it is now. Raises: Refusal if it is another publisher's."""
    return _find_own_by_id(call, call.path["subscription"])


def _find_own_by_id(call: Call, id: str) -> Document | None:
    subscription = _settle(call, id)
    if subscription is None or subscriptions.is_owned_by(call.store, subscription, call.caller):
        return subscription
    if _is_so(call, "foreign_subscription", "403"):
        raise errors.forbidden()
    return None


def _require_own(call: Call, id: str = "") -> Document:
    subscription = _find_own_by_id(call, id or call.path["subscription"])
    if subscription is None:
        raise _unknown_subscription(call)
    return subscription


def _unknown_subscription(call: Call, status: int = 404) -> Refusal:
    id = call.path.get("subscription", "")
    return errors.not_found(f"Subscription {id} not found", "subscriptionId", status)


def _unknown_operation(call: Call, row: str) -> Refusal:
    status = 404 if _is_so(call, row, "404") else 400
    return errors.not_found(f"Operation {call.path['operation']} not found", "operationId", status)


def _require_operation(call: Call, row: str) -> Document:
    subscription = _find_own(call)
    if subscription is None:
        raise _unknown_subscription(call, 404 if _is_so(call, row, "404") else 400)
    operation = call.store.find(operations.KIND, call.path["operation"])
    if operation is None or operation.scope != subscription.id:
        raise _unknown_operation(call, row)
    return operation


def _plans_for(call: Call, subscription: Document) -> list[Plan]:
    """The plans of the offer that the customer sees."""
    offer = catalog.find_offer(call.store, subscription.body["offerId"])
    tenant, current = subscription.body["beneficiary"]["tenantId"], subscription.body["planId"]
    plans = offer.plans if offer else []
    return [plan for plan in plans if plan.is_for(tenant) or plan.plan_id == current]


def _require_permission(call: Call, subscription: Document, permission: str) -> None:
    lacks = permission not in subscription.body["allowedCustomerOperations"]
    if lacks and _is_so(call, "csp_enforced", "refused"):
        raise errors.bad_request(f"{permission} is not an allowed operation of this subscription", "update")


def _begin(call: Call, subscription: Document, action: str, **target: Any) -> Document:
    return operations.begin(call.store, subscription, action, PARTNER, call.store.clock(), **target)


def _accepted(call: Call, operation: Document) -> Answer:
    address = f"{call.origin}{BASE}/subscriptions/{operation.scope}/operations/{operation.id}"
    headers = {"Operation-Location": f"{address}?api-version={API_VERSION}", "Operation-Id": operation.id}
    return Answer(202, _text(call, "Accepted"), headers=headers)


def _without_content(call: Call, status: int) -> Answer:
    return Answer(status, _text(call, "OK"))


def _text(call: Call, text: str) -> PlainText | None:
    return PlainText(text) if _is_so(call, "empty_answers", "text") else None


S = "/subscriptions/{subscription}"
OPERATIONS = (
    versioned("recorded", "POST", "/subscriptions/resolve", resolve),
    versioned("recorded", "POST", f"{S}/activate", activate),
    versioned("recorded", "GET", "/subscriptions", list_subscriptions, ("continuationToken",)),
    versioned("recorded", "GET", S, get_subscription),
    versioned("recorded", "GET", f"{S}/listAvailablePlans", list_available_plans, ("planId",)),
    versioned("recorded", "PATCH", S, change_subscription),
    versioned("documented", "DELETE", S, cancel_subscription),
    versioned("recorded", "GET", f"{S}/operations", list_operations),
    versioned("recorded", "GET", f"{S}/operations/{{operation}}", get_operation),
    versioned("recorded", "PATCH", f"{S}/operations/{{operation}}", update_operation),
)
