"""Tables that are written by hand say what the code says: errors, the emulator's control plane, settings."""

from __future__ import annotations

import re
from pathlib import Path

from provider.tools.generate import errors as shown
from provider.tools.generate.pages import DOCS, ROOT
from starlette.routing import Route

from pulumi_partnercenter import errors, settings
from pulumi_partnercenter.emulator.app import create_app

ROOTS = {"PartnerCenterError", "ApiError"}
"""Never raised themselves."""


def rows(page: Path, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading."""
    below = page.read_text(encoding="utf-8").split(f"# {heading}\n")[1]
    table = re.findall(r"^\| (.+) \|$", below.split("\n#")[0], re.MULTILINE)
    return [[cell.strip() for cell in row.split(" | ")] for row in table[1:]]


def test_every_error_is_told_with_its_parent() -> None:
    told = {
        found[0]: found[1:]
        for name, parent, _ in rows(DOCS / "errors.md", "Errors")
        if (found := re.findall(r"`(\w+)`", name + parent))
    }
    parents = {name: getattr(errors, name).__mro__[1].__name__ for name in errors.__all__}
    assert told == {name: [parent] if parent in told else [] for name, parent in parents.items()}


def test_every_error_that_is_raised_has_a_real_message_and_a_section() -> None:
    messages, text = shown.messages(), (DOCS / "errors.md").read_text(encoding="utf-8")
    assert set(errors.__all__) - ROOTS <= set(messages)
    for name in set(errors.__all__) - ROOTS:
        (section,) = re.findall(rf"^## {name}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
        assert f"```text\n{name}: " in section
        assert len(re.sub(r"```.*?```|<!--.*?-->", "", section, flags=re.DOTALL).split()) > 10


def test_the_control_plane_is_told_route_by_route() -> None:
    app = create_app()
    try:
        there = {
            f"{method} {route.path.removeprefix('/_emulator/')}"
            for route in app.routes
            if isinstance(route, Route) and route.path.startswith("/_emulator/")
            for method in route.methods or set()
        }
    finally:
        app.state.store.close()
    told = {row[0].strip("`") for row in rows(DOCS / "emulator.md", "Control plane")}
    assert told == {each for each in there if not each.startswith("HEAD ")}


def test_variables_that_pages_name_mean_something() -> None:
    known = set(re.findall(r"[A-Z][A-Z_]+", str(settings.__doc__))) | {"PARTNERCENTER_LIVE"}
    for page in [ROOT / "README.md", *DOCS.rglob("*.md")]:
        named = re.findall(
            r"\b(?:PARTNERCENTER|AZURE|ARM|ACTIONS)_[A-Z_]+\b", page.read_text(encoding="utf-8")
        )
        assert set(named) - known == set(), page.name
