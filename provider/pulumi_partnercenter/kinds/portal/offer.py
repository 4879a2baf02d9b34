"""An offer of virtual machines with everything in it. Source: Cloud Partner Portal API.

The service has the whole offer in one document, which is read, changed and written back. Members without an argument
stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import MaxLen, MinLen

from ...errors import Conflict, InputError, NotFound
from ...kind import Current, Exportable, Publishes
from ...markers import Boolean, Immutable, Integer, Meaning, Retained, Secret, Vocabulary
from ...messages import differences, is_signed
from ...model import Arguments, Outputs
from ...values import holds_unknown, iterate_texts
from .._leads import maybe
from .._rules import (
    Guid,
    Text,
    as_set,
    new_offer_id_problem,
    new_plan_id_problem,
    offer_id,
    trimmed,
    unguarded_remarks,
)
from ._live_plans import (
    LivePlan,
    describe_older_images,
    expired_addresses,
    has_expired_images,
    read_live_plans,
    refused_changes,
)
from ._members import VIRTUAL_MACHINES, as_mapping
from ._offer_document import list_unread_members, read_arguments, write_arguments
from ._portal_api import PortalClient, PortalKind, split_offer_id
from ._portal_leads import LeadDestination, lead_secrets, remember_leads
from ._portal_listing import (
    Listing,
    TestDrive,
    comparable_listing,
    comparable_test_drive,
    remember_listing,
    remember_test_drive,
    size_remarks,
)
from ._vm_plans import (
    Plans,
    comparable_plan,
    complete_plan,
    describe_generations,
    known_plans,
    program_plan,
    remember_plans,
)

if TYPE_CHECKING:
    from ...api.portal.documents import OfferDocument
else:  # a preview makes no request, so it does not import the client
    OfferDocument = Any

OFFER_TYPES = Vocabulary(
    "offer type",
    [VIRTUAL_MACHINES, "microsoft-azure-corevm", "microsoft-azure-applications", "vs-marketplace-extensions"],
)
_NAMES = ("publisher", "offer_id", "offer_type")
"""Arguments that the service compares without case."""
_NEVER_LIVE = frozenset({"neverpublished", "notstarted"})
"""Statuses of an offer of which nothing is live, in lower case."""


def _publisher(value: str) -> str:
    if not value or not value.isprintable() or set(value) & set("/\\?#%()' "):
        raise ValueError("must be the id of a publisher such as contoso")
    return value


class OfferArguments(Arguments):
    """Arguments of an offer. Members of the offer without an argument, such as videos, stay as they are."""

    publisher: Annotated[str, Immutable, Meaning(_publisher)]
    """Id of the publisher, e.g. `contoso`. Never changes."""
    offer_id: Annotated[str, Immutable, Meaning(offer_id)]
    """The id in the offer's public address, e.g. `contoso-gateway`: 3 to 50 of a-z, 0-9, `-`, `_` for a new offer; what
    exists under another is adopted. Never changes."""
    offer_type: Annotated[str, Immutable, MinLen(1), OFFER_TYPES] = VIRTUAL_MACHINES
    """What is sold. Of other types than virtual machines, what they share is managed, and the rest stays. Never
    changes."""
    alias: Annotated[str, MaxLen(50), trimmed, Retained] = ""
    """Name inside Partner Center, at most 50 characters; customers do not see it."""
    listing: Annotated[Listing | None, maybe, Retained] = None
    """What customers read: `{"title": …, "summary": …, "categories": {"networking": ["firewalls"]}, "logos": …}`."""
    uses_standard_contract: Boolean = False
    """Whether Microsoft's Standard Contract replaces own terms."""
    terms_of_use: Text = ""
    """Own terms: text or simple HTML."""
    amendment: Text = ""
    """Amendment of the standard contract for all customers."""
    preview_audience: Annotated[list[Guid], MaxLen(100), as_set] = []
    """Azure subscriptions that see the preview, GUIDs, at most 100; required to publish. A set."""
    csp_opt_in: Literal["Enabled", "Disabled"] = "Disabled"
    """Whether cloud solution providers may resell the offer."""
    lead_destination: Annotated[LeadDestination | None, maybe, Secret, Retained] = None
    """Where leads go: `{"azure_table": {"connection_string": …}}`, or `azure_blob`, `dynamics`, `https`, `marketo`,
    `salesforce`."""
    test_drive: Annotated[TestDrive | None, maybe, Retained] = None
    """`{"enabled": True, "description": …}`."""
    plans: Plans = []
    """All plans of the offer: `[{"plan_id": "standard", "title": …, "pricing": {"per_core": 0.12}, "images": …}]`. A
    live plan cannot be removed."""

    @classmethod
    def merge_unreadable(cls, current: Mapping[str, Any], last: Mapping[str, Any]) -> dict[str, Any]:
        """Complete the service's values by the last ones: addresses of files, secrets, what was not given."""
        merged = super().merge_unreadable(current, last)
        last = cls.canonical(last) if "offer_id" in last else {}
        for name in _NAMES:
            if str(last.get(name, "")).casefold() == str(current[name]).casefold():
                merged[name] = last[name]
        if current["listing"] and last.get("listing"):
            merged["listing"] = remember_listing(current["listing"], last["listing"])
        if current["test_drive"] and last.get("test_drive"):
            merged["test_drive"] = remember_test_drive(current["test_drive"], last["test_drive"])
        if last:
            merged["lead_destination"] = remember_leads(current["lead_destination"], last["lead_destination"])
        merged["plans"] = remember_plans(current["plans"], last.get("plans"))
        return merged

    @classmethod
    def differing(cls, left: Mapping[str, Any], right: Mapping[str, Any]) -> list[str]:
        return super().differing(_comparable(left), _comparable(right))

    @classmethod
    def fingerprint(cls, plain: Mapping[str, Any]) -> str:
        return super().fingerprint(_comparable(plain))

    @classmethod
    def secrets(cls, props: Mapping[str, Any]) -> list[str]:
        return [*super().secrets(props), *lead_secrets(props.get("lead_destination"))]

    def holds_unreadable_secrets(self) -> bool:
        return any(lead_secrets(self.to_json()["lead_destination"]))


