"""The way from a constructor to `check`: what programs really say, through Pulumi's mocks."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from pulumi.output import Unknown
from tests.resources.examples import TYPE
from tests.resources.harness import CheckFailed, Plugin
from tests.resources.mocked import Registration, declared

from pulumi_partnercenter import Offer, OfferListing, Plan, PlanListing, PlanPricing
from pulumi_partnercenter._resource import NAME

TRIAL = {"type": "TimedAccess", "duration": 1, "unit": "Months"}
METER = {"id": "a", "name": "A", "unit": "GB", "price_in_usd": 1}


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
    assert made.inputs.keys() == {"plan", "title", "adopt", "__provider", NAME}
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
