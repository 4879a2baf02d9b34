"""After an interrupted `up`, the next one creates no object twice and deletes no object that the program keeps."""

from __future__ import annotations

import pytest
from provider.tools.emulators import RunningEmulator
from tests.stacks.cli import Project
from tests.stacks.conftest import write_requests

DECLARED = 'partnercenter.Offer(\n    "offer",'


@pytest.mark.soak
def test_answers_are_lost_from_the_fifth_request_on(project: Project, emulator: RunningEmulator) -> None:
    """The service processes every request, but its answers are lost. As soon as they arrive, one `up` is enough."""
    emulator.fault("", after=4, drop="after", times=0)
    failed = project.up().expect_failure()
    assert "Traceback" not in failed.text
    emulator.unfault()

    project.up().expect_success()
    assert {
        name: len(held) for name, held in emulator.state().items() if name in ("products", "variants")
    } == {
        "products": 1,
        "variants": 1,
    }
    emulator.clear()
    project.up("--expect-no-changes").expect_success()
    assert not write_requests(emulator)


@pytest.mark.soak
def test_an_interrupted_rename_loses_nothing(deployed: Project, emulator: RunningEmulator) -> None:
    """The new name adopted the offer before another resource failed; the next `up` removes only the old name."""
    before = emulator.state()["products"]
    deployed.edit(DECLARED, DECLARED.replace('"offer"', '"renamed"'))
    deployed.edit('summary="For all"', 'summary="For everybody"')
    emulator.fault("PUT .*/listings", status=400, times=0)
    deployed.up().expect_failure()
    emulator.unfault()

    deployed.up().expect_success()
    assert emulator.state()["products"] == before
    assert {name for name in deployed.state() if name.startswith("Offer ")} == {"Offer renamed"}
    deployed.refresh("--expect-no-changes").expect_success()
    deployed.preview("--expect-no-changes").expect_success()
