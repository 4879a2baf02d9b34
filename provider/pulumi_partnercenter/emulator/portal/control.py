"""The portal's part of the control plane.

| Request | Does |
|---|---|
| `POST portal/offers` | makes an offer as people did in the portal, published or not; answers it |
| `POST portal/edit` | changes the draft of an offer as people do in the portal; answers the offer |
| `POST portal/publish {"publisher": …, "offer_id": …}` | publishes the draft at once: to `target`, default `live` |
| `POST portal/publishers` | registers a publisher, with or without rights |
| `POST portal/spreadsheets` | declares the prices in the spreadsheet at an address |
| `POST portal/sample` | sample data: a migrated offer in production, another one that was never published |
| `POST portal/behaviour`, `GET portal/behaviour` | settings where sources differ; see `Settings` |

Members are those of `OfferBody`, `EditBody`, `PublishBody`, `Publisher`, `SpreadsheetBody` and `SettingsBody`.

A decision: `stage` is `portal_validation`, `portal_test_drive`, `portal_certification`, `portal_provisioning`,
`portal_packaging` or `portal_live`. `outcome` is `pass`, `fail`, `reject`, or `hold`, `block` and `approval`, which
last until a later one. `offer` is `publisher/offer`, any without. `messages` are texts of errors.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le
from pydantic import Field

from ..binding import bind
from ..control_input import BadInput, Parameters, allow_members, parse, read_choice
from ..errors import InvalidMembers, MalformedBody, Refusal
from ..service import ControlCall, ControlRoute, Decisions, Portal
from ..state import Document, Store
from . import behaviour, decisions, offers, operations, publishers, sample, spreadsheets, writes
from .behaviour import SettingsBody
from .decisions import Decision
from .offer_schema import VM, envelope
from .publishers import Publisher

__all__ = ["DECISIONS", "PORTAL", "ROUTES"]


class OfferBody(Parameters):
    """An offer of the portal. `definition` is the service's; `published` is how far its draft has come.

    `has_legacy_ids`: reads have members that a write may not have, as a public client met them at virtual machines of
    the kind `microsoft-azure-corevm`.
    """

    publisher: str
    offer_id: str
    offer_type: str = VM
    is_migrated: bool = False
    has_legacy_ids: bool = False
    definition: dict[str, Any] = Field(default_factory=dict)
    published: Literal["never", "preview", "live"] = "never"
    version: Annotated[int, Ge(0), Le(2**31)] = 0
    """Version of the draft before it is published."""


class EditBody(Parameters):
    """A change of a draft. Members with null are removed; `plans` are changed by their ids, null removes a plan."""

    publisher: str
    offer_id: str
    display_text: str | None = None
    offer: dict[str, Any] = Field(default_factory=dict)
    plans: dict[str, dict[str, Any] | None] = Field(default_factory=dict)


class PublishBody(Parameters):
    publisher: str
    offer_id: str
    target: Literal["preview", "live"] = "live"


class SpreadsheetBody(Parameters):
    """Prices by region and core size, e.g. `{"DE": {"1core": 0.05}}`, in the file at an address."""

    address: str
    prices: dict[str, dict[str, Annotated[float, Ge(0)]]]


def make_offer(call: ControlCall) -> dict[str, Any]:
    body = parse(OfferBody, call.body)
    with call.store.transaction():
        publisher = publishers.find(call.store, body.publisher)
        if publisher is None:
            publisher = parse(Publisher, {"publisher": body.publisher})
            publishers.register(call.store, publisher)
        if offers.find(call.store, publisher.publisher, body.offer_id):
            raise BadInput(f"offer_id: {publisher.publisher}/{body.offer_id} exists already")
        if not writes.is_identifier(body.offer_id):
            raise BadInput("offer_id: must be at most 50 lowercase letters, digits and dashes")
        offer = offers.new(
            publisher.publisher,
            body.offer_id,
            body.offer_type,
            is_migrated=body.is_migrated,
            has_legacy_ids=body.has_legacy_ids,
        )
        offer.body["version"] = body.version
        _write(call.store, offer, body.definition)
        if body.published != "never":
            operations.publish_at_once(call.store, offer, body.published)
        return _show(call.store, offer)


def edit_offer(call: ControlCall) -> dict[str, Any]:
    body = parse(EditBody, call.body)
    with call.store.transaction():
        offer = _require_offer(call.store, body.publisher, body.offer_id)
        definition = offer.body["definition"]
        plans = {plan["planId"]: plan for plan in definition["plans"]}
        for id, members in body.plans.items():
            if members is None:
                plans.pop(id, None)
            else:
                plans[id] = {**plans.get(id, {}), **members, "planId": id}
        changed = {
            "displayText": definition.get("displayText", "")
            if body.display_text is None
            else body.display_text,
            "offer": _without_nulls({**definition["offer"], **body.offer}, body.offer),
            "plans": [_without_nulls(plan, body.plans.get(id) or {}) for id, plan in plans.items()],
        }
        _write(call.store, offer, {**definition, **changed})
        return _show(call.store, offer)


def _without_nulls(members: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """Return members without those that a change sets to null."""
    return {name: value for name, value in members.items() if name not in change or value is not None}


def publish_offer(call: ControlCall) -> dict[str, Any]:
    body = parse(PublishBody, call.body)
    with call.store.transaction():
        offer = _require_offer(call.store, body.publisher, body.offer_id)
        if operations.find_running(call.store, offer):
            raise BadInput("offer_id: an operation of the offer is running")
        operations.publish_at_once(call.store, offer, body.target)
        return _show(call.store, offer)


def register_publisher(call: ControlCall) -> dict[str, Any]:
    publisher = parse(Publisher, call.body)
    with call.store.transaction():
        publishers.register(call.store, publisher)
    return publisher.model_dump()


def declare_spreadsheet(call: ControlCall) -> dict[str, Any]:
    body = parse(SpreadsheetBody, call.body)
    with call.store.transaction():
        spreadsheets.declare(call.store, body.address, body.prices)
    return body.model_dump()


def make_sample(call: ControlCall) -> list[dict[str, Any]]:
    allow_members(call.body)
    return [make_offer(ControlCall(call.store, {}, {**body})) for body in sample.OFFERS]


def set_behaviour(call: ControlCall) -> dict[str, Any]:
    members = parse(SettingsBody, call.body).model_dump(exclude_unset=True)
    with call.store.transaction():
        return behaviour.change(call.store, members)


def get_behaviour(call: ControlCall) -> dict[str, Any]:
    return asdict(behaviour.read(call.store))


def decide(call: ControlCall) -> dict[str, Any]:
    body = call.body
    allow_members(body, *Decision.__annotations__)
    offer, messages = body.get("offer", ""), body.get("messages", [])
    if offer and (not isinstance(offer, str) or call.store.find(offers.KIND, offer) is None):
        raise BadInput(f"offer: must be publisher/offer of an offer that exists, not {offer!r}")
    if not isinstance(messages, list) or not all(isinstance(text, str) for text in messages):
        raise BadInput("messages: must be a list of texts")
    decision: Decision = {
        "offer": offer,
        "stage": read_choice(body, "stage", operations.STAGES),
        "outcome": read_choice(body, "outcome", decisions.OUTCOMES),
        "messages": messages,
    }
    operations.decide(call.store, decision)
    return {**decision}


def _write(store: Store, offer: Document, definition: dict[str, Any]) -> None:
    """Store a definition that may have members of its own. Raises: BadInput."""
    document = {"offerTypeId": offer.body["offerTypeId"], "definition": definition}
    try:
        writes.require_depth(document)
        bound = bind(envelope(document), document, document)["definition"]
        writes.require_plans(bound.get("plans", []))
        offers.write(store, offer, {"displayText": "", "offer": {}, "plans": [], **bound})
    except (InvalidMembers, MalformedBody) as error:
        raise BadInput(f"definition: {error} has another type in the service") from None
    except Refusal as refusal:
        raise BadInput(f"definition: {refusal.body}") from None


def _require_offer(store: Store, publisher: str, id: str) -> Document:
    operations.settle_all(store)
    offer = offers.find(store, publisher, id)
    if offer is None:
        raise BadInput(f"offer_id: no offer {publisher}/{id}")
    return offer


def _show(store: Store, offer: Document) -> dict[str, Any]:
    """Return the offer as the service reads it, after it was changed."""
    return offers.describe(store, _require_offer(store, offer.body["publisherId"], offer.body["id"]))


def _find_document(store: Store, path: str) -> Document | None:
    parts = path.strip("/").split("/")
    if len(parts) != 4 or [parts[0].lower(), parts[2].lower()] != ["publishers", "offers"]:
        return None
    return offers.find(store, parts[1], parts[3])


def _stamp(store: Store, offer: Document) -> dict[str, Any]:
    offers.touch(store, offer)
    return offer.body


PORTAL = Portal(
    _find_document, ("publisherId", "id", "offerTypeId", "definition", "version", "ticks"), _stamp
)
ROUTES = (
    ControlRoute("POST", "portal/offers", make_offer),
    ControlRoute("POST", "portal/edit", edit_offer),
    ControlRoute("POST", "portal/publish", publish_offer),
    ControlRoute("POST", "portal/publishers", register_publisher),
    ControlRoute("POST", "portal/spreadsheets", declare_spreadsheet),
    ControlRoute("POST", "portal/sample", make_sample),
    ControlRoute("POST", "portal/behaviour", set_behaviour),
    ControlRoute("GET", "portal/behaviour", get_behaviour),
)
DECISIONS = Decisions(operations.STAGES, decide, decisions.list_decisions, decisions.forget)
