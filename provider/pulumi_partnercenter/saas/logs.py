"""Logs of the SaaS service: one JSON object a line, with ids and without tokens, secrets, names and addresses."""

from __future__ import annotations

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import IO, Any

from ..messages import redacted

__all__ = ["FIELDS", "configure_logging", "request_id", "trace_id"]

FIELDS = (
    "subscription_id",
    "operation_id",
    "job_id",
    "job",
    "event_id",
    "event",
    "visit_id",
    "object_id",
    "tenant_id",
    "correlation_id",
    "method",
    "route",
    "status",
    "seconds",
    "attempts",
    "count",
    "outcome",
)
"""Members of a line beside its message: `logger.info("…", extra={"subscription_id": id})`. Others are left out."""
EMAIL = re.compile(r"[^\s@<>\"'(:/=,;]+@[^\s@<>\"'),;:]+")

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the request that this thread or task works on. Answers have it as `X-Request-Id`."""
trace_id: ContextVar[str] = ContextVar("trace_id", default="")
"""Id of its trace, where there is one."""


class JsonFormatter(logging.Formatter):
    """One line for a record."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": clean(record.getMessage()),
        }
        if identifier := request_id.get():
            line["request_id"] = identifier
        if trace := trace_id.get():
            line["trace_id"] = trace
        for name in FIELDS:
            if (value := getattr(record, name, None)) is not None:
                line[name] = value if isinstance(value, int | float) else clean(str(value))
        if record.exc_info:
            line["exception"] = clean(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def clean(text: str) -> str:
    """Remove secrets and e-mail addresses from a text."""
    return EMAIL.sub("…@…", redacted(text))


def configure_logging(stream: IO[str] | None = None, level: int = logging.INFO) -> None:
    """Write all records of this process to `stream` (standard output), a line each. Replaces earlier handlers.

    `uvicorn.run(…, log_config=None, access_log=False)` leaves its records to it; `observation` logs the requests.
    """
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("httpx", "httpcore", "alembic", "msal"):  # addresses of requests, or noise
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
