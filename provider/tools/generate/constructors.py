"""Typed constructors and outputs: `resources/` from the models and docstrings of `kinds/`."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
import textwrap
import types
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from provider.tools.generate.arguments import docstrings, parts

import pulumi_partnercenter
from pulumi_partnercenter.kind import Kind
from pulumi_partnercenter.markers import Accepts, Configured, Derived, Meaning, Secret
from pulumi_partnercenter.model import Arguments, Outputs, Part
from pulumi_partnercenter.registry import RESOURCES, ResourceType, load_kind
from pulumi_partnercenter.resources import _implied

PACKAGE = Path(pulumi_partnercenter.__file__).parent
RESOURCES_FOLDER = PACKAGE / "resources"
COMPONENTS_FOLDER = PACKAGE / "components"
HEADER = "# Made by `make generate` from {}; changes here are lost."
DOC_WIDTH = 100
SCALARS: dict[Any, tuple[str, str]] = {
    str: ("str", "str"),
    bool: ("bool", "bool"),
    int: ("int", "int"),
    float: ("float", "float"),
    Decimal: ("float | str | Decimal", "str"),
    Any: ("Any", "Any"),
}
"""By type of a value: the type that a constructor accepts, and the type in state."""
SET_BY_COMPONENTS = {
    "": {"offer", "offer_type", "plan", "language", "plan_id", "subtype"},
    "PlanPackage": {"package"},
    "Submission": {"publishes", "target", "adopt"},
}
"""Arguments that a component sets by a resource's place in it, by class; under "", those of every class."""
IN_NO_COMPONENT = {"AppRelease"}
"""Classes that a component never has: it declares a whole offer, and they publish a part of one."""
IMPORTS = {
    "Any": "from typing import Any",
    "Literal": "from typing import Literal",
    "NotRequired": "from typing import NotRequired",
    "TypedDict": "from typing import TypedDict",
    "Mapping": "from collections.abc import Mapping",
    "Sequence": "from collections.abc import Sequence",
    "Decimal": "from decimal import Decimal",
    "date": "from datetime import date",
    "datetime": "from datetime import datetime",
    "pulumi": "import pulumi",
    "Input": "from pulumi import Input",
    "Resource": "from ._base import Resource",
    "Schema": "from ._base import Schema",
    "friendly_type_errors": "from ._base import friendly_type_errors",
}
"""The import for each name that generated code may use."""


def generated() -> dict[Path, str]:
    """Return every generated module with its text."""
    kinds = {resource_type: load_kind(resource_type.name) for resource_type in RESOURCES}
    parts = _unique_parts(kinds, "")
    modules = {
        RESOURCES_FOLDER / "types.py": _types_module("kinds/", parts, {}),
        RESOURCES_FOLDER / "__init__.py": _exports_module("", parts),
        COMPONENTS_FOLDER / "resource_arguments.py": _component_arguments_module(kinds, parts),
    }
    types = {"": {".types": parts}}
    for service in _services():
        used = _unique_parts(kinds, service)
        own = {name: part for name, part in used.items() if parts.get(name) is not part}
        types[service] = {"..types": {name: used[name] for name in used if name not in own}, ".types": own}
        modules[RESOURCES_FOLDER / service / "__init__.py"] = _exports_module(service, own)
        if own:
            modules[RESOURCES_FOLDER / service / "types.py"] = _types_module(
                f"kinds/{service}/", own, {"..types": types[service]["..types"]}
            )
    for resource_type, kind in kinds.items():
        path = RESOURCES_FOLDER / f"{resource_type.path.replace('.', '/')}.py"
        modules[path] = _resource_module(resource_type, kind, types[resource_type.service])
    return {path: format_module(path, text) for path, text in modules.items()}


def _resource_module(
    resource_type: ResourceType,
    kind: Kind[Any, Arguments, Outputs],
    types: Mapping[str, Mapping[str, type[Part]]],
) -> str:
    model = kind.arguments
    names = [name for name in model.arguments() if name not in model.marked(Derived)]
    required = [name for name in names if model.model_fields[name].is_required()]
    ordered = [*required, *(name for name in names if name not in required)]
    texts = {**docstrings(model), **docstrings(kind.outputs)}
    hook = f"imply_{resource_type.path.replace('.', '_')}"
    has_hook = hasattr(_implied, hook)
    outputs = {
        **{name: _output(model.hint(name)) for name in model.arguments()},
        **{name: _output(kind.outputs.hint(name)) for name in kind.outputs.names()},
    }
    class_name, given = (
        resource_type.class_name,
        f"{hook}(resource_name, arguments)" if has_hook else "arguments",
    )
    lines = [
        f"class {class_name}(Resource, module={_module(resource_type)!r}, name={class_name!r}):",
        _docstring(inspect.getdoc(kind) or "", 1),
        "",
        *_indent(_schema(resource_type, kind), 1),
        "",
        *(line for name, type in outputs.items() for line in _attribute(name, type, texts.get(name, ""))),
        "",
        "    @friendly_type_errors",
        "    def __init__(",
        "        self,",
        "        resource_name: str,",
        "        *,",
        *(f"        {name}: {_parameter(model, name)}," for name in ordered),
        "        adopt: bool = False,",
        "        opts: pulumi.ResourceOptions | None = None,",
        "    ) -> None:",
        _arguments_docstring({name: texts.get(name, "") for name in [*ordered, "adopt"]}),
        "        arguments = {",
        *(f"            {name!r}: {name}," for name in [*ordered, "adopt"]),
        "        }",
        f"        super().__init__(resource_name, {given}, opts)",
    ]
    body = "\n".join(lines)
    imports = [f"from ._implied import {hook}"] if has_hook else []
    source = f"kinds/{resource_type.path.replace('.', '/')}.py"
    text = _module_text(f"{class_name}: see `{source}`.", source, body, imports, types)
    return text.replace("\nfrom ._", "\nfrom .._") if resource_type.service else text


