"""The way back from Microsoft Entra ID, and the sign-out."""

from __future__ import annotations

import logging
from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from ..errors import PartnerCenterError
from . import pages, sessions
from .directory import Audience
from .endpoints import add_route
from .id_tokens import Rejected
from .languages import translatable
from .security import check_form
from .service import Service

__all__ = ["list_routes"]

logger = logging.getLogger(__name__)
HOMES = {"customer": "/", "publisher": "/publisher"}
DECLINED = "declined"


def list_routes(service: Service) -> list[BaseRoute]:
    """Return the routes of both sign-ins."""
    audiences: list[Audience] = ["customer", *(["publisher"] if service.settings.publisher else [])]  # type: ignore[list-item] # mypy takes the word for any string
    return [
        *(
            add_route(
                service,
                f"/sign-in/{audience}/callback",
                partial(finish_sign_in, audience),
                name=f"sign-in-{audience}",
            )
            for audience in audiences
        ),
        add_route(service, "/sign-out", partial(sign_out, "customer"), methods=("POST",), name="sign-out"),
        add_route(service, "/publisher/sign-out", partial(sign_out, "publisher"), methods=("POST",)),
    ]


def finish_sign_in(audience: Audience, service: Service, request: Request) -> Response:
    """Sign the user in whose browser comes back from Entra ID with a code, and go on where the sign-in began."""
    answer = dict(request.query_params)
    begun = sessions.take_flow(service, request, audience, answer.get("state", ""))
    if begun is None:
        service.metrics.sign_ins.labels(audience, "state").inc()
        return _show_refusal(service, request, audience)
    flow, back = begun
    try:
        claims = service.directory.finish(audience, flow, answer, service.now())
    except Rejected as rejected:
        service.metrics.sign_ins.labels(audience, rejected.rule).inc()
        if rejected.rule != DECLINED:
            logger.warning("sign-in: refused", extra={"outcome": rejected.rule})
        return _show_refusal(service, request, audience)
    except PartnerCenterError as error:
        service.metrics.sign_ins.labels(audience, "unavailable").inc()
        logger.warning("sign-in: %s", error)
        return pages.render_error(service, request, 503)
    sessions.sign_in(service, request, audience, sessions.User.from_claims(claims))
    service.metrics.sign_ins.labels(audience, "accepted").inc()
    return RedirectResponse(back, 303)


def sign_out(audience: Audience, service: Service, request: Request) -> Response:
    """End the visitor's session here. The one at Entra ID stays: it belongs to every program of the user."""
    if refusal := check_form(service, request):
        return refusal
    sessions.end(service, request, audience)
    return RedirectResponse(HOMES[audience], 303)


def _show_refusal(service: Service, request: Request, audience: Audience) -> Response:
    return pages.render(
        service,
        request,
        "sign_in/refused.html",
        400,
        home=HOMES[audience],
        advice=translatable("Begin again. If this repeats, allow cookies, or use another browser.")
        if audience == "publisher"
        else translatable(
            "Begin again: open the link in the mail, or your subscription in the marketplace. If this repeats, allow"
            " cookies, or use another browser."
        ),
    )
