"""Argument models: canonical forms, markers, messages of broken rules, and unknowns."""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from annotated_types import MaxLen, MinLen
from hypothesis import given
from hypothesis import strategies as st
from provider.tools.hangs import HANG_SECONDS

from pulumi_partnercenter import InputError
from pulumi_partnercenter.markers import (
    Derived,
    Immutable,
    Integer,
    ListRule,
    Local,
    Meaning,
    Retained,
    Secret,
    Unordered,
    Vocabulary,
    WriteOnly,
)
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
            barrier.wait(HANG_SECONDS)
            return result_class(steps=[step_class(name=str(number))])

        with ThreadPoolExecutor(4) as pool:
            assert len({type(result.steps[0]) for result in pool.map(create_result, range(4))}) == 1


class Shade(Part):
    name: Annotated[str, Vocabulary("shade", ["pale", "dark"])] = "pale"
    share: Annotated[int, Retained] = 1
    code: Annotated[str, WriteOnly] = ""


def _is_light(shade: Shade) -> str | None:
    return "share: is too much for a dark shade" if (shade.name, shade.share) == ("dark", 9) else None


class RuledShade(Shade):
    rules = (_is_light,)


def _shades_differ(shades: Sequence[RuledShade]) -> Iterator[str]:
    names = [getattr(shade, "name", None) for shade in shades]
    for number, name in enumerate(names):
        if name is not None and name in names[:number]:
            yield f"[{number}].name: {name!r} is there twice"


class Wall(Arguments):
    place: Annotated[str, Immutable]
    shade: Annotated[Shade | None, Meaning(dump=lambda shade: shade.to_json() if shade else {}), Secret] = (
        None
    )
    coat: Shade = Shade()
    shades: Annotated[list[RuledShade], ListRule(_shades_differ)] = []
    tones: Annotated[dict[Annotated[str, Vocabulary("tone", ["warm", "cold"])], int], Unordered] = {}
    words: list[Annotated[str, Vocabulary("word", ["red", "green"])]] = []
    keys: Annotated[list[str], Secret] = []
    token: Annotated[str, Secret, Retained] = ""
    path: Annotated[str, Local] = ""
    digest: Annotated[str, Derived] = ""


class TestMembersOfParts:
    def test_marked_members_are_named_by_argument(self) -> None:
        assert Wall.unreadable() == {"shade": ["code"], "coat": ["code"], "shades": ["code"]}
        assert Wall.retained() == {"shade": ["share"], "coat": ["share"], "shades": ["share"]}
        assert Wall.part_in("shades") is RuledShade
        assert Wall.part_in("place") is None
        assert Wall.compared() == [name for name in Wall.names() if name not in ("adopt", "path")]

    def test_a_default_is_canonical_and_a_required_argument_has_none(self) -> None:
        assert Wall.default("shade") == {}
        assert Wall.default("place") is None
        assert Wall.default("keys") == []

    def test_a_replaced_member_is_not_validated(self) -> None:
        shade = Shade(name="dark")
        assert shade.replace(share="x").share == "x"
        assert shade.share == 1

    def test_merged_values_keep_the_services_retained_members(self) -> None:
        current = Wall.canonical({"place": "a", "shade": {"name": "dark", "share": 7}, "token": "theirs"})
        last = Wall.canonical({"place": "a", "shade": {"share": 0, "code": "12"}, "path": "here"})
        merged = Wall.merge_unreadable(current, last)
        assert merged["shade"] == {"name": "dark", "share": 0, "code": "12"}
        assert (merged["token"], merged["path"], merged["adopt"]) == ("", "here", False)
        given = Wall.canonical({"place": "a", "shade": {"share": 3}, "token": "mine"})
        merged = Wall.merge_unreadable(current, given)
        assert merged["shade"] == {"name": "dark", "share": 7, "code": ""}
        assert merged["token"] == "theirs"
        assert Wall.merge_unreadable(current, {})["token"] == "theirs"


