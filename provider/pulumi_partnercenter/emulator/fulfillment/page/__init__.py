"""The marketplace for people, `/_emulator/marketplace`: the customer's view, rendered here, without a script.

Every change is a form that answers with a redirect. The page loads nothing from elsewhere; requests of other sites are
refused by the gate, as for the whole control plane.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import jinja2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from ...control_input import BadInput
from ...html_pages import HEADERS, POLICY, create_environment, render_page
from ...state import Document, Store
from ...traffic import CONTROL
from .. import catalog, customer, events, operations, subscriptions, webhooks

__all__ = ["ROOT", "pages"]

ROOT = f"{CONTROL}marketplace"
MOST_BYTES = 64 * 1024
ORIGIN = re.compile(r"https?://[a-z0-9.:\[\]-]+", re.IGNORECASE)
PERIODS = {"P1M": "month", "P1Y": "year"}
UNITS = {"M": "months", "Y": "years"}
CHANGES: Mapping[str, Callable[[Store, str, Mapping[str, str]], object]] = {
    "plan": lambda store, name, form: customer.change(store, name, plan_id=_required(form, "plan_id")),
    "seats": lambda store, name, form: customer.change(store, name, quantity=_read_quantity(form)),
    "cancel": lambda store, name, _: customer.cancel(store, name),
    "suspend": lambda store, name, _: customer.suspend(store, name),
    "reinstate": lambda store, name, _: customer.reinstate(store, name),
    "renew": lambda store, name, _: customer.renew(store, name),
}
NOTICES = {
    "bought": "Bought.",
    "plan": "Asked for the other plan: the publisher has ten seconds to refuse.",
    "seats": "Asked for the seats: the publisher has ten seconds to refuse.",
    "cancel": "Cancelled.",
    "suspend": "Suspended, as after a failed payment.",
    "reinstate": "Asked to reinstate it.",
    "renew": "The next term has begun.",
    "again": "It will be delivered again.",
}


def pages(store: Store) -> list[BaseRoute]:
    """Return the routes of the page."""
    marketplace = Marketplace(store)
    table: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
        ("GET", "", marketplace.show_offers),
        ("GET", "/offers/{offer:path}", marketplace.show_offer),
        ("POST", "/offers/{offer:path}", marketplace.buy),
        ("GET", "/subscriptions", marketplace.show_subscriptions),
        ("GET", "/subscriptions/{subscription}", marketplace.show_subscription),
        ("POST", "/subscriptions/{subscription}/account", marketplace.open_account),
        ("POST", "/subscriptions/{subscription}/{change}", marketplace.change_subscription),
        ("GET", "/deliveries", marketplace.show_deliveries),
        ("POST", "/deliveries/{delivery}", marketplace.deliver_again),
    ]
    return [Route(f"{ROOT}{path}", endpoint, methods=[method]) for method, path, endpoint in table]


class Marketplace:
    """The views of the page, over the documents of one emulator."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def show_offers(self, _: Request) -> Response:
        return _render("offers", section="", offers=catalog.list_offers(self.store))

    async def show_offer(self, request: Request) -> Response:
        return self._offer(request.path_params["offer"])

    async def buy(self, request: Request) -> Response:
        offer_id, form = request.path_params["offer"], await _read_form(request)
        try:
            with self.store.transaction():
                purchase = customer.purchase(
                    self.store,
                    offer_id,
                    _required(form, "plan_id"),
                    quantity=_read_quantity(form) if "quantity" in form else None,
                    name=form.get("name", ""),
                    term_unit=form.get("term_unit", ""),
                    free_trial="free_trial" in form,
                    auto_renew="auto_renew" in form,
                )
        except BadInput as error:
            return self._offer(offer_id, str(error))
        return _redirect(f"/subscriptions/{purchase.subscription.id}?done=bought")

    async def show_subscriptions(self, _: Request) -> Response:
        with self.store.transaction():
            events.settle_all(self.store)
        newest_first = [self._describe(document) for document in subscriptions.list_all(self.store)][::-1]
        return _render("subscriptions", section="/subscriptions", subscriptions=newest_first)

    async def show_subscription(self, request: Request) -> Response:
        notice = NOTICES.get(request.query_params.get("done", ""), "")
        return self._subscription(request.path_params["subscription"], notice=notice)

    async def change_subscription(self, request: Request) -> Response:
        id, name, form = (
            request.path_params["subscription"],
            request.path_params["change"],
            await _read_form(request),
        )
        if name not in CHANGES:
            return _show_problem("No such page", 404)
        try:
            with self.store.transaction():
                CHANGES[name](self.store, id, form)
        except BadInput as error:
            return self._subscription(id, problem=str(error))
        return _redirect(f"/subscriptions/{quote(id)}?done={name}")

    async def open_account(self, request: Request) -> Response:
        """Send the browser to the publisher's landing page with a fresh token."""
        id = request.path_params["subscription"]
        try:
            with self.store.transaction():
                _, address = customer.new_token(self.store, id)
        except BadInput as error:
            return self._subscription(id, problem=str(error))
        return RedirectResponse(address, 303, HEADERS)

    async def show_deliveries(self, request: Request) -> Response:
        deliveries = [document.body for document in self.store.select(webhooks.KIND)][::-1]
        names = {document.id: document.body["name"] for document in subscriptions.list_all(self.store)}
        return _render(
            "deliveries",
            section="/deliveries",
            deliveries=deliveries,
            names=names,
            notice=NOTICES.get(request.query_params.get("done", ""), ""),
        )

    async def deliver_again(self, request: Request) -> Response:
        try:
            webhooks.repeat(self.store, request.path_params["delivery"])
        except BadInput as error:
            return _show_problem(str(error), 404)
        return _redirect("/deliveries?done=again")

    def _offer(self, offer_id: str, problem: str = "") -> Response:
        offer = catalog.find_offer(self.store, offer_id)
        if offer is None:
            return _show_problem("No such offer", 404)
        plans = [plan for plan in offer.plans if plan.is_for(customer.Identity().tenant_id)]
        return _render(
            "offer", 400 if problem else 200, section="", offer=offer, plans=plans, problem=problem
        )

    def _subscription(self, id: str, *, problem: str = "", notice: str = "") -> Response:
        with self.store.transaction():
            document = events.settle(self.store, id)
        if document is None:
            return _show_problem("No such subscription", 404)
        offer = catalog.find_offer(self.store, document.body["offerId"])
        return _render(
            "subscription",
            400 if problem else 200,
            forms_lead_to=offer.landing_page_url if offer else "",
            section="/subscriptions",
            subscription={**self._describe(document), "plans": offer.plans if offer else []},
            address=f"{ROOT}/subscriptions/{document.id}",
            problem=problem,
            notice=notice,
        )

    def _describe(self, document: Document) -> dict[str, Any]:
        body, pending = document.body, operations.find_pending(self.store, document.id)
        term = body.get("term", {})
        begin, end = (str(term.get(name, ""))[:10] for name in ("startDate", "endDate"))
        return {
            "id": document.id,
            "name": body["name"],
            "offer_id": body["offerId"],
            "plan_id": body["planId"],
            "quantity": body.get("quantity"),
            "status": document.stage,
            "term": f"{begin} to {end}" if begin and end else "not begun",
            "is_new": document.stage == subscriptions.PENDING,
            "is_open": document.stage != subscriptions.CANCELLED,
            "pending": pending.body["action"] if pending else "",
        }


