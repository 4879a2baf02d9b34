"""The customer's account: progress of the activation, what is subscribed, changes, suspension and end."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from ..errors import PartnerCenterError
from ..fulfillment import AvailablePlan, SubscriptionStatus
from . import changes, pages, sessions, subscriptions, tables
from .activation import request_activation
from .endpoints import add_route, get_form
from .languages import choose_language, translatable, translate
from .security import check_form
from .service import Service
from .sessions import User
from .tables import Access, LandingVisit

__all__ = ["describe_relation", "list_routes"]

logger = logging.getLogger(__name__)
Relation = Literal["owner", "colleague", "stranger"]
PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""Microsoft's tenant of all personal accounts: who share it are no colleagues."""
REFRESH_SECONDS = 3
MOST_SEATS = 10_000_000
"""Where a plan names no bound."""
NOTICES = {
    "requested": translatable("Your change was asked for. It can take a few minutes."),
    "busy": translatable("Another change is under way. Wait until it has ended."),
}


@dataclass(frozen=True)
class Opened:
    """A subscription, who opened it, and the id of the visit that led here; "" without one."""

    user: User
    row: tables.Subscription
    visit: str


def list_routes(service: Service) -> list[BaseRoute]:
    """Return the routes of the customer's account."""
    path = "/account/{subscription}"
    return [
        add_route(service, "/account", open_account, name="sign-in"),
        add_route(service, path, show_account, name="account"),
        add_route(service, f"{path}/retry", retry_activation, methods=("POST",), name="retry"),
        add_route(service, f"{path}/change", show_changes, name="changes"),
        add_route(service, f"{path}/change", change_subscription, methods=("POST",), name="change"),
        add_route(service, f"{path}/cancel", show_cancellation, name="cancellation"),
        add_route(service, f"{path}/cancel", cancel_subscription, methods=("POST",), name="cancel"),
    ]


def describe_relation(row: tables.Subscription, user: User) -> Relation:
    """Return what the signed-in person is to a subscription: buyer or user of it, of the same tenant, or neither."""
    people = [
        (row.beneficiary_tenant_id, row.beneficiary_object_id),
        (row.purchaser_tenant_id, row.purchaser_object_id),
    ]
    if (user.tenant_id, user.object_id) in people:
        return "owner"
    tenants = {tenant for tenant, _ in people} - {"", PERSONAL_TENANT}
    return "colleague" if user.tenant_id in tenants else "stranger"


def open_account(service: Service, request: Request) -> Response:
    """Sign the visitor in, and show the subscriptions of that account."""
    user = sessions.require_user(service, request, "customer")
    return user if isinstance(user, Response) else RedirectResponse("/", 303)


def show_account(service: Service, request: Request) -> Response:
    """Show the page for the state of a subscription."""
    opened = _open(service, request)
    if isinstance(opened, Response):
        return opened
    user, row = opened.user, opened.row
    is_busy = _is_changing(service, row.id)
    is_waiting = row.access == Access.PROVISIONING or is_busy
    notice = "" if is_busy else NOTICES.get(request.query_params.get("done", ""), "")
    return pages.render(
        service,
        request,
        f"account/{_choose_template(row)}.html",
        subscription=row,
        relation=describe_relation(row, user),
        user=user,
        product_url=service.settings.product_url,
        is_busy=is_busy,
        may_change="Update" in row.allowed_customer_operations,
        may_cancel="Delete" in row.allowed_customer_operations,
        visit=opened.visit,
        refresh_seconds=REFRESH_SECONDS if is_waiting else 0,
        notice=translate(choose_language(request), notice),
    )


def retry_activation(service: Service, request: Request) -> Response:
    """Begin the activation again after it failed."""
    opened = _open(service, request)
    if isinstance(opened, Response):
        return opened
    if opened.row.access == Access.FAILED:
        request_activation(service, opened.row.id, f"customer {opened.user.object_id}")
    return RedirectResponse(f"/account/{opened.row.id}", 303)


def show_changes(service: Service, request: Request) -> Response:
    """Show the plans and the seats that the subscription may have."""
    opened = _open_active(service, request, "Update")
    if isinstance(opened, Response):
        return opened
    try:
        plans = changes.list_plans(service, opened.row.id)
    except PartnerCenterError as error:
        return _report_outage(service, request, error)
    return _show_changes(service, request, opened.row, plans)


def change_subscription(service: Service, request: Request) -> Response:
    """Ask for another plan or another number of seats."""
    opened = _open_active(service, request, "Update")
    if isinstance(opened, Response):
        return opened
    user, row = opened.user, opened.row
    form, actor = get_form(request), f"customer {user.object_id}"
    plan_id, seats = str(form.get("plan_id", "")), str(form.get("quantity", "")).strip()
    try:
        plans = changes.list_plans(service, row.id)
    except PartnerCenterError as error:
        return _report_outage(service, request, error)
    current = next((plan for plan in plans if plan.plan_id == row.plan_id), None)
    quantity = _read_seats(row, current, seats)
    if plan_id and plan_id in [plan.plan_id for plan in _select_others(row, plans)]:
        is_begun = changes.request_change(service, row.id, actor, plan_id=plan_id)
    elif not plan_id and quantity is not None:
        is_begun = changes.request_change(service, row.id, actor, quantity=quantity)
    else:
        problem = translatable("Choose one of the plans, or a number of seats that the plan allows.")
        return _show_changes(service, request, row, plans, problem=problem)
    return RedirectResponse(f"/account/{row.id}?done={'requested' if is_begun else 'busy'}", 303)


