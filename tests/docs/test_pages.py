"""Generated pages are current and complete, and the links of all pages are valid."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from provider.tools.generate import constructors
from provider.tools.generate.__main__ import generate_pages
from provider.tools.generate.arguments import arguments, hints, words
from provider.tools.generate.pages import DOCS, PAGES, ROOT, page_of, resources
from tests.resources.harness import kind_of

from pulumi_partnercenter.kind import Kind
from pulumi_partnercenter.markers import Immutable
from pulumi_partnercenter.resources import Resource

ALL_PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]

resource = pytest.mark.parametrize("resource", resources(), ids=lambda resource: resource.__name__)


@pytest.mark.soak
def test_generated_pages_are_current() -> None:
    generated = constructors.generated() | generate_pages()
    assert [path.name for path, text in generated.items() if path.read_text(encoding="utf-8") != text] == []
    assert set(PAGES.glob("*.md")) <= set(generated)


@resource
def test_the_page_of_a_resource_lists_every_argument_and_marks_immutable_ones(
    resource: type[Resource],
) -> None:
    text, model = page_of(resource).read_text(encoding="utf-8"), kind_of(resource).arguments
    names = list(inspect.signature(resource.__init__).parameters)[2:-1]
    assert {argument.name for argument in arguments(model, resource)} == set(names)
    for name in names:
        mark = "● " if name in model.marked(Immutable) else ""
        assert f"\n| {mark}`{name}` | " in text


@resource
def test_the_page_of_a_resource_has_no_inherited_docstrings_and_no_python_types(
    resource: type[Resource],
) -> None:
    text = page_of(resource).read_text(encoding="utf-8")
    assert str(inspect.getdoc(Kind.find)) not in text
    assert not re.search(r"\*\*: *$|\bNone\b|<class|typing\.", text, re.MULTILINE)


def test_rules_of_arguments_in_pages_have_the_words_of_their_messages() -> None:
    offer, listing = (
        hints(kind_of(resource).arguments)
        for resource in resources()
        if resource.schema.known_as in ("Offer", "OfferListing")
    )
    assert words(offer["offer_id"]).startswith("3 to 50 lowercase letters")
    assert words(listing["summary"]) == "string, at most 100 characters"
    assert words(listing["language"]) == "a language code such as en-us"


@pytest.mark.parametrize("page", ALL_PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_of_pages_are_valid(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        assert not target.startswith("http"), "pages name no hosts"
        path, _, anchor = target.partition("#")
        target_page = (page.parent / path).resolve() if path else page
        assert target_page.exists(), target
        if anchor:
            assert anchor in _anchors(target_page), target


def _anchors(page: Path) -> set[str]:
    """Anchors of the headings, as common renderers form them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
