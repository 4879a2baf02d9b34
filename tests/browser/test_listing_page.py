"""The page of `show --html` in a real browser: no scripts, no requests, accessible."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from provider.tools.browser import Look, Observation, look
from provider.tools.emulators import RunningEmulator, serve
from tests.cli.command import Command
from tests.cli.listing_pages import UNKNOWN, offer_preview, write_page
from tests.cli.publisher import VAULT, publish_stages
from tests.resources.harness import Declaration, Ref

from pulumi_partnercenter import ListingVideo

pytestmark = pytest.mark.usefixtures("browser")
ELSEWHERE = "https://elsewhere.example.com"
HOSTILE_HTML = f"""
<script>alert('script')</script><p onmouseover="alert('over')" style="background:url({ELSEWHERE}/style.png)">Text</p>
<img src="{ELSEWHERE}/picture.png" onerror="alert('picture')"><svg onload="alert('svg')"><script>alert(1)</script></svg>
<a href="javascript:alert('address')">one</a> <a href="data:text/html,<script>alert(2)</script>">two</a>
<a href=" jAvAsCrIpT:alert(3)">three</a> <a href="{ELSEWHERE}/" target="_blank" rel="opener" onclick="alert(4)">four</a>
<iframe src="{ELSEWHERE}/frame"></iframe><object data="{ELSEWHERE}/object"></object><embed src="{ELSEWHERE}/embed">
<style>body {{ background: url({ELSEWHERE}/rule.png) }}</style><link rel="stylesheet" href="{ELSEWHERE}/sheet.css">
<meta http-equiv="refresh" content="0;url={ELSEWHERE}/refresh"><base href="{ELSEWHERE}/base/">
<form action="{ELSEWHERE}/form"><input autofocus onfocus="alert('focus')"><button>Send</button></form>
<h1 id="title-1">Heading</h1><h5>Another</h5><video src="{ELSEWHERE}/video" autoplay></video>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(5)&gt;"></math>
</div></section></main></body></html><script>alert('end')</script>
"""
HOSTILE_TEXT = "\"'><script>alert('text')</script><img src=x onerror=alert(6)>{{ 7 * 7 }}{% raw %}"
HOSTILE_ADDRESS = "javascript:alert('link')"

ACT = """() => { for (const element of document.querySelectorAll('body *')) {
    if (element.tagName === 'DETAILS') element.open = true;
    for (const type of ['mouseover', 'focus', 'mousedown', 'load', 'error'])
        element.dispatchEvent(new Event(type, {bubbles: true}));
    if (element.tagName !== 'A') element.click();
} }"""
ACTIVE_PARTS = """() => [...document.querySelectorAll('*')].flatMap(element => [
    ...element.getAttributeNames().filter(name => name.startsWith('on')),
    ...(element.closest('body') && element.hasAttribute('style') ? ['style'] : []),
    ...(element.matches('script, iframe, object, embed, form, input, link, base, video, svg, math') ? [element.tagName]
        : []),
])"""
ADDRESSES = """() => [...document.querySelectorAll('[href], [src]')]
    .map(element => element.getAttribute('href') || element.getAttribute('src'))
    .map(address => address.split(/[:,]/, 1)[0])"""
WITHOUT_REL = """() => [...document.querySelectorAll('a[href]:not([href^="#"])')].filter(
    link => link.rel !== 'noopener nofollow' || link.target).map(link => link.outerHTML)"""
HEADING_LEVELS = """() => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(
    heading => Number(heading.getAttribute('aria-level') || heading.tagName[1]))"""
LANGUAGES = "() => [...document.querySelectorAll('main > section')].map(section => section.lang)"
UNLABELLED = """() => [...document.querySelectorAll('section:not([lang^="en"]) :is(th, dt, summary, caption, h3)')]
    .filter(element => ![...element.children].some(child => child.lang === 'en')).map(element => element.outerHTML)"""
TABLE_CELLS = (
    "() => [...document.querySelectorAll('table')].every(t => t.caption && t.querySelector('th[scope=col]'))"
)
LOADED_PICTURES = (
    "() => [...document.images].every(image => image.complete && image.naturalWidth > 0 && image.alt)"
)
VISIBLE_TEXT = "() => document.body.innerText"
NAVIGATION = "() => getComputedStyle(document.querySelector('nav')).display"
FORMER_VALUE = "() => document.querySelector('details.change > *:last-child').checkVisibility()"
BACKGROUND = "() => getComputedStyle(document.body).backgroundColor"
WIDER_THAN_SCREEN = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


@dataclass(frozen=True)
class Pages:
    """The results of a browser for every page."""

    staged: Observation
    printed: Observation
    dark: Observation
    narrow: Observation
    hostile: Observation
    program: Observation

    def all(self) -> dict[str, Observation]:
        return vars(self)


@pytest.fixture(scope="module")
def pages(browser: str, tmp_path_factory: pytest.TempPathFactory) -> Pages:
    staged, hostile_page = service_pages(tmp_path_factory.mktemp("service"))
    reading = {
        "heading levels": HEADING_LEVELS,
        "languages": LANGUAGES,
        "unlabelled": UNLABELLED,
        "tables": TABLE_CELLS,
        "pictures": LOADED_PICTURES,
        "text": VISIBLE_TEXT,
        "active parts": ACTIVE_PARTS,
        "addresses": ADDRESSES,
        "links": WITHOUT_REL,
        "navigation": NAVIGATION,
        "former value": FORMER_VALUE,
        "background": BACKGROUND,
        "wide": WIDER_THAN_SCREEN,
    }
    hostile = {
        name: reading[name] for name in ("heading levels", "active parts", "addresses", "links", "text")
    }
    program = {name: reading[name] for name in ("heading levels", "active parts", "text")}
    return Pages(
        *look(
            Look(staged, reading),
            Look(staged, reading, media="print"),
            Look(staged, reading, is_dark=True),
            Look(staged, reading, width=360),
            Look(hostile_page, hostile, actions=ACT),
            Look(str(program_page(tmp_path_factory.mktemp("program"))), program),
        )
    )


def service_pages(folder: Path) -> tuple[str, str]:
    """Return an offer's page with preview and live, and its page with hostile values, which no program may declare."""
    with serve(seed=1) as emulator:
        partnercenter = Command(emulator.url, folder)
        publisher = publish_stages(emulator, folder)
        write_page(partnercenter)
        staged = (folder / "listing.html").rename(folder / "staged.html")
        video = {"offer": Ref("offer"), "url": "https://video.example.com/1"}
        publisher.add("video", Declaration(ListingVideo, video))
        publisher.save_draft()
        for path, members in hostile_members(emulator):
            emulator.portal(f"/v1.0/ingestion/products/{publisher.product}/{path}", **members)
        write_page(partnercenter)
    return str(staged), str(folder / "listing.html")


