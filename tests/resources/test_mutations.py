"""One odd answer deletes and replaces nothing (`mutations.py` has the whole table)."""

from __future__ import annotations

import zlib

import pytest
from provider.tools.emulators import Serving
from tests.resources.faults import subjects
from tests.resources.mutations import OPERATIONS, sample, world

SUBJECTS = subjects()
EACH = [
    (name, operation)
    for name, subject in SUBJECTS.items()
    for operation in OPERATIONS
    if operation in subject().operations()
]
MOST = 2
"""Of the cases of one operation; the rest is for `make soak`."""
IDENTITY = [
    ("Offer", "externalIDs"),
    ("Offer", "resourceType"),
    ("Offer", "name"),
    ("Offer", "id"),
    ("Plan", "value.0.externalID"),
    ("Plan", "value.0.subType"),
    ("Plan", "value.0.id"),
    ("Plan", "value.0.resourceType"),
]
"""Members of the answers of a refresh that say which object they are about, or what can never change of it."""


@pytest.mark.sample(8)
@pytest.mark.parametrize(("name", "operation"), EACH, ids=map(" ".join, EACH))
def test_one_odd_answer_deletes_and_replaces_nothing(name: str, operation: str, emulator: Serving) -> None:
    with world(emulator) as here:
        cases = sample(here, name, operation, MOST, seed=zlib.crc32(f"{name} {operation}".encode()))
    assert not [f"{each.answer}, {each.member} {each.mutation}: {each.why}" for each in cases if each.why]


@pytest.mark.sample(8)
@pytest.mark.parametrize(("name", "member"), IDENTITY, ids=map(" ".join, IDENTITY))
def test_without_what_identifies_it_an_answer_is_refused_and_the_state_stays(
    name: str, member: str, emulator: Serving
) -> None:
    steps = tuple(int(each) if each.isdigit() else each for each in member.split("."))
    with world(emulator) as here:
        odd = [each for each in here.mutations(name, "read") if each[1] == steps and each[2] != "other text"]
        cases = [here.case(name, "read", *each) for each in odd]
    assert len(cases) >= 5
    assert not [f"{each.answer}, {each.mutation}: {each.why}" for each in cases if each.why]
    assert [each.mutation for each in cases if not each.told] == []


def test_another_alias_in_the_answer_to_a_creation_replaces_nothing(emulator: Serving) -> None:
    """The program's own alias is what counts as declared, whatever the service made of it."""
    with world(emulator) as here:
        (number,) = {number for number, steps, _ in here.mutations("Offer", "create") if steps == ("name",)}
        case = here.case("Offer", "create", number, ("name",), "other text")
    assert not case.why
