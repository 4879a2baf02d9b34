"""The way from a constructor to `check`: what programs really say, through Pulumi's mocks."""

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
from tests.resources.mocked import Registration, declared

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
from pulumi_partnercenter.resources._base import DECLARED_NAME

TRIAL = {"type": "TimedAccess", "duration": 1, "unit": "Months"}
METER = {"id": "a", "name": "A", "unit": "GB", "price_in_usd": 1}


OFFER = "11111111-2222-4333-8444-555555555555"
PLAN = "11111111-2222-4333-8444-555555555555/22222222-3333-4444-8555-666666666666"


def an_offer() -> Offer:
    return Offer("offer", offer_id="contoso-backup", offer_type=TYPE, alias="Contoso Backup")


def a_template(offer: Offer, **arguments: Any) -> Plan:
    return Plan("offer/plan", offer=offer.id, plan_id="gold", name="Gold", **arguments)


def checked(kind: Any, registration: Registration) -> dict[str, Any]:
    return Plugin({}).check(kind, {}, registration.inputs)


@pytest.mark.parametrize("preview", [True, False])
@pytest.mark.parametrize(
    ("arguments", "named"),
    [({"prices": [{"amount": 1}]}, "prices"), ({"trial": TRIAL}, "trial"), ({"meters": [METER]}, "meters")],
)
def test_prices_of_a_solution_template_fail_in_preview(
    preview: bool, arguments: dict[str, Any], named: str, offline: None
) -> None:
    def program() -> None:
        plan = a_template(an_offer(), subtype="solution-template")
        PlanPricing("pricing", plan=plan.id, markets=["US"], **arguments)

    pricing = declared(program, preview=preview)["pricing"]
    assert isinstance(pricing.inputs["plan"], Unknown) == preview
    with pytest.raises(CheckFailed, match=rf"{named}.*solution template carries no prices"):
        checked(PlanPricing, pricing)


def test_plans_of_other_offers_have_prices(offline: None) -> None:
    """They have no subtype, whatever the default of the argument is."""

    def program() -> None:
        offer = Offer("offer", offer_id="contoso-saas", offer_type="SoftwareAsAService", alias="Contoso")
        PlanPricing("pricing", plan=a_template(offer).id, markets=["US"], prices=[{"amount": 1}])

    assert checked(PlanPricing, declared(program, preview=True)["pricing"])["subtype"] == ""


def test_the_default_subtype_counts_as_well(offline: None) -> None:
    """The plan of an Azure application that says nothing is a solution template."""

    def program() -> None:
        PlanPricing("pricing", plan=a_template(an_offer()).id, markets=["US"], prices=[{"amount": 1}])

    with pytest.raises(CheckFailed, match="solution template carries no prices"):
        checked(PlanPricing, declared(program, preview=True)["pricing"])


@pytest.mark.parametrize("preview", [True, False])
def test_prices_of_a_managed_application_pass(preview: bool, offline: None) -> None:
    def program() -> None:
        plan = a_template(an_offer(), subtype="managed-application")
        PlanPricing("pricing", plan=plan.id, markets="all", prices=[{"amount": 1}], trial=TRIAL)

    pricing = declared(program, preview=preview)["pricing"]
    assert pricing.inputs["subtype"] == "managed-application"
    assert checked(PlanPricing, pricing)["markets"] == "all"


def test_a_plan_that_is_only_text_is_taken_at_its_word(offline: None) -> None:
    made = declared(lambda: PlanPricing("pricing", plan=PLAN, markets=["US"], prices=[{"amount": 1}]))
    assert checked(PlanPricing, made["pricing"])["subtype"] == ""


def test_what_was_not_said_is_not_sent() -> None:
    made = declared(lambda: PlanListing("listing", plan=PLAN, title="Gold"))["listing"]
    assert made.inputs.keys() == {"plan", "title", "adopt", "__provider", DECLARED_NAME}
    assert made.inputs["adopt"] is False


def test_every_argument_may_be_an_output(offline: None) -> None:
    def program() -> None:
        offer = an_offer()
        title = pulumi.Output.concat("Contoso ", "Backup")
        OfferListing("listing", offer=offer.id, title=title, keywords=[pulumi.Output.from_input("backup")])

    listing = declared(program)["listing"]
    assert checked(OfferListing, listing)["title"] == "Contoso Backup"
    assert listing.inputs["keywords"] == ["backup"]


def test_misspelled_outputs_have_no_value() -> None:
    def program() -> None:
        with pytest.raises(AttributeError):
            _ = an_offer().offerId

    declared(program)


EAST = timezone(timedelta(hours=2))
LONG_AMOUNT = Decimal("0.12345678901234567891")


def given_alone(value: Any) -> Any:
    return value


def registered_price(preview: bool = False, **members: Callable[[], Any]) -> Any:
    """Registration of a pricing with this price; its members are made while the program runs."""

    def program() -> None:
        price = {"amount": 1} | {name: make() for name, make in members.items()}
        PlanPricing("pricing", plan=PLAN, markets=["US"], prices=[price])

    return declared(program, preview=preview)["pricing"]


