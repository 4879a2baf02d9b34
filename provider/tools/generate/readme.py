"""The generated part of README.md: a row for each resource, or for all resources of another service."""

from __future__ import annotations

import importlib
from pathlib import Path

from provider.tools.generate.pages import is_what, page_of, prose, resources

from pulumi_partnercenter.registry import find_resource_type

README = Path(__file__).parents[3] / "README.md"


def table() -> str:
    """Return rows with descriptions, and links to the pages."""
    rows, services = ["| Resource | Is |", "|---|---|"], dict[str, list[str]]()
    for resource in resources():
        page = page_of(resource).relative_to(README.parent).as_posix()
        link = f"[`{resource.schema.known_as}`]({page})"
        if service := find_resource_type(resource.schema.known_as).service:
            services.setdefault(service, []).append(link)
        else:
            rows.append(f"| {link} | {is_what(resource)} |")
    for service, links in services.items():
        module = importlib.import_module(f"pulumi_partnercenter.kinds.{service}")
        rows.append(f"| {', '.join(links)} | {prose(str(module.__doc__))} |")
    return "\n".join(rows)
