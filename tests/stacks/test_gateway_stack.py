"""A virtual machine of the Cloud Partner Portal with its storage account, with the real engine and simulated Azure."""

from __future__ import annotations

from pathlib import Path

import pytest
from provider.tools.echo.catalogue import ACCOUNT_KEY
from provider.tools.emulators import RunningEmulator
from tests.stacks.cli import CommandResult, Project
from tests.stacks.conftest import write_requests
from tests.stacks.planted import Places

VERSIONS = {"1.0.0", "1.0.1"}
"""Image versions in the stack's configuration."""


class Life:
    """The stack, and all texts that its commands wrote."""

    def __init__(self, folder: Path, emulator: RunningEmulator) -> None:
        self.emulator, self.places = emulator, Places({"account key": ACCOUNT_KEY})
        self.project = Project.shipped(folder / "project", emulator.url).play_azure("gateway")
        self.project.env = {"PARTNERCENTER_LOG": "debug"}
        self.project.select("gateway")
        for name in ("infrastructure", "gateway"):
            self.configure(f"{name}:protect", "false")
        self.configure("gateway:expires", "2999-01-01T00:00:00Z")  # the stack's own value will be in the past

    def configure(self, name: str, value: str) -> None:
        self.project.run("config", "set", "--path", name, value).expect_success()

    def run(self, *arguments: str) -> CommandResult:
        result = self.project.run(*arguments).expect_success()
        self.places.add(f"{len(self.places.texts) + 1}: {' '.join(arguments)}", result.text)
        return result

    def up(self, *arguments: str) -> CommandResult:
        return self.run("up", "--yes", "--skip-preview", "--diff", *arguments)

    def refresh(self, *arguments: str) -> CommandResult:
        return self.run("refresh", "--yes", "--skip-preview", "--diff", *arguments)

    def up_until(self, state: str) -> None:
        """Run `up` until the offer has this state."""
        for _ in range(5):
            self.up()
            if self.project.outputs()["gateway"]["state"] == state:
                return
        raise AssertionError(self.project.outputs())

    def read_files(self) -> None:
        """Read the engine's state, backups and history."""
        for path in (self.project.folder / ".pulumi").rglob("*"):
            if path.is_file():
                self.places.add(str(path), path.read_text(errors="replace"))

    def live_images(self, plan_id: str) -> set[str]:
        """Return the versions of a plan's images in production."""
        path = "/api/publishers/contoso/offers/contoso-gateway/slot/production?api-version=2017-10-31"
        plans = self.emulator.client.get(path).raise_for_status().json()["definition"]["plans"]
        (plan,) = [plan for plan in plans if plan["planId"] == plan_id]
        return set(plan["microsoft-azure-virtualmachines.vmImages"])


@pytest.fixture
def life(tmp_path: Path, emulator: RunningEmulator) -> Life:
    return Life(tmp_path, emulator)


def test_a_virtual_machine_goes_live_by_repeated_runs_and_its_secrets_are_in_no_text(
    life: Life, emulator: RunningEmulator
) -> None:
    first = life.run("preview", "--diff")
    assert emulator.requests() == []
    assert life.up().counts == {"created": first.counts["create"]}
    assert life.project.outputs()["gateway"]["state"] == "preview"
    (offer,) = emulator.state()["portalOffers"]
    assert ACCOUNT_KEY in str(offer)
    assert "sp=rl" in str(offer)

    emulator.clear()
    assert life.up("--expect-no-changes").counts == {"unchanged": first.counts["create"]}
    life.refresh("--expect-no-changes")
    assert write_requests(emulator) == []

    life.configure("gateway:target", "live")
    life.up_until("live")
    for plan_id in ("branch", "licensed", "standard"):
        assert life.live_images(plan_id) == VERSIONS
    life.run("stack", "export")
    life.run("stack", "output", "--json")
    life.read_files()
    shown = life.project.run("stack", "export", "--show-secrets").expect_success().text
    assert Places(life.places.secrets, {"shown": shown}).findings() != []
    assert life.places.findings() == []


@pytest.mark.soak
def test_a_live_virtual_machine_gets_an_image_is_repaired_and_stays_when_the_stack_is_destroyed(
    life: Life, emulator: RunningEmulator
) -> None:
    life.configure("gateway:target", "live")
    life.up_until("live")
    life.configure('gateway:images["1.0.2"]', "gateway-1.0.2.vhd")
    life.up_until("live")
    assert life.live_images("standard") == VERSIONS | {"1.0.2"}

    edit = {"publisher": "contoso", "offer_id": "contoso-gateway", "display_text": "Renamed in the portal"}
    emulator.client.post("/_emulator/portal/edit", json=edit).raise_for_status()
    assert "Renamed in the portal" in life.refresh().text
    life.up_until("live")
    (offer,) = emulator.state()["portalOffers"]
    assert offer["definition"]["displayText"] == "Contoso Gateway"
    life.refresh()
    life.run("preview", "--expect-no-changes")

    life.configure('gateway:images["1.0.2"]', "gateway-1.0.0.vhd")
    refused = life.project.preview().expect_failure()
    assert "images.1.0.2: the disks of a live version are fixed" in refused.text
    gone = life.run("destroy", "--yes", "--skip-preview")
    assert "kept: offer contoso/contoso-gateway stays in Partner Center" in gone.text
    assert life.project.state() == {}
    assert life.live_images("standard") == VERSIONS | {"1.0.2"}
    assert life.places.findings() == []
