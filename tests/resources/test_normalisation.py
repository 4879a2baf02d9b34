"""Normalised values are no drift, for every argument of every resource, and the service's spelling stays."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import GUID, SUBJECT, VOLATILE, Card, write_requests
from tests.resources.cards import CARDS
from tests.resources.harness import Declaration, Stack, kind_of
from tests.resources.normalised import ADDED, normalise


def assert_no_change(stack: Stack, program: dict[str, Declaration], emulator: RunningEmulator) -> None:
    before = emulator.state()
    emulator.clear()
    assert stack.refresh() == {}
    assert stack.preview(program) == {}
    assert stack.up(program) == {}
    assert write_requests(emulator) == []
    assert emulator.state() == before


def without_nulls(value: Any) -> Any:
    """Remove null members, which are not sent."""
    if isinstance(value, dict):
        return {name: without_nulls(member) for name, member in value.items() if member is not None}
    return [without_nulls(element) for element in value] if isinstance(value, list) else value


def respell(card: Card, stack: Stack, emulator: RunningEmulator) -> dict[str, Any]:
    """Store an equivalent form of the document. Return the changed members."""
    document = card.document(emulator, stack)
    writable = {name: value for name, value in document.items() if name not in card.fixed_members}
    respelled = normalise(writable, card.map_members, card.ordered_members)
    changed_members = {name: value for name, value in respelled.items() if value != document.get(name)}
    assert ADDED in changed_members
    emulator.portal(card.path(emulator, stack), **changed_members)
    return changed_members


@pytest.mark.sample(4)
@pytest.mark.parametrize("card_class", CARDS, ids=lambda card_class: card_class.__name__)
def test_normalised_spelling_is_no_drift(
    card_class: type[Card], stack: Stack, emulator: RunningEmulator
) -> None:
    card = card_class()
    card.prepare_emulator(emulator)
    stack.up(card.program())
    respell(card, stack, emulator)
    assert_no_change(stack, card.program(), emulator)
    stack.forget()
    emulator.clear()
    stack.up(card.program())
    assert len(write_requests(emulator)) == int(card.has_unreadable_secrets()), "it is adopted as it is"


FIELDS = [
    (card_class, field)
    for card_class in CARDS
    for field in card_class.arguments_in("field")
    if field in card_class.members
]


@pytest.mark.sample(8)
@pytest.mark.parametrize(
    ("card_class", "field"), FIELDS, ids=[f"{card_class.__name__}-{field}" for card_class, field in FIELDS]
)
def test_an_update_keeps_the_spelling_of_unchanged_arguments(
    card_class: type[Card], field: str, stack: Stack, emulator: RunningEmulator
) -> None:
    card = card_class()
    card.prepare_emulator(emulator)
    stack.up(card.program())
    respelled = respell(card, stack, emulator)
    emulator.clear()
    assert stack.up(card.program(**card.change(field))) == {SUBJECT: "update"}
    assert len(write_requests(emulator)) == 1
    document = card.document(emulator, stack)
    unchanged_names = respelled.keys() - card.written_members(field)
    assert {name: document[name] for name in unchanged_names} == without_nulls(
        {name: respelled[name] for name in unchanged_names}
    )
    assert stack.refresh() == {}


@pytest.mark.sample(4)
@pytest.mark.parametrize("card_class", CARDS, ids=lambda card_class: card_class.__name__)
def test_guids_in_braces_are_no_drift(
    card_class: type[Card], stack: Stack, emulator: RunningEmulator
) -> None:
    """The service refuses GUIDs in braces in a request, so the test makes no write."""
    card = card_class()
    card.prepare_emulator(emulator)
    stack.up(card.program())
    document = card.document(emulator, stack)
    members_with_braces = {
        name: json.loads(re.sub(f'"({GUID})"', r'"{\1}"', json.dumps(value)))
        for name, value in document.items()
        if name not in {*VOLATILE, *card.fixed_members}
    }
    if members_with_braces.items() <= document.items():
        pytest.skip("it holds none")
    emulator.portal(card.path(emulator, stack), **members_with_braces)
    assert_no_change(stack, card.program(), emulator)


@pytest.mark.sample(4)
@pytest.mark.parametrize("card_class", CARDS, ids=lambda card_class: card_class.__name__)
def test_empty_null_and_missing_members_are_equal(
    card_class: type[Card], stack: Stack, emulator: RunningEmulator
) -> None:
    card = card_class()
    card.prepare_emulator(emulator)
    model = kind_of(card_class.kind).arguments
    minimal_arguments = {
        name: value
        for name, value in card.first.items()
        if model.model_fields[name].is_required() or name in card.required_arguments
    }
    program = {**card.program(), SUBJECT: Declaration(card_class.kind, minimal_arguments)}
    stack.up(card.program())
    stack.up(program)
    assert stack.refresh() == {}
    document = card.document(emulator, stack)
    empty_members = [
        name
        for name, value in document.items()
        if value in ("", [], {}, False) and name not in card.fixed_members
    ]
    emulator.portal_nulls(card.path(emulator, stack), *empty_members)
    assert_no_change(stack, program, emulator)
    emulator.portal(card.path(emulator, stack), **dict.fromkeys(empty_members))
    assert_no_change(stack, program, emulator)
