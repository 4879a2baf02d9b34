"""What the service normalises is no drift: on no argument of any resource, and it stays as the service spells it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from provider.tools.emulators import Serving
from tests.resources.card import GUID, SUBJECT, VOLATILE, Card, writes
from tests.resources.cards import CARDS
from tests.resources.harness import Declared, Stack, kind_of
from tests.resources.normalised import ADDED, normalised


def nothing_happens(stack: Stack, program: dict[str, Declared], emulator: Serving) -> None:
    before = emulator.state()
    emulator.clear()
    assert stack.refresh() == {}
    assert stack.preview(program) == {}
    assert stack.up(program) == {}
    assert writes(emulator) == []
    assert emulator.state() == before


def without_nulls(value: Any) -> Any:
    """They are not sent (reference 2.7)."""
    if isinstance(value, dict):
        return {name: without_nulls(each) for name, each in value.items() if each is not None}
    return [without_nulls(each) for each in value] if isinstance(value, list) else value


def respell(card: Card, stack: Stack, emulator: Serving) -> dict[str, Any]:
    """The members of the document in other words, as they are stored now."""
    document = card.document(emulator, stack)
    told = {name: each for name, each in document.items() if name not in card.fixed}
    spelled = normalised(told, card.maps, card.ordered)
    changed = {name: each for name, each in spelled.items() if each != document.get(name)}
    assert ADDED in changed
    emulator.portal(card.path(emulator, stack), **changed)
    return changed


@pytest.mark.sample(4)
@pytest.mark.parametrize("card", CARDS, ids=lambda each: each.__name__)
def test_another_spelling_is_no_drift(card: type[Card], stack: Stack, emulator: Serving) -> None:
    here = card()
    here.account(emulator)
    stack.up(here.program())
    respell(here, stack, emulator)
    nothing_happens(stack, here.program(), emulator)
    stack.forget()
    emulator.clear()
    stack.up(here.program())
    assert len(writes(emulator)) == int(here.is_untold()), "it is adopted as it is"


SPELLED = [(card, field) for card in CARDS for field in card.names("field") if field in card.members]


@pytest.mark.sample(8)
@pytest.mark.parametrize(
    ("card", "field"), SPELLED, ids=[f"{card.__name__}-{field}" for card, field in SPELLED]
)
def test_a_later_change_keeps_the_spelling_of_what_did_not_change(
    card: type[Card], field: str, stack: Stack, emulator: Serving
) -> None:
    here = card()
    here.account(emulator)
    stack.up(here.program())
    spelled = respell(here, stack, emulator)
    emulator.clear()
    assert stack.up(here.program(**here.change(field))) == {SUBJECT: "update"}
    assert len(writes(emulator)) == 1
    document = here.document(emulator, stack)
    kept = spelled.keys() - here.behind(field)
    assert {name: document[name] for name in kept} == without_nulls({name: spelled[name] for name in kept})
    assert stack.refresh() == {}


@pytest.mark.sample(4)
@pytest.mark.parametrize("card", CARDS, ids=lambda each: each.__name__)
def test_guids_in_braces_are_no_drift(card: type[Card], stack: Stack, emulator: Serving) -> None:
    """The service refuses to be sent them, so nothing else is asked of them."""
    here = card()
    here.account(emulator)
    stack.up(here.program())
    document = here.document(emulator, stack)
    braced = {
        name: json.loads(re.sub(f'"({GUID})"', r'"{\1}"', json.dumps(each)))
        for name, each in document.items()
        if name not in {*VOLATILE, *here.fixed}
    }
    if braced.items() <= document.items():
        pytest.skip("it holds none")
    emulator.portal(here.path(emulator, stack), **braced)
    nothing_happens(stack, here.program(), emulator)


@pytest.mark.sample(4)
@pytest.mark.parametrize("card", CARDS, ids=lambda each: each.__name__)
def test_empty_null_and_missing_are_one(card: type[Card], stack: Stack, emulator: Serving) -> None:
    here = card()
    here.account(emulator)
    model = kind_of(card.kind).arguments
    least = {
        name: value
        for name, value in here.first.items()
        if model.model_fields[name].is_required() or name in here.needed
    }
    program = {**here.program(), SUBJECT: Declared(card.kind, least)}
    stack.up(here.program())
    stack.up(program)
    assert stack.refresh() == {}
    document = here.document(emulator, stack)
    empty = [
        name for name, each in document.items() if each in ("", [], {}, False) and name not in here.fixed
    ]
    emulator.portal_nulls(here.path(emulator, stack), *empty)
    nothing_happens(stack, program, emulator)
    emulator.portal(here.path(emulator, stack), **dict.fromkeys(empty))
    nothing_happens(stack, program, emulator)
