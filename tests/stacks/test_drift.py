"""What somebody changed in the portal, through the real `pulumi`: seen, shown by name, repaired exactly."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import Serving
from tests.stacks.cli import Project
from tests.stacks.conftest import write_requests

API = "/v1.0/ingestion/products"


def find_offer_listing(emulator: Serving) -> dict[str, Any]:
    return next(listing for listing in emulator.state()["listings"] if not listing.get("variantID"))


def test_a_change_in_the_portal_is_shown_and_repaired(made: Project, emulator: Serving) -> None:
    listing = find_offer_listing(emulator)
    path = f"{API}/{listing['productID']}/listings/{listing['id']}"
    emulator.portal(path, summary="Written in the portal", tuesdaysOnly=True)

    refreshed = made.refresh().well()
    assert re.search(r'summary +: "Tests offers" +=> "Written in the portal"', refreshed.text)
    assert refreshed.counts == {"updated": 1, "unchanged": 5}
    preview = made.preview().well()
    assert re.search(r'~ summary +: "Written in the portal" +=> "Tests offers"', preview.text)

    emulator.clear()
    assert made.up().well().counts == {"updated": 1, "unchanged": 5}
    assert write_requests(emulator) == ["PUT listings"]
    assert find_offer_listing(emulator)["summary"] == "Tests offers"
    assert find_offer_listing(emulator)["tuesdaysOnly"] is True
    made.refresh("--expect-no-changes").well()


@pytest.mark.soak
def test_looking_shows_both_values_and_changes_nothing(made: Project, emulator: Serving) -> None:
    """`preview --refresh` and `refresh --preview-only`."""
    listing = find_offer_listing(emulator)
    emulator.portal(f"{API}/{listing['productID']}/listings/{listing['id']}", title="Renamed in the portal")
    state, service = made.state(), emulator.state()
    emulator.clear()

    preview = made.preview("--refresh").well()
    assert re.search(r'~ title +: "Renamed in the portal" +=> "Contoso Test"', preview.text)
    shown = made.run("refresh", "--preview-only", "--diff").well()
    assert re.search(r'title +: "Contoso Test" +=> "Renamed in the portal"', shown.text)
    made.run("refresh", "--preview-only", "--expect-no-changes").badly()

    assert write_requests(emulator) == []
    assert (made.state(), emulator.state()) == (state, service)


@pytest.mark.soak
def test_a_plan_deleted_in_the_portal_is_made_again(made: Project, emulator: Serving) -> None:
    plan = emulator.state()["variants"][0]
    emulator.client.delete(f"{API}/{plan['productID']}/variants/{plan['id']}").raise_for_status()

    assert made.refresh().well().counts["deleted"] == 3
    assert made.up().well().counts == {"created": 3, "unchanged": 3}
    again = emulator.state()["variants"]
    assert [variant["externalID"] for variant in again] == ["gold"]
    assert again[0]["id"] != plan["id"]
    made.preview("--expect-no-changes").well()


@pytest.mark.soak
def test_an_offer_deleted_in_the_portal_is_made_again(made: Project, emulator: Serving) -> None:
    """With everything in it."""
    product = emulator.state()["products"][0]
    emulator.client.delete(f"{API}/{product['id']}").raise_for_status()

    assert made.refresh().well().counts["deleted"] == 5
    assert made.up().well().counts == {"created": 5, "unchanged": 1}
    assert len(emulator.state()["products"]) == len(emulator.state()["variants"]) == 1
    made.preview("--expect-no-changes").well()


@pytest.mark.soak
def test_an_up_that_refreshes_makes_again_what_was_deleted(made: Project, emulator: Serving) -> None:
    plan = emulator.state()["variants"][0]
    emulator.client.delete(f"{API}/{plan['productID']}/variants/{plan['id']}").raise_for_status()
    made.up("--refresh").well()
    assert [variant["externalID"] for variant in emulator.state()["variants"]] == ["gold"]
    made.refresh("--expect-no-changes").well()


@pytest.mark.soak
def test_the_shipped_drafts_are_made_again_with_everything_in_them(tmp_path: Path, emulator: Serving) -> None:
    project = Project.shipped(tmp_path / "project", emulator.url).select("dev").without_azure()
    everything = project.up().well().counts["created"]
    before = {name: len(rows) for name, rows in emulator.state().items()}
    for product in emulator.state()["products"]:
        emulator.client.delete(f"{API}/{product['id']}").raise_for_status()

    assert project.refresh().well().counts == {"deleted": everything - 1, "unchanged": 1}
    assert project.up().well().counts == {"created": everything - 1, "unchanged": 1}
    assert {name: len(rows) for name, rows in emulator.state().items()} == before
    project.refresh("--expect-no-changes").well()


@pytest.mark.soak
def test_what_is_gone_is_gone_for_destroy(made: Project, emulator: Serving) -> None:
    product = emulator.state()["products"][0]
    emulator.client.delete(f"{API}/{product['id']}").raise_for_status()
    made.destroy().well()
    assert not made.state()


@pytest.mark.soak
def test_an_update_of_what_is_gone_says_what_to_do(made: Project, emulator: Serving) -> None:
    product = emulator.state()["products"][0]
    emulator.client.delete(f"{API}/{product['id']}").raise_for_status()
    made.edit('summary="Tests offers"', 'summary="Tests every offer"')
    failed = made.up().badly()
    assert "error: NotFound: offer listing" in failed.text
    assert "`pulumi refresh` notices" in failed.text
    assert "Traceback" not in failed.text
