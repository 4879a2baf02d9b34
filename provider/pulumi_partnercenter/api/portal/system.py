"""The record of the Cloud Partner Portal API. Source: its documentation, and public clients of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from ..system import Paging, ServiceError, System

__all__ = ["API_VERSION", "PORTAL", "module_statuses", "parse_error"]

API_VERSION = "2017-10-31"
"""Value of `api-version`, which every request carries."""
_STATUSES = {name.replace("_", "").casefold(): int(status) for name, status in HTTPStatus.__members__.items()}
"""HTTP statuses by their names in .NET, in lower case: `unprocessableentity`."""


def parse_error(text: str) -> ServiceError:
    """Read an error body.

    It is an object with `error` or `Message`, an object by module (of migrated offers), a string, or no JSON.
    """
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return ServiceError(message="" if text.lstrip()[:1] == "<" else " ".join(text.split()))
    if isinstance(body, str):
        return _from_string(body)
    if not isinstance(body, dict):
        return ServiceError()
    error = body.get("error")
    if isinstance(error, dict):
        return ServiceError(code=_text(error, "code"), message=_text(error, "message"))
    if message := _text(body, "Message") or _text(body, "message"):
        return ServiceError(message=message)
    return _from_modules(body)


def module_statuses(body: object) -> dict[str, int]:
    """Return the HTTP status of each module in a response by module; empty for another response.

    An unknown name of a status counts as 500.
    """
    if not isinstance(body, dict) or not body:
        return {}
    statuses = {}
    for name, module in body.items():
        if not isinstance(module, dict) or "httpStatusCode" not in module:
            return {}
        value = str(module["httpStatusCode"])
        statuses[name] = int(value) if value.isdecimal() else _STATUSES.get(value.casefold(), 500)
    return statuses


def _from_modules(body: dict[str, Any]) -> ServiceError:
    statuses = module_statuses(body)
    failed = {name: status for name, status in statuses.items() if status >= 400}
    if not failed:
        return ServiceError()
    worst = max(failed, key=lambda name: failed[name])
    fields = {name: [_text(body[name], "error") or str(failed[name])] for name in failed}
    return ServiceError(code=_text(body[worst], "exceptionCode"), fields=fields)


def _from_string(text: str) -> ServiceError:
    """Read `Namespace.Http422Exception: text`, with line breaks inside."""
    text = " ".join(text.split())
    code, colon, message = text.partition(":")
    is_coded = bool(colon) and re.fullmatch(r"[\w.]+", code)
    return ServiceError(code=code, message=message.strip()) if is_coded else ServiceError(message=text)


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    return " ".join(str(value).split()) if isinstance(value, str | int) else ""


def spell_query(query: Mapping[str, str]) -> str:
    """Spell a query as the clients of the service do: `$` and quotes bare, blanks as `%20`."""
    return urlencode(query, safe="$'", quote_via=quote)


PORTAL = System(
    name="Cloud Partner Portal API",
    owner="the Cloud Partner Portal",
    base="https://cloudpartner.azure.com/api",
    audience="https://cloudpartner.azure.com",
    parse_error=parse_error,
    request_headers=dict,
    request_id_header="X-Ms-Correlation-Request-Id",
    account_hint=(
        "in Partner Center, add the application to the publisher's account (Account settings, Microsoft Entra"
        " applications), and get a token for https://cloudpartner.azure.com"
    ),
    role_hint=(
        "check the publisher id; in Partner Center, the application has to be added to this publisher's account as"
        " owner or contributor, with the object id of its enterprise application, not of its app registration"
    ),
    probe_path="publishers",
    probe_params={},
    role_text="this login may use the Cloud Partner Portal API",
    empty_probe_hint=(
        "in Partner Center, add the application to the account of a publisher (Account settings, Microsoft Entra"
        " applications)"
    ),
    paging=Paging(items=""),
    refusal_text="which may not do this for this publisher",
    transient_statuses=frozenset({408, 429, 500, 502, 503, 504}),
    fixed_query={"api-version": API_VERSION},
    spell_query=spell_query,
    timeout_factor=5,
)
"""Responses may take minutes, so that requests get five minutes unless a setting says otherwise."""
