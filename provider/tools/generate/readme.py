"""The generated part of README.md: one row a resource."""

from __future__ import annotations

from pathlib import Path

import pulumi_partnercenter
from pulumi_partnercenter.registry import RESOURCES
from pulumi_partnercenter.resources import Resource

README = Path(__file__).parents[3] / "README.md"


def resources() -> list[type[Resource]]:
    """The public classes, in the order of the registry."""
    return [getattr(pulumi_partnercenter, resource_type.class_name) for resource_type in RESOURCES]


def table() -> str:
    """One row a resource: what it is, with a link to its page."""
    rows = ["| Resource | Is |", "|---|---|"]
    for resource in resources():
        is_what = " ".join((resource.__doc__ or "").split())
        page = f"provider/docs/resources/{resource.__module__.rpartition('.')[2]}.md"
        rows.append(f"| [`{resource.__name__}`]({page}) | {is_what} |")
    return "\n".join(rows)
