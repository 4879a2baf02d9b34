"""Export of an offer of Business Central that was made in the portal, and its adoption."""

from __future__ import annotations

from pathlib import Path

import pytest
from provider.tools.emulators import RunningEmulator
from tests.cli.adoption import adopt_program, export_offers, group_by_class
from tests.contract.central_publisher import CentralPublisher
from tests.resources.card import write_requests


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "program"


def test_an_offer_of_business_central_is_exported_and_adopted_without_a_write(
    emulator: RunningEmulator, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    CentralPublisher(emulator).create_live_offer()
    export_offers(emulator, folder, "contoso-ledger")
    text = (folder / "__main__.py").read_text()
    assert 'markets=["DK", "IT", "US"]' in text
    assert "sells_through_microsoft=False" in text
    assert 'package_type="AddOn"' in text
    assert "ResellerChannel" not in text
    assert 'target="live"' in text
    emulator.clear()
    stack = adopt_program(emulator, folder, monkeypatch)
    assert write_requests(emulator) == []
    (markets,) = group_by_class(stack)["OfferMarkets"]
    assert markets.outputs["markets"] == ["DK", "IT", "US"]
    (setup,) = group_by_class(stack)["OfferSetup"]
    assert setup.outputs["package_type"] == "AddOn"