class TestPythonValues:
    """Decimals, times and GUIDs as Python has them, alone and in outputs."""

    @pytest.mark.parametrize("wrap", [given_alone, pulumi.Output.from_input, pulumi.Output.secret])
    @pytest.mark.parametrize(
        ("member", "given", "sent", "kept"),
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
    def test_they_are_sent_exactly(
        self, member: str, given: Any, sent: Any, kept: Any, wrap: Callable[[Any], Any], offline: None
    ) -> None:
        registration = registered_price(**{member: lambda: wrap(given)})
        (price,) = registration.inputs["prices"]
        assert price[member] == sent
        assert checked(PlanPricing, registration)["prices"][0][member] == kept

    def test_a_guid_is_its_text(self, offline: None) -> None:
        product = PLAN.partition("/")[0]

        def program() -> None:
            arguments: dict[str, Any] = {"offer": UUID(product), "title": "Contoso Backup"}
            OfferListing("listing", **arguments)

        assert checked(OfferListing, declared(program)["listing"])["offer"] == product

    def test_no_digit_of_a_decimal_is_lost_before_it_is_judged(self, offline: None) -> None:
        registration = registered_price(amount=lambda: LONG_AMOUNT)
        assert Decimal(registration.inputs["prices"][0]["amount"]) == LONG_AMOUNT
        with pytest.raises(CheckFailed, match=r"prices\[0\]\.amount: .*15 digits"):
            checked(PlanPricing, registration)

    @pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "1E+400"])
    def test_a_decimal_that_is_no_amount_is_refused_in_words(self, text: str, offline: None) -> None:
        registration = registered_price(amount=lambda: Decimal(text))
        with pytest.raises(CheckFailed, match=r"prices\[0\]\.amount"):
            checked(PlanPricing, registration)

    @pytest.mark.parametrize("wrap", [given_alone, pulumi.Output.from_input])
    @pytest.mark.parametrize(
        ("given", "words"),
        [
            (datetime.fromisoformat("2026-12-01T00:00:00"), "datetime without a time zone"),
            (datetime.min.replace(tzinfo=EAST), "year is out of range"),
            ({"US"}, "pass a list"),
            (b"US", "pass a string"),
        ],
        ids=["no zone", "no year", "set", "bytes"],
    )
    def test_a_value_of_two_meanings_or_none_is_refused_by_the_name_of_its_argument(
        self, given: Any, words: str, wrap: Callable[[Any], Any]
    ) -> None:
        with pytest.raises(pulumi.RunError, match=f"PlanPricing 'pricing': prices: .*{words}") as refused:
            registered_price(starts_at=lambda: wrap(given))
        assert len(str(refused.value).splitlines()) == 1

    def test_an_unknown_of_a_preview_stays_unknown(self, offline: None) -> None:
        def program() -> None:
            plan = a_template(an_offer())
            price = {
                "amount": plan.id.apply(lambda _: Decimal(1)),
                "starts_at": datetime(2026, 12, 1, tzinfo=UTC),
            }
            PlanPricing("pricing", plan=plan.id, markets=["US"], prices=[price])

        (price,) = declared(program, preview=True)["pricing"].inputs["prices"]
        assert isinstance(price["amount"], Unknown)
        assert price["starts_at"] == "2026-12-01T00:00:00Z"

    def test_a_secret_stays_one(self) -> None:
        registration = registered_price(amount=lambda: pulumi.Output.secret(Decimal("49.90")))
        assert "prices" in registration.secret_inputs


class TestValidate:
    """For unit tests of programs: the rules of a preview, without an engine."""

    def test_right_arguments_pass(self) -> None:
        validate(Plan, offer=OFFER, plan_id="gold", name="Gold")

    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            ({"plan_id": "gold", "name": "Gold"}, "Plan: offer: is required"),
            ({"offer": OFFER, "plan_id": "go/ld", "name": "Gold"}, "plan_id: 'go/ld'"),
            ({"offer": OFFER, "plan_id": "gold", "nmae": "Gold"}, "did you mean name?"),
        ],
    )
    def test_broken_rules_are_named(self, arguments: dict[str, Any], problem: str) -> None:
        with pytest.raises(InputError, match=re.escape(problem)):
            validate(Plan, **arguments)

    def test_what_follows_from_an_output_is_not_judged(self) -> None:
        def program() -> None:
            offer = Offer("offer", offer_id="contoso-backup", offer_type="AzureApplication", alias="Contoso")
            validate(Plan, offer=offer.id, plan_id="gold", name="Gold")
            validate(Submission, offer=offer.id, publishes=[offer], target="preview")
            with pytest.raises(InputError, match="'preview' or 'live'"):
                validate(Submission, offer=offer.id, publishes=[offer], target="draft")

        declared(program)

    def test_rules_across_arguments_and_of_assets_hold(self) -> None:
        with pytest.raises(InputError, match="a private plan needs an audience"):
            validate(PlanPricing, plan=f"{OFFER}/{OFFER}", visibility="Private")
        with pytest.raises(InputError, match="must be local content"):
            validate(Package, offer=OFFER, source=pulumi.RemoteArchive("https://example.com/app.zip"))

    def test_sources_are_read_and_values_that_nothing_carries_are_named(self) -> None:
        with pytest.raises(InputError, match="Package: source: no such file: assets/none"):
            validate(Package, offer=OFFER, source="assets/none")
        with pytest.raises(InputError, match="Plan: name: is of type bytes"):
            validate(Plan, offer=OFFER, plan_id="gold", name=b"Gold")
