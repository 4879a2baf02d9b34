"""`show`: an offer as a tree, the draft beside preview and live."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from provider.tools.emulators import Serving, serve
from tests.cli.command import Command
from tests.cli.published import OFFER, Publisher
from tests.resources.examples import MANAGED, configured
from tests.resources.harness import Declared, Ref, Stack, kind_of

import pulumi_partnercenter
from pulumi_partnercenter import LeadDestination, ListingImage, Offer, OfferListing, Plan, PlanListing
from pulumi_partnercenter.emulator.submission.document_types import OFFER_TYPES
from pulumi_partnercenter.markers import Secret, WriteOnly
from pulumi_partnercenter.resources import Resource

PLANTED = "planted-7f3a9c-secret"
TITLE, VAULT = "Contoso Archive", "Contoso Vault"


@dataclass(frozen=True)
class Shown:
    """The document that `--json` prints."""

    document: Mapping[str, Any]

    def of(self, type: str, **arguments: Any) -> dict[str, Any]:
        (found,) = [
            each
            for each in self.document["resources"]
            if each["type"] == type and arguments.items() <= (each["draft"] or each.get("live") or {}).items()
        ]
        return found

    def differing(self) -> dict[str, dict[str, list[str]]]:
        """Names by stage, by type and id."""
        return {
            f"{each['type']} {each['id'].partition('/')[2]}".strip(): told
            for each in self.document["resources"]
            if (told := {stage: names for stage, names in each["differs"].items() if names})
        }


def shown(partnercenter: Command, *options: str) -> Shown:
    return Shown(partnercenter("show", OFFER, "--json", *options).well().json())


@pytest.fixture
def publisher(emulator: Serving, tmp_path: Path) -> Publisher:
    return Publisher.of(emulator, tmp_path)


class TestDraftOnly:
    def test_everything_that_a_program_declared_is_there_as_declared(
        self, publisher: Publisher, partnercenter: Command
    ) -> None:
        publisher.draft()
        told = shown(partnercenter)
        assert told.document["stages"] == {}
        for name, record in publisher.stack.state.items():
            model = kind_of(record.kind).arguments
            (found,) = [
                each
                for each in told.document["resources"]
                if (each["type"], each["id"]) == (record.kind.__name__, record.id)
            ]
            unseen = {"adopt", *model.marked(WriteOnly)}
            expected = {key: record.inputs[key] for key in model.compared() if key not in unseen}
            assert found["draft"] == expected, name

    def test_looking_writes_nothing(
        self, publisher: Publisher, emulator: Serving, partnercenter: Command
    ) -> None:
        publisher.draft()
        before = emulator.state()
        emulator.clear()
        partnercenter("show", OFFER).well()
        assert {each["method"] for each in emulator.requests()} == {"GET"}
        assert emulator.state() == before

    def test_the_tree_has_each_resource_below_its_parent(
        self, publisher: Publisher, partnercenter: Command
    ) -> None:
        publisher.draft()
        lines = partnercenter("show", OFFER).well().out.splitlines()
        assert lines[0].startswith(f"{OFFER}  AzureApplication 'Contoso Archive'  ")
        assert "  draft only: nothing was ever submitted" in lines
        for line in (
            "  offer listing en-us",
            "    title: 'Contoso Archive'",
            "    listing image AzureLogoLarge AzureLogoLarge.png",
            "  plan gold",
            "    plan pricing",
            "      markets: ['US']",
            "    plan listing en-us",
        ):
            assert line in lines
        assert all("differs" not in line for line in lines)

    def test_a_new_offer_is_shown_with_its_defaults(
        self, publisher: Publisher, partnercenter: Command
    ) -> None:
        publisher.stack.up({"offer": publisher.program["offer"]})
        assert "offer setup  at its defaults" in partnercenter("show", OFFER).well().out
        assert shown(partnercenter).of("OfferListing")["draft"]["title"] == TITLE

    def test_secrets_are_never_shown(self, publisher: Publisher, partnercenter: Command) -> None:
        leads = {
            "azure_table": {"connection_string": f"AccountName=contoso;AccountKey={PLANTED}"},
            "contact_email": "leads@contoso.example.com",
        }
        publisher.add("leads", Declared(LeadDestination, {"offer": Ref("offer"), **leads}))
        publisher.draft()
        for options in ([], ["--json"], ["--differences"]):
            ran = partnercenter("show", OFFER, *options, PARTNERCENTER_LOG="debug").well()
            assert PLANTED not in ran.out + ran.err
        assert "azure_table: (secret)" in partnercenter("show", OFFER).out
        told = shown(partnercenter).of("LeadDestination")["draft"]
        assert told["azure_table"] == "(secret)"
        assert told["contact_email"] == "leads@contoso.example.com"

    def test_what_the_service_says_moves_no_cursor(
        self, publisher: Publisher, emulator: Serving, partnercenter: Command
    ) -> None:
        publisher.change("offer", alias="Contoso\x1b[2J")
        publisher.draft()
        assert "\x1b" not in partnercenter("show", OFFER).well().out


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Publisher, Command]]:
    """Three titles, one a stage; live lacks a language, the draft a picture; then other terms for a plan."""
    folder = tmp_path_factory.mktemp("stages")
    with serve(seed=1) as emulator:
        publisher = Publisher.of(emulator, folder)
        Image.new("RGB", (1280, 720), "navy").save(folder / "screen.png")
        of_offer = {"offer": Ref("offer")}
        screen = {**of_offer, "kind": "AzureLogoScreenshot", "source": str(folder / "screen.png")}
        publisher.add("screen", Declared(ListingImage, screen))
        publisher.live()
        publisher.change("listing", title="Contoso Archive, the second")
        german = {**of_offer, "language": "de-de", "title": "Contoso Archiv"}
        publisher.add("german", Declared(OfferListing, german))
        emulator.decide("validation", "pass")  # a title alone is too little
        publisher.preview()
        publisher.remove("screen")
        publisher.change("listing", title=VAULT)
        publisher.change("gold-pricing", is_hidden=True)
        publisher.change("reseller", state="Disabled")
        publisher.draft()
        yield publisher, Command(emulator.url, folder)


class TestStages:
    def test_differences_are_told_by_argument_and_stage(self, world: tuple[Publisher, Command]) -> None:
        publisher, partnercenter = world
        plan = publisher.stack.state["gold"].id.partition("/")[2]
        told = shown(partnercenter).differing()
        german = {"live": ["title"]}
        screen = told.pop("ListingImage en-us/AzureLogoScreenshot/screen.png")
        assert told == {
            "OfferListing en-us": {"preview": ["title"], "live": ["title"]},
            "OfferListing de-de": german,
            f"PlanPricing {plan}": {"preview": ["is_hidden"], "live": ["is_hidden"]},
        }
        assert screen["preview"] == screen["live"]

    def test_each_stage_has_its_own_values(self, world: tuple[Publisher, Command]) -> None:
        _, partnercenter = world
        told = shown(partnercenter)
        assert {name: each["state"] for name, each in told.document["stages"].items()} == {
            "preview": "preview",
            "live": "live",
        }
        listing = told.of("OfferListing", language="en-us")
        titles = [listing[stage]["title"] for stage in ("draft", "preview", "live")]
        assert titles == [VAULT, "Contoso Archive, the second", TITLE]
        assert told.of("OfferListing", language="de-de")["live"] is None

    def test_what_the_service_keeps_no_versions_of_is_not_compared(
        self, world: tuple[Publisher, Command]
    ) -> None:
        _, partnercenter = world
        reseller = shown(partnercenter).of("ResellerChannel")
        assert (reseller["versioned"], reseller["draft"]["state"]) == (False, "Disabled")
        assert "live" not in reseller

    def test_the_tree_sets_them_beside_each_other(self, world: tuple[Publisher, Command]) -> None:
        _, partnercenter = world
        lines = partnercenter("show", OFFER).well().out.splitlines()
        beside = f"draft {VAULT!r} | preview 'Contoso Archive, the second' | live {TITLE!r}"
        assert f"    title: {beside}" in lines
        assert "  offer listing en-us  differs from preview  differs from live" in lines
        assert "  offer listing de-de  not in live" in lines
        assert "      is_hidden: draft True | preview, live False" in lines
        assert any("screen.png  not in the draft" in line for line in lines)
        assert "  reseller channel  at its defaults  not versioned" in lines

    def test_differences_alone(self, world: tuple[Publisher, Command]) -> None:
        _, partnercenter = world
        whole = shown(partnercenter)
        alone = shown(partnercenter, "--differences")
        assert alone.differing() == whole.differing()
        assert len(alone.document["resources"]) == len(whole.differing())
        told = partnercenter("show", OFFER, "--differences").well().out
        assert "is_hidden" in told
        assert "markets" not in told

    def test_piped_it_is_plain_and_on_a_terminal_it_is_a_tree(self, world: tuple[Publisher, Command]) -> None:
        _, partnercenter = world
        piped = partnercenter("show", OFFER).well()
        assert not set("\x1b├└│") & set(piped.out)
        assert piped.err == ""
        drawn = partnercenter.on_a_terminal("show", OFFER).well().out
        assert "├── " in drawn
        assert "\x1b[33m" in drawn
        assert "\x1b[33m" not in partnercenter.on_a_terminal("show", OFFER, NO_COLOR="1").well().out

    def test_a_closed_pipe_is_no_error(self, world: tuple[Publisher, Command]) -> None:
        _, partnercenter = world
        with partnercenter.started("show", OFFER) as running:
            assert running.stdout
            running.stdout.close()
            assert running.stderr
            assert running.stderr.read() == ""


class TestPublished:
    def test_nothing_differs_right_after_publishing(
        self, publisher: Publisher, partnercenter: Command
    ) -> None:
        publisher.live()
        assert shown(partnercenter).differing() == {}
        assert "nothing differs" in partnercenter("show", OFFER, "--differences").well().out

    def test_a_plan_that_was_never_submitted_is_in_the_draft_only(
        self, publisher: Publisher, emulator: Serving, partnercenter: Command
    ) -> None:
        publisher.live()
        silver = {"offer": Ref("offer"), "plan_id": "silver", "name": "Silver", "subtype": MANAGED}
        publisher.add("silver", Declared(Plan, silver))
        texts = {"plan": Ref("silver"), "title": "Silver", "summary": "For some"}
        publisher.add("silver-listing", Declared(PlanListing, texts))
        publisher.draft()
        told = shown(partnercenter)
        listing = told.of("PlanListing", title="Silver")
        assert listing["live"] is None
        assert told.differing().keys() == {f"PlanListing {listing['id'].partition('/')[2]}"}

    def test_a_failed_submission_shows_no_content(
        self, publisher: Publisher, emulator: Serving, partnercenter: Command
    ) -> None:
        emulator.decide("validation", "fail")
        with pytest.raises(pulumi_partnercenter.Rejected):
            publisher.preview()
        assert shown(partnercenter).document["stages"] == {}
        assert ": failed" in partnercenter("show", OFFER).well().out.splitlines()[1]

    def test_texts_that_differ_far_from_their_beginning_show_where(
        self, publisher: Publisher, partnercenter: Command
    ) -> None:
        text = "<p>" + "Keeps what nobody opens, and gives it back. " * 9
        publisher.change("listing", description=f"{text}At once.</p>")
        publisher.live()
        publisher.change("listing", description=f"{text}Within a day.</p>")
        publisher.draft()
        (line,) = [
            each
            for each in partnercenter("show", OFFER).well().out.splitlines()
            if "description: draft" in each
        ]
        assert "Within a day.</p>" in line
        assert "At once.</p>" in line


def test_every_resource_but_the_submission_is_looked_for(
    publisher: Publisher, emulator: Serving, partnercenter: Command
) -> None:
    """A legacy test drive is there too; what this type of offer has none of is not made up."""
    emulator.legacy_test_drive()
    publisher.draft()
    exported = {name: getattr(pulumi_partnercenter, name) for name in pulumi_partnercenter.__all__}
    names = {
        name
        for name, each in exported.items()
        if isinstance(each, type) and issubclass(each, Resource) and each is not Resource
    }
    absent = {"ListingDocument", "ListingVideo", "Submission", "SupplementalContent"}
    assert {each["type"] for each in shown(partnercenter).document["resources"]} == names - absent
    secret = {name for name in names if kind_of(exported[name]).arguments.marked(Secret)}
    assert {"LeadDestination", "TestDrive"} <= secret


@pytest.mark.parametrize("offer_type", OFFER_TYPES)
def test_offers_of_every_type_are_shown(
    offer_type: str, emulator: Serving, partnercenter: Command, tmp_path: Path
) -> None:
    """Whatever modules they have, and at once: nothing is waited for that never comes."""
    offer = {"offer_id": OFFER, "offer_type": offer_type, "alias": TITLE}
    Stack(configured(emulator)).up({"offer": Declared(Offer, offer)})
    assert shown(partnercenter).of("Offer")["draft"]["offer_type"] == offer_type


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"status": 401}, "not accepted (401)"),
        ({"status": 403}, "role Manager"),
        ({"status": 500, "times": 0}, "refused (500)"),
        ({"status": 200, "headers": {"content-type": "text/html"}, "body": "<html>"}, "not JSON"),
    ],
    ids=["401", "403", "500", "HTML"],
)
def test_refusals_leave_nothing_half_printed(
    fault: dict[str, object], words: str, publisher: Publisher, emulator: Serving, partnercenter: Command
) -> None:
    publisher.draft()
    for match in ("/products\\?", "/listings/", "/submissions"):
        for options in ([], ["--json"]):
            emulator.fault(match, **fault)
            ran = partnercenter("show", OFFER, *options).badly()
            emulator.unfault()
            assert ran.out == ""
            assert words in ran.err
            assert len(ran.err.splitlines()) <= 3
