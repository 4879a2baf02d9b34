"""Exported programs adopt existing resources without a write. Runs both examples of every card."""

from __future__ import annotations

from pathlib import Path

import pytest
from provider.tools.emulators import RunningEmulator
from tests.cli.adoption import adopt_program, comparable_outputs, export_offers, group_by_class
from tests.resources import cards
from tests.resources.card import SUBJECT, Card, write_requests
from tests.resources.examples import emulator_config
from tests.resources.harness import Record, Stack, kind_of

import pulumi_partnercenter
from pulumi_partnercenter.api.shared_clients import close_clients
from pulumi_partnercenter.api.submission.client import shared_client
from pulumi_partnercenter.resources import Resource
from pulumi_partnercenter.settings import Settings

CARDS = [card for card in cards.CARDS if card.__name__.startswith("Test")]


@pytest.mark.sample(12)
@pytest.mark.parametrize("example", ["first", "second"])
@pytest.mark.parametrize(
    "card", CARDS, ids=lambda card: f"{card.__module__.rsplit('.', 1)[-1]}-{card.__name__}"
)
def test_an_exported_program_adopts_every_resource_without_a_write(
    card: type[Card], example: str, emulator: RunningEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new stack's state equals the original's, except for paths and unreadable secrets."""
    original = Stack(emulator_config(emulator))
    emulator.legacy_test_drive()
    original.up(card.program())
    if example == "second" and card.second:
        original.up(card.program(**card.second))
    ids = [product["externalIDs"][0]["value"] for product in emulator.state()["products"]]
    export_offers(emulator, tmp_path / "program", *ids)
    emulator.clear()
    stack = adopt_program(emulator, tmp_path / "program", monkeypatch)
    assert write_requests(emulator) == []
    original_record = original.state[SUBJECT]
    adopted_records = [
        record
        for record in group_by_class(stack).get(card.kind.__name__, [])
        if record.id == original_record.id
    ]
    if adopted_records:
        assert comparable_outputs(adopted_records[0]) == comparable_outputs(original_record)
    else:
        is_unused = kind_of(card.kind).is_keyed_by_content
        assert is_unused or is_read_as_fresh(original.config, original_record), "it was left out"


def is_read_as_fresh(config: dict[str, str], record: Record) -> bool:
    """Whether the remote object is in the state in which the service creates it."""
    try:
        api = shared_client(Settings.load(config))
        return kind_of(record.kind).read(api, record.id).is_fresh
    finally:
        close_clients()


def test_every_resource_but_those_that_submit_has_a_card() -> None:
    public_objects = (getattr(pulumi_partnercenter, name) for name in pulumi_partnercenter.__all__)
    classes = {
        public_object
        for public_object in public_objects
        if isinstance(public_object, type)
        and issubclass(public_object, Resource)
        and public_object is not Resource
    }
    assert {class_.__name__ for class_ in classes - {card.kind for card in CARDS}} == {
        "AppRelease",
        "Submission",
    }
