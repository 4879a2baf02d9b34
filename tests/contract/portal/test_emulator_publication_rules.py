"""What a publication needs, and what it may not change of an offer in production: 422, with the member and the rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.portal.cpp import MARKETPLACE, VM, CppApi, definition, image, plan

OFFER = "gateway-vm"
GUID = "0f6a3c52-7b1e-4f1d-9d0e-2f6f0a5b8c11"


@pytest.fixture
def cpp(emulator: RunningEmulator) -> CppApi:
    return CppApi(emulator)


def publish(cpp: CppApi, content: dict[str, Any], *, is_live: bool = False) -> str:
    """Publish a changed draft of an offer that was never published, or is live. Return the refusal, "" if none."""
    if is_live:
        cpp.edit(OFFER, lambda draft: (draft.clear(), draft.update(content)))
    else:
        cpp.make(OFFER, definition=content)
    answer = cpp.offer("POST", OFFER, "/publish")
    if answer.status_code == 202:
        return ""
    assert answer.status_code == 422, answer.text
    assert cpp.read(OFFER, "/submissions/", status="running") == []
    message: str = answer.json()["error"]["message"]
    assert message
    return message


def make_live(cpp: CppApi, *plans: dict[str, Any]) -> None:
    cpp.make(OFFER, definition=definition("Gateway", *plans), published="live")


REQUIRED = [
    "title",
    "summary",
    "longSummary",
    "description",
    "offerMarketingUrlIdentifier",
    "allowedSubscriptions",
    "categoryMap",
    "smallLogo",
    "mediumLogo",
    "largeLogo",
    "wideLogo",
    "privacyURL",
    "engineeringContactName",
    "engineeringContactEmail",
    "engineeringContactPhone",
    "supportContactName",
    "supportContactEmail",
    "supportContactPhone",
]


@pytest.mark.sample(6)
@pytest.mark.parametrize("name", REQUIRED)
def test_a_required_member_of_the_offer_is_named_where_it_is_missing_or_empty(cpp, name):
    content = definition()
    value = content["offer"].pop(f"{MARKETPLACE}.{name}")
    assert f"'{MARKETPLACE}.{name}' is required" in publish(cpp, content)
    empty = [] if isinstance(value, list) else ""
    content["offer"][f"{MARKETPLACE}.{name}"] = empty
    assert f"'{MARKETPLACE}.{name}' is required" in publish(cpp, content, is_live=True)
    content["offer"][f"{MARKETPLACE}.{name}"] = value
    assert publish(cpp, content, is_live=True) == ""


def test_terms_are_required_without_the_standard_contract(cpp):
    content = definition()
    content["offer"][f"{MARKETPLACE}.useEnterpriseContract"] = False
    assert "termsOfUse" in publish(cpp, content)
    content["offer"][f"{MARKETPLACE}.termsOfUse"] = "Terms apply."
    assert publish(cpp, content, is_live=True) == ""


def test_flat_categories_of_older_offers_stand_in_for_the_map(cpp):
    content = definition()
    del content["offer"][f"{MARKETPLACE}.categoryMap"]
    content["offer"][f"{MARKETPLACE}.categories"] = ["networking"]
    assert publish(cpp, content) == ""


def set_offer(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda content: content["offer"].update({f"{MARKETPLACE}.{name}": value})


def set_plan(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        first = content["plans"][0]
        if value is None:
            first.pop(name)
        else:
            first[name] = value

    return change


def price(pricing: Any) -> Callable[[dict[str, Any]], None]:
    return lambda content: content["plans"][0].update(
        {"virtualMachinePricing": pricing, "virtualMachinePricingV2": pricing}
    )


def regional(**regions: Any) -> dict[str, Any]:
    return {"isByol": False, "regionPrices": regions}


def entry(currency: str, amount: float, **members: Any) -> dict[str, Any]:
    return {"currency": currency, "enabled": True, "price": {"1core": amount}, **members}


INVALID = [
    (set_offer("title", "x" * 51), "title' is longer than 50"),
    (set_offer("summary", "x" * 101), "summary' is longer than 100"),
    (set_offer("longSummary", "x" * 257), "longSummary' is longer than 256"),
    (set_offer("description", "x" * 3001), "description' is longer than 3000"),
    (set_offer("allowedSubscriptions", ["x"]), "allowedSubscriptions' must be 1 to 100 GUIDs"),
    (set_offer("allowedSubscriptions", [GUID] * 101), "allowedSubscriptions' must be 1 to 100 GUIDs"),
    (set_offer("screenshots", ["https://files.fabrikam.example/a.png"] * 6), "screenshots' has more than 5"),
    (lambda content: content.update(plans=[]), "The offer has no plan."),
    (set_plan("planId", "x" * 51), "has an id other than"),
    (set_plan("planId", "Std"), "Plan Std has an id other than"),
    (set_plan("regions", []), "Plan std has no regions"),
    (set_plan("regions", None), "Plan std has no regions"),
    (set_plan(f"{VM}.skuTitle", None), "Plan std has no skuTitle"),
    (set_plan(f"{VM}.skuTitle", "x" * 51), "Plan std has a skuTitle of more than 50"),
    (set_plan(f"{VM}.skuSummary", ""), "Plan std has no skuSummary"),
    (set_plan(f"{VM}.skuDescription", None), "Plan std has no skuDescription"),
    (set_plan(f"{VM}.cloudAvailability", []), "Plan std has no cloudAvailability"),
    (set_plan(f"{VM}.operatingSystemFamily", "Solaris"), "operatingSystemFamily other than Windows or Linux"),
    (set_plan(f"{VM}.operatingSystemFamily", None), "Plan std has no operatingSystemFamily"),
    (set_plan(f"{VM}.operationSystem", None), "Plan std has no operationSystem"),
    (set_plan(f"{VM}.recommendedVMSizes", ["a0-basic"] * 7), "recommends more than 6"),
    (set_plan(f"{VM}.hideSKUForSolutionTemplate", None), "has no hideSKUForSolutionTemplate"),
    (set_plan(f"{VM}.vmImages", {"1.0": image("a")}), "image version 1.0, which is not of the form X.Y.Z"),
    (set_plan(f"{VM}.vmImages", {"1.0.0": image("a", disks=16)}), "more than 15 data disks in version 1.0.0"),
    (set_plan(f"{VM}.vmImages", {"1.0.0": {**image("a"), "label": "x" * 51}}), "label of more than 50"),
    (
        set_plan(
            "restrictedAudience",
            {"manualEntries": [{"type": "subscriptionId", "id": GUID}] * 11},
        ),
        "more than 10 entries",
    ),
    (
        set_plan(
            "restrictedAudience",
            {
                "manualEntries": [{"type": "subscriptionId", "id": GUID}],
                "uploadedCsvUri": "https://files.fabrikam.example/a.csv",
            },
        ),
        "both a list and a file",
    ),
    (
        set_plan("restrictedAudience", {"manualEntries": [{"type": "subscriptionId", "id": "x"}]}),
        "that is no subscription",
    ),
    (price({}), "Plan std has no pricing"),
    (price({"isByol": False, "freeTrialDurationInMonths": 1}), "Plan std has no price"),
    (
        price({"coreMultiplier": {"currency": "USD", "single": 1, "individually": {"1core": 1}}}),
        "a price per core and prices per core size",
    ),
    (price({"coreMultiplier": {"currency": "USD", "single": -1}}), "a price below 0"),
    (price(regional(US=entry("USD", 1))), "Plan std has no price in DE"),
    (price(regional(US=entry("USD", 1), DE=entry("EUR", 1, enabled=False))), "Plan std has no price in DE"),
    (price(regional(US=entry("USD", 1), DE=entry("USD", 1))), "prices in USD in DE, whose currency is EUR"),
]


@pytest.mark.sample(12)
@pytest.mark.parametrize(("change", "message"), INVALID)
def test_a_value_beyond_a_limit_is_named_with_the_rule(cpp, change, message):
    content = definition()
    change(content)
    assert message in publish(cpp, content)


VALID = [
    price({"isByol": True, "freeTrialDurationInMonths": 0}),
    price({"isByol": False, "coreMultiplier": {"currency": "USD", "single": 0}}),
    price({"isByol": False, "regionPrices": {}, "freeTrialDurationInMonths": 0}),
    price({"coreMultiplier": {"currency": "USD", "individually": {"sharedcore": 0.02, "1core": 0.05}}}),
    price({"spreadSheetPricing": {"uri": "https://files.fabrikam.example/a.xlsx"}}),
    price(regional(US=entry("USD", 1), DE=entry("EUR", 1))),
    set_plan(f"{VM}.vmImages", {"2021.03.05": image("a"), "311.0.20180702": image("b")}),
    set_plan("restrictedAudience", {"manualEntries": [{"type": "subscriptionId", "id": GUID}]}),
    set_plan("planId", "std_1"),
]


@pytest.mark.parametrize("change", VALID)
def test_every_model_of_prices_and_every_form_in_use_can_be_published(cpp, change):
    content = definition()
    change(content)
    assert publish(cpp, content) == ""


def test_offers_of_other_types_are_published_without_the_members_of_machines(cpp):
    plans = [{"planId": "std"}]
    cpp.make("core", offer_type="microsoft-azure-corevm", definition={"plans": plans})
    cpp.publish("core")
    assert cpp.status("core") == "failed"
    cpp.make("other", offer_type="vs-marketplace-extensions", definition={"plans": plans})
    cpp.publish("other")
    assert cpp.status("other") == "waitingForPublisherReview"


# --- Changes of an offer in production


USAGE = {"isByol": False, "coreMultiplier": {"currency": "USD", "single": 0.12}}
BYOL = {"isByol": True}
PRIVATE = {"manualEntries": [{"type": "subscriptionId", "id": GUID}]}


def sizes(**prices: float) -> dict[str, Any]:
    return {"isByol": False, "coreMultiplier": {"currency": "USD", "individually": prices}}


CHANGES = [
    (plan("std"), [plan("pro")], "Plan std is published and cannot be removed."),
    (plan("std", USAGE), [plan("std", BYOL)], "changes its licence model"),
    (plan("std", BYOL), [plan("std", USAGE)], "changes its licence model"),
    (plan("std"), [plan("std") | {"restrictedAudience": PRIVATE}], "is public and cannot become private"),
    (
        plan("std", vmImages={"1.0.0": image("a")}),
        [plan("std", vmImages={"1.0.0": image("a"), "1.1.0": image("b", disks=1)})],
        "changes its number of data disks",
    ),
    (
        plan("std", sizes(sharedcore=0.01, **{"1core": 0.05})),
        [plan("std", sizes(sharedcore=0.02, **{"1core": 0.05}))],
        "raises the price for sharedcore from 0.01 to 0.02",
    ),
    (
        plan("std", USAGE),
        [plan("std", sizes(**{"2core": 0.25}))],
        "raises the price for 2core from 0.24 to 0.25",
    ),
    (
        plan("std", {"coreMultiplier": {"currency": "USD", "single": 0}}),
        [plan("std", USAGE)],
        "raises the price for 1core from 0 to 0.12",
    ),
    (
        plan("std", regional(US=entry("USD", 1), DE=entry("EUR", 1))),
        [plan("std", regional(US=entry("USD", 1), DE=entry("EUR", 2)))],
        "raises the price for 1core in DE from 1 to 2",
    ),
    (
        plan("std", USAGE),
        [plan("std", regional(US=entry("USD", 0.13), DE=entry("EUR", 1)))],
        "raises the price for 1core in US from 0.12 to 0.13",
    ),
    (
        plan("std", regional(US=entry("USD", 0.11), DE=entry("EUR", 1))),
        [plan("std", USAGE)],
        "raises the price for 1core in US from 0.11 to 0.12",
    ),
    (
        plan("std", {"spreadSheetPricing": {"uri": "https://files.fabrikam.example/a.xlsx"}}),
        [plan("std", USAGE)],
        "prices of a spreadsheet, which only a spreadsheet can change",
    ),
]


@pytest.mark.parametrize(("before", "after", "message"), CHANGES)
def test_what_may_not_change_after_publication_is_refused(cpp, before, after, message):
    make_live(cpp, before)
    assert message in publish(cpp, definition("Gateway", *after), is_live=True)


ALLOWED = [
    (plan("std"), [plan("std"), plan("pro")]),
    (plan("std", USAGE), [plan("std", sizes(**{"2core": 0.24, "1core": 0.1}))]),
    (plan("std", USAGE), [plan("std", regional(US=entry("USD", 0.12), DE=entry("EUR", 1)))]),
    (plan("std", regional(US=entry("USD", 1), DE=entry("EUR", 0.1))), [plan("std", USAGE)]),
    (plan("std") | {"restrictedAudience": PRIVATE}, [plan("std")]),
    (plan("std") | {"restrictedAudience": PRIVATE}, [plan("std") | {"restrictedAudience": PRIVATE}]),
    (
        plan("std", vmImages={"1.0.0": image("a", disks=1)}),
        [plan("std", vmImages={"1.1.0": image("b", disks=1)})],
    ),
    (
        plan("std", regional(US=entry("USD", 1), DE=entry("EUR", 1))),
        [
            plan("std", regional(US=entry("USD", 1), DE=entry("EUR", 1), JP=entry("JPY", 100)))
            | {"regions": ["US", "DE", "JP"]}
        ],
    ),
]


@pytest.mark.parametrize(("before", "after"), ALLOWED)
def test_additions_and_lower_prices_are_published(cpp, before, after):
    make_live(cpp, before)
    assert publish(cpp, definition("Gateway", *after), is_live=True) == ""


def test_changes_are_compared_with_production_and_not_with_a_preview(cpp):
    cpp.make(OFFER, definition=definition("Gateway", plan("std", USAGE)), published="preview")
    cpp.set(async_cancel=False)
    cpp.offer("POST", OFFER, "/cancel")
    assert publish(cpp, definition("Gateway", plan("other", BYOL)), is_live=True) == ""


@pytest.mark.parametrize(("amount", "is_refused"), [(1, False), (0.5, True), (2, True)])
def test_a_region_that_was_sold_before_comes_back_with_its_old_price_only(cpp, amount, is_refused):
    both = plan("std", regional(US=entry("USD", 1), DE=entry("EUR", 1)))
    only = plan("std", regional(US=entry("USD", 1))) | {"regions": ["US"]}
    make_live(cpp, both)
    assert publish(cpp, definition("Gateway", only), is_live=True) == ""
    cpp.go_live(OFFER)
    assert cpp.status(OFFER) == "succeeded"
    again = plan("std", regional(US=entry("USD", 1), DE=entry("EUR", amount)))
    assert bool(publish(cpp, definition("Gateway", again), is_live=True)) is is_refused


def test_a_price_that_was_lowered_cannot_be_raised_to_its_former_amount(cpp):
    def usage(price: float) -> dict[str, Any]:
        return plan("std", {"isByol": False, "coreMultiplier": {"currency": "USD", "single": price}})

    make_live(cpp, usage(0.12))
    assert publish(cpp, definition("Gateway", usage(0.1)), is_live=True) == ""
    cpp.go_live(OFFER)
    assert cpp.status(OFFER) == "succeeded"
    message = publish(cpp, definition("Gateway", usage(0.12)), is_live=True)
    assert "raises the price for 1core from 0.1 to 0.12" in message


def test_a_hero_logo_cannot_be_removed_again(cpp):
    content = definition()
    content["offer"][f"{MARKETPLACE}.heroLogo"] = "https://files.fabrikam.example/hero.png"
    cpp.make(OFFER, definition=content, published="live")
    assert "heroLogo' cannot be removed" in publish(cpp, definition(), is_live=True)
