"""The generated part of README.md: a row for each resource."""

from __future__ import annotations

from pathlib import Path

from provider.tools.generate.pages import is_what, page_of, resources

README = Path(__file__).parents[3] / "README.md"


def table() -> str:
    """Return a row for each resource: its description, with a link to its page."""
    rows = ["| Resource | Is |", "|---|---|"]
    for resource in resources():
        page = page_of(resource).relative_to(README.parent).as_posix()
        rows.append(f"| [`{resource.schema.known_as}`]({page}) | {is_what(resource)} |")
    return "\n".join(rows)
