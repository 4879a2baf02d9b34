"""Operations of the SaaS fulfillment and metering services, and their asynchronous client.

    FulfillmentClient (blocking_client.py, generated) ─┐
                                                       ├─► Operations: each as one coroutine ─► AsyncApiClient ─► Wire
    AsyncFulfillmentClient ────────────────────────────┘

Source: Microsoft's OpenAPI descriptions `SaaS Fulfillment` and `Metering API`, version 2018-08-31.
"""

from __future__ import annotations

import math
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Any, Literal, Self

import httpx

from ...errors import (
    ODD_ANSWER,
    ContractError,
    InputError,
    Invalid,
    JobTimeout,
    NotFound,
    PartnerCenterError,
    Rejected,
    Unavailable,
)
from ...settings import Settings
from ..http.answers import read_json
from ..http.async_client import VISIBLE_SECONDS, AsyncApiClient, AsyncWire, Call
from ..http.retry import AsyncPollPolicy, TransientResponse
from ..http.tokens import TokenSource
from .marketplace_tokens import check_token
from .metering import UsageOperations
from .models import (
    Action,
    AvailablePlan,
    Operation,
    OperationSource,
    OperationStatus,
    ResolvedSubscription,
    Subscription,
    SubscriptionStatus,
)
from .service import check_id, check_quantity, check_text, read_items, read_next_page
from .system import FULFILLMENT

__all__ = ["AsyncFulfillmentClient", "Operations"]

MAX_PAGES = 10_000
"""Pages of a list, of 100 subscriptions each."""

_RESOLVE_HINT = (
    "marketplace tokens last 24 hours: the customer opens the subscription in the Azure portal or the Microsoft 365"
    " admin center again and chooses Configure account or Manage account"
)
_PARTNER_HINT = (
    "an operation that the publisher began needs no answer: it ends by itself, read it with get_operation"
)


