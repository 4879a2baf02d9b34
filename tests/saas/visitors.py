"""What people do in a browser: follow the marketplace's link, sign in, fill in forms."""

from __future__ import annotations

import re
from typing import Any

import httpx
from tests.saas.deployment import Deployment

__all__ = ["arrive", "confirm", "find_confirmation", "read_form"]


def arrive(
    deployment: Deployment, purchase: dict[str, Any], visitor: httpx.Client | None = None
) -> httpx.Response:
    """Follow the marketplace's link, and the sign-in, to the page in the end."""
    return (visitor or deployment.http).get(purchase["landing_page"], follow_redirects=True)


def read_form(page: httpx.Response, index: int = 0) -> tuple[str, dict[str, str]]:
    """Return the address and the fields of a form of a page."""
    form = re.findall(r'<form method="post"[^>]*>.*?</form>', page.text, re.DOTALL)[index]
    address = re.search(r'<form[^>]* action="([^"]*)"', form)
    fields = dict(re.findall(r'<input[^>]* name="([^"]*)"[^>]* value="([^"]*)"', form))
    return (address[1] if address else str(page.url)), fields


def find_confirmation(page: httpx.Response) -> tuple[str, dict[str, str]]:
    """Return the address and the fields of the form that confirms a purchase."""
    forms = page.text.count('<form method="post"')
    address, fields = read_form(page, forms - 1)
    assert address.endswith("/confirm")
    return address, fields


def confirm(
    deployment: Deployment, page: httpx.Response, visitor: httpx.Client | None = None, **fields: str
) -> httpx.Response:
    """Send the form that confirms a purchase."""
    address, given = find_confirmation(page)
    return (visitor or deployment.http).post(address, data={**given, **fields})
