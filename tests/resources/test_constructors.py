"""Arguments from constructor to `check`, with programs that run against Pulumi's mocks."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pulumi
import pytest
from pulumi.output import Unknown
from tests.resources.examples import TYPE
from tests.resources.harness import CheckFailed, Plugin
from tests.resources.mocked import Registration, register_program

from pulumi_partnercenter import (
    InputError,
    Offer,
    OfferListing,
    Package,
    Plan,
    PlanListing,
    PlanPricing,
    Submission,
    validate,
)
from pulumi_partnercenter.resources._base import DECLARED_IDS, DECLARED_NAME

TRIAL = {"type": "TimedAccess", "duration": 1, "unit": "Months"}
METER = {"id": "a", "name": "A", "unit": "GB", "price_in_usd": 1}


OFFER = "11111111-2222-4333-8444-555555555555"
PLAN = "11111111-2222-4333-8444-555555555555/22222222-3333-4444-8555-666666666666"


def declare_offer() -> Offer:
    return Offer("offer", offer_id="contoso-backup", offer_type=TYPE, alias="Contoso Backup")


def declare_plan(offer: Offer, **arguments: Any) -> Plan:
    return Plan("offer/plan", offer=offer.id, plan_id="gold", name="Gold", **arguments)


def check_registration(kind: Any, registration: Registration) -> dict[str, Any]:
    return Plugin({}).check(kind, {}, registration.inputs)


@pytest.mark.parametrize("preview", [True, False])
@pytest.mark.parametrize(
    ("arguments", "argument"),
    [({"prices": [{"amount": 1}]}, "prices"), ({"trial": TRIAL}, "trial"), ({"meters": [METER]}, "meters")],
)
def test_prices_of_a_solution_template_fail_in_preview(
    preview: bool, arguments: dict[str, Any], argument: str, offline: None
) -> None:
    def program() -> None:
        plan = declare_plan(declare_offer(), subtype="solution-template")
        PlanPricing("pricing", plan=plan.id, markets=["US"], **arguments)

    pricing = register_program(program, preview=preview)["pricing"]
    assert isinstance(pricing.inputs["plan"], Unknown) == preview
    with pytest.raises(CheckFailed, match=rf"{argument}.*solution template has no prices"):
        check_registration(PlanPricing, pricing)


def test_plans_of_other_offer_types_have_prices(offline: None) -> None:
    """They have no subtype, although the argument has a default."""

    def program() -> None:
        offer = Offer("offer", offer_id="contoso-saas", offer_type="SoftwareAsAService", alias="Contoso")
        PlanPricing("pricing", plan=declare_plan(offer).id, markets=["US"], prices=[{"amount": 1}])

    assert (
        check_registration(PlanPricing, register_program(program, preview=True)["pricing"])["subtype"] == ""
    )


def test_prices_of_a_plan_with_the_default_subtype_fail(offline: None) -> None:
    """The default subtype of an Azure application's plan is solution template."""

    def program() -> None:
        PlanPricing("pricing", plan=declare_plan(declare_offer()).id, markets=["US"], prices=[{"amount": 1}])

    with pytest.raises(CheckFailed, match="solution template has no prices"):
        check_registration(PlanPricing, register_program(program, preview=True)["pricing"])


@pytest.mark.parametrize("preview", [True, False])
def test_prices_of_a_managed_application_pass(preview: bool, offline: None) -> None:
    def program() -> None:
        plan = declare_plan(declare_offer(), subtype="managed-application")
        PlanPricing("pricing", plan=plan.id, markets="all", prices=[{"amount": 1}], trial=TRIAL)

    pricing = register_program(program, preview=preview)["pricing"]
    assert pricing.inputs["subtype"] == "managed-application"
    assert check_registration(PlanPricing, pricing)["markets"] == "all"


