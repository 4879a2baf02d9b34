"""`status`: where publishing stands, and `--watch` until it has ended."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from pathlib import Path
from typing import IO

import pytest
from provider.tools.emulators import Serving
from tests.cli.command import Command
from tests.cli.published import OFFER, Publisher

from pulumi_partnercenter import Rejected

FINDING = {"errorCode": "Policy-100", "severity": "Error", "message": "Too blue.", "resource": "Listing"}
SOON = ("--watch", "--interval", "0.05")


@pytest.fixture
def publisher(emulator: Serving, tmp_path: Path) -> Publisher:
    return Publisher.of(emulator, tmp_path)


def until(stream: IO[str] | None, words: str) -> list[str]:
    """The lines up to the one with these words."""
    assert stream
    lines: list[str] = []
    for line in stream:
        lines.append(line.rstrip("\n"))
        if words in line:
            return lines
    raise AssertionError(f"it ended without {words!r}: {lines}")


def reject(publisher: Publisher, emulator: Serving) -> None:
    emulator.decide("validation", "fail", items=[FINDING])
    with pytest.raises(Rejected):
        publisher.preview()


class TestLook:
    def test_a_draft_was_never_submitted(self, publisher: Publisher, partnercenter: Command) -> None:
        publisher.draft()
        assert "draft; nothing was ever submitted" in partnercenter("status", OFFER).well().out
        partnercenter("status", OFFER, "--watch").badly()

    def test_every_step_has_a_line_with_its_times(self, publisher: Publisher, partnercenter: Command) -> None:
        publisher.preview()
        headline, columns, *steps = partnercenter("status", OFFER).well().out.splitlines()
        assert headline.startswith(f"{OFFER}: preview (release 1, submission ")
        assert columns.split() == ["ENVIRONMENT", "STEP", "STATE", "STARTED", "TOOK"]
        assert [line.split("  ")[0] for line in steps] == ["Preview"] * 3 + ["Live"] * 2
        assert steps[0].split()[-2].endswith("Z")
        assert steps[0].endswith("0:00:00")
        assert "InProgress" in steps[2]

    def test_json_says_the_same(self, publisher: Publisher, partnercenter: Command) -> None:
        publisher.preview()
        told = partnercenter("status", OFFER, "--json").well().json()
        assert (told["offer"], told["product"], told["state"]) == (OFFER, publisher.product, "preview")
        assert told["release_number"] == 1
        assert told["submission"] == publisher.stack.state["submission"].outputs["submission"]
        assert told["steps"] == publisher.stack.state["submission"].outputs["steps"]

    def test_what_failed_shows_its_findings_as_up_does(
        self, publisher: Publisher, emulator: Serving, partnercenter: Command
    ) -> None:
        reject(publisher, emulator)
        told = partnercenter("status", OFFER).well().out
        assert f"{OFFER}: failed" in told
        assert "Listing Policy-100: Too blue." in told
        assert "Listing Policy-100: Too blue." in partnercenter("status", OFFER, "--json").json()["findings"]

    def test_addresses_of_reports_are_shown_without_their_signature(
        self, publisher: Publisher, emulator: Serving, partnercenter: Command
    ) -> None:
        publisher.preview()
        uri = "https://blobs.example.com/reports/1.txt"
        report = {"status": "Passed", "fileUri": f"{uri}?sv=1&sig=planted-signature"}
        for shown in (["status", OFFER], ["status", OFFER, "--json"], ["status", OFFER, "--watch"]):
            emulator.fault("/reports", status=200, body={"value": [report]})
            told = partnercenter(*shown).well().out
            assert f"report (Passed): {uri}" in told
            assert "planted" not in told

    def test_what_the_service_says_moves_no_cursor(
        self, publisher: Publisher, emulator: Serving, partnercenter: Command
    ) -> None:
        emulator.decide("validation", "fail", items=[{**FINDING, "message": "Bad\x1b[2J\nnews"}])
        with pytest.raises(Rejected):
            publisher.preview()
        for ran in (partnercenter("status", OFFER), partnercenter("status", OFFER, "--watch")):
            assert "\x1b" not in ran.out
            assert "Bad\N{REPLACEMENT CHARACTER}[2J" in ran.out

    def test_an_unknown_offer_is_told_in_words(self, partnercenter: Command) -> None:
        ran = partnercenter("status", "contoso-nothing").badly()
        assert ran.out == ""
        assert "there is no such offer" in ran.err
        assert partnercenter("status", "contoso-nothing", "--json").badly().out == ""

    @pytest.mark.parametrize(
        ("fault", "words"),
        [
            ({"status": 401}, "not accepted (401)"),
            ({"status": 403}, "role Manager"),
            ({"status": 500, "times": 0}, "refused (500)"),
            ({"status": 200, "headers": {"content-type": "text/html"}, "body": "<html>"}, "not JSON"),
        ],
        ids=["401", "403", "500", "HTML"],
    )
    def test_refusals_are_told_in_up_to_three_lines(
        self, fault: dict[str, object], words: str, emulator: Serving, partnercenter: Command
    ) -> None:
        emulator.fault("/products", **fault)
        ran = partnercenter("status", OFFER, "--json").badly()
        assert ran.out == ""
        assert words in ran.err
        assert len(ran.err.splitlines()) <= 3


def interrupted(running: subprocess.Popen[str]) -> str:
    """What it writes to stderr after Ctrl-C; Python may lose one that comes while it cleans up an object."""
    for _ in range(5):
        running.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return running.communicate(timeout=20)[1]
    raise AssertionError("it does not end")


class TestWatch:
    def test_it_goes_on_until_the_preview_is_there(
        self, publisher: Publisher, emulator: Serving, partnercenter: Command
    ) -> None:
        emulator.decide("validation", "hold")
        publisher.preview()
        with partnercenter.started("status", OFFER, *SOON) as running:
            before = until(running.stdout, "Live  Publish")
            emulator.decide("validation", "pass")
            rest, errors = running.communicate(timeout=60)
        assert running.returncode == 0, errors
        assert "on the way to preview" in before[0]
        assert any("Automated validation  InProgress" in line for line in before)
        after = rest.splitlines()
        # a look takes several requests: the step may have ended before the submission is asked again
        assert [line.startswith(f"{OFFER}: preview (") for line in after if line.startswith(OFFER)] == [True]
        assert any("Automated validation  Success" in line for line in after)
        assert len(set(before + after)) == len(before + after), "a line is appended for what is new only"

    def test_a_failure_ends_it_with_1(
        self, publisher: Publisher, emulator: Serving, partnercenter: Command
    ) -> None:
        emulator.decide("validation", "hold")
        publisher.preview()
        with partnercenter.started("status", OFFER, *SOON) as running:
            until(running.stdout, "Live  Publish")
            emulator.decide("validation", "fail", items=[FINDING])
            rest, _ = running.communicate(timeout=60)
        assert running.returncode == 1
        assert "failed" in rest
        assert "Listing Policy-100: Too blue." in rest

    def test_it_watches_certification_until_live(
        self, publisher: Publisher, emulator: Serving, partnercenter: Command
    ) -> None:
        publisher.preview()
        emulator.decide("certification", "hold")
        publisher.change("submission", target="live")
        publisher.preview()
        with partnercenter.started("status", OFFER, *SOON) as running:
            assert "in certification" in until(running.stdout, "Live  Publish")[0]
            emulator.decide("certification", "pass")
            rest, _ = running.communicate(timeout=60)
        assert running.returncode == 0
        assert f"{OFFER}: live (" in rest

    def test_with_json_the_end_alone_is_told(
        self, publisher: Publisher, emulator: Serving, partnercenter: Command
    ) -> None:
        publisher.preview()
        told = partnercenter("status", OFFER, *SOON, "--json").well().json()
        assert told["state"] == "preview"

    def test_a_service_that_does_not_answer_for_a_while_is_asked_again(
        self, publisher: Publisher, emulator: Serving, partnercenter: Command
    ) -> None:
        emulator.decide("validation", "hold")
        publisher.preview()
        with partnercenter.started("status", OFFER, *SOON) as running:
            until(running.stdout, "Live  Publish")
            emulator.fault("/submissions", status=500)
            assert "refused (500); asking again" in until(running.stderr, "asking again")[-1]
            emulator.decide("validation", "pass")
            running.communicate(timeout=60)
        assert running.returncode == 0

    @pytest.mark.parametrize(
        "inherited", [signal.SIG_DFL, signal.SIG_IGN], ids=["terminal", "background job"]
    )
    def test_an_interrupt_ends_it_with_130_and_one_line(
        self,
        inherited: signal.Handlers,
        publisher: Publisher,
        emulator: Serving,
        partnercenter: Command,
        request: pytest.FixtureRequest,
    ) -> None:
        """Whatever the tests themselves were started by."""
        before = signal.signal(signal.SIGINT, inherited)
        request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
        emulator.decide("validation", "hold")
        publisher.preview()
        with partnercenter.started("status", OFFER, *SOON) as running:
            until(running.stdout, "Live  Publish")
            errors = interrupted(running)
        assert running.returncode == 130
        assert errors == "interrupted\n"

    @pytest.mark.parametrize("interval", ["0", "-1", "1", "soon"])
    def test_the_real_service_is_not_asked_all_the_time(self, interval: str, partnercenter: Command) -> None:
        signed_in = {"PARTNERCENTER_ENDPOINT": "", "PARTNERCENTER_ACCESS_TOKEN": "a.b.c"}
        partnercenter("status", OFFER, "--watch", "--interval", interval, **signed_in).badly(2)


class TestTerminal:
    @pytest.fixture
    def shown(self, publisher: Publisher, partnercenter: Command) -> Command:
        publisher.preview()
        return partnercenter

    @pytest.mark.parametrize("how", [[], ["--watch"]])
    def test_states_are_coloured(self, how: list[str], shown: Command) -> None:
        told = shown.on_a_terminal("status", OFFER, *how).well().out
        assert "\x1b[32mSuccess" in told
        assert "\x1b[32mpreview" in told

    @pytest.mark.parametrize("how", [[], ["--watch"]])
    def test_nothing_is_where_nobody_wants_it(self, how: list[str], shown: Command) -> None:
        assert "\x1b[32m" not in shown.on_a_terminal("status", OFFER, *how, NO_COLOR="1").well().out

    def test_json_is_never_coloured(self, shown: Command) -> None:
        told = shown.on_a_terminal("status", OFFER, "--json").well().out
        document = told[told.index("{") :]  # behind the progress, which is on the same terminal here
        assert "\x1b" not in document
        assert '"state": "preview"' in document
