"""Pages of the service, rendered here, without a script: layout, languages, dates and numbers.

    return pages.render(service, request, "landing/confirm.html", subscription=row)

Templates are in `templates`; they escape every value. `_("text")` and `ngettext` translate texts that are written in
the template. The filter `translated` translates a text that is a value, and `word` shows a status; both are escaped.
"""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute

from ...errors import Unavailable
from ..cookies import form_token
from ..endpoints import add_route
from ..languages import (
    COOKIE,
    DEFAULT,
    LANGUAGES,
    choose_language,
    find_locale,
    load_translations,
    translatable,
    translate,
)
from ..service import Service
from . import words

__all__ = ["create_error_handler", "list_routes", "render", "render_error"]

FOLDER = Path(__file__).parent
NOTHING = "–"
YEAR_SECONDS = 365 * 24 * 3600
UNREPEATED = ("code", "state", "token")
"""Parameters that no link may repeat: they are secret, or good for one request."""
ERRORS: Mapping[int, tuple[str, str]] = {
    400: (
        translatable("This request could not be understood"),
        translatable("Go back, check what you entered, and try again."),
    ),
    403: (
        translatable("You may not do this"),
        translatable("Sign in with another account, or ask for the permission."),
    ),
    404: (
        translatable("There is no such page"),
        translatable("Check the address. The page may have been removed, or belong to another account."),
    ),
    405: (
        translatable("This request could not be understood"),
        translatable("Open the page again instead of reloading it."),
    ),
    413: (translatable("That was too much"), translatable("Send less at once.")),
    429: (translatable("Too many requests"), translatable("Wait a minute, then try again.")),
    500: (
        translatable("Something went wrong here"),
        translatable("Nothing is lost. Try again in a few minutes."),
    ),
    503: (
        translatable("The service is not available now"),
        translatable("Nothing is lost. Try again in a few minutes."),
    ),
}
"""Heading and advice by status. Others are shown as 400 or 500."""


def render(
    service: Service, request: Request, template: str, status: int = 200, **values: Any
) -> HTMLResponse:
    """Render a template of `templates` in the visitor's language.

    Every template has `language`, `product_name`, `support_email` and `languages`; further `values` are its own. Those
    of the layout are optional: `problem` and `notice` (above the content), and `refresh_seconds`, after which the page
    is loaded again, unless the visitor has switched that off.
    """
    language = choose_language(request)
    is_still = request.query_params.get("refresh") == "off"
    context: dict[str, Any] = {
        "language": language,
        "languages": _list_languages(request, language),
        "now": service.now(),
        "product_name": service.settings.product_name,
        "support_email": service.settings.support_email,
        "problem": "",
        "notice": "",
        "refresh_seconds": 0,
        "form_token": form_token(request),
        **values,
    }
    if is_still:
        context["refresh_seconds"] = 0
    text = create_environment(language).get_template(template).render(context)
    response = HTMLResponse(text.encode(errors="replace"), status)
    if context["refresh_seconds"]:
        response.headers["refresh"] = str(context["refresh_seconds"])
    if request.query_params.get("language") in LANGUAGES:
        response.set_cookie(
            COOKIE, language, max_age=YEAR_SECONDS, secure=True, httponly=True, samesite="lax"
        )
    return response


def render_error(
    service: Service, request: Request, status: int, *, heading: str = "", advice: str = ""
) -> HTMLResponse:
    """Render the page of an error: what happened and what to do, both `translatable`. Each status has defaults."""
    usual = ERRORS.get(status) or ERRORS[500 if status >= 500 else 400]
    return render(
        service, request, "error.html", status, heading=heading or usual[0], advice=advice or usual[1]
    )


def create_error_handler(service: Service) -> Callable[[Request, Exception], Response]:
    """Return the application's handler of exceptions: a page for browsers, a line for programs."""

    def handle(request: Request, error: Exception) -> Response:
        status = 503 if isinstance(error, Unavailable) else 500
        if isinstance(error, HTTPException):
            status = error.status_code
        if "text/html" in request.headers.get("accept", ""):
            return render_error(service, request, status)
        return PlainTextResponse(f"{HTTPStatus(status).phrase}\n", status)

    return handle


def list_routes(service: Service) -> list[BaseRoute]:
    """Return the routes of the files that the pages load."""
    return [
        add_route(service, "/static/style.css", _send_file("style.css", "text/css"), name="style"),
        add_route(service, "/static/icon.svg", _send_file("icon.svg", "image/svg+xml"), name="icon"),
    ]


def _send_file(name: str, media_type: str) -> Callable[[Service, Request], Response]:
    def send(_service: Service, _request: Request) -> Response:
        headers = {"cache-control": f"public, max-age={YEAR_SECONDS}, immutable"}
        return Response(_read_file(name), media_type=media_type, headers=headers)

    return send


@functools.cache
def _read_file(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


@functools.cache
def _address_file(name: str) -> str:
    """Return the address of a file, another one for each content: browsers keep it."""
    return f"/static/{name}?v={hashlib.sha256(_read_file(name)).hexdigest()[:12]}"


def _list_languages(request: Request, language: str) -> list[dict[str, str]]:
    """List links to this page in every language; none on the answer to a form, which no link repeats."""
    if request.method not in {"GET", "HEAD"}:
        return []
    query = [
        (name, value)
        for name, value in request.query_params.multi_items()
        if name != "language" and name not in UNREPEATED
    ]
    return [
        {
            "code": code,
            "name": name,
            "address": f"?{urlencode([*query, ('language', code)])}",
            "current": "true" if code == language else "",
        }
        for code, name in LANGUAGES.items()
    ]


@functools.cache
def create_environment(language: str = DEFAULT) -> jinja2.Environment:
    """Create the environment of all templates, which translates into one language."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__, "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(  # type: ignore[attr-defined] # the extension adds it
        load_translations(language), newstyle=True
    )
    environment.globals["address_file"] = _address_file
    locale = find_locale(language)

    def show_time(time: datetime | None) -> str:
        return f"{format_datetime(time.astimezone(UTC), 'medium', locale=locale)} UTC" if time else NOTHING

    def show_day(time: datetime | None) -> str:
        return format_date(time.astimezone(UTC), "medium", locale=locale) if time else NOTHING

    def show_number(number: float | None) -> str:
        """Show every digit that a number has."""
        if number is None or not math.isfinite(number):
            return NOTHING
        return format_decimal(number, locale=locale, decimal_quantization=False)

    def show_word(value: str, kind: str) -> str:
        return translate(language, words.WORDS[kind].get(value, "")) or value or NOTHING

    environment.filters |= {
        "time": show_time,
        "day": show_day,
        "number": show_number,
        "word": show_word,
        "translated": functools.partial(translate, language),
    }
    return environment
