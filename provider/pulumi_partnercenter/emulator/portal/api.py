"""The 14 operations of the portal's API, and its refusal of DELETE.

`recorded`: answers are in fixtures of public clients; `documented`: in the service's documentation; `inferred`: in the
code of public clients alone.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from ..binding import Scalar
from ..service import Answer, Call, Evidence, Operation
from ..state import Document
from . import behaviour, errors, offers, operations, publishers, requirements, writes
from .publishers import Publisher

__all__ = ["OPERATIONS", "REFUSED"]

API_VERSIONS = ("2017-10-31", "2016-08-01-preview")
BY_TYPE = re.compile(r"offerTypeId eq '((?:[^']|'')*)'", re.IGNORECASE)
OFFER_TYPES = {
    "microsoft-azure-virtualmachines": 87,
    "microsoft-azure-corevm": 87,
    "microsoft-azure-applications": 87,
}
SLOTS = ("draft", "preview", "production")
MOST_DIGITS = 18


def _versioned(
    evidence: Evidence, method: str, path: str, work: Callable[[Call], Answer], query: tuple[str, ...] = ()
) -> Operation:
    """An operation that requires `api-version`, and a length of a POST."""

    @functools.wraps(work)
    def require_version(call: Call) -> Answer:
        if method == "POST" and not {"content-length", "transfer-encoding"} & set(call.headers.keys()):
            raise errors.length_required()
        if call.query.get("api-version") not in API_VERSIONS:
            raise errors.invalid_version(API_VERSIONS)
        return work(call)

    return Operation(evidence, method, path, require_version, ("api-version", *query))


def list_offers(call: Call) -> Answer:
    publisher = _require_publisher(call)
    operations.settle_all(call.store)
    listed = offers.list_of(call.store, publisher.publisher)
    if expression := call.query.get("$filter", "").strip():
        match = BY_TYPE.fullmatch(expression)
        if match is None:
            raise errors.not_emulated(f"filter {expression}")
        offer_type = match[1].replace("''", "'").lower()
        listed = [offer for offer in listed if offer.body["offerTypeId"].lower() == offer_type]
    return Answer(200, [offers.summarise(offer) for offer in listed])


def get_offer(call: Call) -> Answer:
    return _answer_draft(call, _require_offer(call))


def get_offer_version(call: Call) -> Answer:
    """The copy of a publication; the present version of an offer that was never published is its draft."""
    offer, text = _require_offer(call), call.path["version"]
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
        raise errors.bad_request(f"The value '{text}' is not a version.")
    copy = offers.find_version(call.store, offer, int(text))
    if copy is None and int(text) == offer.body["version"]:
        return _answer_draft(call, offer)
    if copy is None:
        raise errors.not_found(f"Version {text} of offer {offer.id}")
    return _answer_copy(call, offer, copy)


def get_offer_slot(call: Call) -> Answer:
    offer, slot = _require_offer(call), call.path["slot"].lower()
    if slot not in SLOTS:
        raise errors.bad_request(f"The value '{call.path['slot']}' is not a slot.")
    if slot == "draft":
        return _answer_draft(call, offer)
    copy = offers.find_slot(call.store, offer, slot)
    if copy is None:
        raise errors.not_found(f"Slot {slot} of offer {offer.id}")
    return _answer_copy(call, offer, copy)


def _answer_draft(call: Call, offer: Document) -> Answer:
    has_etag = behaviour.read(call.store).has_etag_on_get(offer)
    answer = _answer_copy(call, offer, None)
    return Answer(200, answer.body, etag=offers.etag_of(offer) if has_etag else "")


def _answer_copy(call: Call, offer: Document, copy: Document | None) -> Answer:
    has_all_prices = call.query.get("includeAllPricing", "").lower() == "true"
    return Answer(200, offers.describe(call.store, offer, copy, has_all_prices=has_all_prices))


def get_offer_status(call: Call) -> Answer:
    offer = _require_offer(call)
    return Answer(200, operations.describe_status(call.store, offer))


def save_offer(call: Call) -> Answer:
    """Create an offer, or replace its draft."""
    settings, publisher = behaviour.read(call.store), _require_publisher(call)
    operations.settle_all(call.store)
    offer = offers.find(call.store, publisher.publisher, call.path["offer"])
    offer_type, definition = writes.read_document(call, publisher.publisher, offer)
    writes.require_match(settings.profile, offer, call.if_match)
    status = 200
    if offer is None:
        is_migrated = settings.is_migrated or offers.is_migrated_publisher(call.store, publisher.publisher)
        offer = offers.new(publisher.publisher, call.path["offer"], offer_type, is_migrated=is_migrated)
        status = writes.created_status(call, offer)
    offers.write(call.store, offer, definition)
    if settings.put_returns_module_map and offer.body["isMigrated"]:
        return Answer(status, errors.module_map("OK"), etag=offers.etag_of(offer))
    answer = offers.describe(call.store, offer, hides_windows_type=True)
    return Answer(status, answer, etag=offers.etag_of(offer))


def publish_offer(call: Call) -> Answer:
    """Begin the way to the preview, if the draft is complete."""
    offer, settings = _require_offer(call), behaviour.read(call.store)
    emails = _read_emails(call)
    if operations.find_running(call.store, offer):
        raise errors.busy(settings.busy_status, f"An operation of offer {offer.id} is running.")
    if problems := requirements.find_problems(call.store, offer):
        raise errors.unpublishable(
            problems, is_migrated=offer.body["isMigrated"], as_text=settings.errors_as_text
        )
    return _accepted(offer, operations.publish(call.store, call.pace, offer, emails))


def go_live(call: Call) -> Answer:
    """Begin the way of the preview to production."""
    offer, emails = _require_offer(call), _read_emails(call)
    operation = operations.find_running(call.store, offer)
    if operation is None or not operations.is_waiting(operation):
        raise errors.bad_request(f"Offer {offer.id} has no preview that waits for the publisher.")
    return _accepted(offer, operations.go_live(call.store, call.pace, offer, operation, emails))


def cancel_operation(call: Call) -> Answer:
    """Cancel the running operation, at once or with an operation that takes minutes."""
    offer, settings = _require_offer(call), behaviour.read(call.store)
    _read_emails(call)
    operation = operations.find_running(call.store, offer)
    if operation is None:
        if settings.idle_cancel_status == 400:
            raise errors.bad_request(f"No operation of offer {offer.id} is running.")
        latest = operations.find_latest(call.store, offer)
        return Answer(202) if latest is None else _accepted(offer, latest)
    operations.cancel(call.store, call.pace, operation, is_async=settings.async_cancel)
    return _accepted(offer, operation) if settings.async_cancel else Answer(200)


def list_operations(call: Call) -> Answer:
    """The operations of an offer, newest first; the state of its filter has two names."""
    offer = _require_offer(call)
    state = call.query.get("submissionState") or call.query.get("status") or ""
    return Answer(200, operations.summarise_all(call.store, offer, state))


def get_operation(call: Call) -> Answer:
    offer = _require_offer(call)
    return _answer_operation(
        call, offer, operations.find(call.store, offer, call.path["operation"]), call.path["operation"]
    )


def get_operation_by_name(call: Call) -> Answer:
    """An operation by the name in the `Location` of offers that were not migrated: publisher$offer$number$slot."""
    name = call.path["operation"]
    parts = name.split("$")
    if len(parts) != 4:
        raise errors.not_found(f"Operation {name}")
    publisher_id, offer_id, number, slot = parts
    offer = _find_offer(call, _require_rights(call, publisher_id), offer_id)
    return _answer_operation(call, offer, operations.find_named(call.store, offer, number, slot), name)


def _answer_operation(call: Call, offer: Document, operation: Document | None, name: str) -> Answer:
    if operation is None:
        raise errors.not_found(f"Operation {name}")
    answer = operations.describe(call.store, offer, operation)
    return Answer(200, [answer] if behaviour.read(call.store).operation_as_array else answer)


def list_publishers(call: Call) -> Answer:
    return Answer(
        200, [publisher.describe() for publisher in publishers.list_visible(call.store, call.caller)]
    )


def list_offer_types(_: Call) -> Answer:
    return Answer(200, [{"id": id, "version": version} for id, version in OFFER_TYPES.items()])


def refuse_deletion(_: Call) -> Answer:
    raise errors.method_not_allowed("GET, PUT")


# --- Shared


def _require_publisher(call: Call) -> Publisher:
    return _require_rights(call, call.path["publisher"])


def _require_rights(call: Call, id: str) -> Publisher:
    publisher = publishers.find(call.store, id)
    if publisher is None:
        raise errors.not_found(f"Publisher {id}")
    if not publisher.admits(call.caller):
        raise errors.forbidden()
    return publisher


def _require_offer(call: Call) -> Document:
    """Return the offer that the path names, its operations settled."""
    return _find_offer(call, _require_publisher(call), call.path["offer"])


def _find_offer(call: Call, publisher: Publisher, id: str) -> Document:
    operations.settle_all(call.store)
    offer = offers.find(call.store, publisher.publisher, id)
    if offer is None:
        settings = behaviour.read(call.store)
        is_migrated = settings.is_migrated or offers.is_migrated_publisher(call.store, publisher.publisher)
        raise errors.offer_not_found(
            publisher.publisher, id, is_migrated=is_migrated, as_text=settings.errors_as_text
        )
    return offer


def _read_emails(call: Call) -> str:
    """Return the addresses in the optional body of a POST: one string, separated by commas."""
    if call.body is None:
        return ""
    schema = {"metadata": {"notification-emails": Scalar.STRING}}
    emails: str = call.bind(schema).get("metadata", {}).get("notification-emails", "")
    return emails


def _accepted(offer: Document, operation: Document) -> Answer:
    """202 with the address of the operation, relative to the host, under both names of the header."""
    location = f"{operations.path_of(offer, operation)}?api-version={API_VERSIONS[0]}"
    return Answer(202, headers={"Location": location, "Operation-Location": location})


P, O = "/publishers/{publisher}/offers", "/publishers/{publisher}/offers/{offer}"  # noqa: E741 - as in the reference
PRICES = ("includeAllPricing",)
OPERATIONS = (
    _versioned("recorded", "GET", P, list_offers, ("$filter",)),
    _versioned("recorded", "GET", O, get_offer, PRICES),
    _versioned("documented", "GET", f"{O}/versions/{{version}}", get_offer_version, PRICES),
    _versioned("documented", "GET", f"{O}/slot/{{slot}}", get_offer_slot, PRICES),
    _versioned("documented", "GET", f"{O}/status", get_offer_status),
    _versioned("recorded", "PUT", O, save_offer),
    _versioned("documented", "POST", f"{O}/publish", publish_offer),
    _versioned("documented", "POST", f"{O}/golive", go_live),
    _versioned("documented", "POST", f"{O}/cancel", cancel_operation),
    _versioned("documented", "GET", f"{O}/submissions", list_operations, ("status", "submissionState")),
    _versioned("documented", "GET", f"{O}/operations/{{operation}}", get_operation),
    _versioned("documented", "GET", "/operations/{operation}", get_operation_by_name),
    _versioned("inferred", "GET", "/publishers", list_publishers),
    _versioned("inferred", "GET", "/offerTypes", list_offer_types),
)
REFUSED = _versioned("inferred", "DELETE", O, refuse_deletion)
