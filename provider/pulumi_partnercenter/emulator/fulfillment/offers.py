"""Offers and plans for sale: what the control plane takes, and how the service lists plans."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from annotated_types import Ge, Le, MinLen
from pydantic import AfterValidator, model_validator

from ..applications import CLIENT, TENANT, Caller
from ..control_input import Parameters
from .times import TERM_UNIT

__all__ = [
    "GUID",
    "MOST_SEATS",
    "Address",
    "Dimension",
    "Guid",
    "Offer",
    "Plan",
    "Term",
]

MOST_SEATS = 1_000_000
PUBLISHER = "contoso"
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def _require_guid(value: str) -> str:
    if not GUID.fullmatch(value):
        raise ValueError("must be a GUID")
    return value.lower()


def _require_address(value: str) -> str:
    try:
        address = urlsplit(value)
        valid = address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
    except ValueError:
        valid = False
    if not valid or "#" in value or not value.isprintable() or " " in value:
        raise ValueError("must be an http or https address without #")
    return value


def _require_term_unit(value: str) -> str:
    if not TERM_UNIT.fullmatch(value):
        raise ValueError("must be a term such as P1M or P1Y")
    return value


Guid = Annotated[str, AfterValidator(_require_guid)]
Name = Annotated[str, MinLen(1)]
Address = Annotated[str, AfterValidator(_require_address)]
TermUnit = Annotated[str, AfterValidator(_require_term_unit)]
Seats = Annotated[int, Ge(1)]


class Term(Parameters):
    """A billing term and its price; per seat if the plan is."""

    term_unit: TermUnit = "P1M"
    price: Annotated[float, Ge(0)] = 0.0
    currency: Name = "USD"


class Dimension(Parameters):
    """A meter. `included` units come with the plan's price: nobody reports them."""

    id: Name
    price_per_unit: Annotated[float, Ge(0)] = 0.0
    unit_of_measure: str = "unit"
    display_name: str = ""
    included: Annotated[float, Ge(0)] = 0.0
    currency: Name = "USD"


class Plan(Parameters):
    """A plan for sale. `tenants` are those that a private plan is for."""

    plan_id: Name
    display_name: str = ""
    description: str = ""
    is_price_per_seat: bool = False
    min_quantity: Seats = 1
    max_quantity: Annotated[int, Ge(1), Le(MOST_SEATS)] = MOST_SEATS
    terms: Annotated[list[Term], MinLen(1)] = [Term()]
    dimensions: list[Dimension] = []
    has_free_trial: bool = False
    trial_unit: TermUnit = "P1M"
    auto_activation: bool = False
    is_private: bool = False
    tenants: list[Guid] = []
    market: Name = "US"

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.min_quantity > self.max_quantity:
            raise ValueError("min_quantity is above max_quantity")
        if self.is_price_per_seat and self.dimensions:
            raise ValueError("a plan per seat has no dimensions")
        return self

    def is_for(self, tenant: str) -> bool:
        """Whether customers of a tenant see the plan."""
        return not self.is_private or tenant.lower() in self.tenants

    def describe(self) -> dict[str, Any]:
        """The plan as the service lists it."""
        included = [
            {"dimensionId": dimension.id, "units": f"{dimension.included:g}"} for dimension in self.dimensions
        ]
        terms = [
            {
                "currency": term.currency,
                "price": term.price,
                "termUnit": term.term_unit,
                "termDescription": _describe_term(term.term_unit),
                "meteredQuantityIncluded": included,
            }
            for term in self.terms
        ]
        meters = [
            {
                "id": dimension.id,
                "currency": dimension.currency,
                "pricePerUnit": dimension.price_per_unit,
                "unitOfMeasure": dimension.unit_of_measure,
                "displayName": dimension.display_name or dimension.id,
            }
            for dimension in self.dimensions
        ]
        seats = self.is_price_per_seat
        return {
            "planId": self.plan_id,
            "displayName": self.display_name or self.plan_id,
            "isPrivate": self.is_private,
            "description": self.description,
            "minQuantity": self.min_quantity if seats else 0,
            "maxQuantity": self.max_quantity if seats else 0,
            "hasFreeTrials": self.has_free_trial,
            "isPricePerSeat": seats,
            "isStopSell": False,
            "market": self.market,
            "planComponents": {"recurrentBillingTerms": terms, "meteringDimensions": meters},
            "sourceOffers": [],
        }


class Offer(Parameters):
    """An offer for sale, with its technical configuration. Without `webhook_url` nobody is notified."""

    offer_id: Name
    display_name: str = ""
    publisher_id: Name = PUBLISHER
    landing_page_url: Address
    webhook_url: Address | Literal[""] = ""
    tenant: Guid = TENANT
    application: Guid = CLIENT
    plans: Annotated[list[Plan], MinLen(1)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [plan.plan_id for plan in self.plans]
        if len(set(names)) < len(names):
            raise ValueError("plans: two have the same plan_id")
        if len({plan.is_price_per_seat for plan in self.plans}) > 1:
            raise ValueError("plans: all are per seat, or none is")
        return self

    @property
    def owner(self) -> Caller:
        """The application that may call the services for this offer."""
        return Caller(self.tenant, self.application)

    def find_plan(self, plan_id: str) -> Plan | None:
        return next((plan for plan in self.plans if plan.plan_id == plan_id), None)


def _describe_term(term_unit: str) -> str:
    number, unit = term_unit[1:-1], {"M": "month", "Y": "year"}[term_unit[-1]]
    return f"{number} {unit}{'s' if number != '1' else ''}"
