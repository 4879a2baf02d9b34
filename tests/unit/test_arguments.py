"""Argument models: canonical forms, markers, messages of broken rules, and unknowns."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_partnercenter import InputError
from pulumi_partnercenter.markers import Immutable, Integer, Meaning, Secret, Unordered, WriteOnly
from pulumi_partnercenter.messages import shortened
from pulumi_partnercenter.model import Arguments, Outputs, Part
from pulumi_partnercenter.values import UNKNOWN


def _lower_case(value: str) -> str:
    if " " in value:
        raise ValueError("no blanks")
    return value.lower()


Code = Annotated[str, Meaning(_lower_case)]
Money = Annotated[Decimal, Meaning(dump=lambda value: f"{value.normalize():f}")]


def _colour_from_name(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class Colour(Part):
    name: Code
    share: Integer = 1


def _few_when_small(paint: Paint) -> str | None:
    return "colours: a small can has one" if paint.size == "small" and len(paint.colours) > 1 else None


class Paint(Arguments):
    rules = (_few_when_small,)

    can: Annotated[str, Immutable]
    size: Literal["small", "large"] = "large"
    price: Money = Decimal(1)
    colours: Annotated[list[Annotated[Colour, Meaning(accept=_colour_from_name)]], Unordered] = []
    recipe: Annotated[str, Secret] = ""


class PaintOutputs(Outputs):
    shelf: str


FULL = {
    "can": "a",
    "size": "small",
    "price": 2.50,
    "colours": ["RED"],
    "recipe": "s3cret",
}


class TestCanonical:
    def test_canonical_arguments_have_defaults_and_json_values(self) -> None:
        assert Paint.canonical({"can": "a"}) == {
            "adopt": False,
            "can": "a",
            "size": "large",
            "price": "1",
            "colours": [],
            "recipe": "",
        }
        assert Paint.canonical(FULL)["price"] == "2.5"
        assert Paint.canonical(FULL)["colours"] == [{"name": "red", "share": 1}]

    def test_the_canonical_form_of_canonical_arguments_is_itself(self) -> None:
        canonical = Paint.canonical(FULL)
        assert Paint.canonical(canonical) == canonical

    def test_invalid_values_stay_unchanged(self) -> None:
        broken = {**FULL, "size": "huge", "colours": ["a b"], "price": "x"}
        canonical = Paint.canonical(broken)
        assert (canonical["size"], canonical["colours"], canonical["price"]) == ("huge", ["a b"], "x")

    def test_unknowns_stay_unchanged_at_any_depth(self) -> None:
        canonical = Paint.canonical({**FULL, "can": UNKNOWN, "colours": [{"name": UNKNOWN}]})
        assert canonical["can"] is UNKNOWN
        assert canonical["colours"][0]["name"] is UNKNOWN

    def test_the_given_arguments_are_not_changed(self) -> None:
        arguments = {**FULL, "colours": [{"name": "RED"}]}
        Paint.canonical(arguments)
        assert arguments["colours"] == [{"name": "RED"}]

    @given(st.lists(st.sampled_from(["red", "GREEN", "Blue"]), max_size=4), st.randoms())
    def test_the_order_of_an_unordered_list_is_no_difference(self, colours: list[str], random: Any) -> None:
        shuffled = random.sample(colours, len(colours))
        first, second = (Paint.canonical({"can": "a", "colours": order}) for order in (colours, shuffled))
        assert Paint.differing(first, second) == []
        assert Paint.fingerprint(first) == Paint.fingerprint(second)


class TestDifferences:
    def test_differing_arguments_are_named(self) -> None:
        arguments = Paint.canonical(FULL)
        assert Paint.differing(arguments, {**arguments, "size": "large", "price": "3"}) == ["size", "price"]

    def test_an_unknown_differs_even_from_itself(self) -> None:
        arguments = Paint.canonical({**FULL, "can": UNKNOWN})
        assert Paint.differing(arguments, arguments) == ["can"]

    def test_adopt_is_never_a_difference(self) -> None:
        arguments = Paint.canonical(FULL)
        assert Paint.differing(arguments, {**arguments, "adopt": True}) == []
        assert Paint.fingerprint(arguments) == Paint.fingerprint({**arguments, "adopt": True})


class TestProblems:
    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"size": "huge"}, ["size: 'huge'", "'small' or 'large'"]),
            ({"can": 5.0}, ["can: 5 ", "string"]),
            ({"colours": ["a b"]}, ["colours[0].name: 'a b'", "no blanks"]),
            ({"colours": [{"name": "a", "share": "x"}]}, ["colours[0].share: 'x'", "must be a number"]),
            ({"colours": [{"share": 1}]}, ["colours[0].name: is required"]),
            ({"colours": ["a", "b"]}, ["colours: a small can has one"]),
            ({"siez": 1}, ["siez: no such argument; did you mean size?"]),
            ({"recipe": 5}, ["recipe: ", "string"]),
        ],
    )
    def test_a_problem_is_one_sentence_with_name_value_and_rule(
        self, change: dict[str, Any], words: list[str]
    ) -> None:
        (sentence,) = Paint.problems({**FULL, **change})
        assert not [word for word in words if word not in sentence], sentence

    def test_a_problem_does_not_quote_a_secret(self) -> None:
        assert "s3cret" not in " ".join(Paint.problems({**FULL, "recipe": ["s3cret"]}))

    def test_parsing_reports_all_problems_in_one_line(self) -> None:
        with pytest.raises(InputError) as error:
            Paint.parse({"size": "huge", "price": "x"})
        assert all(name in str(error.value) for name in ("can", "size", "price"))
        assert len(str(error.value).splitlines()) == 1


class TestUnknowns:
    @pytest.mark.parametrize(
        "change",
        [
            {"can": UNKNOWN},
            {"size": UNKNOWN, "colours": ["a", "b"]},
            {"colours": UNKNOWN},
            {"colours": [UNKNOWN, "b"], "size": "large"},
            {"colours": [{"name": UNKNOWN}, "b"], "size": "large"},
            {"colours": [UNKNOWN], "size": "small"},
        ],
    )
    def test_a_rule_that_needs_an_unknown_is_deferred(self, change: dict[str, Any]) -> None:
        assert Paint.problems({**FULL, **change}) == []

    @pytest.mark.parametrize(
        ("change", "word"),
        [
            ({"can": UNKNOWN, "size": "huge"}, "size"),
            ({"colours": [UNKNOWN, "a b"], "size": "large"}, "colours[1].name"),
            ({"colours": [UNKNOWN, "b"]}, "a small can has one"),
            ({"colours": [{"name": UNKNOWN}, "b"]}, "a small can has one"),
            ({"colours": [{"name": UNKNOWN, "share": "x"}]}, "share"),
            ({"colours": [{"name": UNKNOWN, "shade": 1}]}, "shade"),
            ({"recipe": UNKNOWN, "colours": ["a", "b"]}, "a small can has one"),
        ],
    )
    def test_problems_beside_an_unknown_are_reported(self, change: dict[str, Any], word: str) -> None:
        (sentence,) = Paint.problems({**FULL, **change})
        assert word in sentence


class TestModels:
    def test_arguments_are_listed_in_their_order(self) -> None:
        assert list(Paint.names()) == ["adopt", "can", "size", "price", "colours", "recipe"]
        assert list(Paint.arguments()) == ["can", "size", "price", "colours", "recipe"]
        assert list(Paint.marked(Immutable)) == ["can"]
        assert list(Paint.marked(Secret)) == ["recipe"]

    def test_parts_are_equal_by_value_and_frozen(self) -> None:
        assert Colour(name="RED") == Colour(name="red", share=1)
        with pytest.raises(Exception, match="frozen"):
            Colour(name="red").share = 2  # type: ignore[misc]

    def test_outputs_are_written_as_json(self) -> None:
        assert PaintOutputs(shelf="left").to_json() == {"shelf": "left"}

    def test_parsed_arguments_have_python_types(self) -> None:
        paint = Paint.parse(FULL)
        assert isinstance(paint.price, Decimal)
        assert paint.colours[0].name == "red"
        assert paint.to_json() == Paint.canonical(FULL)


class Lock(Part):
    place: str
    code: Annotated[str, WriteOnly] = ""


class Shed(Arguments):
    lock: Annotated[
        Lock | None,
        Meaning(accept=lambda value: value or None, dump=lambda lock: lock.to_json() if lock else {}),
        Secret,
    ] = None
    pin: Annotated[str, Secret, WriteOnly] = ""
    size: int = 1


class TestUnreadable:
    """Arguments, and members of arguments, that the service never returns."""

    LAST_ARGUMENTS = Shed.canonical(
        {
            "lock": {"place": "door", "code": "12"},
            "pin": "34",
            "size": 2,
            "adopt": True,
        }
    )

    def test_unreadable_arguments_stay_as_last_set_and_others_as_read(self) -> None:
        current = Shed.canonical({"lock": {"place": "gate"}, "size": 3})
        merged = Shed.merge_unreadable(current, self.LAST_ARGUMENTS)
        assert merged == current | {"lock": {"place": "gate", "code": "12"}, "pin": "34", "adopt": True}
        assert Shed.differing(self.LAST_ARGUMENTS, merged) == ["lock", "size"]

    @pytest.mark.parametrize("last_arguments", [{}, {"lock": {}}])
    def test_unreadable_arguments_that_were_never_set_stay_empty(
        self, last_arguments: dict[str, Any]
    ) -> None:
        current = Shed.canonical({"lock": {"place": "gate"}})
        assert Shed.merge_unreadable(current, last_arguments) == current
        assert Shed.merge_unreadable(Shed.canonical({}), self.LAST_ARGUMENTS)["lock"] == {}

    @pytest.mark.parametrize(
        ("arguments", "is_held"),
        [
            ({"lock": {"place": "door", "code": "12"}}, True),
            ({"pin": "34"}, True),
            ({"lock": {"place": "door"}, "size": 2}, False),
            ({}, False),
        ],
    )
    def test_only_secrets_that_are_set_count_as_unreadable(
        self, arguments: dict[str, Any], is_held: bool
    ) -> None:
        assert Shed.parse(arguments).holds_unreadable_secrets() is is_held


class TestShortenedValues:
    @pytest.mark.parametrize(
        ("value", "text"),
        [("a", "'a'"), (5.0, "5"), (5.5, "5.5"), (True, "True"), (["a"], "['a']"), ({}, "{}")],
    )
    def test_short_values_are_shown_whole(self, value: Any, text: str) -> None:
        assert shortened(value) == text

    def test_long_values_are_cut_and_long_strings_show_their_length(self) -> None:
        assert shortened("a" * 230).endswith("… (230 characters)")
        assert all(len(shortened(value)) <= 90 for value in ("a" * 9999, list(range(999)), {"a": "b" * 99}))


@pytest.fixture
def frequent_thread_switches() -> Iterator[None]:
    """Threads are switched as often as possible."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def test_threads_that_use_a_part_first_share_its_model(frequent_thread_switches: None) -> None:
    for _ in range(20):
        step_class: Any = type("Step", (Part,), {"__annotations__": {"name": str}})
        result_class: Any = type("Result", (Outputs,), {"__annotations__": {"steps": list[step_class]}})
        barrier = threading.Barrier(4)

        def create_result(
            number: int,
            barrier: Any = barrier,
            result_class: Any = result_class,
            step_class: Any = step_class,
        ) -> Any:
            barrier.wait(30)
            return result_class(steps=[step_class(name=str(number))])

        with ThreadPoolExecutor(4) as pool:
            assert len({type(result.steps[0]) for result in pool.map(create_result, range(4))}) == 1
