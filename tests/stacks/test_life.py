"""The whole program with the real `pulumi`, from an empty account to an empty account."""

from __future__ import annotations

import base64
import json
import re
import shutil
from pathlib import Path

import pytest
from provider.tools.emulators import RunningEmulator
from tests.stacks.cli import CHECKOUT, OFFER, Project
from tests.stacks.conftest import write_requests

KINDS = {
    *(
        "Offer",
        "OfferSetup",
        "OfferProperties",
        "OfferListing",
        "OfferTechnicalConfiguration",
        "ListingImage",
    ),
    *("Plan", "PlanListing", "PlanPricing", "PlanPackage", "Package"),
    *("PreviewAudience", "ResellerChannel", "Submission"),
}
COMPONENTS = {"components.ManagedApplicationOffer", "components.SolutionTemplateOffer"}
EMPTY = {"PARTNERCENTER_ENDPOINT": "", "PARTNERCENTER_ACCESS_TOKEN": ""}


@pytest.mark.soak
def test_the_sandbox_stack_lives_its_whole_life(tmp_path: Path, emulator: RunningEmulator) -> None:
    """Preview of an empty stack, up, up without changes, refresh, destroy, and up with the retained offers."""
    project = Project.shipped(tmp_path / "project").select()

    fresh = project.preview(**EMPTY).expect_success()
    assert fresh.counts == {"create": 41}
    assert set(re.findall(r"partnercenter:(\w+):", fresh.text)) >= KINDS
    assert not emulator.requests()

    project.endpoint = emulator.url
    assert project.up().expect_success().counts == {"created": 41}
    assert {name.split()[0] for name in project.state()} == KINDS | COMPONENTS
    outputs = project.outputs()
    assert outputs["offer"] in {product["id"] for product in emulator.state()["products"]}
    assert set(outputs["plans"]) == {"standard", "enterprise"}

    emulator.clear()
    assert project.up().expect_success().counts == {"unchanged": 41}
    project.preview("--expect-no-changes", **EMPTY).expect_success()
    assert not emulator.requests()

    project.refresh("--expect-no-changes").expect_success()
    assert not write_requests(emulator)
    requests = [request for request in emulator.requests() if request["service"] == "submission"]
    assert len(requests) <= 1.2 * 38

    published = emulator.state()["submissions"]
    project.destroy().expect_success()
    project.destroy().expect_success()
    assert emulator.state()["submissions"] == published

    assert project.up().expect_success().counts == {"created": 41}
    assert emulator.state()["submissions"] == published
    project.up("--expect-no-changes").expect_success()


@pytest.mark.soak
def test_a_draft_stack_leaves_nothing_behind(tmp_path: Path, emulator: RunningEmulator) -> None:
    project = Project.shipped(tmp_path / "project", emulator.url).select("dev").without_azure()
    assert project.up().expect_success().counts == {"created": 39}
    assert project.outputs()["state"] == "draft"
    assert not emulator.state()["submissions"]
    project.destroy().expect_success()
    assert not any(emulator.state().values())


def test_an_unknown_stack_is_told_what_to_do(tmp_path: Path) -> None:
    project = Project.shipped(tmp_path / "project").select("elsewhere")
    assert "stack 'elsewhere' has no program" in project.preview(**EMPTY).expect_failure().text


@pytest.mark.soak
def test_state_holds_durable_ids_only(deployed: Project, emulator: RunningEmulator) -> None:
    """State has no id of a draft instance, listing or configuration, and no token. Provider payloads are short."""
    state = deployed.state()
    text = json.dumps(state)
    volatile = {branch["currentDraftInstanceID"] for branch in emulator.state()["branches"]}
    volatile |= {
        row["id"] for name in ("listings", "featureAvailabilities") for row in emulator.state()[name]
    }
    assert volatile
    assert not [volatile_id for volatile_id in volatile if volatile_id in text]
    assert '"emulator"' not in text
    for resource in state.values():
        assert len(base64.b64decode(resource["outputs"]["__provider"])) < 100
        assert None not in resource["outputs"].values()
        assert resource["inputs"].keys() - {"__provider"} <= resource["outputs"].keys()


