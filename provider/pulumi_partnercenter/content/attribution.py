"""Customer usage attribution: whether Partner Center can count the usage that a template causes.

Partner Center adds its tracking id itself, unless the template has its own deployments. Then the name of one of them
must be the id, as a literal (Microsoft's documentation, "Azure customer usage attribution").
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

__all__ = ["problem"]

DEPLOYMENT = "microsoft.resources/deployments"
NAME = re.compile(r"pid-.+-partnercenter", re.IGNORECASE)
ZERO = re.compile(r"pid-[0-]+-partnercenter", re.IGNORECASE)
TO_ADD = {
    "type": "Microsoft.Resources/deployments",
    "apiVersion": "2021-04-01",
    "name": "pid-<id that Partner Center shows>-partnercenter",
    "properties": {
        "mode": "Incremental",
        "template": {
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "contentVersion": "1.0.0.0",
            "resources": [],
        },
    },
}


def problem(template: dict[str, Any]) -> str | None:
    """Return why usage would not be counted, and the next step; None if it is counted."""
    deployments = list(_deployments(template))
    names = [name for deployment in deployments if isinstance(name := deployment.get("name"), str)]
    tracking_ids = [name for name in names if NAME.fullmatch(name)]
    if not deployments or any(not ZERO.fullmatch(name) for name in tracking_ids):
        return None
    if tracking_ids:
        return f"{tracking_ids[0]} is no tracking id; put the one that Partner Center shows in its name"
    if computed := next((name for name in names if _is_tracking_expression(name, template)), None):
        return f"the tracking id stands behind {computed}: write the name itself, as a text"
    if any(_has_tracking_id(deployment) for deployment in deployments):
        return "the tracking id is only in a nested template: put that resource into the template itself"
    return f"it has deployments, and none with the tracking id; add to its resources: {json.dumps(TO_ADD)}"


def _deployments(template: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the template's own deployments, including children of resources, not those of nested templates."""
    waiting = [template]
    while waiting:
        for resource in _resources(waiting.pop()):
            waiting.append(resource)
            is_deployment = str(resource.get("type")).casefold() == DEPLOYMENT
            if is_deployment and resource.get("existing") is not True:
                yield resource


def _resources(holder: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the resources of a list, or of an object by symbolic names (`languageVersion` 2.0)."""
    resources = holder.get("resources")
    values = list(resources.values()) if isinstance(resources, dict) else resources
    yield from (value for value in values if isinstance(value, dict)) if isinstance(values, list) else ()


def _is_tracking_expression(name: str, template: dict[str, Any]) -> bool:
    """Return whether an expression has a tracking id, or a variable or parameter with one."""
    if not name.startswith("[") or name.startswith("[["):
        return False
    texts = [name]
    for collection, key in re.findall(r"(variables|parameters)\(\s*'([^']+)'\s*\)", name, re.IGNORECASE):
        values = template.get(collection.casefold())
        texts += [json.dumps(values.get(key))] if isinstance(values, dict) else []
    return any("pid-" in text.casefold() for text in texts)


def _has_tracking_id(deployment: dict[str, Any]) -> bool:
    """Return whether the nested template of a deployment has a tracking id, at any depth."""
    waiting = [deployment]
    while waiting:
        properties = waiting.pop().get("properties")
        template = properties.get("template") if isinstance(properties, dict) else None
        nested = list(_deployments(template)) if isinstance(template, dict) else []
        if any(NAME.fullmatch(str(inner.get("name"))) for inner in nested):
            return True
        waiting += nested
    return False
