"""Plans of an offer of virtual machines, and their form in the document of the Cloud Partner Portal API."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from annotated_types import MaxLen, MinLen

from ...errors import InputError
from ...markers import Boolean, Meaning, Vocabulary, Wire
from ...model import Part
from ...values import UNKNOWN, holds_unknown
from .._audiences import Audience, AudienceMember
from .._leads import maybe
from .._rules import PublicAddress, Text, as_set, once_by, plan_id, trimmed
from .._signed_addresses import comparable_address
from ._members import as_list, as_mapping, canonical_member, document_key, read_members, write_members
from ._portal_markets import PORTAL_MARKETS, PortalMarkets
from ._vm_images import (
    Images,
    comparable_images,
    read_images,
    remember_images,
    write_images,
)
from ._vm_pricing import Pricing, read_pricing, remember_pricing, write_pricing

__all__ = [
    "Plan",
    "Plans",
    "comparable_plan",
    "complete_plan",
    "describe_generations",
    "iterate_generations",
    "known_plans",
    "program_plan",
    "read_plans",
    "remember_plans",
    "write_plans",
]

_CLOUDS = {
    "PublicAzure": "public-azure",
    "Fairfax": "azure-government",
    "Mooncake": "azure-china",
    "Blackforest": "azure-germany",
}
"""By the service's name of a cloud: its name in programs."""
PORTAL_CLOUDS = Vocabulary("cloud", list(_CLOUDS.values()))
_FEATURES: dict[str, tuple[str, bool]] = {
    "accelerated_networking": ("supportsAcceleratedNetworking", False),
    "backup": ("supportsBackup", False),
    "cloud_init": ("supportsCloudInit", False),
    "custom_arm_template": ("isCustomArmTemplateRequired", False),
    "extensions": ("supportsExtensions", True),
    "hibernation": ("supportsHibernation", False),
    "locked_down": ("isLockedDown", False),
    "network_virtual_appliance": ("isNetworkVirtualAppliance", False),
    "nvme": ("supportsNVMe", False),
    "only_managed_disks": ("allowOnlyManagedDiskDeployments", True),
}
"""By feature: its name in the document, and the service's default."""
FeatureName = Literal[
    "accelerated_networking",
    "backup",
    "cloud_init",
    "custom_arm_template",
    "extensions",
    "hibernation",
    "locked_down",
    "network_virtual_appliance",
    "nvme",
    "only_managed_disks",
]
_PARTS = ("operating_system", "pricing", "images")
"""Members of a plan that stay as they are if not given."""
_GENERATIONS, _SUBSCRIPTION = "diskGenerations", "subscriptionId"


class OperatingSystem(Part):
    """Operating system of a plan's images."""

    family: Annotated[Literal["Windows", "Linux", ""], Wire("type.operatingSystemFamily")] = ""
    type: Text = ""
    """Kind in the service's words, such as `Ubuntu` or `Other`."""
    name: Annotated[Text, Wire("type.operationSystem")] = ""
    """Name and version for customers, such as `Ubuntu 22.04`."""


def _by_id(members: list[AudienceMember]) -> list[AudienceMember]:
    return sorted(members, key=lambda member: member.id)


def _one_form_of_audience(plan: Plan) -> str | None:
    if plan.subscriptions and plan.subscriptions_file:
        return "subscriptions_file: the service takes a list or a file of subscriptions; keep one of them"
    return None


def _market_prices_are_for_markets_sold_in(plan: Plan) -> str | None:
    pricing = plan.pricing
    if not pricing or not pricing.per_market:
        return None
    sold, priced = set(plan.markets), set(pricing.per_market)
    if elsewhere := sorted(priced - sold):
        return f"pricing.per_market: {', '.join(elsewhere)} is not among the plan's markets"
    if unpriced := sorted(sold - priced):
        return f"pricing.per_market: {', '.join(unpriced)} is sold in and has no price"
    return None


