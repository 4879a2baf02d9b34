"""Two concurrent runs on one offer, from two states: each succeeds or fails with a reason, and no object exists twice.

A seed decides the order of their requests. `interleavings.py` covers uploads.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest import mock

import httpx
import pytest
from provider.tools.emulators import RunningEmulator
from provider.tools.hangs import HANG_SECONDS
from tests.resources import samples
from tests.resources.card import assert_readable
from tests.resources.complete import GUID, complete_program, write_files
from tests.resources.examples import emulator_config
from tests.resources.harness import Program, Stack
from tests.resources.interleavings import IsolatedStack, run_interleaved
from tests.resources.publications import is_live
from tests.resources.test_publication import changed, with_live_target

from pulumi_partnercenter import AdoptionRefused, Conflict, JobTimeout, PartnerCenterError, Stale

OTHER_GUID = "22222222-3333-4444-8555-666666666666"
SEEDS = range(4)
EXPECTED_ERRORS = (AdoptionRefused, Conflict, JobTimeout, Stale)


RunBoth = Callable[[Program, Program], list[PartnerCenterError | None]]


@pytest.fixture
def stacks(emulator: RunningEmulator) -> list[Stack]:
    return [IsolatedStack(emulator_config(emulator)), IsolatedStack(emulator_config(emulator))]


@pytest.fixture
def program() -> Program:
    folder = samples.FOLDER / "two at once"
    return complete_program(folder if folder.exists() else write_files(folder))


@pytest.fixture(params=SEEDS)
def run_both(request: pytest.FixtureRequest, stacks: list[Stack]) -> RunBoth:
    """Function that runs `up` of both stacks and returns the error of each, None for success."""

    def run(*programs: Program) -> list[PartnerCenterError | None]:
        results = run_interleaved(request.param, stacks, programs)
        for error in results:
            assert error is None or isinstance(error, EXPECTED_ERRORS) or "somebody else" in error.next, repr(
                error
            )
            assert error is None or assert_readable(error) is None
        return results

    return run


@pytest.mark.sample(1)
def test_two_runs_of_identical_programs_create_a_single_offer(
    run_both: RunBoth, program: Program, stacks: list[Stack], emulator: RunningEmulator
) -> None:
    drafts = {name: declaration for name, declaration in program.items() if name != "submission"}
    run_both(drafts, drafts)
    assert_settled(stacks, [drafts] * 2)
    assert_nothing_twice(emulator)


@pytest.mark.sample(1)
def test_two_runs_of_different_programs_report_the_conflict(
    run_both: RunBoth, program: Program, stacks: list[Stack], emulator: RunningEmulator
) -> None:
    drafts = {name: declaration for name, declaration in program.items() if name != "submission"}
    changed_drafts = changed(drafts, "listing", title="Contoso Vault")
    results = run_both(drafts, changed_drafts)
    assert [error for error in results if error is not None], "somebody's title was lost, and nobody knows"
    assert_nothing_twice(emulator)
    titles = {listing["title"] for listing in emulator.state()["listings"] if "variantID" not in listing}
    assert len(titles) == 1
    for stack, desired, error in zip(stacks, (drafts, changed_drafts), results, strict=True):
        if error is None:
            assert stack.refresh() == {}
            assert stack.up(desired) == {}


@pytest.mark.sample(1)
def test_two_runs_that_change_different_arguments_lose_no_change_unnoticed(
    run_both: RunBoth, program: Program, stacks: list[Stack], emulator: RunningEmulator
) -> None:
    drafts = {name: declaration for name, declaration in program.items() if name != "submission"}
    for stack in stacks:
        stack.up(drafts)
    title, summary = {"title": "Contoso Vault"}, {"summary": "Keeps what nobody reads"}
    results = run_both(changed(drafts, "listing", **title), changed(drafts, "listing", **summary))
    (listing,) = [listing for listing in emulator.state()["listings"] if "variantID" not in listing]
    for change, error in zip((title, summary), results, strict=True):
        # The other run began after this one had ended, and overwrote its change.
        if error is None and not change.items() <= listing.items():
            assert "listing" in stacks[0].refresh() | stacks[1].refresh()
    assert None in results


CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "listing": ({"title": "Contoso Vault"}, {"summary": "Keeps what nobody reads"}),
    "properties": (
        {"app_version": "2.0.0"},
        {"categories": {"storage-azure-apps": ["archive"]}, "app_version": "1.0.0"},
    ),
    "gold-listing": ({"title": "Golden"}, {"summary": "For some"}),
    "gold-pricing": ({"markets": ["US", "CA"]}, {"prices": [{"amount": 59, "per": "month"}]}),
    "gold-package": ({"version": "1.1.0"}, {"allows_jit_access": True}),
    "technical": ({"tenant": OTHER_GUID}, {"application": OTHER_GUID}),
    "audience": ({"subscriptions": [GUID, OTHER_GUID]}, {"subscriptions": [OTHER_GUID]}),
    "AzureLogoLarge": ({"description": "Before"}, {"order": 1}),
}


@pytest.mark.sample(1)
@pytest.mark.parametrize("name", CHANGES)
def test_the_second_write_of_a_draft_read_by_two_runs_is_refused(
    name: str, program: Program, stacks: list[Stack], emulator: RunningEmulator
) -> None:
    """Both runs read the draft before either writes, so the second write is refused."""
    drafts = {key: declaration for key, declaration in program.items() if key != "submission"}
    for stack in stacks:
        stack.up(drafts)
    changes = [changed(drafts, name, **change) for change in CHANGES[name]]
    for is_successful, stack, error in read_before_writing(stacks, changes):
        assert is_successful or isinstance(error, Stale), repr(error)
        if is_successful:
            assert stack.refresh() == {}, "a run that ended well was overwritten"


def read_before_writing(
    stacks: list[Stack], programs: list[Program]
) -> list[tuple[bool, Stack, PartnerCenterError | None]]:
    """Run `up` of both; each reads before either writes. Return the result of each; exactly one succeeds."""
    send, barrier, waiting_threads = httpx.HTTPTransport.handle_request, threading.Barrier(2), set[int]()

    def wait_before_first_put(wire: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        thread = threading.get_ident()
        if request.method == "PUT" and thread not in waiting_threads:
            waiting_threads.add(thread)
            barrier.wait(HANG_SECONDS)
        return send(wire, request)

    def up(stack: Stack, program: Program) -> PartnerCenterError | None:
        try:
            stack.up(program)
        except PartnerCenterError as error:
            return error
        return None

    patch = mock.patch.object(httpx.HTTPTransport, "handle_request", wait_before_first_put)
    with patch, ThreadPoolExecutor(2) as pool:
        errors = list(pool.map(up, stacks, programs))
    assert [error for error in errors if error] != [], "both ended well, and one of them was overwritten"
    assert None in errors
    return [(error is None, stack, error) for stack, error in zip(stacks, errors, strict=True)]


@pytest.mark.sample(1)
def test_a_run_may_publish_while_another_edits(
    run_both: RunBoth, program: Program, stacks: list[Stack], emulator: RunningEmulator
) -> None:
    drafts = {name: declaration for name, declaration in program.items() if name != "submission"}
    for stack in stacks:
        stack.up(drafts)
    changed_drafts = changed(drafts, "listing", title="Contoso Vault")
    run_both(program, changed_drafts)
    assert_settled(stacks[1:], [changed_drafts])
    assert_nothing_twice(emulator)
    assert len(emulator.state()["submissions"]) <= 1


@pytest.mark.sample(1)
def test_two_runs_that_publish_end_with_a_single_live_submission(
    run_both: RunBoth, program: Program, stacks: list[Stack], emulator: RunningEmulator
) -> None:
    for stack in stacks:
        stack.up(
            {
                name: declaration
                for name, declaration in with_live_target(program).items()
                if name != "submission"
            }
        )
    run_both(with_live_target(program), with_live_target(program))
    assert_settled(stacks, [with_live_target(program)] * 2)
    assert_nothing_twice(emulator)
    assert len([submission for submission in emulator.state()["submissions"] if is_live(submission)]) == 1


def assert_settled(stacks: list[Stack], programs: list[Program]) -> None:
    """Assert that refresh and `up`, in turn, detect the other run's changes, including a picture that both uploaded."""
    for _ in range(4):
        for stack, program in zip(stacks, programs, strict=True):
            stack.refresh()
            stack.up(program)
    for stack, program in zip(stacks, programs, strict=True):
        assert stack.refresh() == {}
        assert stack.up(program) == {}


def assert_nothing_twice(emulator: RunningEmulator) -> None:
    """Assert that no two offers, plans, listings or pictures of the drafts have the same name."""
    state = emulator.state()
    natural_keys = {
        "products": lambda row: row["externalIDs"][0]["value"],
        "variants": lambda row: row["externalID"],
        "listings": lambda row: (row.get("variantID"), row["instanceID"], row["languageCode"]),
        "listingImages": lambda row: (row["instanceID"], row["type"], row["fileName"]),
    }
    for collection, natural_key in natural_keys.items():
        drafts = [row for row in state[collection] if row.get("stage") == "draft"]
        counts = Counter(map(natural_key, drafts))
        assert max(counts.values()) == 1, (collection, counts)
