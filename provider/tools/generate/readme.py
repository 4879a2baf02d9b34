"""The generated part of README.md: one row a resource."""

from __future__ import annotations

import sys
from pathlib import Path

import pulumi_partnercenter
from pulumi_partnercenter._resource import Inputs, Resource

README = Path(__file__).parents[3] / "README.md"


def resources() -> list[type[Resource]]:
    exported = (getattr(pulumi_partnercenter, name) for name in pulumi_partnercenter.__all__)
    return [export for export in exported if isinstance(export, type) and issubclass(export, Resource)]


def inputs(resource: type[Resource]) -> type[Inputs]:
    model: type[Inputs] = getattr(sys.modules[resource.__module__], f"{resource.__name__}Inputs")
    return model


def table() -> str:
    """One row a resource: what it is, with a link to its page."""
    rows = ["| Resource | Is |", "|---|---|"]
    for resource in resources():
        is_what = " ".join((resource.__doc__ or "").split()).split(" Arguments: ")[0]
        page = f"provider/docs/resources/{resource.__module__.rpartition('.')[2]}.md"
        rows.append(f"| [`{resource.__name__}`]({page}) | {is_what} |")
    return "\n".join(rows)