def test_a_plan_given_by_id_has_no_subtype(offline: None) -> None:
    registrations = register_program(
        lambda: PlanPricing("pricing", plan=PLAN, markets=["US"], prices=[{"amount": 1}])
    )
    assert check_registration(PlanPricing, registrations["pricing"])["subtype"] == ""


class TestObjectsOfNewOffers:
    """Their keys hold ids that a preview does not know."""

    @pytest.mark.parametrize("preview", [True, False])
    def test_a_second_resource_for_one_object_is_refused(self, preview: bool, offline: None) -> None:
        def program() -> None:
            plan = declare_plan(declare_offer())
            for name in ("listing", "again"):
                PlanListing(name, plan=plan.id, title=name)

        registrations, plugin = register_program(program, preview=preview), Plugin({})
        plugin.check(PlanListing, {}, registrations["listing"].inputs, "listing")
        with pytest.raises(CheckFailed, match=r"'listing' and 'again' are the same plan listing \(plan '"):
            plugin.check(PlanListing, {}, registrations["again"].inputs, "again")

    def test_objects_of_two_offers_and_ids_that_were_computed_are_no_doubles(self, offline: None) -> None:
        def program() -> None:
            for name in ("one", "two"):
                offer = Offer(name, offer_id=f"contoso-{name}", offer_type=TYPE, alias=name)
                OfferListing(f"{name}-listing", offer=offer.id, title=name)
                for number in ("1", "2"):
                    computed = offer.id.apply(str)
                    OfferListing(f"{name}-listing-{number}", offer=computed, title=name)

        registrations, plugin = register_program(program, preview=True), Plugin({})
        for name, registration in registrations.items():
            if "listing" in name:
                plugin.check(OfferListing, {}, registration.inputs, name)

    def test_resources_of_one_name_in_two_components_are_told_apart(self) -> None:
        def program() -> None:
            for shop in ("north", "south"):
                opts = pulumi.ResourceOptions(parent=pulumi.ComponentResource(f"contoso:{shop}", shop))
                offer = Offer("offer", offer_id=f"contoso-{shop}", offer_type=TYPE, alias=shop, opts=opts)
                OfferListing(f"{shop}-listing", offer=offer.id, title=shop, opts=opts)

        registrations = register_program(program, preview=True)
        assert registrations["north-listing"].inputs[DECLARED_IDS] == {"offer": "offer.id"}
        assert DECLARED_IDS not in registrations["south-listing"].inputs


def test_absent_arguments_are_not_registered() -> None:
    registration = register_program(lambda: PlanListing("listing", plan=PLAN, title="Gold"))["listing"]
    assert registration.inputs.keys() == {"plan", "title", "adopt", "__provider", DECLARED_NAME}
    assert registration.inputs["adopt"] is False


def test_every_argument_may_be_an_output(offline: None) -> None:
    def program() -> None:
        offer = declare_offer()
        title = pulumi.Output.concat("Contoso ", "Backup")
        OfferListing("listing", offer=offer.id, title=title, keywords=[pulumi.Output.from_input("backup")])

    listing = register_program(program)["listing"]
    assert check_registration(OfferListing, listing)["title"] == "Contoso Backup"
    assert listing.inputs["keywords"] == ["backup"]


def test_a_misspelled_output_is_an_attribute_error() -> None:
    def program() -> None:
        with pytest.raises(AttributeError):
            _ = declare_offer().offerId

    register_program(program)


EAST = timezone(timedelta(hours=2))
LONG_AMOUNT = Decimal("0.12345678901234567891")


def return_unchanged(value: Any) -> Any:
    return value


def register_price(preview: bool = False, **members: Callable[[], Any]) -> Any:
    """Register a pricing with this price. Its members are created while the program runs."""

    def program() -> None:
        price = {"amount": 1} | {name: make() for name, make in members.items()}
        PlanPricing("pricing", plan=PLAN, markets=["US"], prices=[price])

    return register_program(program, preview=preview)["pricing"]


