"""The service's own OpenAPI description, read as strictly as it can be: what it does not name is not there.

It is kept beside the checkout (`../shared`), not in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[3] / "shared" / "reference" / "submission-api.openapi.json"
ABSENT = "no description: ../shared/reference/submission-api.openapi.json is not beside this checkout"
NAMESPACE = re.compile(r"^Microsoft\.Ingestion\.Api\.([A-Za-z0-9]+\.)*")
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}


def description() -> dict[str, Any]:
    """With every reference resolved and every object closed.

    Without the answer called `default`, which would document every status, and without bodies of 204, which
    HTTP does not have. Without `Authorization`: the tests have a token of their own.
    """
    whole = json.loads(FILE.read_text())
    components = whole.pop("components")
    for item in whole["paths"].values():
        for operation in item.values():
            parameters = [_resolved(one, components) for one in operation.get("parameters", [])]
            operation["parameters"] = [one for one in parameters if one["name"] != "Authorization"]
            answers = {status: _resolved(one, components) for status, one in operation["responses"].items()}
            operation["responses"] = {status: one for status, one in answers.items() if status != "default"}
            for status, one in (*answers.items(), ("", operation.get("requestBody", {}))):
                if status == "204":
                    one.pop("content", None)
                for content in one.get("content", {}).values():
                    content.pop("examples", None)
                    content["schema"] = _closed(content["schema"], components)
    return whole


def _resolved(node: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    """A copy, so that what is shared can be changed in one place."""
    if "$ref" in node:
        _, _, section, name = node["$ref"].split("/")
        node = components[section][name]
    copied: dict[str, Any] = json.loads(json.dumps(node))
    return copied


def _closed(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    """Models become objects that take no other members, titled by their names without the namespaces."""
    if "$ref" in schema:
        title = NAMESPACE.sub("", schema["$ref"].rpartition("/")[2]).partition("_")[0]
        return {**_closed(_resolved(schema, components), components), "title": title}
    if "oneOf" in schema:
        choices = [_closed(one, components) for one in schema["oneOf"]]
        return choices[0] if len(choices) == 1 else {"anyOf": choices}
    parts = [_closed(part, components) for part in schema.get("allOf", [])]
    if parts:
        members = {name: member for part in parts for name, member in part["properties"].items()}
        return {"type": "object", "properties": members, "additionalProperties": False}
    if "items" in schema:
        return {**schema, "items": _closed(schema["items"], components)}
    if "properties" in schema:
        members = {name: _closed(member, components) for name, member in schema["properties"].items()}
        return {**schema, "properties": members, "additionalProperties": False}
    return schema


def undocumented(schema: dict[str, Any], value: Any, where: str) -> Iterator[str]:
    """What of a value the schema does not describe, as `Model.member: what is wrong`, without the values."""
    if "anyOf" in schema:
        kind = value.get("resourceType") if isinstance(value, dict) else None
        fitting = [one for one in schema["anyOf"] if kind in one["properties"]["resourceType"]["enum"]]
        if fitting:
            yield from undocumented(fitting[0], value, where)
        else:
            yield f"{where}: none of the documented types"
    elif value is not None or not schema.get("nullable"):
        where = schema.get("title", where)
        is_flag = isinstance(value, bool) and schema["type"] != "boolean"
        if isinstance(value, TYPES[schema["type"]]) and not is_flag:
            yield from _within(schema, value, where)
        else:
            yield f"{where}: not of type {schema['type']}"


def _within(schema: dict[str, Any], value: Any, where: str) -> Iterator[str]:
    """The same, once the type is right."""
    if isinstance(value, list):
        for item in value:
            yield from undocumented(schema["items"], item, f"{where}[]")
    elif isinstance(value, dict) and "properties" in schema:
        for name, member in value.items():
            if name in schema["properties"]:
                yield from undocumented(schema["properties"][name], member, f"{where}.{name}")
            else:
                yield f"{where}.{name}: not a member"
    elif value not in schema.get("enum", [value]):
        yield f"{where}: not one of its values"
    elif schema.get("format") == "date-time" and not _is_time(value):
        yield f"{where}: not a date-time"


def _is_time(text: str) -> bool:
    """Of RFC 3339, which needs an offset."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
