"""Published offers and forced replacements, with the real `pulumi`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from provider.tools.emulators import RunningEmulator
from tests.stacks.cli import OFFER, Project
from tests.stacks.conftest import Baseline, write_requests

API = "/v1.0/ingestion/products"
GERMAN = """
partnercenter.OfferListing("de", offer=offer.id, language="de-de", title="Contoso Test", summary="Testet")
partnercenter.PlanListing("gold-de", plan=plan.id, language="de-de", title="Gold", summary="Alle")
"""
KEPT = "opts=pulumi.ResourceOptions(retain_on_delete=True)"


@pytest.fixture(scope="module")
def german_baseline(
    tmp_path_factory: pytest.TempPathFactory, new_baseline: Baseline, module_emulator: RunningEmulator
) -> Baseline:
    project = new_baseline.copy(tmp_path_factory.mktemp("german") / "project", module_emulator)
    project.write(OFFER + GERMAN)
    project.up().expect_success()
    return Baseline(project.folder, module_emulator.snapshot())


@pytest.fixture
def german(tmp_path: Path, german_baseline: Baseline, emulator: RunningEmulator) -> Project:
    """Deployed project, not published."""
    return german_baseline.copy(tmp_path / "project", emulator)


@pytest.fixture
def published(german: Project, emulator: RunningEmulator) -> Project:
    """Project whose offer was published after the state was written."""
    emulator.publish(emulator.state()["products"][0]["id"])
    emulator.clear()
    return german


def urn(project: Project, label: str) -> str:
    return str(project.state()[label]["urn"])


@pytest.mark.soak
def test_a_replacement_of_what_was_published_is_refused(
    published: Project, emulator: RunningEmulator
) -> None:
    """Without a refresh, the run keeps the draft and fails at the plan. After a refresh, the preview fails."""
    before = emulator.state()
    published.edit('plan_id="gold"', 'plan_id="silver"')
    stale = published.up().expect_failure().text
    assert "kept: the draft of plan" in stale
    assert "Stop distribution" in stale
    assert emulator.state() == before
    refused = published.preview("--refresh").expect_failure().text
    assert "plan_id is 'gold', not 'silver'" in refused
    assert "write the old plan_id back" in refused
    assert "Traceback" not in refused


@pytest.mark.soak
def test_a_refused_replacement_that_is_written_back_loses_nothing(
    published: Project, emulator: RunningEmulator
) -> None:
    before = emulator.state()
    published.edit('plan_id="gold"', 'plan_id="silver"')
    published.up().expect_failure()
    published.refresh().expect_success()
    emulator.clear()
    assert "plan_id is 'gold', not 'silver'" in published.up().expect_failure().text
    assert emulator.requests() == []
    published.edit('plan_id="silver"', 'plan_id="gold"')
    published.up().expect_success()
    published.preview("--refresh", "--expect-no-changes").expect_success()
    assert emulator.state() == before


@pytest.mark.soak
def test_an_alias_from_the_portal_is_a_warning(published: Project, emulator: RunningEmulator) -> None:
    product = emulator.state()["products"][0]["id"]
    emulator.portal(f"{API}/{product}", name="Contoso Portal")
    emulator.clear()
    for run in (
        lambda: published.up("--refresh", "--expect-no-changes"),
        lambda: published.up("--expect-no-changes"),
        lambda: published.preview("--refresh", "--expect-no-changes"),
        lambda: published.refresh("--expect-no-changes"),
    ):
        assert "write alias='Contoso Portal' into the program" in run().expect_success().text
    assert write_requests(emulator) == []
    published.edit('alias="Contoso Test"', 'alias="Contoso Portal"')
    assert "warning: offer" not in published.up("--expect-no-changes").expect_success().text


@pytest.mark.soak
def test_destroy_leaves_the_draft_of_what_is_retained(published: Project, emulator: RunningEmulator) -> None:
    before = emulator.state()
    published.edit('alias="Contoso Test"', f'alias="Contoso Test", {KEPT}')
    published.edit('name="Gold"', f'name="Gold", {KEPT}')
    published.up().expect_success()
    emulator.clear()
    destroyed = published.destroy().expect_success().text
    assert "kept: the draft of offer" in destroyed
    assert published.state() == {}
    assert write_requests(emulator) == []
    assert emulator.state() == before


@pytest.mark.soak
def test_forced_replacements_are_done(german: Project, emulator: RunningEmulator) -> None:
    """`--replace`, `--target-replace`, `state taint`, `replacement_trigger`: delete the object and create it again."""
    project = german
    again = ["DELETE listings", "POST createWithInstanceID"]

    def written() -> list[str]:
        done = [request.split("(")[0] for request in write_requests(emulator)]
        emulator.clear()
        return done

    listing = urn(project, "OfferListing de")
    plan = project.state()["Plan gold"]["id"]
    project.up("--replace", listing).expect_success()
    assert written() == again
    project.up("--target-replace", listing).expect_success()
    assert written() == again
    project.run("state", "taint", "--yes", listing).expect_success()
    project.up().expect_success()
    assert written() == again
    assert project.state()["Plan gold"]["id"] == plan
    project.edit('summary="Testet"', 'summary="Testet", opts=pulumi.ResourceOptions(replacement_trigger="1")')
    project.up().expect_success()
    project.edit('replacement_trigger="1"', 'replacement_trigger="2"')
    project.up().expect_success()
    assert written() == again
    project.up("--replace", urn(project, "Plan gold")).expect_success()
    assert project.state()["Plan gold"]["id"] != plan
    assert [variant["externalID"] for variant in emulator.state()["variants"]] == ["gold"]
    assert len(emulator.state()["listings"]) == 4
    project.preview("--refresh", "--expect-no-changes").expect_success()


@pytest.mark.soak
def test_two_resources_for_one_object_are_refused_in_the_first_preview_that_knows(
    project: Project, emulator: RunningEmulator
) -> None:
    """The offers have equal ids in the program, so the preview of an empty stack can compare them."""
    second = (
        'partnercenter.Offer("again", offer_id="contoso-test", offer_type="AzureApplication", alias="Other")'
    )
    project.write(OFFER + second)
    refused = project.preview().expect_failure().text
    (named,) = re.findall(r"'(\w+)' and '(\w+)' are the same offer \(offer_id 'contoso-test'\)", refused)
    assert {*named} == {"offer", "again"}  # the engine registers resources in any order
    assert emulator.requests() == []
