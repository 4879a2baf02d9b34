"""Blocking client of the SaaS services: the operations of client.py, without an event loop."""

# Made by `make generate` from client.py and metering.py; changes here are lost.
from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import datetime
from types import TracebackType
from typing import Literal, Self

from ...settings import Settings
from ..http.async_client import AsyncApiClient, BlockingWire, iterate_blocking, run_blocking
from ..http.tokens import TokenSource
from .client import Operations
from .models import AvailablePlan, Operation, ResolvedSubscription, Subscription
from .system import FULFILLMENT
from .usage import UsageEvent, UsageRecord, UsageResult

__all__ = ["FulfillmentClient"]


class FulfillmentClient:
    """Client of the SaaS fulfillment and metering services. Thread-safe, one connection pool.

    `settings`: those of `Settings.load_fulfillment()` if None. `correlation_id` joins all calls on the service's side;
    empty: each call has a fresh one. Close it, or use it as a context manager.
    """

    def __init__(self, settings: Settings | None = None, *, correlation_id: str = "") -> None:
        settings = settings or Settings.load_fulfillment()
        tokens = TokenSource.shared(settings, FULFILLMENT.audience)
        wire = BlockingWire(settings, FULFILLMENT, tokens)
        self._api = AsyncApiClient(settings, FULFILLMENT, tokens, wire)
        self._operations = Operations(self._api, correlation_id)

    def close(self) -> None:
        """Close all connections."""
        run_blocking(self._api.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def resolve(self, token: str) -> ResolvedSubscription:
        """Return the subscription that a marketplace token stands for. Changes nothing; may be repeated.

        `token` is the landing page's query parameter `token`, decoded once as web frameworks do it; a space in it
        stands for a plus sign. `read_token(address)` reads it from a whole address. It works in every state of the
        subscription, for 24 hours. Source: `POST subscriptions/resolve`.

        Raises: InputError for what is no token; Invalid for one that is wrong or too old; Forbidden, AuthError.
        """
        return run_blocking(self._operations.resolve(token))

    def activate(self, subscription_id: str, plan_id: str, quantity: int | None = None) -> None:
        """Tell the marketplace that the customer's account is ready. **Billing starts with it.**

        `plan_id` and `quantity` (seats, at least 1; None for a plan without seats) are those that `resolve` returned.
        After a lost answer the subscription is read before anything is sent again, so that it is activated once. A
        subscription that is active already, with this plan and quantity, is success. The new status may show only some
        minutes later. Source: `POST subscriptions/{id}/activate`.

        Raises: InputError; Invalid for another plan, quantity or state than the purchase has; NotFound for a cancelled
        or unknown subscription; Forbidden, AuthError.
        """
        run_blocking(self._operations.activate(subscription_id, plan_id, quantity))

    def list_subscriptions(self) -> Iterator[Subscription]:
        """Iterate over all subscriptions of all offers of the publisher, page by page, in every state.

        Cancelled subscriptions stay in the list for ever. Source: `GET subscriptions`, pages of 100.

        Raises: ContractError for pages that do not end; Forbidden, AuthError.
        """
        return iterate_blocking(self._operations.list_subscriptions())

    def get_subscription(self, subscription_id: str, *, timeout_seconds: float = math.inf) -> Subscription:
        """Return a subscription as the marketplace has it: the truth after every notification.

        During a change it still has the old plan, quantity and status. `timeout_seconds` bounds all attempts together.
        Source: `GET subscriptions/{id}`.

        Raises: InputError; NotFound; Forbidden for another publisher's subscription; AuthError.
        """
        return run_blocking(
            self._operations.get_subscription(subscription_id, timeout_seconds=timeout_seconds)
        )

    def list_available_plans(self, subscription_id: str, plan_id: str = "") -> list[AvailablePlan]:
        """Return the plans that a subscription may change to, the current one included; `plan_id` picks one.

        Empty for a subscription that is unknown. Source: `GET subscriptions/{id}/listAvailablePlans`.

        Raises: InputError; NotFound; Forbidden, AuthError.
        """
        return run_blocking(self._operations.list_available_plans(subscription_id, plan_id))

    def change_plan(self, subscription_id: str, plan_id: str) -> Operation:
        """Begin the change to another plan; the price changes with it. The customer must have agreed.

        Returns the operation as it is known from the answer, `InProgress`. After a lost answer the outstanding
        operations and the subscription are read before the change is sent again; a change that is through already is an
        operation without id that has succeeded. Source: `PATCH subscriptions/{id}`.

        Raises: InputError; Invalid for a plan that is current or not available, a subscription that is not active, one
        that a partner manages, or one that is locked by another operation; NotFound; Forbidden, AuthError.
        """
        return run_blocking(self._operations.change_plan(subscription_id, plan_id))

    def change_quantity(self, subscription_id: str, quantity: int) -> Operation:
        """Begin the change to another number of seats, at least 1; the price changes with it. As `change_plan`.

        Source: `PATCH subscriptions/{id}`.

        Raises: as `change_plan`; Invalid also for a quantity that is current, or outside the bounds of the plan.
        """
        return run_blocking(self._operations.change_quantity(subscription_id, quantity))

    def cancel(self, subscription_id: str) -> Operation:
        """Begin the cancellation of a subscription. **It cannot be undone: the customer has to buy again.**

        Returns the operation as it is known from the answer, `InProgress`; one without id that has succeeded if the
        subscription is cancelled already. After a lost answer it looks before it repeats, as `change_plan`.
        Source: `DELETE subscriptions/{id}`.

        Raises: InputError; Invalid for a subscription that a partner manages; NotFound; Forbidden, AuthError.
        """
        return run_blocking(self._operations.cancel(subscription_id))

    def list_operations(self, subscription_id: str) -> list[Operation]:
        """Return the operations that wait for the publisher's answer. New ones may show some seconds late.

        Source: `GET subscriptions/{id}/operations`.

        Raises: InputError; NotFound, or an empty list, for an unknown subscription; Forbidden, AuthError.
        """
        return run_blocking(self._operations.list_operations(subscription_id))

    def get_operation(
        self, subscription_id: str, operation_id: str, *, timeout_seconds: float = math.inf
    ) -> Operation:
        """Return an operation. `timeout_seconds` bounds all attempts together.

        Source: `GET subscriptions/{id}/operations/{operation}`.

        Raises: InputError; NotFound or Invalid (the service uses both) for an unknown one; Forbidden, AuthError.
        """
        return run_blocking(
            self._operations.get_operation(subscription_id, operation_id, timeout_seconds=timeout_seconds)
        )

    def update_operation(
        self, subscription_id: str, operation_id: str, status: Literal["Success", "Failure"]
    ) -> None:
        """Accept (`Success`) or refuse (`Failure`) a change that the customer began.

        The service waits 10 seconds from its notification, then it accepts by itself. An operation that was decided
        before (409) is success. Source: `PATCH subscriptions/{id}/operations/{operation}`.

        Raises: InputError for another status; NotFound or Invalid for an unknown operation; Unavailable for one that
        the publisher began, which needs no answer; Forbidden, AuthError.
        """
        run_blocking(self._operations.update_operation(subscription_id, operation_id, status))

    def wait_operation(
        self, subscription_id: str, operation_id: str, *, timeout_seconds: float = 300
    ) -> Operation:
        """Read an operation until it has ended, and return it: `Succeeded`, `Failed` or `Conflict`.

        Pauses grow from a quarter of a second to 3 seconds. In the first 10 seconds an unknown operation counts as not
        visible yet.

        Raises: JobTimeout after `timeout_seconds`; as `get_operation`.
        """
        return run_blocking(
            self._operations.wait_operation(subscription_id, operation_id, timeout_seconds=timeout_seconds)
        )

    def change_plan_and_wait(
        self, subscription_id: str, plan_id: str, *, timeout_seconds: float = 300
    ) -> Operation:
        """Change the plan and wait: `change_plan`, then `wait_operation`, within `timeout_seconds` together.

        Raises: Rejected if the operation does not succeed; JobTimeout; as `change_plan`.
        """
        return run_blocking(
            self._operations.change_plan_and_wait(subscription_id, plan_id, timeout_seconds=timeout_seconds)
        )

    def change_quantity_and_wait(
        self, subscription_id: str, quantity: int, *, timeout_seconds: float = 300
    ) -> Operation:
        """Change the quantity and wait: `change_quantity`, then `wait_operation`, within `timeout_seconds` together.

        Raises: Rejected if the operation does not succeed; JobTimeout; as `change_quantity`.
        """
        return run_blocking(
            self._operations.change_quantity_and_wait(
                subscription_id, quantity, timeout_seconds=timeout_seconds
            )
        )

    def cancel_and_wait(self, subscription_id: str, *, timeout_seconds: float = 300) -> Operation:
        """Cancel and wait: `cancel`, then `wait_operation`, within `timeout_seconds` together.

        Raises: Rejected if the operation does not succeed; JobTimeout; as `cancel`.
        """
        return run_blocking(
            self._operations.cancel_and_wait(subscription_id, timeout_seconds=timeout_seconds)
        )

    def report_usage(self, event: UsageEvent) -> UsageResult:
        """Report one usage event. **The customer is charged for it.**

        May be repeated: the service takes one event for an hour, dimension and resource, and answers a second one with
        the first. The same quantity is then delivered (`Duplicate`). Source: `POST usageEvent`.

        Raises: Conflict if the service has another quantity for this hour; Invalid for a wrong or late event, and for a
        subscription that is not active; Forbidden, AuthError.
        """
        return run_blocking(self._operations.report_usage(event))

    def report_usage_batch(self, events: Iterable[UsageEvent]) -> list[UsageResult]:
        """Report any number of usage events, 25 in a request. **The customers are charged for them.**

        Returns a result for each event, in the order of the events: look at `is_delivered`. May be repeated whole, as
        `report_usage`. Source: `POST batchUsageEvent`.

        Raises: Invalid, Forbidden, AuthError, Unavailable for a request that was refused whole; requests before it
        were sent, so report all events again.
        """
        return run_blocking(self._operations.report_usage_batch(events))

    def list_usage(
        self,
        start: datetime,
        end: datetime | None = None,
        *,
        offer_id: str = "",
        plan_id: str = "",
        dimension: str = "",
        azure_subscription_id: str = "",
        status: str = "",
    ) -> list[UsageRecord]:
        """Return the usage that the marketplace has, by day, resource and dimension, for comparison.

        `start` and `end` have a time zone; `end` is now if it is None. `status` is a value of `UsageRecord.status`.
        Source: `GET usageEvents`.

        Raises: InputError; Invalid; Forbidden, AuthError.
        """
        return run_blocking(
            self._operations.list_usage(
                start,
                end,
                offer_id=offer_id,
                plan_id=plan_id,
                dimension=dimension,
                azure_subscription_id=azure_subscription_id,
                status=status,
            )
        )
