"""Binding of request bodies: case and order of members, types, unknown and stored members."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_partnercenter.emulator.binding import Keyed, Scalar, bind, order_members
from pulumi_partnercenter.emulator.errors import InvalidMembers, MalformedBody, NotEmulated
from pulumi_partnercenter.emulator.submission import errors

SCHEMA = {
    "title": Scalar.STRING,
    "isOpen": Scalar.BOOLEAN,
    "count": Scalar.INTEGER,
    "price": Scalar.NUMBER,
    "tags": [Scalar.STRING],
    "contacts": [{"ID": Scalar.STRING, "uri": Scalar.STRING}],
    "owner": {"name": Scalar.STRING},
    "id": Scalar.IGNORED,
}
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "title": st.text(),
        "isOpen": st.booleans(),
        "count": st.integers(),
        "price": st.floats(allow_nan=False) | st.integers(),
        "tags": st.lists(st.text()),
        "contacts": st.lists(st.fixed_dictionaries({}, optional={"ID": st.text(), "uri": st.text()})),
        "owner": st.fixed_dictionaries({}, optional={"name": st.text()}),
    },
)


@given(VALUES)
def test_a_valid_body_is_bound_unchanged_in_the_order_of_the_schema(body):
    document = bind(SCHEMA, body)
    assert document == body
    assert list(document) == [name for name in SCHEMA if name in body]


@given(VALUES, st.randoms(use_true_random=False))
def test_member_names_of_a_body_are_bound_in_any_case(body, random):
    def change_case(value):
        if isinstance(value, dict):
            pairs = value.items()
            return {
                "".join(random.choice((letter.lower(), letter.upper())) for letter in name): change_case(
                    member
                )
                for name, member in pairs
            }
        return [change_case(member) for member in value] if isinstance(value, list) else value

    assert bind(SCHEMA, change_case(body)) == body


WRONG = [
    ("title", 1),
    ("isOpen", 1),
    ("count", 1.0),
    ("count", True),
    ("price", "1"),
    ("price", False),
    ("tags", "a"),
    ("tags", [None]),
    ("contacts", {}),
    ("contacts", [[]]),
    ("owner", []),
]


@pytest.mark.parametrize(("name", "wrong"), WRONG)
def test_a_member_of_the_wrong_type_is_refused_by_name(name, wrong):
    with pytest.raises(InvalidMembers) as error:
        bind(SCHEMA, {name: wrong})
    refusal = errors.invalid_members(error.value.members)
    assert refusal.status == 400
    fields = json.loads(refusal.body.partition("request. ")[2])["data"]
    assert list(fields) == [name[0].upper() + name[1:]]


def test_null_and_ignored_members_of_a_body_are_not_bound():
    assert bind(SCHEMA, {"title": None, "id": "x", "ID": "y", "owner": {"name": None}}) == {"owner": {}}


@pytest.mark.parametrize("body", [{"colour": "red"}, {"contacts": [{"id": "a", "colour": "red"}]}])
def test_an_unknown_member_is_ignored_and_in_strict_mode_refused(body):
    assert bind(SCHEMA, body) == ({"contacts": [{"ID": "a"}]} if "contacts" in body else {})
    with pytest.raises(NotEmulated, match="colour"):
        bind(SCHEMA, body, strict=True)


def test_an_unknown_member_is_bound_where_the_stored_document_has_it():
    stored = {"colour": 1, "contacts": [{"ID": "a"}, {"ID": "b", "shade": 2}]}
    body = {"COLOUR": 3, "contacts": [{"ID": "c", "shade": 4}], "title": "x"}
    assert bind(SCHEMA, body, stored) == {"title": "x", "contacts": [{"ID": "c", "shade": 4}], "colour": 3}
    assert bind(SCHEMA, {"shade": 1}, stored) == {}
    with pytest.raises(NotEmulated):
        bind(SCHEMA, {"shade": 1}, stored, strict=True)


@given(st.dictionaries(st.text(), st.lists(st.text())))
def test_free_keys_of_a_body_keep_their_spelling(shelves):
    assert bind({"shelves": Keyed([Scalar.STRING])}, {"SHELVES": shelves}) == {"shelves": shelves}


@pytest.mark.parametrize("wrong", [[], "text", {"a": "b"}, {"a": [1]}, {"a": None}])
def test_a_wrong_type_under_a_free_key_is_refused(wrong):
    with pytest.raises(InvalidMembers, match="shelves"):
        bind({"shelves": Keyed([Scalar.STRING])}, {"shelves": wrong})


@pytest.mark.parametrize("body", [None, [], "text", 5])
def test_a_body_that_is_not_an_object_is_refused(body):
    with pytest.raises(MalformedBody):
        bind(SCHEMA, body)


def test_members_outside_the_schema_are_ordered_last():
    assert list(order_members(SCHEMA, {"colour": 1, "price": 2, "title": 3})) == ["title", "price", "colour"]
