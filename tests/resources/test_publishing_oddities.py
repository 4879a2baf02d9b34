"""What the service may do to a publication that no order of our own steps brings about."""

from __future__ import annotations

import functools
import itertools
import types
from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import Serving
from tests.resources.card import assert_readable
from tests.resources.complete import complete, files
from tests.resources.harness import Program, Stack
from tests.resources.publications import changed

from pulumi_partnercenter import Conflict, ContractError, Invalid, JobTimeout, Rejected, Unavailable
from pulumi_partnercenter.api.http.client import ApiClient
from pulumi_partnercenter.api.submission import client

SUBMISSION = "/v1.0/ingestion/products/{productID}/submissions/{id}"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return files(tmp_path_factory.mktemp("oddities") / "assets")


@pytest.fixture
def program(folder: Path) -> Program:
    return complete(folder)


def shown(stack: Stack) -> dict[str, Any]:
    return stack.state["submission"].outputs


def newest(emulator: Serving) -> dict[str, Any]:
    return emulator.state()["submissions"][-1]


def count(emulator: Serving) -> int:
    return len(emulator.state()["submissions"])


class TestMissingDetails:
    """Steps, findings and reports may not be there; the submission is."""

    def test_a_submission_without_steps_is_published_and_not_gone(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        emulator.fault("workflowdetails", status=404, times=0)
        stack.up(program)
        assert (shown(stack)["state"], shown(stack)["steps"]) == ("preview", [])
        assert stack.refresh() == {}
        assert "submission" in stack.state

    @pytest.mark.parametrize("missing", ["validations", "reports"])
    def test_a_failure_is_told_as_one(
        self, missing: str, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        emulator.decide("validation", "fail")
        emulator.fault(missing, status=404, times=0)
        with pytest.raises(Rejected, match="failed in validation") as told:
            stack.up(program)
        assert told.value.findings or "says no more" in str(told.value)

    def test_findings_without_severity_are_told(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        found = [{"errorCode": "Listing-1", "message": "Too loud.", "resource": "Listing"}]
        emulator.decide("validation", "fail")
        emulator.fault("validations", status=200, body={"value": found})
        with pytest.raises(Rejected, match=r"Listing-1: Too loud\. \(see OfferListing listing"):
            stack.up(program)


class TestWhatTheServiceGives:
    def test_links_of_the_preview_are_passed_on(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(program)
        assert shown(stack)["preview_links"] == []
        given = [
            {"type": "PreviewLink", "value": "https://preview.example.com/archive"},
            {"type": "Other", "value": "7"},
        ]
        emulator.portal(SUBMISSION.format(**newest(emulator)), extendedProperties=given)
        assert stack.refresh() == {}
        assert shown(stack)["preview_links"] == ["https://preview.example.com/archive"]

    def test_its_reason_is_told_beside_the_findings(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        emulator.decide("certification", "fail", items=[])
        with pytest.raises(Rejected) as told:
            stack.up(changed(program, "submission", target="live"))
        assert "Certification failed." in told.value.findings


class TestLostAnswers:
    def test_a_run_is_known_by_its_mark_where_the_service_spells_what_was_sent_otherwise(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        """The reseller's literal may come back as an instance id."""
        emulator.decide("validation", "hold")
        stack.up(program)
        old = newest(emulator)
        path = SUBMISSION.format(**old)
        assert emulator.client.delete(path).status_code == 204
        others = [each for each in old["resources"] if each["type"] != "ResellerConfiguration"]
        new = {**old, "id": f"{int(old['id']) + 1}", "resources": others, "releaseNumber": 2}
        emulator.fault("POST .*/submissions$", drop="after")
        emulator.fault(r"GET .*/submissions\?", status=200, after=1, body={"value": [old, new]})
        emulator.decide("validation", "hold")
        stack.up(program)
        assert shown(stack)["submission"] == new["id"]
        assert count(emulator) == 2

    @pytest.mark.parametrize("drop", ["before", "after"])
    def test_a_lost_promotion_is_looked_at_and_goes_on(
        self, drop: str, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        emulator.fault("promote", drop=drop)
        stack.up(changed(program, "submission", target="live"))
        assert shown(stack)["state"] == "live"

    def test_a_promotion_that_is_refused_says_so_and_is_tried_again(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        going_live = changed(program, "submission", target="live")
        emulator.fault("promote", status=409)
        with pytest.raises(Conflict, match="go live: refused"):
            stack.up(going_live)
        stack.up(going_live)
        assert shown(stack)["state"] == "live"
        assert count(emulator) == 1


class TestOthersMeanwhile:
    def test_a_submission_between_our_look_and_ours_is_told(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        """The drafts have other ids by then; the next run knows them."""
        stack.up(program)
        publish_part(emulator, newest(emulator)["productID"], "Listing")
        before, after = [
            {name: value for name, value in each.items() if name != "productID"}
            for each in emulator.state()["submissions"]
        ]
        emulator.fault(r"GET .*/submissions\?", status=200, body={"value": [before]})
        emulator.fault("POST .*/submissions$", status=400)
        other = changed(program, "listing", title="Contoso Vault")
        with pytest.raises(Invalid, match="somebody else submitted it meanwhile"):
            stack.up(other)
        stack.up(other)
        assert count(emulator) == 3
        assert shown(stack)["submission"] > after["id"]


class TestPartialPublications:
    def test_what_went_live_in_parts_is_recognised(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        """Each part builds on the ones before it, which are archived by now."""
        stack.up(changed(program, "submission", target="live"))
        product = newest(emulator)["productID"]
        for module in ("Listing", "Property", "Listing"):
            publish_part(emulator, product, module)
        stack.forget()
        stack.up(program)
        assert count(emulator) == 4
        assert shown(stack)["state"] == "live"


def publish_part(emulator: Serving, product: str, module: str) -> None:
    """As other tools do it: one module of the offer and of its plans, to preview and live."""
    branches = [each for each in emulator.state()["branches"] if each["module"] == module]
    pairs = {
        each.get("variantID", ""): {"type": module, "value": each["currentDraftInstanceID"]}
        for each in branches
    }
    request = {
        "resourceType": "SubmissionCreationRequest",
        "targets": [{"type": "Scope", "value": "preview"}],
        "resources": [pairs.pop("")],
        "variantResources": [{"variantID": plan, "resources": [pair]} for plan, pair in pairs.items()],
    }
    path = f"/v1.0/ingestion/products/{product}/submissions"
    made = emulator.client.post(path, json=request)
    assert made.status_code == 201, made.text
    assert emulator.client.post(f"{path}/{made.json()['id']}/promote").status_code == 200


class TestEndings:
    @pytest.mark.parametrize("state", ["Archived", "RolledBack"])
    def test_what_was_put_away_is_in_nobodys_way(
        self, state: str, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(program)
        run = newest(emulator)
        emulator.portal(SUBMISSION.format(**run), state=state)
        stack.up(changed(program, "listing", title="Contoso Vault"))
        assert count(emulator) == 2
        assert shown(stack)["state"] == "preview"

    def test_one_that_vanishes_while_it_is_waited_for_was_cancelled_and_the_run_fails(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        emulator.decide("validation", "hold")
        emulator.fault(r"GET .*/submissions/[0-9]+\?", status=404)
        emulator.fault(r"GET .*/submissions\?", status=200, body={"value": []}, after=1)
        with pytest.raises(Rejected, match="was cancelled before it reached its target"):
            stack.up(program)
        emulator.decide("validation", "pass")
        stack.up(program)
        assert shown(stack)["state"] == "preview"

    def test_a_404_on_one_that_the_list_has_concludes_nothing(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        emulator.fault(r"GET .*/submissions/[0-9]+", status=404, times=0)
        stack.up(changed(program, "submission", target="live"))
        assert shown(stack)["state"] == "live"
        assert count(emulator) == 1

    def test_one_that_the_portal_cancels_while_it_is_waited_for_fails_the_run(
        self, program: Program, stack: Stack, emulator: Serving, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        emulator.decide("validation", "hold")

        def cancel_in_the_portal(_: float) -> None:
            assert emulator.client.delete(SUBMISSION.format(**newest(emulator))).status_code == 204

        monkeypatch.setattr(client, "ApiClient", functools.partial(ApiClient, sleep=cancel_in_the_portal))
        with pytest.raises(Rejected, match="was cancelled before") as told:
            stack.up(changed(program, "submission", wait_minutes=60))
        assert "run `pulumi up` again" in str(told.value)
        assert_readable(told.value)

    def test_one_that_is_put_away_while_it_is_waited_for_fails_the_run(
        self, program: Program, stack: Stack, emulator: Serving, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        emulator.decide("validation", "hold")

        def put_away(_: float) -> None:
            emulator.portal(SUBMISSION.format(**newest(emulator)), state="Archived")

        monkeypatch.setattr(client, "ApiClient", functools.partial(ApiClient, sleep=put_away))
        with pytest.raises(Rejected, match="was put away by the service before") as raised:
            stack.up(changed(program, "submission", wait_minutes=60))
        assert "run `pulumi up` again" in str(raised.value)
        assert_readable(raised.value)

    @pytest.mark.parametrize("answer", [404, 409])
    def test_one_that_is_there_and_cannot_be_cancelled_is_no_success(
        self, answer: int, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        emulator.decide("validation", "hold")
        stack.up(program)
        emulator.fault("DELETE .*/submissions/", status=answer)
        rest = {name: each for name, each in program.items() if name != "submission"}
        with pytest.raises((Conflict, ContractError), match="cancel"):
            stack.up(rest)
        assert "submission" in stack.state

    def test_a_promotion_that_answers_404_is_not_taken_for_gone(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        emulator.fault("promote", status=404, times=0)
        with pytest.raises(ContractError, match="the offer is there and this is not"):
            stack.up(changed(program, "submission", target="live"))
        emulator.unfault()
        stack.up(changed(program, "submission", target="live"))
        assert shown(stack)["state"] == "live"

    def test_a_lost_promotion_whose_certification_failed_already_fails_the_run(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        emulator.decide("certification", "fail")
        emulator.fault("promote", drop="after")
        with pytest.raises(Rejected, match="failed in certification"):
            stack.up(changed(program, "submission", target="live"))
        assert sum(each["path"].endswith("/promote") for each in emulator.requests()) == 1

    @pytest.mark.parametrize("minutes", [0, 60])
    @pytest.mark.parametrize("stage", ["validation", "certification"])
    def test_every_run_fails_as_long_as_its_content_has_failed(
        self, stage: str, minutes: int, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        """Also the run that only finds it."""
        emulator.decide(stage, "hold")
        going_live = changed(program, "submission", target="live", wait_minutes=minutes)
        stack.up(going_live)
        emulator.decide(stage, "fail")
        for _ in range(2):
            with pytest.raises(Rejected, match=f"failed in {stage}"):
                stack.up(going_live)
            stack.refresh()
            assert shown(stack)["state"] == "failed"
        assert count(emulator) == 1

    def test_one_that_cannot_be_cancelled_says_what_to_do(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        """It stays in the state, so that the next run does what it can then."""
        emulator.decide("validation", "hold")
        stack.up(program)
        emulator.fault("DELETE .*/submissions/", status=409)
        rest = {name: each for name, each in program.items() if name != "submission"}
        with pytest.raises(Conflict, match="wait until it has ended"):
            stack.up(rest)
        assert stack.up(rest) == {"submission": "delete"}
        assert newest(emulator)["state"] == "Cancelled"

    def test_one_that_reached_its_preview_meanwhile_stays(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        emulator.decide("validation", "hold")
        stack.up(program)
        run = newest(emulator)
        body = {"value": [{name: value for name, value in run.items() if name != "productID"}]}
        emulator.decide("validation", "pass")
        emulator.fault(r"GET .*/submissions\?", status=200, body=body)
        rest = {name: each for name, each in program.items() if name != "submission"}
        assert stack.up(rest) == {"submission": "delete"}
        assert newest(emulator)["substate"] == "ReadyToPublish"


class TestWords:
    def test_what_is_live_does_not_go_to_preview_when_a_program_asks_for_less(
        self, program: Program, stack: Stack, capsys: pytest.CaptureFixture[str]
    ) -> None:
        going_live = changed(program, "submission", target="live")
        stack.up(going_live)
        stack.up(going_live)
        capsys.readouterr()
        assert stack.preview(program) == {"submission": "update"}
        told = capsys.readouterr().out
        assert "is live: nothing is published" in told
        assert "to preview" not in told


class TestNotes:
    @pytest.mark.parametrize(
        "notes", ["One.\nTwo.", " Mind the gap. ", "[content 0123456789abcdef]", "é" * 5000]
    )
    def test_the_same_notes_publish_nothing_however_the_service_keeps_them(
        self, notes: str, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        emulator.decide("validation", "fail")
        noted = changed(program, "submission", notes=notes)
        with pytest.raises(Rejected):
            stack.up(noted)
        run = newest(emulator)
        kept = run["publishOption"]["certificationNotes"].replace("\n", "\r\n") + "\r\n"
        emulator.portal(
            SUBMISSION.format(**run), publishOption={**run["publishOption"], "certificationNotes": kept}
        )
        with pytest.raises(Rejected):
            stack.up(noted)
        assert count(emulator) == 1
        stack.up(changed(program, "submission", notes=f"{notes} Again."))
        assert shown(stack)["state"] == "preview"


class TestFailuresOverWhatIsLive:
    """What is live stays live while others fail after it: refresh and `up` go by the same submission."""

    def go_live(self, stack: Stack, program: Program) -> Program:
        going_live = changed(program, "submission", target="live")
        stack.up(going_live)
        stack.up(going_live)
        assert shown(stack)["state"] == "live"
        return going_live

    def test_a_failed_change_that_was_taken_back_leaves_no_drift(
        self, program: Program, stack: Stack, emulator: Serving, capsys: pytest.CaptureFixture[str]
    ) -> None:
        going_live = self.go_live(stack, program)
        emulator.decide("validation", "fail")
        with pytest.raises(Rejected):
            stack.up(changed(going_live, "listing", title="Contoso Blue"))
        stack.up(going_live)
        capsys.readouterr()
        for _ in range(2):
            assert stack.refresh() == {}
            assert stack.preview(going_live) == {}
            assert stack.up(going_live) == {}
        assert (shown(stack)["state"], count(emulator)) == ("live", 2)
        assert "is not what this stack sent" not in capsys.readouterr().out

    @pytest.mark.parametrize("mark", ["kept", "lost"])
    def test_what_the_portal_submitted_in_vain_leaves_no_drift(
        self, mark: str, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        """Also where the live one carries no mark: the state knows what it holds."""
        going_live = self.go_live(stack, program)
        if mark == "lost":
            option = {**newest(emulator)["publishOption"], "certificationNotes": "by hand"}
            emulator.portal(SUBMISSION.format(**newest(emulator)), publishOption=option)
        emulator.publish(newest(emulator)["productID"])
        live, failed = emulator.state()["submissions"]
        emulator.portal(SUBMISSION.format(**live), state="Published", substate="InStore")
        emulator.portal(SUBMISSION.format(**failed), state="InProgress", substate="Failed")
        assert stack.refresh() == {}
        assert shown(stack)["submission"] == live["id"]
        assert stack.preview(going_live) == {}
        assert stack.up(going_live) == {}

    def test_what_is_live_without_a_mark_is_known_by_the_state_while_the_drafts_differ(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        going_live = self.go_live(stack, program)
        live = newest(emulator)
        option = {**live["publishOption"], "certificationNotes": "by hand"}
        emulator.portal(SUBMISSION.format(**live), publishOption=option)
        emulator.decide("validation", "fail")
        with pytest.raises(Rejected):
            stack.up(changed(going_live, "listing", title="Contoso Blue"))
        stack.refresh()
        assert (shown(stack)["submission"], shown(stack)["state"]) == (live["id"], "live")
        assert stack.up(going_live) == {"listing": "update"}
        assert count(emulator) == 2

    def test_a_preview_over_what_is_live_counts_and_a_change_that_was_taken_back_goes_out(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        self.go_live(stack, program)
        stack.up(changed(program, "listing", title="Contoso Blue"))
        preview = newest(emulator)
        assert preview["substate"] == "ReadyToPublish"
        stack.refresh()
        assert shown(stack)["submission"] == preview["id"]
        stack.up(program)
        assert (shown(stack)["state"], count(emulator)) == ("preview", 3)

    def test_what_failed_over_a_preview_counts_and_the_preview_goes_out_again(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        """Only what is live stays as it is when others fail after it."""
        stack.up(program)
        preview = newest(emulator)
        emulator.decide("validation", "fail")
        with pytest.raises(Rejected):
            stack.up(changed(program, "listing", title="Contoso Blue"))
        emulator.portal(SUBMISSION.format(**preview), state=preview["state"], substate=preview["substate"])
        stack.refresh()
        assert shown(stack)["submission"] == newest(emulator)["id"]
        stack.up(program)
        assert (shown(stack)["state"], count(emulator)) == ("preview", 3)

    def test_a_failed_change_is_still_due_and_fails_again(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        going_live = self.go_live(stack, program)
        emulator.decide("validation", "fail")
        bluer = changed(going_live, "listing", title="Contoso Blue")
        for _ in range(2):
            with pytest.raises(Rejected):
                stack.up(bluer)
            stack.refresh()
            assert stack.preview(bluer)["submission"] == "update"
        assert count(emulator) == 2


class TestOrder:
    def test_submissions_are_oldest_first_whatever_order_the_service_lists(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(program)
        stack.up(changed(program, "listing", title="Contoso Vault"))
        stack.up(program)
        runs = [
            {name: value for name, value in each.items() if name != "productID"}
            for each in emulator.state()["submissions"]
        ]
        for order in itertools.permutations(runs):
            emulator.unfault()
            emulator.fault(r"GET .*/submissions\?", status=200, body={"value": list(order)}, times=0)
            assert stack.refresh() == {}
            assert shown(stack)["submission"] == runs[-1]["id"]
            assert stack.up(program) == {}
        assert count(emulator) == 3

    def test_the_number_of_a_release_counts_before_the_id(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(program)
        (run,) = emulator.state()["submissions"]
        older = {**run, "id": "200", "releaseNumber": 1, "state": "Archived"}
        newer = {**run, "id": "100", "releaseNumber": 2}
        for order in ([older, newer], [newer, older]):
            emulator.unfault()
            emulator.fault(r"GET .*/submissions\?", status=200, body={"value": order}, times=0)
            stack.refresh()
            assert shown(stack)["submission"] == "100"

    def test_equal_numbers_are_told_apart_by_the_ids_value(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        """A service that counts releases only once they are out; ids are decimal, of any length."""
        stack.up(program)
        (run,) = emulator.state()["submissions"]
        older = {**run, "id": "99", "state": "Archived"}
        newer = {**run, "id": "100"}
        for order in ([older, newer], [newer, older]):
            emulator.unfault()
            emulator.fault(r"GET .*/submissions\?", status=200, body={"value": order}, times=0)
            stack.refresh()
            assert shown(stack)["submission"] == "100"


class TestPatience:
    def test_waiting_for_another_and_for_ones_own_preview_is_one_budget(
        self, program: Program, stack: Stack, emulator: Serving, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        emulator.decide("validation", "hold")
        stack.up(program)
        slept: list[float] = []

        def sleep(seconds: float) -> None:
            """The other one ends after six minutes; what comes after it is held for ever."""
            before = sum(slept)
            slept.append(seconds)
            if before < 360 <= sum(slept):
                emulator.decide("validation", "pass")
                emulator.decide("validation", "hold")

        clock = types.SimpleNamespace(monotonic=lambda: sum(slept))
        monkeypatch.setattr("pulumi_partnercenter.kinds.submission.time", clock)
        monkeypatch.setattr(client, "ApiClient", functools.partial(ApiClient, sleep=sleep))
        other = changed(program, "listing", title="Contoso Vault")
        stack.up(changed(other, "submission", wait_minutes=10))
        assert shown(stack)["state"] == "on the way to preview"
        assert count(emulator) == 2
        assert 600 <= sum(slept) <= 600 + 31

    def test_nobody_waits_for_the_certification_of_another(
        self, program: Program, stack: Stack, emulator: Serving, pauses: list[float]
    ) -> None:
        emulator.decide("certification", "hold")
        going_live = changed(program, "submission", target="live", wait_minutes=60)
        stack.up(going_live)
        pauses.clear()
        with pytest.raises(JobTimeout, match="is in certification"):
            stack.up(changed(going_live, "listing", title="Contoso Vault"))
        assert sum(pauses) < 60
        assert count(emulator) == 1


class TestWhoseSubmission:
    def drafts(self, program: Program) -> Program:
        return {name: each for name, each in program.items() if name != "submission"}

    def test_destroy_leaves_what_the_portal_submitted(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(program)
        emulator.decide("validation", "hold")
        submit_all(emulator, newest(emulator), notes="by hand")
        stack.refresh()
        assert stack.up(self.drafts(program)) == {"submission": "delete"}
        assert newest(emulator)["state"] == "InProgress"

    def test_destroy_leaves_what_another_program_submitted(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        """It carries a mark, and not of what this stack publishes."""
        stack.up(program)
        emulator.decide("validation", "hold")
        submit_all(emulator, newest(emulator), notes="[content 0123456789abcdef]")
        stack.refresh()
        assert shown(stack)["submission"] == newest(emulator)["id"]
        assert stack.up(self.drafts(program)) == {"submission": "delete"}
        assert newest(emulator)["state"] == "InProgress"

    def test_destroy_cancels_its_own(self, program: Program, stack: Stack, emulator: Serving) -> None:
        emulator.decide("validation", "hold")
        stack.up(program)
        assert stack.up(self.drafts(program)) == {"submission": "delete"}
        assert newest(emulator)["state"] == "Cancelled"

    def test_destroy_cancels_the_newest_of_its_own(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(program)
        emulator.decide("validation", "hold")
        later = changed(program, "listing", title="Contoso Vault")
        stack.up(later)
        first, second = emulator.state()["submissions"]
        assert stack.up(self.drafts(later)) == {"submission": "delete"}
        assert newest(emulator) == second | {"state": "Cancelled", "substate": "Cancelled"}
        assert emulator.state()["submissions"][0] == first

    def test_destroy_with_a_state_that_does_not_name_what_was_published_cancels_nothing(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(program)
        emulator.decide("validation", "hold")
        submit_all(emulator, newest(emulator), notes="by hand")
        del stack.state["submission"].outputs["publishes"]
        stack.up(self.drafts(program))
        assert newest(emulator)["state"] == "InProgress"

    @pytest.mark.parametrize("standing", ["preview", "in certification", "live"])
    def test_destroy_asks_for_no_cancellation_of_what_was_in_a_preview(
        self, standing: str, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        if standing == "in certification":
            emulator.decide("certification", "hold")
        stack.up(changed(program, "submission", target="preview" if standing == "preview" else "live"))
        assert shown(stack)["state"] == standing
        emulator.clear()
        assert stack.up(self.drafts(program)) == {"submission": "delete"}
        assert [request for request in emulator.requests() if request["method"] != "GET"] == []


def submit_all(emulator: Serving, like: dict[str, Any], notes: str) -> None:
    """Submit the present drafts of the modules and plans that another submission had."""
    product = like["productID"]
    instances = {
        (each.get("variantID", ""), each["module"]): each["currentDraftInstanceID"]
        for each in emulator.state()["branches"]
    }

    def present(variant: str, resources: list[dict[str, str]]) -> list[dict[str, str]]:
        return [
            {**each, "value": instances.get((variant, each["type"]), each["value"])} for each in resources
        ]

    request = {
        "resourceType": "SubmissionCreationRequest",
        "targets": [{"type": "Scope", "value": "preview"}],
        "resources": present("", like["resources"]),
        "variantResources": [
            {**plan, "resources": present(plan["variantID"], plan["resources"])}
            for plan in like["variantResources"]
        ],
        "publishOption": {"isManualPublish": True, "certificationNotes": notes},
    }
    made = emulator.client.post(f"/v1.0/ingestion/products/{product}/submissions", json=request)
    assert made.status_code == 201, made.text


class TestWhatOthersSubmitted:
    """A refresh finds what went out without the state's knowledge, and the next run puts it right."""

    def test_a_killed_run_whose_change_was_taken_back(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        going_live = changed(program, "submission", target="live")
        stack.up(going_live)
        stack.up(going_live)
        emulator.fault("promote", drop="after")
        emulator.fault("workflowdetails", drop="before", times=0)
        with pytest.raises(Unavailable):
            stack.up(changed(going_live, "listing", title="Contoso Vault"))
        emulator.unfault()
        assert stack.up(going_live) == {"listing": "update"}
        assert stack.refresh() == {}
        assert stack.preview(going_live) == {"submission": "update"}
        stack.up(going_live)
        stack.up(going_live)
        assert shown(stack)["state"] == "live"
        assert count(emulator) == 3
        assert stack.up(going_live) == {}

    def test_the_same_from_the_portal_is_compared_and_left_alone(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(program)
        emulator.publish(newest(emulator)["productID"])
        stack.refresh()
        assert stack.up(program) == {"submission": "update"}
        assert stack.up(program) == {}
        assert count(emulator) == 2

    def test_a_change_that_the_portal_published_is_repaired_and_published(
        self, program: Program, stack: Stack, emulator: Serving, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stack.up(program)
        product = newest(emulator)["productID"]
        drafts = [each for each in emulator.state()["listings"] if each["stage"] == "draft"]
        (listing,) = [each for each in drafts if "variantID" not in each]
        emulator.portal(f"/v1.0/ingestion/products/{product}/listings/{listing['id']}", title="By hand")
        emulator.publish(product)
        assert stack.refresh() == {"listing": ["title"]}
        assert stack.up(program) == {"listing": "update", "submission": "update"}
        assert "is not what this stack sent" in capsys.readouterr().out
        assert count(emulator) == 3
        assert stack.up(program) == {}
