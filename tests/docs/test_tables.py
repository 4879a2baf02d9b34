"""Hand-written tables agree with the code: errors, the emulator's control plane, settings."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from provider.tools.emulators import serve
from provider.tools.generate import errors as error_pages
from provider.tools.generate.pages import DOCS, ROOT
from starlette.routing import Route
from tests.docs.page_blocks import read_blocks

from pulumi_partnercenter import errors, settings
from pulumi_partnercenter.api.shared_clients import close_clients
from pulumi_partnercenter.emulator.app import create_app
from pulumi_partnercenter.emulator.portal.behaviour import Settings
from pulumi_partnercenter.saas import settings as service_settings

ROOTS = {"PartnerCenterError", "ApiError"}
"""Base classes, which are never raised."""

OTHER_VARIABLES = {
    "PARTNERCENTER_SAAS_USAGE_KEY",
    "PARTNERCENTER_LIVE",
    "ARM_USE_OIDC",
    "ARM_SUBSCRIPTION_ID",
}
"""Variables of the tests, and variables that only Pulumi's Azure providers read."""


def rows(page: Path, heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading."""
    section = page.read_text(encoding="utf-8").split(f"# {heading}\n")[1]
    table = re.findall(r"^\| (.+) \|$", section.split("\n#")[0], re.MULTILINE)
    return [[cell.strip() for cell in row.split(" | ")] for row in table[1:]]


def test_the_page_of_errors_lists_every_error_with_its_parent() -> None:
    parents_in_page = {
        names[0]: names[1:]
        for name, parent, _ in rows(DOCS / "errors.md", "Errors")
        if (names := re.findall(r"`(\w+)`", name + parent))
    }
    parents = {name: getattr(errors, name).__mro__[1].__name__ for name in errors.__all__}
    assert parents_in_page == {
        name: [parent] if parent in parents_in_page else [] for name, parent in parents.items()
    }


def test_messages_are_made_in_their_own_emulator_whatever_the_environment_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PARTNERCENTER_ENDPOINT", "http://127.0.0.1:9")
    with serve() as emulator:
        error_pages.Account(emulator).create("Offer", **error_pages.OFFER)
        assert [product["name"] for product in emulator.state()["products"]] == ["Contoso Backup"]
        close_clients()


def test_the_page_of_errors_has_a_section_with_a_real_message_for_every_raised_error() -> None:
    messages, text = error_pages.messages(), (DOCS / "errors.md").read_text(encoding="utf-8")
    assert set(errors.__all__) - ROOTS <= set(messages)
    for name in set(errors.__all__) - ROOTS:
        (section,) = re.findall(rf"^## {name}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
        assert f"```text\n{name}: " in section
        assert len(re.sub(r"```.*?```|<!--.*?-->", "", section, flags=re.DOTALL).split()) > 10


def test_the_lines_of_the_programs_are_counted() -> None:
    """Counts the first program of a page, and all lines of a module."""
    counted = {}
    for program, _, lines in rows(DOCS / "components.md", "Lines of programs"):
        (target,) = re.findall(r"\]\(([^)#]*)", program)
        path = (DOCS / (target or "components.md")).resolve()
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".md":
            text = next(block.text for block in read_blocks(path) if block.kind == "python")
        counted[path.name] = (len(text.splitlines()), int(lines))
    assert {name: actual for name, (actual, written) in counted.items() if actual != written} == {}
    assert len(counted) == 6
    assert counted["components.md"][0] <= 60


def test_the_page_of_the_emulator_lists_every_route_of_the_control_plane() -> None:
    app = create_app()
    try:
        routes = {
            f"{method} {route.path.removeprefix('/_emulator/')}"
            for route in app.routes
            if isinstance(route, Route)
            and route.path.startswith("/_emulator/")
            and not route.path.startswith(
                ("/_emulator/marketplace", "/_emulator/offers", "/_emulator/style.css")
            )
            for method in route.methods or set()
        }
    finally:
        app.state.store.close()
    sections = (
        "Control plane",
        "SaaS offers and subscriptions",
        "Webhooks of SaaS offers",
        "Offers of the Cloud Partner Portal",
    )
    listed = {
        row[0].strip("`")
        for section in sections
        for row in rows(DOCS / "emulator.md", section)
        if row[0].startswith(("`GET ", "`POST ", "`DELETE "))
    }
    assert listed == {route for route in routes if not route.startswith("HEAD ")}


def test_the_page_of_the_emulator_lists_every_setting_of_the_portal_with_its_default() -> None:
    listed = {
        name.strip("`"): default.strip("`")
        for name, default, _ in rows(DOCS / "emulator.md", "Where sources contradict each other")
        if name.startswith("`")
    }
    defaults = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in vars(Settings()).items()
    }
    assert listed == defaults


def test_environment_variables_in_pages_exist() -> None:
    documented = f"{settings.__doc__} {service_settings.__doc__}"
    variables = set(re.findall(r"[A-Z][A-Z_]+", documented)) | OTHER_VARIABLES
    for page in [ROOT / "README.md", *DOCS.rglob("*.md")]:
        mentioned = re.findall(
            r"\b(?:PARTNERCENTER|AZURE|ARM|ACTIONS)_[A-Z_]+\b", page.read_text(encoding="utf-8")
        )
        assert set(mentioned) - variables == set(), page.name
