"""Behaviour of the service during publishing that the provider's own steps cannot cause."""

from __future__ import annotations

import functools
import itertools
import types
from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import assert_readable
from tests.resources.complete import complete_program
from tests.resources.conftest import SavedDrafts
from tests.resources.harness import Program, Stack
from tests.resources.publications import changed

from pulumi_partnercenter import Conflict, ContractError, Invalid, JobTimeout, Rejected, Unavailable
from pulumi_partnercenter.api.http.client import ApiClient
from pulumi_partnercenter.api.submission import client

SUBMISSION = "/v1.0/ingestion/products/{productID}/submissions/{id}"


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


def submission_outputs(stack: Stack) -> dict[str, Any]:
    return stack.state["submission"].outputs


def newest_submission(emulator: RunningEmulator) -> dict[str, Any]:
    return emulator.state()["submissions"][-1]


def count_submissions(emulator: RunningEmulator) -> int:
    return len(emulator.state()["submissions"])


class TestMissingDetails:
    """Steps, findings and reports may be missing, but the submission is not."""

    def test_a_submission_without_steps_is_published_and_not_gone(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.fault("workflowdetails", status=404, times=0)
        stack.up(program)
        assert (submission_outputs(stack)["state"], submission_outputs(stack)["steps"]) == ("preview", [])
        assert stack.refresh() == {}
        assert "submission" in stack.state

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("path", ["validations", "reports"])
    def test_a_failed_submission_without_details_is_a_failure(
        self, path: str, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide("validation", "fail")
        emulator.fault(path, status=404, times=0)
        with pytest.raises(Rejected, match="failed in validation") as rejection:
            stack.up(program)
        assert rejection.value.findings or "says no more" in str(rejection.value)

    @pytest.mark.parametrize(
        ("stage", "step"),
        [("validation", "Automated validation: Failed"), ("certification", "Certification: Failed")],
    )
    def test_every_failed_step_is_named(
        self, stage: str, step: str, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide(stage, "fail")
        with pytest.raises(Rejected) as rejection:
            stack.up(changed(program, "submission", target="live"))
        assert f"failed in {stage} ({step})" in str(rejection.value)

    def test_findings_without_severity_are_reported(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        findings = [{"errorCode": "Listing-1", "message": "Too loud.", "resource": "Listing"}]
        emulator.decide("validation", "fail")
        emulator.fault("validations", status=200, body={"value": findings})
        with pytest.raises(Rejected, match=r"Listing-1: Too loud\. \(see OfferListing listing"):
            stack.up(program)


class TestServiceData:
    def test_preview_links_become_an_output(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program)
        assert submission_outputs(stack)["preview_links"] == []
        properties = [
            {"type": "PreviewLink", "value": "https://preview.example.com/archive"},
            {"type": "Other", "value": "7"},
        ]
        emulator.portal(SUBMISSION.format(**newest_submission(emulator)), extendedProperties=properties)
        assert stack.refresh() == {}
        assert submission_outputs(stack)["preview_links"] == ["https://preview.example.com/archive"]

    def test_the_reason_of_a_failed_certification_is_reported(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide("certification", "fail", items=[])
        with pytest.raises(Rejected) as rejection:
            stack.up(changed(program, "submission", target="live"))
        assert "Certification failed." in rejection.value.findings


class TestLostResponses:
    def test_a_submission_is_recognised_by_its_digest_when_its_resources_differ(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """The service may return an instance id where the reseller configuration had a literal."""
        emulator.decide("validation", "hold")
        stack.up(program)
        first_submission = newest_submission(emulator)
        path = SUBMISSION.format(**first_submission)
        assert emulator.client.delete(path).status_code == 204
        other_resources = [
            resource
            for resource in first_submission["resources"]
            if resource["type"] != "ResellerConfiguration"
        ]
        second_submission = {
            **first_submission,
            "id": f"{int(first_submission['id']) + 1}",
            "resources": other_resources,
            "releaseNumber": 2,
        }
        emulator.fault("POST .*/submissions$", drop="after")
        emulator.fault(
            r"GET .*/submissions\?",
            status=200,
            after=1,
            body={"value": [first_submission, second_submission]},
        )
        emulator.decide("validation", "hold")
        stack.up(program)
        assert submission_outputs(stack)["submission"] == second_submission["id"]
        assert count_submissions(emulator) == 2

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("drop", ["before", "after"])
    def test_a_promotion_with_a_lost_response_succeeds(
        self, drop: str, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.fault("promote", drop=drop)
        stack.up(changed(program, "submission", target="live"))
        assert submission_outputs(stack)["state"] == "live"

    def test_a_refused_promotion_is_an_error_and_retried_by_the_next_run(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        live_program = changed(program, "submission", target="live")
        emulator.fault("promote", status=409)
        with pytest.raises(Conflict, match="go live: refused"):
            stack.up(live_program)
        stack.up(live_program)
        assert submission_outputs(stack)["state"] == "live"
        assert count_submissions(emulator) == 1


class TestConcurrentSubmissions:
    def test_a_concurrent_submission_is_named_in_the_error(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """The other submission gives the drafts new ids, which the next run reads."""
        stack.up(program)
        publish_part(emulator, newest_submission(emulator)["productID"], "Listing")
        first_submission, second_submission = [
            {name: value for name, value in submission.items() if name != "productID"}
            for submission in emulator.state()["submissions"]
        ]
        emulator.fault(r"GET .*/submissions\?", status=200, body={"value": [first_submission]})
        emulator.fault("POST .*/submissions$", status=400)
        changed_program = changed(program, "listing", title="Contoso Vault")
        with pytest.raises(Invalid, match="somebody else submitted it meanwhile"):
            stack.up(changed_program)
        stack.up(changed_program)
        assert count_submissions(emulator) == 3
        assert submission_outputs(stack)["submission"] > second_submission["id"]


class TestPartialPublications:
    def test_content_published_module_by_module_is_recognised(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """Each submission refers to documents of earlier submissions, which are archived."""
        stack.up(changed(program, "submission", target="live"))
        product = newest_submission(emulator)["productID"]
        for module in ("Listing", "Property", "Listing"):
            publish_part(emulator, product, module)
        stack.forget()
        stack.up(program)
        assert count_submissions(emulator) == 4
        assert submission_outputs(stack)["state"] == "live"


def publish_part(emulator: RunningEmulator, product: str, module: str) -> None:
    """Publish one module of the offer and its plans to preview and live, as other tools do."""
    branches = [branch for branch in emulator.state()["branches"] if branch["module"] == module]
    references = {
        branch.get("variantID", ""): {"type": module, "value": branch["currentDraftInstanceID"]}
        for branch in branches
    }
    request = {
        "resourceType": "SubmissionCreationRequest",
        "targets": [{"type": "Scope", "value": "preview"}],
        "resources": [references.pop("")],
        "variantResources": [
            {"variantID": plan, "resources": [reference]} for plan, reference in references.items()
        ],
    }
    path = f"/v1.0/ingestion/products/{product}/submissions"
    response = emulator.client.post(path, json=request)
    assert response.status_code == 201, response.text
    assert emulator.client.post(f"{path}/{response.json()['id']}/promote").status_code == 200


class TestEndedSubmissions:
    @pytest.mark.sample(1)
    @pytest.mark.parametrize("state", ["Archived", "RolledBack"])
    def test_an_archived_submission_does_not_block_the_next(
        self, state: str, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program)
        submission = newest_submission(emulator)
        emulator.portal(SUBMISSION.format(**submission), state=state)
        stack.up(changed(program, "listing", title="Contoso Vault"))
        assert count_submissions(emulator) == 2
        assert submission_outputs(stack)["state"] == "preview"

    def test_an_archived_submission_is_submitted_again(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program)
        emulator.portal(SUBMISSION.format(**newest_submission(emulator)), state="Archived")
        stack.refresh()
        assert stack.up(program) == {"submission": "update"}
        assert count_submissions(emulator) == 2
        assert submission_outputs(stack)["state"] == "preview"

    @pytest.mark.parametrize("target", ["preview", "live"])
    def test_a_submission_that_one_list_lacks_ends_no_run(
        self, target: str, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """Every read of the submission is a 404, and each second list lacks it, also after its promotion."""
        emulator.fault(r"GET .*/submissions/[0-9]+", status=404, times=0)
        for read in (1, 2, 3):
            emulator.fault(r"GET .*/submissions\?", status=200, body={"value": []}, after=read)
        stack.up(changed(program, "submission", target=target))
        assert submission_outputs(stack)["state"] == target
        assert count_submissions(emulator) == 1

    @pytest.mark.soak
    def test_a_submission_that_disappears_during_the_wait_fails_the_run(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide("validation", "hold")
        emulator.fault(r"GET .*/submissions/[0-9]+\?", status=404)
        emulator.fault(r"GET .*/submissions\?", status=200, body={"value": []}, after=2, times=2)
        with pytest.raises(Rejected, match="was cancelled before it reached its target"):
            stack.up(program)
        emulator.decide("validation", "pass")
        stack.up(program)
        assert submission_outputs(stack)["state"] == "preview"

    @pytest.mark.soak
    def test_a_404_for_a_listed_submission_is_ignored(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.fault(r"GET .*/submissions/[0-9]+", status=404, times=0)
        stack.up(changed(program, "submission", target="live"))
        assert submission_outputs(stack)["state"] == "live"
        assert count_submissions(emulator) == 1

    def test_a_submission_cancelled_during_the_wait_fails_the_run(
        self, program: Program, stack: Stack, emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        emulator.decide("validation", "hold")

        def cancel_in_the_portal(_: float) -> None:
            assert emulator.client.delete(SUBMISSION.format(**newest_submission(emulator))).status_code == 204

        monkeypatch.setattr(client, "ApiClient", functools.partial(ApiClient, sleep=cancel_in_the_portal))
        with pytest.raises(Rejected, match="was cancelled before") as rejection:
            stack.up(changed(program, "submission", wait_minutes=60))
        assert "run `pulumi up` again" in str(rejection.value)
        assert_readable(rejection.value)

    def test_a_submission_archived_during_the_wait_fails_the_run(
        self, program: Program, stack: Stack, emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        emulator.decide("validation", "hold")

        def put_away(_: float) -> None:
            emulator.portal(SUBMISSION.format(**newest_submission(emulator)), state="Archived")

        monkeypatch.setattr(client, "ApiClient", functools.partial(ApiClient, sleep=put_away))
        with pytest.raises(Rejected, match="was archived by the service before") as rejection:
            stack.up(changed(program, "submission", wait_minutes=60))
        assert "run `pulumi up` again" in str(rejection.value)
        assert_readable(rejection.value)

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("answer", [404, 409])
    def test_a_refused_cancellation_fails_the_deletion(
        self, answer: int, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide("validation", "hold")
        stack.up(program)
        emulator.fault("DELETE .*/submissions/", status=answer)
        drafts = {name: declaration for name, declaration in program.items() if name != "submission"}
        with pytest.raises((Conflict, ContractError), match="cancel"):
            stack.up(drafts)
        assert "submission" in stack.state

    @pytest.mark.soak
    def test_a_404_for_a_promotion_is_a_contract_error(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.fault("promote", status=404, times=0)
        with pytest.raises(ContractError, match="the offer exists, but this object does not"):
            stack.up(changed(program, "submission", target="live"))
        emulator.unfault()
        stack.up(changed(program, "submission", target="live"))
        assert submission_outputs(stack)["state"] == "live"

    @pytest.mark.soak
    def test_a_promotion_with_a_lost_response_and_failed_certification_fails_the_run(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide("certification", "fail")
        emulator.fault("promote", drop="after")
        with pytest.raises(Rejected, match="failed in certification"):
            stack.up(changed(program, "submission", target="live"))
        assert sum(request["path"].endswith("/promote") for request in emulator.requests()) == 1

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("minutes", [0, 60])
    @pytest.mark.parametrize("stage", ["validation", "certification"])
    def test_every_run_with_failed_content_fails(
        self, stage: str, minutes: int, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """Includes a run that did not submit the content itself."""
        emulator.decide(stage, "hold")
        live_program = changed(program, "submission", target="live", wait_minutes=minutes)
        stack.up(live_program)
        emulator.decide(stage, "fail")
        for _ in range(2):
            with pytest.raises(Rejected, match=f"failed in {stage}"):
                stack.up(live_program)
            stack.refresh()
            assert submission_outputs(stack)["state"] == "failed"
        assert count_submissions(emulator) == 1

    def test_a_refused_cancellation_advises_to_wait(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """The submission stays in the state, so that the next run can cancel it."""
        emulator.decide("validation", "hold")
        stack.up(program)
        emulator.fault("DELETE .*/submissions/", status=409)
        drafts = {name: declaration for name, declaration in program.items() if name != "submission"}
        with pytest.raises(Conflict, match="wait until it has ended"):
            stack.up(drafts)
        assert stack.up(drafts) == {"submission": "delete"}
        assert newest_submission(emulator)["state"] == "Cancelled"

    def test_a_submission_that_reached_preview_is_not_cancelled(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide("validation", "hold")
        stack.up(program)
        submission = newest_submission(emulator)
        body = {"value": [{name: value for name, value in submission.items() if name != "productID"}]}
        emulator.decide("validation", "pass")
        emulator.fault(r"GET .*/submissions\?", status=200, body=body)
        drafts = {name: declaration for name, declaration in program.items() if name != "submission"}
        assert stack.up(drafts) == {"submission": "delete"}
        assert newest_submission(emulator)["substate"] == "ReadyToPublish"


class TestPreviewMessages:
    def test_target_preview_publishes_nothing_over_live_content(
        self, program: Program, stack: Stack, capsys: pytest.CaptureFixture[str]
    ) -> None:
        live_program = changed(program, "submission", target="live")
        stack.up(live_program)
        stack.up(live_program)
        capsys.readouterr()
        assert stack.preview(program) == {"submission": "update"}
        output = capsys.readouterr().out
        assert "is live: nothing is published" in output
        assert "to preview" not in output


class TestNotes:
    @pytest.mark.sample(1)
    @pytest.mark.parametrize(
        "notes", ["One.\nTwo.", " Mind the gap. ", "[content 0123456789abcdef]", "é" * 5000]
    )
    def test_respelled_notes_publish_nothing(
        self, notes: str, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide("validation", "fail")
        program_with_notes = changed(program, "submission", notes=notes)
        with pytest.raises(Rejected):
            stack.up(program_with_notes)
        submission = newest_submission(emulator)
        stored_notes = submission["publishOption"]["certificationNotes"].replace("\n", "\r\n") + "\r\n"
        emulator.portal(
            SUBMISSION.format(**submission),
            publishOption={**submission["publishOption"], "certificationNotes": stored_notes},
        )
        with pytest.raises(Rejected):
            stack.up(program_with_notes)
        assert count_submissions(emulator) == 1
        stack.up(changed(program, "submission", notes=f"{notes} Again."))
        assert submission_outputs(stack)["state"] == "preview"


class TestFailuresAfterLive:
    """Live content stays live when later submissions fail: refresh and `up` use the same submission."""

    def go_live(self, stack: Stack, program: Program) -> Program:
        live_program = changed(program, "submission", target="live")
        stack.up(live_program)
        stack.up(live_program)
        assert submission_outputs(stack)["state"] == "live"
        return live_program

    @pytest.mark.soak
    def test_a_reverted_change_that_failed_leaves_no_drift(
        self, program: Program, stack: Stack, emulator: RunningEmulator, capsys: pytest.CaptureFixture[str]
    ) -> None:
        live_program = self.go_live(stack, program)
        emulator.decide("validation", "fail")
        with pytest.raises(Rejected):
            stack.up(changed(live_program, "listing", title="Contoso Blue"))
        stack.up(live_program)
        capsys.readouterr()
        for _ in range(2):
            assert stack.refresh() == {}
            assert stack.preview(live_program) == {}
            assert stack.up(live_program) == {}
        assert (submission_outputs(stack)["state"], count_submissions(emulator)) == ("live", 2)
        assert "is not what this stack sent" not in capsys.readouterr().out

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("mark", ["kept", "lost"])
    def test_a_failed_submission_of_the_portal_leaves_no_drift(
        self, mark: str, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """The live submission needs no digest for this, because the state records its content."""
        live_program = self.go_live(stack, program)
        if mark == "lost":
            publish_option = {**newest_submission(emulator)["publishOption"], "certificationNotes": "by hand"}
            emulator.portal(SUBMISSION.format(**newest_submission(emulator)), publishOption=publish_option)
        emulator.publish(newest_submission(emulator)["productID"])
        live_submission, failed_submission = emulator.state()["submissions"]
        emulator.portal(SUBMISSION.format(**live_submission), state="Published", substate="InStore")
        emulator.portal(SUBMISSION.format(**failed_submission), state="InProgress", substate="Failed")
        assert stack.refresh() == {}
        assert submission_outputs(stack)["submission"] == live_submission["id"]
        assert stack.preview(live_program) == {}
        assert stack.up(live_program) == {}

    def test_a_live_submission_without_digest_is_recognised_by_the_state(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        live_program = self.go_live(stack, program)
        live_submission = newest_submission(emulator)
        publish_option = {**live_submission["publishOption"], "certificationNotes": "by hand"}
        emulator.portal(SUBMISSION.format(**live_submission), publishOption=publish_option)
        emulator.decide("validation", "fail")
        with pytest.raises(Rejected):
            stack.up(changed(live_program, "listing", title="Contoso Blue"))
        stack.refresh()
        assert (submission_outputs(stack)["submission"], submission_outputs(stack)["state"]) == (
            live_submission["id"],
            "live",
        )
        assert stack.up(live_program) == {"listing": "update"}
        assert count_submissions(emulator) == 2

    @pytest.mark.soak
    def test_a_change_reverted_after_its_preview_is_published_again(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        self.go_live(stack, program)
        stack.up(changed(program, "listing", title="Contoso Blue"))
        preview = newest_submission(emulator)
        assert preview["substate"] == "ReadyToPublish"
        stack.refresh()
        assert submission_outputs(stack)["submission"] == preview["id"]
        stack.up(program)
        assert (submission_outputs(stack)["state"], count_submissions(emulator)) == ("preview", 3)

    @pytest.mark.soak
    def test_a_preview_is_published_again_after_a_later_failure(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """Only live content needs no new submission after a failure."""
        stack.up(program)
        preview = newest_submission(emulator)
        emulator.decide("validation", "fail")
        with pytest.raises(Rejected):
            stack.up(changed(program, "listing", title="Contoso Blue"))
        emulator.portal(SUBMISSION.format(**preview), state=preview["state"], substate=preview["substate"])
        stack.refresh()
        assert submission_outputs(stack)["submission"] == newest_submission(emulator)["id"]
        stack.up(program)
        assert (submission_outputs(stack)["state"], count_submissions(emulator)) == ("preview", 3)

    def test_a_failed_change_is_pending_and_fails_again(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        live_program = self.go_live(stack, program)
        emulator.decide("validation", "fail")
        changed_program = changed(live_program, "listing", title="Contoso Blue")
        for _ in range(2):
            with pytest.raises(Rejected):
                stack.up(changed_program)
            stack.refresh()
            assert stack.preview(changed_program)["submission"] == "update"
        assert count_submissions(emulator) == 2


class TestOrder:
    @pytest.mark.soak
    def test_submissions_are_sorted_whatever_order_the_service_returns(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program)
        stack.up(changed(program, "listing", title="Contoso Vault"))
        stack.up(program)
        submissions = [
            {name: value for name, value in submission.items() if name != "productID"}
            for submission in emulator.state()["submissions"]
        ]
        for permutation in itertools.permutations(submissions):
            emulator.unfault()
            emulator.fault(r"GET .*/submissions\?", status=200, body={"value": list(permutation)}, times=0)
            assert stack.refresh() == {}
            assert submission_outputs(stack)["submission"] == submissions[-1]["id"]
            assert stack.up(program) == {}
        assert count_submissions(emulator) == 3

    @pytest.mark.soak
    def test_submissions_are_sorted_by_release_number_before_id(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program)
        (submission,) = emulator.state()["submissions"]
        first_release = {**submission, "id": "200", "releaseNumber": 1, "state": "Archived"}
        second_release = {**submission, "id": "100", "releaseNumber": 2}
        for listing in ([first_release, second_release], [second_release, first_release]):
            emulator.unfault()
            emulator.fault(r"GET .*/submissions\?", status=200, body={"value": listing}, times=0)
            stack.refresh()
            assert submission_outputs(stack)["submission"] == "100"

    def test_submissions_of_equal_release_number_are_sorted_by_numeric_id(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """A service may number releases only when they are published. Ids are decimal numbers of any length."""
        stack.up(program)
        (submission,) = emulator.state()["submissions"]
        first_release = {**submission, "id": "99", "state": "Archived"}
        second_release = {**submission, "id": "100"}
        for listing in ([first_release, second_release], [second_release, first_release]):
            emulator.unfault()
            emulator.fault(r"GET .*/submissions\?", status=200, body={"value": listing}, times=0)
            stack.refresh()
            assert submission_outputs(stack)["submission"] == "100"


class TestWaiting:
    def test_both_waits_of_a_run_share_wait_minutes(
        self, program: Program, stack: Stack, emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        emulator.decide("validation", "hold")
        stack.up(program)
        pauses: list[float] = []

        def sleep(seconds: float) -> None:
            """Pass the other submission after six minutes, and hold later submissions for ever."""
            elapsed = sum(pauses)
            pauses.append(seconds)
            if elapsed < 360 <= sum(pauses):
                emulator.decide("validation", "pass")
                emulator.decide("validation", "hold")

        clock = types.SimpleNamespace(monotonic=lambda: sum(pauses))
        monkeypatch.setattr("pulumi_partnercenter.kinds._release.time", clock)
        monkeypatch.setattr(client, "ApiClient", functools.partial(ApiClient, sleep=sleep))
        changed_program = changed(program, "listing", title="Contoso Vault")
        stack.up(changed(changed_program, "submission", wait_minutes=10))
        assert submission_outputs(stack)["state"] == "on the way to preview"
        assert count_submissions(emulator) == 2
        assert 600 <= sum(pauses) <= 600 + 31

    @pytest.mark.soak
    def test_no_run_waits_for_the_certification_of_another_submission(
        self, program: Program, stack: Stack, emulator: RunningEmulator, pauses: list[float]
    ) -> None:
        emulator.decide("certification", "hold")
        live_program = changed(program, "submission", target="live", wait_minutes=60)
        stack.up(live_program)
        pauses.clear()
        with pytest.raises(JobTimeout, match="is in certification"):
            stack.up(changed(live_program, "listing", title="Contoso Vault"))
        assert sum(pauses) < 60
        assert count_submissions(emulator) == 1


class TestDestroy:
    def drafts(self, program: Program) -> Program:
        return {name: declaration for name, declaration in program.items() if name != "submission"}

    def test_destroy_does_not_cancel_a_submission_of_the_portal(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program)
        emulator.decide("validation", "hold")
        submit_all(emulator, newest_submission(emulator), notes="by hand")
        stack.refresh()
        assert stack.up(self.drafts(program)) == {"submission": "delete"}
        assert newest_submission(emulator)["state"] == "InProgress"

    def test_destroy_does_not_cancel_a_submission_of_another_program(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """The submission has a digest, but not of this stack's content."""
        stack.up(program)
        emulator.decide("validation", "hold")
        submit_all(emulator, newest_submission(emulator), notes="[content 0123456789abcdef]")
        stack.refresh()
        assert submission_outputs(stack)["submission"] == newest_submission(emulator)["id"]
        assert stack.up(self.drafts(program)) == {"submission": "delete"}
        assert newest_submission(emulator)["state"] == "InProgress"

    @pytest.mark.soak
    def test_destroy_cancels_the_submission_of_its_stack(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide("validation", "hold")
        stack.up(program)
        assert stack.up(self.drafts(program)) == {"submission": "delete"}
        assert newest_submission(emulator)["state"] == "Cancelled"

    def test_destroy_cancels_the_newest_submission_of_its_stack(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program)
        emulator.decide("validation", "hold")
        changed_program = changed(program, "listing", title="Contoso Vault")
        stack.up(changed_program)
        first_submission, second_submission = emulator.state()["submissions"]
        assert stack.up(self.drafts(changed_program)) == {"submission": "delete"}
        assert newest_submission(emulator) == second_submission | {
            "state": "Cancelled",
            "substate": "Cancelled",
        }
        assert emulator.state()["submissions"][0] == first_submission | {
            "state": "Published"
        }  # the preview is back

    def test_destroy_with_an_older_state_cancels_nothing(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program)
        emulator.decide("validation", "hold")
        submit_all(emulator, newest_submission(emulator), notes="by hand")
        del stack.state["submission"].outputs["publishes"]
        stack.up(self.drafts(program))
        assert newest_submission(emulator)["state"] == "InProgress"

    @pytest.mark.sample(2)
    @pytest.mark.parametrize("state", ["preview", "in certification", "live"])
    def test_destroy_cancels_no_submission_that_reached_preview(
        self, state: str, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        if state == "in certification":
            emulator.decide("certification", "hold")
        stack.up(changed(program, "submission", target="preview" if state == "preview" else "live"))
        assert submission_outputs(stack)["state"] == state
        emulator.clear()
        assert stack.up(self.drafts(program)) == {"submission": "delete"}
        assert [request for request in emulator.requests() if request["method"] != "GET"] == []


def submit_all(emulator: RunningEmulator, template: dict[str, Any], notes: str) -> None:
    """Submit the present drafts of the modules and plans that another submission had."""
    product = template["productID"]
    instances = {
        (branch.get("variantID", ""), branch["module"]): branch["currentDraftInstanceID"]
        for branch in emulator.state()["branches"]
    }

    def current_resources(variant: str, resources: list[dict[str, str]]) -> list[dict[str, str]]:
        return [
            {**resource, "value": instances.get((variant, resource["type"]), resource["value"])}
            for resource in resources
        ]

    request = {
        "resourceType": "SubmissionCreationRequest",
        "targets": [{"type": "Scope", "value": "preview"}],
        "resources": current_resources("", template["resources"]),
        "variantResources": [
            {**plan, "resources": current_resources(plan["variantID"], plan["resources"])}
            for plan in template["variantResources"]
        ],
        "publishOption": {"isManualPublish": True, "certificationNotes": notes},
    }
    response = emulator.client.post(f"/v1.0/ingestion/products/{product}/submissions", json=request)
    assert response.status_code == 201, response.text


class TestSubmissionsOfOthers:
    """A refresh reads submissions that the state does not record, and the next run publishes the program's content."""

    @pytest.mark.soak
    def test_a_change_reverted_after_a_killed_run_is_published_again(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        live_program = changed(program, "submission", target="live")
        stack.up(live_program)
        stack.up(live_program)
        emulator.fault("promote", drop="after")
        emulator.fault("workflowdetails", drop="before", times=0)
        with pytest.raises(Unavailable):
            stack.up(changed(live_program, "listing", title="Contoso Vault"))
        emulator.unfault()
        assert stack.up(live_program) == {"listing": "update"}
        assert stack.refresh() == {}
        assert stack.preview(live_program) == {"submission": "update"}
        stack.up(live_program)
        stack.up(live_program)
        assert submission_outputs(stack)["state"] == "live"
        assert count_submissions(emulator) == 3
        assert stack.up(live_program) == {}

    @pytest.mark.parametrize(("outcome", "state"), [("hold", "in certification"), ("pass", "live")])
    def test_a_preview_that_the_portal_promoted_is_no_change(
        self, outcome: str, state: str, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program)
        emulator.decide("certification", outcome)
        path = SUBMISSION.format(**newest_submission(emulator))
        assert emulator.client.post(f"{path}/promote").is_success
        stack.refresh()
        assert submission_outputs(stack)["state"] == state
        assert stack.up(program) == {}
        assert count_submissions(emulator) == 1

    @pytest.mark.soak
    def test_equal_content_published_by_the_portal_is_not_submitted_again(
        self, program: Program, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program)
        emulator.publish(newest_submission(emulator)["productID"])
        stack.refresh()
        assert stack.up(program) == {}
        assert count_submissions(emulator) == 2

    def test_a_change_that_the_portal_published_is_repaired_and_published(
        self, program: Program, stack: Stack, emulator: RunningEmulator, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stack.up(program)
        product = newest_submission(emulator)["productID"]
        drafts = [listing for listing in emulator.state()["listings"] if listing["stage"] == "draft"]
        (listing,) = [row for row in drafts if "variantID" not in row]
        emulator.portal(f"/v1.0/ingestion/products/{product}/listings/{listing['id']}", title="By hand")
        emulator.publish(product)
        assert stack.refresh() == {"listing": ["title"]}
        assert stack.up(program) == {"listing": "update", "submission": "update"}
        assert "is not what this stack sent" in capsys.readouterr().out
        assert count_submissions(emulator) == 3
        assert stack.up(program) == {}