class TestSecrets:
    def test_secret_texts_and_members_that_stay_with_the_service_are_collected(self) -> None:
        signed = "https://files.example.com/a?sv=2020-01-01&sig=c2VjcmV0LXNpZ25hdHVyZQ%3D%3D"
        props = {
            "place": "a",
            "words": [signed],
            "shade": {"name": "dark", "share": "5", "code": "12"},
            "keys": ["k1", 5, "k2"],
            "token": "t",
        }
        assert Wall.secrets(props) == [signed, "12", "5", "k1", "k2", "t"]
        assert Wall.secrets({"token": UNKNOWN, "shade": UNKNOWN}) == []


class TestGivenBeside:
    def test_arguments_that_differ_from_their_defaults_are_named(self) -> None:
        wall = Wall.parse({"place": "a", "token": "t", "digest": "d", "adopt": True, "words": ["red"]})
        assert Wall.given_beside(wall, "place", "shade", "coat") == ["words", "token"]
        assert Wall.given_beside(wall, "place", "shade", "coat", "token", "words") == []

    def test_an_unknown_argument_does_not_count(self) -> None:
        class Members:
            token = "t"

        assert Wall.given_beside(Members()) == ["token"]


class TestVocabularies:
    def test_words_outside_of_a_vocabulary_are_found_at_any_depth(self) -> None:
        props = {
            "coat": {"name": "palee"},
            "shades": [{"name": "dark"}, {"name": "drak"}],
            "tones": {"warmm": 1},
            "words": ["RED", "gren"],
        }
        remarks = Wall.vocabulary_remarks(props, Wall.names())
        assert [remark.split(" is not ")[0] for remark in remarks] == [
            "coat.name: 'palee'",
            "shades[1].name: 'drak'",
            "tones: 'warmm'",
            "words[1]: 'gren'",
        ]
        assert remarks[-1] == "words[1]: 'gren' is not a word known to this provider; did you mean green?"
        assert Wall.vocabulary_remarks(props, ["tones"]) == [remarks[2]]

    def test_unknown_and_absent_values_have_no_remark(self) -> None:
        assert (
            Wall.vocabulary_remarks({"words": [UNKNOWN], "coat": UNKNOWN, "tones": UNKNOWN}, Wall.names())
            == []
        )


class TestRulesOfParts:
    @pytest.mark.parametrize(
        ("shades", "problems"),
        [
            ([{"name": "dark", "share": 9}], ["shades[0].share: is too much for a dark shade"]),
            ([{}, {"name": "dark"}, {"name": "dark"}], ["shades[2].name: 'dark' is there twice"]),
            ([{"name": UNKNOWN, "share": 9}, {"name": "dark", "share": UNKNOWN}], []),
            (
                [{"name": "dark", "code": UNKNOWN}, UNKNOWN, {"name": "dark", "share": 9}],
                ["shades[2].name: 'dark' is there twice", "shades[2].share: is too much for a dark shade"],
            ),
            (UNKNOWN, []),
            ([], []),
        ],
    )
    def test_rules_of_elements_and_of_their_list_judge_what_is_known(
        self, shades: Any, problems: list[str]
    ) -> None:
        assert Wall.problems({"place": "a", "shades": shades}) == problems

    def test_a_wrong_member_and_a_broken_rule_are_both_named(self) -> None:
        shades = [{"name": "dark", "share": 9, "code": 5}]
        assert Wall.problems({"place": 5, "shades": shades}) == [
            "place: 5 — must be a string",
            "shades[0].code: 5 — must be a string",
            "shades[0].share: is too much for a dark shade",
        ]

    def test_a_rule_that_misspells_a_member_is_an_error_of_ours(self) -> None:
        class Misspelled(Arguments):
            rules = (lambda arguments: arguments.colour,)
            size: int = 1

        with pytest.raises(AttributeError, match="colour"):
            Misspelled.problems({"size": UNKNOWN})

    def test_text_that_nothing_can_carry_is_named_before_every_rule(self) -> None:
        assert Wall.problems({"place": "a\0", "words": ["\ud800"]}) == [
            "place: holds a NUL character, which Pulumi cannot transfer",
            "words[0]: holds half a character (a lone surrogate), which Pulumi cannot transfer",
        ]


