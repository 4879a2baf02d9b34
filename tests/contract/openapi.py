"""The service's OpenAPI description, read strictly: only described members, types and statuses are allowed.

It is kept beside the checkout (`../shared`), not in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
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


def load_description(file: Path = FILE) -> dict[str, Any]:
    """The description with every reference resolved and every object closed.

    Left out: the `default` response, which would document every status; bodies of 204, which HTTP does not have;
    the parameter `Authorization` and security, because the tests send a token.
    """
    document = json.loads(file.read_text())
    components = document.pop("components")
    document.pop("security", None)
    for path_item in document["paths"].values():
        for operation in path_item.values():
            parameters = [
                _copy_resolved(parameter, components) for parameter in operation.get("parameters", [])
            ]
            operation["parameters"] = [
                {**parameter, "schema": _close_schema(parameter["schema"], components)}
                for parameter in parameters
                if parameter["name"] != "Authorization"
            ]
            answers = {
                status: _copy_resolved(answer, components)
                for status, answer in operation["responses"].items()
            }
            operation["responses"] = {
                status: answer for status, answer in answers.items() if status != "default"
            }
            for status, body in (*answers.items(), ("", operation.get("requestBody", {}))):
                if status == "204":
                    body.pop("content", None)
                for content in body.get("content", {}).values():
                    content.pop("examples", None)
                    content["schema"] = _close_schema(content["schema"], components)
    return document


def list_operations(file: Path = FILE) -> list[Any]:
    """Schemathesis' operations of a description."""
    import schemathesis  # it takes a second to load, in each process that collects tests

    schema = schemathesis.openapi.from_dict(load_description(file))
    return [result.ok() for result in schema.get_all_operations()]


def _copy_resolved(node: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    """A copy of a node or of the component that it refers to; the caller may change it."""
    if "$ref" in node:
        _, _, section, name = node["$ref"].split("/")
        node = components[section][name]
    copy: dict[str, Any] = json.loads(json.dumps(node))
    return copy


def _close_schema(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    """A schema whose objects take no other members, with the names of models as titles, without namespaces."""
    if "$ref" in schema:
        title = NAMESPACE.sub("", schema["$ref"].rpartition("/")[2]).partition("_")[0]
        return {**_close_schema(_copy_resolved(schema, components), components), "title": title}
    if "oneOf" in schema:
        choices = [_close_schema(choice, components) for choice in schema["oneOf"]]
        return choices[0] if len(choices) == 1 else {"anyOf": choices}
    parts = [_close_schema(part, components) for part in schema.get("allOf", [])]
    if parts:
        members = {name: member for part in parts for name, member in part["properties"].items()}
        return {"type": "object", "properties": members, "additionalProperties": False}
    if "items" in schema:
        return {**schema, "items": _close_schema(schema["items"], components)}
    if "properties" in schema:
        members = {name: _close_schema(member, components) for name, member in schema["properties"].items()}
        return {**schema, "properties": members, "additionalProperties": False}
    return schema


def list_differences(schema: dict[str, Any], value: Any, place: str) -> Iterator[str]:
    """Yield the differences of a value from its schema, as `Model.member: difference`, without the values."""
    if "anyOf" in schema:
        kind = value.get("resourceType") if isinstance(value, dict) else None
        candidates = [
            choice for choice in schema["anyOf"] if kind in choice["properties"]["resourceType"]["enum"]
        ]
        if candidates:
            yield from list_differences(candidates[0], value, place)
        else:
            yield f"{place}: none of the documented types"
    elif value is not None or not schema.get("nullable"):
        place = schema.get("title", place)
        is_flag = isinstance(value, bool) and schema["type"] != "boolean"
        if isinstance(value, TYPES[schema["type"]]) and not is_flag:
            yield from _list_inner_differences(schema, value, place)
        else:
            yield f"{place}: not of type {schema['type']}"


def _list_inner_differences(schema: dict[str, Any], value: Any, place: str) -> Iterator[str]:
    """Yield the differences of a value whose type is right."""
    if isinstance(value, list):
        for item in value:
            yield from list_differences(schema["items"], item, f"{place}[]")
    elif isinstance(value, dict) and "properties" in schema:
        for name, member in value.items():
            if name in schema["properties"]:
                yield from list_differences(schema["properties"][name], member, f"{place}.{name}")
            else:
                yield f"{place}.{name}: not a member"
    elif value not in schema.get("enum", [value]):
        yield f"{place}: not one of its values"
    elif schema.get("format") == "date-time" and not _is_time(value):
        yield f"{place}: not a date-time"


def _is_time(text: str) -> bool:
    """Whether a text is a time of RFC 3339, which needs an offset."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def assert_waived(differences: Mapping[str, str], statuses: Collection[str], shapes: Collection[str]) -> None:
    """Every difference has a waiver, by its whole text or by its status alone, and every waiver has a difference."""
    names = {*statuses, *shapes}
    waivers = {
        difference: next((key for key in (difference, difference.partition(" of ")[0]) if key in names), "")
        for difference in differences
    }
    problems = [
        f"{difference}\n    {differences[difference]}" for difference in waivers if not waivers[difference]
    ]
    assert not problems, "\n".join(problems)
    assert names == set(waivers.values()), "a waiver that no difference needs"
