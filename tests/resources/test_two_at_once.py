"""Two runs on one offer at the same time, from two states: each ends well or says why, and nothing is there twice.

Their requests meet in an order that a seed decides. What is uploaded has a table of its own: `interleavings.py`.
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
from provider.tools.emulators import Serving
from tests.resources import samples
from tests.resources.card import assert_readable
from tests.resources.complete import GUID, complete, files
from tests.resources.examples import configured
from tests.resources.harness import Program, Stack
from tests.resources.interleavings import Apart, together
from tests.resources.publications import is_live
from tests.resources.test_publication import changed, live

from pulumi_partnercenter import AdoptionRefused, Conflict, JobTimeout, PartnerCenterError, Stale

OTHER_GUID = "22222222-3333-4444-8555-666666666666"
SEEDS = range(4)
SAYS_WHY = (AdoptionRefused, Conflict, JobTimeout, Stale)


Both = Callable[[Program, Program], list[PartnerCenterError | None]]


@pytest.fixture
def stacks(emulator: Serving) -> list[Stack]:
    return [Apart(configured(emulator)), Apart(configured(emulator))]


@pytest.fixture
def program() -> Program:
    folder = samples.FOLDER / "two at once"
    return complete(folder if folder.exists() else files(folder))


@pytest.fixture(params=SEEDS)
def both(request: pytest.FixtureRequest, stacks: list[Stack]) -> Both:
    """`up` of both; what each ended with, None for well."""

    def run(*programs: Program) -> list[PartnerCenterError | None]:
        ended = together(request.param, stacks, programs)
        for error in ended:
            assert error is None or isinstance(error, SAYS_WHY) or "somebody else" in error.next, repr(error)
            assert error is None or assert_readable(error) is None
        return ended

    return run


def test_identical_programs_make_one_offer(
    both: Both, program: Program, stacks: list[Stack], emulator: Serving
) -> None:
    drafts = {name: each for name, each in program.items() if name != "submission"}
    both(drafts, drafts)
    assert_settled(stacks, [drafts] * 2)
    assert_nothing_twice(emulator)


def test_where_programs_differ_one_makes_it_and_the_other_is_told(
    both: Both, program: Program, stacks: list[Stack], emulator: Serving
) -> None:
    drafts = {name: each for name, each in program.items() if name != "submission"}
    other = changed(drafts, "listing", title="Contoso Vault")
    told = both(drafts, other)
    assert [each for each in told if each is not None], "somebody's title was lost, and nobody knows"
    assert_nothing_twice(emulator)
    titles = {each["title"] for each in emulator.state()["listings"] if "variantID" not in each}
    assert len(titles) == 1
    for stack, wanted, error in zip(stacks, (drafts, other), told, strict=True):
        if error is None:
            assert stack.refresh() == {}
            assert stack.up(wanted) == {}


def test_changes_of_different_arguments_are_both_kept(
    both: Both, program: Program, stacks: list[Stack], emulator: Serving
) -> None:
    drafts = {name: each for name, each in program.items() if name != "submission"}
    for stack in stacks:
        stack.up(drafts)
    title, summary = {"title": "Contoso Vault"}, {"summary": "Keeps what nobody reads"}
    ended = both(changed(drafts, "listing", **title), changed(drafts, "listing", **summary))
    (listing,) = [each for each in emulator.state()["listings"] if "variantID" not in each]
    for change, error in zip((title, summary), ended, strict=True):
        if error is None and not change.items() <= listing.items():  # by one that began after it had ended
            assert "listing" in stacks[0].refresh() | stacks[1].refresh()
    assert None in ended


CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "listing": ({"title": "Contoso Vault"}, {"summary": "Keeps what nobody reads"}),
    "properties": ({"app_version": "2.0.0"}, {"categories": {"storage-azure-apps": ["archive"]}}),
    "gold-listing": ({"title": "Golden"}, {"summary": "For some"}),
    "gold-pricing": ({"markets": ["US", "CA"]}, {"prices": [{"amount": 59, "per": "month"}]}),
    "gold-package": ({"version": "1.1.0"}, {"allows_jit_access": True}),
    "technical": ({"tenant": OTHER_GUID}, {"application": OTHER_GUID}),
    "audience": ({"subscriptions": [GUID, OTHER_GUID]}, {"subscriptions": [OTHER_GUID]}),
    "AzureLogoLarge": ({"description": "Before"}, {"order": 1}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_of_two_that_read_the_same_draft_one_writes_and_the_other_is_refused(
    name: str, program: Program, stacks: list[Stack], emulator: Serving
) -> None:
    """No write of either comes before both have read; whose write comes second has been overtaken."""
    drafts = {key: each for key, each in program.items() if key != "submission"}
    for stack in stacks:
        stack.up(drafts)
    changes = [changed(drafts, name, **change) for change in CHANGES[name]]
    for ended, stack, error in read_before_writing(stacks, changes):
        assert ended or isinstance(error, Stale), repr(error)
        if ended:
            assert stack.refresh() == {}, "a run that ended well was overwritten"


def read_before_writing(
    stacks: list[Stack], programs: list[Program]
) -> list[tuple[bool, Stack, PartnerCenterError | None]]:
    """`up` of both; exactly one ends well."""
    send, both_read, met = httpx.HTTPTransport.handle_request, threading.Barrier(2), set[int]()

    def in_step(wire: httpx.HTTPTransport, sent: httpx.Request) -> httpx.Response:
        me = threading.get_ident()
        if sent.method == "PUT" and me not in met:
            met.add(me)
            both_read.wait(60)
        return send(wire, sent)

    def up(stack: Stack, program: Program) -> PartnerCenterError | None:
        try:
            stack.up(program)
        except PartnerCenterError as error:
            return error
        return None

    patch = mock.patch.object(httpx.HTTPTransport, "handle_request", in_step)
    with patch, ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(up, stacks, programs))
    assert [error for error in ended if error] != [], "both ended well, and one of them was overwritten"
    assert None in ended
    return [(error is None, stack, error) for stack, error in zip(stacks, ended, strict=True)]


def test_one_publishes_while_the_other_edits(
    both: Both, program: Program, stacks: list[Stack], emulator: Serving
) -> None:
    drafts = {name: each for name, each in program.items() if name != "submission"}
    for stack in stacks:
        stack.up(drafts)
    edited = changed(drafts, "listing", title="Contoso Vault")
    both(program, edited)
    assert_settled(stacks[1:], [edited])
    assert_nothing_twice(emulator)
    assert len(emulator.state()["submissions"]) <= 1


def test_both_publish(both: Both, program: Program, stacks: list[Stack], emulator: Serving) -> None:
    for stack in stacks:
        stack.up({name: each for name, each in live(program).items() if name != "submission"})
    both(live(program), live(program))
    assert_settled(stacks, [live(program)] * 2)
    assert_nothing_twice(emulator)
    assert len([each for each in emulator.state()["submissions"] if is_live(each)]) == 1


def assert_settled(stacks: list[Stack], programs: list[Program]) -> None:
    """Refresh and up, in turn: each sees what the other left, also a picture that both uploaded."""
    for _ in range(4):
        for stack, program in zip(stacks, programs, strict=True):
            stack.refresh()
            stack.up(program)
    for stack, program in zip(stacks, programs, strict=True):
        assert stack.refresh() == {}
        assert stack.up(program) == {}


def assert_nothing_twice(emulator: Serving) -> None:
    """No offer, plan, listing or picture of one name among the drafts."""
    state = emulator.state()
    names = {
        "products": lambda each: each["externalIDs"][0]["value"],
        "variants": lambda each: each["externalID"],
        "listings": lambda each: (each.get("variantID"), each["instanceID"], each["languageCode"]),
        "listingImages": lambda each: (each["instanceID"], each["type"], each["fileName"]),
    }
    for collection, name in names.items():
        drafts = [each for each in state[collection] if each.get("stage") == "draft"]
        counts = Counter(map(name, drafts))
        assert max(counts.values()) == 1, (collection, counts)
