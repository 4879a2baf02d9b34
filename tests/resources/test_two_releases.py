"""Two releases of one offer at once: nothing exists twice, and no submission has the app of another release."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import assert_readable
from tests.resources.examples import emulator_config
from tests.resources.harness import CheckFailed, Stack
from tests.resources.interleavings import IsolatedStack, run_interleaved
from tests.resources.test_app_release import API, MAIN, build, instance, newest, offer, outputs, read, release
from tests.unit.app_files import build_app

from pulumi_partnercenter import PartnerCenterError
from pulumi_partnercenter.errors import Stale

__all__ = ["build", "offer"]


def write_build(folder: Path, version: str) -> Path:
    folder.mkdir()
    (folder / "Ledger.app").write_bytes(build_app("Ledger", version))
    return folder


def sent_versions(emulator: RunningEmulator, builds: dict[str, str]) -> list[tuple[list[str], list[str]]]:
    """Return the versions of the main apps and of the properties of each submission after the first.

    `builds`: versions by the mark in the name of the uploaded file.
    """
    names = {row["id"]: row["fileName"] for row in read(emulator, "packages")}
    versions = []
    for run in read(emulator, "submissions")[1:]:
        sent = {resource["type"]: resource["value"] for resource in run["resources"]}
        packages = [
            builds[re.sub(r".*-(\w+)\.app", r"\1", names[reference["value"]])]
            for row in read(emulator, "packageConfigurations")
            if row["instanceID"] == sent["Package"]
            for reference in row["packageReferences"]
        ]
        properties = [
            row["appVersion"] for row in read(emulator, "properties") if row["instanceID"] == sent["Property"]
        ]
        versions.append((packages, properties))
    return versions


def marks(stacks: list[Stack], versions: list[str]) -> dict[str, str]:
    """Return the versions by the digits of the app's digest that the name of an upload has."""
    return {
        text.removeprefix("app sha256:")[:12]: version
        for stack, version in zip(stacks, versions, strict=True)
        if "release" in stack.state
        for text in outputs(stack)["publishes"]
        if text.startswith("app ")
    }


def change_before_submission(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[], None], times: int = 1
) -> None:
    """Call `change` right before a submission is created, as if another run wrote the drafts at this moment."""
    send, left = httpx.HTTPTransport.handle_request, [change] * times

    def send_after_change(wire: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and request.url.path.endswith("/submissions") and left:
            left.pop()()
        return send(wire, request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", send_after_change)


@pytest.fixture
def change_packages(offer: str, emulator: RunningEmulator) -> Callable[[], None]:
    """A function that refers to another package in the draft, which exists already."""
    body = {"resourceType": MAIN, "fileName": "Other-0123456789ab.app"}
    package = emulator.client.post(f"{API}/{offer}/packages", json=body).json()["id"]

    def change() -> None:
        id = instance(emulator, offer, "Package")
        references = [{"type": MAIN, "value": package}]
        emulator.portal(f"{API}/{offer}/packageConfigurations/{id}", packageReferences=references)

    return change


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.sample(4)
@pytest.mark.parametrize("versions", [["2.0.0.0", "2.0.0.0"], ["2.0.0.0", "2.1.0.0"]], ids=["one", "two"])
def test_two_runs_at_once_send_nothing_twice_and_no_app_with_the_version_of_the_other(
    seed: int, versions: list[str], offer: str, emulator: RunningEmulator, tmp_path: Path
) -> None:
    for _ in range(4):
        emulator.decide("validation", "pass")
    stacks: list[Stack] = [IsolatedStack(emulator_config(emulator)) for _ in versions]
    programs = [
        release(offer, write_build(tmp_path / str(number), version))
        for number, version in enumerate(versions)
    ]
    errors = run_interleaved(seed, stacks, programs)
    assert None in errors
    for error in filter(None, errors):
        assert_readable(error)
        assert error.next
    for stack, program, error in zip(stacks, programs, errors, strict=True):
        if error:
            try:
                stack.up(program)
            except PartnerCenterError as refusal:
                assert "is below 2.1.0.0" in str(refusal)  # noqa: PT017 - the higher version was first
    sent = sent_versions(emulator, marks(stacks, versions))
    assert len(sent) == len({*map(str, sent)})
    assert all(packages == properties for packages, properties in sent)
    assert len(read(emulator, "packages")) == len({row["fileName"] for row in read(emulator, "packages")})
    if len({*versions}) == 1:
        assert [stack.up(program) for stack, program in zip(stacks, programs, strict=True)] == [{}, {}]


def test_a_submission_that_caught_the_app_of_another_release_is_cancelled_and_sent_again(
    offer: str,
    build: Path,
    stack: Stack,
    emulator: RunningEmulator,
    change_packages: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    emulator.client.delete("/_emulator/decide")
    emulator.decide("validation", "hold")
    change_before_submission(monkeypatch, change_packages)
    with pytest.raises(Stale, match="another release wrote its packages") as failure:
        stack.up(release(offer, build))
    assert_readable(failure.value)
    assert "run the same command again" in failure.value.next
    assert newest(emulator)["state"] == "Cancelled"
    emulator.decide("validation", "pass")
    stack.up(release(offer, build))
    assert outputs(stack)["state"] == "preview"
    assert sent_versions(emulator, {**marks([stack], ["2.0.0.0"]), "0123456789ab": ""})[-1] == (
        ["2.0.0.0"],
        ["2.0.0.0"],
    )


def test_a_killed_run_does_not_hide_that_its_submission_caught_the_app_of_another_release(
    offer: str,
    build: Path,
    stack: Stack,
    emulator: RunningEmulator,
    change_packages: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def change_and_fail() -> None:
        change_packages()
        emulator.fault("GET .*/packageConfigurations", status=403)

    change_before_submission(monkeypatch, change_and_fail)
    with pytest.raises(PartnerCenterError):
        stack.up(release(offer, build))
    emulator.unfault()
    emulator.decide("validation", "pass")
    stack.up(release(offer, build, target="live"))
    assert len(read(emulator, "submissions")) == 3
    assert sent_versions(emulator, {**marks([stack], ["2.0.0.0"]), "0123456789ab": ""})[-1] == (
        ["2.0.0.0"],
        ["2.0.0.0"],
    )


def test_a_second_release_of_an_offer_in_a_program_is_refused_in_the_preview(
    offer: str, build: Path, stack: Stack
) -> None:
    program: dict[str, Any] = {**release(offer, build)}
    program["hotfix"] = program["release"]
    with pytest.raises(CheckFailed, match="are the same app release"):
        stack.preview(program)
