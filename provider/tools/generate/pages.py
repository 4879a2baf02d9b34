"""A page for each resource, from its file: docstrings of class and arguments, models, markers, rules, verbs."""

from __future__ import annotations

import inspect
import operator
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from provider.tools.generate.arguments import Field, arguments, derived, members, parts

import pulumi_partnercenter
from pulumi_partnercenter.kind import Kind
from pulumi_partnercenter.markers import Derived, Immutable, Local, WriteOnly
from pulumi_partnercenter.model import Arguments
from pulumi_partnercenter.registry import RESOURCES, find_resource_type, load_kind
from pulumi_partnercenter.resources import Resource

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "provider" / "docs"
EXAMPLES = DOCS / "examples"
PAGES = DOCS / "resources"
MADE = "<!-- Made by `make generate` from the resource's file and its example; changes here are lost. -->"
CODE = "../../pulumi_partnercenter/kinds"
READING = "● A change replaces the resource. Every argument may be an output of another resource."
COLUMNS = "| {} | Type | Default | Meaning |\n|---|---|---|---|"
PERMISSIONS = {
    "": "The application that signs in needs the role **Manager** in Partner Center"
    " ([getting started](../getting-started.md#6-point-it-at-partner-center)).",
    "portal": "The application that signs in has to be added to the publisher's account in Partner Center as owner or"
    " contributor, with the object id of its enterprise application; `partnercenter doctor --portal` checks it.",
}
"""By service: what an application needs."""


def generated() -> dict[Path, str]:
    """Return the text of every page, by path."""
    pages = {page_of(resource): page(resource) for resource in resources()}
    return {**pages, PAGES / "README.md": index()}


def resources() -> list[type[Resource]]:
    """Return the public classes, in the order of the registry."""
    return [operator.attrgetter(resource_type.name)(pulumi_partnercenter) for resource_type in RESOURCES]


def page_of(resource: type[Resource]) -> Path:
    return PAGES / f"{file_name(resource)}.md"


def example_of(resource: type[Resource]) -> Path:
    return EXAMPLES / f"{file_name(resource)}.py"


def module(resource: type[Resource]) -> str:
    """Return the resource's module below `kinds/`: `portal/offer`."""
    return find_resource_type(resource.schema.known_as).path.replace(".", "/")


def file_name(resource: type[Resource]) -> str:
    """Return the name of page and example, without its ending: `portal-offer`."""
    return module(resource).replace("/", "-")


def is_what(resource: type[Resource]) -> str:
    return prose(str(resource.__doc__))


def about(resource: type[Resource]) -> str:
    return prose(str(sys.modules[type(load_kind(resource.schema.known_as)).__module__].__doc__))


def prose(docstring: str) -> str:
    """Return the docstring on one line, without references to sections that readers do not have."""
    return re.sub(r" \(\d+(\.\d+)?\)", "", " ".join(docstring.split()))


