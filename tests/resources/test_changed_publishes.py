"""A list `publishes` that changes, or whose resources change, although the service has all of it already."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.publisher import Publisher
from tests.resources.card import write_requests
from tests.resources.complete import complete_program
from tests.resources.conftest import SavedDrafts
from tests.resources.harness import Program, Stack
from tests.resources.publications import changed
from tests.resources.test_appsource_offers import ENGAGEMENT, offer_program
from tests.resources.test_undeclared import list_submissions, only_named, sent_modules

from pulumi_partnercenter import Rejected

NOTHING = "nothing is published"
LESS = "publishes names less than before; "


@pytest.fixture
def program(saved_drafts: SavedDrafts) -> Program:
    return complete_program(saved_drafts.folder)


@pytest.fixture
def stack(stack_with_drafts: Stack) -> Stack:
    return stack_with_drafts


def go_live(stack: Stack, program: Program) -> Program:
    live_program = changed(program, "submission", target="live")
    for _ in range(2):
        stack.up(live_program)
    assert stack.state["submission"].outputs["state"] == "live"
    return live_program


def narrowed(program: Program, *names: str) -> Program:
    return changed(only_named(program, *names), "submission", offer_type="", target="live")


class TestLess:
    def test_a_shorter_list_publishes_nothing_and_the_preview_says_so(
        self, program: Program, stack: Stack, emulator: RunningEmulator, capsys: Any
    ) -> None:
        shorter = narrowed(go_live(stack, program), "listing", "gold-pricing")
        emulator.clear()
        capsys.readouterr()
        assert stack.preview(shorter) == {"submission": "update"}
        assert f"{LESS}submission" in (preview := capsys.readouterr().out)
        assert NOTHING in preview
        assert stack.up(shorter) == {"submission": "update"}
        assert write_requests(emulator) == []
        for _ in range(2):
            assert stack.up(shorter) == {}
            assert stack.refresh() == {}
        assert stack.state["submission"].outputs["state"] == "live"

    def test_a_shorter_list_in_the_preview_publishes_nothing(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program)
        emulator.clear()
        stack.up(only_named(program, "listing"))
        assert write_requests(emulator) == []
        assert stack.state["submission"].outputs["state"] == "preview"
        assert stack.up(only_named(program, "listing")) == {}

    def test_a_shorter_list_goes_on_to_live(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program)
        for _ in range(2):
            stack.up(narrowed(program, "listing", "audience", "reseller"))
        assert stack.state["submission"].outputs["state"] == "live"
        assert len(list_submissions(emulator)) == 1

    def test_what_leaves_the_list_and_goes_live_with_it_is_named(
        self, program: Program, stack: Stack, emulator: RunningEmulator, capsys: Any
    ) -> None:
        newer = changed(go_live(stack, program), "properties", hide_keys=["another"])
        newer = changed(newer, "listing", title="Contoso Vault")
        stack.up(changed(newer, "submission", target="preview"))
        capsys.readouterr()
        stack.up(narrowed(newer, "listing"))
        assert "what else is in the preview goes live too: Property of the offer\n" in capsys.readouterr().out
        assert len(list_submissions(emulator)) == 2

    def test_a_list_that_becomes_long_again_publishes_nothing(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        live_program = go_live(stack, program)
        stack.up(narrowed(live_program, "listing"))
        stack.up(live_program)
        assert stack.up(live_program) == {}
        assert len(list_submissions(emulator)) == 1

    def test_a_submission_that_moves_to_another_offer_says_nothing_of_the_former_one(
        self, program: Program, stack: Stack, capsys: Any
    ) -> None:
        stack.up(program)
        capsys.readouterr()
        moved = changed(program, "submission", offer="11111111-2222-4333-8444-555555555555")
        stack.preview(moved)
        lines = [line for line in capsys.readouterr().out.splitlines() if "offer 11111111" in line]
        assert [line.partition(", unless")[0] for line in lines] == [
            "offer 11111111-2222-4333-8444-555555555555: will be submitted to preview"
        ]

    def test_a_shorter_list_with_a_change_publishes_the_change(
        self, program: Program, stack: Stack, emulator: RunningEmulator, capsys: Any
    ) -> None:
        shorter = narrowed(go_live(stack, program), "listing")
        capsys.readouterr()
        stack.up(changed(shorter, "listing", title="Contoso Vault"))
        assert "OfferListing listing changed: a new submission goes to preview" in capsys.readouterr().out
        assert sent_modules(emulator) == ["Listing"]

    def test_a_failed_resource_that_leaves_the_list_lets_the_others_go_out(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        live_program = go_live(stack, program)
        newer = changed(live_program, "listing", title="Contoso Vault")
        newer = changed(newer, "properties", hide_keys=["another"])
        emulator.decide("validation", "fail")
        with pytest.raises(Rejected):
            stack.up(newer)
        stack.refresh()
        stack.up(narrowed(newer, "properties"))
        assert sent_modules(emulator) == ["Property"]
        assert len(list_submissions(emulator)) == 3

    def test_a_shorter_list_without_the_state_publishes_nothing(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        shorter = narrowed(go_live(stack, program), "listing")
        stack.forget()
        emulator.clear()
        stack.up(shorter)
        assert write_requests(emulator) == []


class TestMore:
    def test_a_longer_list_of_unchanged_content_publishes_nothing(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        needed = ("listing", "audience", "reseller")
        live_program = go_live(stack, only_named(program, *needed))
        longer = changed(only_named(program, *needed, "properties"), "submission", target="live")
        emulator.clear()
        stack.up(longer)
        assert write_requests(emulator) == []
        assert stack.up(longer) == {}
        assert live_program

    def test_a_longer_list_publishes_what_is_not_live_yet(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        needed = ("listing", "audience", "reseller")
        go_live(stack, only_named(program, *needed))
        longer = changed(program, "properties", hide_keys=["another"])
        longer = changed(only_named(longer, *needed, "properties"), "submission", target="live")
        stack.up(longer)
        assert "Property" in sent_modules(emulator)
        assert stack.state["submission"].outputs["state"] == "live"


class TestUnchangedService:
    def test_an_address_of_a_package_that_is_no_longer_given_publishes_nothing(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """The service keeps the address."""
        emulator.reset()
        stack.forget()
        program = offer_program(ENGAGEMENT)
        for _ in range(2):
            stack.up(program)
        kept = changed(program, "technical", package_url="")
        stack.up(kept)
        assert stack.up(kept) == {}
        assert len(list_submissions(emulator)) == 1


class TestAdoption:
    """A submission that is in no state yet, of an offer that another program published with other arguments."""

    @pytest.fixture
    def adopting(self, program: Program, stack: Stack, emulator: RunningEmulator) -> Program:
        """The program without the properties that the other one had too."""
        live_program = go_live(stack, program)
        stack.forget()
        emulator.clear()
        less = {**live_program["properties"].arguments}
        del less["categories"]
        partial = replace(live_program["properties"], arguments=less)
        return changed({**live_program, "properties": partial}, "submission", adopt=True)

    def test_equal_drafts_are_adopted_and_the_next_change_is_published(
        self, adopting: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(adopting)
        assert write_requests(emulator) == []
        assert stack.state["submission"].outputs["state"] == "live"
        assert stack.refresh() == {}
        assert stack.up(adopting) == {}
        assert stack.up(changed(adopting, "submission", adopt=False)) == {}
        newer = changed(adopting, "listing", title="Contoso Vault")
        for _ in range(2):
            stack.up(newer)
        assert stack.state["submission"].outputs["state"] == "live"
        assert len(list_submissions(emulator)) == 2

    def test_without_adopt_equal_drafts_are_published_again(
        self, adopting: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(changed(adopting, "submission", adopt=False))
        assert len(list_submissions(emulator)) == 2

    def test_changed_drafts_are_published_despite_adopt(
        self, adopting: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        newer = {**adopting, "listing": changed(adopting, "listing", title="Vault", adopt=True)["listing"]}
        for _ in range(2):
            stack.up(newer)
        assert len(list_submissions(emulator)) == 2
        assert stack.state["submission"].outputs["state"] == "live"


def test_a_preview_of_repaired_drift_promises_no_submission_and_none_is_sent(
    program: Program, stack: Stack, emulator: RunningEmulator, capsys: Any
) -> None:
    stack.up(program)
    publisher, product = Publisher(emulator), f"/products/{stack.state['offer'].id}"
    publisher.edit(product, "listings", publisher.read_listing(product)["id"], title="Fabrikam")
    assert stack.refresh() == {"listing": ["title"]}
    capsys.readouterr()
    stack.preview(program)
    words = "OfferListing listing changed: a new submission goes to preview, unless the newest has it already"
    assert words in capsys.readouterr().out
    assert stack.up(program) == {"listing": "update"}
    assert len(list_submissions(emulator)) == 1
    assert stack.up(program) == {}