class TestPythonValues:
    """Decimals, times and GUIDs as Python objects, plain and in outputs."""

    @pytest.mark.parametrize("wrap", [return_unchanged, pulumi.Output.from_input, pulumi.Output.secret])
    @pytest.mark.parametrize(
        ("member", "value", "registered_value", "checked_value"),
        [
            ("amount", Decimal("49.90"), 49.9, "49.9"),
            ("amount", Decimal(49), 49.0, "49"),
            ("amount", Decimal("1E+2"), 100.0, "100"),
            (
                "starts_at",
                datetime(2026, 12, 1, 2, 30, tzinfo=EAST),
                "2026-12-01T00:30:00Z",
                "2026-12-01T00:30:00Z",
            ),
            ("starts_at", datetime(2026, 12, 1, tzinfo=UTC), "2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z"),
            ("starts_at", date(2026, 12, 1), "2026-12-01", "2026-12-01T00:00:00Z"),
        ],
    )
    def test_decimals_and_times_are_registered_exactly(
        self,
        member: str,
        value: Any,
        registered_value: Any,
        checked_value: Any,
        wrap: Callable[[Any], Any],
        offline: None,
    ) -> None:
        registration = register_price(**{member: lambda: wrap(value)})
        (price,) = registration.inputs["prices"]
        assert price[member] == registered_value
        assert check_registration(PlanPricing, registration)["prices"][0][member] == checked_value

    def test_a_uuid_is_registered_as_a_string(self, offline: None) -> None:
        product = PLAN.partition("/")[0]

        def program() -> None:
            arguments: dict[str, Any] = {"offer": UUID(product), "title": "Contoso Backup"}
            OfferListing("listing", **arguments)

        assert check_registration(OfferListing, register_program(program)["listing"])["offer"] == product

    def test_a_decimal_with_too_many_digits_is_refused_and_not_rounded(self, offline: None) -> None:
        registration = register_price(amount=lambda: LONG_AMOUNT)
        assert Decimal(registration.inputs["prices"][0]["amount"]) == LONG_AMOUNT
        with pytest.raises(CheckFailed, match=r"prices\[0\]\.amount: .*15 digits"):
            check_registration(PlanPricing, registration)

    @pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "1E+400"])
    def test_a_decimal_that_is_no_amount_is_refused(self, text: str, offline: None) -> None:
        registration = register_price(amount=lambda: Decimal(text))
        with pytest.raises(CheckFailed, match=r"prices\[0\]\.amount"):
            check_registration(PlanPricing, registration)

    @pytest.mark.parametrize("wrap", [return_unchanged, pulumi.Output.from_input])
    @pytest.mark.parametrize(
        ("value", "message"),
        [
            (datetime.fromisoformat("2026-12-01T00:00:00"), "datetime without a time zone"),
            (datetime.min.replace(tzinfo=EAST), "year is out of range"),
            ({"US"}, "pass a list"),
            (b"US", "pass a string"),
        ],
        ids=["no zone", "no year", "set", "bytes"],
    )
    def test_a_value_without_a_clear_meaning_is_refused_with_its_argument(
        self, value: Any, message: str, wrap: Callable[[Any], Any]
    ) -> None:
        with pytest.raises(pulumi.RunError, match=f"PlanPricing 'pricing': prices: .*{message}") as refusal:
            register_price(starts_at=lambda: wrap(value))
        assert len(str(refusal.value).splitlines()) == 1

    def test_unknown_values_of_a_preview_stay_unknown(self, offline: None) -> None:
        def program() -> None:
            plan = declare_plan(declare_offer())
            price = {
                "amount": plan.id.apply(lambda _: Decimal(1)),
                "starts_at": datetime(2026, 12, 1, tzinfo=UTC),
            }
            PlanPricing("pricing", plan=plan.id, markets=["US"], prices=[price])

        (price,) = register_program(program, preview=True)["pricing"].inputs["prices"]
        assert isinstance(price["amount"], Unknown)
        assert price["starts_at"] == "2026-12-01T00:00:00Z"

    def test_a_secret_decimal_stays_secret(self) -> None:
        registration = register_price(amount=lambda: pulumi.Output.secret(Decimal("49.90")))
        assert "prices" in registration.secret_inputs


