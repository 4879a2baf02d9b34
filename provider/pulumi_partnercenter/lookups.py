"""Read-only look-ups for programs: `get_offer("contoso-backup").id`.

They ask the service at once, also in a preview, with the settings of the environment and of the stack; each sees the
service anew. What goes wrong is told as a `PartnerCenterError`, and shown in words when the program does not catch it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi.runtime.config import get_config

from .errors import InputError, NotFound, PartnerCenterError
from .resources._publishing import Step, steps_of
from .resources._variants import subtype_of

if TYPE_CHECKING:
    from .api.submission import SubmissionApi
    from .api.submission.models import Product, Variant

__all__ = [
    "OfferInfo",
    "PlanInfo",
    "Step",
    "SubmissionInfo",
    "get_offer",
    "get_plan",
    "get_submission",
    "list_offers",
]


@dataclass(frozen=True)
class OfferInfo:
    """An offer; `id` is what resources take as `offer`."""

    id: str
    offer_id: str
    offer_type: str
    alias: str


@dataclass(frozen=True)
class PlanInfo:
    """A plan; `id`, `<product>/<variant>`, is what resources take as `plan`. `name` is the one in Partner Center."""

    id: str
    plan_id: str
    name: str
    subtype: str
    """`managed-application`, `solution-template`, or empty where the type of offer has no subtypes."""
    state: str
    """`Active` or `Inactive`."""
    clouds: tuple[str, ...]


@dataclass(frozen=True)
class SubmissionInfo:
    """The newest submission of an offer; all but `state` is empty when nothing was ever submitted."""

    id: str = ""
    state: str = "draft"
    """`draft`, `on the way to preview`, `preview`, `in certification`, `live`, `failed` or `cancelled`."""
    release_number: int = 0
    notes: str = ""
    """For the certification team."""
    steps: tuple[Step, ...] = ()


def get_offer(offer_id: str) -> OfferInfo:
    """The offer with this offer id. Raises NotFound."""
    doing = f"offer {_text('offer_id', offer_id)!r}: look-up"
    with _asking() as api:
        product = api.offers.find(offer_id)
        if product is None:
            following = "check the offer id and the account, or declare an Offer to make it"
            raise NotFound(f"{doing}: there is no such offer", next=following, status=404)
        return _offer(product)


def list_offers(offer_type: str = "AzureApplication") -> list[OfferInfo]:
    """All offers of a type, by offer id. The service has no list of all types that works for every account."""
    _text("offer_type", offer_type)
    with _asking() as api:
        return sorted(map(_offer, api.offers.of_type(offer_type)), key=lambda each: each.offer_id)


def get_plan(offer: str, plan_id: str) -> PlanInfo:
    """The plan with this plan id; `offer` is the offer's `id`. Raises NotFound, for an offer that is gone as well."""
    doing = f"plan {_text('plan_id', plan_id)!r} of offer {_text('offer', offer)}: look-up"
    with _asking() as api:
        plans = api.plans.all(offer)
        found = next((each for each in plans if each.external_id == plan_id), None)
        if found is None:
            there = ", ".join(sorted(each.external_id for each in plans)) or "none"
            following = f"take one of its plans ({there}), or declare a Plan to make it"
            raise NotFound(f"{doing}: there is no such plan", next=following, status=404)
        return _plan(offer, found, subtype_of(api, offer, found))


def get_submission(offer: str) -> SubmissionInfo:
    """How far publishing is; `offer` is the offer's `id`. Raises NotFound for an offer that is gone."""
    _text("offer", offer)
    with _asking() as api:
        run = api.submissions.newest(offer)
        if run is None:
            api.offers.get(offer)
            return SubmissionInfo()
        return SubmissionInfo(
            run.id, run.standing.value, run.release_number, run.notes, tuple(steps_of(api, offer, run))
        )


def _offer(product: Product) -> OfferInfo:
    return OfferInfo(product.id, product.offer_id, product.resource_type, product.name)


def _plan(offer: str, plan: Variant, subtype: str) -> PlanInfo:
    clouds = tuple(plan.cloud_availabilities)
    id = f"{offer}/{plan.id}"
    return PlanInfo(id, plan.external_id, plan.friendly_name, subtype, plan.state, clouds)


def _text(name: str, value: object) -> str:
    """An id that is known. The outputs of a resource are not known while the program runs."""
    if isinstance(value, pulumi.Output):
        rule = "must be text that is known now, not an Output: ask inside of its .apply, or use the resource itself"
        raise _readable(InputError(f"{name}: {rule}"))
    if not isinstance(value, str) or not value or set(value) & set("'/?#%& \n"):
        raise _readable(InputError(f"{name}: {value!r} — must be an id"))
    return value


@contextmanager
def _asking() -> Iterator[SubmissionApi]:
    """A client of its own: a program's process may live for several operations (Pulumi's Automation API)."""
    from .api.submission import connected
    from .settings import CONFIG_KEYS, Settings

    try:
        config = {key: value for key in CONFIG_KEYS if (value := get_config(key))}
        with connected(Settings.load(config)) as api:
            yield api
    except NotFound as error:
        following = error.next or "`offer` is the `id` of an offer: get_offer(…).id"
        raise _readable(error.advise(following)) from None
    except PartnerCenterError as error:
        raise _readable(error) from None


def _readable(error: PartnerCenterError) -> PartnerCenterError:
    """The same error, still caught by its type; the engine shows it by its words, without a traceback."""
    kind = type(error)
    error.__class__ = type(kind.__name__, (kind, pulumi.RunError), {})
    return error
