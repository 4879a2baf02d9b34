"""Odd answers of the service, one or several in a row, at every request of a release: it goes live once, at last."""

from __future__ import annotations

import contextlib
from copy import deepcopy
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import assert_readable
from tests.resources.complete import complete_program
from tests.resources.conftest import SavedDrafts
from tests.resources.harness import Program, Record, Stack
from tests.resources.publications import changed

from pulumi_partnercenter import PartnerCenterError

NOT_FOUND: dict[str, Any] = {"status": 404}
EMPTY: dict[str, Any] = {"status": 200, "body": {"value": []}}
SEQUENCES: dict[str, list[dict[str, Any]]] = {
    "401": [{"status": 401}],
    "404": [NOT_FOUND],
    "404 twice": [NOT_FOUND] * 2,
    "404 four times": [NOT_FOUND] * 4,
    "404, then empty": [NOT_FOUND, EMPTY],
    "500 twice": [{"status": 500}] * 2,
    "empty": [EMPTY],
    "empty twice": [EMPTY] * 2,
}
REQUESTS = 20
"""Number of requests of `release`, from the changed listing to the steps of the live submission."""


@pytest.fixture
def live_program(saved_drafts: SavedDrafts, stack_with_drafts: Stack, emulator: RunningEmulator) -> Program:
    live_program = complete_program(saved_drafts.folder, target="live")
    settle(stack_with_drafts, live_program)
    emulator.clear()
    return live_program


def settle(stack: Stack, program: Program) -> None:
    for _ in range(6):
        if not stack.up(program):
            return
    raise AssertionError("it does not settle")


def release(live_program: Program) -> Program:
    return changed(live_program, "listing", title="Contoso Vault")


def test_the_number_of_requests_of_a_release_is_known(
    live_program: Program, stack_with_drafts: Stack, emulator: RunningEmulator
) -> None:
    settle(stack_with_drafts, release(live_program))
    assert len(emulator.requests()) == REQUESTS, emulator.requests()


@pytest.mark.sample(16)
@pytest.mark.parametrize("request_number", range(REQUESTS))
@pytest.mark.parametrize("sequence", SEQUENCES)
def test_odd_answers_neither_end_nor_double_a_release(
    sequence: str,
    request_number: int,
    live_program: Program,
    stack_with_drafts: Stack,
    emulator: RunningEmulator,
) -> None:
    stack = stack_with_drafts
    for answer in SEQUENCES[sequence]:
        emulator.fault(".", after=request_number, **answer)
    with contextlib.suppress(PartnerCenterError):
        settle_readably(stack, release(live_program))
    emulator.unfault()
    settle(stack, release(live_program))
    assert stack.state["submission"].outputs["state"] == "live"
    assert [listing["title"] for listing in emulator.state()["listings"]].count("Contoso Vault") == 2
    assert len(emulator.state()["submissions"]) == 2
    assert stack.refresh() == {}


def settle_readably(stack: Stack, program: Program) -> None:
    try:
        settle(stack, program)
    except PartnerCenterError as error:
        assert_readable(error)
        raise


@pytest.mark.parametrize(
    ("place", "times"),
    [
        (r"GET .*/submissions\?", 1),
        (r"GET .*/submissions/[0-9]+\?", 0),
        ("workflowdetails", 0),
        ("promote", 1),
        ("GET .*/products/[0-9a-f-]+$", 1),
    ],
    ids=["list", "submission, always", "steps, always", "promotion", "offer"],
)
def test_a_404_of_what_exists_ends_no_run(
    place: str, times: int, live_program: Program, stack_with_drafts: Stack, emulator: RunningEmulator
) -> None:
    """The service gives them for submissions in preview (reported by its users)."""
    emulator.fault(place, **NOT_FOUND, times=times)
    settle(stack_with_drafts, release(live_program))
    assert stack_with_drafts.state["submission"].outputs["state"] == "live"


def test_a_404_of_an_offer_that_exists_removes_nothing_from_the_state(
    live_program: Program, stack_with_drafts: Stack, emulator: RunningEmulator
) -> None:
    stack, before = stack_with_drafts, deepcopy(stack_with_drafts.state)
    emulator.fault(r"GET .*/products/[0-9a-f-]+$", **NOT_FOUND)
    assert stack.refresh() == {}
    assert ids(stack.state) == ids(before)


def ids(state: dict[str, Record]) -> dict[str, str]:
    return {name: record.id for name, record in state.items()}
