"""Undeclared drafts that a submission would publish: named, and refused if the program asks for that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from pulumi import ResourceOptions
from tests.resources.card import assert_readable
from tests.resources.complete import complete_program, write_files
from tests.resources.harness import CheckFailed, Program, Stack
from tests.resources.mocked import register_program
from tests.resources.publications import changed

from pulumi_partnercenter import ContractError, InputError, Offer, OfferListing, Plan, PlanListing, Submission

API = "/v1.0/ingestion/products"
MESSAGE = "the submission also sends what publishes does not name: "


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(tmp_path_factory.mktemp("undeclared") / "assets")


@pytest.fixture
def program(folder: Path) -> Program:
    return complete_program(folder)


def without_submission(program: Program) -> Program:
    return {name: declaration for name, declaration in program.items() if name != "submission"}


def list_submissions(emulator: RunningEmulator) -> list[dict[str, Any]]:
    return emulator.state()["submissions"]


def add_plan(emulator: RunningEmulator, product: str, plan_id: str, state: str = "Active") -> None:
    body = {
        "resourceType": "AzureSkuVariant",
        "externalID": plan_id,
        "friendlyName": plan_id.title(),
        "subType": "managed-application",
        "state": state,
    }
    response = emulator.client.post(f"{API}/{product}/variants", json=body)
    assert response.status_code == 201, response.text


def add_language(emulator: RunningEmulator, product: str, language: str) -> None:
    (listing,) = [
        branch
        for branch in emulator.state()["branches"]
        if branch["module"] == "Listing" and "variantID" not in branch
    ]
    path = f"{API}/{product}/listings/createWithInstanceID(instanceID={listing['currentDraftInstanceID']})"
    body = {"resourceType": "AzureListing", "languageCode": language, "title": "Half"}
    response = emulator.client.post(path, json=body)
    assert response.status_code in (200, 201), response.text


@pytest.fixture
def program_with_foreign_drafts(program: Program, stack: Stack, emulator: RunningEmulator) -> Program:
    """Drafts of a program, and drafts of another person in the same offer."""
    emulator.decide("validation", "pass")  # the other person's drafts are incomplete
    stack.up(without_submission(program))
    product = stack.state["offer"].id
    add_plan(emulator, product, "stray")
    add_plan(emulator, product, "asleep", state="Inactive")
    add_language(emulator, product, "de-de")
    return program


class TestUndeclaredContent:
    def test_a_run_names_undeclared_content(
        self,
        program_with_foreign_drafts: Program,
        stack: Stack,
        emulator: RunningEmulator,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        stack.up(program_with_foreign_drafts)
        output = capsys.readouterr().out
        assert f"{MESSAGE}plan 'stray', offer listing de-de\n" in output
        assert "asleep" not in output
        assert len(list_submissions(emulator)) == 1
        assert stack.state["submission"].outputs["undeclared_content"] == [
            "plan 'stray'",
            "offer listing de-de",
        ]
        assert stack.preview(program_with_foreign_drafts) == {}

    def test_a_preview_after_a_refresh_names_undeclared_content(
        self, program: Program, stack: Stack, emulator: RunningEmulator, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stack.up(program)
        add_plan(emulator, stack.state["offer"].id, "stray")
        assert stack.refresh() == {}
        capsys.readouterr()
        assert stack.preview(program) == {}
        assert MESSAGE not in capsys.readouterr().out
        stack.preview(changed(program, "listing", title="Contoso Vault"))
        assert f"{MESSAGE}plan 'stray'\n" in capsys.readouterr().out

    @pytest.mark.sample(1)
    @pytest.mark.parametrize(
        ("unpublished_name", "message"),
        [
            ("properties", "offer properties"),
            ("audience", "preview audience"),
            ("AzureLogoWide", "listing image en-us/AzureLogoWide/AzureLogoWide.png"),
            ("gold-pricing", "plan pricing of plan 'gold'"),
            ("gold-listing", "plan listing en-us of plan 'gold'"),
        ],
    )
    def test_changed_content_outside_publishes_is_named(
        self,
        unpublished_name: str,
        message: str,
        program: Program,
        stack: Stack,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        stack.up(without_submission(program))
        stack.up(with_unpublished_resource(program, unpublished_name))
        assert f"{MESSAGE}{message}\n" in capsys.readouterr().out

    def test_untouched_defaults_of_the_service_are_not_named(
        self, program: Program, stack: Stack, capsys: pytest.CaptureFixture[str]
    ) -> None:
        program_without_configuration = {
            name: declaration for name, declaration in program.items() if name != "technical"
        }
        stack.up(without_submission(program_without_configuration))
        stack.up(with_unpublished_resource(program_without_configuration, "technical"))
        assert MESSAGE not in capsys.readouterr().out

    def test_a_new_offer_is_not_searched_for_undeclared_content(
        self, program: Program, stack: Stack, emulator: RunningEmulator, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stack.up(program)
        assert MESSAGE not in capsys.readouterr().out
        assert not [request for request in emulator.requests() if "/videos" in request["path"]]

    def test_a_promotion_names_undeclared_content(
        self, program_with_foreign_drafts: Program, stack: Stack, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stack.up(program_with_foreign_drafts)
        capsys.readouterr()
        stack.up(changed(program_with_foreign_drafts, "submission", target="live"))
        assert f"{MESSAGE}plan 'stray'\n" in capsys.readouterr().out


class TestRefusal:
    def test_policy_refuse_prevents_the_submission_of_undeclared_content(
        self, program_with_foreign_drafts: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        strict_program = changed(program_with_foreign_drafts, "submission", undeclared="refuse")
        with pytest.raises(InputError, match="plan 'stray', offer listing de-de") as refusal:
            stack.up(strict_program)
        assert "declare them and add them to publishes" in str(refusal.value)
        assert_readable(refusal.value)
        assert list_submissions(emulator) == []
        stack.up(program_with_foreign_drafts)
        assert len(list_submissions(emulator)) == 1

    def test_policy_refuse_prevents_the_promotion_of_undeclared_content(
        self, program_with_foreign_drafts: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program_with_foreign_drafts)
        with pytest.raises(InputError, match="plan 'stray'"):
            stack.up(changed(program_with_foreign_drafts, "submission", target="live", undeclared="refuse"))
        assert not [request for request in emulator.requests() if request["path"].endswith("/promote")]

    def test_policy_refuse_publishes_a_program_without_undeclared_content(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(without_submission(program))
        stack.up(changed(program, "submission", undeclared="refuse"))
        assert len(list_submissions(emulator)) == 1

    def test_a_changed_policy_for_undeclared_content_is_no_change(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program)
        emulator.clear()
        assert stack.up(changed(program, "submission", undeclared="refuse")) == {}
        assert emulator.requests() == []


LEFT = "these changes stay drafts, because publishes does not name them: "


def only_named(program: Program, *names: str) -> Program:
    """Return the program with a submission that names only these resources."""
    for name in program.keys() - {"offer", "submission", *names}:
        program = with_unpublished_resource(program, name)
    return program


def sent_modules(emulator: RunningEmulator) -> list[str]:
    """Return the modules that the newest submission sent: those of the offer, and `plan/` with those of its plans."""
    *earlier, newest = sorted(list_submissions(emulator), key=lambda submission: submission["releaseNumber"])
    former = {value for submission in earlier for _, value in instances(submission)}
    return sorted(module for module, value in instances(newest) if value not in former)


def instances(submission: dict[str, Any]) -> list[tuple[str, str]]:
    plans = [resource for plan in submission.get("variantResources", []) for resource in plan["resources"]]
    return [(resource["type"], resource["value"]) for resource in submission["resources"]] + [
        (f"plan/{resource['type']}", resource["value"]) for resource in plans
    ]


class TestLeaving:
    """Of a live offer, a submission sends the modules of what `publishes` names."""

    @pytest.fixture
    def live_program(self, program: Program, stack: Stack) -> Program:
        for _ in range(2):
            stack.up(changed(program, "submission", target="live"))
        assert stack.state["submission"].outputs["state"] == "live"
        return program

    @pytest.fixture
    def partial_program(self, live_program: Program, stack: Stack, emulator: RunningEmulator) -> Program:
        """A program that publishes two resources, beside the drafts of a colleague."""
        product = stack.state["offer"].id
        add_plan(emulator, product, "stray")
        add_language(emulator, product, "fr-fr")
        return only_named(live_program, "properties", "gold-pricing")

    def test_drafts_in_other_modules_stay_drafts_and_are_named(
        self, partial_program: Program, stack: Stack, emulator: RunningEmulator, capsys: Any
    ) -> None:
        stack.up(partial_program)  # the same content was published by another list of resources
        stack.refresh()
        emulator.clear()
        capsys.readouterr()
        newer_program = changed(partial_program, "properties", hide_keys=["another"])
        stack.preview(newer_program)
        left = f"{LEFT}Listing of the offer, plan 'stray'"
        assert left in (preview := capsys.readouterr().out)
        assert MESSAGE not in preview
        stack.up(newer_program)
        assert left in capsys.readouterr().out
        assert sent_modules(emulator) == ["Property", "plan/Availability"]
        assert stack.state["submission"].outputs["separate_changes"] == [
            "Listing of the offer",
            "plan 'stray'",
        ]
        assert stack.up(newer_program) == {}

    def test_a_draft_in_a_published_module_goes_out_and_is_named(
        self, live_program: Program, stack: Stack, emulator: RunningEmulator, capsys: Any
    ) -> None:
        add_plan(emulator, stack.state["offer"].id, "stray")
        add_language(emulator, stack.state["offer"].id, "fr-fr")
        emulator.decide("validation", "pass")  # the listing is incomplete
        stack.up(changed(only_named(live_program, "listing"), "listing", title="Contoso Vault"))
        output = capsys.readouterr().out
        assert "offer listing fr-fr" in output.split(MESSAGE)[1].splitlines()[0]
        assert "plan 'stray'" in output.split(LEFT)[1].splitlines()[0]

    def test_the_policy_warn_sends_everything(
        self, partial_program: Program, stack: Stack, emulator: RunningEmulator, capsys: Any
    ) -> None:
        emulator.decide("validation", "pass")  # the colleague's drafts are incomplete
        stack.up(
            changed(
                changed(partial_program, "properties", hide_keys=["another"]), "submission", undeclared="warn"
            )
        )
        assert f"{MESSAGE}plan 'stray', " in capsys.readouterr().out
        assert {"Listing", "Package", "plan/Listing"} < {*sent_modules(emulator)}

    def test_a_program_that_publishes_everything_needs_no_request_more_than_with_the_policy_warn(
        self, live_program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        numbers = {}
        for policy, title in (("leave", "Contoso Vault"), ("warn", "Contoso Safe")):
            newer_program = changed(live_program, "listing", title=title)
            emulator.clear()
            stack.up(changed(newer_program, "submission", undeclared=policy))
            numbers[policy] = len(emulator.requests())
        assert numbers["leave"] <= numbers["warn"]

    def test_what_is_in_the_preview_already_is_no_draft(
        self, live_program: Program, stack: Stack, emulator: RunningEmulator, capsys: Any
    ) -> None:
        newer_program = changed(only_named(live_program, "listing"), "listing", title="Contoso Vault")
        stack.up(newer_program)
        beside = changed(only_named(live_program, "properties"), "properties", hide_keys=["another"])
        capsys.readouterr()
        stack.up(changed(beside, "listing", title="Contoso Vault"))
        assert sent_modules(emulator) == ["Property"]
        assert LEFT not in capsys.readouterr().out

    def test_inactive_plans_alone_are_refused(self, live_program: Program, stack: Stack) -> None:
        inactive_program = changed(only_named(live_program, "gold"), "gold", state="Inactive")
        with pytest.raises(InputError, match="publishes names inactive plans only") as refusal:
            stack.up(inactive_program)
        assert_readable(refusal.value)

    def test_a_new_plan_is_sent_whole(
        self,
        live_program: Program,
        stack: Stack,
        emulator: RunningEmulator,
        folder: Path,
        capsys: Any,
    ) -> None:
        both = complete_program(folder, "gold", "silver")
        stack.up(without_submission(both))
        emulator.decide("validation", "pass")
        stack.up(only_named(both, "silver-pricing"))
        assert sent_modules(emulator) == ["plan/Availability", "plan/Listing", "plan/Package"]
        assert LEFT not in capsys.readouterr().out


class TestMissingContent:
    def test_a_plan_that_the_portal_deleted_is_named_and_nothing_is_submitted(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(without_submission(program))
        product, _, variant = stack.state["gold"].id.partition("/")
        emulator.client.delete(f"{API}/{product}/variants/{variant}").raise_for_status()
        with pytest.raises(ContractError) as caught:
            stack.up(program)
        assert_readable(caught.value)
        assert "does not list Plan gold" in caught.value.doing
        assert list_submissions(emulator) == []


class TestOmittedResources:
    OMITTED: dict[str, Any] = {"omitted": ["PlanListing german"]}

    def test_resources_omitted_from_publishes_are_named_in_every_preview(
        self, program: Program, stack: Stack, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stack.up(program)
        capsys.readouterr()
        assert stack.preview(changed(program, "submission", **self.OMITTED)) == {}
        assert "publishes: PlanListing german of the same offer is missing" in capsys.readouterr().out

    def test_policy_refuse_refuses_omitted_resources_in_the_preview(
        self, program: Program, stack: Stack
    ) -> None:
        with pytest.raises(CheckFailed, match="PlanListing german of the same offer is missing"):
            stack.preview(changed(program, "submission", undeclared="refuse", **self.OMITTED))


def with_unpublished_resource(program: Program, name: str) -> Program:
    """Return the program with a submission that does not name this resource."""
    arguments = program["submission"].arguments
    published_resources = [resource for resource in arguments["published"] if resource["name"] != name]
    labels = [label for label in arguments["sends"] if label.split(" ", 1)[1] != name]
    references = [reference for reference in arguments["publishes"] if reference.name != name]
    return changed(program, "submission", publishes=references, sends=labels, published=published_resources)


class TestOmittedFromPublishes:
    """Warnings of the constructor about other resources of the program."""

    def submission_inputs(self, program: Any, *, preview: bool = False) -> dict[str, Any]:
        return register_program(program, preview=preview)["submission"].inputs

    @pytest.mark.parametrize("preview", [False, True])
    def test_omitted_resources_are_recognised_before_and_after_the_submission(self, preview: bool) -> None:
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

        inputs = self.submission_inputs(program, preview=preview)
        assert inputs["omitted"] == ["OfferListing german", "Plan late", "PlanListing late"]

    def test_no_resource_is_omitted_when_publishes_is_complete(self) -> None:
        def program() -> None:
            offer = Offer("offer", offer_id="contoso", offer_type="AzureApplication", alias="Contoso")
            listing = OfferListing("listing", offer=offer.id, title="Contoso", summary="All")
            Submission("submission", offer=offer.id, publishes=[listing])

        inputs = self.submission_inputs(program)
        assert inputs["omitted"] == []
        ((kind, name, id),) = [
            (resource["kind"], resource["name"], resource["id"]) for resource in inputs["published"]
        ]
        assert (kind, name) == ("OfferListing", "listing")
        assert id

    def test_omitted_resources_of_an_offer_given_by_id_are_recognised(self) -> None:
        guid = "11111111-2222-4333-8444-555555555555"

        def program() -> None:
            listing = OfferListing("listing", offer=guid, title="Contoso", summary="All")
            PlanListing("gold", plan=f"{guid}/{guid}", title="Gold", summary="All")
            Submission("submission", offer=guid, publishes=[listing])

        assert self.submission_inputs(program)["omitted"] == ["PlanListing gold"]

    def test_an_omitted_resource_that_depends_on_the_submission_causes_no_deadlock(self) -> None:
        def program() -> None:
            offer = Offer("offer", offer_id="contoso", offer_type="AzureApplication", alias="Contoso")
            listing = OfferListing("listing", offer=offer.id, title="Contoso", summary="All")
            submission = Submission("submission", offer=offer.id, publishes=[listing])
            options = ResourceOptions(depends_on=[submission])
            plan = Plan("next", offer=offer.id, plan_id="next", name="Next", opts=options)
            PlanListing("next", plan=plan.id, title="Next", summary="All")

        assert self.submission_inputs(program)["omitted"] == ["Plan next", "PlanListing next"]
