"""Pages of the emulator for people: templates with escaping, headers that allow neither scripts nor foreign content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import jinja2
from starlette.responses import HTMLResponse, Response

__all__ = ["HEADERS", "POLICY", "create_environment", "render_page"]

POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none';"
    " form-action 'self'"
)
HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "same-origin",  # without a referrer, browsers hide the origin of forms from the gate
    "x-content-type-options": "nosniff",
}


def create_environment(package: str) -> jinja2.Environment:
    """Return an environment of the templates beside a package's modules."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(package, ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["path"] = lambda value: quote(value, safe="")
    return environment


def render_page(
    environment: jinja2.Environment,
    name: str,
    values: Mapping[str, Any],
    status: int = 200,
    policy: str = POLICY,
) -> Response:
    """Return a page. Text that UTF-8 cannot encode is replaced."""
    text = environment.get_template(f"{name}.html.jinja").render(values)
    headers = {**HEADERS, "content-security-policy": policy}
    return HTMLResponse(text.encode(errors="replace"), status, headers)
