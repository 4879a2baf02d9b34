"""A release of an app beside other stacks and people who publish the same offer."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import write_requests
from tests.resources.examples import emulator_config
from tests.resources.harness import Declaration, Program, Ref, Stack
from tests.resources.test_app_release import (
    add_offer,
    build,
    instance,
    offer,
    outputs,
    read,
    release,
)

from pulumi_partnercenter import (
    InputError,
    JobTimeout,
    OfferListing,
    OfferProperties,
    OfferTechnicalConfiguration,
    Rejected,
    Submission,
)
from pulumi_partnercenter.api.http.client import ApiClient
from pulumi_partnercenter.api.submission import client

__all__ = ["build", "offer"]
API = "/v1.0/ingestion/products"


@pytest.fixture
def other_stack(emulator: RunningEmulator) -> Stack:
    return Stack(emulator_config(emulator))


def properties_program(offer: str, key: str, **submission: Any) -> Program:
    """A program that owns properties of the offer, without the version, and publishes them."""
    published = {"kind": "OfferProperties", "name": "properties", "id": offer}
    return {
        "properties": Declaration(
            OfferProperties, {"offer": offer, "hide_keys": [key], "app_version": "1.0.0.0", "adopt": True}
        ),
        "submission": Declaration(
            Submission,
            {
                "offer": offer,
                "publishes": [Ref("properties", "fingerprint")],
                "sends": ["OfferProperties properties"],
                "published": [published],
                **submission,
            },
        ),
    }


def run_until_settled(stack: Stack, program: Program) -> int:
    for runs in range(6):
        if not stack.up(program):
            return runs
        stack.refresh()
    raise AssertionError("it does not settle")


def submit(emulator: RunningEmulator, offer: str, *modules: str) -> str:
    """Submit drafts as another client does. Return the id of the submission."""
    resources = [{"type": module, "value": instance(emulator, offer, module)} for module in modules]
    body = {
        "resourceType": "SubmissionCreationRequest",
        "targets": [{"type": "Scope", "value": "preview"}],
        "resources": resources,
    }
    answer = emulator.client.post(f"{API}/{offer}/submissions", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def listing_program(offer: str, target: str) -> Program:
    """A program that owns nothing of the offer but its listing, and publishes it."""
    return {
        "listing": Declaration(
            OfferListing, {"offer": offer, "language": "en-us", "title": "Contoso Books", "adopt": True}
        ),
        "submission": Declaration(
            Submission,
            {
                "offer": offer,
                "publishes": [Ref("listing", "fingerprint")],
                "sends": ["OfferListing listing"],
                "published": [{"kind": "OfferListing", "name": "listing", "id": f"{offer}/en-us"}],
                "target": target,
            },
        ),
    }


def with_version(program: Program, version: str) -> Program:
    """What `ignore_changes=["app_version"]` does after a refresh: the engine takes the value of the state."""
    declared = program["properties"]
    return {
        **program,
        "properties": Declaration(OfferProperties, {**declared.arguments, "app_version": version}),
    }


class TestOtherPeople:
    def test_a_submission_of_unchanged_drafts_that_is_on_its_way_is_awaited(
        self, offer: str, build: Path, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.client.delete("/_emulator/decide")
        emulator.decide("validation", "hold")
        submit(emulator, offer, "Property", "Package")
        with pytest.raises(JobTimeout, match="holds other content"):
            stack.up(release(offer, build, wait_minutes=0))

    def test_a_publication_in_the_portal_that_keeps_the_app_releases_nothing_again(
        self, offer: str, build: Path, stack: Stack, emulator: RunningEmulator
    ) -> None:
        program = release(offer, build, target="live")
        run_until_settled(stack, program)
        emulator.publish(offer)
        emulator.clear()
        stack.refresh()
        assert stack.up(program) == {}
        assert write_requests(emulator) == []
        assert outputs(stack)["state"] == "live"

    def test_a_publication_in_the_portal_of_another_app_is_replaced(
        self, offer: str, build: Path, stack: Stack, emulator: RunningEmulator
    ) -> None:
        program = release(offer, build, target="live")
        run_until_settled(stack, program)
        id = instance(emulator, offer, "Package")
        emulator.portal(f"{API}/{offer}/packageConfigurations/{id}", packageReferences=[])
        emulator.publish(offer)
        stack.refresh()
        emulator.decide("validation", "pass")
        run_until_settled(stack, program)
        assert len(read(emulator, "submissions")) == 4

    def test_a_failure_of_somebody_else_leads_to_the_release_again(
        self, offer: str, build: Path, stack: Stack, emulator: RunningEmulator, capsys: Any
    ) -> None:
        stack.up(release(offer, build))
        emulator.decide("validation", "hold")
        submit(emulator, offer, "Listing")
        stack.refresh()
        emulator.decide("validation", "fail")
        stack.refresh()
        capsys.readouterr()
        stack.preview(release(offer, build))
        assert "is not what this stack sent: what differs goes to preview" in capsys.readouterr().out
        emulator.decide("validation", "pass")
        stack.up(release(offer, build))
        assert outputs(stack)["state"] == "preview"
        assert stack.up(release(offer, build)) == {}

    def test_what_a_colleague_has_in_the_preview_is_named_before_it_goes_live(
        self, offer: str, build: Path, stack: Stack, emulator: RunningEmulator, capsys: Any
    ) -> None:
        id = instance(emulator, offer, "Listing")
        (listing,) = [row for row in read(emulator, "listings") if row["instanceID"] == id]
        emulator.portal(f"{API}/{offer}/listings/{listing['id']}", title="Contoso Books")
        submit(emulator, offer, "Listing")
        emulator.decide("validation", "pass")
        run_until_settled(stack, release(offer, build, target="live"))
        output = capsys.readouterr().out
        assert "what else is in the preview goes live too: Listing of the offer\n" in output

    def test_nothing_is_named_if_only_the_app_goes_live(
        self, offer: str, build: Path, stack: Stack, capsys: Any
    ) -> None:
        run_until_settled(stack, release(offer, build, target="live"))
        assert "goes live too" not in capsys.readouterr().out


class TestOtherStacks:
    @pytest.mark.parametrize("target", ["preview", "live"])
    def test_a_release_and_a_listing_of_another_stack_publish_each_once(
        self,
        target: str,
        offer: str,
        build: Path,
        stack: Stack,
        other_stack: Stack,
        emulator: RunningEmulator,
    ) -> None:
        ours = release(offer, build, target=target)
        theirs = listing_program(offer, target)
        run_until_settled(stack, ours)
        emulator.decide("validation", "pass")
        run_until_settled(other_stack, theirs)
        assert len(read(emulator, "submissions")) == 3
        for _ in range(2):
            for publisher, program in ((stack, ours), (other_stack, theirs)):
                publisher.refresh()
                assert publisher.up(program) == {}
        assert len(read(emulator, "submissions")) == 3

    def test_the_same_build_in_two_stacks_is_published_once(
        self, offer: str, build: Path, stack: Stack, other_stack: Stack, emulator: RunningEmulator
    ) -> None:
        for publisher in (stack, other_stack):
            run_until_settled(publisher, release(offer, build, target="live"))
        assert len(read(emulator, "submissions")) == 2
        assert len(read(emulator, "packages")) == 1

    def test_a_submission_that_was_cancelled_in_partner_center_is_called_cancelled(
        self, offer: str, other_stack: Stack, emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(client, "ApiClient", functools.partial(ApiClient, sleep=lambda _: None))
        emulator.client.delete("/_emulator/decide").raise_for_status()
        emulator.decide("validation", "hold")
        program = listing_program(offer, "live")
        program["submission"].arguments["wait_minutes"] = 0
        other_stack.up(program)
        cancelled = max(read(emulator, "submissions"), key=lambda row: row["releaseNumber"])["id"]
        assert emulator.client.delete(f"{API}/{offer}/submissions/{cancelled}").status_code == 204
        other_stack.refresh()
        shown = other_stack.state["submission"].outputs
        assert (shown["state"], shown["submission"], shown["steps"]) == ("cancelled", cancelled, [])
        emulator.decide("validation", "pass")
        run_until_settled(other_stack, program)
        assert other_stack.state["submission"].outputs["state"] == "live"


class TestProperties:
    def test_properties_of_another_stack_leave_the_version_to_the_release(
        self, offer: str, build: Path, stack: Stack, other_stack: Stack, emulator: RunningEmulator
    ) -> None:
        program = release(offer, build, target="live")
        theirs = properties_program(offer, "one")
        run_until_settled(other_stack, theirs)
        emulator.decide("validation", "pass")
        run_until_settled(stack, program)
        number = len(read(emulator, "submissions"))
        theirs = with_version(theirs, "2.0.0.0")
        for _ in range(2):
            for publisher, declared in ((other_stack, theirs), (stack, program)):
                emulator.decide("validation", "pass")
                publisher.refresh()
                run_until_settled(publisher, declared)
        assert len(read(emulator, "submissions")) == number

    def test_a_release_before_the_properties_of_its_program_does_not_stand_in_their_way(
        self, build: Path, stack: Stack, emulator: RunningEmulator
    ) -> None:
        product = add_offer(emulator)
        emulator.decide("validation", "fail")
        with pytest.raises(Rejected):
            stack.up(release(product, build))
        terms = "https://contoso.example.com/terms"
        arguments = {"offer": product, "terms_of_use": terms}
        stack.up({"properties": Declaration(OfferProperties, arguments)})
        (properties,) = [
            row
            for row in read(emulator, "properties")
            if row["id"] == instance(emulator, product, "Property")
        ]
        assert (properties["termsOfUse"], properties["appVersion"]) == (terms, "2.0.0.0")

    def test_properties_that_take_the_version_of_a_release_back_are_remarked(
        self,
        offer: str,
        build: Path,
        stack: Stack,
        other_stack: Stack,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        theirs = {"properties": Declaration(OfferProperties, {"offer": offer, "app_version": "1.0.0.0"})}
        other_stack.up(theirs)
        run_until_settled(stack, release(offer, build))
        other_stack.refresh()
        capsys.readouterr()
        other_stack.preview(theirs)
        remark = "app_version: 1.0.0.0 is below 2.0.0.0, and Microsoft refuses a lower one; if an AppRelease"
        assert f"offer properties: warning: {remark}" in capsys.readouterr().out
        theirs["properties"].arguments["app_version"] = "2.1.0.0"
        other_stack.preview(theirs)
        assert "warning" not in capsys.readouterr().out


class TestTechnicalConfiguration:
    @pytest.mark.parametrize("packages", [{}, {"packages": []}], ids=["absent", "empty"])
    def test_a_configuration_without_packages_leaves_them_to_the_release(
        self,
        packages: dict[str, Any],
        offer: str,
        build: Path,
        stack: Stack,
        other_stack: Stack,
        emulator: RunningEmulator,
    ) -> None:
        def declare(**arguments: Any) -> Program:
            given = {"offer": offer, "adopt": True, **packages, **arguments}
            return {"configuration": Declaration(OfferTechnicalConfiguration, given)}

        other_stack.up(declare(package_type="AddOn"))
        run_until_settled(stack, release(offer, build, target="live"))
        references = _references(emulator)
        assert references
        address = "https://contoso.example.com/install"
        assert other_stack.up(declare(package_type="AddOn", installation_url=address))
        assert _references(emulator) == references
        assert other_stack.refresh() == {}
        assert other_stack.up(declare(package_type="AddOn", installation_url=address)) == {}

    def test_an_offer_that_connects_is_refused_before_anything_is_written(
        self, offer: str, build: Path, stack: Stack, other_stack: Stack, emulator: RunningEmulator
    ) -> None:
        given = {"offer": offer, "adopt": True, "package_type": "Connect"}
        other_stack.up({"configuration": Declaration(OfferTechnicalConfiguration, given)})
        emulator.clear()
        with pytest.raises(InputError, match="offer: is of the type Connect, which has no app"):
            stack.up(release(offer, build))
        assert write_requests(emulator) == []

    def test_packages_that_leave_the_program_stay_and_are_named(
        self,
        offer: str,
        build: Path,
        stack: Stack,
        emulator: RunningEmulator,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        run_until_settled(stack, release(offer, build, target="live"))
        references = _references(emulator)
        arguments = {"offer": offer, "packages": [f"{offer}/{value}" for value in references], "adopt": True}
        program = {"configuration": Declaration(OfferTechnicalConfiguration, arguments)}
        stack.up(program)
        del arguments["packages"]
        capsys.readouterr()
        assert stack.up(program) == {"configuration": "update"}
        assert "packages: no longer given, stay as the offer has them" in capsys.readouterr().out
        assert _references(emulator) == references
        assert stack.up(program) == {}
        assert stack.refresh() == {}


def _references(emulator: RunningEmulator) -> list[str]:
    """Return the packages that the draft of the offer refers to."""
    instances = {branch["currentDraftInstanceID"] for branch in read(emulator, "branches")}
    (configuration,) = [
        document
        for document in read(emulator, "packageConfigurations")
        if document["instanceID"] in instances
    ]
    return [reference["value"] for reference in configuration["packageReferences"]]
