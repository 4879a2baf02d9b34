"""Operations of the marketplace metering service. Source: Microsoft's OpenAPI description `Metering API`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import httpx

from ...errors import Conflict
from ..http.answers import read_json
from .service import SaasService, check_time, read_error, read_items
from .usage import UsageEvent, UsageMessage, UsageRecord, UsageResult, UsageStatus

__all__ = ["UsageOperations"]

BATCH_SIZE = 25
"""Most usage events of one request."""
_QUANTITY_HINT = "usage of this hour was reported before, with another quantity: the service keeps the first"


class UsageOperations(SaasService):
    """Operations of the metering service."""

    async def report_usage(self, event: UsageEvent) -> UsageResult:
        """Report one usage event. **The customer is charged for it.**

        May be repeated: the service takes one event for an hour, dimension and resource, and answers a second one with
        the first. The same quantity is then delivered (`Duplicate`). Source: `POST usageEvent`.

        Raises: Conflict if the service has another quantity for this hour; Invalid for a wrong or late event, and for a
        subscription that is not active; Forbidden, AuthError.
        """
        call = self._begin(f"usage of {_describe_event(event)}: report")

        def read(response: httpx.Response) -> UsageResult:
            if response.status_code != 409:
                body = read_json(response, call.action).body
                return _read_result(event, UsageMessage.from_json(body, call.action))
            result = _read_result(event, _read_accepted(read_error(response), call.action))
            if result.accepted_quantity == event.quantity:
                return result
            error = self._api.error_of(response, call.action)
            if isinstance(error, Conflict) and result.accepted_quantity is not None:
                error.advise(f"{_QUANTITY_HINT}, {result.accepted_quantity:g}")
            raise error

        return await self._send(
            call, "POST", "usageEvent", read, root="", body=event.to_json(), accepts={409}
        )

    async def report_usage_batch(self, events: Iterable[UsageEvent]) -> list[UsageResult]:
        """Report any number of usage events, 25 in a request. **The customers are charged for them.**

        Returns a result for each event, in the order of the events: look at `is_delivered`. May be repeated whole, as
        `report_usage`. Source: `POST batchUsageEvent`.

        Raises: Invalid, Forbidden, AuthError, Unavailable for a request that was refused whole; requests before it
        were sent, so report all events again.
        """
        call, events, results = self._begin("usage: report"), list(events), list[UsageResult]()
        for start in range(0, len(events), BATCH_SIZE):
            batch = events[start : start + BATCH_SIZE]

            def read(response: httpx.Response, batch: list[UsageEvent] = batch) -> list[UsageResult]:
                body = read_json(response, call.action).body
                return _match_results(batch, read_items(body, "result", call.action), call.action)

            request = {"request": [event.to_json() for event in batch]}
            results += await self._send(call, "POST", "batchUsageEvent", read, root="", body=request)
        return results

    async def list_usage(
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
        call = self._begin("usage: look-up")
        params = {
            "usageStartDate": check_time("start", start),
            "usageEndDate": check_time("end", end) if end else "",
            "offerId": offer_id,
            "planId": plan_id,
            "dimension": dimension,
            "azureSubscriptionId": azure_subscription_id,
            "reconStatus": status,
        }
        params = {name: value for name, value in params.items() if value}
        body = await self._get(call, "usageEvents", params, root="")
        return [
            UsageRecord.from_json(document, call.action) for document in read_items(body, "", call.action)
        ]


def _describe_event(event: UsageEvent) -> str:
    return f"{event.dimension!r} by {event.resource_id or event.resource_uri}"


def _read_accepted(body: Any, action: str) -> UsageMessage:
    """Return the event that the service accepted before, from the body of a 409 or the error of a batch's event."""
    additional = body.get("additionalInfo") if isinstance(body, Mapping) else None
    accepted = additional.get("acceptedMessage") if isinstance(additional, Mapping) else None
    message = UsageMessage.from_json(accepted if isinstance(accepted, Mapping) else {}, action)
    return message.model_copy(update={"status": UsageStatus.DUPLICATE})


def _read_result(event: UsageEvent, message: UsageMessage) -> UsageResult:
    is_accepted = message.status in (UsageStatus.ACCEPTED, UsageStatus.DUPLICATE)
    accepted = message
    if message.status == UsageStatus.DUPLICATE and message.error:
        accepted = _read_accepted(message.error, "usage")
    code, text = message.error.get("code"), message.error.get("message")
    return UsageResult(
        event=event,
        status=message.status,
        usage_event_id=accepted.usage_event_id or message.usage_event_id,
        message_time=accepted.message_time or message.message_time,
        error_code=code if isinstance(code, str) else "",
        error_message=text if isinstance(text, str) else "",
        accepted_quantity=accepted.quantity if is_accepted else None,
    )


def _match_results(events: list[UsageEvent], documents: list[Any], action: str) -> list[UsageResult]:
    """Return a result for each event, whatever the order of the service's."""
    messages = [UsageMessage.from_json(document, action) for document in documents]
    results = []
    for event in events:
        message = next((item for item in messages if _is_about(item, event)), None)
        if message:
            messages.remove(message)
            results.append(_read_result(event, message))
        else:
            results.append(
                UsageResult(
                    event=event,
                    status=UsageStatus.ERROR,
                    error_message="the service gave no result for this event: report it again",
                )
            )
    return results


def _is_about(message: UsageMessage, event: UsageEvent) -> bool:
    resource = event.resource_id or event.resource_uri
    if (message.resource_id or message.resource_uri).casefold() != resource.casefold():
        return False
    times = (message.effective_start_time, event.effective_start_time)
    return (
        message.dimension == event.dimension
        and times[0] == times[1]
        and message.quantity in (None, event.quantity)
    )
