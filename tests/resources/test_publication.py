"""Publishing: each `up` goes as far as the service allows, and only changed content goes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import Serving
from tests.resources import samples
from tests.resources.card import Operation, Subject
from tests.resources.complete import complete, files, publishing
from tests.resources.harness import Declared, Program, Ref, Stack

from pulumi_partnercenter import CosellListing, JobTimeout, Rejected, Submission

FAILED = {"errorCode": "Policy-100", "severity": "Error", "message": "Too blue.", "resource": "Listing"}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return files(tmp_path_factory.mktemp("offer") / "assets")


@pytest.fixture
def program(folder: Path) -> Program:
    return complete(folder)


def changed(program: Program, name: str, **arguments: Any) -> dict[str, Declared]:
    return {
        **program,
        name: replace(program[name], arguments={**program[name].arguments, **arguments}),
    }


def live(program: Program) -> dict[str, Declared]:
    return changed(program, "submission", target="live")


def outputs(stack: Stack) -> Mapping[str, Any]:
    return stack.state["submission"].outputs


def runs(emulator: Serving) -> list[tuple[str, str]]:
    """State and substate of every submission, oldest first."""
    return [(each["state"], each["substate"]) for each in emulator.state()["submissions"]]


def posts(emulator: Serving) -> int:
    return sum(
        each["method"] == "POST" and each["path"].endswith("/submissions") for each in emulator.requests()
    )


class TestAdvancing:
    def test_an_empty_account_is_in_preview_after_one_run(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        assert stack.up(program)["submission"] == "create"
        assert outputs(stack)["state"] == "preview"
        assert [step["state"] for step in outputs(stack)["steps"] if step["environment"] == "Preview"][
            :2
        ] == [
            "Success",
            "Success",
        ]

    def test_a_second_run_asks_and_writes_nothing(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(program)
        emulator.clear()
        assert stack.preview(program) == {}
        assert stack.up(program) == {}
        assert emulator.requests() == []

    def test_live_is_reached_when_the_program_says_so(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(program)
        assert stack.up(live(program)) == {"submission": "update"}
        assert stack.up(live(program)) in ({}, {"submission": "update"})
        assert outputs(stack)["state"] == "live"
        assert stack.up(live(program)) == {}
        assert posts(emulator) == 1

    def test_live_in_one_go(self, program: Program, stack: Stack) -> None:
        stack.up(live(program))
        stack.up(live(program))
        assert outputs(stack)["state"] == "live"

    def test_a_change_is_published_and_a_new_name_is_not(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(program)
        assert stack.up(changed(program, "listing", title="Contoso Vault")) == {
            "listing": "update",
            "submission": "update",
        }
        assert posts(emulator) == 2
        sends = [f"{label} renamed" for label in program["submission"].arguments["sends"]]
        reordered = list(reversed(program["submission"].arguments["publishes"]))
        renamed = changed(
            changed(program, "listing", title="Contoso Vault"), "submission", sends=sends, publishes=reordered
        )
        assert stack.up(renamed) == {}
        assert posts(emulator) == 2

    def test_a_lost_state_publishes_nothing_again(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(program)
        stack.forget()
        stack.up(program)
        assert posts(emulator) == 1
        assert outputs(stack)["state"] == "preview"

    def test_content_that_somebody_else_published_is_recognised(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        """Without a digest in its notes every document is compared with what was sent."""
        stack.up(live(program))
        (run,) = emulator.state()["submissions"]
        product = run["productID"]
        option = {**run["publishOption"], "certificationNotes": "by hand"}
        emulator.portal(f"/v1.0/ingestion/products/{product}/submissions/{run['id']}", publishOption=option)
        stack.forget()
        stack.up(live(program))
        assert posts(emulator) == 1
        stack.forget()
        stack.up(changed(live(program), "listing", adopt=True, title="Contoso Vault"))
        assert posts(emulator) == 2


class TestWhatGoesOut:
    def test_modules_that_the_program_manages_go_along(
        self, folder: Path, stack: Stack, emulator: Serving
    ) -> None:
        parts = {name: each for name, each in complete(folder).items() if name != "submission"}
        sellers = Declared(CosellListing, {"offer": Ref("offer"), "platforms": ["Azure"]})
        for also in ({}, {"sellers": sellers}):
            program = {**parts, **also}
            stack.up({**program, "submission": publishing(program)})
        first, second = (
            {each["type"] for each in run["resources"]} for run in emulator.state()["submissions"]
        )
        assert second - first == {"Cosell"}

    def test_inactive_plans_stay_at_home(self, folder: Path, stack: Stack, emulator: Serving) -> None:
        stack.up(changed(complete(folder, "gold", "silver"), "silver", state="Inactive"))
        (run,) = emulator.state()["submissions"]
        (sent,) = run["variantResources"]
        assert sent["variantID"] == stack.state["gold"].id.split("/")[1]


class TestWaiting:
    def test_what_is_held_is_looked_at_again(self, program: Program, stack: Stack, emulator: Serving) -> None:
        emulator.decide(stage="validation", outcome="hold")
        stack.up(program)
        assert outputs(stack)["state"] == "on the way to preview"
        assert stack.preview(program) == {"submission": "update"}
        assert stack.up(program) == {"submission": "update"}
        emulator.decide(stage="validation", outcome="pass")
        stack.up(program)
        assert outputs(stack)["state"] == "preview"
        assert posts(emulator) == 1

    def test_other_content_waits_for_what_runs(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        emulator.decide(stage="validation", outcome="hold")
        stack.up(program)
        other = changed(program, "listing", title="Contoso Vault")
        with pytest.raises(JobTimeout, match="on the way to preview"):
            stack.up(other)
        emulator.decide(stage="validation", outcome="pass")
        stack.up(other)
        assert posts(emulator) == 2
        assert outputs(stack)["state"] == "preview"

    def test_nobody_waits_for_certification(
        self, program: Program, stack: Stack, emulator: Serving, pauses: list[float]
    ) -> None:
        emulator.decide(stage="certification", outcome="hold")
        patient = changed(live(program), "submission", target="live", wait_minutes=60)
        stack.up(patient)
        assert outputs(stack)["state"] == "in certification"
        with pytest.raises(JobTimeout, match="in certification") as told:
            stack.up(changed(patient, "listing", title="Contoso Vault"))
        assert "cancel" not in str(told.value)
        assert sum(pauses) == 0

    def test_what_was_cancelled_in_the_portal_is_submitted_again(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        emulator.decide(stage="validation", outcome="hold")
        stack.up(program)
        (run,) = emulator.state()["submissions"]
        path = f"/v1.0/ingestion/products/{run['productID']}/submissions/{run['id']}"
        emulator.client.delete(path).raise_for_status()
        stack.up(program)
        assert outputs(stack)["state"] == "preview"
        assert posts(emulator) == 2

    def test_destroy_cancels_what_runs(self, program: Program, stack: Stack, emulator: Serving) -> None:
        emulator.decide(stage="validation", outcome="hold")
        stack.up(program)
        stack.destroy()
        assert emulator.state()["products"] == []

    def test_a_submission_taken_out_of_the_program_leaves_the_preview(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(program)
        before = runs(emulator)
        rest = {name: each for name, each in program.items() if name != "submission"}
        assert stack.up(rest) == {"submission": "delete"}
        assert runs(emulator) == before


class TestFailing:
    def test_a_failed_validation_tells_every_finding_and_whom_it_is_about(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        poor = changed(changed(program, "listing", contacts=[]), "audience", subscriptions=[])
        with pytest.raises(Rejected) as told:
            stack.up(poor)
        text = str(told.value)
        assert "OfferListing listing" in text
        assert "PreviewAudience audience" in text
        assert len(told.value.findings) >= 3
        assert stack.up(program)["submission"] == "create"
        assert outputs(stack)["state"] == "preview"

    @pytest.mark.parametrize(
        ("module", "message", "named"),
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
    def test_a_finding_names_what_it_is_about_and_nothing_innocent(
        self, module: str, message: str, named: str, folder: Path, stack: Stack, emulator: Serving
    ) -> None:
        program = complete(folder, "gold", "silver")
        stack.up({name: each for name, each in program.items() if name != "submission"})
        stray = {"resourceType": "AzureSkuVariant", "externalID": "stray", "friendlyName": "Stray"}
        product = stack.state["offer"].id
        made = emulator.client.post(f"/v1.0/ingestion/products/{product}/variants", json=stray)
        assert made.status_code == 201, made.text
        found = {"errorCode": "X-1", "severity": "Error", "message": message, "resource": module}
        emulator.decide("validation", "fail", items=[found])
        with pytest.raises(Rejected) as told:
            stack.up(program)
        assert told.value.findings == [f"{module} X-1: {message}" + (f" (see {named})" if named else "")]

    def test_meters_without_a_technical_configuration_name_what_is_missing(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        meters = [{"id": "gb", "name": "Gigabytes", "unit": "GB", "price_in_usd": 0.1}]
        parts = {name: each for name, each in program.items() if name not in ("technical", "submission")}
        parts = changed(parts, "gold-pricing", meters=meters)
        with pytest.raises(Rejected) as told:
            stack.up({**parts, "submission": publishing(parts)})
        (finding,) = told.value.findings
        assert finding.startswith("Package Package-20007")
        assert "(see an OfferTechnicalConfiguration with tenant and application" in finding

    def test_unchanged_content_is_not_submitted_again_after_a_failure(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        emulator.decide(stage="certification", outcome="fail", items=[FAILED])
        for _ in range(3):
            with pytest.raises(Rejected, match=r"Policy-100: Too blue\.") as told:
                stack.up(live(program))
        assert "report" in str(told.value)
        assert posts(emulator) == 1
        stack.up(changed(live(program), "submission", target="live", notes="It is not blue."))
        assert posts(emulator) == 2
        stack.up(changed(live(program), "submission", target="live", notes="It is not blue."))
        assert outputs(stack)["state"] == "live"

    def test_what_is_live_stays_live_while_a_change_fails(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(live(program))
        stack.up(live(program))
        emulator.decide(stage="certification", outcome="fail", items=[FAILED])
        bluer = changed(live(program), "listing", title="Contoso Blue")
        with pytest.raises(Rejected):
            stack.up(bluer)
        assert ("Published", "InStore") in runs(emulator)
        stack.up(changed(live(program), "listing", title="Contoso Green"))
        stack.up(changed(live(program), "listing", title="Contoso Green"))
        assert outputs(stack)["state"] == "live"

    def test_what_is_live_and_wanted_again_is_not_submitted_again(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        """A change failed and was taken back: whoever looks at the newest submission alone would publish once more."""
        stack.up(live(program))
        emulator.decide(stage="validation", outcome="fail", items=[FAILED])
        with pytest.raises(Rejected):
            stack.up(changed(live(program), "listing", title="Contoso Blue"))
        del stack.state["submission"]
        assert stack.up(live(program)) == {"listing": "update", "submission": "create"}
        assert posts(emulator) == 2
        assert outputs(stack)["state"] == "live"


class TestWords:
    """What a preview says of a submission; a program's output goes to stdout."""

    def test_a_failure_that_was_found_by_a_refresh_is_told(
        self, program: Program, stack: Stack, emulator: Serving, capsys: pytest.CaptureFixture[str]
    ) -> None:
        emulator.decide(stage="validation", outcome="hold")
        stack.up(program)
        emulator.decide(stage="validation", outcome="fail", items=[FAILED])
        with stack.operation() as plugin:
            seen = plugin.read(stack.state["submission"])
        assert seen is not None
        stack.state["submission"] = seen
        capsys.readouterr()
        assert stack.preview(program) == {"submission": "update"}
        assert "failed: the same content goes out again only with other notes" in capsys.readouterr().out

    def test_a_submission_under_another_name_may_have_nothing_to_send(
        self, program: Program, stack: Stack, emulator: Serving, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stack.up(program)
        del stack.state["submission"]
        capsys.readouterr()
        stack.preview(program)
        assert "unless the service holds all of it already" in capsys.readouterr().out
        stack.up(program)
        assert posts(emulator) == 1


class Publishing(Subject):
    """Its answers are the service's, so that one run seldom is the last: an operation goes on until nothing is left."""

    kind = Submission

    def __init__(self) -> None:
        folder = samples.FOLDER / "publishing"
        self.program = complete(folder if folder.exists() else files(folder))

    def operations(self) -> dict[str, Operation]:
        drafts = {name: each for name, each in self.program.items() if name != "submission"}
        other = changed(self.program, "listing", title="Contoso Vault")
        return {
            "create": self.between(drafts, self.program),
            "update": self.between(self.program, live(self.program)),
            "other content": self.between(self.program, other),
            "read": Operation(lambda stack: stack.up(self.program), Stack.refresh),
            "delete": self.between(self.program, drafts),
        }

    def between(self, before: Program, after: Program) -> Operation:
        def until_nothing_is_left(stack: Stack) -> None:
            while stack.up(after):
                pass

        return Operation(lambda stack: stack.up(before), until_nothing_is_left)


class TestTrouble:
    def test_a_lost_answer_to_the_post_makes_no_second_one(
        self, program: Program, stack: Stack, emulator: Serving
    ) -> None:
        emulator.fault("POST .*/submissions$", drop="after")
        stack.up(program)
        assert len(runs(emulator)) == 1
        assert outputs(stack)["state"] == "preview"
