"""The two files that make a package an Azure application, judged as the service would (reference 5.12, 9.1).

`problems` fail a preview; `remarks` are told, because nobody edits the user's files. What they must hold is public:
"ARM template structure and syntax" and "CreateUiDefinition overview" in Microsoft's documentation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from .archives import SOURCE, TEMPLATE, Archive
from .strict import parsed

__all__ = ["problems", "remarks"]

DEFINITION = "createUiDefinition.json"
SHOWN = 120
"""Characters of a wrong value that a sentence shows."""

SCHEMAS = r"https?://schema\.management\.azure\.com/schemas/[^/]+/"
TEMPLATE_SCHEMA = re.compile(SCHEMAS + r"deploymentTemplate\.json#?", re.IGNORECASE)
DEFINITION_SCHEMA = re.compile(SCHEMAS + r"createUIDefinition(\.MultiVm)?\.json#?", re.IGNORECASE)
HANDLERS = ("Microsoft.Azure.CreateUIDef", "Microsoft.Compute.MultiVm")
"""The second is the older name; the portal knows both."""

FOR_THE_APPLICATION = {
    "applicationresourcename",
    "jitaccesspolicy",
    "managedidentity",
    "managedresourcegroupid",
}
"""Outputs that the portal gives to the managed application itself, not to its template. `managedIdentity` and
`jitAccessPolicy` are documented ("Managed application with managed identity", "Request just-in-time access"); the
other two are inferred, and let pass so that nothing right is refused."""

ATTRIBUTION = re.compile(r"pid-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-partnercenter", re.IGNORECASE)
DEPLOYMENT = "microsoft.resources/deployments"
TO_ADD = {
    "type": "Microsoft.Resources/deployments",
    "apiVersion": "2021-04-01",
    "name": "pid-<GUID that Partner Center shows>-partnercenter",
    "properties": {
        "mode": "Incremental",
        "template": {
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "contentVersion": "1.0.0.0",
            "resources": [],
        },
    },
}


def problems(archive: Archive) -> list[str]:
    """A sentence for each thing for which the service would refuse the package."""
    found: list[str] = []
    template, definition = (_root_object(archive, name, found) for name in (TEMPLATE, DEFINITION))
    if template is not None:
        found += _template_problems(template)
    if definition is not None:
        found += _definition_problems(definition)
    if template is not None and definition is not None:
        found += _mismatches(template, definition)
    return [
        sentence.encode(errors="backslashreplace").decode() for sentence in found
    ]  # JSON may name half a pair


def remarks(archive: Archive) -> list[str]:
    """A sentence for each thing that is allowed and probably not meant."""
    names = {name for name, _ in archive.entries}
    found: list[str] = []
    if {TEMPLATE, SOURCE} <= names:
        found.append(f"{SOURCE}: is not compiled, because {TEMPLATE} is there; it travels as it is")
    template = _root_object(archive, TEMPLATE, [])
    if template is not None and not any(_is_attribution(*each) for each in _resources(template)):
        found.append(
            f"{TEMPLATE}: has no customer-usage-attribution resource, so no usage is counted for the offer;"
            f" add to its resources: {json.dumps(TO_ADD)}"
        )
    return found


def _root_object(archive: Archive, name: str, found: list[str]) -> dict[str, Any] | None:
    """A file at the root as JSON; what is wrong with it joins `found`."""
    names = [each for each, _ in archive.entries]
    if name not in names:
        found.append(_missing(name, names))
        return None
    try:
        data = archive.read(name)
    except ValueError as error:
        found.append(str(error))
        return None
    try:
        value = parsed(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        found.append(f"{name}: must be UTF-8: byte {error.start} is not")
    except json.JSONDecodeError as error:
        found.append(f"{name}: must be JSON: {error.msg} at line {error.lineno}, column {error.colno}")
    except RecursionError:
        found.append(f"{name}: must be JSON that is not nested as deeply")
    except ValueError as error:
        found.append(f"{name}: must be JSON: {error}")
    else:
        if isinstance(value, dict):
            return value
        found.append(f"{name}: must be a JSON object")
    return None


def _missing(name: str, names: list[str]) -> str:
    near = [each for each in names if each.rpartition("/")[2].casefold() == name.casefold()]
    if near:
        return (
            f"{name}: must be at the root of the package under exactly this name: found {', '.join(near[:3])}"
        )
    if name == TEMPLATE and SOURCE in names:
        return f"{name}: is missing; only in a folder, not in a zip, is {SOURCE} compiled"
    return f"{name}: is missing; it must be at the root of the package"


def _template_problems(template: dict[str, Any]) -> Iterator[str]:
    yield from _schema_problem(TEMPLATE, template, TEMPLATE_SCHEMA, "2019-04-01/deploymentTemplate.json#")
    if not isinstance(template.get("contentVersion"), str):
        yield f"{TEMPLATE}: contentVersion: must be a text such as 1.0.0.0"
    if not isinstance(template.get("resources"), list | dict):
        yield f"{TEMPLATE}: resources: must be a list, or an object by symbolic names"
    if not isinstance(template.get("parameters", {}), dict):
        yield f"{TEMPLATE}: parameters: must be an object"


def _definition_problems(definition: dict[str, Any]) -> Iterator[str]:
    yield from _schema_problem(
        DEFINITION, definition, DEFINITION_SCHEMA, "0.1.2-preview/CreateUIDefinition.MultiVm.json#"
    )
    handler = definition.get("handler")
    if not isinstance(handler, str) or handler.casefold() not in {name.casefold() for name in HANDLERS}:
        yield f"{DEFINITION}: handler: must be {HANDLERS[0]}: {_shown(handler)}"
    if not isinstance(definition.get("version"), str):
        yield f"{DEFINITION}: version: must be a text such as 0.1.2-preview"
    if _outputs(definition) is None:
        yield f"{DEFINITION}: parameters.outputs: must be an object with a member for each parameter"


def _schema_problem(file: str, said: dict[str, Any], schema: re.Pattern[str], example: str) -> Iterator[str]:
    value = said.get("$schema")
    if not isinstance(value, str) or not schema.fullmatch(value):
        yield (
            f"{file}: $schema: must be https://schema.management.azure.com/schemas/{example}: {_shown(value)}"
        )


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _mismatches(template: dict[str, Any], definition: dict[str, Any]) -> Iterator[str]:
    """Outputs against parameters; Azure compares their names without case."""
    parameters, outputs = template.get("parameters", {}), _outputs(definition)
    if not isinstance(parameters, dict) or outputs is None:
        return
    known = {name.casefold() for name in parameters}
    for name in outputs:
        if name.casefold() not in known | FOR_THE_APPLICATION:
            yield f"{DEFINITION}: parameters.outputs.{name}: is not a parameter of {TEMPLATE}"
    given = {name.casefold() for name in outputs}
    for name, parameter in parameters.items():
        if _needs_a_value(parameter) and name.casefold() not in given:
            yield (
                f"{TEMPLATE}: parameters.{name}: needs a defaultValue, or an output of that name in {DEFINITION}"
            )


def _needs_a_value(parameter: Any) -> bool:
    """Parameters that may be null need none ("Parameters in ARM templates", nullable)."""
    return (
        isinstance(parameter, dict)
        and "defaultValue" not in parameter
        and parameter.get("nullable") is not True
    )


def _outputs(definition: dict[str, Any]) -> dict[str, Any] | None:
    parameters = definition.get("parameters")
    outputs = parameters.get("outputs") if isinstance(parameters, dict) else None
    return outputs if isinstance(outputs, dict) else None


def _resources(template: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every resource with the variables of its template: children and nested deployments too."""
    variables = template.get("variables")
    waiting = [(template, variables if isinstance(variables, dict) else {})]
    while waiting:
        holder, variables = waiting.pop()
        listed = holder.get("resources")
        for each in (
            listed.values() if isinstance(listed, dict) else listed if isinstance(listed, list) else []
        ):
            if isinstance(each, dict):
                yield each, variables
                waiting.append((each, variables))
                properties = each.get("properties")
                inner = properties.get("template") if isinstance(properties, dict) else None
                if isinstance(inner, dict):
                    own = inner.get("variables")
                    waiting.append((inner, variables | own if isinstance(own, dict) else variables))


def _is_attribution(resource: dict[str, Any], variables: dict[str, Any]) -> bool:
    """Whether the name is one, also inside of an expression or behind a variable, as Bicep writes it."""
    name = str(resource.get("name"))
    if variable := re.fullmatch(r"\[variables\('([^']+)'\)\]", name):
        name = str(variables.get(variable[1]))
    return str(resource.get("type")).casefold() == DEPLOYMENT and bool(ATTRIBUTION.search(name))