class TestValidate:
    """`validate` applies the rules of a preview without an engine, for unit tests of programs."""

    def test_valid_arguments_pass_validate(self) -> None:
        validate(Plan, offer=OFFER, plan_id="gold", name="Gold")

    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            ({"plan_id": "gold", "name": "Gold"}, "Plan: offer: is required"),
            ({"offer": OFFER, "plan_id": "go/ld", "name": "Gold"}, "plan_id: 'go/ld'"),
            ({"offer": OFFER, "plan_id": "gold", "nmae": "Gold"}, "did you mean name?"),
        ],
    )
    def test_validate_names_the_broken_rule(self, arguments: dict[str, Any], problem: str) -> None:
        with pytest.raises(InputError, match=re.escape(problem)):
            validate(Plan, **arguments)

    def test_validate_defers_rules_about_outputs(self) -> None:
        def program() -> None:
            offer = Offer("offer", offer_id="contoso-backup", offer_type="AzureApplication", alias="Contoso")
            validate(Plan, offer=offer.id, plan_id="gold", name="Gold")
            validate(Submission, offer=offer.id, publishes=[offer], target="preview")
            with pytest.raises(InputError, match="'preview' or 'live'"):
                validate(Submission, offer=offer.id, publishes=[offer], target="draft")

        register_program(program)

    def test_validate_applies_rules_across_arguments_and_about_assets(self) -> None:
        with pytest.raises(InputError, match="a private plan needs an audience"):
            validate(PlanPricing, plan=f"{OFFER}/{OFFER}", visibility="Private")
        with pytest.raises(InputError, match="must be local content"):
            validate(Package, offer=OFFER, source=pulumi.RemoteArchive("https://example.com/app.zip"))

    def test_validate_reads_sources_and_refuses_untransportable_values(self) -> None:
        with pytest.raises(InputError, match="Package: source: no such file: assets/none"):
            validate(Package, offer=OFFER, source="assets/none")
        with pytest.raises(InputError, match="Plan: name: is of type bytes"):
            validate(Plan, offer=OFFER, plan_id="gold", name=b"Gold")


def test_an_import_is_refused_with_what_to_do_instead(offline: None) -> None:
    def program() -> None:
        opts = pulumi.ResourceOptions(import_=OFFER)
        Offer("offer", offer_id="contoso-backup", offer_type=TYPE, alias="Contoso Backup", opts=opts)

    with pytest.raises(pulumi.RunError, match=r"Offer 'offer': import_: .* `pulumi up` adopts what exists"):
        register_program(program, preview=True)


@pytest.mark.parametrize(
    ("choose", "message"),
    [
        (lambda offer: offer, "publishes: Offer 'offer' — must be a list of resources"),
        (lambda offer: offer.id, "publishes: an output, such as an `.id`, — must be a list of resources"),
        (lambda offer: "offer", "publishes: 'offer' — must be a list of resources"),
        (lambda offer: None, "publishes: None — must be a list of resources"),
        (lambda offer: {"offer": offer}, "publishes: a dict — must be a list of resources"),
        (
            lambda offer: [offer, offer.id],
            "publishes[1]: an output, such as an `.id`, — must be a resource of this package itself",
        ),
        (lambda offer: [7], "publishes[0]: 7 — must be a resource of this package itself"),
    ],
)
def test_a_submission_of_anything_but_a_list_of_resources_is_refused_in_a_sentence(
    choose: Callable[[Offer], Any], message: str
) -> None:
    def program() -> None:
        offer = declare_offer()
        with pytest.raises(pulumi.RunError, match=re.escape(f"Submission 'out': {message}")) as refusal:
            Submission("out", offer=offer.id, publishes=choose(offer))
        assert " object at 0x" not in str(refusal.value)

    register_program(program)
