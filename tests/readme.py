"""The generated part of README.md: one row a resource."""

from __future__ import annotations

import sys
from pathlib import Path

import pulumi_partnercenter
from pulumi_partnercenter._resource import Derived, Immutable, Inputs, Resource

README = Path(__file__).parent.parent / "README.md"


def resources() -> list[type[Resource]]:
    exported = (getattr(pulumi_partnercenter, name) for name in pulumi_partnercenter.__all__)
    return [each for each in exported if isinstance(each, type) and issubclass(each, Resource)]


def inputs(resource: type[Resource]) -> type[Inputs]:
    return getattr(sys.modules[resource.__module__], f"{resource.__name__}Inputs")


def table() -> str:
    """One row a resource: what it is, its arguments (● a change replaces), its id."""
    rows = ["| Resource | Is | Arguments (● a change replaces) |", "|---|---|---|"]
    for resource in resources():
        is_what = " ".join((resource.__doc__ or "").split()).split(" Arguments: ")[0]
        model = inputs(resource)
        fixed = model.marked(Immutable)
        said = [name for name in model.arguments() if name not in model.marked(Derived)]
        arguments = " ".join(f"{'●' if name in fixed else ''}`{name}`" for name in said)
        rows.append(f"| [`{resource.__name__}`]({_file(resource)}) | {is_what} | {arguments} |")
    return "\n".join(rows)


def _file(resource: type[Resource]) -> str:
    return f"provider/{resource.__module__.replace('.', '/')}.py"