@pytest.mark.soak
def test_one_changed_field_is_one_update(deployed: Project, emulator: RunningEmulator) -> None:
    """The preview shows the argument by name; `up` makes one PUT."""
    deployed.edit('summary="Tests offers"', 'summary="Tests every offer"')
    preview = deployed.preview().expect_success()
    assert preview.counts == {"update": 1, "unchanged": 5}
    assert re.search(r'~ summary +: "Tests offers" +=> "Tests every offer"', preview.text)
    assert not emulator.requests()

    assert deployed.up().expect_success().counts == {"updated": 1, "unchanged": 5}
    assert write_requests(emulator) == ["PUT listings"]
    deployed.preview("--expect-no-changes").expect_success()


@pytest.mark.soak
def test_an_immutable_field_replaces_and_dependents_follow(
    deployed: Project, emulator: RunningEmulator
) -> None:
    """The object is deleted before it is created again, and so are its dependents."""
    before = deployed.outputs()
    deployed.edit('plan_id="gold"', 'plan_id="golden"')
    assert deployed.preview().expect_success().counts == {"replace": 3, "unchanged": 3}

    assert deployed.up().expect_success().counts == {"replaced": 3, "unchanged": 3}
    plan_writes = [
        request for request in write_requests(emulator) if request in ("DELETE variants", "POST variants")
    ]
    assert plan_writes == ["DELETE variants", "POST variants"]
    after = deployed.outputs()
    assert after["offer"] == before["offer"]
    assert after["plan"] != before["plan"]
    assert [variant["externalID"] for variant in emulator.state()["variants"]] == ["golden"]
    deployed.preview("--expect-no-changes").expect_success()


@pytest.mark.soak
def test_a_rename_in_the_program_keeps_the_remote_object(
    deployed: Project, emulator: RunningEmulator
) -> None:
    """Even without an alias, the new name adopts the object and the old name does not delete it."""
    before = emulator.state()["variants"]
    deployed.edit('"gold", offer=', '"renamed", offer=')
    deployed.up().expect_success()
    assert emulator.state()["variants"] == before
    assert "Plan renamed" in deployed.state()
    deployed.refresh("--expect-no-changes").expect_success()


@pytest.mark.soak
def test_two_offers_live_in_one_stack(project: Project, emulator: RunningEmulator) -> None:
    second = OFFER.split("import pulumi_partnercenter as partnercenter")[1]
    second = (
        second.replace("contoso-test", "fabrikam-test")
        .replace('"offer"', '"other"')
        .replace('"gold",', '"more",', 3)
    )
    second = second.replace('export("plan"', 'export("other_plan"').replace('"gold", plan=', '"more", plan=')
    project.write(OFFER + second)
    assert project.up().expect_success().counts == {"created": 11}
    assert len(emulator.state()["products"]) == 2
    project.destroy().expect_success()
    assert not any(emulator.state().values())


@pytest.mark.soak
def test_the_smallest_stack_of_the_readme_runs(project: Project) -> None:
    program = (CHECKOUT / "README.md").read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    project.write(program)
    assert project.preview(**EMPTY).expect_success().counts == {"create": 6}
    assert project.up().expect_success().counts == {"created": 6}
    assert project.up().expect_success().counts == {"unchanged": 6}


@pytest.mark.soak
def test_the_further_language_of_the_files_page_runs(project: Project, emulator: RunningEmulator) -> None:
    """The listing is created first, because the picture depends on it for its language."""
    page = (CHECKOUT / "provider" / "docs" / "files-and-packages.md").read_text(encoding="utf-8")
    program = page.split("## Further languages")[1].split("```python\n")[1].split("```")[0]
    project.write(program)
    shutil.copytree(CHECKOUT / "stacks" / "assets", project.folder / "assets")
    assert project.preview(**EMPTY).expect_success().counts == {"create": 6}
    assert project.up().expect_success().counts == {"created": 6}
    (image,) = emulator.state()["listingImages"]
    (listing,) = [
        listing_row
        for listing_row in emulator.state()["listings"]
        if listing_row["title"] == "Contoso Archiv"
    ]
    assert (listing["languageCode"], image["productID"]) == ("de-de", listing["productID"])
    project.up("--expect-no-changes").expect_success()