def _report_outage(service: Service, request: Request, error: PartnerCenterError) -> Response:
    logger.warning("account: the marketplace does not answer: %s", type(error).__name__)
    return pages.render_error(service, request, 503)


def show_cancellation(service: Service, request: Request) -> Response:
    """Ask whether the customer is sure."""
    opened = _open_active(service, request, "Delete")
    if isinstance(opened, Response):
        return opened
    return pages.render(service, request, "account/cancel.html", subscription=opened.row)


def cancel_subscription(service: Service, request: Request) -> Response:
    """Cancel the subscription."""
    opened = _open_active(service, request, "Delete")
    if isinstance(opened, Response):
        return opened
    actor, row = f"customer {opened.user.object_id}", opened.row
    is_begun = changes.request_change(service, row.id, actor, cancel=True)
    return RedirectResponse(f"/account/{row.id}?done={'requested' if is_begun else 'busy'}", 303)


def _open(service: Service, request: Request) -> Opened | Response:
    """Return the subscription of the address if it is the user's; else the answer that says so.

    A form has to be one of ours. Raises: HTTPException, the same for a subscription of others and for none.
    """
    if request.method == "POST" and (refusal := check_form(service, request)):
        return refusal
    visitor = sessions.find(service, request, "customer")
    user = User.from_row(visitor) if visitor else None
    if visitor is None or user is None:
        return sessions.ask_to_sign_in(service, request, "customer")
    with service.database.reading() as session:
        row = subscriptions.find(session, request.path_params["subscription"])
        visit = _find_visit(session, visitor, row.id, service.now()) if row else ""
    if row is None or not (visit or describe_relation(row, user) == "owner"):
        raise HTTPException(404)
    return Opened(user, row, visit)


def _open_active(service: Service, request: Request, operation: str) -> Opened | Response:
    """Return the subscription if this customer may change it; else lead to the account, which says why not."""
    opened = _open(service, request)
    if isinstance(opened, Response):
        return opened
    row = opened.row
    is_active = row.access == Access.ACTIVE and row.status == SubscriptionStatus.SUBSCRIBED
    if not is_active or operation not in row.allowed_customer_operations:
        return RedirectResponse(f"/account/{row.id}", 303)
    return opened


def _find_visit(session: Session, visitor: tables.Session, subscription_id: str, now: datetime) -> str:
    """Return the id of a visit of this visitor that was resolved to the subscription; "" if there is none."""
    statement = (
        select(LandingVisit.id)
        .where(
            LandingVisit.session_hash == visitor.id_hash,
            LandingVisit.subscription_id == subscription_id,
            LandingVisit.expires_at > now,
        )
        .limit(1)
    )
    return session.scalar(statement) or ""


def _choose_template(row: tables.Subscription) -> str:
    if row.status == SubscriptionStatus.UNSUBSCRIBED or row.access == Access.REMOVED:
        return "cancelled"
    if row.status == SubscriptionStatus.SUSPENDED or row.access == Access.RESTRICTED:
        return "suspended"
    return {
        Access.PROVISIONING.value: "progress",
        Access.FAILED.value: "failed",
        Access.ACTIVE.value: "manage",
    }.get(row.access, "pending")


def _is_changing(service: Service, subscription_id: str) -> bool:
    with service.database.reading() as session:
        return changes.is_under_way(session, subscription_id)


def _read_seats(row: tables.Subscription, plan: AvailablePlan | None, text: str) -> int | None:
    """Return the seats of a form; None for a number that the plan does not allow."""
    least, most = _bounds(plan)
    is_number = text.isascii() and text.isdecimal() and len(text) < 10
    return int(text) if row.quantity is not None and is_number and least <= int(text) <= most else None


def _bounds(plan: AvailablePlan | None) -> tuple[int, int]:
    """Return the fewest and the most seats of a plan."""
    least, most = (plan.min_quantity, plan.max_quantity) if plan else (None, None)
    return least or 1, most or MOST_SEATS


def _show_changes(
    service: Service,
    request: Request,
    row: tables.Subscription,
    plans: Sequence[AvailablePlan],
    *,
    problem: str = "",
) -> Response:
    current = next((plan for plan in plans if plan.plan_id == row.plan_id), None)
    least, most = _bounds(current)
    return pages.render(
        service,
        request,
        "account/change.html",
        400 if problem else 200,
        problem=translate(choose_language(request), problem),
        subscription=row,
        plans=_select_others(row, plans),
        least=least,
        most=most,
    )


def _select_others(row: tables.Subscription, plans: Sequence[AvailablePlan]) -> list[AvailablePlan]:
    """Return the plans that a customer may choose: on sale, another, and with or without seats as the current one."""
    return [
        plan
        for plan in plans
        if plan.plan_id != row.plan_id
        and not plan.is_stop_sell
        and plan.is_price_per_seat == (row.quantity is not None)
    ]
