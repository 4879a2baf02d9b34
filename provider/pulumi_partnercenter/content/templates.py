"""Checks of the two files that make a package an Azure application, by the rules of the service.

`problems` fail a preview: they break rules of Microsoft's public documentation. The rules for the two files at the root
are in "Plan an Azure application offer"; the other pages are named below. `remarks` are warnings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from ..strict_json import NestedTooDeeply
from . import attribution, zips
from .archives import READ_BYTES, SOURCE, TEMPLATE, Archive
from .sources import text_content
from .template_json import read_template_json

__all__ = ["problems", "remarks"]

DEFINITION = "createUiDefinition.json"
SHOWN = 120
"""Maximum length of an invalid value in a sentence."""

SCHEMAS = "https://schema.management.azure.com/schemas"
ADDRESS = r"https?://schema\.management\.azure\.com/schemas/(?P<version>[^/]+)/"
TEMPLATE_SCHEMA = re.compile(ADDRESS + r"deploymentTemplate\.json#?", re.IGNORECASE)
DEFINITION_SCHEMA = re.compile(ADDRESS + r"createUIDefinition(\.MultiVm)?\.json#?", re.IGNORECASE)
HANDLERS = ("Microsoft.Azure.CreateUIDef", "Microsoft.Compute.MultiVm")
"""Accepted handlers. The second is the older name."""

FOR_THE_APPLICATION = {
    "applicationresourcename",
    "jitaccesspolicy",
    "managedidentity",
    "managedresourcegroupid",
}
"""Outputs that the portal passes to the managed application itself, not to its template. `managedIdentity` and
`jitAccessPolicy` are documented ("Managed application with managed identity", "Request just-in-time access"); the
other two are inferred, and accepted so that no valid package is refused.
"""

MISNAMED = {
    TEMPLATE: ("azuredeploy.json", "main.json", "template.json"),
    SOURCE: ("main.bicep", "azuredeploy.bicep"),
}
"""Names of the template in other tools; Partner Center accepts only one."""
ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".7z")
VERSION = re.compile(r"[vV]?\d+(\.\d+)+")
TEST_FOLDERS = {"test", "tests", "__tests__"}
TEST_FILE = re.compile(r"(.+[._])?tests?(\..+)?|test_.+", re.IGNORECASE)
LENGTH = 1024
"""Length that exceeds every name that all systems can unpack."""
LISTED = 3
"""Maximum number of names in a remark."""


class File(NamedTuple):
    """One of the two files: its object, None if it cannot be checked, and the problems of its text."""

    content: dict[str, Any] | None
    problems: list[str]
    remarks: list[str]


def problems(archive: Archive) -> list[str]:
    """Return a sentence for each reason why the service would refuse the package."""
    template, definition = _read(archive, TEMPLATE), _read(archive, DEFINITION)
    sentences = [*template.problems, *definition.problems]
    if template.content is not None:
        sentences += _template_problems(template.content)
    if template.content is not None and definition.content is not None:
        sentences += _mismatches(template.content, definition.content)
    return _escape_surrogates(sentences)


def remarks(archive: Archive) -> list[str]:
    """Return a sentence for each detail that is allowed, but probably a mistake."""
    template, definition = _read(archive, TEMPLATE), _read(archive, DEFINITION)
    sentences = list(_unwanted_files(archive))
    sentences += template.remarks
    if template.content is not None:
        sentences += _template_remarks(template.content)
    sentences += definition.remarks
    if definition.content is not None:
        sentences += _definition_remarks(definition.content)
    return _escape_surrogates(sentences)


def _escape_surrogates(sentences: list[str]) -> list[str]:
    """Escape lone surrogates, which JSON may contain."""
    return [sentence.encode(errors="backslashreplace").decode() for sentence in sentences]


def _read(archive: Archive, name: str) -> File:
    """Read a file at the root as JSON."""
    entries = dict(archive.entries)
    if name not in entries:
        return File(None, [_missing_problem(name, list(entries))], [])
    if entries[name] > READ_BYTES:
        return File(None, [], [f"{name}: has {entries[name]} bytes, and is too large to be checked here"])
    try:
        value, remarks = read_template_json(archive.read(name))
    except NestedTooDeeply:
        return File(None, [], [f"{name}: is nested too deeply to be checked here"])
    except ValueError as error:
        is_damage = str(error).startswith("is a damaged zip")
        return File(None, [str(error) if is_damage else f"{name}: {error}"], [])
    if not isinstance(value, dict):
        return File(None, [f"{name}: must be a JSON object"], [])
    return File(value, [], [f"{name}: {remark}" for remark in remarks])


def _unwanted_files(archive: Archive) -> Iterator[str]:
    """Yield files that customers would receive with the package, although they are probably left over."""
    names = [name for name, _ in archive.entries]
    if {TEMPLATE, SOURCE} <= set(names):
        yield f"{SOURCE}: is not compiled, because {TEMPLATE} exists; it is uploaded as it is"
    if packages := [name for name in names if _is_package(archive, name)]:
        yield f"{_join_names(packages)}: looks like an older package; customers get it with this one"
    if tests := [name for name in names if _is_test(name)]:
        yield f"{_join_names(tests)}: looks like a test; customers get it with the package"
    for name in names:
        if len(name) > LENGTH:
            yield f"{name[:SHOWN]}…: has {len(name)} characters, which not every system unpacks"


def _is_package(archive: Archive, name: str) -> bool:
    """Return whether an archive in the package has a version in its name, or contains a template."""
    base = name.rpartition("/")[2]
    suffix = next((suffix for suffix in ARCHIVES if base.casefold().endswith(suffix)), "")
    if suffix and VERSION.fullmatch(base[: -len(suffix)]):
        return True
    if suffix != ".zip" or dict(archive.entries)[name] > READ_BYTES:
        return False
    inner = text_content(archive.read(name))
    with suppress(ValueError), zips.open_zip(inner) as package:
        return any(entry.rpartition("/")[2].casefold() == TEMPLATE.casefold() for entry in package.namelist())
    return False


def _is_test(name: str) -> bool:
    *folders, base = name.casefold().split("/")
    return not TEST_FOLDERS.isdisjoint(folders) or bool(TEST_FILE.fullmatch(base))


def _join_names(names: list[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def _missing_problem(name: str, names: list[str]) -> str:
    near = [entry for entry in names if entry.rpartition("/")[2].casefold() == name.casefold()]
    if near:
        return (
            f"{name}: must be at the root of the package under exactly this name: found {', '.join(near[:3])}"
        )
    if name == TEMPLATE and SOURCE in names:
        return f"{name}: is missing; {SOURCE} is compiled only in a folder, not in a zip"
    for right, others in MISNAMED.items() if name == TEMPLATE else ():
        for entry in names:
            if entry.casefold() in (right.casefold(), *others):
                return f"{name}: is missing; {entry} has to be named {right}"
    return f"{name}: is missing; it must be at the root of the package"


def _template_problems(template: dict[str, Any]) -> Iterator[str]:
    """Check required members ("ARM template structure and syntax", template format)."""
    if "$schema" not in template:
        yield f"{TEMPLATE}: $schema: is missing; it is {SCHEMAS}/2019-04-01/deploymentTemplate.json#"
    if "contentVersion" not in template:
        yield f"{TEMPLATE}: contentVersion: is missing; it is a string such as 1.0.0.0"
    if not isinstance(template.get("resources"), list | dict):
        yield f"{TEMPLATE}: resources: must be a list, or an object by symbolic names"
    if not isinstance(template.get("parameters", {}), dict):
        yield f"{TEMPLATE}: parameters: must be an object"


def _template_remarks(template: dict[str, Any]) -> Iterator[str]:
    if "$schema" in template:
        yield from _schema_remark(TEMPLATE, template, TEMPLATE_SCHEMA, "2019-04-01/deploymentTemplate.json#")
    if "contentVersion" in template and not isinstance(template["contentVersion"], str):
        yield f"{TEMPLATE}: contentVersion: should be a string such as 1.0.0.0"
    if words := attribution.problem(template):
        yield f"{TEMPLATE}: customer usage attribution: no usage is counted for the offer: {words}"


def _definition_remarks(definition: dict[str, Any]) -> Iterator[str]:
    """Check recommendations of the Marketplace's test kit ("Test cases for createUiDefinition.json")."""
    yield from _schema_remark(
        DEFINITION, definition, DEFINITION_SCHEMA, "0.1.2-preview/CreateUIDefinition.MultiVm.json#"
    )
    handler = definition.get("handler")
    if not isinstance(handler, str) or handler.casefold() not in {name.casefold() for name in HANDLERS}:
        yield f"{DEFINITION}: handler: should be {HANDLERS[0]}: {_quote(handler)}"
    version = definition.get("version")
    schema = DEFINITION_SCHEMA.fullmatch(str(definition.get("$schema")))
    if not isinstance(version, str):
        yield f"{DEFINITION}: version: should be a string such as 0.1.2-preview: {_quote(version)}"
    elif schema and schema["version"].casefold() != version.casefold():
        yield f"{DEFINITION}: version: should be {schema['version']}, as in its $schema: {_quote(version)}"
    parameters = definition.get("parameters")
    if not isinstance(parameters, dict) or not isinstance(parameters.get("outputs"), dict):
        yield f"{DEFINITION}: parameters.outputs: should be an object with a member for each parameter"


