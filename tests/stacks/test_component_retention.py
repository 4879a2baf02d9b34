"""Offers of two kinds as components, with the real `pulumi`: publishing, protection and retention."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from provider.tools.emulators import RunningEmulator
from tests.docs.programs import TEMPLATE
from tests.stacks.cli import Project
from tests.stacks.conftest import write_requests

PROGRAM = """
import pulumi
from pulumi_partnercenter.components import SaasOffer, SolutionTemplateOffer

GUID = "11111111-2222-4333-8444-555555555555"


def listing(title):
    return {
        "en-us": {
            "title": title,
            "summary": "Minutes of a team",
            "short_description": "Minutes of a team, and what it decided.",
            "description": "<p>Keeps what a team decided.</p>",
            "contacts": [
                {"type": kind, "name": "Contoso", "email": "help@contoso.example.com", "phone": "+1 555 0100"}
                for kind in ("CustomerSupport", "Engineering")
            ],
            "links": [{"type": "PrivacyUri", "uri": "https://contoso.example.com/privacy"}],
            "getting_started": "Open the address in the letter.",
        }
    }


def plan(title, **more):
    return {"name": title, "listings": {"en-us": {"title": title, "summary": "For all", "description": title}}, **more}


sold = {"markets": ["US"], "prices": [{"amount": 9, "per": "month"}]}
plans = {"team": plan("Team", pricing=sold), "company": plan("Company", pricing=sold)}
minutes = SaasOffer(
    "minutes",
    {
        "offer_id": "contoso-minutes",
        "alias": "Contoso Minutes",
        "target": "preview",
        "retention": "protect",
        "setup": {"sells_through_microsoft": True},
        "properties": {"categories": {"analytics": []}, "uses_standard_contract": True},
        "preview_audience": {"emails": ["tester@contoso.example.com"]},
        "reseller_channel": {"state": "Disabled"},
        "technical_configuration": {
            "tenant": GUID,
            "application": GUID,
            "landing_page_url": "https://contoso.example.com/welcome",
            "webhook_url": "https://contoso.example.com/hook",
        },
        "logos": {"large": "assets/logos/large.png"},
        "listings": listing("Contoso Minutes"),
        "plans": plans,
    },
)
storage = SolutionTemplateOffer(
    "storage",
    {
        "offer_id": "contoso-storage",
        "alias": "Contoso Storage",
        "target": "preview",
        "setup": {},
        "properties": {"categories": {"storage-azure-apps": ["data-management"]}, "uses_standard_contract": True},
        "preview_audience": {"subscriptions": [GUID]},
        "reseller_channel": {"state": "Disabled"},
        "logos": {"large": "assets/logos/large.png"},
        "listings": listing("Contoso Storage"),
        "package": {"source": "assets/app"},
        "plans": {"storage": plan("Storage", pricing={}, package={"version": "1.0.0"})},
    },
)
pulumi.export("states", [minutes.state, storage.state])
"""


def resources_of(project: Project, component: str) -> set[str]:
    """Return the component's resources in the state, as `Plan team`."""
    return {name for name in project.state() if re.search(f" {component}(-|$)", name)}


@pytest.mark.soak
def test_offers_of_two_kinds_are_published_and_stay_where_the_program_protects_or_retains_them(
    tmp_path: Path, emulator: RunningEmulator
) -> None:
    """A destroy without a preview deletes no part of the protected offer, and keeps its submission too."""
    project = Project.of(tmp_path / "project", PROGRAM, emulator.url).select()
    shutil.copytree(TEMPLATE / "assets", project.folder / "assets")
    project.up().expect_success()
    assert project.outputs()["states"] == ["preview", "preview"]
    offers = {product["resourceType"]: product["id"] for product in emulator.state()["products"]}
    assert offers.keys() == {"SoftwareAsAService", "AzureApplication"}
    before = resources_of(project, "minutes")
    emulator.clear()

    refused = project.destroy().expect_failure()
    assert "Submission::minutes-submission" in refused.text
    assert "because it is protected" in refused.text
    assert resources_of(project, "minutes") == before
    assert resources_of(project, "storage") == set()
    assert write_requests(emulator) == []

    project.edit('"retention": "protect"', '"retention": "retain"')
    project.up().expect_success()
    project.destroy().expect_success()
    assert project.state() == {}
    state = emulator.state()
    assert {product["resourceType"]: product["id"] for product in state["products"]} == offers
    assert {plan["externalID"] for plan in state["variants"]} >= {"team", "company", "storage"}
    assert len(state["packages"]) == 1


@pytest.mark.soak
def test_a_protected_plan_cannot_be_taken_out_and_a_draft_leaves_nothing(
    tmp_path: Path, emulator: RunningEmulator
) -> None:
    program = PROGRAM.replace('"target": "preview"', '"target": "draft"')
    project = Project.of(tmp_path / "project", program, emulator.url).select()
    shutil.copytree(TEMPLATE / "assets", project.folder / "assets")
    project.up().expect_success()
    assert project.outputs()["states"] == ["draft", "draft"]

    project.edit(', "company": plan("Company", pricing=sold)', "")
    assert "Plan::minutes-company" in project.preview().expect_failure().text
    assert "Plan::minutes-company" in project.up().expect_failure().text
    assert "Plan minutes-company" in project.state()

    project.edit('"retention": "protect"', '"retention": "delete"')
    project.edit('{"team":', '{"company": plan("Company", pricing=sold), "team":')
    project.up().expect_success()
    project.edit('"company": plan("Company", pricing=sold), ', "")
    assert project.up().expect_success().counts["deleted"] >= 1
    project.destroy().expect_success()
    assert not any(emulator.state().values())
