"""Marketplace tokens: what the landing page gets in its address, and what `resolve` sends."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from ...errors import InputError
from ...messages import keep_secret

__all__ = ["check_token", "read_token"]

MAX_TOKEN_CHARACTERS = 8000
_HINT = "give the value of `token` in the landing page's address, decoded once; read_token(address) does that"


def read_token(address: str) -> str:
    """Return the marketplace token in the address of a landing page, or in its query alone.

    It is decoded once, and a plus sign that was sent bare stays one. The address is as the browser requested it: a web
    framework's own query parameters are decoded already and need no `read_token`.

    Raises: InputError if there is no token, or none that a header can carry; it does not quote the address.
    """
    try:
        query = urlsplit(address.strip()).query or address.strip().lstrip("?")
    except ValueError:  # brackets that do not close
        query = ""
    for part in query.partition("#")[0].split("&"):
        name, _, value = part.partition("=")
        if name.lower() == "token" and value:
            return check_token(unquote(value))
    raise InputError("marketplace token: the address has no `token`", next=_HINT)


def check_token(token: str) -> str:
    """Return the token as the header carries it: a space was a plus sign, and tokens contain no others.

    Raises: InputError for what no header can carry; it does not quote the token.
    """
    token = token.strip(" ").replace(" ", "+")
    keep_secret(token)
    if not re.fullmatch(r"[!-~]+", token):
        raise InputError(
            "marketplace token: it is empty, or holds line breaks or letters beyond ASCII", next=_HINT
        )
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise InputError(
            f"marketplace token: it has {len(token)} characters, at most {MAX_TOKEN_CHARACTERS} are sent",
            next=_HINT,
        )
    return token
