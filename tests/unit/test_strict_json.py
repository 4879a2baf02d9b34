"""The strict JSON reader accepts standard JSON only; every value it returns can be written as JSON again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_partnercenter.strict_json import NestedTooDeeply, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_every_json_value_is_read_back(value: object) -> None:
    assert read_json(json.dumps(value)) == value


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
@pytest.mark.parametrize("place", ["{}", "[{}]", '{{"a": {}}}'])
def test_a_number_outside_standard_json_is_refused_by_name(number: str, place: str) -> None:
    with pytest.raises(ValueError, match=f"^{number} is "):
        read_json(place.format(number))


def test_json_nested_too_deeply_has_its_own_error() -> None:
    with pytest.raises(NestedTooDeeply, match="nested too deeply"):
        read_json("[" * 100_000)


@pytest.mark.parametrize("text", ["", "{", "[1,]", "'a'", "{a: 1}", "1 2"])
def test_malformed_json_is_refused_with_its_position(text: str) -> None:
    with pytest.raises(ValueError, match="line 1 column"):
        read_json(text)
