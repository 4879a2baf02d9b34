"""`make up`, `make preview` and `make down`, as a new contributor runs them, on a copy of the checkout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from provider.tools.emulators import serve
from tests.stacks.clone import PUBLISHED_AGAIN, Clone, cloned


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Clone]:
    with cloned(tmp_path / "checkout") as clone:
        yield clone


def test_make_up_is_repeatable_publishes_a_change_and_make_down_deletes(clone: Clone) -> None:
    """Created, unchanged without a writing request, visible to plain `pulumi`, published again for a changed template,
    deleted without a remaining process.
    """
    first = clone.make("up").expect_success()
    assert first.counts == {"create": 41, "created": 41}
    assert first.text.count("partnercenter:") >= 38
    assert "contoso-archive-sandbox" in first.text
    address = clone.emulator.address()
    assert f"the emulator serves at {address}" in first.text
    assert clone.written()

    again = clone.make("up", "ARGS=--skip-preview").expect_success()
    assert again.counts == {"unchanged": 41}
    assert clone.emulator.address() == address
    assert not clone.written()

    clone.pulumi("preview", "--stack", "sandbox", "--expect-no-changes").expect_success()
    assert not clone.written()

    clone.change_template()
    clone.make("up", "ARGS=--skip-preview").expect_success()
    assert set(clone.written()) == PUBLISHED_AGAIN

    clone.make("down").expect_success()
    assert not clone.emulator.lives()
    with serve(data=clone.emulator.folder) as emulator:
        # Published offers are removed from the state, but never deleted.
        assert len(emulator.state()["products"]) == 2


@pytest.mark.soak
def test_make_preview_changes_nothing_and_a_second_make_down_has_nothing_to_do(clone: Clone) -> None:
    clone.make("up", "ARGS=--skip-preview").expect_success()
    assert clone.written()
    assert clone.make("preview").expect_success().counts == {"unchanged": 41}
    assert not clone.written()
    for _ in range(2):
        clone.make("down", "ARGS=--skip-preview").expect_success()
        assert not clone.emulator.lives()


@pytest.mark.soak
def test_other_stacks_get_no_emulator(clone: Clone) -> None:
    clone.without_azure("dev")
    assert clone.make("preview", "STACK=dev").expect_success().counts == {"create": 39}
    failed = clone.make("up", "STACK=dev", "ARGS=--skip-preview").expect_failure()
    assert "AZURE_TENANT_ID" in failed.text
    assert not clone.emulator.folder.exists()
