"""Requests to both SaaS services: what each of their operations does alike."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import unquote

import httpx

from ...errors import ODD_ANSWER, ContractError, InputError
from ..http.answers import read_json
from ..http.async_client import AsyncApiClient, Call
from ..http.hardening import parse_json
from .system import API_VERSION
from .usage import write_time

__all__ = [
    "SaasService",
    "check_id",
    "check_quantity",
    "check_text",
    "check_time",
    "read_error",
    "read_items",
    "read_next_page",
]

T = TypeVar("T")


class SaasService:
    """Requests to both services; `correlation_id` joins all calls, a fresh one for each call if it is empty."""

    def __init__(self, api: AsyncApiClient, correlation_id: str = "") -> None:
        self._api, self._correlation_id = api, correlation_id

    def _begin(self, action: str, timeout_seconds: float = math.inf) -> Call:
        if not timeout_seconds > 0:
            raise InputError(f"{action}: timeout_seconds is above zero: {timeout_seconds!r}")
        call = Call(action, self._api.wire, timeout_seconds=timeout_seconds)
        call.correlation_id = self._correlation_id or call.correlation_id
        return call

    async def _send(
        self,
        call: Call,
        method: str,
        path: str,
        read: Callable[[httpx.Response], T],
        *,
        root: str = "saas/",
        params: Mapping[str, str] | None = None,
        **options: Any,
    ) -> T:
        params = {**(params or {}), "api-version": API_VERSION}
        return await self._api.send(call, method, root + path, read, params=params, **options)

    async def _get(
        self, call: Call, path: str, params: Mapping[str, str] | None = None, *, root: str = "saas/"
    ) -> Any:
        """Return the parsed answer; None for an empty one."""

        def read(response: httpx.Response) -> Any:
            return read_json(response, call.action).body if response.content.strip() else None

        return await self._send(call, "GET", path, read, root=root, params=params)


# --- Arguments


def check_id(name: str, value: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[\w.-]+", value, re.ASCII) or value in (".", ".."):
        raise InputError(f"{name} is the id that the marketplace gave, a GUID: {value!r}")
    return value


def check_text(name: str, value: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{name} is required: {value!r}")
    return value


def check_quantity(value: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InputError(
            f"quantity is a number of seats, at least 1: {value!r}",
            next="leave it out for a plan without seats",
        )
    return value


def check_time(name: str, value: datetime) -> str:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise InputError(f"{name} is a datetime with a time zone: {value!r}")
    return write_time(value)


# --- Answers


def read_items(body: Any, name: str, action: str) -> list[Any]:
    """Return the items of a collection: in the member `name`, or bare; nothing at all is an empty one."""
    if isinstance(body, Mapping):
        body = body.get(name)
    if body is None or body == "":
        return []
    if not isinstance(body, list):
        raise ContractError(f"{action}: a collection was expected", next=ODD_ANSWER)
    return body


def read_error(response: httpx.Response) -> Any:
    """Return the parsed body of an error; None for what is no JSON."""
    try:
        return parse_json(response.content)
    except ValueError:
        return None


def read_next_page(link: object, action: str) -> dict[str, str]:
    """Return the query of the next page. The rest of the link is ignored: no token is sent to another host."""
    query = link.partition("?")[2].partition("#")[0] if isinstance(link, str) else ""
    pairs = [part.partition("=") for part in query.split("&")]
    params = {name: unquote(value) for name, _, value in pairs if name and name != "api-version"}
    if not params:
        raise ContractError(f"{action}: the link to the next page names no page", next=ODD_ANSWER)
    return params
