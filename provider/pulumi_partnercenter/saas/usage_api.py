"""`POST /usage`: reports of the publisher's application, as one object, as a list, or as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from sqlalchemy.exc import OperationalError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from ..strict_json import read_json
from .endpoints import add_route, has_key
from .service import Service
from .usage import Outcome, Report, ReportResult, add_reports, read_report

__all__ = ["MOST_REPORTS", "list_routes"]

MOST_REPORTS = 1000
"""Reports of one request."""
SOURCES = ("api", "file")
STATUSES = {Outcome.ACCEPTED: 200, Outcome.REPEATED: 200, Outcome.CONFLICTING: 409, Outcome.INVALID: 422}


def list_routes(service: Service) -> list[BaseRoute]:
    return [add_route(service, "/usage", receive_usage, methods=("POST",), name="usage")]


def receive_usage(service: Service, request: Request) -> Response:
    """Keep reports. A list has a result for each report, with the HTTP status that it has alone."""
    if refusal := _check_caller(service, request):
        return refusal
    source = request.query_params.get("source", SOURCES[0])
    try:
        content, items = _read_items(request)
    except ValueError as error:
        return _refuse(400, str(error))
    try:
        results = _add(service, items, source)
    except OperationalError:
        return _refuse(503, "the database cannot be used now: repeat the request", {"Retry-After": "5"})
    if isinstance(content, list):
        status = 200 if all(STATUSES[result.outcome] == 200 for result in results) else 207
        return JSONResponse({"results": [_result_document(result) for result in results]}, status)
    return JSONResponse(_result_document(results[0]), STATUSES[results[0].outcome])


def _check_caller(service: Service, request: Request) -> Response | None:
    """Return a refusal for a request without key, or one of an unknown source."""
    if not service.settings.usage_keys:
        return _refuse(404, "the usage API is off: PARTNERCENTER_SAAS_USAGE_KEYS is not set")
    if not has_key(request, *service.settings.usage_keys):
        return _refuse(401, "send a usage key as bearer token", {"WWW-Authenticate": "Bearer"})
    if request.query_params.get("source", SOURCES[0]) not in SOURCES:
        return _refuse(400, f"source is one of: {', '.join(SOURCES)}")
    return None


def _refuse(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": message}, status, headers)


def _read_items(request: Request) -> tuple[Any, list[Any]]:
    """Return the content of a request, and its reports as a list. Raises ValueError."""
    body: bytes = getattr(request.state, "body", b"")
    content = _read_body(body, request.headers.get("content-type", ""))
    items = content if isinstance(content, list) else [content]
    if not 1 <= len(items) <= MOST_REPORTS:
        raise ValueError(f"a request has 1 to {MOST_REPORTS} reports")
    return content, items


def _read_body(body: bytes, content_type: str) -> Any:
    """Return the parsed body: an object, or a list of objects. Raises ValueError."""
    media_type = content_type.partition(";")[0].strip().lower()
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("the body is no text in UTF-8") from None
    if media_type == "text/csv":
        try:
            return [*_read_csv(text)]
        except csv.Error as error:
            raise ValueError(f"the body is no CSV: {error}") from None
    if media_type != "application/json":
        raise ValueError("the content type is application/json or text/csv")
    try:
        return read_json(text)
    except ValueError as error:
        raise ValueError(f"the body is no JSON: {error}") from None


def _read_csv(text: str) -> Iterator[dict[str, str]]:
    """Iterate over the lines by the names in the first one. Raises ValueError, csv.Error."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = [name.strip() for name in next(reader, [])]
    if len(set(header)) != len(header):
        raise ValueError("the first line names a column twice")
    for cells in reader:
        if not cells:
            continue
        if len(cells) != len(header):
            raise ValueError(f"line {reader.line_num} has {len(cells)} cells, the first one {len(header)}")
        yield {name: cell.strip() for name, cell in zip(header, cells, strict=True)}


def _add(service: Service, items: list[Any], source: str) -> list[ReportResult]:
    """Keep what is valid. Return a result for each item."""
    reports: list[Report | ReportResult] = []
    for item in items:
        try:
            reports.append(read_report(item))
        except ValueError as error:
            given = item.get("id") if isinstance(item, dict) else None
            id = given[:255] if isinstance(given, str) else ""
            reports.append(ReportResult(id, Outcome.INVALID, message=str(error)))
            service.metrics.usage_reports.labels(source, Outcome.INVALID).inc()
    results = iter(add_reports(service, [item for item in reports if isinstance(item, Report)], source))
    return [next(results) if isinstance(item, Report) else item for item in reports]


def _result_document(result: ReportResult) -> dict[str, Any]:
    return {
        "id": result.id,
        "outcome": result.outcome,
        "status": STATUSES[result.outcome],
        "hour": result.hour.isoformat().replace("+00:00", "Z") if result.hour else None,
        "is_moved": result.is_moved,
        "message": result.message,
    }