def _schema_remark(
    file: str, document: dict[str, Any], schema: re.Pattern[str], example: str
) -> Iterator[str]:
    value = document.get("$schema")
    if not isinstance(value, str) or not schema.fullmatch(value):
        yield f"{file}: $schema: should be {SCHEMAS}/{example}: {_quote(value)}"


def _quote(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _mismatches(template: dict[str, Any], definition: dict[str, Any]) -> Iterator[str]:
    """Compare outputs with parameters as the Marketplace's test kit does: names without case
    ("Test cases for createUiDefinition.json": outputs, parameters without default values).
    """
    parameters, outputs = template.get("parameters", {}), _outputs(definition)
    if not isinstance(parameters, dict) or not isinstance(outputs, dict):
        return
    parameter_names = {name.casefold() for name in parameters}
    for name in outputs:
        if name.casefold() not in parameter_names | FOR_THE_APPLICATION:
            yield f"{DEFINITION}: parameters.outputs.{name}: is not a parameter of {TEMPLATE}"
    given = {name.casefold() for name in outputs}
    for name, parameter in parameters.items():
        if _needs_a_value(parameter) and name.casefold() not in given:
            yield (
                f"{TEMPLATE}: parameters.{name}: needs a defaultValue, or an output of that name in {DEFINITION}"
            )


def _needs_a_value(parameter: Any) -> bool:
    """Return whether a parameter needs a value; nullable ones do not ("Parameters in ARM templates", nullable)."""
    return (
        isinstance(parameter, dict)
        and "defaultValue" not in parameter
        and parameter.get("nullable") is not True
    )


def _outputs(definition: dict[str, Any]) -> Any:
    """Return the outputs of a definition: empty if it has none, None if they are no object."""
    parameters = definition.get("parameters", {})
    return parameters.get("outputs", {}) if isinstance(parameters, dict) else None
