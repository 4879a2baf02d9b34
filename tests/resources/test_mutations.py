"""An odd response deletes and replaces nothing (`mutations.py` has the whole table)."""

from __future__ import annotations

import zlib

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.faults import subjects
from tests.resources.mutations import OPERATIONS, mutation_lab, sample

SUBJECTS = subjects()
OPERATIONS_BY_SUBJECT = [
    (name, operation)
    for name, subject in SUBJECTS.items()
    for operation in OPERATIONS
    if operation in subject().operations()
]
SAMPLE_SIZE = 2
"""Number of tested cases of an operation; `make soak` runs all."""
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
"""Members of the responses to a refresh that identify the object or hold its immutable values."""


@pytest.mark.sample(4)
@pytest.mark.parametrize(
    ("name", "operation"), OPERATIONS_BY_SUBJECT, ids=map(" ".join, OPERATIONS_BY_SUBJECT)
)
def test_an_odd_response_deletes_and_replaces_nothing(
    name: str, operation: str, emulator: RunningEmulator
) -> None:
    with mutation_lab(emulator) as lab:
        cases = sample(lab, name, operation, SAMPLE_SIZE, seed=zlib.crc32(f"{name} {operation}".encode()))
    assert not [
        f"{case.response}, {case.member} {case.mutation}: {case.problem}" for case in cases if case.problem
    ]


@pytest.mark.sample(4)
@pytest.mark.parametrize(("name", "member"), IDENTITY, ids=map(" ".join, IDENTITY))
def test_a_response_without_identity_is_refused_and_the_state_stays(
    name: str, member: str, emulator: RunningEmulator
) -> None:
    steps = tuple(int(step) if step.isdigit() else step for step in member.split("."))
    with mutation_lab(emulator) as lab:
        mutations = [
            mutation
            for mutation in lab.mutations(name, "read")
            if mutation[1] == steps and mutation[2] != "other text"
        ]
        cases = [lab.case(name, "read", *mutation) for mutation in mutations]
    assert len(cases) >= 5
    assert not [f"{case.response}, {case.mutation}: {case.problem}" for case in cases if case.problem]
    assert [case.mutation for case in cases if not case.message] == []


def test_another_alias_in_the_creation_response_replaces_nothing(emulator: RunningEmulator) -> None:
    """The state records the program's alias as declared, whatever the service returns."""
    with mutation_lab(emulator) as lab:
        (number,) = {number for number, steps, _ in lab.mutations("Offer", "create") if steps == ("name",)}
        case = lab.case("Offer", "create", number, ("name",), "other text")
    assert not case.problem


@pytest.mark.parametrize("name", ["ListingVideo", "Logo"])
def test_a_row_that_is_read_under_another_key_is_not_written_back(
    name: str, emulator: RunningEmulator
) -> None:
    member = {"ListingVideo": "streamingUri", "Logo": "fileName"}[name]
    with mutation_lab(emulator) as lab:
        cases = [
            lab.case(name, "update", *mutation)
            for mutation in lab.mutations(name, "update")
            if mutation[1] == (member,) and mutation[2] == "other text"
        ]
    assert cases
    assert not [f"{case.response}: {case.problem}" for case in cases if case.problem]


@pytest.mark.parametrize(
    ("response", "member", "mutation"),
    [
        ("3: GET variants", "value", "empty list"),
        ("3: GET variants", "value.0.state", "other text"),
        ("4: GET getByModule(module=Listing)", "value.1.variantID", "other text"),
    ],
    ids=["no plans", "unknown state", "draft of another plan"],
)
def test_a_submission_leaves_out_no_plan_because_of_an_odd_list(
    response: str, member: str, mutation: str, emulator: RunningEmulator
) -> None:
    number = int(response.partition(":")[0]) - 1
    steps = tuple(int(step) if step.isdigit() else step for step in member.split("."))
    with mutation_lab(emulator) as lab:
        case = lab.case("Publishing", "create", number, steps, mutation)
    assert case.response == response
    assert not case.problem
    assert not case.message


def test_an_odd_list_of_submissions_submits_nothing_again(emulator: RunningEmulator) -> None:
    with mutation_lab(emulator) as lab:
        case = lab.case("Publishing", "update", 0, ("value",), "empty list")
    assert case.response == "1: GET submissions"
    assert not case.problem
    assert not case.message