async def _read_form(request: Request) -> dict[str, str]:
    """The fields of a form; of several with one name the last. What is longer than a form gets is cut off."""
    content = b""
    async for part in request.stream():
        content = (content + part)[:MOST_BYTES]
    return dict(parse_qsl(content.decode("ascii", "replace"), keep_blank_values=True))


def _required(form: Mapping[str, str], name: str) -> str:
    if not form.get(name):
        raise BadInput(f"{name}: must be given")
    return form[name]


def _read_quantity(form: Mapping[str, str]) -> int:
    text = form.get("quantity", "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise BadInput(f"quantity: must be a whole number, not {text!r}")
    return int(text)


def _render(name: str, status: int = 200, *, forms_lead_to: str = "", **values: Any) -> Response:
    page = {"root": ROOT, "problem": "", "notice": "", **values}
    return render_page(_environment(), name, page, status, _policy(forms_lead_to))


def _policy(address: str) -> str:
    """The policy of a page; browsers apply it also to where a form is redirected."""
    origin = address.partition("?")[0]
    parts = urlsplit(origin)
    origin = f"{parts.scheme}://{parts.netloc}"
    return f"{POLICY} {origin}" if ORIGIN.fullmatch(origin) else POLICY


def _show_problem(heading: str, status: int) -> Response:
    return _render("problem", status, section=None, heading=heading)


def _redirect(path: str) -> Response:
    return RedirectResponse(f"{ROOT}{path}", 303, HEADERS)


@functools.cache
def _environment() -> jinja2.Environment:
    environment = create_environment(__package__)
    environment.filters |= {"amount": lambda value: f"{value:,.2f}", "period": _describe_period}
    return environment


def _describe_period(term_unit: str) -> str:
    """`month`, `3 years`."""
    return PERIODS.get(term_unit) or f"{term_unit[1:-1]} {UNITS[term_unit[-1]]}"
