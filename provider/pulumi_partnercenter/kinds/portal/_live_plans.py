"""What is fixed about a live plan, and the changes of it that the service refuses."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ...markers import Boolean, Integer
from ...model import Part
from ...values import Unknown, holds_unknown
from .._signed_addresses import comparable_address, has_expired
from ._members import as_list, as_mapping
from ._vm_images import disks_of, iterate_disks, read_signed_addresses
from ._vm_plans import iterate_generations, known_plans, read_plans
from ._vm_pricing import Pricing, refused_prices

__all__ = [
    "LivePlan",
    "describe_older_images",
    "expired_addresses",
    "has_expired_images",
    "read_live_plans",
    "refused_changes",
]


class LivePlan(Part):
    """A live plan."""

    pricing: dict[str, Any]
    """Canonical prices; empty for a form without a model."""
    is_private: Boolean
    data_disks: Integer
    """Number of data disks of its images."""
    images: dict[str, list[str]]
    """Addresses of disks by version, without signatures."""
    generations: dict[str, dict[str, list[str]]] = {}
    """The same of its generations, by their plan ids."""


def read_live_plans(body: Mapping[str, Any]) -> dict[str, LivePlan]:
    """Return what is fixed by the production slot of an offer, by plan id."""
    plans = as_mapping(body.get("definition")).get("plans")
    return {plan["plan_id"]: _read_live_plan(plan) for plan in read_plans(plans, str(body["offerTypeId"]))}


def _read_live_plan(plan: Mapping[str, Any]) -> LivePlan:
    images, generations = plan["images"], plan["generations"]
    return LivePlan(
        pricing=plan["pricing"],
        is_private=bool(plan["subscriptions"] or plan["subscriptions_file"]),
        data_disks=max((len(image["data_disks"]) for image in images.values()), default=0),
        images=_comparable_disks(images),
        generations={id: _comparable_disks(versions) for id, versions in generations.items() if versions},
    )


def _comparable_disks(images: Mapping[str, Any]) -> dict[str, list[str]]:
    return {version: list(map(comparable_address, disks_of(image))) for version, image in images.items()}


def refused_changes(live: Mapping[str, Any], plans: object) -> Iterator[str]:
    """Yield a sentence for each change of a live plan that the service refuses. `plans` may hold unknowns."""
    if not live or not isinstance(plans, list):
        return
    desired = {plan["plan_id"]: plan for plan in known_plans(plans)}
    is_complete = len(desired) == len(plans)  # otherwise an unknown plan id may be the missing one
    for plan_id, fixed in live.items():
        if plan_id not in desired:
            if is_complete:
                yield (
                    f"plans: {plan_id!r} is live and cannot be removed: keep it in the program; is_hidden=True hides"
                    " it, and Partner Center stops its sale"
                )
            continue
        for sentence in _refused_in_plan(fixed, desired[plan_id]):
            yield f"plans[{plan_id}].{sentence}"


def _refused_in_plan(live: Mapping[str, Any], plan: Mapping[str, Any]) -> Iterator[str]:
    audiences = (plan["subscriptions"], plan["subscriptions_file"])
    if not live["is_private"] and any(
        audience and not isinstance(audience, Unknown) for audience in audiences
    ):
        yield "subscriptions: a live public plan cannot become private: make another plan"
    pricing = plan["pricing"]
    if pricing and live["pricing"] and not holds_unknown(pricing) and pricing.keys() >= set(Pricing.names()):
        yield from (f"pricing.{sentence}" for sentence in refused_prices(live["pricing"], pricing))
    for place, generation, images in _iterate_images(plan):
        fixed = _live_images(live, generation)
        yield from _refused_in_images(place, fixed, live["data_disks"], images)


def _refused_in_images(
    place: str, live: Mapping[str, Any], data_disks: int, images: Mapping[str, Any]
) -> Iterator[str]:
    for version, image in images.items():
        if "data_disks" not in image:
            continue  # breaks a rule, which `check` reports
        disks = list(map(comparable_address, disks_of(image)))
        if version in live:
            if disks != live[version]:
                yield f"{place}.{version}: the disks of a live version are fixed: add another version"
        elif live and len(disks) - 1 != data_disks:
            yield (
                f"{place}.{version}.data_disks: {len(disks) - 1} — a live plan keeps its number of data disks,"
                f" {data_disks}: make another plan"
            )


def describe_older_images(live: Mapping[str, Any], plans: object) -> Iterator[str]:
    """Yield a remark for each added image version below a live one: the marketplace shows the highest version only."""
    for plan in known_plans(plans):
        for place, generation, images in _iterate_images(plan):
            fixed = _live_images(live.get(plan["plan_id"], {}), generation)
            highest = max(fixed, key=_version_key, default="")
            for version in sorted(images.keys() - fixed.keys(), key=_version_key):
                if highest and _version_key(version) < _version_key(highest):
                    yield (
                        f"plans[{plan['plan_id']}].{place}.{version}: is below the live version {highest}, and the"
                        " marketplace shows the highest one only"
                    )


def _version_key(version: str) -> list[int]:
    return [int(number) for number in version.split(".") if number.isdecimal()]


def _live_images(live: Mapping[str, Any], generation: str) -> Mapping[str, Any]:
    """Return the disks by version of a live plan, or of a generation of it; states of former releases have none."""
    return as_mapping(
        as_mapping(live.get("generations")).get(generation) if generation else live.get("images")
    )


def _iterate_images(plan: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield place, generation ("" for the plan itself) and images of a plan in canonical form."""
    yield "images", "", as_mapping(plan["images"])
    for id, images in as_mapping(plan["generations"]).items():
        yield f"generations.{id}", id, as_mapping(images)


def expired_addresses(plans: object, live: Mapping[str, LivePlan]) -> Iterator[str]:
    """Yield a sentence for each disk whose address has expired, except those of live versions."""
    for plan in known_plans(plans):
        for where, generation, images in _iterate_images(plan):
            published = _live_versions(live, plan["plan_id"], generation)
            unpublished = {version: image for version, image in images.items() if version not in published}
            for place, address in iterate_disks(unpublished):
                if has_expired(address):
                    yield f"plans[{plan['plan_id']}].{where}.{place}: its signature has expired"


def has_expired_images(body: Mapping[str, Any], live: Mapping[str, LivePlan]) -> bool:
    """Return whether a document has a disk whose address has expired, except those of live versions."""
    return any(
        has_expired(address)
        for plan in map(as_mapping, as_list(as_mapping(body.get("definition")).get("plans")))
        for generation, element in [("", plan), *iterate_generations(plan)]
        for version, addresses in read_signed_addresses(element, str(body["offerTypeId"])).items()
        if version not in _live_versions(live, str(plan.get("planId")), generation)
        for address in addresses
    )


def _live_versions(live: Mapping[str, LivePlan], plan_id: str, generation: str) -> Collection[str]:
    if plan_id not in live:
        return ()
    return live[plan_id].generations.get(generation, {}) if generation else live[plan_id].images
