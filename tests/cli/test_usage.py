"""Behaviour of all commands: help, wrong usage, completion, closed pipes; and `partnercenter emulator`."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest
from provider.tools.emulators import RunningEmulator
from provider.tools.hangs import HANG_SECONDS
from tests.cli.command import COMMAND, Command, CommandResult

from pulumi_partnercenter.cli import connection

COMMANDS = ["completion", "doctor", "emulator", "export", "saas", "show", "status"]


def test_help_lists_every_command(partnercenter: Command) -> None:
    output = partnercenter.run_process("--help").expect_success().out
    assert [name for name in COMMANDS if f"\n  {name} " not in output] == []


@pytest.mark.sample(2)
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_own_help(name: str, partnercenter: Command) -> None:
    assert "usage" in partnercenter(name, "--help").expect_success().out.lower()


def test_wrong_usage_ends_with_exit_code_2(partnercenter: Command) -> None:
    assert "No such command 'shwo'" in partnercenter("shwo").expect_failure(2).err


@pytest.mark.sample(1)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_the_shell(shell: str, partnercenter: Command) -> None:
    assert "_PARTNERCENTER_COMPLETE" in partnercenter("completion", shell).expect_success().out


def test_bash_completes_command_names(partnercenter: Command) -> None:
    completion = partnercenter(
        _PARTNERCENTER_COMPLETE="bash_complete", COMP_WORDS="partnercenter emu", COMP_CWORD="1"
    )
    assert completion.out.split() == ["plain,emulator"]


def complete_words(partnercenter: Command, words: str, **env: str) -> list[str]:
    """Return bash's completions of the last word."""
    last_index = str(len(words.split()) - 1)
    variables = {"_PARTNERCENTER_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": last_index}
    result = partnercenter(**variables, **env).expect_success()
    assert result.err == ""
    return result.out.split()


@pytest.mark.sample(1)
@pytest.mark.parametrize("command", ["show", "status"])
def test_offer_ids_are_completed(
    command: str, emulator: RunningEmulator, partnercenter: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "COMPLETION_SECONDS", 60)  # for busy machines
    for offer_id in ("contoso-archive", "contoso-backup", "fabrikam-vault"):
        ids = [{"type": "AzureOfferId", "value": offer_id}]
        offer = {"resourceType": "AzureApplication", "name": offer_id, "externalIDs": ids}
        response = emulator.client.post(
            "/v1.0/ingestion/products", json={**offer, "isModularPublishing": True}
        )
        assert response.status_code == 201
    completions = complete_words(partnercenter, f"partnercenter {command} cont")
    assert completions == ["plain,contoso-archive", "plain,contoso-backup"]


@pytest.mark.sample(1)
@pytest.mark.parametrize("command", ["show", "export", "portal migrate", "portal prices export"])
def test_offers_of_the_portal_are_completed_with_and_without_their_publisher(
    command: str, emulator: RunningEmulator, partnercenter: Command
) -> None:
    for publisher, offer_id in (("contoso", "gateway"), ("fabrikam", "gateway"), ("fabrikam", "router")):
        emulator._control("POST", "portal/offers", {"publisher": publisher, "offer_id": offer_id})
    assert complete_words(partnercenter, f"partnercenter {command} ga") == ["plain,gateway"]
    completions = complete_words(partnercenter, f"partnercenter {command} fabrikam/")
    assert completions == ["plain,fabrikam/gateway", "plain,fabrikam/router"]


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    "variables",
    [
        {"PARTNERCENTER_ENDPOINT": "http://127.0.0.1:9"},
        {"PARTNERCENTER_ENDPOINT": "nonsense"},
        {"PARTNERCENTER_ACCESS_TOKEN": "a.b.c"},
        {"PARTNERCENTER_ACCESS_TOKEN": "", "PATH": "/usr/bin:/bin"},
    ],
    ids=["nobody there", "no address", "no right", "no login"],
)
def test_completion_is_silent_and_empty_when_the_service_is_unreachable(
    variables: dict[str, str], partnercenter: Command
) -> None:
    assert complete_words(partnercenter, "partnercenter show cont", **variables) == []


def test_the_emulator_serves_until_sigterm() -> None:
    with subprocess.Popen(
        [COMMAND, "emulator", "--port", "0"], stdout=subprocess.PIPE, text=True, env=os.environ
    ) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("listening on http://127.0.0.1:")
        process.send_signal(signal.SIGTERM)
        assert process.wait(HANG_SECONDS) == 0


class TestClosedPipe:
    """Commands whose reader stops early, as `| head -1` does, also under `set -o pipefail`."""

    @pytest.mark.sample(2)
    @pytest.mark.parametrize("unbuffered", ["", "1"], ids=["broken at the end", "broken in the middle"])
    @pytest.mark.parametrize(
        "arguments",
        [
            ["show", "contoso-backup"],
            ["show", "contoso-backup", "--json"],
            ["--help"],
            ["completion", "bash"],
        ],
        ids=" ".join,
    )
    @pytest.mark.parametrize("color", ["", "1"], ids=["plain", "coloured"])
    def test_a_command_whose_output_pipe_is_closed_ends_silently_with_exit_code_0(
        self,
        arguments: list[str],
        unbuffered: str,
        color: str,
        emulator: RunningEmulator,
        partnercenter: Command,
    ) -> None:
        make_offer(emulator, "contoso-backup")
        result = run_without_reader(partnercenter, arguments, PYTHONUNBUFFERED=unbuffered, FORCE_COLOR=color)
        assert (result.code, "Traceback" in result.err, "Error" in result.err) == (0, False, False)
        assert color or result.err == ""  # with colours, stderr also has a line of progress

    def test_a_failing_command_reports_its_error_when_its_output_pipe_is_closed(
        self, partnercenter: Command
    ) -> None:
        result = run_without_reader(partnercenter, ["show", "contoso-nowhere"]).expect_failure(1)
        assert "contoso-nowhere" in result.err

    def test_a_watch_whose_output_pipe_is_closed_does_not_report_success(
        self, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        make_offer(emulator, "contoso-backup")
        result_without_reader = run_without_reader(partnercenter, ["status", "contoso-backup", "--watch"])
        assert result_without_reader.expect_failure(1).err == ""

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("arguments", [["doctor"], ["doctor", "--json"]], ids=" ".join)
    def test_doctor_keeps_its_exit_code_when_its_output_pipe_is_closed(
        self, arguments: list[str], partnercenter: Command
    ) -> None:
        result_without_reader = run_without_reader(
            partnercenter, arguments, PARTNERCENTER_ACCESS_TOKEN="a.b.c"
        )
        assert result_without_reader.expect_failure(1).err == ""


def make_offer(emulator: RunningEmulator, offer_id: str) -> None:
    ids = [{"type": "AzureOfferId", "value": offer_id}]
    offer = {"resourceType": "AzureApplication", "name": offer_id, "externalIDs": ids}
    response = emulator.client.post("/v1.0/ingestion/products", json={**offer, "isModularPublishing": True})
    assert response.status_code == 201


def run_without_reader(partnercenter: Command, arguments: list[str], **env: str) -> CommandResult:
    """Run with a stdout whose reader is closed: the first written byte breaks the pipe."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        process = subprocess.run(
            [COMMAND, *arguments],
            cwd=partnercenter.folder,
            env=partnercenter.environment(**env),
            stdin=subprocess.DEVNULL,
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            timeout=HANG_SECONDS,
            check=False,
        )
    finally:
        os.close(writer)
    return CommandResult(process.returncode, "", process.stderr)
