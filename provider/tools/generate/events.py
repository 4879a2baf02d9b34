"""JSON schemas of what the SaaS service sends to handlers, and of a report of usage."""

from __future__ import annotations

import json

from pydantic import BaseModel

from pulumi_partnercenter.saas import Event
from pulumi_partnercenter.saas.usage import Report

__all__ = ["sections"]


def sections() -> dict[str, str]:
    """Text of each generated part of the page about the service, by its name."""
    return {"event-schema": _schema(Event), "report-schema": _schema(Report)}


def _schema(model: type[BaseModel]) -> str:
    text = json.dumps(model.model_json_schema(), indent=1, ensure_ascii=False)
    return f"```json\n{text}\n```"