class TestWordsOfProblems:
    @pytest.mark.parametrize(
        ("change", "problem"),
        [
            ({"place": UNKNOWN, "nmae": 1}, "nmae: no such argument"),
            ({"place": None}, "place: None — must be a string"),
            ({"shades": [{"naem": "a"}]}, "shades[0].naem: no such argument; did you mean name?"),
            (
                {"shades": [{"name": "a b"}]},
                "shades[0].name: 'a b' — must be a shade such as pale, without blanks",
            ),
            ({"shade": {"share": "x"}}, "shade.share: must be an integer"),
            ({"shade": 5}, "shade: must be an object"),
            ({"shades": [5]}, "shades[0]: 5 — must be an object"),
            ({"tones": ["warm"]}, "tones: ['warm'] — must be an object"),
            ({"words": "red"}, "words: 'red' — must be a list"),
            ({"tones": {"warm": "x"}}, "tones.warm: 'x' — must be an integer"),
        ],
    )
    def test_a_problem_has_place_value_and_rule(self, change: dict[str, Any], problem: str) -> None:
        (sentence,) = Wall.problems({"place": "a", **change})
        assert sentence.startswith(problem)

    def test_sizes_have_one_wording(self) -> None:
        class Sizes(Arguments):
            text: Annotated[str, MinLen(1)] = "a"
            words: Annotated[list[str], MinLen(1)] = ["a"]
            tones: Annotated[dict[str, str], MaxLen(1)] = {}

        assert Sizes.problems({"text": "", "words": [], "tones": {"a": "b", "c": "d"}}) == [
            "text: '' — must have at least 1 character",
            "words: [] — must have at least 1 item",
            "tones: {'a': 'b', 'c': 'd'} — must have at most 1 item",
        ]

    def test_a_long_name_of_a_member_is_cut(self) -> None:
        (sentence,) = Wall.problems({"place": "a", "x" * 200: 1})
        assert sentence.startswith("x" * 80 + ": no such argument")

    def test_parse_joins_the_problems_in_one_line(self) -> None:
        with pytest.raises(InputError) as caught:
            Wall.parse({"place": 5, "words": 5})
        assert str(caught.value) == "place: 5 — must be a string; words: 5 — must be a list"

    def test_a_list_with_an_unknown_element_may_be_too_long_and_is_not_yet_too_short(self) -> None:
        class Short(Arguments):
            tags: Annotated[list[str], MinLen(2), MaxLen(2)] = []

        assert Short.problems({"tags": UNKNOWN}) == []
        assert Short.problems({"tags": [UNKNOWN]}) == []
        (problem,) = Short.problems({"tags": ["a", "b", UNKNOWN]})
        assert problem.startswith("tags: ")
        assert "at most 2 items" in problem


class TestFingerprint:
    def test_a_fingerprint_covers_only_values_that_differ_from_the_defaults(self) -> None:
        canonical = Wall.canonical({"place": "a", "words": ["red"]})
        text = '{"place": "a", "words": ["red"]}'
        assert Wall.fingerprint(canonical) == hashlib.sha256(text.encode()).hexdigest()[:32]
        assert Wall.fingerprint({**canonical, "path": "here", "adopt": True}) == Wall.fingerprint(canonical)
        assert Wall.fingerprint({**canonical, "keys": ["a"]}) != Wall.fingerprint(canonical)
        assert Wall.fingerprint({**canonical, "words": ["a", "b"]}) != Wall.fingerprint(
            {**canonical, "words": ["b", "a"]}
        )