def page(resource: type[Resource]) -> str:
    kind = load_kind(resource.schema.known_as)
    model = kind.arguments
    output_parts = [*parts(model, model.marked(Derived)), *parts(kind.outputs, kind.outputs.names())]
    sections = [
        MADE,
        f"# {resource.schema.known_as}",
        is_what(resource),
        f"```python\n{example_of(resource).read_text(encoding='utf-8').strip()}\n```",
        "## Arguments",
        f"{prose(str(model.__doc__))} {READING}",
        table("Argument", arguments(model, resource)),
        *(text for part in parts(model, settable(model)) for text in part_section(part)),
        *rules(model),
        "## Outputs",
        f"`id`, `{kind.id_form}`, and every argument as the service has it.",
        outputs(kind, model),
        *(text for part in output_parts for text in part_section(part, computed_table)),
        "## From day to day",
        life(kind, model),
        PERMISSIONS[find_resource_type(resource.schema.known_as).service],
        f"Made from [{module(resource)}.py]({CODE}/{module(resource)}.py): {about(resource)}",
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def table(first: str, fields: Sequence[Field]) -> str:
    return "\n".join([COLUMNS.format(first), *(field.row() for field in fields)])


def part_section(part: type[Any], shown: Callable[[str, Sequence[Field]], str] = table) -> list[str]:
    return [f"### {part.__name__}", prose(str(part.__doc__)), shown("Member", members(part))]


def rules(model: type[Arguments]) -> list[str]:
    """Return the rules across arguments: the docstrings of their functions, or the names if there is none."""
    words = [prose(rule.__doc__ or rule.__name__.strip("_").replace("_", " ")) for rule in model.rules]
    lines = [f"- {rule[0].upper()}{rule[1:].rstrip('.')}." for rule in words]
    return ["## Rules across arguments", "\n".join(lines)] if lines else []


def outputs(kind: Kind[Any, Any, Any], model: type[Arguments]) -> str:
    digest = Field("fingerprint", "string", "", "Digest of the canonical arguments.")
    return computed_table("Output", [*derived(model), *members(kind.outputs), digest])


def computed_table(first: str, fields: Sequence[Field]) -> str:
    """Return the table of computed values, which have no default."""
    rows = [f"| `{field.name}` | {field.type} | {field.meaning} |" for field in fields]
    return "\n".join([f"| {first} | Type | Meaning |", "|---|---|---|", *rows])


def life(kind: Kind[Any, Any, Any], model: type[Arguments]) -> str:
    """Describe adoption, refresh, replacement and deletion."""
    fixed = _listed(model.marked(Immutable), "or")
    order = (
        "created before the old one is deleted"
        if kind.is_keyed_by_content
        else "created after the old one is deleted"
    )
    return "\n".join(
        [
            f"- **What exists already**: {prose(inspect.getdoc(kind.find) or '')}{adoption(kind, model)}",
            f"- **Refresh**: {' '.join(drift(kind, model))}",
            f"- **Replacement**: a change of {fixed} replaces it; the new one is {order}.",
            f"- **Deletion**: {prose(inspect.getdoc(kind.delete) or '')}",
        ]
    )


def settable(model: type[Arguments]) -> list[str]:
    """Return the arguments that a program sets."""
    return [name for name in model.arguments() if name not in model.marked(Derived)]


def readable(model: type[Arguments]) -> list[str]:
    """Return the arguments that the service returns."""
    return [name for name in model.compared() if name not in model.marked(WriteOnly)]


def adoption(kind: Kind[Any, Any, Any], model: type[Arguments]) -> str:
    """Describe the adoption of an existing object; "" if two objects cannot differ."""
    if kind.is_keyed_by_content or len(readable(model)) == 1:
        return ""
    can_change = set(readable(model)) - set(model.marked(Immutable))
    unless = ", unless `adopt=True`" if can_change else ": nothing of it can change in place"
    return f" Identical: taken over without a write. Different: refused, with each field and both values{unless}."


def drift(kind: Kind[Any, Any, Any], model: type[Arguments]) -> Iterator[str]:
    """Describe changes that a refresh detects, and changes that it cannot."""
    if set(readable(model)) - set(model.marked(Immutable)):
        yield "changed arguments are shown, and the next `up` changes them back."
    if kind.outputs.names():
        yield f"{_listed(kind.outputs.names())} are updated."
    yield "A deleted resource, or one of a deleted offer, is noticed, and the next `up` creates it again."
    if unreadable := [name for name in settable(model) if name in model.marked(WriteOnly)]:
        yield f"The service never returns {_listed(unreadable)}: the value of the program stays."
    if local := [name for name in settable(model) if name in model.marked(Local)]:
        yield f"Not compared, because the service does not have them: {_listed(local)}."


def _listed(names: Sequence[str], word: str = "and") -> str:
    quoted = [f"`{name}`" for name in names]
    return f" {word} ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def index() -> str:
    """Return the index of all resources and look-ups."""
    rows = [
        f"| [`{resource.schema.known_as}`]({page_of(resource).name}) | {is_what(resource)}"
        f" | `{load_kind(resource.schema.known_as).id_form}` |"
        for resource in resources()
    ]
    return (
        "\n\n".join(
            [
                MADE,
                "# Resources",
                "Guides are [one level up](../README.md). Every resource takes `adopt` and Pulumi's `opts` too.",
                "\n".join(["| Resource | Description | `id` |", "|---|---|---|", *rows]),
                "## Look-ups",
                "Look-ups send requests at once, in previews too, with the settings of the environment and the stack.",
                "\n".join(["| Look-up | Returns |", "|---|---|", *map(_look_up, look_ups().items())]),
            ]
        )
        + "\n"
    )


def look_ups() -> dict[str, Any]:
    """Return the look-ups by their names below the package: `portal.get_offer`."""
    modules = {"": pulumi_partnercenter, "portal.": pulumi_partnercenter.portal}
    exported = {
        f"{prefix}{name}": getattr(module, name)
        for prefix, module in modules.items()
        for name in module.__all__
    }
    return {name: export for name, export in exported.items() if inspect.isfunction(export)}


def _look_up(look_up: tuple[str, Any]) -> str:
    name, function = look_up
    signature = inspect.signature(function)
    parameters = re.sub(r"'(\w+(?:\[\w+\])?)'", r"\1", str(signature))
    return f"| `{name}{parameters}` | {prose(str(function.__doc__))} |"
