"""Programs of back ends in the guide on SaaS subscriptions, run against the emulator."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from provider.tools.emulators import serve
from provider.tools.generate.pages import DOCS, EXAMPLES
from tests.contract.marketplace import Marketplace
from tests.docs import page_blocks
from tests.docs.page_blocks import Block
from tests.docs.programs import PACKAGE_PATH
from tests.docs.test_blocks import is_back_end

GUIDE = DOCS / "saas.md"
SCRIPT = EXAMPLES / "saas" / "subscription.py"
PROGRAMS = [block for block in page_blocks.find_blocks("python") if is_back_end(block)]


def run(program: Path | str, endpoint: str) -> str:
    """Run a program with the emulator's access token; its output."""
    arguments = ["-c", program] if isinstance(program, str) else [program]
    environment = {
        **PACKAGE_PATH,
        "PATH": os.environ["PATH"],
        "PARTNERCENTER_ENDPOINT": endpoint,
        "PARTNERCENTER_ACCESS_TOKEN": "emulator",
    }
    command = [sys.executable, "-W", "error", *arguments]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_script_prints_what_the_guide_shows_and_every_step_reaches_the_marketplace() -> None:
    with serve(seed=1) as emulator:
        output = run(SCRIPT, emulator.url)
        state = emulator.state()
    (subscription,) = [item for item in state["saasSubscriptions"] if item["name"] == "Fabrikam"]
    actions = [
        item["action"] for item in state["saasOperations"] if item["subscriptionId"] == subscription["id"]
    ]
    assert (subscription["planId"], actions) == ("pro", ["ChangePlan", "Unsubscribe"])
    assert [(event["resourceId"], event["quantity"]) for event in state["usageEvents"]] == [
        (subscription["id"], 37)
    ]
    blocks = [block.text for block in page_blocks.read_blocks(GUIDE) if block.kind == "text"]
    assert output in blocks


def test_the_guide_has_the_script_of_at_most_40_lines() -> None:
    assert SCRIPT.read_text(encoding="utf-8") in [block.text for block in PROGRAMS]
    assert len(SCRIPT.read_text(encoding="utf-8").splitlines()) <= 40


@pytest.mark.parametrize("block", PROGRAMS, ids=lambda block: block.name)
def test_every_program_of_the_guide_runs(block: Block) -> None:
    with serve(seed=1) as emulator:
        marketplace = Marketplace(emulator)
        marketplace.sell()
        pending = marketplace.buy("basic")["subscription"]["id"]
        output = run(block.text, emulator.url)
    assert (pending in output) == ("print_pending" in block.text)
