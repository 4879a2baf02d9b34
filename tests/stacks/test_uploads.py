"""Uploads with the real `pulumi`: progress lines, and errors in files before any request."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from PIL import Image
from provider.tools.emulators import RunningEmulator
from tests.resources.complete import FORM, TEMPLATE
from tests.stacks.cli import Project

PROGRAM = """
import pulumi_partnercenter as partnercenter

offer = partnercenter.Offer("offer", offer_id="contoso-test", offer_type="AzureApplication", alias="Contoso")
plan = partnercenter.Plan("gold", offer=offer.id, plan_id="gold", subtype="managed-application", name="Gold")
package = partnercenter.Package("app", offer=offer.id, source="app")
"""
LEGAL = """
amendments = [{"name": f"A{number}", "terms": "Other terms"} for number in range(NUMBER)]
properties = partnercenter.OfferProperties(
    "legal", offer=offer.id, uses_standard_contract=True, custom_amendments=amendments
)
"""
WRONG = {
    'partnercenter.ListingImage("a", offer=offer.id, kind="AzureLogoLarge", source="small.png")': [
        *("215×215", "AzureLogoLarge")
    ],
    'partnercenter.ListingImage("a", offer=offer.id, kind="AzureLogoLarge", source="photo.png")': [
        *("JPEG", "PNG")
    ],
    'partnercenter.Package("a", offer=offer.id, source="half")': ["createUiDefinition.json"],
    'partnercenter.PlanPackage("a", plan=plan.id, version="1.0", package=package.id, tenant="contoso")': [
        *("version: '1.0'", "tenant: 'contoso'", "GUID")
    ],
    LEGAL.replace("NUMBER", "11"): ["custom_amendments", "at most 10"],
    LEGAL.replace("NUMBER", "1")
    + 'partnercenter.Submission("a", offer=offer.id, publishes=[properties], target="live")': [
        *("target: 'live'", "a PreviewAudience and a ResellerChannel")
    ],
}


def application(folder: Path) -> Path:
    folder.mkdir()
    (folder / "mainTemplate.json").write_text(json.dumps(TEMPLATE))
    (folder / "createUiDefinition.json").write_text(json.dumps(FORM))
    return folder


@pytest.mark.sample(1)
@pytest.mark.parametrize("wrong", WRONG)
def test_a_preview_says_what_the_service_would_refuse(
    wrong: str, project: Project, emulator: RunningEmulator
) -> None:
    project.write(PROGRAM + wrong)
    application(project.folder / "app")
    (application(project.folder / "half") / "createUiDefinition.json").unlink()
    Image.new("RGB", (215, 215)).save(project.folder / "small.png")
    Image.new("RGB", (216, 216)).save(project.folder / "photo.png", format="JPEG")
    failed = project.preview().expect_failure().text
    assert [part for part in WRONG[wrong] if part not in failed] == [], failed
    assert "Traceback" not in failed
    assert not emulator.requests()


@pytest.mark.soak
def test_the_upload_of_a_large_package_shows_progress(project: Project, emulator: RunningEmulator) -> None:
    """Progress is shown as status lines of the engine, which are not among the final messages."""
    project.write(PROGRAM)
    (application(project.folder / "app") / "content.bin").write_bytes(os.urandom(80 << 20))
    output = project.up("--json").expect_success().text
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    messages = [event["diagnosticEvent"] for event in lines if "diagnosticEvent" in event]
    progress = [event["message"] for event in messages if event.get("ephemeral")]
    assert [message for message in progress if "MiB" in message and "%" in message]
    assert not [event for event in messages if "MiB" in event["message"] and not event.get("ephemeral")]
    uploads = [request["path"] for request in emulator.requests() if request["service"] == "blob"]
    assert len([path for path in uploads if "comp=block&" in path]) == 6
    assert len([path for path in uploads if "comp=blocklist" in path]) == 1
