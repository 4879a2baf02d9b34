"""Argument models: canonical forms, markers, words for broken rules, and what an unknown leaves undecided."""

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


def _lower(value: str) -> str:
    if " " in value:
        raise ValueError("no blanks")
    return value.lower()


Code = Annotated[str, Meaning(_lower)]
Money = Annotated[Decimal, Meaning(dump=lambda value: f"{value.normalize():f}")]


def _named(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class Colour(Part):
    name: Code
    share: Integer = 1


def _few_when_small(want: Paint) -> str | None:
    return "colours: a small can has one" if want.size == "small" and len(want.colours) > 1 else None


class Paint(Arguments):
    rules = (_few_when_small,)

    can: Annotated[str, Immutable]
    size: Literal["small", "large"] = "large"
    price: Money = Decimal(1)
    colours: Annotated[list[Annotated[Colour, Meaning(accept=_named)]], Unordered] = []
    recipe: Annotated[str, Secret] = ""


class Cans(Outputs):
    shelf: str


FULL = {
    "can": "a",
    "size": "small",
    "price": 2.50,
    "colours": ["RED"],
    "recipe": "s3cret",
}


class TestCanonical:
    def test_defaults_are_filled_in_and_values_are_what_json_holds(self) -> None:
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

    def test_it_is_its_own_canonical_form(self) -> None:
        once = Paint.canonical(FULL)
        assert Paint.canonical(once) == once

    def test_what_breaks_a_rule_stays_as_it_is(self) -> None:
        broken = {**FULL, "size": "huge", "colours": ["a b"], "price": "x"}
        told = Paint.canonical(broken)
        assert (told["size"], told["colours"], told["price"]) == ("huge", ["a b"], "x")

    def test_unknowns_stay_as_they_are_at_any_depth(self) -> None:
        told = Paint.canonical({**FULL, "can": UNKNOWN, "colours": [{"name": UNKNOWN}]})
        assert told["can"] is UNKNOWN
        assert told["colours"][0]["name"] is UNKNOWN

    def test_what_was_given_is_untouched(self) -> None:
        given_ = {**FULL, "colours": [{"name": "RED"}]}
        Paint.canonical(given_)
        assert given_["colours"] == [{"name": "RED"}]

    @given(st.lists(st.sampled_from(["red", "GREEN", "Blue"]), max_size=4), st.randoms())
    def test_the_order_of_what_is_unordered_means_nothing(self, colours: list[str], random: Any) -> None:
        shuffled = random.sample(colours, len(colours))
        one, other = (Paint.canonical({"can": "a", "colours": each}) for each in (colours, shuffled))
        assert Paint.differing(one, other) == []
        assert Paint.fingerprint(one) == Paint.fingerprint(other)


class TestDiffering:
    def test_it_names_what_differs(self) -> None:
        one = Paint.canonical(FULL)
        assert Paint.differing(one, {**one, "size": "large", "price": "3"}) == ["size", "price"]

    def test_an_unknown_differs_from_everything(self) -> None:
        one = Paint.canonical({**FULL, "can": UNKNOWN})
        assert Paint.differing(one, one) == ["can"]

    def test_adopt_is_no_difference(self) -> None:
        one = Paint.canonical(FULL)
        assert Paint.differing(one, {**one, "adopt": True}) == []
        assert Paint.fingerprint(one) == Paint.fingerprint({**one, "adopt": True})


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
    def test_each_is_one_sentence_with_name_value_and_rule(
        self, change: dict[str, Any], words: list[str]
    ) -> None:
        (sentence,) = Paint.problems({**FULL, **change})
        assert not [word for word in words if word not in sentence], sentence

    def test_secrets_are_not_repeated(self) -> None:
        assert "s3cret" not in " ".join(Paint.problems({**FULL, "recipe": ["s3cret"]}))

    def test_parse_tells_all_of_them(self) -> None:
        with pytest.raises(InputError) as told:
            Paint.parse({"size": "huge", "price": "x"})
        assert all(name in str(told.value) for name in ("can", "size", "price"))
        assert len(str(told.value).splitlines()) == 1


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
    def test_what_touches_one_is_not_judged_yet(self, change: dict[str, Any]) -> None:
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
    def test_what_stands_beside_one_is(self, change: dict[str, Any], word: str) -> None:
        (sentence,) = Paint.problems({**FULL, **change})
        assert word in sentence


class TestParts:
    def test_names_come_in_their_order(self) -> None:
        assert list(Paint.names()) == ["adopt", "can", "size", "price", "colours", "recipe"]
        assert list(Paint.arguments()) == ["can", "size", "price", "colours", "recipe"]
        assert list(Paint.marked(Immutable)) == ["can"]
        assert list(Paint.marked(Secret)) == ["recipe"]

    def test_they_are_values(self) -> None:
        assert Colour(name="RED") == Colour(name="red", share=1)
        with pytest.raises(Exception, match="frozen"):
            Colour(name="red").share = 2  # type: ignore[misc]

    def test_outputs_are_plain(self) -> None:
        assert Cans(shelf="left").to_json() == {"shelf": "left"}

    def test_parsed_arguments_are_typed(self) -> None:
        want = Paint.parse(FULL)
        assert isinstance(want.price, Decimal)
        assert want.colours[0].name == "red"
        assert want.to_json() == Paint.canonical(FULL)


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


class TestUntold:
    """What the service keeps to itself: an argument, or a member of one."""

    LAST = Shed.canonical(
        {
            "lock": {"place": "door", "code": "12"},
            "pin": "34",
            "size": 2,
            "adopt": True,
        }  # as the service never says
    )

    def test_it_stays_as_last_said_and_the_rest_is_as_seen(self) -> None:
        seen = Shed.canonical({"lock": {"place": "gate"}, "size": 3})
        kept = Shed.merge_unreadable(seen, self.LAST)
        assert kept == seen | {"lock": {"place": "gate", "code": "12"}, "pin": "34", "adopt": True}
        assert Shed.differing(self.LAST, kept) == ["lock", "size"]

    @pytest.mark.parametrize("last", [{}, {"lock": {}}])
    def test_nothing_is_made_up(self, last: dict[str, Any]) -> None:
        seen = Shed.canonical({"lock": {"place": "gate"}})
        assert Shed.merge_unreadable(seen, last) == seen
        assert Shed.merge_unreadable(Shed.canonical({}), self.LAST)["lock"] == {}

    @pytest.mark.parametrize(
        ("said", "holds"),
        [
            ({"lock": {"place": "door", "code": "12"}}, True),
            ({"pin": "34"}, True),
            ({"lock": {"place": "door"}, "size": 2}, False),
            ({}, False),
        ],
    )
    def test_only_a_secret_that_was_said_is_held(self, said: dict[str, Any], holds: bool) -> None:
        assert Shed.parse(said).holds_unreadable_secrets() is holds


class TestShortened:
    @pytest.mark.parametrize(
        ("value", "text"),
        [("a", "'a'"), (5.0, "5"), (5.5, "5.5"), (True, "True"), (["a"], "['a']"), ({}, "{}")],
    )
    def test_short_values_are_shown_whole(self, value: Any, text: str) -> None:
        assert shortened(value) == text

    def test_long_ones_are_cut_and_texts_tell_their_length(self) -> None:
        assert shortened("a" * 230).endswith("… (230 characters)")
        assert all(len(shortened(value)) <= 90 for value in ("a" * 9999, list(range(999)), {"a": "b" * 99}))


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_threads_that_use_a_part_first_share_its_model(restless: None) -> None:
    for _ in range(20):
        step: Any = type("Step", (Part,), {"__annotations__": {"name": str}})
        told: Any = type("Told", (Outputs,), {"__annotations__": {"steps": list[step]}})
        meet = threading.Barrier(4)

        def first(number: int, meet: Any = meet, told: Any = told, step: Any = step) -> Any:
            meet.wait(30)
            return told(steps=[step(name=str(number))])

        with ThreadPoolExecutor(4) as pool:
            assert len({type(each.steps[0]) for each in pool.map(first, range(4))}) == 1
