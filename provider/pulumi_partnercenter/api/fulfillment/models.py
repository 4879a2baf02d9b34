"""Objects of the SaaS fulfillment service.

Enumerations are open: their members here are the values that are documented, a field holds whatever the service sent.
Members that are not modelled are kept (`model_extra`). Padded strings, numbers as strings, `null` and placeholder dates
are read as what they mean. Source: Microsoft's OpenAPI descriptions, and recorded answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from ..wire import WireModel

__all__ = [
    "Action",
    "AvailablePlan",
    "BillingTerm",
    "FulfillmentModel",
    "Identity",
    "IncludedQuantity",
    "MeteringDimension",
    "Number",
    "Operation",
    "OperationSource",
    "OperationStatus",
    "PlanComponents",
    "ResolvedSubscription",
    "Subscription",
    "SubscriptionStatus",
    "Term",
    "Text",
    "Time",
    "WebhookEvent",
    "read_object",
]

EARLIEST_YEAR = 1970
"""Dates before it are placeholders: `0001-01-01T00:00:00` stands for none."""


# --- Open enumerations


class SubscriptionStatus(StrEnum):
    """States of a subscription. `UNSUBSCRIBED` is final."""

    NOT_STARTED = "NotStarted"
    PENDING = "PendingFulfillmentStart"
    SUBSCRIBED = "Subscribed"
    SUSPENDED = "Suspended"
    UNSUBSCRIBED = "Unsubscribed"


class OperationStatus(StrEnum):
    """States of an operation. `CONFLICT`: the new plan or quantity is the current one."""

    NOT_STARTED = "NotStarted"
    IN_PROGRESS = "InProgress"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    CONFLICT = "Conflict"


class Action(StrEnum):
    """Changes of a subscription, in operations and webhooks."""

    CHANGE_PLAN = "ChangePlan"
    CHANGE_QUANTITY = "ChangeQuantity"
    RENEW = "Renew"
    SUSPEND = "Suspend"
    UNSUBSCRIBE = "Unsubscribe"
    REINSTATE = "Reinstate"
    SUBSCRIBE = "Subscribe"
    TRANSFER = "Transfer"


class OperationSource(StrEnum):
    """Side that began an operation: the customer or the marketplace, or the publisher."""

    AZURE = "Azure"
    PARTNER = "Partner"


# --- Lenient types of members


def _read_text(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _read_quantity(value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip() or None
    if isinstance(value, bool):
        raise ValueError("is no number")  # noqa: TRY004 - pydantic reads ValueError
    return value


def _read_number(value: Any) -> Any:
    return (value.strip() or 0) if isinstance(value, str) else value or 0


def _read_flag(value: Any, handler: ValidatorFunctionWrapHandler) -> bool:
    return False if value is None or value == "" else bool(handler(value))


def _read_time(value: Any, handler: ValidatorFunctionWrapHandler) -> datetime | None:
    """Return None for what is no date, or a placeholder for none."""
    try:
        time = handler(value.strip() if isinstance(value, str) else value)
    except ValidationError:
        return None
    if not isinstance(time, datetime) or time.year < EARLIEST_YEAR:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def read_object(value: Any) -> Any:
    return value if isinstance(value, Mapping | WireModel) else {}


def _read_list(value: Any) -> Any:
    return value if isinstance(value, list) else []


Text = Annotated[str, BeforeValidator(_read_text)]
Quantity = Annotated[int | None, BeforeValidator(_read_quantity)]
Number = Annotated[float, BeforeValidator(_read_number)]
Flag = Annotated[bool, WrapValidator(_read_flag)]
Time = Annotated[datetime | None, WrapValidator(_read_time)]


class FulfillmentModel(WireModel):
    """An object of the services: names of members are read in any case and with blanks around them."""

    model_config = ConfigDict(frozen=True)

    former_names: ClassVar[Mapping[str, str]] = {}
    """Other spellings of members, in lower case, and the member that each stands for."""
    shown_fields: ClassVar[tuple[str, ...]] = ()
    """Fields of `repr`: none about a person."""

    @model_validator(mode="before")
    @classmethod
    def read_names(cls, document: Any) -> Any:
        """Return the document under the names of the model."""
        if not isinstance(document, Mapping):
            return document
        names = {
            (field.alias or name).lower(): field.alias or name for name, field in cls.model_fields.items()
        }
        names |= cls.former_names
        exact = {name for field_name, field in cls.model_fields.items() for name in (field_name, field.alias)}
        members: dict[str, Any] = {}
        for key, value in document.items():
            name = key if key in exact else names.get(str(key).strip().lower(), str(key).strip())
            if name not in members or key in exact:
                members[name] = value
        return members

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        return [(name, getattr(self, name)) for name in self.shown_fields]


# --- Subscriptions


class Identity(FulfillmentModel):
    """A user and the tenant; empty strings where the service names none. Personal data: `repr` shows nothing."""

    email: Annotated[Text, Field(alias="emailId")] = ""
    object_id: Text = ""
    tenant_id: Text = ""
    puid: Text = ""


class Term(FulfillmentModel):
    """Current term. Dates are UTC, None before the activation; the last day is included."""

    start: Annotated[Time, Field(alias="startDate")] = None
    end: Annotated[Time, Field(alias="endDate")] = None
    unit: Annotated[Text, Field(alias="termUnit")] = ""
    """ISO 8601 duration: `P1M`, `P1Y`, `P2Y`, `P3Y` …"""
    charge_duration: Text = ""

    shown_fields = ("unit", "start", "end")


class Subscription(FulfillmentModel):
    """A purchased subscription. `id` identifies it everywhere, and is the `resource_id` of its usage events."""

    id: Text = ""
    name: Text = ""
    publisher_id: Text = ""
    offer_id: Text = ""
    plan_id: Text = ""
    """Current plan; during a change still the old one."""
    quantity: Quantity = None
    """Seats; None for a plan without seats."""
    status: Annotated[Text, Field(alias="saasSubscriptionStatus")] = ""
    """One of SubscriptionStatus, or a new value."""
    beneficiary: Annotated[Identity, BeforeValidator(read_object)] = Identity()
    """User and tenant that the purchase is for."""
    purchaser: Annotated[Identity, BeforeValidator(read_object)] = Identity()
    """User and tenant that bought; a partner for a CSP purchase."""
    term: Annotated[Term, BeforeValidator(read_object)] = Term()
    auto_renew: Annotated[bool, BeforeValidator(lambda value: True if value in (None, "") else value)] = True
    is_free_trial: Flag = False
    is_test: Flag = False
    allowed_customer_operations: Annotated[list[Text], BeforeValidator(_read_list)] = []
    """Of `Read`, `Update`, `Delete`; only `Read` for a CSP purchase."""
    sandbox_type: Text = ""
    session_mode: Text = ""
    created: Time = None
    last_modified: Time = None

    required_members = ("id", "status")
    shown_fields = ("id", "offer_id", "plan_id", "quantity", "status")


class ResolvedSubscription(FulfillmentModel):
    """Meaning of a marketplace token: the subscription that the customer configures or manages."""

    id: Text = ""
    subscription_name: Text = ""
    offer_id: Text = ""
    plan_id: Text = ""
    quantity: Quantity = None
    subscription: Annotated[Subscription | None, BeforeValidator(lambda value: value or None)] = None
    """The whole subscription; None if the service left it out."""

    required_members = ("id", "plan_id")
    shown_fields = ("id", "offer_id", "plan_id", "quantity")


# --- Plans


class IncludedQuantity(FulfillmentModel):
    """Units of a dimension that the flat fee includes in each term; `units` is text: a number, or `Infinite`."""

    dimension_id: Text = ""
    units: Text = ""

    shown_fields = ("dimension_id", "units")


class BillingTerm(FulfillmentModel):
    """Price of one term: `price` in units of `currency`, for each seat in a plan with seats."""

    currency: Text = ""
    price: Number = 0
    unit: Annotated[Text, Field(alias="termUnit")] = ""
    description: Annotated[Text, Field(alias="termDescription")] = ""
    included_quantities: Annotated[
        list[IncludedQuantity], BeforeValidator(_read_list), Field(alias="meteredQuantityIncluded")
    ] = []

    shown_fields = ("unit", "price", "currency")


class MeteringDimension(FulfillmentModel):
    """A meter: `price_per_unit` in units of `currency`."""

    id: Text = ""
    currency: Text = ""
    price_per_unit: Number = 0
    unit_of_measure: Text = ""
    display_name: Text = ""

    shown_fields = ("id", "price_per_unit", "currency")


class PlanComponents(FulfillmentModel):
    """Prices of a plan."""

    billing_terms: Annotated[
        list[BillingTerm], BeforeValidator(_read_list), Field(alias="recurrentBillingTerms")
    ] = []
    metering_dimensions: Annotated[list[MeteringDimension], BeforeValidator(_read_list)] = []

    shown_fields = ("billing_terms", "metering_dimensions")


class AvailablePlan(FulfillmentModel):
    """A plan that a subscription may change to, the current one included."""

    plan_id: Text = ""
    display_name: Text = ""
    description: Text = ""
    is_private: Flag = False
    min_quantity: Quantity = None
    """Fewest seats; None or 0 for a plan without seats."""
    max_quantity: Quantity = None
    has_free_trials: Flag = False
    is_price_per_seat: Flag = False
    is_stop_sell: Flag = False
    """Whether the plan is not sold any more."""
    market: Text = ""
    """ISO country code: `US`."""
    components: Annotated[PlanComponents, BeforeValidator(read_object), Field(alias="planComponents")] = (
        PlanComponents()
    )
    source_offers: Annotated[list[dict[str, Any]], BeforeValidator(_read_list)] = []
    """Private offers that lead to this plan: `{"externalId": …}`."""

    required_members = ("plan_id",)
    shown_fields = ("plan_id", "display_name", "is_price_per_seat")

    @property
    def billing_terms(self) -> list[BillingTerm]:
        """Prices by term."""
        return self.components.billing_terms

    @property
    def metering_dimensions(self) -> list[MeteringDimension]:
        """Meters, for usage events."""
        return self.components.metering_dimensions


# --- Operations and webhooks

_SOURCE_NAMES = {"operationrequestedsource": "operationRequestSource"}


class Operation(FulfillmentModel):
    """A change of a subscription that takes time, or waits for the publisher's decision."""

    id: Text = ""
    """Empty for a cancellation or a change that needed no operation any more."""
    activity_id: Text = ""
    subscription_id: Text = ""
    offer_id: Text = ""
    publisher_id: Text = ""
    plan_id: Text = ""
    """New plan of a ChangePlan, else the current one."""
    quantity: Quantity = None
    """New seats of a ChangeQuantity, else the current ones."""
    action: Text = ""
    """One of Action, or a new value."""
    time: Annotated[Time, Field(alias="timeStamp")] = None
    status: Text = ""
    """One of OperationStatus, or a new value."""
    source: Annotated[Text, Field(alias="operationRequestSource")] = ""
    """One of OperationSource; empty where the service does not say."""
    error_status_code: Text = ""
    error_message: Text = ""

    former_names = _SOURCE_NAMES
    shown_fields = ("id", "subscription_id", "action", "status")

    @property
    def is_ended(self) -> bool:
        """Whether the status is final."""
        return self.has_succeeded or self.status in (OperationStatus.FAILED, OperationStatus.CONFLICT)

    @property
    def has_succeeded(self) -> bool:
        # Microsoft's texts write both.
        return self.status in (OperationStatus.SUCCEEDED, "Succeed")


