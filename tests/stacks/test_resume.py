"""An `up` that ended in the middle: the next one makes nothing twice and deletes nothing that stays."""

from __future__ import annotations

import pytest
from provider.tools.emulators import Serving
from tests.stacks.cli import Project
from tests.stacks.conftest import write_requests

DECLARED = 'partnercenter.Offer(\n    "offer",'


@pytest.mark.soak
def test_answers_are_lost_from_the_fifth_request_on(project: Project, emulator: Serving) -> None:
    """The service works, and its answers never arrive; when they do again, one `up` is enough."""
    emulator.fault("", after=4, drop="after", times=0)
    failed = project.up().badly()
    assert "Traceback" not in failed.text
    emulator.unfault()

    project.up().well()
    assert {
        name: len(held) for name, held in emulator.state().items() if name in ("products", "variants")
    } == {
        "products": 1,
        "variants": 1,
    }
    emulator.clear()
    project.up("--expect-no-changes").well()
    assert not write_requests(emulator)


@pytest.mark.soak
def test_an_interrupted_rename_loses_nothing(made: Project, emulator: Serving) -> None:
    """The new name took the offer over, something else failed, and the next `up` deletes only the old name."""
    before = emulator.state()["products"]
    made.edit(DECLARED, DECLARED.replace('"offer"', '"renamed"'))
    made.edit('summary="For all"', 'summary="For everybody"')
    emulator.fault("PUT .*/listings", status=400, times=0)
    made.up().badly()
    emulator.unfault()

    made.up().well()
    assert emulator.state()["products"] == before
    assert {name for name in made.state() if name.startswith("Offer ")} == {"Offer renamed"}
    made.refresh("--expect-no-changes").well()
    made.preview("--expect-no-changes").well()
