"""Offers as components: the resources that they declare, their connections, and messages for mistakes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NotRequired

import pulumi
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.resources.mocked import Registration, register_program

from pulumi_partnercenter import Plan, Resource, SupplementalContent
from pulumi_partnercenter.components import (
    ManagedApplicationOffer,
    OfferArgs,
    OfferComponent,
    OfferMarketsArgsDict,
    PlanArgs,
    SaasOffer,
    SolutionTemplateOffer,
    SupplementalContentArgsDict,
)
from pulumi_partnercenter.registry import RESOURCES

GUID = "11111111-2222-4333-8444-555555555555"
TYPE = "pulumi-python:dynamic/partnercenter:"
LISTING = {
    "title": "Contoso Archive",
    "images": {"overview": {"kind": "AzureLogoScreenshot", "source": "overview.png"}},
    "videos": {"tour": {"url": "https://video.example.com/1"}},
    "documents": {"datasheet": {"title": "Datasheet", "source": "datasheet.pdf"}},
}
MINIMUM: dict[str, Any] = {
    "offer_id": "contoso-archive",
    "alias": "Contoso Archive",
    "listings": {"en-us": {"title": "Contoso Archive"}},
    "plans": {},
}
OPTIONAL: dict[str, Any] = {
    "setup": {},
    "properties": {"uses_standard_contract": True},
    "preview_audience": {"subscriptions": [GUID]},
    "markets": {"markets": ["US"]},
    "reseller_channel": {"state": "Enabled"},
    "lead_destination": {"https": {"url": "https://contoso.example.com/leads"}},
    "technical_configuration": {"tenant": GUID, "application": GUID},
    "cosell_listing": {"platforms": ["Azure"]},
    "supplemental_content": {"target_release": "2026"},
    "test_drive": {"duration_hours": 4},
    "logos": {"small": "small.png", "large": "large.png"},
    "listings": {"en-us": LISTING, "de-de": LISTING},
    "package": {"source": "assets/app"},
    "plans": {
        "standard": {
            "name": "Standard",
            "listings": {"en-us": {"title": "Standard"}, "de-de": {"title": "Standard"}},
            "pricing": {"markets": ["US"]},
            "package": {"version": "1.0.0"},
        },
        "enterprise": {
            "name": "Enterprise",
            "listings": {"en-us": {"title": "Enterprise"}},
            "pricing": {"markets": ["US"]},
            "package": {"version": "1.0.0", "source": "assets/enterprise"},
        },
    },
}
"""Every argument that declares resources. A test uses the arguments that its kind of offer has."""


class EditionedOfferArgs(OfferArgs):
    """Arguments of `EditionedOffer`."""

    plans: NotRequired[Mapping[str, PlanArgs]]
    markets: NotRequired[OfferMarketsArgsDict]
    supplemental_content: NotRequired[SupplementalContentArgsDict]


class EditionedOffer(OfferComponent):
    """A kind of offer that the package does not have."""

    component_type = "contoso:components:EditionedOffer"
    offer_type = "AzureDynamics365ForCustomerEngagement"
    args_type = EditionedOfferArgs


KINDS = [ManagedApplicationOffer, SolutionTemplateOffer, SaasOffer, EditionedOffer]
kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def arguments_for(kind: type[OfferComponent], names: set[str], **more: Any) -> dict[str, Any]:
    """Return the required arguments, those of `names` that the kind has, and `more`."""
    of_kind = kind.args_type.__required_keys__ | kind.args_type.__optional_keys__
    chosen = {name: OPTIONAL[name] for name in sorted(names) if name in of_kind}
    of_plan = kind.plan_args_type.__required_keys__ | kind.plan_args_type.__optional_keys__
    has_package = "package" in chosen
    if "plans" in chosen:
        chosen["plans"] = {
            plan_id: {
                name: value
                for name, value in plan.items()
                if name in of_plan and (name != "package" or has_package)
            }
            for plan_id, plan in chosen["plans"].items()
        }
    return {**MINIMUM, **chosen, **more}


def everything(kind: type[OfferComponent], **more: Any) -> dict[str, Any]:
    return arguments_for(kind, set(OPTIONAL), **more)


def declare(
    kind: Any, arguments: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
) -> dict[str, Registration]:
    return register_program(lambda: kind("archive", arguments, opts))


def published(registrations: Mapping[str, Registration]) -> set[tuple[str, str]]:
    (submission,) = (
        registration for registration in registrations.values() if registration.type == f"{TYPE}Submission"
    )
    assert submission.inputs["omitted"] == []
    return {(resource["kind"], resource["name"]) for resource in submission.inputs["published"]}


def contents(registrations: Mapping[str, Registration]) -> set[tuple[str, str]]:
    """Return class and name of the resources that a submission can send."""
    pairs = {(registration.type.removeprefix(TYPE), name) for name, registration in registrations.items()}
    return {(class_name, name) for class_name, name in pairs if class_name not in ("Offer", "Submission")}


class TestPublishes:
    @pytest.mark.sample(1)
    @kind
    @given(names=st.sets(st.sampled_from(sorted(OPTIONAL))))
    @settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_a_submission_sends_whatever_the_offer_declares(
        self, offline: None, kind: type[OfferComponent], names: set[str]
    ) -> None:
        registrations = declare(kind, arguments_for(kind, names, target="preview"))
        assert published(registrations) == contents(registrations)

    def test_every_resource_of_the_package_can_be_declared(self, offline: None) -> None:
        """Some kind of offer declares each of them; a release is for offers that nothing declares."""
        classes = {
            registration.type.removeprefix(TYPE)
            for kind in KINDS
            for registration in declare(kind, everything(kind, target="live")).values()
        }
        names = {resource_type.name for resource_type in RESOURCES if not resource_type.service}
        assert classes == names - {"AppRelease"}

    def test_additions_are_published_as_well(self, offline: None) -> None:
        def add(archive: ManagedApplicationOffer) -> list[Resource]:
            return [
                Plan("beside", offer=archive.offer.id, plan_id="beside", name="Beside"),
                SupplementalContent("documents", offer=archive.offer.id),
            ]

        registrations = declare(
            ManagedApplicationOffer, {**MINIMUM, "target": "preview", "also_publishes": add}
        )
        assert {("Plan", "beside"), ("SupplementalContent", "documents")} < published(registrations)

    def test_a_draft_is_not_published(self, offline: None) -> None:
        states = []

        def program() -> None:
            archive = SaasOffer("archive", {**MINIMUM})
            archive.state.apply(states.append)
            archive.preview_links.apply(states.append)
            assert archive.submission is None

        assert f"{TYPE}Submission" not in {
            registration.type for registration in register_program(program).values()
        }
        assert states == ["draft", []]

    def test_target_and_words_for_the_submission_reach_it(self, offline: None) -> None:
        arguments = {**MINIMUM, "target": "live", "submission": {"wait_minutes": 5, "undeclared": "refuse"}}
        inputs = declare(SaasOffer, arguments)["archive-submission"].inputs
        assert (inputs["target"], inputs["wait_minutes"], inputs["undeclared"]) == ("live", 5, "refuse")


class TestChildren:
    @kind
    def test_children_are_below_the_component_and_named_after_it(
        self, offline: None, kind: type[OfferComponent]
    ) -> None:
        registrations = declare(kind, everything(kind, target="preview"))
        assert {registration.parent.rsplit("::", 1)[0] for registration in registrations.values()} == {
            f"urn:pulumi:stack::project::pulumi:pulumi:Stack${kind.component_type}"
        }
        assert [name for name in registrations if not re.fullmatch("archive(-.+)?", name)] == []

    def test_names_say_plan_part_and_language(self, offline: None) -> None:
        arguments = everything(ManagedApplicationOffer, target="preview")
        assert sorted(declare(ManagedApplicationOffer, arguments)) == sorted(
            [
                "archive",
                "archive-cosell-listing",
                "archive-document-datasheet",
                "archive-document-datasheet-de-de",
                "archive-enterprise",
                "archive-enterprise-listing",
                "archive-enterprise-package",
                "archive-enterprise-pricing",
                "archive-image-overview",
                "archive-image-overview-de-de",
                "archive-lead-destination",
                "archive-listing",
                "archive-listing-de-de",
                "archive-logo-large",
                "archive-logo-large-de-de",
                "archive-logo-small",
                "archive-logo-small-de-de",
                "archive-package",
                "archive-package-enterprise",
                "archive-preview-audience",
                "archive-properties",
                "archive-reseller-channel",
                "archive-setup",
                "archive-standard",
                "archive-standard-listing",
                "archive-standard-listing-de-de",
                "archive-standard-package",
                "archive-standard-pricing",
                "archive-submission",
                "archive-technical-configuration",
                "archive-test-drive",
                "archive-video-tour",
                "archive-video-tour-de-de",
            ]
        )

    def test_arguments_arrive_with_those_that_follow_from_the_place(self, offline: None) -> None:
        registrations = declare(ManagedApplicationOffer, everything(ManagedApplicationOffer))
        assert registrations["archive"].inputs["offer_type"] == "AzureApplication"
        assert registrations["archive-standard"].inputs["subtype"] == "managed-application"
        assert registrations["archive-standard"].inputs["plan_id"] == "standard"
        assert registrations["archive-standard-listing-de-de"].inputs["language"] == "de-de"
        assert registrations["archive-logo-large"].inputs["kind"] == "AzureLogoLarge"
        assert registrations["archive-package-enterprise"].inputs["source"] == "assets/enterprise"
        assert declare(SaasOffer, MINIMUM)["archive"].inputs["offer_type"] == "SoftwareAsAService"

    def test_a_plan_deploys_its_own_package_or_that_of_the_offer(self, offline: None) -> None:
        registrations = declare(ManagedApplicationOffer, everything(ManagedApplicationOffer))

        def waits_for(name: str, other: str) -> bool:
            return any(urn.endswith(f":Package::{other}") for urn in registrations[name].dependencies)

        assert waits_for("archive-standard-package", "archive-package")
        assert waits_for("archive-enterprise-package", "archive-package-enterprise")
        assert not waits_for("archive-enterprise-package", "archive-package")

    @kind
    def test_files_wait_for_the_listing_in_their_language(
        self, offline: None, kind: type[OfferComponent]
    ) -> None:
        files = [
            (registration.inputs["language"], registration.dependencies)
            for registration in declare(kind, everything(kind)).values()
            if registration.type.removeprefix(TYPE) in ("ListingImage", "ListingVideo", "ListingDocument")
        ]
        assert len(files) == 10
        for language, dependencies in files:
            suffix = "" if language == "en-us" else f"-{language}"
            assert any(urn.endswith(f":OfferListing::archive-listing{suffix}") for urn in dependencies)

    def test_logos_of_a_language_replace_those_of_the_offer(self, offline: None) -> None:
        listings = {"en-us": {"title": "A"}, "de-de": {"title": "A", "logos": {"large": "groß.png"}}}
        registrations = declare(SaasOffer, {**MINIMUM, "logos": OPTIONAL["logos"], "listings": listings})
        assert registrations["archive-logo-large"].inputs["source"] == "large.png"
        assert registrations["archive-logo-large-de-de"].inputs["source"] == "groß.png"
        assert "archive-logo-small-de-de" not in registrations

    @kind
    def test_all_children_wait_for_what_the_component_waits_for(
        self, offline: None, kind: type[OfferComponent]
    ) -> None:
        def program() -> None:
            trial = pulumi.CustomResource("contoso:index:Trial", "trial")
            kind("archive", everything(kind), pulumi.ResourceOptions(depends_on=[trial]))  # type: ignore[call-arg, arg-type]

        made = register_program(program)
        children = {name: made[name] for name in declare(kind, everything(kind))}
        waiting = {
            name
            for name, registration in children.items()
            if any(urn.endswith("::trial") for urn in registration.dependencies)
        }
        assert waiting == set(children)

    def test_arguments_that_are_none_are_not_given(self, offline: None) -> None:
        assert declare(SaasOffer, {**MINIMUM, "setup": None, "logos": None}).keys() == {
            "archive",
            "archive-listing",
        }

    def test_adoption_of_the_offer_is_that_of_all_its_parts(self, offline: None) -> None:
        arguments = everything(ManagedApplicationOffer, adopt=True)
        arguments["properties"] = {"adopt": False}
        registrations = declare(ManagedApplicationOffer, arguments)
        assert {
            name for name, registration in registrations.items() if registration.inputs["adopt"] is not True
        } == {"archive-properties"}

    def test_outputs_are_those_of_the_children(self, offline: None) -> None:
        outputs: dict[str, Any] = {}

        def program() -> None:
            archive = ManagedApplicationOffer("archive", everything(ManagedApplicationOffer))
            archive.offer_id.apply(lambda offer_id: outputs.update(offer_id=offer_id))
            pulumi.Output.all(archive.plan_ids, archive.plans["standard"].id).apply(
                lambda values: outputs.update(plan_ids=values[0], standard=values[1])
            )

        register_program(program)
        assert outputs["offer_id"] == "contoso-archive"
        assert outputs["plan_ids"].keys() == {"standard", "enterprise"}
        assert outputs["plan_ids"]["standard"] == outputs["standard"]


class TestRetention:
    @pytest.mark.parametrize(
        ("arguments", "is_retained", "is_protected"),
        [
            ({}, False, False),
            ({"target": "preview"}, True, False),
            ({"target": "live", "retention": "delete"}, False, False),
            ({"retention": "retain"}, True, False),
            ({"retention": "protect"}, True, True),
        ],
    )
    def test_it_is_that_of_offer_plans_and_packages(
        self, offline: None, arguments: dict[str, Any], is_retained: bool, is_protected: bool
    ) -> None:
        registrations = declare(ManagedApplicationOffer, everything(ManagedApplicationOffer, **arguments))
        undeletable = {
            name
            for name, registration in registrations.items()
            if registration.type.removeprefix(TYPE) in ("Offer", "Plan", "Package")
        }
        assert len(undeletable) == 5
        retained = {name for name, registration in registrations.items() if registration.retain_on_delete}
        protected = {name for name, registration in registrations.items() if registration.protect}
        assert retained == (undeletable if is_retained else set())
        assert protected == (undeletable if is_protected else set())

    def test_a_submission_of_a_protected_offer_is_protected_as_well(self, offline: None) -> None:
        """A destroy deletes the other resources after the submission."""
        for retention in ("delete", "retain", "protect"):
            registrations = declare(SaasOffer, everything(SaasOffer, target="preview", retention=retention))
            submission = registrations["archive-submission"]
            assert bool(submission.protect) == (retention == "protect")
            assert not submission.retain_on_delete


class TestFormerNames:
    def test_without_former_names_there_are_no_aliases(self, offline: None) -> None:
        registrations = declare(SaasOffer, everything(SaasOffer))
        assert {registration.aliases for registration in registrations.values()} == {()}

    def test_a_childs_alias_is_its_former_or_present_name_without_a_parent(self, offline: None) -> None:
        urn = "urn:pulumi:dev::shop::contoso:Old$pulumi-python:dynamic/partnercenter:Plan::gold"
        names = {"archive-listing": "texts", "archive-enterprise": urn}
        registrations = declare(SaasOffer, everything(SaasOffer, former_names=names))
        assert registrations["archive-listing"].aliases == ("texts",)
        assert registrations["archive-enterprise"].aliases == (urn,)
        assert {
            name: registration.aliases for name, registration in registrations.items() if name not in names
        } == {name: (name,) for name in registrations if name not in names}

    @pytest.mark.parametrize("target", ["draft", "preview"])
    def test_a_former_name_of_the_submission_is_accepted_for_every_target(
        self, offline: None, target: str
    ) -> None:
        """A program has one set of former names, for stacks that publish and stacks that do not."""
        names = {"archive-submission": "published"}
        made = declare(SaasOffer, {**MINIMUM, "target": target, "former_names": names})
        assert [registration.aliases for name, registration in made.items() if name in names] == (
            [("published",)] if target == "preview" else []
        )


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in MINIMUM.items() if key != name}


PLAN = {"name": "Standard", "listings": {}}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({**MINIMUM, "titel": 1}, "ManagedApplicationOffer 'archive': titel: no such argument"),
        ({**MINIMUM, "target": "prod"}, "target: 'prod' — must be 'draft' or 'preview' or 'live'"),
        ({**MINIMUM, "retention": "keep"}, "retention: 'keep' — must be 'delete' or 'retain' or 'protect'"),
        (
            {**MINIMUM, "setup": {"trail_url": ""}},
            "setup: trail_url: no such argument; did you mean trial_url?",
        ),
        ({**MINIMUM, "setup": []}, "setup: must be an object by name, not list"),
        ({**MINIMUM, "listings": {"en-us": {"titel": "A"}}}, "listings.en-us: titel: .*did you mean title"),
        ({**MINIMUM, "listings": {"en-us": {}}}, "OfferListing 'archive-listing': .*'title'"),
        (
            {**MINIMUM, "listings": {"en-us": {"title": "A", "language": "de-de"}}},
            "language: no such argument",
        ),
        ({**MINIMUM, "logos": {"huge": "a.png"}}, "listings.en-us.logos: huge: no such argument"),
        ({**MINIMUM, "plans": ["standard"]}, "plans: must be an object by name, not list"),
        ({**MINIMUM, "plans": {"a": "A"}}, "plans.a: must be an object by name, not str"),
        ({**MINIMUM, "plans": {"a": {"name": "A"}}}, "plans.a.listings: is required"),
        ({**MINIMUM, "plans": {"a": {**PLAN, "prices": []}}}, "plans.a: prices: no such argument"),
        ({**MINIMUM, "plans": {"a": {**PLAN, "pricing": {"price": 1}}}}, "plans.a.pricing: price: no such"),
        (
            {**MINIMUM, "plans": {"a": {**PLAN, "package": {"version": "1.0.0"}}}},
            "plans.a.package: source: missing, and the offer has no package",
        ),
        ({**MINIMUM, "package": {"path": "a"}}, "package: path: no such argument"),
        ({**MINIMUM, "submission": {"targets": "live"}}, "submission: targets: no such argument"),
        (
            {**MINIMUM, "former_names": {"archive-lsting": "a"}},
            "former_names: 'archive-lsting' — must be one",
        ),
        ({**MINIMUM, "also_publishes": []}, "also_publishes: must be a function"),
        ({**MINIMUM, "also_publishes": lambda offer: None}, "also_publishes: must be a function"),
        (without("listings"), "listings: is required"),
        (without("alias"), "Offer 'archive': .*'alias'"),
        (5, "must be an object by name, not int"),
    ],
)
def test_mistakes_are_named_in_one_line(offline: None, arguments: Any, problem: str) -> None:
    with pytest.raises(pulumi.RunError, match=problem) as refused:
        declare(ManagedApplicationOffer, arguments)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize(
    "construct",
    [
        lambda: SaasOffer("archive"),
        lambda: SaasOffer("archive", MINIMUM, optns=None),
    ],
)
def test_wrong_calls_are_sentences(construct: Callable[[], Any]) -> None:
    with pytest.raises(pulumi.RunError, match="SaasOffer 'archive': "):
        register_program(construct)


def test_a_saas_plan_has_no_package(offline: None) -> None:
    with pytest.raises(pulumi.RunError, match=re.escape("plans.a: package: no such argument")):
        declare(SaasOffer, {**MINIMUM, "plans": {"a": {**PLAN, "package": {"version": "1.0.0"}}}})
