"""Somebody changes any part of any argument in the portal: it is shown by name, and the next run repairs just that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from provider.tools.emulators import Serving
from tests.resources.card import SUBJECT, VOLATILE, Card, by_document, differing, with_portal_members, writes
from tests.resources.cards import CARDS
from tests.resources.edits import Edit, Path, edits, marks, without_marks
from tests.resources.harness import Stack

EMPTY: tuple[Any, ...] = ("", [], False, None)
STORED = [(card, name) for card in CARDS for name in card.members]


@pytest.mark.sample(8)
@pytest.mark.parametrize(("card", "stored"), STORED, ids=[f"{card.__name__}-{name}" for card, name in STORED])
def test_any_part_of_an_argument_is_shown_by_its_name_and_repaired(
    card: type[Card], stored: str, stack: Stack, emulator: Serving
) -> None:
    """With one write, which leaves every other member as it was, also those that only the portal knows."""
    here = card()
    here.account(emulator)
    stack.up(here.program())
    path = here.path(emulator, stack)
    emulator.portal(path, **with_portal_members(here.document(emulator, stack), {*here.maps, *here.fixed}))
    before, document = by_document(emulator), here.document(emulator, stack)
    nothing_happens(here, stack, emulator)
    for member, edit in edits_behind(here, stored, document):
        emulator.portal(path, **{member: edit.value})
        if not matters(here, member, document, edit):
            nothing_happens(here, stack, emulator)
        else:
            assert stack.refresh() == {SUBJECT: [stored]}, edit
            assert stack.preview(here.program()) == {SUBJECT: "update"}
            emulator.clear()
            assert stack.up(here.program()) == {SUBJECT: "update"}, edit
            assert len(writes(emulator)) == 1
            after = here.document(emulator, stack)
            assert filled(without_marks(after)) == filled(without_marks(document)), edit
            assert set(marks(document)) - set(marks(after)) <= set(reach(here, member, document, edit)), edit
            assert differing(before, by_document(emulator)).keys() <= {here.address(emulator, stack)}
        emulator.portal(path, **{name: document.get(name) for name in after_all(document, member)})


def edits_behind(here: Card, stored: str, document: Mapping[str, Any]) -> Iterator[tuple[str, Edit]]:
    """What somebody may do to the members of the document behind an argument."""
    first, example = here.members[stored]
    for member in (first, *here.further.get(stored, ())):
        if member in document:
            yield from ((member, each) for each in edits(document[member], here.fixed))
        else:
            yield member, Edit("other", (), example)


def matters(here: Card, member: str, document: Mapping[str, Any], edit: Edit) -> bool:
    if edit.how == "reordered":
        return next((each for each in reversed(edit.path) if isinstance(each, str)), member) in here.ordered
    return bool(here.meaning(member, edit.value) != here.meaning(member, document.get(member)))


def reach(here: Card, member: str, document: Mapping[str, Any], edit: Edit) -> Iterator[Path]:
    """The marks that an edit takes along: of an element that is not the same any more."""
    path: Path = (member, *edit.path)
    key = next((number for number, each in enumerate(path) if each in here.keys.get(member, ())), 0)
    if key or edit.how != "removed":
        path = path[:key]
    return (each for each in marks(document) if path and each[: len(path)] == path)


def nothing_happens(here: Card, stack: Stack, emulator: Serving) -> None:
    emulator.clear()
    assert stack.refresh() == {}
    assert stack.up(here.program()) == {}
    assert writes(emulator) == []


def filled(document: Mapping[str, Any]) -> dict[str, Any]:
    """Absent and empty are one (reference 2.7)."""
    return {name: each for name, each in document.items() if name != "@odata.etag" and each not in EMPTY}


def after_all(document: Mapping[str, Any], member: str) -> set[str]:
    """The members to put back."""
    return ({*document, member}) - {*VOLATILE, "stage"}
