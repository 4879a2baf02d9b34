"""Published objects are never replaced and their drafts stay complete. Unpublished objects behave as before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import assert_readable, write_requests
from tests.resources.complete import complete_program, write_files
from tests.resources.harness import CheckFailed, Declaration, Program, Ref, Stack
from tests.resources.publications import changed

from pulumi_partnercenter import (
    Conflict,
    InputError,
    ListingImage,
    Offer,
    OfferListing,
    Plan,
    PlanListing,
    PlanPricing,
)

OFFER, PLAN = Ref("offer"), Ref("plan")
GERMAN = {"language": "de-de", "title": "Contoso Sicherung", "summary": "Sichert"}
PROGRAM: dict[str, Declaration] = {
    "offer": Declaration(
        Offer, {"offer_id": "contoso-backup", "offer_type": "AzureApplication", "alias": "Contoso Backup"}
    ),
    "listing": Declaration(OfferListing, {"offer": OFFER, "title": "Contoso Backup", "summary": "Keeps"}),
    "listing-de": Declaration(OfferListing, {"offer": OFFER, **GERMAN}),
    "plan": Declaration(
        Plan, {"offer": OFFER, "plan_id": "gold", "subtype": "managed-application", "name": "Gold"}
    ),
    "plan-listing": Declaration(PlanListing, {"plan": PLAN, "title": "Gold", "summary": "For all"}),
    "plan-listing-de": Declaration(PlanListing, {"plan": PLAN, **GERMAN}),
    "pricing": Declaration(
        PlanPricing,
        {
            "plan": PLAN,
            "markets": ["US", "CA"],
            "prices": [{"amount": 49, "per": "month"}],
            "subtype": "managed-application",
        },
    ),
}
RETAINED: Program = {
    name: replace(declaration, is_retained=name in ("offer", "plan")) for name, declaration in PROGRAM.items()
}
PLAN_RESOURCES = ("plan", "plan-listing", "plan-listing-de", "pricing")
IMMUTABLE_CHANGES = [
    ("offer", "offer_id", "contoso-vault"),
    ("offer", "offer_type", "SoftwareAsAService"),
    ("offer", "alias", "Contoso Vault"),
    ("plan", "plan_id", "silver"),
    ("plan", "subtype", "solution-template"),
]
DESTRUCTIVE_OPERATIONS: dict[str, Callable[[Stack], object]] = {
    "another alias": lambda stack: stack.up(changed(PROGRAM, "offer", alias="Contoso Vault")),
    "another plan_id": lambda stack: stack.up(changed(PROGRAM, "plan", plan_id="silver")),
    "the plan is taken out": lambda stack: stack.up(without(*PLAN_RESOURCES)),
    "nothing is left": lambda stack: stack.up({}),
    "the offer is forced": lambda stack: stack.up(PROGRAM, replace={"offer"}),
    "the plan is forced": lambda stack: stack.up(PROGRAM, replace={"plan"}),
    "destroy": lambda stack: stack.destroy(),
}


def without(*names: str) -> Program:
    return {name: declaration for name, declaration in PROGRAM.items() if name not in names}


@pytest.fixture
def published_stack(stack: Stack, emulator: RunningEmulator) -> Stack:
    """A stack that was published after the state was written: only a refresh records it."""
    stack.up(PROGRAM)
    emulator.publish(stack.state["offer"].id)
    emulator.clear()
    return stack


class TestPublishedOutput:
    def test_a_refresh_marks_published_offers_and_plans(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(PROGRAM)
        assert not stack.state["offer"].outputs["published"]
        assert not stack.state["plan"].outputs["published"]
        emulator.publish(stack.state["offer"].id)
        new_plan = Declaration(Plan, {"offer": OFFER, "plan_id": "silver", "name": "Silver"})
        stack.up({**PROGRAM, "younger": new_plan})
        assert stack.refresh() == {}
        published_flags = {
            name: stack.state[name].outputs["published"] for name in ("offer", "plan", "younger")
        }
        assert published_flags == {"offer": True, "plan": True, "younger": False}
        assert stack.up({**PROGRAM, "younger": new_plan}) == {}

    def test_adopted_offers_and_plans_are_marked_as_published(self, published_stack: Stack) -> None:
        published_stack.forget()
        published_stack.up(PROGRAM)
        assert published_stack.state["offer"].outputs["published"]
        assert published_stack.state["plan"].outputs["published"]


class TestReplacement:
    @pytest.mark.sample(2)
    @pytest.mark.parametrize(("name", "argument", "value"), IMMUTABLE_CHANGES)
    def test_replacing_a_published_resource_is_refused_in_the_preview(
        self, name: str, argument: str, value: str, published_stack: Stack, emulator: RunningEmulator
    ) -> None:
        """Refused before any change, with both values and advice, also in an `up` without a preview."""
        published_stack.refresh()
        old_value = published_stack.state[name].inputs[argument]
        program, before = changed(PROGRAM, name, **{argument: value}), emulator.state()
        for operation in (published_stack.preview, published_stack.up):
            with pytest.raises(InputError) as refusal:
                operation(program)
            assert f"{argument} is {old_value!r}, not {value!r}" in str(refusal.value)
            assert f"write the old {argument} back" in str(refusal.value)
            assert "retain_on_delete=True" in str(refusal.value)
            assert_readable(refusal.value)
        assert emulator.state() == before
        assert published_stack.up(PROGRAM) == {}

    @pytest.mark.sample(2)
    @pytest.mark.parametrize(("name", "argument", "value"), IMMUTABLE_CHANGES)
    def test_an_unpublished_resource_is_replaced(
        self, name: str, argument: str, value: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(PROGRAM)
        stack.refresh()
        program = changed(PROGRAM, name, **{argument: value})
        if argument == "subtype":
            program = {key: program[key] for key in program if key != "pricing"}
        if argument == "offer_type":  # other types of offers have no subtypes
            program = {"offer": program["offer"]}
        assert stack.up(program)[name] == "replace"
        assert len(emulator.state()["products"]) == 1
        assert len(emulator.state()["variants"]) == ("plan" in program)


class TestPublishedDrafts:
    """The state does not record the publication yet."""

    @pytest.mark.sample(3)
    @pytest.mark.parametrize("operation", DESTRUCTIVE_OPERATIONS.values(), ids=DESTRUCTIVE_OPERATIONS)
    def test_drafts_stay_complete_when_the_service_refuses_a_deletion(
        self,
        operation: Callable[[Stack], object],
        published_stack: Stack,
        emulator: RunningEmulator,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        before = emulator.state()
        capfd.readouterr()
        with pytest.raises(Conflict, match=r"(?s)was published.*\n  next: .*Stop distribution"):
            operation(published_stack)
        assert emulator.state() == before
        kept_lines = [line for line in capfd.readouterr().out.splitlines() if line.startswith("kept: ")]
        assert kept_lines
        assert len(kept_lines) == len(set(kept_lines)) <= 2
        published_stack.refresh()
        published_stack.up(PROGRAM)
        assert emulator.state() == before

    def test_drafts_stay_complete_when_offer_and_plans_are_retained(
        self, published_stack: Stack, emulator: RunningEmulator, capfd: pytest.CaptureFixture[str]
    ) -> None:
        before, product = emulator.state(), published_stack.state["offer"].id
        published_stack.up(RETAINED)
        capfd.readouterr()
        published_stack.destroy()
        assert capfd.readouterr().out.splitlines() == [
            f"kept: the draft of offer {product} stays as it is, because it was published"
        ]
        assert emulator.state() == before
        assert not published_stack.state
        assert write_requests(emulator) == []

    def test_listings_removed_from_the_program_are_deleted_from_published_drafts(
        self, published_stack: Stack, emulator: RunningEmulator
    ) -> None:
        published_stack.up(without("listing-de", "plan-listing-de"))
        deleted_paths = [request["path"] for request in emulator.requests() if request["method"] == "DELETE"]
        assert len(deleted_paths) == len([path for path in deleted_paths if "/listings/" in path]) == 2
        assert published_stack.up(PROGRAM) == {"listing-de": "create", "plan-listing-de": "create"}

    def test_a_targeted_run_without_the_offer_deletes_nothing(
        self, published_stack: Stack, emulator: RunningEmulator, capfd: pytest.CaptureFixture[str]
    ) -> None:
        before = emulator.state()
        capfd.readouterr()
        published_stack.up(without("listing-de"), targets={"listing-de"})
        assert emulator.state() == before
        assert capfd.readouterr().out.startswith("kept: ")

    def test_unpublished_drafts_are_deleted(self, stack: Stack, emulator: RunningEmulator) -> None:
        stack.up(RETAINED)
        stack.destroy()
        assert {listing["languageCode"] for listing in emulator.state()["listings"]} == {"en-us"}

    def test_a_forced_replacement_of_a_published_listing_is_done(
        self, published_stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.clear()
        assert published_stack.up(PROGRAM, replace={"listing-de"}, targets={"listing-de"}) == {
            "listing-de": "replace"
        }
        assert [request["method"] for request in write_requests(emulator)] == ["DELETE", "POST"]


class TestPrices:
    @pytest.mark.sample(2)
    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"prices": [{"amount": 59, "per": "month"}]}, "fixes its prices"),
            ({"markets": ["US"]}, "fixes its markets"),
            (
                {"visibility": "Private", "tenants": ["99999999-8888-4777-8666-555555555555"]},
                "fixes its visibility",
            ),
            ({"markets": ["US", "CA", "DE"]}, ""),
            ({"is_hidden": True}, ""),
        ],
    )
    def test_a_preview_warns_about_pricing_locked_by_publishing(
        self, change: dict[str, Any], message: str, published_stack: Stack, capfd: pytest.CaptureFixture[str]
    ) -> None:
        published_stack.refresh()
        capfd.readouterr()
        assert published_stack.preview(changed(PROGRAM, "pricing", **change)) == {"pricing": "update"}
        output = capfd.readouterr().out
        assert message in output
        assert bool(output) == bool(message)

    def test_changed_prices_of_an_unpublished_plan_are_no_warning(
        self, stack: Stack, capfd: pytest.CaptureFixture[str]
    ) -> None:
        stack.up(PROGRAM)
        stack.refresh()
        capfd.readouterr()
        stack.preview(changed(PROGRAM, "pricing", prices=[{"amount": 59, "per": "month"}]))
        assert not capfd.readouterr().out


class TestDuplicateDeclarations:
    def test_a_second_declaration_of_any_resource_is_refused_in_the_preview(
        self, stack: Stack, emulator: RunningEmulator, tmp_path: Path
    ) -> None:
        program = complete_program(write_files(tmp_path))
        stack.up(program)
        emulator.clear()
        for name, declaration in program.items():
            with pytest.raises(CheckFailed) as refusal:
                stack.preview({**program, "again": declaration})
            assert f"{name!r} and 'again' are the same" in str(refusal.value)
        assert not emulator.requests()

    @pytest.mark.parametrize(
        ("name", "arguments"),
        [
            ("offer", {"alias": "Contoso Vault", "offer_type": "SoftwareAsAService"}),
            ("plan", {"subtype": "solution-template", "name": "Au"}),
        ],
    )
    def test_duplicates_are_recognised_by_their_natural_key(
        self, name: str, arguments: dict[str, Any], stack: Stack
    ) -> None:
        stack.up(PROGRAM)
        declaration = PROGRAM[name]
        with pytest.raises(CheckFailed, match="are the same"):
            stack.preview(
                {**PROGRAM, "again": Declaration(declaration.kind, {**declaration.arguments, **arguments})}
            )

    def test_two_logos_of_a_kind_are_duplicates_whatever_their_file_names(
        self, stack: Stack, emulator: RunningEmulator, tmp_path: Path
    ) -> None:
        program = complete_program(write_files(tmp_path))
        stack.up(program)
        name = next(resource_name for resource_name in program if program[resource_name].kind is ListingImage)
        renamed_logo = changed(program, name, file_name="another.png")[name]
        with pytest.raises(CheckFailed, match="are the same"):
            stack.preview({**program, "again": renamed_logo})
