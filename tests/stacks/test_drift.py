"""Changes in the portal, with the real `pulumi`: detected, shown by name, repaired exactly."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.stacks.cli import Project
from tests.stacks.conftest import write_requests

API = "/v1.0/ingestion/products"


def find_offer_listing(emulator: RunningEmulator) -> dict[str, Any]:
    return next(listing for listing in emulator.state()["listings"] if not listing.get("variantID"))


def test_a_change_in_the_portal_is_shown_and_repaired(deployed: Project, emulator: RunningEmulator) -> None:
    listing = find_offer_listing(emulator)
    path = f"{API}/{listing['productID']}/listings/{listing['id']}"
    emulator.portal(path, summary="Written in the portal", tuesdaysOnly=True)

    refreshed = deployed.refresh().expect_success()
    assert re.search(r'summary +: "Tests offers" +=> "Written in the portal"', refreshed.text)
    assert refreshed.counts == {"updated": 1, "unchanged": 5}
    preview = deployed.preview().expect_success()
    assert re.search(r'~ summary +: "Written in the portal" +=> "Tests offers"', preview.text)

    emulator.clear()
    assert deployed.up().expect_success().counts == {"updated": 1, "unchanged": 5}
    assert write_requests(emulator) == ["PUT listings"]
    assert find_offer_listing(emulator)["summary"] == "Tests offers"
    assert find_offer_listing(emulator)["tuesdaysOnly"] is True


@pytest.mark.soak
def test_a_preview_of_drift_shows_both_values_and_changes_nothing(
    deployed: Project, emulator: RunningEmulator
) -> None:
    """Tests `preview --refresh` and `refresh --preview-only`."""
    listing = find_offer_listing(emulator)
    emulator.portal(f"{API}/{listing['productID']}/listings/{listing['id']}", title="Renamed in the portal")
    state, service = deployed.state(), emulator.state()
    emulator.clear()

    preview = deployed.preview("--refresh").expect_success()
    assert re.search(r'~ title +: "Renamed in the portal" +=> "Contoso Test"', preview.text)
    shown = deployed.run("refresh", "--preview-only", "--diff").expect_success()
    assert re.search(r'title +: "Contoso Test" +=> "Renamed in the portal"', shown.text)
    deployed.run("refresh", "--preview-only", "--expect-no-changes").expect_failure()

    assert write_requests(emulator) == []
    assert (deployed.state(), emulator.state()) == (state, service)


@pytest.mark.soak
def test_a_plan_deleted_in_the_portal_is_created_again(deployed: Project, emulator: RunningEmulator) -> None:
    plan = emulator.state()["variants"][0]
    emulator.client.delete(f"{API}/{plan['productID']}/variants/{plan['id']}").raise_for_status()

    assert deployed.refresh().expect_success().counts["deleted"] == 3
    assert deployed.up().expect_success().counts == {"created": 3, "unchanged": 3}
    again = emulator.state()["variants"]
    assert [variant["externalID"] for variant in again] == ["gold"]
    assert again[0]["id"] != plan["id"]
    deployed.preview("--expect-no-changes").expect_success()


@pytest.mark.soak
def test_an_offer_deleted_in_the_portal_is_created_again(
    deployed: Project, emulator: RunningEmulator
) -> None:
    """The run creates all objects of the offer again."""
    product = emulator.state()["products"][0]
    emulator.client.delete(f"{API}/{product['id']}").raise_for_status()

    assert deployed.refresh().expect_success().counts["deleted"] == 5
    assert deployed.up().expect_success().counts == {"created": 5, "unchanged": 1}
    assert len(emulator.state()["products"]) == len(emulator.state()["variants"]) == 1
    deployed.preview("--expect-no-changes").expect_success()


@pytest.mark.soak
def test_an_up_that_refreshes_makes_again_what_was_deleted(
    deployed: Project, emulator: RunningEmulator
) -> None:
    plan = emulator.state()["variants"][0]
    emulator.client.delete(f"{API}/{plan['productID']}/variants/{plan['id']}").raise_for_status()
    deployed.up("--refresh").expect_success()
    assert [variant["externalID"] for variant in emulator.state()["variants"]] == ["gold"]
    deployed.refresh("--expect-no-changes").expect_success()


@pytest.mark.soak
def test_deleted_drafts_of_the_shipped_stack_are_created_again_completely(
    tmp_path: Path, emulator: RunningEmulator
) -> None:
    project = Project.shipped(tmp_path / "project", emulator.url).select("dev").without_azure()
    everything = project.up().expect_success().counts["created"]
    before = {name: len(rows) for name, rows in emulator.state().items()}
    for product in emulator.state()["products"]:
        emulator.client.delete(f"{API}/{product['id']}").raise_for_status()

    assert project.refresh().expect_success().counts == {"deleted": everything - 3, "unchanged": 3}
    assert project.up().expect_success().counts == {"created": everything - 3, "unchanged": 3}, (
        "stack and components stay"
    )
    assert {name: len(rows) for name, rows in emulator.state().items()} == before
    project.refresh("--expect-no-changes").expect_success()


@pytest.mark.soak
def test_an_offer_deleted_in_the_portal_does_not_fail_a_destroy(
    deployed: Project, emulator: RunningEmulator
) -> None:
    product = emulator.state()["products"][0]
    emulator.client.delete(f"{API}/{product['id']}").raise_for_status()
    deployed.destroy().expect_success()
    assert not deployed.state()


@pytest.mark.soak
def test_an_update_of_what_is_gone_says_what_to_do(deployed: Project, emulator: RunningEmulator) -> None:
    product = emulator.state()["products"][0]
    emulator.client.delete(f"{API}/{product['id']}").raise_for_status()
    deployed.edit('summary="Tests offers"', 'summary="Tests every offer"')
    failed = deployed.up().expect_failure()
    assert "error: NotFound: offer listing" in failed.text
    assert "`pulumi refresh` removes it from the state" in failed.text
    assert "Traceback" not in failed.text
