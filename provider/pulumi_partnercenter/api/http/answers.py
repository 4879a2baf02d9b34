"""Responses and failures of a JSON service as values and errors; blocking and asynchronous clients share this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from ...errors import (
    ApiError,
    Conflict,
    ContractError,
    Invalid,
    NotFound,
    PartnerCenterError,
    Stale,
    Throttled,
    Unavailable,
)
from ...messages import redacted
from ..system import System
from .hardening import decode_text, parse_json
from .retry import TransientResponse
from .sign_in import first_line
from .tokens import TokenSource, forbidden_error, unauthorized_error

__all__ = [
    "JsonResponse",
    "error_of",
    "error_type_of",
    "is_transient",
    "is_unprocessed",
    "no_answer_error",
    "read_json",
    "resolve_path",
]

MAX_ERROR_CHARACTERS = 100_000
"""Number of characters of an error body that are read."""
MAX_PATH_CHARACTERS = 4000
_ERROR_TYPES: dict[int, type[ApiError]] = {
    400: Invalid,
    404: NotFound,
    408: Unavailable,
    409: Conflict,
    412: Stale,
    422: Invalid,
    429: Throttled,
}
_HINTS: dict[type[ApiError], str] = {
    Stale: "somebody else is changing it: run `pulumi refresh` to see the change, then run `pulumi up` again",
    Throttled: "wait some minutes, then run the same command again: it continues from there",
    Unavailable: "the service is not available: run the same command again later, it continues from there",
}
_REDIRECT_HINT = (
    "set PARTNERCENTER_ENDPOINT to the service's own address: a proxy or a sign-in page answers at this one"
)
_NOT_IMPLEMENTED_HINT = (
    "check PARTNERCENTER_ENDPOINT; the emulator says what it does not emulate: repeating it does not help"
)


@dataclass(frozen=True)
class JsonResponse:
    """A successful response; `body` is None for 204."""

    status: int
    headers: Mapping[str, str]
    body: Any


def error_of(
    system: System, tokens: TokenSource, response: httpx.Response, action: str
) -> PartnerCenterError:
    """Build the error of a refused request."""
    # Parsed before redaction, which may break its JSON.
    status = response.status_code
    details = system.parse_error(decode_text(response)[:MAX_ERROR_CHARACTERS])
    quote = first_line(str(details))[:300]
    ids = _read_ids(system, response.request.headers, response.headers)
    words = [f"{name.removesuffix('_id')} {id}" for name, id in ids.items() if id]
    message = " ".join([quote, *words] if quote else words)
    if status == 401:
        return unauthorized_error(system, tokens, action, message, **ids)
    facts: dict[str, Any] = {
        "code": details.code,
        "target": details.target,
        **ids,
        "method": response.request.method,
        "path": response.request.url.path,
    }
    if status == 403:
        return forbidden_error(system, tokens, action, message, **facts)
    error_type = error_type_of(status)
    problem, hint = f"refused ({status})", _HINTS.get(error_type, "")
    if 300 <= status < 400:
        problem, hint = f"redirected ({status}), and no token is sent to another address", _REDIRECT_HINT
    elif status == 501:
        problem, hint = "the service does not know this request (501)", _NOT_IMPLEMENTED_HINT
    return error_type(
        f"{action}: {problem}", said=message, next=hint, status=status, fields=details.fields, **facts
    )


def error_type_of(status: int) -> type[ApiError]:
    """Return the type of the error for a status of a refusal, except 401 and 403."""
    return _ERROR_TYPES.get(status, Unavailable if status >= 500 else ApiError)


def _read_ids(system: System, *headers: httpx.Headers) -> dict[str, str]:
    """Return the ids that support asks for: the last that any of these headers have."""
    names = {"request_id": system.request_id_header, "correlation_id": system.correlation_id_header}
    return {
        id: next((part[name] for part in reversed(headers) if name and part.get(name)), "")
        for id, name in names.items()
    }


def read_json(response: httpx.Response, action: str) -> JsonResponse:
    """Parse the body of a successful response. Raises ContractError for what is no JSON."""
    body: Any = None
    if response.status_code != 204:
        try:
            body = parse_json(response.content)
        except ValueError:
            raise ContractError(
                f"{action}: the answer ({response.status_code}) is not JSON",
                said=redacted(decode_text(response))[:120],
            ) from None
    return JsonResponse(response.status_code, response.headers, body)


def is_unprocessed(error: BaseException) -> bool:
    """Whether the service surely did not process the request: no connection, or 429."""
    if isinstance(error, TransientResponse):
        return error.response.status_code == 429
    return isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)


def is_transient(error: BaseException) -> bool:
    return isinstance(error, TransientResponse | httpx.TransportError)


def no_answer_error(
    system: System, error: httpx.RequestError, method: str, url: httpx.URL, action: str
) -> Unavailable:
    is_late, ids = isinstance(error, httpx.TimeoutException), _read_ids(system, error.request.headers)
    return Unavailable(
        f"{action}: no answer from {url.scheme}://{url.netloc.decode()}"
        + (" in time" if is_late else f" ({type(error).__name__}: {error})"),
        next="check the network and PARTNERCENTER_ENDPOINT, then run the same command again: it continues from there",
        method=method,
        path=url.path,
        request_id=ids["request_id"],
        correlation_id=ids["correlation_id"],
    )


def resolve_path(root: httpx.URL, path: str, action: str) -> httpx.URL:
    """Resolve a path below the base. Raises ContractError for an id that leads elsewhere."""
    leads_away = {"", ".", ".."} & set(path.split("/")) or set("?#%\\") & set(path)
    if leads_away or not path.isprintable() or len(path) > MAX_PATH_CHARACTERS:
        raise ContractError(f"{action}: an id changes the path of the request: {path}")
    return root.join(path)