def _comparable(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return canonical arguments without signatures of addresses, and names in lower case. Other forms stay."""
    comparable = dict(plain)
    for name in _NAMES:
        if isinstance(plain.get(name), str):
            comparable[name] = plain[name].casefold()
    listing, test_drive, plans = (plain.get(name) for name in ("listing", "test_drive", "plans"))
    try:
        if test_drive and not holds_unknown(test_drive):
            comparable["test_drive"] = comparable_test_drive(test_drive)
        if listing and not holds_unknown(listing):
            comparable["listing"] = comparable_listing(listing)
        if plans and not holds_unknown(plans):
            comparable["plans"] = [comparable_plan(plan) for plan in plans]
    except (AttributeError, KeyError, TypeError):
        pass  # no canonical form: values that break a rule are compared as they are
    return comparable


class OfferOutputs(Outputs):
    """Computed outputs."""

    status: str
    """Status of publishing in the service's words: `neverPublished`, `running`, `waitingForPublisherReview`,
    `succeeded`, `failed`, `canceled`."""
    version: Integer
    """Number of the version; the service counts publications."""
    is_migrated: Boolean
    """Whether the offer has moved to Partner Center."""
    published: Boolean
    """Whether the offer is live, as of the last refresh. Then it cannot be replaced."""
    published_plans: dict[str, LivePlan]
    """Live plans by id, with what is fixed: prices, whether it is public, the number of data disks, images."""
    has_expired_images: Boolean
    """Whether the signature of an image's address had expired before the image went live, as of the last refresh. The
    next `up` writes the addresses again."""


OfferCurrent = Current[OfferOutputs]


class OfferKind(
    PortalKind[OfferArguments, OfferOutputs],
    Exportable[PortalClient, OfferArguments, OfferOutputs],
    Publishes[PortalClient, OfferArguments, OfferOutputs],
):
    """An offer of the Cloud Partner Portal API; its `id` is `<publisher>/<offer_id>`.

    Deleting the resource keeps the offer, which the service cannot delete.
    """

    noun, id_form, arguments, outputs = "offer", "<publisher>/<offer_id>", OfferArguments, OfferOutputs
    stays_once_published = True
    keeps_draft = True

    def list_ids(self, portal: PortalClient, offer: str) -> list[str]:  # noqa: ARG002
        return [offer]

    def program_arguments(self, portal: PortalClient, current: OfferCurrent) -> dict[str, Any]:  # noqa: ARG002
        """Return the arguments without parts that have no value, which the service keeps if they are not given."""
        parts = ("listing", "test_drive")
        given = {
            name: current.arguments[name] if _has_value(name, current.arguments[name]) else {}
            for name in parts
        }
        return {**current.arguments, **given, "plans": list(map(program_plan, current.arguments["plans"]))}

    def members_without_argument(self, portal: PortalClient, current: OfferCurrent) -> list[str]:
        return list_unread_members(portal.offers.get(*split_offer_id(current.id)).body)

    def find(self, portal: PortalClient, desired: OfferArguments) -> OfferCurrent | None:
        """Found by its publisher and offer id."""
        document = portal.offers.find(desired.publisher, desired.offer_id)
        return self._read_current(portal, document, {}) if document else None

    def create(self, portal: PortalClient, desired: OfferArguments) -> OfferCurrent:
        _require_new_ids(desired)
        _require_valid_signatures(desired, {})
        body = {
            "publisherId": desired.publisher,
            "offerTypeId": desired.offer_type,
            "id": desired.offer_id,
            "definition": {"displayText": desired.alias, "offer": {}, "plans": []},
        }
        try:
            document = portal.offers.create(write_arguments(body, desired.to_json(), {}, {}))
        except Conflict as error:
            raise error.advise(
                "somebody has just made it: run `pulumi up` again, which compares and adopts it"
            ) from None
        return self._read_current(portal, document, {})

    def read(self, portal: PortalClient, id: str) -> OfferCurrent:
        return self.refresh(portal, id, {})

    def refresh(self, portal: PortalClient, id: str, state: Mapping[str, Any]) -> OfferCurrent:
        """Read the draft, and what is live if the status or version is another than in the state."""
        return self._read_current(portal, portal.offers.get(*split_offer_id(id)), state)

    def update(self, portal: PortalClient, id: str, desired: OfferArguments) -> OfferCurrent:
        """Write into an offer that is adopted: existing pictures, spreadsheets and files stay."""
        return self._write(portal, id, desired, desired.to_json(), {})

    def amend(
        self, portal: PortalClient, id: str, desired: OfferArguments, state: Mapping[str, Any]
    ) -> OfferCurrent:
        return self._write(portal, id, desired, OfferArguments.canonical(state), state)

    def delete(self, portal: PortalClient, id: str) -> None:
        """The offer stays: the service cannot delete it."""
        portal.host.message(
            f"kept: offer {id} stays in Partner Center, because the Cloud Partner Portal API deletes no offer; delete"
            " the draft, or stop the sale, there"
        )

    def _write(
        self,
        portal: PortalClient,
        id: str,
        desired: OfferArguments,
        last: Mapping[str, Any],
        state: Mapping[str, Any],
    ) -> OfferCurrent:
        document = portal.offers.get(*split_offer_id(id))
        current = self._read_current(portal, document, state)
        secrets = [*lead_secrets(desired.to_json()["lead_destination"])]
        is_without_secrets = not desired.lead_destination or (secrets and not any(secrets))
        if current.arguments["lead_destination"] and is_without_secrets:
            portal.host.message(
                f"offer {id}: the service does not return the secrets of its lead destination, so this write may drop"
                " them: declare lead_destination with its secrets, which sends them with every write"
            )
        plans = as_mapping(document.body.get("definition")).get("plans")
        for sentence in describe_generations(
            plans, desired.to_json()["plans"], str(document.body["offerTypeId"])
        ):
            portal.host.message(f"offer {id}: {sentence}")
        live = current.outputs.published_plans
        fixed = {plan_id: plan.to_json() for plan_id, plan in live.items()}
        _require_allowed(id, fixed, desired)
        _require_valid_signatures(desired, live)
        written = portal.offers.replace(
            document, lambda body: write_arguments(body, desired.to_json(), last, fixed)
        )
        return _build_current(written, live, is_live=current.outputs.published)

    def _read_current(
        self, portal: PortalClient, document: OfferDocument, state: Mapping[str, Any]
    ) -> OfferCurrent:
        standing = {"status": document.status, "version": document.version}
        is_read = all(state.get(name) == value for name, value in standing.items())
        if is_read and isinstance(state.get("published_plans"), Mapping):
            live = {id: LivePlan(**plan) for id, plan in state["published_plans"].items()}
            is_live = bool(state["published"])
        else:
            production = _find_production(portal, document)
            live = read_live_plans(production.body) if production else {}
            is_live = production is not None
        return _build_current(document, live, is_live=is_live)

    # ---- Methods without a client

    def natural_key(self, props: Mapping[str, Any]) -> dict[str, Any]:
        keys = {name: props.get(name) for name in ("publisher", "offer_id")}
        return {name: value.casefold() if isinstance(value, str) else value for name, value in keys.items()}

    def is_settled(self, state: Mapping[str, Any]) -> bool:
        """False if the signature of an image's address had expired before the image went live."""
        return not state.get("has_expired_images")

    def refusals(self, old: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:
        """Return changes that the service refuses once a plan is live."""
        return [*refused_changes(old.get("published_plans") or {}, desired["plans"])]

    def describe_change(self, was: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:
        offer_id = was.get("offer_id") if holds_unknown(desired["offer_id"]) else desired["offer_id"]
        subject = f"offer {offer_id!r}" if offer_id else "a new offer"
        remarks = [f"{subject}: {remark}" for remark in size_remarks(desired["listing"])]
        remarks += unguarded_remarks(subject, was.get("listing"), desired["listing"])
        before = {plan["plan_id"] for plan in known_plans(was.get("plans"))}
        for plan in known_plans(desired["plans"]):
            if rule := new_plan_id_problem(plan["plan_id"]) if plan["plan_id"] not in before else "":
                remarks.append(
                    f"{subject}: plan {plan['plan_id']!r}: only a plan that exists can have this id; a new one"
                    f" needs {rule}"
                )
        remarks += [f"{subject}: {remark}" for remark in _undocumented(was, desired)]
        live = was.get("published_plans") or {}
        remarks += [f"{subject}: {remark}" for remark in describe_older_images(live, desired["plans"])]
        remarks += [
            f"{subject}: {place}: not given any more, stays as the service has it"
            for place in _list_kept(was, desired)
        ]
        if was.get("has_expired_images"):
            remarks.append(
                f"{subject}: signatures of images in the draft have expired; their addresses are sent again"
            )
        return [*remarks, *(f"{subject}: {change}" for change in _hidden_changes(was, desired))]


def _has_value(name: str, value: Mapping[str, Any]) -> bool:
    """Return whether a part of the arguments differs from one in which nothing is given."""
    part = OfferArguments.part_in(name)
    return part is not None and any(value.get(member) != part.default(member) for member in part.names())


def _require_new_ids(desired: OfferArguments) -> None:
    """Raises InputError for ids that only existing offers and plans can have."""
    if rule := new_offer_id_problem(desired.offer_id):
        raise InputError(
            f"offer {desired.offer_id!r}: it does not exist, and a new offer needs another id: {rule}",
            next="write the id of an offer that exists, or one by this rule",
        )
    for plan in desired.plans:
        if rule := new_plan_id_problem(plan.plan_id):
            raise InputError(
                f"offer {desired.offer_id!r}: plan {plan.plan_id!r}: a new plan needs another id: {rule}",
                next="choose an id by this rule",
            )


def _require_allowed(id: str, live: Mapping[str, Any], desired: OfferArguments) -> None:
    """Raises InputError for a change of a plan that went live after the last refresh, which a preview cannot know."""
    if refused := [*refused_changes(live, desired.to_json()["plans"])]:
        raise InputError(
            f"offer {id}: it is live, and the service refuses this change: {'; '.join(refused)}",
            next="keep what is live in the program, or do what the message says instead",
        )


def _require_valid_signatures(desired: OfferArguments, live: Mapping[str, LivePlan]) -> None:
    """Raises InputError for an image that is not live at an address whose signature has expired."""
    if expired := [*expired_addresses(desired.to_json()["plans"], live)]:
        raise InputError(
            f"offer {desired.offer_id!r}: {'; '.join(expired)}",
            next="sign the address again, for longer than the certification lasts",
        )


def _build_current(document: OfferDocument, live: Mapping[str, LivePlan], *, is_live: bool) -> OfferCurrent:
    arguments = OfferArguments.canonical(read_arguments(document.body))
    outputs = OfferOutputs(
        status=document.status,
        version=document.version,
        is_migrated=document.is_migrated,
        published=is_live,
        published_plans=dict(live),
        has_expired_images=has_expired_images(document.body, live),
    )
    return OfferCurrent(f"{document.publisher}/{document.offer_id}", arguments, outputs)


def _find_production(portal: PortalClient, document: OfferDocument) -> OfferDocument | None:
    """Return what is live; None for nothing."""
    if document.status.casefold() in _NEVER_LIVE:
        return None
    try:
        return portal.offers.slot(document.publisher, document.offer_id, "production")
    except NotFound:
        return None


def _undocumented(was: Mapping[str, Any], desired: Mapping[str, Any]) -> Iterator[str]:
    """Yield remarks about members whose form the service's documentation does not have."""
    before = {plan["plan_id"]: plan for plan in known_plans(was.get("plans"))}
    for plan in known_plans(desired["plans"]):
        earlier = before.get(plan["plan_id"], {})
        for label, has_part in (("data_disks", _has_data_disks), ("pricing.per_market", _has_market_prices)):
            if has_part(plan) and not (earlier and has_part(earlier)):
                yield (
                    f"plan {plan['plan_id']!r}: {label}: the service documents no form for them; they are written as"
                    " related services have them: compare the draft in Partner Center"
                )
    if desired["lead_destination"] and not was.get("lead_destination"):
        yield (
            "lead_destination: the service documents no form for it; it is written as the newer API has it: compare the"
            " draft in Partner Center"
        )


def _complete_plans(was: Mapping[str, Any], desired: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the plans of a preview with the parts of the last ones that are not given any more, and so stay."""
    last = {plan["plan_id"]: plan for plan in known_plans(was.get("plans"))}
    return [
        complete_plan(plan, last[plan["plan_id"]]) if plan["plan_id"] in last else plan
        for plan in known_plans(desired["plans"])
        if not holds_unknown(plan)
    ]


def _list_kept(was: Mapping[str, Any], desired: Mapping[str, Any]) -> Iterator[str]:
    """Yield the places of values that were given and are not given any more."""
    yield from (name for name in OfferArguments.marked(Retained) if was.get(name) and not desired[name])
    given = {plan["plan_id"]: plan for plan in known_plans(desired["plans"])}
    for plan in _complete_plans(was, desired):
        id = plan["plan_id"]
        yield from (f"plans[{id}].{name}" for name in plan if plan[name] != given[id][name])


def _hidden_changes(was: Mapping[str, Any], desired: Mapping[str, Any]) -> Iterator[str]:
    """Yield the changes within arguments that have a signed address, which the engine shows as a secret as a whole."""
    before, after = _comparable(was), _comparable({**desired, "plans": _complete_plans(was, desired)})
    for name in ("listing", "plans"):
        is_hidden = any(map(is_signed, iterate_texts([was.get(name), desired[name]])))
        is_known = not holds_unknown([was.get(name), desired[name]])
        stays = name == "listing" and not desired[name]
        if is_hidden and is_known and before.get(name) and before[name] != after[name] and not stays:
            yield differences({name: (before[name], after[name])}, (), "was {}, becomes {}")


def _has_data_disks(plan: Mapping[str, Any]) -> bool:
    images = plan["images"]
    return isinstance(images, Mapping) and any(
        image.get("data_disks") for image in images.values() if isinstance(image, Mapping)
    )


def _has_market_prices(plan: Mapping[str, Any]) -> bool:
    pricing = plan["pricing"]
    return isinstance(pricing, Mapping) and bool(pricing.get("per_market"))
