"""A program of resources changes to a component, with the real `pulumi`: every object stays and can be managed on."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.docs.page_blocks import read_blocks
from tests.docs.programs import DOCS, TEMPLATE
from tests.stacks.cli import Project
from tests.stacks.conftest import write_requests

CONFIGURATION = {
    "offerId": "contoso-notes",
    "alias": "Contoso Notes",
    "target": "preview",
    "previewSubscription": "11111111-2222-4333-8444-555555555555",
    "tenant": "22222222-3333-4444-8555-666666666666",
    "operators": "33333333-4444-4555-8666-777777777777",
}
COMPONENT = """
import pulumi
from pulumi_partnercenter.components import ManagedApplicationOffer, ManagedApplicationOfferArgs

config = pulumi.Config()
authorizations = [{"principal": config.require("operators"), "role": "b24988ac-6180-42a0-ab88-20f7382dd24c"}]
listings = {
    "en-us": {
        "title": "Contoso Notes",
        "summary": "Notes of a team, kept in your own subscription",
        "short_description": "A notebook for a team whose pages never leave your own Azure subscription.",
        "description": "<p>Contoso Notes keeps what a team writes down in a storage account of yours.</p>",
        "keywords": ["notes", "team"],
        "contacts": [
            {"type": "CustomerSupport", "name": "Contoso Support", "email": "support@contoso.example.com"},
            {"type": "Engineering", "name": "Contoso Notes Team", "email": "notes@contoso.example.com"},
        ],
        "links": [{"type": "PrivacyUri", "text": "Privacy", "uri": "https://contoso.example.com/privacy"}],
    }
}
plans = {
    "standard": {
        "name": "Standard",
        "listings": {
            "en-us": {
                "title": "Standard",
                "summary": "For one team",
                "description": "<p>Up to 1 TB of pages and attachments.</p>",
            }
        },
        "pricing": {"markets": ["US"], "prices": [{"amount": 19, "per": "month"}]},
        "package": {
            "version": "1.0.0",
            "tenant": config.require("tenant"),
            "authorizations": authorizations,
        },
    }
}
# additions
notes = ManagedApplicationOffer(
    "offer",
    ManagedApplicationOfferArgs(
        offer_id=config.require("offerId"),
        alias=config.require("alias"),
        target=config.require("target"),
        setup={},
        reseller_channel={"state": "Disabled"},
        properties={"categories": {"storage-azure-apps": ["data-management"]}, "uses_standard_contract": True},
        preview_audience={"subscriptions": [config.require("previewSubscription")]},
        logos={size: f"assets/logos/{size}.png" for size in ("small", "medium", "large", "wide")},
        listings=listings,
        package={"source": "assets/app"},
        plans=plans,
        former_names={
            "offer-setup": "offer",
            "offer-reseller-channel": "offer",
            "offer-properties": "offer",
            "offer-preview-audience": "offer",
            "offer-listing": "offer",
            **{f"offer-logo-{size}": f"logo-{size}" for size in ("small", "medium", "large", "wide")},
            "offer-package": "app",
            "offer-standard": "standard",
            "offer-standard-listing": "standard",
            "offer-standard-pricing": "standard",
            "offer-standard-package": "standard",
            "offer-submission": "offer",
        },
    ),
)
pulumi.export("offer", notes.offer.id)
pulumi.export("plan", notes.plans["standard"].id)
pulumi.export("state", notes.state)
"""
FURTHER = """listings["de-de"] = {**listings["en-us"], "title": "Contoso Notizen"}
plans["enterprise"] = {**plans["standard"], "name": "Enterprise"}
"""


def ids(project: Project) -> list[str]:
    """Return class and id of every resource of this provider."""
    return sorted(
        f"{key.partition(' ')[0]} {resource['id']}"
        for key, resource in project.state().items()
        if "id" in resource
    )


def submissions(emulator: RunningEmulator) -> list[tuple[int, str]]:
    runs: list[dict[str, Any]] = emulator.state()["submissions"]
    return [(run["releaseNumber"], run["substate"]) for run in runs]


@pytest.mark.soak
def test_a_program_of_resources_moves_to_a_component_and_goes_on(
    tmp_path: Path, emulator: RunningEmulator
) -> None:
    program = (TEMPLATE / "__main__.py").read_text(encoding="utf-8")
    project = Project.of(tmp_path / "project", program, emulator.url).select()
    shutil.copytree(TEMPLATE / "assets", project.folder / "assets")
    flags = [flag for item in CONFIGURATION.items() for flag in ("--plaintext", "=".join(item))]
    project.run("config", "set-all", *flags).expect_success()
    assert project.up().expect_success().counts == {"created": 17}
    before, outputs = ids(project), project.outputs()
    assert submissions(emulator) == [(1, "ReadyToPublish")]
    emulator.clear()

    (project.folder / "__main__.py").write_text(COMPONENT, encoding="utf-8")
    assert project.up().expect_success().counts == {"created": 1, "unchanged": 17}, (
        "only the component itself is new"
    )
    assert ids(project) == before
    assert project.outputs() == outputs
    assert write_requests(emulator) == []
    project.preview("--expect-no-changes").expect_success()

    project.edit("# additions\n", FURTHER)
    assert project.up().expect_success().counts == {"created": 9, "updated": 1}, (
        "a listing, four logos, a plan of four"
    )
    assert submissions(emulator)[-1] == (2, "ReadyToPublish")

    project.edit('plans["enterprise"]', "_")
    assert project.up().expect_success().counts["deleted"] == 4
    assert {variant["externalID"] for variant in emulator.state()["variants"]} >= {"standard", "enterprise"}


def test_the_program_of_the_guide_publishes_two_plans_in_sixty_lines(
    tmp_path: Path, emulator: RunningEmulator
) -> None:
    program = next(read_blocks(DOCS / "components.md")).text
    assert len(program.splitlines()) <= 60
    project = Project.of(tmp_path / "project", program, emulator.url).select()
    shutil.copytree(TEMPLATE / "assets", project.folder / "assets")
    project.up().expect_success()
    outputs = project.outputs()
    assert outputs["state"] == "preview"
    assert outputs["plans"].keys() == {"standard", "enterprise"}
    assert submissions(emulator) == [(1, "ReadyToPublish")]
