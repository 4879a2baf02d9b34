"""What operators do: activate, change plan or seats, cancel, replay, resend. A page says before what will happen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ...errors import PartnerCenterError
from ...fulfillment import AvailablePlan
from .. import activation, changes, jobs, tables
from ..endpoints import get_form
from ..languages import choose_language, translatable, translate
from ..service import Service
from ..subscriptions import add_history
from ..tables import Job, UsageRecord
from ..usage_resending import Resent, choose_way, resend
from .access import Publisher, View
from .lists import ROOT
from .views import can_activate, can_cancel, can_change, find_subscription, read_number, render

__all__ = ["ACTIONS", "replay_job", "resend_usage"]

QUANTITY = re.compile(r"[1-9]\d{0,8}", re.ASCII)
IMPOSSIBLE = translatable("The subscription is not in a state in which this can be done.")
OUTDATED = translatable("The subscription has changed in the meantime: look at it again.")
NO_PLAN = translatable("Choose one of the plans.")
NO_QUANTITY = translatable("Enter a whole number of seats that the plan allows, other than the current one.")
UNSENDABLE = translatable("This hour is charged, or is being sent.")
OUTDATED_HOUR = translatable("The hour has become older in the meantime: look at it again.")
CHARGED = translatable(
    "The marketplace has more usage of this day than is accounted for here: this hour may be charged already."
)
UNCONFIRMED = translatable("Confirm that the customer's subscription shall end.")


def activate(service: Service, request: Request, publisher: Publisher) -> Response:
    """Set up and activate a subscription that its customer did not confirm, or whose activation failed."""
    row = find_subscription(service, request)
    problem = "" if can_activate(row) else IMPOSSIBLE
    if request.method == "POST" and not problem:
        is_started = activation.request_activation(service, row.id, publisher.actor)
        return _return_to(row, "activate" if is_started else "unchanged")
    return _ask(service, request, publisher, row, "activate", problem)


def change_plan(service: Service, request: Request, publisher: Publisher) -> Response:
    """Let the operator choose a plan, then confirm it; the marketplace hears of it through a job."""
    row = find_subscription(service, request)
    problem, plans = "" if can_change(row) else IMPOSSIBLE, list[AvailablePlan]()
    if not problem:
        plans, problem = _list_plans(service, row)
    chosen = _read(request, "plan_id")
    plan = next((plan for plan in plans if plan.plan_id == chosen and chosen != row.plan_id), None)
    if not problem and chosen and (plan is None or plan.is_stop_sell):
        problem, plan = NO_PLAN, None
    if request.method == "POST" and not problem:
        if plan is None:
            problem = NO_PLAN
        elif _read(request, "former") != row.plan_id:
            problem = OUTDATED
        else:
            is_begun = changes.request_change(service, row.id, publisher.actor, plan_id=plan.plan_id)
            return _return_to(row, "plan" if is_begun else "busy")
    return _ask(service, request, publisher, row, "plan", problem, plans=plans, plan=plan)


def change_quantity(service: Service, request: Request, publisher: Publisher) -> Response:
    """Let the operator enter seats, then confirm them; the marketplace hears of it through a job."""
    row = find_subscription(service, request)
    problem, plans = "" if can_change(row) and row.quantity is not None else IMPOSSIBLE, list[AvailablePlan]()
    if not problem:
        plans, problem = _list_plans(service, row)
    plan = next((plan for plan in plans if plan.plan_id == row.plan_id), None)
    text = _read(request, "quantity")
    quantity = int(text) if QUANTITY.fullmatch(text) else None
    if not problem and text and not _is_allowed(quantity, row, plan):
        problem, quantity = NO_QUANTITY, None
    if request.method == "POST" and not problem:
        if quantity is None:
            problem = NO_QUANTITY
        elif _read(request, "former") != str(row.quantity):
            problem = OUTDATED
        else:
            is_begun = changes.request_change(service, row.id, publisher.actor, quantity=quantity)
            return _return_to(row, "quantity" if is_begun else "busy")
    return _ask(
        service, request, publisher, row, "quantity", problem, plan=plan, quantity=quantity, text=text
    )


def cancel(service: Service, request: Request, publisher: Publisher) -> Response:
    """End a subscription for good, once the operator confirmed it."""
    row = find_subscription(service, request)
    problem = "" if can_cancel(row) else IMPOSSIBLE
    if request.method == "POST" and not problem:
        if _read(request, "confirmed") == "yes":
            is_begun = changes.request_change(service, row.id, publisher.actor, cancel=True)
            return _return_to(row, "cancel" if is_begun else "busy")
        problem = UNCONFIRMED
    return _ask(service, request, publisher, row, "cancel", problem)


def replay_job(service: Service, request: Request, publisher: Publisher) -> Response:
    """Let a dead job run again, and write it into the history."""
    number, now = read_number(request), service.now()
    with service.database.transaction() as session:
        is_waiting = jobs.replay(session, number, now=now)
        row = session.get(Job, number)
        if row is None:
            raise HTTPException(404)
        if is_waiting:
            details = {"job": number, "kind": row.kind}
            add_history(
                session, row.subscription_id, publisher.actor, "job replayed", now=now, details=details
            )
    return RedirectResponse(f"{ROOT}/jobs/{number}?done={'replay' if is_waiting else 'unchanged'}", 303)


def resend_usage(service: Service, request: Request, publisher: Publisher) -> Response:
    """Send an hour again that was refused, or let its reports be charged in a later one, once it is too old."""
    with service.database.reading() as session:
        row = session.get(UsageRecord, read_number(request))
    if row is None:
        raise HTTPException(404)
    way, address = choose_way(row, service.now()), f"{ROOT}/usage/{row.id}"
    problem = "" if way else UNSENDABLE
    if request.method == "POST" and way:
        if _read(request, "way") != way:
            problem = OUTDATED_HOUR
        else:
            try:
                outcome = resend(service, row.id, way, publisher.actor)
            except PartnerCenterError as error:
                problem = str(error)
            else:
                if outcome is not Resent.CHARGED:
                    done = way if outcome is Resent.DONE else "unchanged"
                    return RedirectResponse(f"{address}?done={done}", 303)
                problem = CHARGED
    return render(
        service,
        request,
        publisher,
        "resend.html",
        409 if problem else 200,
        section="usage",
        row=row,
        way=way,
        back=address,
        problem=translate(choose_language(request), problem),
    )


ACTIONS: Mapping[str, View] = {
    "activate": activate,
    "plan": change_plan,
    "quantity": change_quantity,
    "cancel": cancel,
}
"""By the last part of the address."""


def _list_plans(service: Service, row: tables.Subscription) -> tuple[list[AvailablePlan], str]:
    """Return the plans that the marketplace offers, or why they cannot be read."""
    try:
        return [*changes.list_plans(service, row.id)], ""
    except PartnerCenterError as error:
        return [], str(error)


def _is_allowed(quantity: int | None, row: tables.Subscription, plan: AvailablePlan | None) -> bool:
    if quantity is None or quantity == row.quantity:
        return False
    least, most = (plan.min_quantity, plan.max_quantity) if plan else (None, None)
    return (least or 1) <= quantity <= (most or quantity)


def _read(request: Request, name: str) -> str:
    """Return a field of the form, or of the address before the form was sent."""
    value = (get_form(request) if request.method == "POST" else request.query_params).get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _ask(
    service: Service,
    request: Request,
    publisher: Publisher,
    row: tables.Subscription,
    action: str,
    problem: str,
    **values: Any,
) -> Response:
    return render(
        service,
        request,
        publisher,
        f"{action}.html",
        409 if problem else 200,
        section="subscriptions",
        row=row,
        is_possible=problem != IMPOSSIBLE,
        problem=translate(choose_language(request), problem),
        **values,
    )


def _return_to(row: tables.Subscription, done: str) -> Response:
    return RedirectResponse(f"{ROOT}/subscriptions/{row.id}?done={done}", 303)