class Plan(Part):
    """A plan, also called SKU.

    `pricing`, `images`, `generations`, `features` and `operating_system` stay as they are if not given.
    """

    rules = (_one_form_of_audience, _market_prices_are_for_markets_sold_in)

    plan_id: Annotated[str, Meaning(plan_id)]
    """Its id in the offer: at most 50 of a-z, 0-9, `-`, `_` for a new plan. Fixed once the plan is live."""
    title: Annotated[str, MaxLen(200), trimmed, Wire("type.skuTitle")] = ""
    summary: Annotated[str, MaxLen(100), trimmed, Wire("type.skuSummary")] = ""
    description: Annotated[str, MaxLen(5000), trimmed, Wire("type.skuDescription")] = ""
    """HTML with basic formatting."""
    is_hidden: Annotated[Boolean, Wire("type.hideSKUForSolutionTemplate")] = False
    """Whether the plan is not listed, and deployed by solution templates only."""
    clouds: Annotated[list[Annotated[str, PORTAL_CLOUDS]], as_set] = ["public-azure"]
    """Clouds that may deploy it: `public-azure`, `azure-government`, `azure-china`, `azure-germany`."""
    markets: PortalMarkets = []
    """Codes of the markets, `["US", "CA"]`, or `"all"` for all 142. A set."""
    subscriptions: Annotated[list[Audience], MaxLen(10), once_by("id"), Meaning(_by_id)] = []
    """Azure subscriptions of a private plan: GUIDs, or `{"id": …, "description": …}`. A live public plan stays
    public."""
    subscriptions_file: PublicAddress = ""
    """Instead: address of a CSV file with the header `type,id,description`, which the service downloads once."""
    operating_system: Annotated[OperatingSystem | None, maybe] = None
    """`{"family": "Linux", "type": "Ubuntu", "name": "Ubuntu 22.04"}`."""
    recommended_sizes: Annotated[
        list[Annotated[str, MinLen(1)]], MaxLen(6), Wire("type.recommendedVMSizes")
    ] = []
    """Sizes of virtual machines, such as `d2s-standard-v3`; the first is the default."""
    open_ports: Annotated[list[dict[str, str]], Wire("type.openPorts")] = []
    """Open ports beside the default ones, in the service's words, which it does not document."""
    features: dict[FeatureName, Boolean] = {}
    """`{"accelerated_networking": True}`. What is not named stays as it is."""
    pricing: Annotated[Pricing | None, maybe] = None
    """`{"per_core": 0.12}`: one of `free`, `byol`, `per_core`, `per_size`, `per_market`, `spreadsheet`. A live
    price may fall, and not rise."""
    images: Images = {}
    """Image versions: `{"1.0.1": {"os_disk": address}}`. The address of a live version is fixed."""
    generations: dict[Annotated[str, Meaning(plan_id)], Images] = {}
    """Image versions of the plan's generations, by the plan id of a generation that exists (core virtual machines):
    `{"standard-gen2": {"1.0.1": {"os_disk": address}}}`. What is not named stays as it is."""


def _by_plan_id(plans: list[Plan]) -> list[Plan]:
    return sorted(plans, key=lambda plan: plan.plan_id)


Plans = Annotated[list[Plan], Meaning(_by_plan_id), once_by("plan_id")]


def read_plans(plans: object, offer_type: str) -> list[dict[str, Any]]:
    """Return the canonical plans of a document, by plan id."""
    read = [_read_plan(plan, offer_type) for plan in _with_ids(plans)]
    return sorted(read, key=lambda plan: str(plan["plan_id"]))


def _with_ids(plans: object) -> list[Mapping[str, Any]]:
    return [
        element
        for element in as_list(plans)
        if isinstance(element, Mapping) and isinstance(element.get("planId"), str)
    ]


