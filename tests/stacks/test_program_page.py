"""The page of a program's listing, from a preview of the real engine."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from provider.tools.emulators import RunningEmulator
from tests.cli.command import Command
from tests.cli.listing_pages import text_of, write_page
from tests.stacks.cli import Project

OFFER = "contoso-archive-sandbox"
PROGRAM = """
import pulumi, pulumi_partnercenter as partnercenter
config = pulumi.Config("offer")
offer = partnercenter.Offer("archive", offer_id="contoso-archive-sandbox", offer_type="AzureApplication", alias="A")
partnercenter.OfferListing(
    "archive", offer=offer.id, title=config.get("title") or "Contoso Archive",
    summary=pulumi.Output.secret("hidden summary"),
    links=[{"type": "PrivacyUri", "uri": pulumi.Output.concat("https://", offer.fingerprint, ".example.com")}],
)
plan = partnercenter.Plan("gold", offer=offer.id, plan_id="gold", name="Gold", subtype="managed-application")
partnercenter.PlanPricing("gold", plan=plan.id, markets=["US"], prices=[{"amount": 49}])
"""


def write_preview(project: Project, *options: str) -> Path:
    """Write the output of `pulumi preview --json` to a file."""
    command, env = project.command("preview", "--json", *options)
    process = subprocess.run(command, cwd=project.folder, env=env, capture_output=True, check=True)
    path = project.folder / "preview.json"
    path.write_bytes(process.stdout)
    return path


@pytest.mark.soak
def test_the_first_preview_of_the_shipped_program_is_shown_as_a_page(tmp_path: Path) -> None:
    project = Project.shipped(tmp_path / "project").select()
    page = write_page(Command("", project.folder), "--preview", write_preview(project), offer=OFFER)
    text = text_of(page)
    for part in (
        "The program has not run yet.",
        "Contoso Archive Language: en-us",
        "Move what nobody opens any more to cold storage",
        "Standard standard For one team",
        "per month 49 USD every market per year 490 USD every market",
        "Free trial free for 1 month",
        "Archived terabytes beyond the included ones TB per month 2.5 USD 50 per month",
        "support@contoso.example.com",
    ):
        assert part in text
    assert page.count("data:image/png;base64,") == 6
    assert "no picture" not in text
    assert "Starter" not in text


@pytest.mark.soak
def test_the_preview_of_a_change_is_compared_with_the_last_update(
    tmp_path: Path, emulator: RunningEmulator
) -> None:
    project = Project.of(tmp_path / "project", PROGRAM, emulator.url).select()
    command = Command("", project.folder)
    text = text_of(write_page(command, "--preview", write_preview(project), offer=OFFER))
    assert "known after apply ( PrivacyUri )" in text
    assert "(secret)" in text

    project.up().expect_success()
    project.run("config", "set", "offer:title", "Contoso Vault").expect_success()
    text = text_of(write_page(command, "--preview", write_preview(project, "--show-sames"), offer=OFFER))
    assert "Contoso Vault Language: en-us Changed since the last update Before: Contoso Archive" in text
    assert "per month 49 USD every market" in text
    assert text.count("Changed since") == 1
    assert "hidden summary" not in text

    path = write_preview(project)
    assert json.loads(path.read_text())["changeSummary"]["same"] == 4
    error = command("show", OFFER, "--html", "page.html", "--preview", path).expect_failure().err
    assert "leaves out 3 resources that stay the same" in error
