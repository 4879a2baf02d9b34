"""What every command has in common: help, wrong usage, completion, the emulator by its short name."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest
from provider.tools.emulators import Serving
from tests.cli.command import COMMAND, Command, Ran

COMMANDS = ["completion", "doctor", "emulator", "export", "show", "status"]


def test_help_lists_every_command(partnercenter: Command) -> None:
    told = partnercenter("--help").well().out
    assert [name for name in COMMANDS if f"\n  {name} " not in told] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_of_its_own(name: str, partnercenter: Command) -> None:
    assert "usage" in partnercenter(name, "--help").well().out.lower()


def test_wrong_usage_ends_with_2(partnercenter: Command) -> None:
    assert "No such command 'shwo'" in partnercenter("shwo").badly(2).err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_the_shell(shell: str, partnercenter: Command) -> None:
    assert "_PARTNERCENTER_COMPLETE" in partnercenter("completion", shell).well().out


def test_bash_completes_the_names_of_commands(partnercenter: Command) -> None:
    told = partnercenter(
        _PARTNERCENTER_COMPLETE="bash_complete", COMP_WORDS="partnercenter emu", COMP_CWORD="1"
    )
    assert told.out.split() == ["plain,emulator"]


def completed(partnercenter: Command, words: str, **env: str) -> list[str]:
    """What bash would offer for the last word."""
    number = str(len(words.split()) - 1)
    asked = {"_PARTNERCENTER_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": number}
    ran = partnercenter(**asked, **env).well()
    assert ran.err == ""
    return ran.out.split()


@pytest.mark.parametrize("command", ["show", "status"])
def test_offer_ids_are_completed(command: str, emulator: Serving, partnercenter: Command) -> None:
    for offer_id in ("contoso-archive", "contoso-backup", "fabrikam-vault"):
        ids = [{"type": "AzureOfferId", "value": offer_id}]
        offer = {"resourceType": "AzureApplication", "name": offer_id, "externalIDs": ids}
        posted = emulator.client.post("/v1.0/ingestion/products", json={**offer, "isModularPublishing": True})
        assert posted.status_code == 201
    found = completed(partnercenter, f"partnercenter {command} cont")
    assert found == ["plain,contoso-archive", "plain,contoso-backup"]


@pytest.mark.parametrize(
    "trouble",
    [
        {"PARTNERCENTER_ENDPOINT": "http://127.0.0.1:9"},
        {"PARTNERCENTER_ENDPOINT": "nonsense"},
        {"PARTNERCENTER_ACCESS_TOKEN": "a.b.c"},
        {"PARTNERCENTER_ACCESS_TOKEN": "", "PATH": "/usr/bin:/bin"},
    ],
    ids=["nobody there", "no address", "no right", "no login"],
)
def test_trouble_completes_nothing_silently(trouble: dict[str, str], partnercenter: Command) -> None:
    assert completed(partnercenter, "partnercenter show cont", **trouble) == []


def test_the_emulator_serves_until_it_is_told_to_stop() -> None:
    with subprocess.Popen(
        [COMMAND, "emulator", "--port", "0"], stdout=subprocess.PIPE, text=True, env=os.environ
    ) as serving:
        assert serving.stdout
        assert serving.stdout.readline().startswith("listening on http://127.0.0.1:")
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(30) == 0


class TestReaderGone:
    """A pipe of which only the first line is read, `| head -1`: also in a shell with `set -o pipefail`."""

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
    def test_a_command_whose_reader_is_gone_ends_silently_with_0(
        self, arguments: list[str], unbuffered: str, color: str, emulator: Serving, partnercenter: Command
    ) -> None:
        make_offer(emulator, "contoso-backup")
        ran = run_without_reader(partnercenter, arguments, PYTHONUNBUFFERED=unbuffered, FORCE_COLOR=color)
        assert (ran.code, "Traceback" in ran.err, "Error" in ran.err) == (0, False, False)
        assert color or ran.err == ""  # colours come with a line of progress

    def test_a_command_that_failed_still_says_so(self, partnercenter: Command) -> None:
        ran = run_without_reader(partnercenter, ["show", "contoso-nowhere"]).badly(1)
        assert "contoso-nowhere" in ran.err

    def test_a_watch_that_nobody_reads_does_not_report_success(
        self, emulator: Serving, partnercenter: Command
    ) -> None:
        make_offer(emulator, "contoso-backup")
        unread = run_without_reader(partnercenter, ["status", "contoso-backup", "--watch"])
        assert unread.badly(1).err == ""

    @pytest.mark.parametrize("arguments", [["doctor"], ["doctor", "--json"]], ids=" ".join)
    def test_the_exit_code_of_a_finished_command_stays(
        self, arguments: list[str], partnercenter: Command
    ) -> None:
        unread = run_without_reader(partnercenter, arguments, PARTNERCENTER_ACCESS_TOKEN="a.b.c")
        assert unread.badly(1).err == ""


def make_offer(emulator: Serving, offer_id: str) -> None:
    ids = [{"type": "AzureOfferId", "value": offer_id}]
    offer = {"resourceType": "AzureApplication", "name": offer_id, "externalIDs": ids}
    posted = emulator.client.post("/v1.0/ingestion/products", json={**offer, "isModularPublishing": True})
    assert posted.status_code == 201


def run_without_reader(partnercenter: Command, arguments: list[str], **env: str) -> Ran:
    """Run with a stdout that nobody reads: the first byte that leaves the process breaks the pipe."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [COMMAND, *arguments],
            cwd=partnercenter.folder,
            env=partnercenter.environment(**env),
            stdin=subprocess.DEVNULL,
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        os.close(writer)
    return Ran(done.returncode, "", done.stderr)
