"""The landing page: where the marketplace sends a customer after a purchase, and later to manage the account.

The marketplace token stays on the server from the first request on. Its page has an address of its own, which is worth
nothing in another browser.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import or_, select, tuple_
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from ..errors import InputError, Invalid, NotFound, PartnerCenterError
from ..fulfillment import Subscription, SubscriptionStatus, read_token
from . import account, convergence, pages, sessions, subscriptions, tables
from .activation import STARTABLE, request_activation
from .encryption import decrypt, encrypt
from .endpoints import add_route, get_form
from .languages import choose_language, translatable, translate
from .security import check_form
from .service import Service
from .sessions import User
from .tables import LandingVisit

__all__ = ["list_routes"]

logger = logging.getLogger(__name__)
VISIT_LIFETIME = timedelta(hours=24)
"""As long as the marketplace takes a token."""
MOST_OWN = 50
"""Subscriptions that the start page lists."""
LONGEST_TEXT = 200
REOPEN = translatable(
    "Open your subscription in the Azure portal or in the Microsoft 365 admin center, and choose to configure or manage"
    " your account. That leads here with a new link."
)
PENDING = (SubscriptionStatus.PENDING, SubscriptionStatus.NOT_STARTED)


def list_routes(service: Service) -> list[BaseRoute]:
    """Return the routes of the landing page."""
    return [
        add_route(service, "/", receive_visitor, name="landing"),
        add_route(service, "/landing/{visit}", show_purchase, name="purchase"),
        add_route(service, "/landing/{visit}/confirm", confirm_purchase, methods=("POST",), name="confirm"),
    ]


def receive_visitor(service: Service, request: Request) -> Response:
    """Take the token out of the address. Without one, show the start page."""
    query = request.url.query
    if not any(part.partition("=")[0].lower() == "token" for part in query.split("&")):
        service.metrics.landings.labels("missing").inc()
        return _show_start(service, request)
    try:
        token = read_token(f"/?{query}")
    except InputError:
        return _show_problem(service, request, "malformed")
    visitor = sessions.begin(service, request, "customer")
    visit = LandingVisit(
        id=secrets.token_urlsafe(24),
        session_hash=visitor.id_hash,
        token=encrypt(service.settings.keys, token),
        subscription_id="",
        created_at=service.now(),
        expires_at=service.now() + VISIT_LIFETIME,
    )
    with service.database.transaction() as session:
        session.add(visit)
    return RedirectResponse(f"/landing/{visit.id}", 303)


def show_purchase(service: Service, request: Request) -> Response:
    """Show what was bought, or lead to the account of what is active already."""
    visit = _find_visit(service, request)
    if visit is None:
        return _show_problem(service, request, "foreign")
    user = sessions.require_user(service, request, "customer")
    if isinstance(user, Response):
        return user
    visit = _find_visit(service, request)  # signed in: it may have moved to another session in between
    row = _resolve(service, request, visit) if visit else None
    if row is None:
        return _show_problem(service, request, "foreign")
    if isinstance(row, Response):
        return row
    assert visit is not None
    _note_stranger(service, row, user)
    if row.status in PENDING and row.access in STARTABLE:
        return _show_confirmation(service, request, visit, row, user)
    return RedirectResponse(f"/account/{row.id}", 303)


def confirm_purchase(service: Service, request: Request) -> Response:
    """Begin the activation, once, however often the form is sent."""
    if refusal := check_form(service, request):
        return refusal
    user = sessions.require_user(service, request, "customer")
    if isinstance(user, Response):
        return user
    visit = _find_visit(service, request)
    if visit is None or not visit.subscription_id:
        return _show_problem(service, request, "foreign")
    with service.database.reading() as session:
        row = subscriptions.find(session, visit.subscription_id)
    if row is None:
        return _show_problem(service, request, "foreign")
    if row.status in PENDING and row.access in STARTABLE:
        contact, problem = _read_contact(service, request)
        if problem:
            return _show_confirmation(service, request, visit, row, user, contact=contact, problem=problem)
        request_activation(service, row.id, f"customer {user.object_id}", contact=contact)
    return RedirectResponse(f"/account/{row.id}", 303)


def _find_visit(service: Service, request: Request) -> LandingVisit | None:
    """Return the visit of the address, if this session may use it."""
    visitor = sessions.find(service, request, "customer")
    if visitor is None:
        return None
    with service.database.reading() as session:
        visit = session.get(LandingVisit, request.path_params["visit"])
    is_own = visit is not None and visit.session_hash == visitor.id_hash
    return visit if visit and is_own and visit.expires_at > service.now() else None


def _resolve(
    service: Service, request: Request, visit: LandingVisit
) -> tables.Subscription | Response | None:
    """Return the row of a visit's subscription as the marketplace has it now; else the page that says why not."""
    read_at = service.now()
    try:
        answer = _read_subscription(service, visit)
    except (Invalid, InputError, NotFound):
        return _show_problem(service, request, "expired")
    except PartnerCenterError as error:
        service.metrics.landings.labels("failed").inc()
        logger.warning("landing page: the marketplace does not answer: %s", type(error).__name__)
        return pages.render_error(service, request, 503)
    if answer is None:
        return _show_problem(service, request, "expired")
    service.metrics.landings.labels("resolved").inc()
    with service.database.transaction() as session:
        change = convergence.save_answer(service, session, answer, read_at=read_at)
        kept = session.get(LandingVisit, visit.id)
        if kept is not None:
            kept.subscription_id = change.row.id
    return change.row


