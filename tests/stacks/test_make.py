"""`make up`, `make preview` and `make down`, as a newcomer types them, on a copy of the checkout.

The copy has an environment of its own, made of hard links: nothing is downloaded, and what runs is the copy's code.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from provider.tools.emulators import serve
from provider.tools.engine.sandbox import Emulator
from tests.stacks.cli import CHECKOUT, Ran

KEPT = ("PATH", "HOME", "LANG", "XDG_CACHE_HOME")


@dataclass(frozen=True)
class Clone:
    """A copy of the checkout, and the emulator that it starts."""

    folder: Path
    emulator: Emulator

    def make(self, *arguments: str) -> Ran:
        """With a newcomer's environment: none of ours, nor of the `make` above."""
        return self._run(["make", f"PYTHON={sys.executable}", *arguments])

    def pulumi(self, *arguments: str) -> Ran:
        """As in an activated environment and with nothing else set."""
        environment = self.folder / ".venv" / "bin"
        return self._run(["pulumi", *arguments], PATH=f"{environment}{os.pathsep}{os.environ['PATH']}")

    def _run(self, command: list[str], **env: str) -> Ran:
        inherited = {name: os.environ[name] for name in KEPT if name in os.environ} | env
        done = subprocess.run(
            [shutil.which(command[0], path=inherited["PATH"]) or command[0], *command[1:]],
            cwd=self.folder,
            env=inherited,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        return Ran(done.returncode, done.stdout)

    def written(self) -> list[str]:
        """Methods of the writing requests in the emulator's log, which is then cleared."""
        log = f"{self.emulator.address()}/_emulator/requests"
        methods = [each["method"] for each in httpx.get(log, trust_env=False).json()]
        httpx.delete(log, trust_env=False).raise_for_status()
        return [method for method in methods if method != "GET"]


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Clone]:
    folder = tmp_path / "checkout"
    made_by_make = shutil.ignore_patterns(".*", "__pycache__")
    shutil.copytree(CHECKOUT, folder, ignore=made_by_make)
    _link_environment(folder)
    emulator = Emulator(folder / ".emulator")
    yield Clone(folder, emulator)
    emulator.stop()


def _link_environment(folder: Path) -> None:
    """The checkout's environment, with the copy's package in the place of the checkout's."""
    shutil.copytree(CHECKOUT / ".venv", folder / ".venv", symlinks=True, copy_function=os.link)
    (folder / ".venv" / "bin" / "pulumi").unlink()
    (editable,) = (folder / ".venv").glob("lib/python*/site-packages/_editable_impl_*.pth")
    editable.unlink()
    editable.write_text(f"{folder / 'provider'}\n")


def test_up_again_preview_and_down(clone: Clone) -> None:
    """Made, unchanged without a writing request, seen by plain `pulumi`, and gone without a process left."""
    first = clone.make("up").well()
    assert first.counts == {"create": 39, "created": 39}
    assert first.text.count("partnercenter:") >= 38
    assert "contoso-archive-sandbox" in first.text
    address = clone.emulator.address()
    assert f"the emulator serves at {address}" in first.text
    assert clone.written()

    again = clone.make("up").well()
    assert again.counts == {"unchanged": 39}
    assert clone.emulator.address() == address
    assert not clone.written()

    assert clone.make("preview").well().counts == {"unchanged": 39}
    clone.pulumi("preview", "--stack", "sandbox", "--expect-no-changes").well()
    assert not clone.written()

    clone.make("down").well()
    assert not clone.emulator.lives()
    with serve(data=clone.emulator.folder) as emulator:
        assert len(emulator.state()["products"]) == 2  # what was published is let go of, never deleted
    clone.make("down").well()
    assert not clone.emulator.lives()


@pytest.mark.soak
def test_other_stacks_get_no_emulator(clone: Clone) -> None:
    assert clone.make("preview", "STACK=dev").well().counts == {"create": 37}
    failed = clone.make("up", "STACK=dev", "ARGS=--skip-preview").badly()
    assert "AZURE_TENANT_ID" in failed.text
    assert not clone.emulator.folder.exists()
