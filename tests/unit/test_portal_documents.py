"""Documents of the Cloud Partner Portal API and arguments: what equals stays as it is, and what is declared arrives."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.resources.portal.portal_offers import (
    GATEWAY,
    LISTING,
    OTHER_SUBSCRIPTION,
    PLANS,
    SUBSCRIPTION,
    document,
    signed,
)

from pulumi_partnercenter.errors import InputError
from pulumi_partnercenter.kinds.portal._offer_document import read_arguments, write_arguments
from pulumi_partnercenter.kinds.portal._portal_markets import CURRENCY_BY_MARKET, PORTAL_MARKETS
from pulumi_partnercenter.kinds.portal._vm_pricing import CORE_SIZES
from pulumi_partnercenter.kinds.portal.offer import OfferArguments


def new_body(arguments: dict[str, Any]) -> dict[str, Any]:
    return {
        "publisherId": arguments["publisher"],
        "offerTypeId": arguments.get("offer_type", "microsoft-azure-virtualmachines"),
        "id": arguments["offer_id"],
        "definition": {"offer": {}, "plans": []},
    }


def parse(arguments: dict[str, Any]) -> dict[str, Any]:
    return OfferArguments.parse(arguments).to_json()


def write(
    body: dict[str, Any], desired: dict[str, Any], last: dict[str, Any] | None = None
) -> dict[str, Any]:
    return write_arguments(body, desired, desired if last is None else last, {})


def read(body: dict[str, Any], last: dict[str, Any]) -> dict[str, Any]:
    current = OfferArguments.canonical(read_arguments(body))
    return {**OfferArguments.merge_unreadable(current, last), "adopt": False}


def test_the_whole_offer_arrives_and_returns() -> None:
    desired = parse(GATEWAY)
    assert read(write(new_body(GATEWAY), desired, {}), desired) == desired


def test_a_document_equals_itself_after_its_own_arguments_were_written() -> None:
    """Byte for byte: spelling of numbers, nulls, order, members without a model."""
    body = document()
    desired = OfferArguments.canonical(read_arguments(body))
    assert json.dumps(write(body, desired)) == json.dumps(body)


def test_a_single_change_leaves_everything_else_in_the_document() -> None:
    body = document()
    desired = OfferArguments.canonical(read_arguments(body))
    changed = copy.deepcopy(desired)
    changed["plans"][1]["title"] = "Other"
    written = write(body, changed, desired)
    written["definition"]["plans"][0]["microsoft-azure-virtualmachines.skuTitle"] = "Branches"
    assert json.dumps(written) == json.dumps(body)


AMOUNTS = st.integers(1, 10**6).map(lambda number: f"{number / 10000:f}".rstrip("0").rstrip("."))
SIZES = st.dictionaries(st.sampled_from(CORE_SIZES), AMOUNTS, min_size=1, max_size=4)
PRICED = st.dictionaries(st.sampled_from(sorted(CURRENCY_BY_MARKET)), SIZES, min_size=1, max_size=4)
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40).map(str.strip)
ADDRESSES = st.sampled_from(["a", "b", "c"]).map(lambda name: signed(f"files/{name}"))
VERSIONS = st.sampled_from(["1.0.0", "1.0.1", "2021.03.05", "311.0.20180702"])
PRICINGS = st.one_of(
    st.just({"free": True}),
    st.just({"byol": True}),
    AMOUNTS.map(lambda amount: {"per_core": amount}),
    SIZES.map(lambda sizes: {"per_size": sizes}),
    PRICED.map(lambda markets: {"per_market": markets}),
    ADDRESSES.map(lambda address: {"spreadsheet": address}),
)
IMAGES = st.fixed_dictionaries(
    {"os_disk": ADDRESSES}, optional={"data_disks": st.lists(ADDRESSES, max_size=2), "label": TEXTS}
)


def plan(plan_id: str) -> st.SearchStrategy[dict[str, Any]]:
    members = st.fixed_dictionaries(
        {"plan_id": st.just(plan_id)},
        optional={
            "title": TEXTS,
            "summary": TEXTS,
            "is_hidden": st.booleans(),
            "clouds": st.lists(st.sampled_from(["public-azure", "azure-china"]), max_size=2),
            "subscriptions": st.just([SUBSCRIPTION]),
            "operating_system": st.fixed_dictionaries(
                {"family": st.sampled_from(["Linux", "Windows"])}, optional={"type": TEXTS, "name": TEXTS}
            ),
            "recommended_sizes": st.lists(st.sampled_from(["a0-basic", "d2s-standard-v3"]), max_size=2),
            "features": st.dictionaries(st.sampled_from(["backup", "nvme", "extensions"]), st.booleans()),
            "pricing": PRICINGS,
            "images": st.dictionaries(VERSIONS, IMAGES, max_size=3),
        },
    )
    return members.map(_sold_where_priced)


def _sold_where_priced(plan: dict[str, Any]) -> dict[str, Any]:
    return {**plan, "markets": sorted((plan.get("pricing") or {}).get("per_market") or ["US"])}


OFFERS = st.fixed_dictionaries(
    {"publisher": st.just("contoso"), "offer_id": st.just("contoso-gateway")},
    optional={
        "alias": TEXTS,
        "listing": st.fixed_dictionaries(
            {},
            optional={
                "title": TEXTS,
                "categories": st.dictionaries(
                    st.sampled_from(["networking", "security"]), st.lists(st.sampled_from(["a", "b"]))
                ),
                "contacts": st.just(LISTING["contacts"][:1]),
                "links": st.just(LISTING["links"]),
                "logos": st.fixed_dictionaries({}, optional={"small": ADDRESSES, "hero": ADDRESSES}),
                "screenshots": st.lists(ADDRESSES, max_size=2),
            },
        ),
        "uses_standard_contract": st.booleans(),
        "terms_of_use": TEXTS,
        "csp_opt_in": st.sampled_from(["Enabled", "Disabled"]),
        "test_drive": st.fixed_dictionaries({"enabled": st.booleans()}, optional={"description": TEXTS}),
        "lead_destination": st.just({"salesforce": {"object_identifier": "1"}}),
        "plans": st.lists(st.sampled_from(["a", "b", "c"]), unique=True).flatmap(
            lambda ids: st.tuples(*map(plan, ids)).map(list)
        ),
    },
)


@given(arguments=OFFERS)
def test_any_arguments_arrive_and_return(arguments: dict[str, Any]) -> None:
    desired = parse(arguments)
    written = write(new_body(arguments), desired, {})
    assert read(written, desired) == desired
    assert write(written, desired, desired) == written


@given(before=OFFERS, after=OFFERS)
@settings(max_examples=2 * settings().max_examples)
def test_any_change_arrives_and_keeps_members_without_a_model(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    """What the second program leaves alone stays as the first one had it; the rest is as the second one declares it."""
    first, second = parse(before), parse(after)
    body = write(new_body(before), first, {})
    body["definition"]["offer"]["microsoft-azure-marketplace.videos"] = [{"name": "Tour"}]
    for element in body["definition"]["plans"]:
        element["diskGenerations"] = [element["planId"]]
    written = write(body, second, first)
    assert read(written, second) == second
    assert written["definition"]["offer"]["microsoft-azure-marketplace.videos"] == [{"name": "Tour"}]
    for element in written["definition"]["plans"]:
        was_there = any(plan["plan_id"] == element["planId"] for plan in first["plans"])
        assert element.get("diskGenerations") == ([element["planId"]] if was_there else None)


def serve(body: dict[str, Any]) -> dict[str, Any]:
    """Return a document as the service stores it: with its defaults, and its own addresses of files."""
    stored = copy.deepcopy(body)
    offer, marketplace = stored["definition"]["offer"], "microsoft-azure-marketplace"
    for name, value in offer.items():
        if name.endswith("Logo") and value:
            offer[name] = f"https://publishing.example.com/{name}.png?sp=r&sig=c2VydmljZQ"
    offer.pop(f"{marketplace}.heroLogo", None)
    defaults = {
        "categories": [],
        "leadNotificationEmails": "",
        "customAmendments": None,
        "useEnterpriseContract": False,
    }
    for name, value in defaults.items():
        offer.setdefault(f"{marketplace}.{name}", value)
    for element in stored["definition"]["plans"]:
        serve_plan(element)
    stored["definition"] = dict(reversed(stored["definition"].items()))
    return stored


def serve_plan(plan: dict[str, Any]) -> None:
    plan["microsoft-azure-virtualmachines.legacyPlanId"] = plan["planId"]
    for name in ("supportsBackup", "isLockedDown"):
        plan.setdefault(f"microsoft-azure-virtualmachines.{name}", False)
    if type_ := plan.pop("microsoft-azure-virtualmachines.windowsOSType", None):
        plan["microsoft-azure-virtualmachines.osType"] = type_
    for name in ("virtualMachinePricing", "virtualMachinePricingV2"):
        pricing = plan.get(name, {})
        if pricing.get("spreadSheetPricing"):
            pricing["spreadSheetPricing"] = {
                "uri": "https://publishing.example.com/p.xlsx?sp=r&sig=c2VydmljZQ"
            }
            pricing["regionPrices"] = {"US": {"currency": "USD", "price": {"1core": 1}}}
        if amounts := pricing.get("coreMultiplier", {}).get("individually"):
            amounts["832core"] = 41.6


@given(arguments=OFFERS)
def test_what_the_service_changes_is_no_drift(arguments: dict[str, Any]) -> None:
    desired = parse(arguments)
    stored = serve(write(new_body(arguments), desired, {}))
    state = read(stored, desired)
    assert OfferArguments.differing(state, desired) == []
    assert write(stored, desired, state) == stored


def plan_of(pricing: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {**GATEWAY, "plans": [{"plan_id": "basic", "markets": ["US"], "pricing": pricing, **members}]}


def test_prices_are_written_twice_and_the_newer_form_is_read() -> None:
    (element,) = write(new_body(GATEWAY), parse(plan_of({"per_core": 0.12})), {})["definition"]["plans"]
    prices = {
        "isByol": False,
        "coreMultiplier": {"currency": "USD", "single": 0.12},
        "freeTrialDurationInMonths": 0,
    }
    assert element["virtualMachinePricing"] == element["virtualMachinePricingV2"] == prices
    element["virtualMachinePricing"]["coreMultiplier"]["single"] = 7
    body = {**new_body(GATEWAY), "definition": {"plans": [element]}}
    assert read_arguments(body)["plans"][0]["pricing"]["per_core"] == "0.12"
    del element["virtualMachinePricingV2"]
    assert read_arguments(body)["plans"][0]["pricing"]["per_core"] == "7"


@pytest.mark.parametrize(("single", "equal"), [(1, 1.0), (0.1, "0.10"), (12e-2, 0.12)])
def test_amounts_compare_as_decimals(single: object, equal: object) -> None:
    desired = parse(plan_of({"per_core": equal}))
    body = write(new_body(GATEWAY), desired, {})
    for name in ("virtualMachinePricing", "virtualMachinePricingV2"):
        body["definition"]["plans"][0][name]["coreMultiplier"]["single"] = single
    assert read(body, desired)["plans"] == desired["plans"]
    assert json.dumps(write(body, desired)) == json.dumps(body)


def test_every_market_has_a_currency_or_asks_for_one() -> None:
    assert len(CURRENCY_BY_MARKET) == 88
    assert len(PORTAL_MARKETS) == 142
    for market in sorted(PORTAL_MARKETS):
        arguments = plan_of({"per_market": {market: {"1core": 1}}}, markets=[market])
        if market in CURRENCY_BY_MARKET:
            (element,) = write(new_body(GATEWAY), parse(arguments), {})["definition"]["plans"]
            region = element["virtualMachinePricingV2"]["regionPrices"][market]
            assert region == {"enabled": True, "currency": CURRENCY_BY_MARKET[market], "price": {"1core": 1}}
            continue
        with pytest.raises(InputError, match=rf"per_market: {market} has no currency"):
            parse(arguments)
        arguments["plans"][0]["pricing"]["currencies"] = {market: "USD"}
        desired = parse(arguments)
        assert read(write(new_body(GATEWAY), desired, {}), desired) == desired


BAD_PRICES = {
    "one of these is required": {"trial_months": 1},
    "keep one of them": {"free": True, "byol": True},
    "write free=True": {"per_core": 0},
    "must be a size such as 4core": {"per_size": {"four": 1}},
    "is not a market": {"per_market": {"XX": {"1core": 1}}},
    "US is there twice": {"per_market": {"US": {"1core": 1}, "us": {"1core": 2}}},
    "DE is not among the plan's markets": {"per_market": {"US": {"1core": 1}, "DE": {"1core": 1}}},
    "US has no price of any size": {"per_market": {"US": {}}},
    "DE has no price in per_market": {"free": True, "currencies": {"DE": "USD"}},
    "greater than or equal to 0": {"per_core": -1},
    "must be a currency code": {"per_market": {"US": {"1core": 1}}, "currencies": {"US": "dollars"}},
}


@pytest.mark.parametrize("words", BAD_PRICES)
def test_prices_that_break_a_rule_are_refused(words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse(plan_of(BAD_PRICES[words]))


def test_a_core_price_of_zero_breaks_one_rule_only() -> None:
    with pytest.raises(InputError, match="write free=True") as refusal:
        parse(plan_of({"per_core": 0}))
    assert "one of these is required" not in str(refusal.value)


def test_a_market_sold_in_without_a_price_is_named() -> None:
    with pytest.raises(InputError, match="per_market: CA is sold in and has no price"):
        parse(plan_of({"per_market": {"US": {"1core": 1}}}, markets=["CA", "US"]))


def test_a_size_that_is_no_longer_declared_is_removed_and_one_of_the_service_stays() -> None:
    first = parse(plan_of({"per_size": {"1core": 1, "2core": 2}}))
    body = write(new_body(GATEWAY), first, {})
    for name in ("virtualMachinePricing", "virtualMachinePricingV2"):
        body["definition"]["plans"][0][name]["coreMultiplier"]["individually"]["832core"] = 9
    second = parse(plan_of({"per_size": {"1core": 1}}))
    (element,) = write(body, second, first)["definition"]["plans"]
    assert element["virtualMachinePricingV2"]["coreMultiplier"]["individually"] == {"1core": 1, "832core": 9}


def test_prices_in_an_unknown_form_stay_if_the_program_declares_none() -> None:
    body = document()
    opaque = {"isByol": False, "regionPrices": {"US": {"tiers": [1]}}}
    body["definition"]["plans"][0]["virtualMachinePricingV2"] = opaque
    desired = OfferArguments.canonical(read_arguments(body))
    assert desired["plans"][1]["pricing"] == {}
    assert json.dumps(write(body, desired)) == json.dumps(body)


def test_a_removed_image_version_of_a_core_machine_is_hidden() -> None:
    core = {**GATEWAY, "offer_type": "microsoft-azure-corevm", "listing": None}
    images = PLANS[0]["images"]
    both = parse({**core, "plans": [{"plan_id": "basic", "images": images}]})
    body = write(new_body(core), both, {})
    newer = parse({**core, "plans": [{"plan_id": "basic", "images": {"1.0.1": images["1.0.1"]}}]})
    written = write(body, newer, both)
    stored = written["definition"]["plans"][0]["microsoft-azure-corevm.vmImagesPublicAzure"]
    assert stored["1.0.0"]["showInGui"] is False
    assert read(written, newer)["plans"] == newer["plans"]
    again = write(written, both, newer)
    assert again["definition"]["plans"][0]["microsoft-azure-corevm.vmImagesPublicAzure"]["1.0.0"]["showInGui"]


def test_another_audience_keeps_entries_of_other_types() -> None:
    body = document()
    desired = OfferArguments.canonical(read_arguments(body))
    changed = copy.deepcopy(desired)
    changed["plans"][1]["subscriptions"] = []
    (audience, _) = (plan.get("restrictedAudience") for plan in write(body, changed)["definition"]["plans"])
    assert audience == {
        "manualEntries": [{"type": "tenantId", "id": OTHER_SUBSCRIPTION, "description": "kept"}]
    }


def test_a_removed_image_version_is_deleted() -> None:
    images = PLANS[0]["images"]
    both = parse(plan_of({"free": True}, images=images))
    newest = parse(plan_of({"free": True}, images={"1.0.1": images["1.0.1"]}))
    (element,) = write(write(new_body(GATEWAY), both, {}), newest, both)["definition"]["plans"]
    assert list(element["microsoft-azure-virtualmachines.vmImages"]) == ["1.0.1"]


def test_another_signature_is_no_change_and_other_permissions_are_one() -> None:
    def offer(address: str) -> dict[str, Any]:
        return parse(plan_of({"free": True}, images={"1.0.0": {"os_disk": address}}))

    renewed = signed("disks/one.vhd", signature="c2lnbmF0dXJlLXR3bw", end="2998-01-01T00:00:00Z")
    renewed = renewed.replace("sv=2022-11-02", "sv=2026-02-06&spr=https")
    first, second = offer(signed("disks/one.vhd")), offer(renewed)
    assert OfferArguments.differing(first, second) == []
    assert OfferArguments.fingerprint(first) == OfferArguments.fingerprint(second)
    assert OfferArguments.differing(first, offer(signed("disks/two.vhd"))) == ["plans"]
    assert OfferArguments.differing(first, offer(renewed.replace("sp=rl", "sp=rlw"))) == ["plans"]


def test_a_signature_without_the_right_to_list_is_refused() -> None:
    with pytest.raises(InputError, match=r"lacks the permission to list \(l\)") as refusal:
        parse(
            plan_of({"free": True}, images={"1.0.0": {"os_disk": signed("one.vhd").replace("sp=rl", "sp=r")}})
        )
    assert "c2lnbmF0dXJl" not in str(refusal.value)


def test_secrets_of_leads_are_sent_with_every_write() -> None:
    desired = parse(
        {
            **GATEWAY,
            "lead_destination": {
                "marketo": {
                    "client_id": "a",
                    "client_secret": "s3cret-of-leads",
                    "munchkin_account_id": "b",
                    "form_id": "c",
                }
            },
        }
    )
    body = write(new_body(GATEWAY), desired, {})
    key = "microsoft-azure-marketplace.marketoLeadConfiguration"
    del body["definition"]["offer"][key]["clientSecret"]
    assert read(body, desired) == desired
    assert write(body, desired)["definition"]["offer"][key]["clientSecret"] == "s3cret-of-leads"