def _read_subscription(service: Service, visit: LandingVisit) -> Subscription | None:
    """Read the subscription of a visit. Its token is needed once. None for a token that cannot be decrypted."""
    if visit.subscription_id:
        return service.client.get_subscription(visit.subscription_id)
    token = decrypt(service.settings.keys, visit.token)
    if token is None:
        return None
    resolved = service.client.resolve(token)
    return resolved.subscription or service.client.get_subscription(resolved.id)


def _note_stranger(service: Service, row: tables.Subscription, user: User) -> None:
    """Write to the history, once for each person, that somebody else than buyer and user came with a valid token."""
    if account.describe_relation(row, user) == "owner":
        return
    actor = f"customer {user.object_id}"
    logger.info("landing page: opened by another person", extra={"subscription_id": row.id})
    entry = tables.HistoryEntry
    with service.database.transaction() as session:
        is_noted = session.scalar(
            select(entry.id)
            .where(
                entry.subscription_id == row.id,
                entry.actor == actor,
                entry.action == "opened by another person",
            )
            .limit(1)
        )
        if is_noted is None:
            subscriptions.add_history(
                session,
                row.id,
                actor,
                "opened by another person",
                now=service.now(),
                details={"tenant_id": user.tenant_id},
            )


def _read_contact(service: Service, request: Request) -> tuple[dict[str, str], str]:
    """Return what the customer entered, and what is wrong with it."""
    form = get_form(request)
    names = ["name", "email", *service.settings.contact_fields]
    texts = [form.get(f"contact-{index}", "") for index in range(len(names))]
    contact = {
        name: " ".join(text.split()) if isinstance(text, str) else ""
        for name, text in zip(names, texts, strict=True)
    }
    if any(len(text) > LONGEST_TEXT for text in contact.values()):
        return contact, translatable("An entry is too long.")
    before, at, host = contact["email"].rpartition("@")
    if not (before and at and host) or " " in contact["email"]:
        return contact, translatable("Enter an e-mail address at which we can reach you.")
    return contact, ""


def _show_confirmation(
    service: Service,
    request: Request,
    visit: LandingVisit,
    row: tables.Subscription,
    user: User,
    *,
    contact: Mapping[str, str] | None = None,
    problem: str = "",
) -> Response:
    given = contact if contact is not None else {"name": user.name, "email": user.email, **row.contact}
    fields = [
        {"id": f"contact-{index}", "name": name, "value": given.get(name, "")}
        for index, name in enumerate(["name", "email", *service.settings.contact_fields])
    ]
    return pages.render(
        service,
        request,
        "landing/confirm.html",
        400 if problem else 200,
        problem=translate(choose_language(request), problem),
        address=f"/landing/{visit.id}/confirm",
        subscription=row,
        relation=account.describe_relation(row, user),
        user=user,
        fields=fields,
    )


def _show_start(service: Service, request: Request) -> Response:
    user = sessions.find_user(service, request, "customer")
    return pages.render(
        service,
        request,
        "landing/start.html",
        user=user,
        subscriptions=_list_own(service, user) if user else [],
    )


def _list_own(service: Service, user: User) -> list[tables.Subscription]:
    """List the subscriptions that somebody bought or uses."""
    row, person = tables.Subscription, (user.object_id, user.tenant_id)
    is_own = or_(
        tuple_(row.beneficiary_object_id, row.beneficiary_tenant_id) == person,
        tuple_(row.purchaser_object_id, row.purchaser_tenant_id) == person,
    )
    with service.database.reading() as session:
        statement = select(row).where(is_own).order_by(row.first_read_at.desc(), row.id).limit(MOST_OWN)
        return list(session.scalars(statement))


PROBLEMS: Mapping[str, tuple[str, str]] = {
    "malformed": (translatable("This link is not complete"), REOPEN),
    "expired": (translatable("This link is too old"), REOPEN),
    "foreign": (translatable("This link does not work here"), REOPEN),
}
"""Heading and advice by outcome."""


def _show_problem(service: Service, request: Request, outcome: str) -> Response:
    service.metrics.landings.labels(outcome).inc()
    heading, advice = PROBLEMS[outcome]
    return pages.render_error(
        service, request, 404 if outcome == "foreign" else 400, heading=heading, advice=advice
    )
