"""Publishing: each `up` goes as far as the service allows, and only changed content is submitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources import samples
from tests.resources.card import Operation, Subject
from tests.resources.complete import complete_program, submission_declaration, write_files
from tests.resources.conftest import SavedDrafts
from tests.resources.harness import Declaration, Program, Ref, Stack

from pulumi_partnercenter import CosellListing, JobTimeout, Rejected, Submission

FINDING = {"errorCode": "Policy-100", "severity": "Error", "message": "Too blue.", "resource": "Listing"}


@pytest.fixture
def folder(saved_drafts: SavedDrafts) -> Path:
    return saved_drafts.folder


@pytest.fixture
def stack(stack_with_drafts: Stack) -> Stack:
    """The stack of `program`, whose drafts are saved already."""
    return stack_with_drafts


@pytest.fixture
def program(folder: Path) -> Program:
    return complete_program(folder)


def changed(program: Program, name: str, **arguments: Any) -> dict[str, Declaration]:
    return {
        **program,
        name: replace(program[name], arguments={**program[name].arguments, **arguments}),
    }


def with_live_target(program: Program) -> dict[str, Declaration]:
    return changed(program, "submission", target="live")


def submission_outputs(stack: Stack) -> Mapping[str, Any]:
    return stack.state["submission"].outputs


def submission_states(emulator: RunningEmulator) -> list[tuple[str, str]]:
    """Return state and substate of every submission, oldest first."""
    return [(submission["state"], submission["substate"]) for submission in emulator.state()["submissions"]]


def count_submission_posts(emulator: RunningEmulator) -> int:
    return sum(
        request["method"] == "POST" and request["path"].endswith("/submissions")
        for request in emulator.requests()
    )


class TestAdvancing:
    def test_a_first_run_publishes_to_preview(
        self, program: Program, empty_stack: Stack, emulator: RunningEmulator
    ) -> None:
        assert empty_stack.up(program)["submission"] == "create"
        assert submission_outputs(empty_stack)["state"] == "preview"
        assert [
            step["state"]
            for step in submission_outputs(empty_stack)["steps"]
            if step["environment"] == "Preview"
        ][:2] == [
            "Success",
            "Success",
        ]

    def test_a_second_run_after_publishing_sends_no_request(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program)
        emulator.clear()
        assert stack.preview(program) == {}
        assert stack.up(program) == {}
        assert emulator.requests() == []

    def test_target_live_promotes_the_preview(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program)
        assert stack.up(with_live_target(program)) == {"submission": "update"}
        assert stack.up(with_live_target(program)) in ({}, {"submission": "update"})
        assert submission_outputs(stack)["state"] == "live"
        assert stack.up(with_live_target(program)) == {}
        assert count_submission_posts(emulator) == 1

    def test_target_live_is_reached_from_an_empty_account(self, program: Program, empty_stack: Stack) -> None:
        empty_stack.up(with_live_target(program))
        empty_stack.up(with_live_target(program))
        assert submission_outputs(empty_stack)["state"] == "live"

    def test_changed_content_is_published_and_a_renamed_resource_is_not(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program)
        assert stack.up(changed(program, "listing", title="Contoso Vault")) == {
            "listing": "update",
            "submission": "update",
        }
        assert count_submission_posts(emulator) == 2
        sends = [f"{label} renamed" for label in program["submission"].arguments["sends"]]
        reordered_references = list(reversed(program["submission"].arguments["publishes"]))
        renamed_program = changed(
            changed(program, "listing", title="Contoso Vault"),
            "submission",
            sends=sends,
            publishes=reordered_references,
        )
        assert stack.up(renamed_program) == {}
        assert count_submission_posts(emulator) == 2

    def test_a_run_without_its_state_publishes_nothing_again(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program)
        stack.forget()
        stack.up(program)
        assert count_submission_posts(emulator) == 1
        assert submission_outputs(stack)["state"] == "preview"

    def test_content_published_without_a_digest_is_recognised(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """Without a digest in the notes, the provider compares every document with the submission."""
        stack.up(with_live_target(program))
        (submission,) = emulator.state()["submissions"]
        product = submission["productID"]
        publish_option = {**submission["publishOption"], "certificationNotes": "by hand"}
        emulator.portal(
            f"/v1.0/ingestion/products/{product}/submissions/{submission['id']}", publishOption=publish_option
        )
        stack.forget()
        stack.up(with_live_target(program))
        assert count_submission_posts(emulator) == 1
        stack.forget()
        stack.up(changed(with_live_target(program), "listing", adopt=True, title="Contoso Vault"))
        assert count_submission_posts(emulator) == 2


class TestSubmittedContent:
    def test_managed_modules_are_submitted(
        self, folder: Path, stack: Stack, emulator: RunningEmulator
    ) -> None:
        parts = {
            name: declaration
            for name, declaration in complete_program(folder).items()
            if name != "submission"
        }
        sellers = Declaration(CosellListing, {"offer": Ref("offer"), "platforms": ["Azure"]})
        for extra in ({}, {"sellers": sellers}):
            program = {**parts, **extra}
            stack.up({**program, "submission": submission_declaration(program)})
        first_modules, second_modules = (
            {resource["type"] for resource in submission["resources"]}
            for submission in emulator.state()["submissions"]
        )
        assert second_modules - first_modules == {"Cosell"}

    def test_inactive_plans_are_not_submitted(
        self, folder: Path, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(changed(complete_program(folder, "gold", "silver"), "silver", state="Inactive"))
        (submission,) = emulator.state()["submissions"]
        (plan_resources,) = submission["variantResources"]
        assert plan_resources["variantID"] == stack.state["gold"].id.split("/")[1]


class TestWaiting:
    def test_a_submission_on_its_way_is_read_again_by_the_next_run(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide(stage="validation", outcome="hold")
        stack.up(program)
        assert submission_outputs(stack)["state"] == "on the way to preview"
        assert stack.preview(program) == {"submission": "update"}
        assert stack.up(program) == {"submission": "update"}
        emulator.decide(stage="validation", outcome="pass")
        stack.up(program)
        assert submission_outputs(stack)["state"] == "preview"
        assert count_submission_posts(emulator) == 1

    def test_changed_content_waits_for_the_running_submission(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide(stage="validation", outcome="hold")
        stack.up(program)
        changed_program = changed(program, "listing", title="Contoso Vault")
        with pytest.raises(JobTimeout, match="on the way to preview"):
            stack.up(changed_program)
        emulator.decide(stage="validation", outcome="pass")
        stack.up(changed_program)
        assert count_submission_posts(emulator) == 2
        assert submission_outputs(stack)["state"] == "preview"

    def test_no_run_waits_for_certification(
        self, program: Program, stack: Stack, emulator: RunningEmulator, pauses: list[float]
    ) -> None:
        emulator.decide(stage="certification", outcome="hold")
        waiting_program = changed(with_live_target(program), "submission", target="live", wait_minutes=60)
        stack.up(waiting_program)
        assert submission_outputs(stack)["state"] == "in certification"
        with pytest.raises(JobTimeout, match="in certification") as timeout:
            stack.up(changed(waiting_program, "listing", title="Contoso Vault"))
        assert "cancel" not in str(timeout.value)
        assert sum(pauses) == 0

    def test_a_submission_cancelled_in_the_portal_is_submitted_again(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide(stage="validation", outcome="hold")
        stack.up(program)
        (submission,) = emulator.state()["submissions"]
        path = f"/v1.0/ingestion/products/{submission['productID']}/submissions/{submission['id']}"
        emulator.client.delete(path).raise_for_status()
        stack.up(program)
        assert submission_outputs(stack)["state"] == "preview"
        assert count_submission_posts(emulator) == 2

    def test_destroy_cancels_a_running_submission(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide(stage="validation", outcome="hold")
        stack.up(program)
        stack.destroy()
        assert emulator.state()["products"] == []

    def test_a_submission_removed_from_the_program_leaves_the_preview_published(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program)
        states_before = submission_states(emulator)
        remaining_program = {
            name: declaration for name, declaration in program.items() if name != "submission"
        }
        assert stack.up(remaining_program) == {"submission": "delete"}
        assert submission_states(emulator) == states_before


class TestFailing:
    def test_a_failed_validation_lists_every_finding_with_its_resource(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        incomplete_program = changed(changed(program, "listing", contacts=[]), "audience", subscriptions=[])
        with pytest.raises(Rejected) as rejection:
            stack.up(incomplete_program)
        text = str(rejection.value)
        assert "OfferListing listing" in text
        assert "PreviewAudience audience" in text
        assert len(rejection.value.findings) >= 3
        assert stack.up(program)["submission"] == "create"
        assert submission_outputs(stack)["state"] == "preview"

    @pytest.mark.sample(3)
    @pytest.mark.parametrize(
        ("module", "message", "resource"),
        [
            (
                "Package",
                "Metering needs the offer's tenant and application: plan gold.",
                "OfferTechnicalConfiguration technical",
            ),
            ("Availability", "A private plan needs an audience: plan gold.", "PlanPricing gold-pricing"),
            ("Availability", "No price in US: plan silver.", "PlanPricing silver-pricing"),
            ("Listing", "The description is missing (plan 'silver', en-us).", "PlanListing silver-listing"),
            ("Listing", "The summary is missing (en-us).", "OfferListing listing"),
            ("Availability", "No price in US: plan stray.", ""),
            ("Availability", "A price is wrong.", ""),
            ("Listing", "The logo is upside down.", ""),
            ("Listing", "The summary is missing (de-de).", ""),
        ],
    )
    def test_a_finding_names_only_the_resource_that_caused_it(
        self, module: str, message: str, resource: str, folder: Path, stack: Stack, emulator: RunningEmulator
    ) -> None:
        program = complete_program(folder, "gold", "silver")
        stack.up({name: declaration for name, declaration in program.items() if name != "submission"})
        plan = {"resourceType": "AzureSkuVariant", "externalID": "stray", "friendlyName": "Stray"}
        product = stack.state["offer"].id
        response = emulator.client.post(f"/v1.0/ingestion/products/{product}/variants", json=plan)
        assert response.status_code == 201, response.text
        finding = {"errorCode": "X-1", "severity": "Error", "message": message, "resource": module}
        emulator.decide("validation", "fail", items=[finding])
        with pytest.raises(Rejected) as rejection:
            stack.up(program)
        assert rejection.value.findings == [
            f"{module} X-1: {message}" + (f" (see {resource})" if resource else "")
        ]

    def test_meters_without_a_technical_configuration_name_the_missing_resource(
        self, program: Program, empty_stack: Stack, emulator: RunningEmulator
    ) -> None:
        meters = [{"id": "gb", "name": "Gigabytes", "unit": "GB", "price_in_usd": 0.1}]
        parts = {
            name: declaration
            for name, declaration in program.items()
            if name not in ("technical", "submission")
        }
        parts = changed(parts, "gold-pricing", meters=meters)
        with pytest.raises(Rejected) as rejection:
            empty_stack.up({**parts, "submission": submission_declaration(parts)})
        (finding,) = rejection.value.findings
        assert finding.startswith("Package Package-20007")
        assert "(see an OfferTechnicalConfiguration with tenant and application" in finding

    def test_a_failure_that_somebody_corrected_in_partner_center_is_submitted_again(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide(stage="validation", outcome="fail", items=[FINDING])
        for _ in range(2):
            with pytest.raises(Rejected):
                stack.up(program)
        assert count_submission_posts(emulator) == 1
        (listing,) = [
            row for row in emulator.state()["listings"] if row["stage"] == "draft" and "variantID" not in row
        ]
        path = f"/v1.0/ingestion/products/{listing['productID']}/listings/{listing['id']}"
        emulator.portal(path, writtenByThePortal="Corrected")
        stack.up(program)
        assert count_submission_posts(emulator) == 2
        assert submission_outputs(stack)["state"] == "preview"

    def test_unchanged_content_is_not_submitted_again_after_a_failure(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide(stage="certification", outcome="fail", items=[FINDING])
        for _ in range(3):
            with pytest.raises(Rejected, match=r"Policy-100: Too blue\.") as rejection:
                stack.up(with_live_target(program))
        assert "report" in str(rejection.value)
        assert count_submission_posts(emulator) == 1
        stack.up(changed(with_live_target(program), "submission", target="live", notes="It is not blue."))
        assert count_submission_posts(emulator) == 2
        stack.up(changed(with_live_target(program), "submission", target="live", notes="It is not blue."))
        assert submission_outputs(stack)["state"] == "live"

    def test_a_failed_change_leaves_the_live_publication(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(with_live_target(program))
        stack.up(with_live_target(program))
        emulator.decide(stage="certification", outcome="fail", items=[FINDING])
        changed_program = changed(with_live_target(program), "listing", title="Contoso Blue")
        with pytest.raises(Rejected):
            stack.up(changed_program)
        assert ("Published", "InStore") in submission_states(emulator)
        stack.up(changed(with_live_target(program), "listing", title="Contoso Green"))
        stack.up(changed(with_live_target(program), "listing", title="Contoso Green"))
        assert submission_outputs(stack)["state"] == "live"

    def test_content_that_is_live_is_not_submitted_again(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """The newest submission failed and its change was reverted: comparing only with it would publish again."""
        stack.up(with_live_target(program))
        emulator.decide(stage="validation", outcome="fail", items=[FINDING])
        with pytest.raises(Rejected):
            stack.up(changed(with_live_target(program), "listing", title="Contoso Blue"))
        del stack.state["submission"]
        assert stack.up(with_live_target(program)) == {"listing": "update", "submission": "create"}
        assert count_submission_posts(emulator) == 2
        assert submission_outputs(stack)["state"] == "live"


class TestPreviewMessages:
    """Messages of a preview about a submission; a provider's output goes to stdout."""

    def test_a_preview_reports_a_failure_noticed_by_a_refresh(
        self, program: Program, stack: Stack, emulator: RunningEmulator, capsys: pytest.CaptureFixture[str]
    ) -> None:
        emulator.decide(stage="validation", outcome="hold")
        stack.up(program)
        emulator.decide(stage="validation", outcome="fail", items=[FINDING])
        with stack.operation() as plugin:
            current = plugin.read(stack.state["submission"])
        assert current is not None
        stack.state["submission"] = current
        capsys.readouterr()
        assert stack.preview(program) == {"submission": "update"}
        assert (
            "failed: `up` says why; it is submitted again once its content, or the notes, changed"
            in capsys.readouterr().out
        )

    def test_a_preview_of_a_renamed_submission_mentions_that_it_may_send_nothing(
        self, program: Program, stack: Stack, emulator: RunningEmulator, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stack.up(program)
        del stack.state["submission"]
        capsys.readouterr()
        stack.preview(program)
        assert "unless the service holds all of it already" in capsys.readouterr().out
        stack.up(program)
        assert count_submission_posts(emulator) == 1


class Publishing(Subject):
    """Subject of fault injection. Publishing takes several runs, so operations repeat runs until nothing changes."""

    kind = Submission

    def __init__(self) -> None:
        folder = samples.FOLDER / "publishing"
        self.program = complete_program(folder if folder.exists() else write_files(folder))

    def operations(self) -> dict[str, Operation]:
        drafts = {name: declaration for name, declaration in self.program.items() if name != "submission"}
        changed_program = changed(self.program, "listing", title="Contoso Vault")
        return {
            "create": self.between(drafts, self.program),
            "update": self.between(self.program, with_live_target(self.program)),
            "other content": self.between(self.program, changed_program),
            "read": Operation(lambda stack: stack.up(self.program), Stack.refresh),
            "delete": self.between(self.program, drafts),
        }

    def between(self, before: Program, after: Program) -> Operation:
        def run_until_settled(stack: Stack) -> None:
            while stack.up(after):
                pass

        return Operation(lambda stack: stack.up(before), run_until_settled)


class TestLostResponses:
    def test_a_lost_response_to_the_submission_makes_no_second_submission(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.fault("POST .*/submissions$", drop="after")
        stack.up(program)
        assert len(submission_states(emulator)) == 1
        assert submission_outputs(stack)["state"] == "preview"


class TestReplacingRunningSubmissions:
    @pytest.fixture
    def running(self, program: Program, stack: Stack, emulator: RunningEmulator) -> Program:
        """A program whose submission is validated until the test decides."""
        emulator.decide("validation", "hold")
        impatient_program = changed(program, "submission", wait_minutes=0)
        stack.up(impatient_program)
        assert submission_outputs(stack)["state"] == "on the way to preview"
        return impatient_program

    def newer(self, program: Program, **arguments: Any) -> Program:
        return changed(changed(program, "listing", title="Contoso Vault"), "submission", **arguments)

    def test_newer_content_replaces_the_running_submission_of_the_stack(
        self, running: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        former = submission_outputs(stack)["submission"]
        stack.up(self.newer(running, replaces_running=True))
        cancelled, current = emulator.state()["submissions"]
        assert (cancelled["id"], cancelled["state"]) == (former, "Cancelled")
        assert submission_outputs(stack)["submission"] == current["id"]

    def test_without_the_argument_it_is_in_the_way(
        self, running: Program, stack: Stack, emulator: RunningEmulator, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stack.preview(self.newer(running))
        assert "if it is still on the way to preview, has to end first" in capsys.readouterr().out
        with pytest.raises(JobTimeout, match="until it has ended nothing else can be submitted") as error:
            stack.up(self.newer(running))
        assert "set replaces_running=True" in str(error.value)
        assert count_submission_posts(emulator) == 1

    def test_the_submission_of_another_client_is_never_replaced(
        self, running: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        del stack.state["submission"]
        with pytest.raises(JobTimeout):
            stack.up(self.newer(running, replaces_running=True))
        assert "Cancelled" not in {state for state, _ in submission_states(emulator)}
