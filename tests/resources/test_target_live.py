"""Target `live` of an offer that another program declares: `up` asks the service for what live needs."""

from __future__ import annotations

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import assert_readable
from tests.resources.complete import complete_program
from tests.resources.conftest import SavedDrafts
from tests.resources.harness import CheckFailed, Declaration, Program, Stack
from tests.resources.publications import changed
from tests.resources.test_app_release import offer, read
from tests.resources.test_release_beside_others import (
    listing_program,
    other_stack,
    properties_program,
    run_until_settled,
)
from tests.resources.test_undeclared import without_submission

from pulumi_partnercenter import InputError, OfferListing, Rejected

__all__ = ["offer", "other_stack"]


@pytest.fixture
def program(saved_drafts: SavedDrafts) -> Program:
    return complete_program(saved_drafts.folder)


class TestBusinessCentral:
    def test_a_live_offer_of_another_program_needs_neither_audience_nor_resellers(
        self, offer: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        program = properties_program(offer, "one", target="live")
        assert stack.preview(program)["submission"] == "create"
        emulator.decide("validation", "pass")
        run_until_settled(stack, program)
        assert stack.state["submission"].outputs["state"] == "live"
        assert not [request for request in emulator.requests() if "reseller" in request["path"].lower()]


class TestNeverPublished:
    """The drafts of the offer belong to another program."""

    def test_a_complete_offer_goes_live(
        self, program: Program, stack_with_drafts: Stack, other_stack: Stack, emulator: RunningEmulator
    ) -> None:
        product = stack_with_drafts.state["offer"].id
        declared = listing_program(product, "live")
        assert other_stack.preview(declared)["submission"] == "create"
        texts = {**program["listing"].arguments, "offer": product, "title": "Contoso Vault", "adopt": True}
        declared = {**declared, "listing": Declaration(OfferListing, texts)}
        run_until_settled(other_stack, declared)
        assert other_stack.state["submission"].outputs["state"] == "live"

    def test_an_offer_without_an_audience_is_refused_before_anything_is_submitted(
        self, program: Program, stack: Stack, other_stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(without_submission(changed(program, "audience", subscriptions=[])))
        product = stack.state["offer"].id
        texts = {**program["listing"].arguments, "offer": product}
        declared = {**listing_program(product, "live"), "listing": Declaration(OfferListing, texts)}
        with pytest.raises(InputError, match="the offer has no preview audience") as refusal:
            other_stack.up(declared)
        assert_readable(refusal.value)
        assert read(emulator, "submissions") == []

    def test_resellers_that_nobody_decided_on_are_a_finding_with_its_remedy(
        self, program: Program, stack: Stack, other_stack: Stack, emulator: RunningEmulator
    ) -> None:
        """The service shows a choice of `Disabled` and a missing one alike, and judges it."""
        drafts = {name: part for name, part in without_submission(program).items() if name != "reseller"}
        stack.up(drafts)
        product = stack.state["offer"].id
        texts = {**program["listing"].arguments, "offer": product}
        declared = {**listing_program(product, "live"), "listing": Declaration(OfferListing, texts)}
        with pytest.raises(Rejected) as rejection:
            other_stack.up(declared)
        (finding,) = rejection.value.findings
        assert "(see a ResellerChannel, which publishes does not name)" in finding


class TestOfferOfTheProgram:
    def test_a_preview_names_what_publishes_lacks(self, program: Program, stack: Stack) -> None:
        labels = [label for label in program["submission"].arguments["sends"] if "Reseller" not in label]
        declared = changed(program, "submission", sends=labels, target="live", offer_type="AzureApplication")
        with pytest.raises(CheckFailed, match="needs a ResellerChannel in publishes"):
            stack.preview(declared)
