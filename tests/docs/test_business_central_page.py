"""The programs of the page about Business Central release apps of live offers with the real engine."""

from __future__ import annotations

import json
from pathlib import Path

from provider.tools.emulators import RunningEmulator, serve
from tests.contract.central_publisher import CentralPublisher
from tests.docs.page_blocks import read_blocks
from tests.docs.programs import DOCS, configure, create_combined_project

PROGRAMS = dict(
    zip(
        ("release", "markets", "countries"),
        (block.text for block in read_blocks(DOCS / "business-central.md") if block.kind == "python"),
        strict=True,
    )
)
"""By subject: the release of an app, the markets of an offer, and the releases of several offers."""


def create_offers(emulator: RunningEmulator, *offer_ids: str) -> list[str]:
    """Create live offers in the portal. Return their ids."""
    publisher = CentralPublisher(emulator)
    return [publisher.create_live_offer(offer_id=id).rpartition("/")[2] for id in offer_ids]


def read_markets(emulator: RunningEmulator, product: str) -> list[set[str]]:
    """Return the enabled markets of an offer, of its draft and of each publication."""
    return [
        {market["marketCode"] for market in document["marketStates"] if market["state"] == "Enabled"}
        for document in emulator.state()["featureAvailabilities"]
        if document["productID"] == product
    ]


def test_the_programs_release_apps_and_markets_of_live_offers_then_request_nothing(tmp_path: Path) -> None:
    with serve(seed=1) as emulator:
        ledger, books, austria, denmark = create_offers(
            emulator, "contoso-ledger", "contoso-books", "contoso-at", "contoso-dk"
        )
        project = create_combined_project(tmp_path / "project", PROGRAMS)
        project.endpoint = emulator.url
        configure(
            project,
            "--plaintext",
            {
                "ledger:product": ledger,
                "countries:product": books,
                "payroll:products": json.dumps({"austria": austria, "denmark": denmark}),
                **{f"{program}:target": "live" for program in ("ledger", "countries", "payroll")},
            },
        )
        output = project.up().expect_success().text
        project.up().expect_success()
        assert "Payroll Denmark 1.2.0.0" in output
        state = project.state()
        states = {
            name: resource["outputs"]["state"]
            for name, resource in state.items()
            if name.startswith(("AppRelease", "Submission"))
        }
        assert states == dict.fromkeys(
            (
                "AppRelease ledger",
                "AppRelease payroll-austria",
                "AppRelease payroll-denmark",
                "Submission ledger",
            ),
            "live",
        )
        assert {"AT", "CH", "DE", "DK"} in read_markets(emulator, books)
        emulator.clear()
        project.up("--expect-no-changes").expect_success()
        assert emulator.requests() == []
        project.refresh("--expect-no-changes").expect_success()