class Operations(UsageOperations):
    """Operations of both services, over any wire."""

    async def resolve(self, token: str) -> ResolvedSubscription:
        """Return the subscription that a marketplace token stands for. Changes nothing; may be repeated.

        `token` is the landing page's query parameter `token`, decoded once as web frameworks do it; a space in it
        stands for a plus sign. `read_token(address)` reads it from a whole address. It works in every state of the
        subscription, for 24 hours. Source: `POST subscriptions/resolve`.

        Raises: InputError for what is no token; Invalid for one that is wrong or too old; Forbidden, AuthError.
        """
        call = self._begin("marketplace token: look-up")
        secret = {"x-ms-marketplace-token": check_token(token)}

        def read(response: httpx.Response) -> ResolvedSubscription:
            return ResolvedSubscription.from_json(read_json(response, call.action).body, call.action)

        try:
            return await self._send(call, "POST", "subscriptions/resolve", read, secret_headers=secret)
        except Invalid as error:
            raise error.advise(_RESOLVE_HINT) from None

    async def activate(self, subscription_id: str, plan_id: str, quantity: int | None = None) -> None:
        """Tell the marketplace that the customer's account is ready. **Billing starts with it.**

        `plan_id` and `quantity` (seats, at least 1; None for a plan without seats) are those that `resolve` returned.
        After a lost answer the subscription is read before anything is sent again, so that it is activated once. A
        subscription that is active already, with this plan and quantity, is success. The new status may show only some
        minutes later. Source: `POST subscriptions/{id}/activate`.

        Raises: InputError; Invalid for another plan, quantity or state than the purchase has; NotFound for a cancelled
        or unknown subscription; Forbidden, AuthError.
        """
        call = self._begin(f"subscription {check_id('subscription_id', subscription_id)}: activation")
        body: dict[str, Any] = {"planId": check_text("plan_id", plan_id)}
        if quantity is not None:
            body["quantity"] = check_quantity(quantity)

        async def look(_: Exception) -> bool | None:
            subscription = await self._get_subscription(call, subscription_id)
            is_active = subscription.status == SubscriptionStatus.SUBSCRIBED
            is_same = subscription.plan_id == plan_id and quantity in (None, subscription.quantity)
            return True if is_active and is_same else None

        try:
            path = f"subscriptions/{subscription_id}/activate"
            await self._send(call, "POST", path, lambda _: True, body=body, look=look)
        except Invalid as error:
            if error.status != 400 or not await self._is_confirmed(look, error):
                raise

    async def list_subscriptions(self) -> AsyncIterator[Subscription]:
        """Iterate over all subscriptions of all offers of the publisher, page by page, in every state.

        Cancelled subscriptions stay in the list for ever. Source: `GET subscriptions`, pages of 100.

        Raises: ContractError for pages that do not end; Forbidden, AuthError.
        """
        call = self._begin("subscriptions: look-up")
        params, visited = dict[str, str](), set[frozenset[tuple[str, str]]]()
        while True:
            body = await self._get(call, "subscriptions", params)
            for document in read_items(body, "subscriptions", call.action):
                yield Subscription.from_json(document, call.action)
            names = FULFILLMENT.paging.next_links if isinstance(body, dict) else ()
            link = next((body[name] for name in names if body.get(name)), "")
            if not link:
                return
            params = read_next_page(link, call.action)
            page = frozenset(params.items())
            if page in visited or len(visited) >= MAX_PAGES:
                raise ContractError(f"{call.action}: the pages of the list do not end", next=ODD_ANSWER)
            visited.add(page)

    async def get_subscription(
        self, subscription_id: str, *, timeout_seconds: float = math.inf
    ) -> Subscription:
        """Return a subscription as the marketplace has it: the truth after every notification.

        During a change it still has the old plan, quantity and status. `timeout_seconds` bounds all attempts together.
        Source: `GET subscriptions/{id}`.

        Raises: InputError; NotFound; Forbidden for another publisher's subscription; AuthError.
        """
        call = self._begin(
            f"subscription {check_id('subscription_id', subscription_id)}: look-up", timeout_seconds
        )
        return await self._get_subscription(call, subscription_id)

    async def list_available_plans(self, subscription_id: str, plan_id: str = "") -> list[AvailablePlan]:
        """Return the plans that a subscription may change to, the current one included; `plan_id` picks one.

        Empty for a subscription that is unknown. Source: `GET subscriptions/{id}/listAvailablePlans`.

        Raises: InputError; NotFound; Forbidden, AuthError.
        """
        call = self._begin(f"subscription {check_id('subscription_id', subscription_id)}: look-up of plans")
        params = {"planId": check_text("plan_id", plan_id)} if plan_id else {}
        body = await self._get(call, f"subscriptions/{subscription_id}/listAvailablePlans", params)
        return [
            AvailablePlan.from_json(document, call.action)
            for document in read_items(body, "plans", call.action)
        ]

    async def change_plan(self, subscription_id: str, plan_id: str) -> Operation:
        """Begin the change to another plan; the price changes with it. The customer must have agreed.

        Returns the operation as it is known from the answer, `InProgress`. After a lost answer the outstanding
        operations and the subscription are read before the change is sent again; a change that is through already is an
        operation without id that has succeeded. Source: `PATCH subscriptions/{id}`.

        Raises: InputError; Invalid for a plan that is current or not available, a subscription that is not active, one
        that a partner manages, or one that is locked by another operation; NotFound; Forbidden, AuthError.
        """
        call = self._begin(f"subscription {check_id('subscription_id', subscription_id)}: change of plan")
        return await self._change_plan(call, subscription_id, plan_id)

    async def change_quantity(self, subscription_id: str, quantity: int) -> Operation:
        """Begin the change to another number of seats, at least 1; the price changes with it. As `change_plan`.

        Source: `PATCH subscriptions/{id}`.

        Raises: as `change_plan`; Invalid also for a quantity that is current, or outside the bounds of the plan.
        """
        call = self._begin(f"subscription {check_id('subscription_id', subscription_id)}: change of quantity")
        return await self._change_quantity(call, subscription_id, quantity)

    async def cancel(self, subscription_id: str) -> Operation:
        """Begin the cancellation of a subscription. **It cannot be undone: the customer has to buy again.**

        Returns the operation as it is known from the answer, `InProgress`; one without id that has succeeded if the
        subscription is cancelled already. After a lost answer it looks before it repeats, as `change_plan`.
        Source: `DELETE subscriptions/{id}`.

        Raises: InputError; Invalid for a subscription that a partner manages; NotFound; Forbidden, AuthError.
        """
        call = self._begin(f"subscription {check_id('subscription_id', subscription_id)}: cancellation")
        return await self._cancel(call, subscription_id)

    async def list_operations(self, subscription_id: str) -> list[Operation]:
        """Return the operations that wait for the publisher's answer. New ones may show some seconds late.

        Source: `GET subscriptions/{id}/operations`.

        Raises: InputError; NotFound, or an empty list, for an unknown subscription; Forbidden, AuthError.
        """
        call = self._begin(
            f"subscription {check_id('subscription_id', subscription_id)}: look-up of operations"
        )
        return await self._list_operations(call, subscription_id)

    async def get_operation(
        self, subscription_id: str, operation_id: str, *, timeout_seconds: float = math.inf
    ) -> Operation:
        """Return an operation. `timeout_seconds` bounds all attempts together.

        Source: `GET subscriptions/{id}/operations/{operation}`.

        Raises: InputError; NotFound or Invalid (the service uses both) for an unknown one; Forbidden, AuthError.
        """
        call = self._begin(_describe_operation(subscription_id, operation_id, "look-up"), timeout_seconds)
        return await self._get_operation(call, subscription_id, operation_id)

    async def update_operation(
        self, subscription_id: str, operation_id: str, status: Literal["Success", "Failure"]
    ) -> None:
        """Accept (`Success`) or refuse (`Failure`) a change that the customer began.

        The service waits 10 seconds from its notification, then it accepts by itself. An operation that was decided
        before (409) is success. Source: `PATCH subscriptions/{id}/operations/{operation}`.

        Raises: InputError for another status; NotFound or Invalid for an unknown operation; Unavailable for one that
        the publisher began, which needs no answer; Forbidden, AuthError.
        """
        call = self._begin(_describe_operation(subscription_id, operation_id, "answer"))
        if status not in ("Success", "Failure"):
            raise InputError(f"{call.action}: status is Success or Failure: {status!r}")

        async def look(failure: Exception) -> bool | None:
            if not isinstance(failure, TransientResponse) or failure.response.status_code != 500:
                return None
            try:
                operation = await self._get_operation(call, subscription_id, operation_id)
            except (Invalid, NotFound):  # not visible yet
                return None
            if operation.source == OperationSource.PARTNER:
                raise self._api.error_of(failure.response, call.action).advise(_PARTNER_HINT)
            return None

        path = f"subscriptions/{subscription_id}/operations/{operation_id}"
        body = {"status": str(status)}
        await self._send(call, "PATCH", path, lambda _: True, body=body, accepts={409}, look=look)

    async def wait_operation(
        self, subscription_id: str, operation_id: str, *, timeout_seconds: float = 300
    ) -> Operation:
        """Read an operation until it has ended, and return it: `Succeeded`, `Failed` or `Conflict`.

        Pauses grow from a quarter of a second to 3 seconds. In the first 10 seconds an unknown operation counts as not
        visible yet.

        Raises: JobTimeout after `timeout_seconds`; as `get_operation`.
        """
        call = self._begin(_describe_operation(subscription_id, operation_id, "wait"), timeout_seconds)
        return await self._wait(call, subscription_id, operation_id)

    async def change_plan_and_wait(
        self, subscription_id: str, plan_id: str, *, timeout_seconds: float = 300
    ) -> Operation:
        """Change the plan and wait: `change_plan`, then `wait_operation`, within `timeout_seconds` together.

        Raises: Rejected if the operation does not succeed; JobTimeout; as `change_plan`.
        """
        action = f"subscription {check_id('subscription_id', subscription_id)}: change of plan"
        call = self._begin(action, timeout_seconds)
        return await self._end(call, await self._change_plan(call, subscription_id, plan_id))

    async def change_quantity_and_wait(
        self, subscription_id: str, quantity: int, *, timeout_seconds: float = 300
    ) -> Operation:
        """Change the quantity and wait: `change_quantity`, then `wait_operation`, within `timeout_seconds` together.

        Raises: Rejected if the operation does not succeed; JobTimeout; as `change_quantity`.
        """
        action = f"subscription {check_id('subscription_id', subscription_id)}: change of quantity"
        call = self._begin(action, timeout_seconds)
        return await self._end(call, await self._change_quantity(call, subscription_id, quantity))

    async def cancel_and_wait(self, subscription_id: str, *, timeout_seconds: float = 300) -> Operation:
        """Cancel and wait: `cancel`, then `wait_operation`, within `timeout_seconds` together.

        Raises: Rejected if the operation does not succeed; JobTimeout; as `cancel`.
        """
        action = f"subscription {check_id('subscription_id', subscription_id)}: cancellation"
        call = self._begin(action, timeout_seconds)
        return await self._end(call, await self._cancel(call, subscription_id))

    # --- Parts

    async def _is_confirmed(
        self, look: Callable[[Exception], Awaitable[bool | None]], refusal: Invalid
    ) -> bool:
        """Whether a refused change is there all the same; a failing look leaves the refusal as it is."""
        try:
            return await look(refusal) is not None
        except PartnerCenterError:
            return False

    async def _get_subscription(self, call: Call, subscription_id: str) -> Subscription:
        body = await self._get(call, f"subscriptions/{subscription_id}")
        return Subscription.from_json(body, call.action, id=subscription_id)

    async def _list_operations(self, call: Call, subscription_id: str) -> list[Operation]:
        body = await self._get(call, f"subscriptions/{subscription_id}/operations")
        return [
            Operation.from_json(document, call.action)
            for document in read_items(body, "operations", call.action)
        ]

    async def _get_operation(self, call: Call, subscription_id: str, operation_id: str) -> Operation:
        body = await self._get(call, f"subscriptions/{subscription_id}/operations/{operation_id}")
        return Operation.from_json(body, call.action, id=operation_id)

    async def _change_plan(self, call: Call, subscription_id: str, plan_id: str) -> Operation:
        begun = Operation(
            subscription_id=subscription_id,
            action=Action.CHANGE_PLAN,
            plan_id=check_text("plan_id", plan_id),
            status=OperationStatus.IN_PROGRESS,
            source=OperationSource.PARTNER,
        )
        return await self._change(call, begun, "PATCH", {"planId": plan_id})

    async def _change_quantity(self, call: Call, subscription_id: str, quantity: int) -> Operation:
        begun = Operation(
            subscription_id=subscription_id,
            action=Action.CHANGE_QUANTITY,
            quantity=check_quantity(quantity),
            status=OperationStatus.IN_PROGRESS,
            source=OperationSource.PARTNER,
        )
        return await self._change(call, begun, "PATCH", {"quantity": quantity})

    async def _cancel(self, call: Call, subscription_id: str) -> Operation:
        begun = Operation(
            subscription_id=subscription_id,
            action=Action.UNSUBSCRIBE,
            status=OperationStatus.IN_PROGRESS,
            source=OperationSource.PARTNER,
        )
        return await self._change(call, begun, "DELETE", None)

    async def _change(
        self, call: Call, begun: Operation, method: str, body: dict[str, Any] | None
    ) -> Operation:
        """Send a change; `begun` is its operation, without the id."""

        async def look(_: Exception) -> Operation | None:
            operations = await self._list_operations(call, begun.subscription_id)
            if operation := next((item for item in operations if _is_same_change(item, begun)), None):
                return operation
            subscription = await self._get_subscription(call, begun.subscription_id)
            return _conclude(begun) if _is_through(begun, subscription) else None

        def read(response: httpx.Response) -> Operation:
            if response.status_code == 200 and begun.action == Action.UNSUBSCRIBE:
                return _conclude(begun)
            return begun.model_copy(update={"id": _read_operation_id(response, call.action)})

        path = f"subscriptions/{begun.subscription_id}"
        return await self._send(call, method, path, read, body=body, look=look)

    async def _wait(self, call: Call, subscription_id: str, operation_id: str) -> Operation:
        end = call.elapsed() + VISIBLE_SECONDS

        async def read() -> Operation | None:
            try:
                return await self._get_operation(call, subscription_id, operation_id)
            except (Invalid, NotFound):
                if call.elapsed() >= end:
                    raise
            except Unavailable:
                if call.remaining() > 0:
                    raise
            return None

        poll = AsyncPollPolicy(
            lambda operation: operation is not None and operation.is_ended,
            sleep=call.sleep,
            remaining=call.remaining,
        )
        operation: Operation | None = await poll(read)
        if operation is None or not operation.is_ended:
            status = operation.status if operation else "not visible"
            raise JobTimeout(
                f"{call.action}: operation {operation_id} is {status} after {call.timeout_seconds:g} s",
                next="it goes on: read it with get_operation later",
            )
        return operation

    async def _end(self, call: Call, operation: Operation) -> Operation:
        """Wait for an operation that must succeed."""
        if not operation.is_ended:
            operation = await self._wait(call, operation.subscription_id, operation.id)
        if operation.has_succeeded:
            return operation
        error = " ".join(filter(None, (operation.error_message, operation.error_status_code)))
        raise Rejected(
            f"{call.action}: the operation ended as {operation.status}",
            [error or f"operation {operation.id}: {operation.status}"],
            next="read the subscription: it has its former plan and quantity",
        )


