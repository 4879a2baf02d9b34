"""A single list of submissions that is empty, or lacks one: it deletes nothing and publishes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.complete import complete_program
from tests.resources.conftest import SavedDrafts
from tests.resources.harness import Stack
from tests.resources.test_app_release import API, build, newest, offer, outputs, read, release
from tests.resources.test_undeclared import without_submission

from pulumi_partnercenter import Conflict

__all__ = ["build", "offer"]

LIST = r"GET .*/submissions\?"


def answer_once(emulator: RunningEmulator, *submissions: dict[str, Any]) -> None:
    emulator.fault(LIST, status=200, body={"value": list(submissions)})


@pytest.mark.parametrize("listed", [0, 1], ids=["empty list", "list without the newest"])
def test_a_refresh_keeps_a_release(listed, offer, build, stack, emulator):
    program = release(offer, build)
    stack.up(program)
    before = dict(outputs(stack))
    answer_once(emulator, *emulator.client.get(f"{API}/{offer}/submissions").json()["value"][:listed])
    assert stack.refresh() == {}
    assert dict(outputs(stack)) == before


@pytest.mark.parametrize("listed", [0, 1], ids=["empty list", "list without the newest"])
def test_another_run_submits_nothing(listed, offer, build, stack, emulator):
    program = release(offer, build, target="live")
    emulator.decide("certification", "hold")
    stack.up(program)
    answer_once(emulator, *emulator.client.get(f"{API}/{offer}/submissions").json()["value"][:listed])
    count = len(read(emulator, "submissions"))
    stack.up(program)
    assert len(read(emulator, "submissions")) == count
    assert outputs(stack)["state"] == "in certification"


def test_a_first_release_of_a_live_offer_sends_package_and_version_only(offer, build, stack, emulator):
    earlier = newest(emulator)["resources"]
    answer_once(emulator)
    stack.up(release(offer, build))
    sent = [resource["type"] for resource in newest(emulator)["resources"] if resource not in earlier]
    assert sorted(sent) == ["Package", "Property"]


def test_a_published_offer_that_leaves_the_program_keeps_its_draft(
    saved_drafts: SavedDrafts, stack_with_drafts: Stack, emulator: RunningEmulator
) -> None:
    stack = stack_with_drafts
    program = complete_program(saved_drafts.folder)
    stack.up(program)
    stack.up(without_submission(program))
    images = emulator.state()["listingImages"]
    answer_once(emulator)
    with pytest.raises(Conflict, match="retain_on_delete"):
        stack.up({})
    assert emulator.state()["listingImages"] == images


def test_a_submission_that_leaves_the_program_is_cancelled(
    saved_drafts: SavedDrafts, stack_with_drafts: Stack, emulator: RunningEmulator
) -> None:
    stack = stack_with_drafts
    program = complete_program(saved_drafts.folder)
    emulator.decide("validation", "hold")
    stack.up(program)
    answer_once(emulator)
    stack.up(without_submission(program))
    assert emulator.state()["submissions"][-1]["state"] == "Cancelled"


def test_a_refresh_keeps_a_submission(
    saved_drafts: SavedDrafts, stack_with_drafts: Stack, emulator: RunningEmulator
) -> None:
    stack = stack_with_drafts
    stack.up(complete_program(saved_drafts.folder))
    answer_once(emulator)
    assert stack.refresh() == {}
    assert stack.state["submission"].outputs["state"] == "preview"