def hostile_members(emulator: RunningEmulator) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield documents of the offer, and hostile members to set as in the portal."""
    state = emulator.state()
    contact = {
        "type": "Engineering",
        "name": HOSTILE_TEXT,
        "email": f'"{HOSTILE_TEXT}@example.com',
        "phone": HOSTILE_TEXT,
    }
    texts = {
        "title": HOSTILE_TEXT,
        "shortDescription": HOSTILE_TEXT,
        "description": HOSTILE_HTML,
        "keywords": [HOSTILE_TEXT],
        "listingContacts": [{**contact, "uri": HOSTILE_ADDRESS}],
        "listingUris": [
            {"type": HOSTILE_TEXT, "subtype": "", "displayText": HOSTILE_TEXT, "uri": HOSTILE_ADDRESS}
        ],
    }
    for listing in drafts(state["listings"]):
        yield f"listings/{listing['id']}", texts
    (video,) = drafts(state["listingVideos"])
    listing = next(
        document for document in drafts(state["listings"]) if document["instanceID"] == video["instanceID"]
    )
    yield f"listings/{listing['id']}/videos/{video['id']}", {"streamingUri": HOSTILE_ADDRESS}
    (variant,) = state["variants"]
    yield f"variants/{variant['id']}", {"friendlyName": HOSTILE_TEXT}


def drafts(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [document for document in documents if document["stage"] == "draft"]


def program_page(folder: Path) -> Path:
    preview = offer_preview(description=HOSTILE_HTML, contacts=UNKNOWN, summary=UNKNOWN)
    preview.add(
        "ListingImage",
        "logo",
        offer="archive",
        kind="AzureLogoLarge",
        source="missing.png",
        file_name="a.png",
    )
    meter = {"id": "gb", "name": HOSTILE_TEXT, "unit": HOSTILE_TEXT, "price_in_usd": "1"}
    preview.add("Plan", "gold", offer="archive", plan_id="gold", name=UNKNOWN)
    preview.add(
        "PlanPricing",
        "gold",
        plan="gold",
        markets=["US"],
        prices=[UNKNOWN, {"amount": UNKNOWN}],
        meters=[meter],
    )
    write_page(Command("", folder), "--preview", preview.write(folder))
    return folder / "listing.html"


def test_no_page_loads_an_address_opens_a_dialog_or_complains(pages: Pages) -> None:
    for name, observation in pages.all().items():
        assert observation.requests == [], name
        assert observation.dialogs == [], name
        assert observation.console == [], name


def test_every_page_keeps_the_rules_of_accessibility(pages: Pages) -> None:
    assert {
        name: observation.violations for name, observation in pages.all().items() if observation.violations
    } == {}


@pytest.mark.parametrize("name", ["hostile", "program", "staged"])
def test_no_script_style_or_frame_of_the_service_is_in_the_page(name: str, pages: Pages) -> None:
    assert pages.all()[name].values["active parts"] == []


def test_links_of_the_service_lead_to_web_and_mail_only(pages: Pages) -> None:
    values = pages.hostile.values
    assert {address for address in values["addresses"] if not address.startswith("#listing-")} == {
        "https",
        "mailto",
        "data",
    }
    assert values["links"] == []
    assert HOSTILE_ADDRESS in values["text"], "an address that cannot be followed is still to be read"
    assert HOSTILE_TEXT in values["text"]


@pytest.mark.parametrize("name", ["staged", "hostile", "program"])
def test_headings_descend_by_one_level(name: str, pages: Pages) -> None:
    levels = pages.all()[name].values["heading levels"]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(level - before <= 1 for before, level in pairwise(levels))


def test_each_language_has_its_section_with_words_of_the_page_marked_as_english(pages: Pages) -> None:
    assert pages.staged.values["languages"] == ["en-us", "de-de"]
    assert pages.staged.values["unlabelled"] == []


def test_pictures_are_shown_with_alternatives_and_tables_have_headers(pages: Pages) -> None:
    assert pages.staged.values["pictures"] is True
    assert pages.staged.values["tables"] is True
    assert "Changed since preview" in pages.staged.values["text"]
    assert VAULT in pages.staged.values["text"]


def test_a_printed_page_has_former_values_and_no_navigation(pages: Pages) -> None:
    assert (pages.staged.values["navigation"], pages.printed.values["navigation"]) == ("block", "none")
    assert (pages.staged.values["former value"], pages.printed.values["former value"]) == (False, True)


def test_the_page_follows_the_colour_scheme_and_fits_a_narrow_screen(pages: Pages) -> None:
    assert pages.dark.values["background"] != pages.staged.values["background"]
    assert pages.narrow.values["wide"] is False


def test_unknown_values_are_read_as_known_after_apply(pages: Pages) -> None:
    assert "known after apply" in pages.program.values["text"]
    assert "missing.png" in pages.program.values["text"]