# --- Answers


def _describe_operation(subscription_id: str, operation_id: str, verb: str) -> str:
    check_id("operation_id", operation_id)
    return f"subscription {check_id('subscription_id', subscription_id)}, operation {operation_id}: {verb}"


def _read_operation_id(response: httpx.Response, action: str) -> str:
    location = response.headers.get("operation-location", "")
    match = re.search(r"/operations/([\w.-]+)/?(?:[?#]|$)", location, re.ASCII)
    operation_id = match[1] if match else response.headers.get("operation-id", "").strip()
    if not re.fullmatch(r"[\w.-]+", operation_id, re.ASCII):
        raise ContractError(
            f"{action}: accepted ({response.status_code}), but the answer names no operation",
            next="look at the subscription and its operations before you try again",
        )
    return operation_id


def _is_same_change(operation: Operation, begun: Operation) -> bool:
    if operation.action != begun.action:
        return False
    if begun.action == Action.CHANGE_PLAN:
        return operation.plan_id == begun.plan_id
    return begun.action != Action.CHANGE_QUANTITY or operation.quantity == begun.quantity


def _is_through(begun: Operation, subscription: Subscription) -> bool:
    if begun.action == Action.CHANGE_PLAN:
        return subscription.plan_id == begun.plan_id
    if begun.action == Action.CHANGE_QUANTITY:
        return subscription.quantity == begun.quantity
    return subscription.status == SubscriptionStatus.UNSUBSCRIBED


def _conclude(begun: Operation) -> Operation:
    return begun.model_copy(update={"status": OperationStatus.SUCCEEDED})


# --- The two clients


class AsyncFulfillmentClient(Operations):
    """Client of the SaaS fulfillment and metering services, for the tasks of one event loop.

    `settings`: those of `Settings.load_fulfillment()` if None. `correlation_id` joins all calls on the service's side;
    empty: each call has a fresh one. Close it, or use it as an asynchronous context manager.
    """

    def __init__(self, settings: Settings | None = None, *, correlation_id: str = "") -> None:
        settings = settings or Settings.load_fulfillment()
        tokens = TokenSource.shared(settings, FULFILLMENT.audience)
        wire = AsyncWire(settings, FULFILLMENT, tokens)
        super().__init__(AsyncApiClient(settings, FULFILLMENT, tokens, wire), correlation_id)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._api.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()
