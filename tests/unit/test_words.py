"""The check of identifiers reports every definition of a forbidden name, and no use of it."""

from __future__ import annotations

from provider.tools.words import FORBIDDEN, forbidden_names, numbered_references

DEFINITIONS = [
    "{} = 1",
    "_{}: int = 1",
    "for {} in []: pass",
    "[1 for {} in []]",
    "def f({}): pass",
    "def f(*, {}=1): pass",
    "def {}(): pass",
    "async def {}(): pass",
    "class {}: pass",
    "lambda {}: 1",
    "with f() as {}: pass",
    "({} := 1)",
    "self.{} = 1",
    "a, (b, {}) = c",
    "import os as {}",
    "try: pass\nexcept OSError as {}: pass",
    "match a:\n    case [{}]: pass",
    "match a:\n    case {{'b': 1, **{}}}: pass",
    "match a:\n    case [*{}]: pass",
]


def test_every_definition_of_a_forbidden_name_is_reported_with_its_line() -> None:
    for text in DEFINITIONS:
        for name in FORBIDDEN:
            source = "\n" + text.format(name)
            line = next(number for number, text_line in enumerate(source.split("\n"), 1) if name in text_line)
            assert [
                (reported_line, reported_name.strip("_"))
                for reported_line, reported_name in forbidden_names(source)
            ] == [(line, name)], source


USES = [
    "f(said=1)",
    "error.said",
    "print(each)",
    "'told'",
    "# one",
    "eachs = 1",
    "reach = 1",
    "import there",
]


def test_a_use_of_a_forbidden_name_is_not_reported() -> None:
    assert [text for text in USES if forbidden_names(text)] == []


def test_references_by_number_are_reported_with_their_lines() -> None:
    references = ["Appendix " + "D", "reference " + "5"]  # apart, as this file is checked too
    source = "# {}\n\n# a conference 5, a reference to `OfferId`\nlead = 1  # see {}.16\n".format(*references)
    assert numbered_references(source) == [(1, references[0]), (4, references[1])]