class WebhookEvent(FulfillmentModel):
    """A notification of the marketplace. Proves nothing: read the operation or the subscription before acting on it.

    Everything but the id of the subscription may be missing: minimal and obsolete forms are read as well.
    """

    id: Text = ""
    """Id of the operation."""
    activity_id: Text = ""
    subscription_id: Text = ""
    publisher_id: Text = ""
    offer_id: Text = ""
    plan_id: Text = ""
    """New plan of a ChangePlan, else the current one."""
    quantity: Quantity = None
    """New seats of a ChangeQuantity, else the current ones."""
    time: Annotated[Time, Field(alias="timeStamp")] = None
    action: Text = ""
    """One of Action, or a new value."""
    status: Text = ""
    """`InProgress` where the publisher decides, else `Succeeded`."""
    source: Annotated[Text, Field(alias="operationRequestSource")] = ""
    subscription: Annotated[Subscription | None, BeforeValidator(lambda value: value or None)] = None
    """Subscription before the change."""

    former_names = {**_SOURCE_NAMES, "operationtype": "action"}
    required_members = ("subscription_id",)
    shown_fields = ("id", "subscription_id", "action", "status")

    @property
    def is_revert(self) -> bool:
        """Whether it sets back a change that was refused: its value is the subscription's."""
        current = self.subscription
        if current is None:
            return False
        if self.action == Action.CHANGE_PLAN:
            return self.plan_id == current.plan_id
        return self.action == Action.CHANGE_QUANTITY and self.quantity == current.quantity
