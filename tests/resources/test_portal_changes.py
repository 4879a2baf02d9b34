"""Any change of an argument in the portal is drift by name, and the next run repairs only that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import (
    SUBJECT,
    VOLATILE,
    Card,
    changed_members,
    index_documents,
    with_portal_members,
    write_requests,
)
from tests.resources.cards import CARDS
from tests.resources.edits import Edit, Path, edits, marks, without_marks
from tests.resources.harness import Stack

EMPTY: tuple[Any, ...] = ("", [], False, None)
STORED_ARGUMENTS = [(card_class, name) for card_class in CARDS for name in card_class.members]


@pytest.mark.sample(4)
@pytest.mark.parametrize(
    ("card_class", "argument"),
    STORED_ARGUMENTS,
    ids=[f"{card_class.__name__}-{name}" for card_class, name in STORED_ARGUMENTS],
)
def test_any_edit_in_the_portal_is_drift_of_its_argument_and_repaired(
    card_class: type[Card], argument: str, stack: Stack, emulator: RunningEmulator
) -> None:
    """The repair is a single write, which keeps every other member, including members that only the portal writes."""
    card = card_class()
    card.prepare_emulator(emulator)
    stack.up(card.program())
    path = card.path(emulator, stack)
    emulator.portal(
        path, **with_portal_members(card.document(emulator, stack), {*card.map_members, *card.fixed_members})
    )
    before, document = index_documents(emulator), card.document(emulator, stack)
    assert_no_change(card, stack, emulator)
    for member, edit in argument_edits(card, argument, document):
        emulator.portal(path, **{member: edit.value})
        if not is_significant(card, member, document, edit):
            assert_no_change(card, stack, emulator)
        else:
            assert stack.refresh() == {SUBJECT: [argument]}, edit
            assert stack.preview(card.program()) == {SUBJECT: "update"}
            emulator.clear()
            assert stack.up(card.program()) == {SUBJECT: "update"}, edit
            assert len(write_requests(emulator)) == 1
            after = card.document(emulator, stack)
            assert without_empty_members(without_marks(after)) == without_empty_members(
                without_marks(document)
            ), edit
            assert set(marks(document)) - set(marks(after)) <= set(
                lost_marks(card, member, document, edit)
            ), edit
            assert changed_members(before, index_documents(emulator)).keys() <= {
                card.document_key(emulator, stack)
            }
        emulator.portal(path, **{name: document.get(name) for name in restored_names(document, member)})


def argument_edits(card: Card, argument: str, document: Mapping[str, Any]) -> Iterator[tuple[str, Edit]]:
    """Yield possible changes of the document's members behind an argument."""
    first_member, example = card.members[argument]
    for member in (first_member, *card.further_members.get(argument, ())):
        if member in document:
            yield from ((member, edit) for edit in edits(document[member], card.fixed_members))
        else:
            yield member, Edit("other", (), example)


def is_significant(card: Card, member: str, document: Mapping[str, Any], edit: Edit) -> bool:
    if edit.how == "reordered":
        return (
            next((step for step in reversed(edit.path) if isinstance(step, str)), member)
            in card.ordered_members
        )
    return bool(
        card.significant_value(member, edit.value) != card.significant_value(member, document.get(member))
    )


def lost_marks(card: Card, member: str, document: Mapping[str, Any], edit: Edit) -> Iterator[Path]:
    """Yield the marks that are lost with an edit, because it removes or replaces their element."""
    path: Path = (member, *edit.path)
    key = next((number for number, step in enumerate(path) if step in card.element_keys.get(member, ())), 0)
    if key or edit.how != "removed":
        path = path[:key]
    return (mark for mark in marks(document) if path and mark[: len(path)] == path)


def assert_no_change(card: Card, stack: Stack, emulator: RunningEmulator) -> None:
    emulator.clear()
    assert stack.refresh() == {}
    assert stack.up(card.program()) == {}
    assert write_requests(emulator) == []


def without_empty_members(document: Mapping[str, Any]) -> dict[str, Any]:
    """Remove empty members: absent and empty are equivalent."""
    return {name: value for name, value in document.items() if name != "@odata.etag" and value not in EMPTY}


def restored_names(document: Mapping[str, Any], member: str) -> set[str]:
    """Return the members that the repair restores."""
    return ({*document, member}) - {*VOLATILE, "stage"}