def _module(resource_type: ResourceType) -> str:
    return f"partnercenter/{resource_type.service}" if resource_type.service else "partnercenter"


def _services() -> list[str]:
    """Packages with resources of other services than the submission API."""
    return sorted({resource_type.service for resource_type in RESOURCES} - {""})


def _schema(resource_type: ResourceType, kind: Kind[Any, Any, Any]) -> str:
    secrets = kind.arguments.marked(Secret)
    members = [
        f"known_as={resource_type.name!r}",
        f"arguments={kind.arguments.names()!r}",
        f"computed={tuple(kind.computed())!r}",
        *([f"secrets={tuple(secrets)!r}"] if secrets else []),
        *(["is_keyed_by_content=True"] if kind.is_keyed_by_content else []),
    ]
    return f"schema = Schema({', '.join(members)})"


def _types_module(
    source: str, parts: Mapping[str, type[Part]], types: Mapping[str, Mapping[str, type[Part]]]
) -> str:
    classes = [
        _dictionary_class(_dictionary(part), inspect.getdoc(part) or "", part, part.names())
        for part in parts.values()
    ]
    return _module_text(
        "Objects that constructors take, as typed dictionaries.", source, "\n\n\n".join(classes), [], types
    )


def _component_arguments_module(
    kinds: dict[ResourceType, Kind[Any, Any, Any]], parts: dict[str, type[Part]]
) -> str:
    classes = []
    kinds = {
        resource_type: kind
        for resource_type, kind in kinds.items()
        # components are part of the submission API
        if not resource_type.service and resource_type.name not in IN_NO_COMPONENT
    }
    for resource_type, kind in kinds.items():
        model, class_name = kind.arguments, resource_type.class_name
        is_set = SET_BY_COMPONENTS[""] | SET_BY_COMPONENTS.get(class_name, set()) | set(model.marked(Derived))
        names = [name for name in (*model.arguments(), "adopt") if name not in is_set]
        classes.append(
            _dictionary_class(f"{class_name}ArgsDict", f"Arguments of `{class_name}`.", model, names)
        )
    exported = [f"{resource_type.class_name}ArgsDict" for resource_type in kinds]
    return _module_text(
        "Arguments of each resource in a component, without those that follow from its place there.",
        "kinds/",
        f"__all__ = {sorted(exported)!r}\n\n\n" + "\n\n\n".join(classes),
        [],
        {"..resources.types": parts},
    )


def _dictionary_class(name: str, doc: str, model: type[Part], members: Sequence[str]) -> str:
    texts = docstrings(model)
    lines = [f"class {name}(TypedDict):", _docstring(doc, 1), ""]
    for member in members:
        type = "bool" if member == "adopt" else _input(model.hint(member))
        is_required = model.model_fields[member].is_required()
        lines += _attribute(
            member, type if is_required else f"NotRequired[{type}]", texts.get(member, ""), is_output=False
        )
    return "\n".join(lines)


def _exports_module(service: str, parts: Mapping[str, type[Part]]) -> str:
    """Return the module that exports the resources of a service; "" is the submission API."""
    own = [resource_type for resource_type in RESOURCES if resource_type.service == service]
    dictionaries = sorted(map(_dictionary, parts.values()))
    names = [*(resource_type.class_name for resource_type in own), *dictionaries]
    imports = [f"from .{resource_type.module} import {resource_type.class_name}" for resource_type in own]
    imports += [f"from .types import {', '.join(dictionaries)}"] if dictionaries else []
    if not service:
        names, imports = [*names, "Resource"], ["from ._base import Resource", *imports]
    return _module_text(
        f"The public resources{f' of `{service}`' if service else ''} and the types of their arguments.",
        f"kinds/{service}/" if service else "kinds/",
        f"__all__ = [{', '.join(repr(name) for name in sorted(names))}]",
        imports,
        {},
    )


