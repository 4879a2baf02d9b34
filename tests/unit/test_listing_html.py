"""HTML of a listing's page: which markup of descriptions is kept, and the text of prices and trials."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pulumi_partnercenter.cli.compare import DRAFT, ResourceComparison
from pulumi_partnercenter.cli.listing_page.listing import Listing
from pulumi_partnercenter.cli.listing_page.pictures import Picture
from pulumi_partnercenter.cli.listing_page.render import render_page
from pulumi_partnercenter.registry import exportable_kinds

OFFER = "11111111-1111-4111-8111-111111111111"
PLAN = f"{OFFER}/22222222-2222-4222-8222-222222222222"

MANY_MARKETS = ["AT", "BE", "CA", "CH", "DE", "DK", "ES", "FR", "GB", "IT", "NL", "SE", "US"]


def resource(type: str, id: str, **arguments: Any) -> ResourceComparison:
    kind = exportable_kinds()[type]
    return ResourceComparison(
        type, kind, id, {DRAFT: kind.arguments.canonical(arguments)}, is_versioned=True, is_fresh=False
    )


def render(*resources: ResourceComparison) -> str:
    """Render the page of a draft without a comparison."""
    listing = Listing(
        "contoso-archive", "AzureApplication", "Contoso", "a draft", {}, [], resources, lambda *_: Picture()
    )
    return render_page(listing, datetime(2026, 1, 2, 3, 4, tzinfo=UTC))


def render_description(description: str) -> str:
    """Render a description as on the page."""
    page = render(
        resource("OfferListing", f"{OFFER}/en-us", offer=OFFER, title="Contoso", description=description)
    )
    return page.partition('<div class="description" dir="auto">')[2].partition("</div>\n\n<h3>")[0]


def render_pricing(**pricing: Any) -> str:
    plan = resource("Plan", PLAN, offer=OFFER, plan_id="gold", name="Gold", subtype="managed-application")
    return " ".join(render(plan, resource("PlanPricing", PLAN, plan=PLAN, **pricing)).split())


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("<p>Keeps <b>all</b></p><ul><li>One</li></ul>", "<p>Keeps <b>all</b></p><ul><li>One</li></ul>"),
        ("<h1>Rules</h1>", '<h1 aria-level="4">Rules</h1>'),
        ('<a href="https://contoso.example.com/?a=1&amp;b=2">More</a>',
         '<a href="https://contoso.example.com/?a=1&amp;b=2" rel="noopener nofollow">More</a>'),
        ('<a href="/relative">More</a>', '<a rel="noopener nofollow">More</a>'),
        ('<a href="//contoso.example.com">More</a>', '<a rel="noopener nofollow">More</a>'),
        ('<a href="http://contoso.example.com">More</a>', '<a rel="noopener nofollow">More</a>'),
        ('<a href="java&#10;script:alert(1)">More</a>', '<a rel="noopener nofollow">More</a>'),
        ('<p style="color: red" class="a" id="b" lang="de" onclick="c()">Text</p>', '<p lang="de">Text</p>'),
        ("<script>alert(1)</script><style>p {}</style>Text", "Text"),
        ("half \ud800", "half ?"),
        ("{{ listing }} {% raw %}", "{{ listing }} {% raw %}"),
        ("</div></section>", ""),
    ],
)  # fmt: skip
def test_a_description_keeps_its_formatting_and_nothing_that_acts(description: str, expected: str) -> None:
    assert render_description(description) == expected


@pytest.mark.parametrize(
    ("price", "words"),
    [
        ({"amount": 49, "per": "month"}, "per month"),
        ({"amount": 49, "per": "year"}, "per year"),
        ({"amount": 49, "per": "year", "every": 3}, "every 3 years"),
        ({"amount": 49, "per": "once"}, "once"),
        ({"amount": 49, "per": "use"}, "per use"),
    ],
)
def test_prices_name_their_period(price: dict[str, Any], words: str) -> None:
    row = f'<th scope="row"><span lang="en">{words}</span>'
    assert row in render_pricing(markets=["US"], prices=[price])


@pytest.mark.parametrize(
    ("trial", "words"),
    [
        ({}, "none"),
        ({"type": "TimedAccess", "duration": 1, "unit": "Months"}, "free for 1 month"),
        ({"type": "TimedUsage", "duration": 90, "unit": "Minute"}, "free for 90 minutes of use"),
        ({"type": "Unlimited"}, "free without an end"),
    ],
)
def test_trials_name_their_duration(trial: dict[str, Any], words: str) -> None:
    assert f'<dd><span lang="en">{words}</span>' in render_pricing(trial=trial)


@pytest.mark.parametrize(
    ("markets", "words"),
    [
        ([], '<dd><span lang="en">none</span>'),
        (["US", "CA"], "<dd>CA, US"),
        ("all", '<dd><span lang="en">every market</span>'),
        (MANY_MARKETS, '<dd><details><summary><span lang="en">13 markets</span></summary>AT, '),
    ],
    ids=["none", "two", "all", "many"],
)
def test_markets_are_listed_or_counted(markets: Any, words: str) -> None:
    assert f'<dt><span lang="en">Sold in</span></dt>{words}' in render_pricing(markets=markets)


def test_the_page_says_when_it_was_written() -> None:
    assert "Written 2026-01-02 03:04 UTC." in render()
