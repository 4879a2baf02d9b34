"""Objects of the marketplace metering service. Source: Microsoft's OpenAPI description of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from ...errors import InputError
from .models import FulfillmentModel, Number, Text, Time, read_object

__all__ = ["UsageEvent", "UsageMessage", "UsageRecord", "UsageResult", "UsageStatus", "write_time"]


class UsageStatus(StrEnum):
    """Outcomes of a usage event."""

    ACCEPTED = "Accepted"
    DUPLICATE = "Duplicate"
    EXPIRED = "Expired"
    ERROR = "Error"
    RESOURCE_NOT_FOUND = "ResourceNotFound"
    RESOURCE_NOT_AUTHORIZED = "ResourceNotAuthorized"
    RESOURCE_NOT_ACTIVE = "ResourceNotActive"
    INVALID_DIMENSION = "InvalidDimension"
    INVALID_QUANTITY = "InvalidQuantity"
    BAD_ARGUMENT = "BadArgument"


@dataclass(frozen=True, kw_only=True)
class UsageEvent:
    """Use of one dimension by one resource in one clock hour.

    Exactly one of `resource_id` (the subscription's id) and `resource_uri` (a managed application). `quantity` counts
    units of the dimension beyond what the plan includes, above zero. `effective_start_time` has a time zone, names the
    hour, and is at most 24 hours ago when the service reads it. Source: metering service API, `POST usageEvent`.

    Raises: InputError for a value that breaks its rule.
    """

    resource_id: str = ""
    resource_uri: str = ""
    dimension: str
    quantity: float
    effective_start_time: datetime
    plan_id: str

    def __post_init__(self) -> None:
        if bool(self.resource_id) == bool(self.resource_uri):
            raise InputError(
                "usage event: resource_id or resource_uri is required, not both",
                next="give the subscription's id as resource_id; resource_uri is for managed applications",
            )
        for name in ("resource_id", "resource_uri", "dimension", "plan_id"):
            value = getattr(self, name)
            is_optional = name.startswith("resource")
            if not isinstance(value, str) or (not value.strip() and not is_optional):
                raise InputError(f"usage event: {name} is required and a string: {value!r}")
        is_number = isinstance(self.quantity, int | float) and not isinstance(self.quantity, bool)
        if not is_number or not math.isfinite(self.quantity) or self.quantity <= 0:
            raise InputError(
                f"usage event: quantity is a number above zero: {self.quantity!r}",
                next="report no event for an hour without use",
            )
        if not isinstance(self.effective_start_time, datetime) or self.effective_start_time.tzinfo is None:
            raise InputError(
                f"usage event: effective_start_time is a datetime with a time zone: {self.effective_start_time!r}",
                next="give it one, such as datetime.now(UTC)",
            )

    @property
    def hour(self) -> datetime:
        """Clock hour in UTC: the service takes one event for an hour, dimension and resource."""
        return self.effective_start_time.astimezone(UTC).replace(minute=0, second=0, microsecond=0)

    def to_json(self) -> dict[str, Any]:
        """Return the body of the request."""
        resource = (
            {"resourceId": self.resource_id} if self.resource_id else {"resourceUri": self.resource_uri}
        )
        return {
            **resource,
            "quantity": self.quantity,
            "dimension": self.dimension,
            "effectiveStartTime": write_time(self.effective_start_time),
            "planId": self.plan_id,
        }


def write_time(time: datetime) -> str:
    """Write a time with a zone as the services read it: `2026-05-18T08:00:00Z`."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


class UsageMessage(FulfillmentModel):
    """What the metering service says about one event."""

    usage_event_id: Text = ""
    status: Text = ""
    message_time: Time = None
    resource_id: Text = ""
    resource_uri: Text = ""
    quantity: Annotated[
        float | None, BeforeValidator(lambda value: None if value in (None, "") else value)
    ] = None
    dimension: Text = ""
    effective_start_time: Time = None
    plan_id: Text = ""
    error: Annotated[dict[str, Any], BeforeValidator(read_object)] = {}


@dataclass(frozen=True, kw_only=True)
class UsageResult:
    """Outcome of one usage event."""

    event: UsageEvent
    status: str
    """One of UsageStatus, or a new value."""
    usage_event_id: str = ""
    message_time: datetime | None = None
    error_code: str = ""
    error_message: str = ""
    accepted_quantity: float | None = None
    """Quantity that the service has for this hour, dimension and resource; None where it does not say."""

    @property
    def is_delivered(self) -> bool:
        """Whether the service has exactly this quantity: accepted, or accepted before."""
        if self.status == UsageStatus.ACCEPTED:
            return True
        return self.status == UsageStatus.DUPLICATE and self.accepted_quantity in (None, self.event.quantity)


class UsageRecord(FulfillmentModel):
    """Usage of one day, resource and dimension as the marketplace has it, for comparison with what was sent."""

    date: Annotated[Time, Field(alias="usageDate")] = None
    resource_id: Annotated[Text, Field(alias="usageResourceId")] = ""
    dimension: Text = ""
    plan_id: Text = ""
    plan_name: Text = ""
    offer_id: Text = ""
    offer_name: Text = ""
    offer_type: Text = ""
    azure_subscription_id: Text = ""
    status: Annotated[Text, Field(alias="reconStatus")] = ""
    """`Submitted`, `Accepted`, `Rejected`, `Mismatch`, `TestHeaders`, `DryRun`, or a new value."""
    submitted_quantity: Number = 0
    processed_quantity: Number = 0
    submitted_count: Number = 0

    shown_fields = ("date", "resource_id", "dimension", "status", "submitted_quantity", "processed_quantity")
