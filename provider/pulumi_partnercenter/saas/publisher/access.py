"""Who may use the publisher's pages: readers see, operators also act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from .. import pages, security, sessions
from ..endpoints import Endpoint
from ..service import Service

__all__ = ["Publisher", "View", "for_operators", "for_readers"]


@dataclass(frozen=True)
class Publisher:
    """A signed-in user of the publisher's pages."""

    object_id: str
    name: str
    may_change: bool

    @property
    def actor(self) -> str:
        """Name in the history of subscriptions."""
        return f"publisher {self.object_id}"


View: TypeAlias = Callable[[Service, Request, Publisher], Response]


def for_readers(view: View) -> Endpoint:
    """Return an endpoint for whoever may read. Others are asked to sign in, or refused."""
    return _guard(view, changes=False)


def for_operators(view: View) -> Endpoint:
    """Return an endpoint for whoever may change something. Its forms are proven to come from its own pages."""
    return _guard(view, changes=True)


def _guard(view: View, *, changes: bool) -> Endpoint:
    def endpoint(service: Service, request: Request) -> Response:
        user = sessions.require_user(service, request, "publisher")
        if isinstance(user, Response):
            return user
        groups = {*user.roles, *user.groups}
        may_change = not groups.isdisjoint(service.settings.operators)
        may_read = may_change or not groups.isdisjoint(service.settings.readers)
        publisher = Publisher(user.object_id, user.name, may_change)
        if not (may_change if changes else may_read):
            return pages.render(
                service, request, "publisher/forbidden.html", 403, publisher=publisher, may_read=may_read
            )
        if request.method == "POST":
            refusal = security.check_form(service, request)
            if refusal is not None:
                return refusal
        return view(service, request, publisher)

    return endpoint
