"""`status`: progress of the newest submission, once or with `--watch`."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from typing import IO

import pytest
from provider.tools.emulators import RunningEmulator
from provider.tools.hangs import HANG_SECONDS
from tests.cli.command import Command
from tests.cli.publisher import OFFER, Publisher

from pulumi_partnercenter import Rejected

FINDING = {"errorCode": "Policy-100", "severity": "Error", "message": "Too blue.", "resource": "Listing"}
SOON = ("--watch", "--interval", "0.05")
REPEAT_SECONDS = 20


def read_until(stream: IO[str] | None, text: str) -> list[str]:
    """Return the lines up to the first that contains `text`."""
    assert stream
    lines: list[str] = []
    for line in stream:
        lines.append(line.rstrip("\n"))
        if text in line:
            return lines
    raise AssertionError(f"the output ended without {text!r}: {lines}")


def publish_rejected(publisher: Publisher, emulator: RunningEmulator) -> None:
    emulator.decide("validation", "fail", items=[FINDING])
    with pytest.raises(Rejected):
        publisher.publish_preview()


class TestSingleStatus:
    def test_status_of_a_draft_says_that_it_was_never_submitted(
        self, publisher: Publisher, partnercenter: Command
    ) -> None:
        assert "draft; nothing was ever submitted" in partnercenter("status", OFFER).expect_success().out
        partnercenter("status", OFFER, "--watch").expect_failure()

    def test_each_publishing_step_has_a_line_with_its_times(
        self, publisher: Publisher, partnercenter: Command
    ) -> None:
        publisher.publish_preview()
        headline, columns, *steps = partnercenter("status", OFFER).expect_success().out.splitlines()
        assert headline.startswith(f"{OFFER}: preview (release 1, submission ")
        assert columns.split() == ["ENVIRONMENT", "STEP", "STATE", "STARTED", "TOOK"]
        assert [line.split("  ")[0] for line in steps] == ["Preview"] * 3 + ["Live"] * 2
        assert steps[0].split()[-2].endswith("Z")
        assert steps[0].endswith("0:00:00")
        assert "InProgress" in steps[2]

    def test_json_has_the_outputs_of_the_submission(
        self, publisher: Publisher, partnercenter: Command
    ) -> None:
        publisher.publish_preview()
        status = partnercenter("status", OFFER, "--json").expect_success().json()
        assert (status["offer"], status["product"], status["state"]) == (OFFER, publisher.product, "preview")
        assert status["release_number"] == 1
        assert status["submission"] == publisher.stack.state["submission"].outputs["submission"]
        assert status["steps"] == publisher.stack.state["submission"].outputs["steps"]

    def test_findings_of_a_failed_submission_are_listed(
        self, publisher: Publisher, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        publish_rejected(publisher, emulator)
        output = partnercenter("status", OFFER).expect_success().out
        assert f"{OFFER}: failed" in output
        assert "Listing Policy-100: Too blue." in output
        assert "Listing Policy-100: Too blue." in partnercenter("status", OFFER, "--json").json()["findings"]

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("options", [[], ["--json"], ["--watch"]])
    def test_addresses_of_reports_are_printed_without_their_signature(
        self, options: list[str], publisher: Publisher, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        publisher.publish_preview()
        uri = "https://blobs.example.com/reports/1.txt"
        report = {"status": "Passed", "fileUri": f"{uri}?sv=1&sig=planted-signature"}
        emulator.fault("/reports", status=200, body={"value": [report]})
        output = partnercenter("status", OFFER, *options).expect_success().out
        assert f"report (Passed): {uri}" in output
        assert "planted" not in output

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("options", [[], ["--watch"]])
    def test_control_characters_of_findings_are_not_printed(
        self, options: list[str], publisher: Publisher, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        emulator.decide("validation", "fail", items=[{**FINDING, "message": "Bad\x1b[2J\nnews"}])
        with pytest.raises(Rejected):
            publisher.publish_preview()
        result = partnercenter("status", OFFER, *options)
        assert "\x1b" not in result.out
        assert "Bad\N{REPLACEMENT CHARACTER}[2J" in result.out

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("options", [[], ["--json"]])
    def test_an_unknown_offer_is_a_readable_error(self, options: list[str], partnercenter: Command) -> None:
        result = partnercenter("status", "contoso-nothing", *options).expect_failure()
        assert result.out == ""
        assert "there is no such offer" in result.err

    @pytest.mark.sample(2)
    @pytest.mark.parametrize(
        ("fault", "message"),
        [
            ({"status": 401}, "not accepted (401)"),
            ({"status": 403}, "role Manager"),
            ({"status": 500, "times": 0}, "refused (500)"),
            ({"status": 200, "headers": {"content-type": "text/html"}, "body": "<html>"}, "not JSON"),
        ],
        ids=["401", "403", "500", "HTML"],
    )
    def test_a_refused_request_is_reported_in_up_to_three_lines(
        self, fault: dict[str, object], message: str, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        emulator.fault("/products", **fault)
        result = partnercenter("status", OFFER, "--json").expect_failure()
        assert result.out == ""
        assert message in result.err
        assert len(result.err.splitlines()) <= 3


def interrupt(process: subprocess.Popen[str]) -> str:
    """Send SIGINT repeatedly, because Python may lose a signal during object clean-up. Return stderr."""
    for _ in range(5):
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=REPEAT_SECONDS)[1]
    raise AssertionError("the process did not end after SIGINT")


class TestWatch:
    def test_watch_ends_when_the_preview_is_published(
        self, publisher: Publisher, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        emulator.decide("validation", "hold")
        publisher.publish_preview()
        with partnercenter.start("status", OFFER, *SOON) as process:
            first_lines = read_until(process.stdout, "Live  Publish")
            emulator.decide("validation", "pass")
            output, errors = process.communicate(timeout=HANG_SECONDS)
        assert process.returncode == 0, errors
        assert "on the way to preview" in first_lines[0]
        assert any("Automated validation  InProgress" in line for line in first_lines)
        last_lines = output.splitlines()
        # A read of the progress takes several requests: the step may end before the submission is read again.
        assert [line.startswith(f"{OFFER}: preview (") for line in last_lines if line.startswith(OFFER)] == [
            True
        ]
        assert any("Automated validation  Success" in line for line in last_lines)
        assert len(set(first_lines + last_lines)) == len(first_lines + last_lines), (
            "a line is appended for what is new only"
        )

    def test_watch_ends_with_exit_code_1_after_a_failure(
        self, publisher: Publisher, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        emulator.decide("validation", "hold")
        publisher.publish_preview()
        with partnercenter.start("status", OFFER, *SOON) as process:
            read_until(process.stdout, "Live  Publish")
            emulator.decide("validation", "fail", items=[FINDING])
            output, _ = process.communicate(timeout=HANG_SECONDS)
        assert process.returncode == 1
        assert "failed" in output
        assert "Listing Policy-100: Too blue." in output

    @pytest.mark.soak
    def test_watch_follows_certification_until_live(
        self, publisher: Publisher, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        publisher.publish_preview()
        emulator.decide("certification", "hold")
        publisher.change("submission", target="live")
        publisher.publish_preview()
        with partnercenter.start("status", OFFER, *SOON) as process:
            assert "in certification" in read_until(process.stdout, "Live  Publish")[0]
            emulator.decide("certification", "pass")
            output, _ = process.communicate(timeout=HANG_SECONDS)
        assert process.returncode == 0
        assert f"{OFFER}: live (" in output

    @pytest.mark.soak
    def test_watch_with_json_prints_only_the_final_status(
        self, publisher: Publisher, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        publisher.publish_preview()
        status = partnercenter("status", OFFER, *SOON, "--json").expect_success().json()
        assert status["state"] == "preview"

    def test_watch_retries_after_a_server_error(
        self, publisher: Publisher, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        emulator.decide("validation", "hold")
        publisher.publish_preview()
        with partnercenter.start("status", OFFER, *SOON) as process:
            read_until(process.stdout, "Live  Publish")
            emulator.fault("/submissions", status=500)
            assert "refused (500); asking again" in read_until(process.stderr, "asking again")[-1]
            emulator.decide("validation", "pass")
            process.communicate(timeout=HANG_SECONDS)
        assert process.returncode == 0

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("handler", [signal.SIG_DFL, signal.SIG_IGN], ids=["terminal", "background job"])
    def test_an_interrupted_watch_ends_with_exit_code_130_and_one_line(
        self,
        handler: signal.Handlers,
        publisher: Publisher,
        emulator: RunningEmulator,
        partnercenter: Command,
        request: pytest.FixtureRequest,
    ) -> None:
        """The result is the same in a terminal and as a background job."""
        previous_handler = signal.signal(signal.SIGINT, handler)
        request.addfinalizer(lambda: signal.signal(signal.SIGINT, previous_handler))
        emulator.decide("validation", "hold")
        publisher.publish_preview()
        with partnercenter.start("status", OFFER, *SOON) as process:
            read_until(process.stdout, "Live  Publish")
            errors = interrupt(process)
        assert process.returncode == 130
        assert errors == "interrupted\n"

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("interval", ["0", "-1", "1", "soon"])
    def test_an_interval_too_short_for_the_real_service_is_refused(
        self, interval: str, partnercenter: Command
    ) -> None:
        environment = {"PARTNERCENTER_ENDPOINT": "", "PARTNERCENTER_ACCESS_TOKEN": "a.b.c"}
        partnercenter("status", OFFER, "--watch", "--interval", interval, **environment).expect_failure(2)


class TestTerminal:
    @pytest.fixture
    def partnercenter_with_preview(self, publisher: Publisher, partnercenter: Command) -> Command:
        publisher.publish_preview()
        return partnercenter

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("options", [[], ["--watch"]])
    def test_states_are_coloured_on_a_terminal(
        self, options: list[str], partnercenter_with_preview: Command
    ) -> None:
        output = partnercenter_with_preview.run_on_terminal("status", OFFER, *options).expect_success().out
        assert "\x1b[32mSuccess" in output
        assert "\x1b[32mpreview" in output

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("options", [[], ["--watch"]])
    def test_no_color_turns_colours_off(
        self, options: list[str], partnercenter_with_preview: Command
    ) -> None:
        assert (
            "\x1b[32m"
            not in partnercenter_with_preview.run_on_terminal("status", OFFER, *options, NO_COLOR="1")
            .expect_success()
            .out
        )

    @pytest.mark.soak
    def test_json_is_never_coloured(self, partnercenter_with_preview: Command) -> None:
        output = partnercenter_with_preview.run_on_terminal("status", OFFER, "--json").expect_success().out
        # Progress precedes the document, because both go to the terminal.
        document = output[output.index("{") :]
        assert "\x1b" not in document
        assert '"state": "preview"' in document
