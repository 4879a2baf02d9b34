"""Ids of sessions in cookies, and the tokens of forms that belong to them."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from starlette.requests import Request

from .directory import Audience

__all__ = ["COOKIES", "FORM_FIELD", "choose_audience", "form_token", "read_session_id", "set_session_id"]

COOKIES: Mapping[Audience, str] = {"customer": "__Host-customer", "publisher": "__Host-publisher"}
FORM_FIELD = "form_token"


def choose_audience(request: Request) -> Audience:
    """Return whose session a page uses."""
    is_publishers = request.url.path.startswith(("/publisher", "/sign-in/publisher"))
    return "publisher" if is_publishers else "customer"


def read_session_id(request: Request, audience: Audience) -> str:
    """Return the id in the visitor's cookie, or the one that this request's answer sets; "" without any."""
    cookies: dict[str, str] = getattr(request.state, "cookies", {})
    name = COOKIES[audience]
    return cookies.get(name, request.cookies.get(name, ""))


def set_session_id(request: Request, audience: Audience, value: str) -> None:
    """Let the answer to this request set the cookie (`security.Harden` does), or remove it for ""."""
    cookies: dict[str, str] = getattr(request.state, "cookies", {})
    request.state.cookies = {**cookies, COOKIES[audience]: value}


def form_token(request: Request) -> str:
    """Return what a form of the visitor's session has to carry in the field `form_token`; "" without a session.

    It belongs to the id in the session's cookie, which it does not reveal.
    """
    identifier = read_session_id(request, choose_audience(request))
    return hmac.digest(identifier.encode(), b"partnercenter saas form", "sha256").hex() if identifier else ""
