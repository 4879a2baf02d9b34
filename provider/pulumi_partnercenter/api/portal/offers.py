"""Offers of a publisher: list, read, create, and replace by reading, changing and writing the whole document."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import httpx

from ...errors import ApiError, Conflict, ContractError, NotFound, Stale
from ..http.answers import JsonResponse, error_type_of, read_json
from ..http.client import ApiClient
from .documents import OfferDocument, changed_paths, is_stored_form, value_at, writable_body
from .system import module_statuses, parse_error

__all__ = ["Change", "Offers", "offer_path"]

Change = Callable[[dict[str, Any]], dict[str, Any]]
"""Returns the desired body for a body of the service. It gets a copy, which it may change."""
ALL_PRICES = {"includeAllPricing": "true"}
"""Without it, a response may lack prices, and a write of that response would drop them."""


def offer_path(publisher: str, offer_id: str, *parts: str) -> str:
    return "/".join(("publishers", publisher, "offers", offer_id, *parts))


class Offers:
    """Offers by publisher and offer id. Nothing is cached."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    def list(self, publisher: str, offer_type: str = "") -> list[dict[str, Any]]:
        """List the offers of a publisher, or those of a type: summaries without their contents."""
        action = f"offers of {publisher}: list"
        params = {"$filter": f"offerTypeId eq '{offer_type}'"} if offer_type else None
        summaries = []
        for summary in self._client.list_items(f"publishers/{publisher}/offers", action, params):
            if not isinstance(summary, dict) or not isinstance(summary.get("id"), str):
                raise ContractError(f"{action}: an element of the answer is no offer")
            if not offer_type or str(summary.get("offerTypeId")).casefold() == offer_type.casefold():
                summaries.append(summary)
        return summaries

    def find(self, publisher: str, offer_id: str) -> OfferDocument | None:
        """Read the draft of an offer; None if the service knows no such offer."""
        try:
            return self._read(publisher, offer_id, f"offer {publisher}/{offer_id}: look-up")
        except NotFound:
            return None

    def get(self, publisher: str, offer_id: str) -> OfferDocument:
        """Read the draft of an offer with all its prices.

        Raises NotFound only if the list of the publisher's offers lacks it too: an offer that moves to Partner Center
        may be unreadable for some time.
        """
        action = f"offer {publisher}/{offer_id}: read"
        try:
            return self._read(publisher, offer_id, action)
        except NotFound as error:
            if any(summary["id"].casefold() == offer_id.casefold() for summary in self.list(publisher)):
                raise ContractError(
                    f"{action}: it cannot be read (404), and is in the list of offers",
                    said=error.said,
                    next="it may be moving to Partner Center: run the same command again later",
                ) from None
            raise

    def slot(self, publisher: str, offer_id: str, slot: str) -> OfferDocument:
        """Read the contents of a slot: `draft`, `preview` or `production`. Raises NotFound for one that is empty."""
        action = f"offer {publisher}/{offer_id}: read its {slot}"
        response = self._client.get(offer_path(publisher, offer_id, "slot", slot), action, ALL_PRICES)
        return _document(response, action, publisher, offer_id)

    def version(self, publisher: str, offer_id: str, number: int) -> OfferDocument:
        """Read a numbered version."""
        action = f"offer {publisher}/{offer_id}: read version {number}"
        response = self._client.get(offer_path(publisher, offer_id, "versions", str(number)), action)
        return _document(response, action, publisher, offer_id)

    def create(self, body: dict[str, Any]) -> OfferDocument:
        """Create an offer. Raises Conflict if it exists already.

        After a lost response, the offer that exists is returned.
        """
        publisher, offer_id = str(body["publisherId"]), str(body["id"])
        action = f"offer {publisher}/{offer_id}: create"

        def read(response: httpx.Response) -> OfferDocument:
            return self._written(read_json(response, action), action, publisher, offer_id)

        return self._client.send_once(
            "PUT",
            offer_path(publisher, offer_id),
            action,
            writable_body(body),
            read,
            lambda: self.find(publisher, offer_id),
        )

    def replace(self, document: OfferDocument, change: Change) -> OfferDocument:
        """Write the draft that `change` makes of the current one, if they differ. Members that it leaves alone stay.

        If another client has written meanwhile, the draft is read again, and the write goes on once.
        Raises: Stale, with the members that `change` sets and the other client changed.
        """
        publisher, offer_id = document.publisher, document.offer_id
        action = f"offer {publisher}/{offer_id}: update"
        desired = change(copy.deepcopy(document.body))
        if desired == document.body:
            return document
        try:
            return self._put(document, desired, action)
        except Stale:
            latest = self._read(publisher, offer_id, action)
        again = change(copy.deepcopy(latest.body))
        moved = changed_paths(document.definition, latest.definition)
        rewritten = {
            path
            for path in changed_paths(latest.definition, again.get("definition"))
            if not is_stored_form(
                value_at(desired.get("definition"), path), value_at(latest.definition, path)
            )
        }
        if foreign := sorted(path for path in moved if any(_overlap(path, other) for other in rewritten)):
            names = ", ".join(".".join(path) for path in foreign)
            raise Stale(
                f"{action}: somebody else changed {names} meanwhile",
                next="run `pulumi refresh` to see the change, then decide and run `pulumi up` again",
                status=412,
            )
        return self._put(latest, again, action) if rewritten else latest

    def _put(self, document: OfferDocument, body: dict[str, Any], action: str) -> OfferDocument:
        publisher, offer_id = document.publisher, document.offer_id
        if not document.etag:
            # Without an etag the service compares nothing; the time of the last change narrows the gap.
            latest = self._read(publisher, offer_id, action)
            if latest.changed_time != document.changed_time:
                raise Stale(f"{action}: somebody else changed it meanwhile", status=412)
        try:
            response = self._client.put(
                offer_path(publisher, offer_id), action, writable_body(body), etag=document.etag
            )
        except Conflict as error:
            raise error.advise(
                "a publication may lock it: wait until that has ended, then run the same command again"
            ) from None
        return self._written(response, action, publisher, offer_id)

    def _read(self, publisher: str, offer_id: str, action: str) -> OfferDocument:
        response = self._client.get(offer_path(publisher, offer_id), action, ALL_PRICES)
        return _document(response, action, publisher, offer_id)

    def _written(self, response: JsonResponse, action: str, publisher: str, offer_id: str) -> OfferDocument:
        """Return the stored offer of a write. Of migrated offers, the response may have the results of modules."""
        statuses = module_statuses(response.body)
        if not statuses:
            return _document(response, action, publisher, offer_id)
        if status := max((status for status in statuses.values() if status >= 400), default=0):
            raise _module_error(response, action, status)
        return self._read(publisher, offer_id, action)


def _document(response: JsonResponse, action: str, publisher: str, offer_id: str) -> OfferDocument:
    etag = response.headers.get("etag", "")
    return OfferDocument.from_json(response.body, etag, action, publisher=publisher, offer_id=offer_id)


def _module_error(response: JsonResponse, action: str, status: int) -> ApiError:
    error = parse_error(json.dumps(response.body))
    return error_type_of(status)(
        f"{action}: refused ({status})", said=str(error), status=status, code=error.code, fields=error.fields
    )


def _overlap(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Whether one of two places contains the other."""
    shared = min(len(left), len(right))
    return left[:shared] == right[:shared]
