"""What would go out beside what a program publishes is named, and refused where the program says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import Serving
from pulumi import ResourceOptions
from tests.resources.card import assert_readable
from tests.resources.complete import complete, files
from tests.resources.harness import CheckFailed, Program, Stack
from tests.resources.mocked import declared
from tests.resources.publications import changed

from pulumi_partnercenter import InputError, Offer, OfferListing, Plan, PlanListing, Submission

API = "/v1.0/ingestion/products"
BESIDE = "beside what the program publishes goes out: "


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return files(tmp_path_factory.mktemp("undeclared") / "assets")


@pytest.fixture
def program(folder: Path) -> Program:
    return complete(folder)


def drafts(program: Program) -> Program:
    return {name: each for name, each in program.items() if name != "submission"}


def submissions(emulator: Serving) -> list[dict[str, Any]]:
    return emulator.state()["submissions"]


def add_plan(emulator: Serving, product: str, plan_id: str, state: str = "Active") -> None:
    body = {
        "resourceType": "AzureSkuVariant",
        "externalID": plan_id,
        "friendlyName": plan_id.title(),
        "subType": "managed-application",
        "state": state,
    }
    made = emulator.client.post(f"{API}/{product}/variants", json=body)
    assert made.status_code == 201, made.text


def add_language(emulator: Serving, product: str, language: str) -> None:
    (listing,) = [
        each
        for each in emulator.state()["branches"]
        if each["module"] == "Listing" and "variantID" not in each
    ]
    path = f"{API}/{product}/listings/createWithInstanceID(instanceID={listing['currentDraftInstanceID']})"
    body = {"resourceType": "AzureListing", "languageCode": language, "title": "Half"}
    made = emulator.client.post(path, json=body)
    assert made.status_code in (200, 201), made.text


@pytest.fixture
def crowded(program: Program, stack: Stack, emulator: Serving) -> Program:
    """Drafts of a program, and those of a colleague beside them."""
    emulator.decide("validation", "pass")  # what a colleague has begun is not complete
    stack.up(drafts(program))
    product = stack.state["offer"].id
    add_plan(emulator, product, "stray")
    add_plan(emulator, product, "asleep", state="Inactive")
    add_language(emulator, product, "de-de")
    return program


class TestNames:
    def test_a_run_names_what_goes_out_beside_the_declared(
        self, crowded: Program, stack: Stack, emulator: Serving, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stack.up(crowded)
        told = capsys.readouterr().out
        assert f"{BESIDE}plan 'stray', offer listing de-de\n" in told
        assert "asleep" not in told
        assert len(submissions(emulator)) == 1
        assert stack.state["submission"].outputs["undeclared_content"] == [
            "plan 'stray'",
            "offer listing de-de",
        ]
        assert stack.preview(crowded) == {}

    def test_a_preview_after_a_refresh_names_it(
        self, program: Program, stack: Stack, emulator: Serving, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stack.up(program)
        add_plan(emulator, stack.state["offer"].id, "stray")
        assert stack.refresh() == {}
        capsys.readouterr()
        assert stack.preview(program) == {}
        assert BESIDE not in capsys.readouterr().out
        stack.preview(changed(program, "listing", title="Contoso Vault"))
        assert f"{BESIDE}plan 'stray'\n" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("left_out", "named"),
        [
            ("properties", "offer properties"),
            ("audience", "preview audience"),
            ("AzureLogoWide", "listing image en-us/AzureLogoWide/AzureLogoWide.png"),
            ("gold-pricing", "plan pricing of plan 'gold'"),
            ("gold-listing", "plan listing en-us of plan 'gold'"),
        ],
    )
    def test_what_somebody_wrote_and_no_published_resource_declares_is_named(
        self,
        left_out: str,
        named: str,
        program: Program,
        stack: Stack,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        stack.up(drafts(program))
        stack.up(without(program, left_out))
        assert f"{BESIDE}{named}\n" in capsys.readouterr().out

    def test_what_the_service_made_and_nobody_wrote_is_not_named(
        self, program: Program, stack: Stack, capsys: pytest.CaptureFixture[str]
    ) -> None:
        rest = {name: each for name, each in program.items() if name != "technical"}
        stack.up(drafts(rest))
        stack.up(without(rest, "technical"))
        assert BESIDE not in capsys.readouterr().out

    def test_an_offer_that_the_run_makes_is_not_asked_about(
        self, program: Program, stack: Stack, emulator: Serving, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stack.up(program)
        assert BESIDE not in capsys.readouterr().out
        assert not [each for each in emulator.requests() if "/videos" in each["path"]]

    def test_a_preview_that_holds_a_plan_of_no_program_is_named_when_it_goes_live(
        self, crowded: Program, stack: Stack, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stack.up(crowded)
        capsys.readouterr()
        stack.up(changed(crowded, "submission", target="live"))
        assert f"{BESIDE}plan 'stray'\n" in capsys.readouterr().out


class TestRefusal:
    def test_nothing_is_submitted_and_each_is_named(
        self, crowded: Program, stack: Stack, emulator: Serving
    ) -> None:
        strict = changed(crowded, "submission", undeclared="refuse")
        with pytest.raises(InputError, match="plan 'stray', offer listing de-de") as refused:
            stack.up(strict)
        assert "declare them and name them in publishes" in str(refused.value)
        assert_readable(refused.value)
        assert submissions(emulator) == []
        stack.up(crowded)
        assert len(submissions(emulator)) == 1

    def test_nothing_is_promoted(self, crowded: Program, stack: Stack, emulator: Serving) -> None:
        stack.up(crowded)
        with pytest.raises(InputError, match="plan 'stray'"):
            stack.up(changed(crowded, "submission", target="live", undeclared="refuse"))
        assert not [each for each in emulator.requests() if each["path"].endswith("/promote")]

    def test_a_program_that_declares_everything_is_published(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(drafts(program))
        stack.up(changed(program, "submission", undeclared="refuse"))
        assert len(submissions(emulator)) == 1

    def test_another_policy_is_no_change(self, program: Program, stack: Stack, emulator: Serving) -> None:
        stack.up(program)
        emulator.clear()
        assert stack.up(changed(program, "submission", undeclared="refuse")) == {}
        assert emulator.requests() == []


class TestOmittedResources:
    OMITTED: dict[str, Any] = {"omitted": ["PlanListing german"]}

    def test_they_are_named_in_each_preview_changed_or_not(
        self, program: Program, stack: Stack, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stack.up(program)
        capsys.readouterr()
        assert stack.preview(changed(program, "submission", **self.OMITTED)) == {}
        assert "publishes: PlanListing german of the same offer is missing" in capsys.readouterr().out

    def test_they_are_refused_in_the_preview_where_the_program_says_so(
        self, program: Program, stack: Stack
    ) -> None:
        with pytest.raises(CheckFailed, match="PlanListing german of the same offer is missing"):
            stack.preview(changed(program, "submission", undeclared="refuse", **self.OMITTED))


def without(program: Program, name: str) -> Program:
    """The same program, whose submission does not name one of its resources."""
    arguments = program["submission"].arguments
    kept = [one for one in arguments["published"] if one["name"] != name]
    labels = [label for label in arguments["sends"] if label.split(" ", 1)[1] != name]
    references = [reference for reference in arguments["publishes"] if reference.name != name]
    return changed(program, "submission", publishes=references, sends=labels, published=kept)


class TestProgram:
    """What the constructor says of the program around it."""

    def published(self, program: Any, *, preview: bool = False) -> dict[str, Any]:
        return declared(program, preview=preview)["submission"].inputs

    @pytest.mark.parametrize("preview", [False, True])
    def test_resources_of_the_offer_that_are_left_out_are_found_before_and_after_it(
        self, preview: bool
    ) -> None:
        def program() -> None:
            offer = Offer("offer", offer_id="contoso", offer_type="AzureApplication", alias="Contoso")
            other = Offer("other", offer_id="fabrikam", offer_type="AzureApplication", alias="Fabrikam")
            listing = OfferListing("listing", offer=offer.id, title="Contoso", summary="All")
            OfferListing("german", offer=offer.id, language="de-de", title="Contoso", summary="Alles")
            OfferListing("of-another", offer=other.id, title="Fabrikam", summary="All")
            Submission("submission", offer=offer.id, publishes=[listing])
            plan = Plan("late", offer=offer.id, plan_id="late", name="Late")
            PlanListing("late", plan=plan.id, title="Late", summary="All")
            Plan("of-another", offer=other.id, plan_id="late", name="Late")

        inputs = self.published(program, preview=preview)
        assert inputs["omitted"] == ["OfferListing german", "Plan late", "PlanListing late"]

    def test_nothing_is_left_out_of_a_program_that_names_all_of_it(self) -> None:
        def program() -> None:
            offer = Offer("offer", offer_id="contoso", offer_type="AzureApplication", alias="Contoso")
            listing = OfferListing("listing", offer=offer.id, title="Contoso", summary="All")
            Submission("submission", offer=offer.id, publishes=[listing])

        inputs = self.published(program)
        assert inputs["omitted"] == []
        ((kind, name, id),) = [(each["kind"], each["name"], each["id"]) for each in inputs["published"]]
        assert (kind, name) == ("OfferListing", "listing")
        assert id

    def test_an_offer_that_is_not_the_programs_own_goes_by_its_id(self) -> None:
        guid = "11111111-2222-4333-8444-555555555555"

        def program() -> None:
            listing = OfferListing("listing", offer=guid, title="Contoso", summary="All")
            PlanListing("gold", plan=f"{guid}/{guid}", title="Gold", summary="All")
            Submission("submission", offer=guid, publishes=[listing])

        assert self.published(program)["omitted"] == ["PlanListing gold"]

    def test_one_that_waits_for_the_submission_blocks_nothing(self) -> None:
        def program() -> None:
            offer = Offer("offer", offer_id="contoso", offer_type="AzureApplication", alias="Contoso")
            listing = OfferListing("listing", offer=offer.id, title="Contoso", summary="All")
            submission = Submission("submission", offer=offer.id, publishes=[listing])
            after = ResourceOptions(depends_on=[submission])
            plan = Plan("next", offer=offer.id, plan_id="next", name="Next", opts=after)
            PlanListing("next", plan=plan.id, title="Next", summary="All")

        assert self.published(program)["omitted"] == ["Plan next", "PlanListing next"]
