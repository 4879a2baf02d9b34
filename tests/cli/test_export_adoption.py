"""What is exported takes over what exists: every resource, in every form that its card knows, without a write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from provider.tools.emulators import Serving, serve
from tests.cli.adopting import adopted, by_class, comparable, exported
from tests.resources import cards
from tests.resources.card import SUBJECT, Card, writes
from tests.resources.examples import configured
from tests.resources.harness import Record, Stack, kind_of

import pulumi_partnercenter
from pulumi_partnercenter.api.submission import close_clients, shared_client
from pulumi_partnercenter.resources import Resource
from pulumi_partnercenter.settings import Settings

CARDS = [each for each in cards.CARDS if each.__name__.startswith("Test")]


@pytest.fixture(scope="module")
def served() -> Iterator[Serving]:
    with serve(seed=1) as emulator:
        yield emulator


@pytest.fixture
def emulator(served: Serving) -> Serving:
    served.reset()
    return served


@pytest.mark.parametrize("example", ["first", "second"])
@pytest.mark.parametrize(
    "card", CARDS, ids=lambda card: f"{card.__module__.rsplit('.', 1)[1]}-{card.__name__}"
)
def test_what_exists_is_taken_over_without_a_write(
    card: type[Card], example: str, emulator: Serving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state after it is the one of the stack that made it, but for paths and secrets that nobody tells."""
    made = Stack(configured(emulator))
    emulator.legacy_test_drive()
    made.up(card.program())
    if example == "second" and card.second:
        made.up(card.program(**card.second))
    ids = [each["externalIDs"][0]["value"] for each in emulator.state()["products"]]
    exported(emulator, tmp_path / "program", *ids)
    emulator.clear()
    stack = adopted(emulator, tmp_path / "program", monkeypatch)
    assert writes(emulator) == []
    before = made.state[SUBJECT]
    found = [each for each in by_class(stack).get(card.kind.__name__, []) if each.id == before.id]
    if found:
        assert comparable(found[0]) == comparable(before)
    else:
        is_unused = kind_of(card.kind).is_keyed_by_content
        assert is_unused or is_fresh(made.config, before), "it was left out"


def is_fresh(config: dict[str, str], record: Record) -> bool:
    """Whether the service would have made the same."""
    try:
        api = shared_client(Settings.load(config))
        return kind_of(record.kind).read(api, record.id).is_fresh
    finally:
        close_clients()


def test_every_resource_but_the_submission_has_a_card() -> None:
    exported_ = (getattr(pulumi_partnercenter, name) for name in pulumi_partnercenter.__all__)
    classes = {
        each
        for each in exported_
        if isinstance(each, type) and issubclass(each, Resource) and each is not Resource
    }
    assert {each.__name__ for each in classes - {card.kind for card in CARDS}} == {"Submission"}
