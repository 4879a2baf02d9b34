"""`show`: an offer as a tree, with draft, preview and live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.cli.command import Command, CommandResult
from tests.cli.publisher import OFFER, TITLE, VAULT, Publisher
from tests.resources.examples import MANAGED, emulator_config
from tests.resources.harness import Declaration, Ref, Stack, kind_of

import pulumi_partnercenter
from pulumi_partnercenter import LeadDestination, Offer, Plan, PlanListing
from pulumi_partnercenter.emulator.submission.document_types import OFFER_TYPES
from pulumi_partnercenter.markers import Secret, WriteOnly
from pulumi_partnercenter.resources import Resource

PLANTED = "planted-7f3a9c-secret"


@dataclass(frozen=True)
class ShownOffer:
    """Document that `show --json` prints."""

    document: Mapping[str, Any]

    def resource(self, type: str, **arguments: Any) -> dict[str, Any]:
        (resource,) = [
            resource
            for resource in self.document["resources"]
            if resource["type"] == type
            and arguments.items() <= (resource["draft"] or resource.get("live") or {}).items()
        ]
        return resource

    def differences(self) -> dict[str, dict[str, list[str]]]:
        """Names of differing arguments, by resource and stage."""
        return {
            f"{resource['type']} {resource['id'].partition('/')[2]}".strip(): stages
            for resource in self.document["resources"]
            if (stages := {stage: names for stage, names in resource["differs"].items() if names})
        }


def show_offer(partnercenter: Command, *options: str) -> ShownOffer:
    return ShownOffer(partnercenter("show", OFFER, "--json", *options).expect_success().json())


class TestDraftOnly:
    def test_draft_arguments_are_shown_as_the_program_declared_them(
        self, publisher: Publisher, partnercenter: Command
    ) -> None:
        shown_offer = show_offer(partnercenter)
        assert shown_offer.document["stages"] == {}
        for name, record in publisher.stack.state.items():
            model = kind_of(record.kind).arguments
            (resource,) = [
                resource
                for resource in shown_offer.document["resources"]
                if (resource["type"], resource["id"]) == (record.kind.__name__, record.id)
            ]
            hidden_names = {"adopt", *model.marked(WriteOnly)}
            expected_arguments = {
                argument: record.inputs[argument]
                for argument in model.compared()
                if argument not in hidden_names
            }
            assert resource["draft"] == expected_arguments, name

    def test_show_only_reads(
        self, publisher: Publisher, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        before = emulator.state()
        emulator.clear()
        partnercenter("show", OFFER).expect_success()
        assert {request["method"] for request in emulator.requests()} == {"GET"}
        assert emulator.state() == before

    def test_the_tree_places_each_resource_below_its_parent(
        self, publisher: Publisher, partnercenter: Command
    ) -> None:
        lines = partnercenter("show", OFFER).expect_success().out.splitlines()
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
        self, new_publisher: Publisher, partnercenter: Command
    ) -> None:
        new_publisher.stack.up({"offer": new_publisher.program["offer"]})
        assert "offer setup  at its defaults" in partnercenter("show", OFFER).expect_success().out
        assert show_offer(partnercenter).resource("OfferListing")["draft"]["title"] == TITLE

    def test_secrets_are_never_shown(self, publisher: Publisher, partnercenter: Command) -> None:
        leads = {
            "azure_table": {"connection_string": f"AccountName=contoso;AccountKey={PLANTED}"},
            "contact_email": "leads@contoso.example.com",
        }
        publisher.add("leads", Declaration(LeadDestination, {"offer": Ref("offer"), **leads}))
        publisher.save_draft()
        tree, document, differences = (
            partnercenter("show", OFFER, *options, PARTNERCENTER_LOG="debug").expect_success()
            for options in ([], ["--json"], ["--differences"])
        )
        for result in (tree, document, differences):
            assert PLANTED not in result.out + result.err
        assert "azure_table: (secret)" in tree.out
        draft = ShownOffer(document.json()).resource("LeadDestination")["draft"]
        assert draft["azure_table"] == "(secret)"
        assert draft["contact_email"] == "leads@contoso.example.com"

    def test_control_characters_of_the_service_are_not_printed(
        self, publisher: Publisher, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        emulator.portal(f"/v1.0/ingestion/products/{publisher.product}", name="Contoso\x1b[2J")
        assert "\x1b" not in partnercenter("show", OFFER).expect_success().out


@pytest.fixture(scope="module")
def shown_stages(published_offer: tuple[Publisher, Command]) -> ShownOffer:
    return show_offer(published_offer[1])


@pytest.fixture(scope="module")
def piped_tree(published_offer: tuple[Publisher, Command]) -> CommandResult:
    return published_offer[1]("show", OFFER).expect_success()


class TestDraftPreviewAndLive:
    def test_differences_are_listed_by_argument_and_stage(
        self, published_offer: tuple[Publisher, Command], shown_stages: ShownOffer
    ) -> None:
        publisher, _ = published_offer
        plan = publisher.stack.state["gold"].id.partition("/")[2]
        differences = shown_stages.differences()
        german = {"live": ["title"]}
        screen = differences.pop("ListingImage en-us/AzureLogoScreenshot/screen.png")
        assert differences == {
            "OfferListing en-us": {"preview": ["title"], "live": ["title"]},
            "OfferListing de-de": german,
            f"PlanPricing {plan}": {"preview": ["is_hidden"], "live": ["is_hidden"]},
        }
        assert screen["preview"] == screen["live"]

    def test_each_stage_shows_its_own_values(self, shown_stages: ShownOffer) -> None:
        assert {name: stage["state"] for name, stage in shown_stages.document["stages"].items()} == {
            "preview": "preview",
            "live": "live",
        }
        listing = shown_stages.resource("OfferListing", language="en-us")
        titles = [listing[name]["title"] for name in ("draft", "preview", "live")]
        assert titles == [VAULT, "Contoso Archive, the second", TITLE]
        assert shown_stages.resource("OfferListing", language="de-de")["live"] is None

    def test_unversioned_resources_are_not_compared(self, shown_stages: ShownOffer) -> None:
        reseller = shown_stages.resource("ResellerChannel")
        assert (reseller["versioned"], reseller["draft"]["state"]) == (False, "Disabled")
        assert "live" not in reseller

    def test_the_tree_shows_values_of_all_stages_on_one_line(self, piped_tree: CommandResult) -> None:
        lines = piped_tree.out.splitlines()
        title_line = f"draft {VAULT!r} | preview 'Contoso Archive, the second' | live {TITLE!r}"
        assert f"    title: {title_line}" in lines
        assert "  offer listing en-us  differs from preview  differs from live" in lines
        assert "  offer listing de-de  not in live" in lines
        assert "      is_hidden: draft True | preview, live False" in lines
        assert any("screen.png  not in the draft" in line for line in lines)
        assert "  reseller channel  at its defaults  not versioned" in lines

    def test_option_differences_omits_equal_resources_and_arguments(
        self, published_offer: tuple[Publisher, Command], shown_stages: ShownOffer
    ) -> None:
        _, partnercenter = published_offer
        differences_view = show_offer(partnercenter, "--differences")
        assert differences_view.differences() == shown_stages.differences()
        assert len(differences_view.document["resources"]) == len(shown_stages.differences())
        output = partnercenter("show", OFFER, "--differences").expect_success().out
        assert "is_hidden" in output
        assert "markets" not in output

    def test_piped_output_is_plain_and_terminal_output_a_coloured_tree(
        self, published_offer: tuple[Publisher, Command], piped_tree: CommandResult
    ) -> None:
        _, partnercenter = published_offer
        assert not set("\x1b├└│") & set(piped_tree.out)
        assert piped_tree.err == ""
        terminal_output = partnercenter.run_on_terminal("show", OFFER).expect_success().out
        assert "├── " in terminal_output
        assert "\x1b[33m" in terminal_output
        assert (
            "\x1b[33m" not in partnercenter.run_on_terminal("show", OFFER, NO_COLOR="1").expect_success().out
        )

    def test_show_ends_silently_when_its_pipe_is_closed(
        self, published_offer: tuple[Publisher, Command]
    ) -> None:
        _, partnercenter = published_offer
        with partnercenter.start("show", OFFER) as process:
            assert process.stdout
            process.stdout.close()
            assert process.stderr
            assert process.stderr.read() == ""


class TestPublished:
    def test_no_difference_is_shown_right_after_publishing(
        self, publisher: Publisher, partnercenter: Command
    ) -> None:
        publisher.publish_live()
        assert show_offer(partnercenter).differences() == {}
        assert "nothing differs" in partnercenter("show", OFFER, "--differences").expect_success().out

    @pytest.mark.soak
    def test_a_plan_that_was_never_submitted_is_shown_in_the_draft_only(
        self, publisher: Publisher, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        publisher.publish_live()
        plan = {"offer": Ref("offer"), "plan_id": "silver", "name": "Silver", "subtype": MANAGED}
        publisher.add("silver", Declaration(Plan, plan))
        listing_arguments = {"plan": Ref("silver"), "title": "Silver", "summary": "For some"}
        publisher.add("silver-listing", Declaration(PlanListing, listing_arguments))
        publisher.save_draft()
        shown_offer = show_offer(partnercenter)
        listing = shown_offer.resource("PlanListing", title="Silver")
        assert listing["live"] is None
        assert shown_offer.differences().keys() == {f"PlanListing {listing['id'].partition('/')[2]}"}

    @pytest.mark.soak
    def test_a_failed_submission_shows_no_content(
        self, publisher: Publisher, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        emulator.decide("validation", "fail")
        with pytest.raises(pulumi_partnercenter.Rejected):
            publisher.publish_preview()
        assert show_offer(partnercenter).document["stages"] == {}
        assert ": failed" in partnercenter("show", OFFER).expect_success().out.splitlines()[1]

    def test_long_texts_are_shown_around_their_first_difference(
        self, publisher: Publisher, partnercenter: Command
    ) -> None:
        text = "<p>" + "Keeps what nobody opens, and gives it back. " * 9
        publisher.change("listing", description=f"{text}At once.</p>")
        publisher.publish_live()
        publisher.change("listing", description=f"{text}Within a day.</p>")
        publisher.save_draft()
        (line,) = [
            line
            for line in partnercenter("show", OFFER).expect_success().out.splitlines()
            if "description: draft" in line
        ]
        assert "Within a day.</p>" in line
        assert "At once.</p>" in line


def test_every_resource_but_the_submission_is_read(
    new_publisher: Publisher, emulator: RunningEmulator, partnercenter: Command
) -> None:
    """The offer has a legacy test drive. Resources that this offer type lacks are not invented."""
    emulator.legacy_test_drive()
    new_publisher.save_draft()
    public_objects = {name: getattr(pulumi_partnercenter, name) for name in pulumi_partnercenter.__all__}
    names = {
        name
        for name, public_object in public_objects.items()
        if isinstance(public_object, type)
        and issubclass(public_object, Resource)
        and public_object is not Resource
    }
    expected_absences = {
        "AppRelease",
        "ListingDocument",
        "ListingVideo",
        "OfferMarkets",
        "Submission",
        "SupplementalContent",
    }
    assert {
        public_object["type"] for public_object in show_offer(partnercenter).document["resources"]
    } == names - expected_absences
    classes_with_secrets = {name for name in names if kind_of(public_objects[name]).arguments.marked(Secret)}
    assert {"LeadDestination", "TestDrive"} <= classes_with_secrets


@pytest.mark.sample(1)
@pytest.mark.parametrize("offer_type", OFFER_TYPES)
def test_offers_of_every_type_are_shown(
    offer_type: str, emulator: RunningEmulator, partnercenter: Command, tmp_path: Path
) -> None:
    """Modules differ by type; `show` does not wait for modules that a type lacks."""
    offer = {"offer_id": OFFER, "offer_type": offer_type, "alias": TITLE}
    Stack(emulator_config(emulator)).up({"offer": Declaration(Offer, offer)})
    assert show_offer(partnercenter).resource("Offer")["draft"]["offer_type"] == offer_type


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"status": 401}, "not accepted (401)"),
        ({"status": 403}, "role Manager"),
        ({"status": 500, "times": 0}, "refused (500)"),
        ({"status": 200, "headers": {"content-type": "text/html"}, "body": "<html>"}, "not JSON"),
    ],
    ids=["401", "403", "500", "HTML"],
)
@pytest.mark.parametrize("match", ["/products\\?", "/listings/", "/submissions"])
@pytest.mark.parametrize("options", [[], ["--json"]], ids=["tree", "JSON"])
def test_a_refused_request_prints_a_short_error_and_no_partial_output(
    fault: dict[str, object],
    message: str,
    match: str,
    options: list[str],
    publisher: Publisher,
    emulator: RunningEmulator,
    partnercenter: Command,
) -> None:
    emulator.fault(match, **fault)
    result = partnercenter("show", OFFER, *options).expect_failure()
    assert result.out == ""
    assert message in result.err
    assert len(result.err.splitlines()) <= 3