def _read_plan(plan: Mapping[str, Any], offer_type: str) -> dict[str, Any]:
    clouds = plan.get(document_key("type.cloudAvailability", offer_type))
    regions = plan.get("regions")
    return {
        "plan_id": plan["planId"],
        **read_members(Plan, plan, offer_type),
        "clouds": sorted({_CLOUDS.get(str(cloud), str(cloud)) for cloud in clouds})
        if isinstance(clouds, list)
        else Plan.default("clouds"),
        "markets": canonical_member(Plan, "markets", regions) if isinstance(regions, list) else [],
        **_read_audience(plan.get("restrictedAudience")),
        "operating_system": _read_operating_system(plan, offer_type),
        "features": {
            name: plan.get(document_key(f"type.{member}", offer_type), default) is True
            for name, (member, default) in _FEATURES.items()
        },
        "pricing": read_pricing(plan),
        "images": read_images(plan, offer_type),
        "generations": {id: read_images(element, offer_type) for id, element in iterate_generations(plan)},
    }


def iterate_generations(plan: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield plan id and object of each generation of a plan, in the document."""
    yield from ((element["planId"], element) for element in _with_ids(plan.get(_GENERATIONS)))


def _read_audience(audience: object) -> dict[str, Any]:
    members = as_mapping(audience)
    entries = [
        {"id": str(entry.get("id")), "description": str(entry.get("description") or "")}
        for entry in as_list(members.get("manualEntries"))
        if isinstance(entry, Mapping) and _is_subscription(entry)
    ]
    return {
        "subscriptions": canonical_member(Plan, "subscriptions", entries),
        "subscriptions_file": comparable_address(str(members.get("uploadedCsvUri") or "")),
    }


def _is_subscription(entry: Mapping[str, Any]) -> bool:
    return str(entry.get("type") or _SUBSCRIPTION).casefold() == _SUBSCRIPTION.casefold()


def _type_key(plan: Mapping[str, Any], offer_type: str, family: object) -> str:
    """Return the member with the type: of its two names the one that the plan has, else by family."""
    names = [document_key(f"type.{name}", offer_type) for name in ("osType", "windowsOSType")]
    present = [name for name in names if plan.get(name)]
    return present[0] if present else names[family == "Windows"]


def _read_operating_system(plan: Mapping[str, Any], offer_type: str) -> dict[str, Any]:
    members = read_members(OperatingSystem, plan, offer_type)
    type = plan.get(_type_key(plan, offer_type, members["family"])) or ""
    return {"family": members["family"], "type": str(type).strip(), "name": members["name"]}


def remember_plans(current: Sequence[dict[str, Any]], last: object) -> list[dict[str, Any]]:
    """Complete the service's plans by the last arguments. Both are canonical; `last` may be empty."""
    given = (
        {plan["plan_id"]: plan for plan in last if isinstance(plan, Mapping)}
        if isinstance(last, list)
        else {}
    )
    return [_remember_plan(plan, given.get(plan["plan_id"])) for plan in current]


def _remember_plan(current: dict[str, Any], last: Mapping[str, Any] | None) -> dict[str, Any]:
    """Keep what the service does not return as given: addresses, and the type of an operating system. What the program
    leaves as it is stays empty.
    """
    if last is None:
        return {**current, "features": program_plan(current)["features"]}
    system, last_system = current["operating_system"], last["operating_system"]
    if last_system and not system["type"]:
        system = {**system, "type": last_system["type"]}  # the answer to a write lacks that of Windows
    is_file = current["subscriptions_file"] and last["subscriptions_file"]
    return {
        **current,
        "features": {name: value for name, value in current["features"].items() if name in last["features"]},
        "operating_system": system if last_system else {},
        "subscriptions_file": last["subscriptions_file"] if is_file else current["subscriptions_file"],
        "pricing": remember_pricing(current["pricing"], last["pricing"]),
        "images": remember_images(current["images"], last["images"]),
        "generations": {
            id: remember_images(images, last["generations"][id])
            for id, images in current["generations"].items()
            if id in last["generations"]
        },
    }


def program_plan(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return a canonical plan of the service for a program: without features at their defaults, and without
    generations and an operating system that have no value.
    """
    features = {name: value for name, value in plan["features"].items() if value is not _FEATURES[name][1]}
    system = plan["operating_system"] if any(plan["operating_system"].values()) else {}
    generations = {id: images for id, images in plan["generations"].items() if images}
    return {**plan, "features": features, "operating_system": system, "generations": generations}


def comparable_plan(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return a canonical plan with addresses without signatures. One without generations is that of older states."""
    pricing = plan["pricing"]
    comparable = {
        **plan,
        "subscriptions_file": comparable_address(plan["subscriptions_file"]),
        "pricing": {**pricing, "spreadsheet": comparable_address(pricing["spreadsheet"])} if pricing else {},
        "images": comparable_images(plan["images"]),
    }
    if generations := comparable.pop("generations", {}):
        comparable["generations"] = {id: comparable_images(images) for id, images in generations.items()}
    return comparable


def complete_plan(plan: Mapping[str, Any], last: Mapping[str, Any]) -> dict[str, Any]:
    """Return a canonical plan with the parts of the last one that it does not give: they stay."""
    parts = {name: last[name] for name in _PARTS if last[name] and not plan[name]}
    maps = {
        name: {**as_mapping(last[name]), **as_mapping(plan[name])} for name in ("features", "generations")
    }
    return {**plan, **parts, **maps}


def known_plans(value: object) -> Iterator[dict[str, Any]]:
    """Yield plans of a preview in canonical form. Members with an unknown are unknown.

    Plans without a known id are left out.
    """
    for plan in value if isinstance(value, list) else ():
        if isinstance(plan, Mapping) and isinstance(plan.get("plan_id"), str):
            yield {
                name: UNKNOWN
                if holds_unknown(plan.get(name))
                else canonical_member(Plan, name, plan[name])
                if plan.get(name) is not None
                else Plan.default(name)
                for name in Plan.names()
            }


def describe_generations(
    plans: object, desired: Sequence[Mapping[str, Any]], offer_type: str
) -> Iterator[str]:
    """Yield a sentence for each generation of a plan that lacks image versions of the plan.

    Plans of core virtual machines have a list of generations, each with images of its own.
    """
    given = {plan["plan_id"]: plan for plan in desired}
    for plan in _with_ids(plans):
        for id, generation in iterate_generations(plan) if plan["planId"] in given else ():
            desired_plan = given[plan["planId"]]
            images = desired_plan["generations"].get(id) or read_images(generation, offer_type)
            if missing := desired_plan["images"].keys() - images.keys():
                yield (
                    f"plan {plan['planId']!r}: image versions {', '.join(sorted(missing))} are not in its generation"
                    f" {id!r}: give them in `generations`, or add them in Partner Center"
                )


def write_plans(
    document: dict[str, Any],
    desired: Sequence[dict[str, Any]],
    last: Sequence[Mapping[str, Any]],
    live: Mapping[str, Any],
    offer_type: str,
) -> None:
    """Write the desired plans into a definition. Plans that are not desired are removed; the others keep their order.

    `last`: the plans of the last run; the desired ones in an adoption. `live`: the live plans by id.
    """
    given, before = {plan["plan_id"]: plan for plan in desired}, {plan["plan_id"]: plan for plan in last}
    plans = document.get("plans")
    existing = _with_ids(plans)
    written: list[Any] = []
    ids = {plan["planId"] for plan in existing}
    for plan in [*existing, *(_new_plan(id, offer_type) for id in given if id not in ids)]:
        if plan["planId"] in given:
            id, changed = plan["planId"], copy.deepcopy(dict(plan))
            _write_plan(changed, given[id], before.get(id, {}), live.get(id, {}), offer_type)
            written.append(changed)
    if written != plans and (written or plans):
        document["plans"] = written


def _new_plan(id: str, offer_type: str) -> dict[str, Any]:
    """Return a plan with the members that the service requires of every plan."""
    return {
        "planId": id,
        document_key("type.hideSKUForSolutionTemplate", offer_type): False,
        document_key("type.cloudAvailability", offer_type): ["PublicAzure"],
    }


def _write_plan(
    plan: dict[str, Any],
    desired: Mapping[str, Any],
    last: Mapping[str, Any],
    live: Mapping[str, Any],
    offer_type: str,
) -> None:
    current = _read_plan(plan, offer_type)
    write_members(Plan, plan, desired, offer_type)
    if current["clouds"] != desired["clouds"]:
        names = {name: cloud for cloud, name in _CLOUDS.items()}
        plan[document_key("type.cloudAvailability", offer_type)] = [
            names.get(name, name) for name in desired["clouds"]
        ]
    if current["markets"] != desired["markets"]:
        plan["regions"] = sorted(PORTAL_MARKETS) if desired["markets"] == "all" else desired["markets"]
    _write_audience(plan, current, desired, last)
    if desired["operating_system"]:
        _write_operating_system(plan, current["operating_system"], desired["operating_system"], offer_type)
    for name, value in desired["features"].items():
        if current["features"][name] is not value:
            plan[document_key(f"type.{_FEATURES[name][0]}", offer_type)] = value
    if desired["pricing"]:
        write_pricing(plan, desired["pricing"], last.get("pricing") or {})
    if desired["images"]:
        write_images(plan, desired["images"], live.get("images") or {}, offer_type)
    _write_generations(plan, desired["generations"], live.get("generations") or {}, offer_type)


def _write_generations(
    plan: dict[str, Any], desired: Mapping[str, Any], live: Mapping[str, Any], offer_type: str
) -> None:
    """Write images into generations of a plan. Raises InputError for one that the plan does not have."""
    generations = {
        element["planId"]: element
        for element in as_list(plan.get(_GENERATIONS))
        if isinstance(element, dict) and isinstance(element.get("planId"), str)
    }
    if missing := sorted(desired.keys() - generations.keys()):
        raise InputError(
            f"plan {plan['planId']!r}: generations: it has no generation {', '.join(missing)}; it has"
            f" {', '.join(generations) or 'none'}",
            next="add the generation in Partner Center, or write the plan id of one that exists",
        )
    for id, images in desired.items():
        if images:
            write_images(generations[id], images, live.get(id) or {}, offer_type)


def _write_audience(
    plan: dict[str, Any], current: Mapping[str, Any], desired: Mapping[str, Any], last: Mapping[str, Any]
) -> None:
    """Write a list or a file of subscriptions, or neither: a public plan. Entries of other types stay in a list."""
    audience = as_mapping(plan.get("restrictedAudience"))
    if address := desired["subscriptions_file"]:
        is_new = comparable_address(address) != comparable_address(last.get("subscriptions_file") or "")
        if not current["subscriptions_file"] or is_new:
            plan["restrictedAudience"] = {"uploadedCsvUri": address}
    elif current["subscriptions"] != desired["subscriptions"] or current["subscriptions_file"]:
        entries = [entry for entry in as_list(audience.get("manualEntries")) if isinstance(entry, Mapping)]
        by_id = {str(entry.get("id")).casefold(): dict(entry) for entry in entries if _is_subscription(entry)}
        members = [
            {**by_id.get(member["id"], {"type": _SUBSCRIPTION}), **member}
            for member in desired["subscriptions"]
        ]
        if members := [*members, *(dict(entry) for entry in entries if not _is_subscription(entry))]:
            plan["restrictedAudience"] = {"manualEntries": members}
        else:
            plan.pop("restrictedAudience", None)


def _write_operating_system(
    plan: dict[str, Any], current: Mapping[str, Any], desired: Mapping[str, Any], offer_type: str
) -> None:
    key = _type_key(plan, offer_type, desired["family"])
    write_members(OperatingSystem, plan, desired, offer_type)
    if current["type"] != desired["type"]:
        plan[key] = desired["type"]
