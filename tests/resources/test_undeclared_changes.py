"""A live offer of several people: what a partial submission takes along, and what it leaves, is named as it is."""

from __future__ import annotations

from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import write_requests
from tests.resources.complete import complete_program
from tests.resources.conftest import SavedDrafts
from tests.resources.harness import Program, Stack
from tests.resources.publications import changed
from tests.resources.test_release_beside_others import submit
from tests.resources.test_undeclared import (
    API,
    LEFT,
    MESSAGE,
    add_language,
    add_plan,
    list_submissions,
    only_named,
    sent_modules,
    with_unpublished_resource,
)

PLANS = ("gold", "silver")


@pytest.fixture
def program(saved_drafts: SavedDrafts) -> Program:
    return complete_program(saved_drafts.folder, *PLANS)


@pytest.fixture
def live_program(program: Program, stack: Stack, emulator: RunningEmulator, capsys: Any) -> Program:
    live_program = changed(program, "submission", target="live")
    for _ in range(2):
        stack.up(live_program)
    assert stack.state["submission"].outputs["state"] == "live"
    emulator.clear()
    capsys.readouterr()
    return program


def product_of(stack: Stack) -> str:
    return stack.state["offer"].id


def draft(emulator: RunningEmulator, collection: str, **members: str) -> dict[str, Any]:
    """Return the one draft of the service that has these members."""
    (document,) = [
        document
        for document in emulator.state()[collection]
        if document["stage"] == "draft" and members.items() <= document.items()
    ]
    return document


def edit(emulator: RunningEmulator, stack: Stack, path: str, **members: Any) -> None:
    """Change members of a document as a colleague in Partner Center does."""
    emulator.portal(f"{API}/{product_of(stack)}/{path}", **members)


def with_title(program: Program, *names: str) -> Program:
    """Return the program with another title, and a submission that names only the listing and `names`."""
    return changed(only_named(program, "listing", *names), "listing", title="Contoso Vault")


class TestNamed:
    def test_what_is_live_already_is_not_named_and_not_downloaded(
        self, live_program: Program, stack: Stack, emulator: RunningEmulator, capsys: Any
    ) -> None:
        stack.up(with_title(live_program))
        output = capsys.readouterr().out
        assert MESSAGE not in output
        assert LEFT not in output
        assert not [request for request in emulator.requests() if request["service"] == "blob"]
        assert sent_modules(emulator) == ["Listing"]

    def test_a_colleagues_change_in_the_same_module_is_named_alone(
        self, live_program: Program, stack: Stack, emulator: RunningEmulator, capsys: Any
    ) -> None:
        add_language(emulator, product_of(stack), "fr-fr")
        image = draft(emulator, "listingImages", type="AzureLogoWide")
        listing = draft(emulator, "listings", languageCode="en-us", title="Contoso Archive")
        edit(emulator, stack, f"listings/{listing['id']}/images/{image['id']}", order=7)
        emulator.decide("validation", "pass")
        stack.up(with_title(live_program))
        named = capsys.readouterr().out.split(MESSAGE)[1].splitlines()[0]
        assert named == "offer listing fr-fr, listing image en-us/AzureLogoWide/AzureLogoWide.png"

    def test_a_preview_after_a_refresh_names_the_same(
        self, live_program: Program, stack: Stack, emulator: RunningEmulator, capsys: Any
    ) -> None:
        stack.up(only_named(live_program, "listing"))
        add_language(emulator, product_of(stack), "fr-fr")
        assert stack.refresh() == {}
        capsys.readouterr()
        stack.preview(with_title(live_program))
        assert capsys.readouterr().out.split(MESSAGE)[1].splitlines()[0] == "offer listing fr-fr"


class TestLeft:
    def test_a_change_of_one_plan_leaves_the_other_plan_and_the_offer(
        self, live_program: Program, stack: Stack, emulator: RunningEmulator, capsys: Any
    ) -> None:
        silver = stack.state["silver"].id.split("/")[1]
        pricing = draft(emulator, "featureAvailabilities", variantID=silver)
        edit(emulator, stack, f"featureAvailabilities/{pricing['id']}", isHidden=True)
        add_plan(emulator, product_of(stack), "stray")
        add_language(emulator, product_of(stack), "fr-fr")
        stack.up(changed(only_named(live_program, "gold-listing"), "gold-listing", title="Au"))
        left = capsys.readouterr().out.split(LEFT)[1].splitlines()[0]
        expected = ["Listing of the offer", "Availability of plan 'silver'", "plan 'stray'"]
        assert sorted(left.split(", ")) == sorted(expected)  # plans are in the order of their ids
        (newest,) = list_submissions(emulator)[1:]
        assert [plan["variantID"] for plan in newest["variantResources"]] == [
            stack.state["gold"].id.split("/")[1]
        ]
        assert newest["resources"] == []

    @pytest.mark.parametrize("outcome", ["fail", "cancel"])
    def test_what_a_colleague_submitted_in_vain_stays_a_draft(
        self, outcome: str, live_program: Program, stack: Stack, emulator: RunningEmulator, capsys: Any
    ) -> None:
        product = product_of(stack)
        add_language(emulator, product, "fr-fr")
        emulator.decide("validation", "hold" if outcome == "cancel" else "fail")
        theirs = submit(emulator, product, "Listing")
        if outcome == "cancel":
            emulator.client.delete(f"{API}/{product}/submissions/{theirs}").raise_for_status()
        newer = changed(only_named(live_program, "properties"), "properties", hide_keys=["another"])
        stack.up(newer)
        assert f"{LEFT}Listing of the offer\n" in capsys.readouterr().out
        assert sent_modules(emulator) == ["Property"]
        assert stack.state["submission"].outputs["state"] == "preview"

    def test_a_failed_submission_of_a_colleague_is_no_failure_of_unchanged_content(
        self, live_program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        live_program = changed(live_program, "submission", target="live")
        emulator.decide("validation", "fail")
        submit(emulator, product_of(stack), "Listing")
        stack.refresh()
        assert stack.up(live_program) == {}
        assert stack.state["submission"].outputs["state"] == "live"


class TestEverything:
    def test_an_offer_that_was_never_live_sends_all_and_names_it(
        self, program: Program, stack: Stack, emulator: RunningEmulator, capsys: Any
    ) -> None:
        drafts = {name: part for name, part in program.items() if name != "submission"}
        stack.up(drafts)
        add_language(emulator, product_of(stack), "fr-fr")
        emulator.decide("validation", "pass")
        emulator.clear()
        stack.up(with_unpublished_resource(program, "AzureLogoWide"))
        named = capsys.readouterr().out.split(MESSAGE)[1].splitlines()[0]
        assert named == "offer listing fr-fr, listing image en-us/AzureLogoWide/AzureLogoWide.png"
        assert not [request for request in emulator.requests() if request["service"] == "blob"]

    def test_a_second_run_sends_no_request_and_a_third_with_a_refresh_writes_nothing(
        self, live_program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        newer = with_title(live_program)
        stack.up(newer)
        emulator.clear()
        assert stack.up(newer) == {}
        assert emulator.requests() == []
        assert stack.refresh() == {}
        assert stack.up(newer) == {}
        assert write_requests(emulator) == []