def _module_text(
    summary: str,
    source: str,
    body: str,
    imports: list[str],
    types: Mapping[str, Mapping[str, type[Part]]],
) -> str:
    """`types` are parts by the module that has their typed dictionaries."""
    words = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
    used = [line for name, line in IMPORTS.items() if name in words]
    for module, own in types.items():
        dictionaries = sorted(_dictionary(part) for part in own.values() if _dictionary(part) in words)
        used += [f"from {module} import {', '.join(dictionaries)}"] if dictionaries else []
    lines = [
        f'"""{summary}"""',
        "",
        HEADER.format(source),
        "from __future__ import annotations",
        "",
        *used,
        *imports,
        "",
        body,
    ]
    return "\n".join(lines) + "\n"


def _parameter(model: type[Arguments], name: str) -> str:
    type = _input(model.hint(name))
    return type if model.model_fields[name].is_required() else f"{type} | None = None"


def _input(hint: Any) -> str:
    """Return the type of a constructor's argument or of a member. Resources as arguments cannot be outputs."""
    type = _accepted(hint)
    return type if "[Resource]" in type else f"Input[{type}]"


def _accepted(hint: Any) -> str:
    """Return the types that a program may pass, as a Python expression."""
    base, marks = _split(hint)
    accepts = next((mark for mark in marks if isinstance(mark, Accepts)), None)
    if accepts and accepts.only:
        return accepts.annotation
    if Configured in marks:
        return "str"
    own = _accepted_base(base)
    return f"{own} | {accepts.annotation}" if accepts else own


def _accepted_base(base: Any) -> str:
    origin, inner = get_origin(base), get_args(base)
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, inner))}]"
    if origin is list:
        return f"Sequence[{_input(inner[0])}]"
    if origin is dict:
        return f"Mapping[str, {_input(inner[1])}]"
    if origin in (Union, types.UnionType):
        return _accepted(next(argument for argument in inner if argument is not type(None)))
    if base in SCALARS:
        return SCALARS[base][0]
    return _dictionary(base)


def _output(hint: Any) -> str:
    """Return the type of an output, as state holds it."""
    base, marks = _split(hint)
    for mark in marks:
        if isinstance(mark, Meaning) and mark.dumps_to:
            # The SDK reads these types and supports no unions.
            return "Any" if "|" in mark.dumps_to else mark.dumps_to
    origin, inner = get_origin(base), get_args(base)
    if origin is Literal:
        return "str"
    if origin is list:
        return f"list[{_output(inner[0])}]"
    if origin is dict:
        return f"dict[str, {_output(inner[1])}]"
    if origin in (Union, types.UnionType):
        return _output(next(argument for argument in inner if argument is not type(None)))
    return SCALARS[base][1] if base in SCALARS else "dict[str, Any]"


def _split(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    if get_origin(hint) is Annotated:
        return get_args(hint)[0], hint.__metadata__
    return hint, ()


def _unique_parts(kinds: Mapping[ResourceType, Kind[Any, Any, Any]], service: str) -> dict[str, type[Part]]:
    """Return the parts that constructors of a service accept, at any depth, by name."""
    unique: dict[str, type[Part]] = {}
    for kind in [kind for resource_type, kind in kinds.items() if resource_type.service == service]:
        model = kind.arguments
        names = [name for name in model.arguments() if name not in model.marked(Derived)]
        for part in parts(model, names):
            assert unique.setdefault(part.__name__, part) is part, f"two parts are called {part.__name__}"
    return dict(sorted(unique.items()))


def _dictionary(part: type[Part]) -> str:
    return f"{part.__name__}ArgsDict"


def _attribute(name: str, type: str, text: str, *, is_output: bool = True) -> list[str]:
    lines = [f"    {name}: {f'pulumi.Output[{type}]' if is_output else type}"]
    return [*lines, _docstring(text, 1)] if text else lines


def _docstring(text: str, depth: int) -> str:
    indent = "    " * depth
    paragraph = textwrap.fill(
        " ".join(text.split()), DOC_WIDTH, break_long_words=False, break_on_hyphens=False
    )
    prefix = "r" if "\\" in paragraph else ""
    return textwrap.indent(f'{prefix}"""{paragraph}"""', indent)


def _arguments_docstring(texts: dict[str, str]) -> str:
    lines = ['"""Declare one. Every argument may be an output of another resource, but `adopt`.', "", "Args:"]
    lines.append("    resource_name: Name in the program, which the engine's URN is made of.")
    for name, text in texts.items():
        lines += textwrap.wrap(
            f"{name}: {text}",
            DOC_WIDTH,
            initial_indent="    ",
            subsequent_indent="        ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    lines += ["    opts: Options of the engine.", '"""']
    return textwrap.indent("\n".join(lines), "        ")


def _indent(text: str, depth: int) -> list[str]:
    return [f"{'    ' * depth}{line}" for line in text.splitlines()]


def format_module(path: Path, text: str) -> str:
    """Lay out a module as `make check` wants it."""
    for command in (["check", "--fix-only", "--select", "I001,D209,D413", "--quiet"], ["format", "--quiet"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--stdin-filename", str(path), "-"]
        text = subprocess.run(ruff, input=text, capture_output=True, text=True, check=True).stdout
    return text
