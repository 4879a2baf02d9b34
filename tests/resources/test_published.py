"""What was published: never replaced, its draft never emptied; what is drafted only goes as before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import Serving
from tests.resources.card import assert_readable, writes
from tests.resources.complete import complete, files
from tests.resources.harness import CheckFailed, Declared, Program, Ref, Stack
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
PROGRAM: dict[str, Declared] = {
    "offer": Declared(
        Offer, {"offer_id": "contoso-backup", "offer_type": "AzureApplication", "alias": "Contoso Backup"}
    ),
    "listing": Declared(OfferListing, {"offer": OFFER, "title": "Contoso Backup", "summary": "Keeps"}),
    "listing-de": Declared(OfferListing, {"offer": OFFER, **GERMAN}),
    "plan": Declared(
        Plan, {"offer": OFFER, "plan_id": "gold", "subtype": "managed-application", "name": "Gold"}
    ),
    "plan-listing": Declared(PlanListing, {"plan": PLAN, "title": "Gold", "summary": "For all"}),
    "plan-listing-de": Declared(PlanListing, {"plan": PLAN, **GERMAN}),
    "pricing": Declared(
        PlanPricing,
        {
            "plan": PLAN,
            "markets": ["US", "CA"],
            "prices": [{"amount": 49, "per": "month"}],
            "subtype": "managed-application",
        },
    ),
}
OF_THE_PLAN = ("plan", "plan-listing", "plan-listing-de", "pricing")
FIXED = [
    ("offer", "offer_id", "contoso-vault"),
    ("offer", "offer_type", "SoftwareAsAService"),
    ("offer", "alias", "Contoso Vault"),
    ("plan", "plan_id", "silver"),
    ("plan", "subtype", "solution-template"),
]
EMPTYING: dict[str, Callable[[Stack], object]] = {
    "another alias": lambda stack: stack.up(changed(PROGRAM, "offer", alias="Contoso Vault")),
    "another plan_id": lambda stack: stack.up(changed(PROGRAM, "plan", plan_id="silver")),
    "the plan is taken out": lambda stack: stack.up(without(*OF_THE_PLAN)),
    "nothing is left": lambda stack: stack.up({}),
    "the offer is forced": lambda stack: stack.up(PROGRAM, replace={"offer"}),
    "the plan is forced": lambda stack: stack.up(PROGRAM, replace={"plan"}),
    "destroy": lambda stack: stack.destroy(),
}


def without(*names: str) -> Program:
    return {name: declared for name, declared in PROGRAM.items() if name not in names}


@pytest.fixture
def published(stack: Stack, emulator: Serving) -> Stack:
    """Published since the state was written: nothing but a refresh tells it."""
    stack.up(PROGRAM)
    emulator.publish(stack.state["offer"].id)
    emulator.clear()
    return stack


class TestState:
    def test_tells_what_was_published(self, stack: Stack, emulator: Serving) -> None:
        stack.up(PROGRAM)
        assert not stack.state["offer"].outputs["published"]
        assert not stack.state["plan"].outputs["published"]
        emulator.publish(stack.state["offer"].id)
        younger = Declared(Plan, {"offer": OFFER, "plan_id": "silver", "name": "Silver"})
        stack.up({**PROGRAM, "younger": younger})
        assert stack.refresh() == {}
        told = {name: stack.state[name].outputs["published"] for name in ("offer", "plan", "younger")}
        assert told == {"offer": True, "plan": True, "younger": False}
        assert stack.up({**PROGRAM, "younger": younger}) == {}

    def test_tells_it_of_what_is_adopted(self, published: Stack) -> None:
        published.forget()
        published.up(PROGRAM)
        assert published.state["offer"].outputs["published"]
        assert published.state["plan"].outputs["published"]


class TestReplacement:
    @pytest.mark.parametrize(("name", "argument", "value"), FIXED)
    def test_is_refused_in_the_preview(
        self, name: str, argument: str, value: str, published: Stack, emulator: Serving
    ) -> None:
        """Before anything else is done, with both values and what to do; in an `up` without a preview as well."""
        published.refresh()
        old = published.state[name].inputs[argument]
        program, before = changed(PROGRAM, name, **{argument: value}), emulator.state()
        for act in (published.preview, published.up):
            with pytest.raises(InputError) as refused:
                act(program)
            assert f"{argument} is {old!r}, not {value!r}" in str(refused.value)
            assert f"write the old {argument} back" in str(refused.value)
            assert "retain_on_delete=True" in str(refused.value)
            assert_readable(refused.value)
        assert emulator.state() == before
        assert published.up(PROGRAM) == {}

    @pytest.mark.parametrize(("name", "argument", "value"), FIXED)
    def test_of_a_draft_goes_on_as_before(
        self, name: str, argument: str, value: str, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(PROGRAM)
        stack.refresh()
        program = changed(PROGRAM, name, **{argument: value})
        if argument == "subtype":
            program = {key: program[key] for key in program if key != "pricing"}
        if argument == "offer_type":  # no other type of offer has subtypes
            program = {"offer": program["offer"]}
        assert stack.up(program)[name] == "replace"
        assert len(emulator.state()["products"]) == 1
        assert len(emulator.state()["variants"]) == ("plan" in program)


class TestDraftsOfWhatIsPublished:
    """The state does not know yet that it was published."""

    @pytest.mark.parametrize("act", EMPTYING.values(), ids=EMPTYING)
    def test_stay_whole_where_the_service_refuses_to_delete(
        self,
        act: Callable[[Stack], object],
        published: Stack,
        emulator: Serving,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        before = emulator.state()
        capfd.readouterr()
        with pytest.raises(Conflict, match=r"(?s)was published.*\n  next: .*Stop distribution"):
            act(published)
        assert emulator.state() == before
        kept = [line for line in capfd.readouterr().out.splitlines() if line.startswith("kept: ")]
        assert kept
        assert len(kept) == len(set(kept)) <= 2
        published.refresh()
        published.up(PROGRAM)
        assert emulator.state() == before

    def test_stay_whole_where_offer_and_plans_are_retained(
        self, published: Stack, emulator: Serving, capfd: pytest.CaptureFixture[str]
    ) -> None:
        before, product = emulator.state(), published.state["offer"].id
        capfd.readouterr()
        published.destroy(retained={"offer", "plan"})
        assert capfd.readouterr().out.splitlines() == [
            f"kept: the draft of offer {product} stays as it is, because it was published"
        ]
        assert emulator.state() == before
        assert not published.state
        assert writes(emulator) == []

    def test_lose_what_somebody_took_out_of_the_program(self, published: Stack, emulator: Serving) -> None:
        published.up(without("listing-de", "plan-listing-de"))
        deleted = [each["path"] for each in emulator.requests() if each["method"] == "DELETE"]
        assert len(deleted) == len([each for each in deleted if "/listings/" in each]) == 2
        assert published.up(PROGRAM) == {"listing-de": "create", "plan-listing-de": "create"}

    def test_lose_nothing_to_a_run_for_some_resources_that_does_not_see_the_offer(
        self, published: Stack, emulator: Serving, capfd: pytest.CaptureFixture[str]
    ) -> None:
        before = emulator.state()
        capfd.readouterr()
        published.up(without("listing-de"), targets={"listing-de"})
        assert emulator.state() == before
        assert capfd.readouterr().out.startswith("kept: ")

    def test_are_deleted_as_long_as_nothing_was_published(self, stack: Stack, emulator: Serving) -> None:
        stack.up(PROGRAM)
        stack.destroy(retained={"offer", "plan"})
        assert {each["languageCode"] for each in emulator.state()["listings"]} == {"en-us"}

    def test_a_part_of_one_is_replaced_when_the_engine_is_told_to(
        self, published: Stack, emulator: Serving
    ) -> None:
        emulator.clear()
        assert published.up(PROGRAM, replace={"listing-de"}, targets={"listing-de"}) == {
            "listing-de": "replace"
        }
        assert [each["method"] for each in writes(emulator)] == ["DELETE", "POST"]


class TestPrices:
    @pytest.mark.parametrize(
        ("change", "words"),
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
    def test_a_preview_tells_what_the_first_preview_fixed(
        self, change: dict[str, Any], words: str, published: Stack, capfd: pytest.CaptureFixture[str]
    ) -> None:
        published.refresh()
        capfd.readouterr()
        assert published.preview(changed(PROGRAM, "pricing", **change)) == {"pricing": "update"}
        told = capfd.readouterr().out
        assert words in told
        assert bool(told) == bool(words)

    def test_of_a_draft_are_free(self, stack: Stack, capfd: pytest.CaptureFixture[str]) -> None:
        stack.up(PROGRAM)
        stack.refresh()
        capfd.readouterr()
        stack.preview(changed(PROGRAM, "pricing", prices=[{"amount": 59, "per": "month"}]))
        assert not capfd.readouterr().out


class TestDoubles:
    def test_of_every_class_are_refused_in_the_preview(
        self, stack: Stack, emulator: Serving, tmp_path: Path
    ) -> None:
        program = complete(files(tmp_path))
        stack.up(program)
        emulator.clear()
        for name, declared in program.items():
            with pytest.raises(CheckFailed) as refused:
                stack.preview({**program, "again": declared})
            assert f"{name!r} and 'again' are the same" in str(refused.value)
        assert not emulator.requests()

    @pytest.mark.parametrize(
        ("name", "arguments"),
        [
            ("offer", {"alias": "Contoso Vault", "offer_type": "SoftwareAsAService"}),
            ("plan", {"subtype": "solution-template", "name": "Au"}),
        ],
    )
    def test_are_told_by_what_the_service_goes_by(
        self, name: str, arguments: dict[str, Any], stack: Stack
    ) -> None:
        stack.up(PROGRAM)
        declared = PROGRAM[name]
        with pytest.raises(CheckFailed, match="are the same"):
            stack.preview({**PROGRAM, "again": Declared(declared.kind, {**declared.arguments, **arguments})})

    def test_two_logos_of_a_kind_are_one_whatever_their_names(
        self, stack: Stack, emulator: Serving, tmp_path: Path
    ) -> None:
        program = complete(files(tmp_path))
        stack.up(program)
        name = next(each for each in program if program[each].kind is ListingImage)
        other = changed(program, name, file_name="another.png")[name]
        with pytest.raises(CheckFailed, match="are the same"):
            stack.preview({**program, "again": other})
