"""Markets, prices and audiences of a plan, as typed views."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AliasChoices, Field

from ..wire import Amount
from .models import AudienceMember, Document, Entity

__all__ = [
    "Cadence",
    "CustomMeter",
    "DateRange",
    "FeatureAvailability",
    "IncludedQuantity",
    "MarketState",
    "Moment",
    "Price",
    "PriceSchedule",
    "PricingUnit",
    "ScheduleInfo",
    "Trial",
]


class MarketState(Document):
    merge_key: ClassVar[tuple[str, ...]] = ("market_code",)
    market_code: str
    state: str = "Disabled"


class Price(Document):
    open_price: Amount | None = None
    currency_code: str = ""


class Cadence(Document):
    type: str = ""
    value: int = 1


class PricingUnit(Document):
    name: str = ""
    unit_type: str = ""
    is_unlimited_unit: bool = False
    lower_unit: int = 0
    upper_unit: int = 0


class Moment(Document):
    localize_per_market: bool = False
    date_time_in_utc: str = ""


class DateRange(Document):
    start_at: Moment | None = None
    end_at: Moment | None = None


class PriceSchedule(Document):
    retail_price: Price = Price()
    pricing_model: str = ""
    price_cadence: Cadence | None = None
    pricing_units: list[PricingUnit] = []
    date_time_range: DateRange | None = None


class ScheduleInfo(Document):
    is_base_schedule: bool = False
    market_codes: list[str] = []
    friendly_name: str = ""
    schedules: list[PriceSchedule] = []


class Trial(Document):
    type: str = "NoTrial"
    duration_type: str = ""
    duration: int | None = None


class IncludedQuantity(Document):
    merge_key: ClassVar[tuple[str, ...]] = ("recurring_unit",)
    recurring_unit: str = ""
    is_infinite: bool = False
    quantity: Amount | None = None


class CustomMeter(Document):
    merge_key: ClassVar[tuple[str, ...]] = ("id",)
    required_members: ClassVar[tuple[str, ...]] = ("id",)
    id: str = Field("", alias="ID", validation_alias=AliasChoices("ID", "id"))
    is_enabled: bool = True
    display_name: str = ""
    unit_of_measure: str = ""
    price_in_usd: Amount | None = None
    included_base_quantities: list[IncludedQuantity] = []


class FeatureAvailability(Entity):
    """A plan's markets, prices and audience, read with `$expand=MarketStates,PriceSchedules,Trial`."""

    visibility: str = "Public"
    is_hidden: bool = False
    market_states: list[MarketState] = []
    price_schedules: list[ScheduleInfo] = []
    trial: Trial | None = None
    custom_meters: list[CustomMeter] = []
    subscription_audiences: list[AudienceMember] = []
    tenant_audiences: list[AudienceMember] = []
