"""Error bodies of the submission API: `ICH50400 - text {json}`, JSON in a JSON string, an object, or plain text."""

from __future__ import annotations

import json
import re
from typing import Any

from ..system import ServiceError

__all__ = ["parse_error"]

_CODED_TEXT = re.compile(r"^(?P<code>[A-Z]{2,}\d+) - (?P<text>[^{]*)(?P<json>\{.*\})?\s*$", re.DOTALL)


def parse_error(text: str) -> ServiceError:
    """Read the innermost message of an error body."""
    body = _load(text, default=text)
    if isinstance(body, str):
        return _from_string(body)
    if isinstance(body, dict):
        return _from_object(body)
    return ServiceError(message=text.strip())


def _load(text: str, default: Any = None) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return default


def _from_string(text: str) -> ServiceError:
    match = _CODED_TEXT.match(text)
    code, lead = (match["code"], match["text"].strip()) if match else ("", "")
    inner = match["json"] if match else text[text.find("{") :] if "{" in text else None
    body = _load(inner) if inner else None
    if not isinstance(body, dict):
        return ServiceError(code=code, message=lead or text.strip())
    error = _from_object(body)
    outer = lead or text[: text.find("{")].strip(" ,=").removesuffix("ResponseContent").strip(" ,=")
    return ServiceError(code=code or error.code, message=error.message or outer, fields=error.fields)


def _from_object(body: dict[str, Any]) -> ServiceError:
    if isinstance(body.get("error"), dict):
        body = body["error"]
    code = next((str(body[key]) for key in ("code", "statusCode", "faultCode") if body.get(key)), "")
    message = next((str(body[key]) for key in ("message", "reasonPhrase", "title") if body.get(key)), "")
    details: dict[str, Any] = next(
        (body[key] for key in ("data", "errors", "details") if isinstance(body.get(key), dict)), {}
    )
    fields = {
        key: list(map(str, value)) if isinstance(value, list) else [str(value)]
        for key, value in details.items()
    }
    return ServiceError(code=code, message=message, fields=fields)
