"""Types of the emulator's documents equal those in the service's OpenAPI description."""

from __future__ import annotations

import pytest
from provider.tools import described_types
from tests.contract.openapi import ABSENT


def test_generated_types_of_the_emulator_are_current():
    if not described_types.DESCRIPTION.is_file():
        pytest.skip(ABSENT)
    assert described_types.MODULE.read_text() == described_types.render(), (
        "run python -m provider.tools.described_types"
    )
