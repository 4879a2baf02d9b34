"""Generated pages are current and complete; every link of every page leads somewhere."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from provider.tools.generate.__main__ import current
from provider.tools.generate.arguments import arguments, hints, words
from provider.tools.generate.pages import DOCS, PAGES, ROOT, page_of
from provider.tools.generate.readme import resources
from tests.resources.harness import kind_of

from pulumi_partnercenter.kind import Kind
from pulumi_partnercenter.markers import Immutable
from pulumi_partnercenter.resources import Resource

WRITTEN = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]

resource = pytest.mark.parametrize("resource", resources(), ids=lambda each: each.__name__)


def test_what_is_generated_is_current() -> None:
    made = current()
    assert [path.name for path, text in made.items() if path.read_text(encoding="utf-8") != text] == []
    assert set(PAGES.glob("*.md")) <= set(made)


@resource
def test_a_page_tells_every_argument_and_whether_it_replaces(resource: type[Resource]) -> None:
    text, model = page_of(resource).read_text(encoding="utf-8"), kind_of(resource).arguments
    said = list(inspect.signature(resource.__init__).parameters)[2:-1]
    assert {each.name for each in arguments(model, resource)} == set(said)
    for name in said:
        mark = "● " if name in model.marked(Immutable) else ""
        assert f"\n| {mark}`{name}` | " in text


@resource
def test_verbs_and_values_are_told_in_words_of_their_own(resource: type[Resource]) -> None:
    text = page_of(resource).read_text(encoding="utf-8")
    assert str(inspect.getdoc(Kind.find)) not in text
    assert not re.search(r"\*\*: *$|\bNone\b|<class|typing\.", text, re.MULTILINE)


def test_a_rule_is_told_in_the_words_of_its_message() -> None:
    offer, listing = (
        hints(kind_of(each).arguments) for each in resources() if each.__name__ in ("Offer", "OfferListing")
    )
    assert words(offer["offer_id"]).startswith("3 to 50 lowercase letters")
    assert words(listing["summary"]) == "string, at most 100 characters"
    assert words(listing["language"]) == "a language code such as en-us"


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        assert not target.startswith("http"), "pages name no hosts"
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        if anchor:
            assert anchor in _anchors(found), target


def _anchors(page: Path) -> set[str]:
    """As the usual renderers make them of headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}
