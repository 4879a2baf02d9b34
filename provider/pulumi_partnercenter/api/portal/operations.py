"""Publishing of an offer: its status, and the operations that publish, go live and cancel.

Publish and go-live have no idempotency key, so that neither is repeated before a look at the service.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from ...errors import Invalid, NotFound
from ..http.client import ApiClient
from ..http.retry import PollPolicy
from .offers import offer_path
from .operation_models import (
    OfferStatus,
    Operation,
    OperationReference,
    OperationSummary,
)

__all__ = ["Operations"]

LOCATION_HEADERS = ("location", "operation-location")
MAX_PAUSE_SECONDS = 30
T = TypeVar("T")


class Operations:
    """Publishing operations of offers. Nothing is cached."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    def status(self, publisher: str, offer_id: str) -> OfferStatus:
        action = f"offer {publisher}/{offer_id}: read the status of publishing"
        response = self._client.get(offer_path(publisher, offer_id, "status"), action)
        return OfferStatus.from_json(response.body, action)

    def list(self, publisher: str, offer_id: str, state: str = "") -> list[OperationSummary]:
        """List the operations of an offer, newest first, or those in a state such as `running`."""
        action = f"offer {publisher}/{offer_id}: list operations"
        params = {"status": state} if state else None
        items = self._client.list_items(offer_path(publisher, offer_id, "submissions"), action, params)
        summaries = [OperationSummary.from_json(item, action) for item in items]
        return sorted(summaries, key=lambda summary: summary.changed_time, reverse=True)

    def get(self, publisher: str, offer_id: str, id: str) -> Operation:
        """Read an operation by its id, in either of its forms."""
        return self.resume(OperationReference.from_id(publisher, offer_id, id))

    def resume(self, reference: OperationReference) -> Operation:
        """Read an operation at the address that the service gave."""
        action = f"operation {reference.id}: read"
        body = self._client.get_link(reference.location, action).body
        if isinstance(body, list) and len(body) == 1:
            body = body[0]  # as the service's documentation prints it
        return Operation.from_json(body, action)

    def publish(self, publisher: str, offer_id: str, emails: str = "") -> OperationReference:
        """Start the publication of the draft to preview. The caller knows that no operation runs.

        After a lost response, a running operation is taken for this one.
        """
        action = f"offer {publisher}/{offer_id}: publish"

        def find() -> OperationReference | None:
            return self.find_running(publisher, offer_id)

        return self._start(publisher, offer_id, "publish", action, emails, find)

    def go_live(self, publisher: str, offer_id: str, emails: str = "") -> OperationReference:
        """Send the preview live. The caller knows that it waits for the publisher."""
        action = f"offer {publisher}/{offer_id}: go live"

        def find() -> OperationReference | None:
            if self.status(publisher, offer_id).is_waiting:
                return None
            return self.find_running(publisher, offer_id) or OperationReference("")

        return self._start(publisher, offer_id, "golive", action, emails, find)

    def cancel(self, publisher: str, offer_id: str) -> None:
        """Cancel the running operation, unless it has ended. The service may take minutes: `wait_for_end` waits."""
        action = f"offer {publisher}/{offer_id}: cancel its publication"

        def find() -> OperationReference | None:
            is_running = self.status(publisher, offer_id).is_running
            return None if is_running else OperationReference("")

        try:
            self._start(publisher, offer_id, "cancel", action, "", find)
        except (Invalid, NotFound):
            if self.status(publisher, offer_id).is_running:
                raise

    def find_running(self, publisher: str, offer_id: str) -> OperationReference | None:
        """Find the running operation, of which an offer has at most one.

        The list of operations may be missing, or lag behind: the offer's status decides then, and has no id.
        """
        try:
            running = [summary for summary in self.list(publisher, offer_id, "running") if summary.is_running]
        except NotFound:
            running = []
        if running:
            return OperationReference.from_id(publisher, offer_id, running[0].id)
        status = self.status(publisher, offer_id)
        return OperationReference("") if status.is_running else None

    def wait(
        self,
        publisher: str,
        offer_id: str,
        reference: OperationReference,
        minutes: float,
        is_done: Callable[[Operation | OfferStatus], bool],
        progress: Callable[[Operation | OfferStatus], None],
    ) -> Operation | OfferStatus:
        """Read an operation until `is_done` accepts it, or for `minutes`; at least once.

        Without an address, and for an operation that the service no longer knows, the offer's status is read.
        """

        def read() -> Operation | OfferStatus:
            current: Operation | OfferStatus | None = None
            if reference.location:
                try:
                    current = self.resume(reference)
                except NotFound:
                    current = None
            current = current or self.status(publisher, offer_id)
            progress(current)
            return current

        poll = PollPolicy(
            is_done,
            sleep=self._client.sleep,
            deadline_seconds=minutes * 60,
            max_pause_seconds=MAX_PAUSE_SECONDS,
        )
        return poll(read)

    def wait_for_end(self, publisher: str, offer_id: str, minutes: float) -> OfferStatus:
        """Read the offer's status until no operation runs, or for `minutes`."""
        poll = PollPolicy(
            lambda status: not status.is_running,
            sleep=self._client.sleep,
            deadline_seconds=minutes * 60,
            max_pause_seconds=MAX_PAUSE_SECONDS,
        )
        return poll(lambda: self.status(publisher, offer_id))

    def _start(
        self,
        publisher: str,
        offer_id: str,
        verb: str,
        action: str,
        emails: str,
        find: Callable[[], OperationReference | None],
    ) -> OperationReference:
        body: dict[str, Any] | None = {"metadata": {"notification-emails": emails}} if emails else None

        def read(response: httpx.Response) -> OperationReference:
            location = next(
                (response.headers[name] for name in LOCATION_HEADERS if response.headers.get(name)), ""
            )
            return OperationReference(location) if location else find() or OperationReference("")

        return self._client.send_once("POST", offer_path(publisher, offer_id, verb), action, body, read, find)
