"""The publisher's pages: subscriptions and their history, webhooks, jobs, usage, and actions.

They exist where the settings name an application that the publisher's people sign in with.
"""

from __future__ import annotations

from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from ..endpoints import add_route
from ..service import Service
from . import actions, views
from .access import Publisher, View, for_operators, for_readers
from .lists import LISTS, ROOT

__all__ = ["list_routes"]

MARKETPLACE_THREADS = 10
"""Threads of the pages that read from the marketplace: one that does not answer must not stop the others."""
SUBSCRIPTION = "/subscriptions/{subscription_id}"


def list_routes(service: Service) -> list[BaseRoute]:
    """Return the routes of the publisher's pages; none without their application."""
    if service.settings.publisher is None:
        return []
    threads = CapacityLimiter(MARKETPLACE_THREADS)
    shown: dict[str, View] = {"": open_first_list}
    for page in LISTS:
        shown |= {f"/{page.name}": views.show_list(page), f"/{page.name}.csv": views.export_list(page)}
    shown |= {
        SUBSCRIPTION: views.show_subscription,
        "/webhooks/{operation_id}": views.show_webhook,
        "/jobs/{number}": views.show_job,
        "/usage/{number}": views.show_usage,
    }
    routes: list[BaseRoute] = [
        add_route(service, f"{ROOT}{path}", for_readers(view)) for path, view in shown.items()
    ]
    operations = for_readers(views.show_operations)
    routes.append(add_route(service, f"{ROOT}{SUBSCRIPTION}/operations", operations, threads=threads))
    for action, view in actions.ACTIONS.items():
        path, methods = f"{ROOT}{SUBSCRIPTION}/{action}", ("GET", "POST")
        routes.append(add_route(service, path, for_operators(view), methods=methods, threads=threads))
    resend = for_operators(actions.resend_usage)
    path, methods = f"{ROOT}/usage/{{number}}/resend", ("GET", "POST")
    routes.append(add_route(service, path, resend, methods=methods, threads=threads))
    replay = for_operators(actions.replay_job)
    routes.append(add_route(service, f"{ROOT}/jobs/{{number}}/replay", replay, methods=("POST",)))
    return routes


def open_first_list(_service: Service, _request: Request, _publisher: Publisher) -> Response:
    return RedirectResponse(f"{ROOT}/{LISTS[0].name}", 303)
