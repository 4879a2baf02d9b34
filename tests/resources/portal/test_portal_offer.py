"""An offer of the Cloud Partner Portal API: made, found unchanged, changed, repaired, adopted, protected once live."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import (
    SUBJECT,
    Operation,
    Subject,
    assert_readable,
    values_with_one_unknown,
    write_requests,
)
from tests.resources.harness import UNKNOWN, Declaration, Plugin, Record, Stack, through_rpc
from tests.resources.portal.portal_offers import (
    GATEWAY,
    LISTING,
    MARKETS,
    OTHER_SUBSCRIPTION,
    PLANS,
    image,
    signed,
)

from pulumi_partnercenter import AdoptionRefused, InputError, portal
from pulumi_partnercenter.api.portal.system import PORTAL
from pulumi_partnercenter.emulator.portal import offer_schema
from pulumi_partnercenter.kinds.portal.offer import OfferArguments

PATH = "/api/publishers/contoso/offers/contoso-gateway"
VERSION = {"api-version": "2017-10-31"}
VM = offer_schema.VM
NEW_PLAN = {**PLANS[0], "plan_id": "new"}


@pytest.fixture(autouse=True)
def publisher(emulator: RunningEmulator) -> None:
    make_publisher(emulator)


def program(**changes: Any) -> dict[str, Declaration]:
    return {SUBJECT: Declaration(portal.Offer, {**GATEWAY, **changes})}


def with_plan(plan_id: str, **members: Any) -> dict[str, Declaration]:
    """Return the program with other members of a plan; a member that is None is left out."""
    plans = [{**plan, **members} if plan["plan_id"] == plan_id else plan for plan in PLANS]
    return program(
        plans=[{name: value for name, value in plan.items() if value is not None} for plan in plans]
    )


def edit(emulator: RunningEmulator, **change: Any) -> None:
    emulator._control(
        "POST", "portal/edit", {"publisher": "contoso", "offer_id": "contoso-gateway", **change}
    )


def go_live(emulator: RunningEmulator) -> None:
    emulator._control("POST", "portal/publish", {"publisher": "contoso", "offer_id": "contoso-gateway"})


def document(emulator: RunningEmulator) -> dict[str, Any]:
    answer = emulator.client.get(PATH, params={**VERSION, "includeAllPricing": "true"})
    assert answer.status_code == 200
    return dict(answer.json())


def make_publisher(emulator: RunningEmulator) -> None:
    emulator._control("POST", "portal/publishers", {"publisher": "contoso"})


class TestPortalOffer(Subject):
    """An offer with three plans, for a fault at each of its requests. The service names its copies of pictures at
    random, so that it has none.
    """

    kind, system = portal.Offer, PORTAL
    unconditional_operations = ("create",)

    def prepare_emulator(self, emulator: RunningEmulator) -> None:
        make_publisher(emulator)

    def operations(self) -> dict[str, Operation]:
        listing = {name: value for name, value in LISTING.items() if name not in ("logos", "screenshots")}
        first = program(listing=listing)
        second = program(alias="Other", listing={**listing, "title": "Other"}, plans=[*PLANS[1:], NEW_PLAN])
        adopting = program(listing=listing, adopt=True)

        def make_and_forget(stack: Stack) -> None:
            stack.up(second)
            stack.forget()

        return {
            "create": Operation.between({}, first),
            "update": Operation.between(first, second),
            "read": Operation(lambda stack: stack.up(first), Stack.refresh),
            "adopt": Operation(make_and_forget, lambda stack: stack.up(adopting)),
            "delete": Operation.between(first, {}),
        }


def counted(emulator: RunningEmulator) -> list[str]:
    return [request["method"] for request in emulator.requests() if request["service"] == "portal"]


def test_an_offer_is_made_with_two_requests_and_then_needs_none(
    stack: Stack, emulator: RunningEmulator
) -> None:
    assert stack.preview(program()) == {SUBJECT: "create"}
    assert stack.up(program()) == {SUBJECT: "create"}
    assert counted(emulator) == ["GET", "PUT"]
    assert stack.state[SUBJECT].id == "contoso/contoso-gateway"
    outputs = stack.state[SUBJECT].outputs
    assert (outputs["status"], outputs["published"], outputs["published_plans"]) == (
        "neverPublished",
        False,
        {},
    )
    emulator.clear()
    assert stack.preview(program()) == {}
    assert stack.up(program()) == {}
    assert counted(emulator) == []
    assert stack.refresh() == {}
    assert counted(emulator) == ["GET"]
    assert stack.up(program()) == {}


@pytest.mark.parametrize("is_migrated", [True, False])
@pytest.mark.parametrize("etag", ["always", "never"])
def test_an_offer_of_either_kind_converges(
    stack: Stack, emulator: RunningEmulator, is_migrated: bool, etag: str
) -> None:
    settings = {"is_migrated": is_migrated, "etag_on_get": etag}
    emulator._control("POST", "portal/behaviour", settings)
    stack.up(program())
    assert stack.state[SUBJECT].outputs["is_migrated"] is is_migrated
    assert stack.refresh() == {}
    changed = program(alias="Other", plans=PLANS[:2])
    assert stack.up(changed) == {SUBJECT: "update"}
    assert stack.refresh() == {}
    assert stack.up(changed) == {}


CHANGES = {
    "a text of the listing": {"listing": {**LISTING, "title": "Other"}},
    "a logo": {"listing": {**LISTING, "logos": {**LISTING["logos"], "small": signed("logos/2.png")}}},
    "a screenshot": {"listing": {**LISTING, "screenshots": []}},
    "categories": {"listing": {**LISTING, "categories": {"networking": ["firewalls"]}}},
    "contacts": {"listing": {**LISTING, "contacts": LISTING["contacts"][1:]}},
    "terms": {"terms_of_use": "", "uses_standard_contract": True, "amendment": "Thirty days."},
    "audience": {"preview_audience": [OTHER_SUBSCRIPTION]},
    "resale": {"csp_opt_in": "Disabled"},
    "leads": {"lead_destination": {"azure_table": {"connection_string": "AccountName=a;AccountKey=YWJj"}}},
    "test drive": {"test_drive": {"enabled": True, "description": "One hour."}},
    "plans": {"plans": [*PLANS[1:], {**PLANS[0], "plan_id": "another"}]},
}
PLAN_CHANGES: dict[str, dict[str, Any]] = {
    "title": {"title": "Other"},
    "markets": {"markets": "all"},
    "private": {"subscriptions": [OTHER_SUBSCRIPTION]},
    "private by a file": {"subscriptions_file": signed("audience.csv")},
    "clouds": {"clouds": ["azure-government", "public-azure"]},
    "system": {"operating_system": {"family": "Windows", "type": "Other", "name": "Server"}},
    "feature": {"features": {"nvme": True}},
    "ports": {"open_ports": [{"label": "web", "portRange": "443", "protocol": "tcp"}]},
    "price per size": {"pricing": {"per_size": {"1core": 0.01, "sharedcore": 0.001}}},
    "price per market": {"pricing": {"per_market": {"US": {"1core": 0.01}, "CA": {"1core": 0.02}}}},
    "spreadsheet": {"pricing": {"spreadsheet": signed("prices.xlsx")}},
    "free": {"pricing": {"free": True}},
    "image added": {
        "images": {**PLANS[0]["images"], "1.0.2": image("1.0.2", data_disks=[signed("data.vhd")])}
    },
    "image removed": {"images": {"1.0.1": image("1.0.1")}},
    "image moved": {"images": {"1.0.0": image("1.0.0"), "1.0.1": image("other")}},
}
ALL_CHANGES = {
    **{name: program(**change) for name, change in CHANGES.items()},
    **{f"plan: {name}": with_plan("basic", **change) for name, change in PLAN_CHANGES.items()},
}


@pytest.mark.sample(6)
@pytest.mark.parametrize("name", ALL_CHANGES)
def test_a_change_arrives_with_one_write_and_nothing_else_changes(
    name: str, stack: Stack, emulator: RunningEmulator
) -> None:
    stack.up(program())
    edit(emulator, offer={"microsoft-azure-marketplace.videos": [{"name": "Tour", "rank": 1.5}]})
    before = document(emulator)["definition"]
    emulator.clear()
    assert stack.preview(ALL_CHANGES[name]) == {SUBJECT: "update"}
    assert stack.up(ALL_CHANGES[name]) == {SUBJECT: "update"}
    assert counted(emulator) == ["GET", "PUT"]
    after = document(emulator)["definition"]
    assert after["offer"]["microsoft-azure-marketplace.videos"] == [{"name": "Tour", "rank": 1.5}]
    if name.startswith("plan: "):
        assert unsigned(after["offer"]) == unsigned(before["offer"])
        assert after["plans"][1:] == before["plans"][1:]
    assert stack.refresh() == {}
    assert stack.up(ALL_CHANGES[name]) == {}
    assert stack.up(program()) == {SUBJECT: "update"}
    assert stack.refresh() == {}


def unsigned(value: Any) -> Any:
    """Return a value without queries of addresses: the service signs its own copies anew."""
    return re.sub(r"\?[^\"]*", "", json.dumps(value))


LEADS = {"https": {"url": "https://leads.contoso.example.com"}, "contact_email": "ann@contoso.example.com"}
TEST_DRIVE = {"enabled": True, "description": "One hour."}
DRIFT: dict[str, dict[str, Any]] = {
    "listing": {"offer": {"microsoft-azure-marketplace.title": "By the portal"}},
    "terms_of_use": {"offer": {"microsoft-azure-marketplace.termsOfUse": None}},
    "preview_audience": {"offer": {"microsoft-azure-marketplace.allowedSubscriptions": [OTHER_SUBSCRIPTION]}},
    "uses_standard_contract": {"offer": {"microsoft-azure-marketplace.useEnterpriseContract": True}},
    "amendment": {"offer": {"microsoft-azure-marketplace.universalAmendmentTerms": "By the portal"}},
    "lead_destination": {
        "offer": {
            "microsoft-azure-marketplace.httpsEndpointLeadConfiguration": {
                "httpsEndpointUrl": "https://portal.example.com"
            }
        }
    },
    "test_drive": {"offer": {"microsoft-azure-marketplace-testdrive.description": "By the portal"}},
    "csp_opt_in": {"offer": {"microsoft-azure-marketplace.cspOfferOptIn": False}},
    "alias": {"display_text": "By the portal"},
    "plans": {"plans": {"basic": {f"{VM}.skuTitle": "By the portal"}}},
    "plans, a new one": {"plans": {"new": {"regions": ["US"]}}},
    "plans, one less": {"plans": {"basic": None}},
    "plans, a price": {
        "plans": {
            "basic": {
                name: {"isByol": False, "coreMultiplier": {"currency": "USD", "single": 9}}
                for name in ("virtualMachinePricing", "virtualMachinePricingV2")
            }
        }
    },
    "plans, an image": {
        "plans": {"basic": {f"{VM}.vmImages": {"1.0.1": {"osVhdUrl": signed("disks/portal.vhd")}}}}
    },
}


def test_every_argument_that_can_drift_has_an_example() -> None:
    fixed = {"publisher", "offer_id", "offer_type"}
    assert {name.partition(",")[0] for name in DRIFT} == set(OfferArguments.arguments()) - fixed


@pytest.mark.sample(4)
@pytest.mark.parametrize("name", DRIFT)
def test_a_change_of_the_portal_is_drift_and_repaired(
    name: str, stack: Stack, emulator: RunningEmulator
) -> None:
    full = program(lead_destination=LEADS, test_drive=TEST_DRIVE)
    stack.up(full)
    before = document(emulator)["definition"]
    edit(emulator, **DRIFT[name])
    assert stack.refresh() == {SUBJECT: [name.partition(",")[0]]}
    assert stack.up(full) == {SUBJECT: "update"}
    assert stack.refresh() == {}
    after = document(emulator)["definition"]
    assert {plan["planId"] for plan in after["plans"]} == {plan["planId"] for plan in before["plans"]}
    if name != "plans, one less":  # a plan that is made again lacks what the program does not declare
        assert unsigned(after["offer"]) == unsigned(before["offer"])


def test_members_that_the_program_leaves_alone_are_no_drift(stack: Stack, emulator: RunningEmulator) -> None:
    bare = program(listing=None, alias=None, lead_destination=None)
    stack.up(bare)
    edit(
        emulator,
        display_text="By the portal",
        offer={
            "microsoft-azure-marketplace.title": "By the portal",
            "microsoft-azure-marketplace.leadDestination": "HttpsEndpoint",
            "microsoft-azure-marketplace.httpsEndpointLeadConfiguration": {
                "httpsEndpointUrl": "https://a.example.com"
            },
        },
        plans={"basic": {f"{VM}.supportsBackup": True}},
    )
    assert stack.refresh() == {}
    before = document(emulator)["definition"]
    assert stack.up(program(listing=None, alias=None, terms_of_use="Other")) == {SUBJECT: "update"}
    after = document(emulator)["definition"]
    assert after["displayText"] == "By the portal"
    changed = {name for name, value in after["offer"].items() if value != before["offer"][name]}
    assert changed == {"microsoft-azure-marketplace.termsOfUse"}
    assert after["plans"] == before["plans"]


@pytest.mark.parametrize("is_live", [False, True])
def test_a_second_stack_adopts_the_offer_without_a_write(
    is_live: bool, stack: Stack, emulator: RunningEmulator
) -> None:
    stack.up(program())
    if is_live:
        go_live(emulator)
        assert stack.refresh() == {}
    before = copy.deepcopy(stack.state[SUBJECT])
    stack.forget()
    emulator.clear()
    assert stack.up(program()) == {SUBJECT: "create"}
    assert counted(emulator) == ["GET", *["GET"] * is_live]
    assert stack.state[SUBJECT] == before
    assert before.outputs["published"] is is_live


def test_an_offer_that_differs_is_refused_with_the_differing_members(
    stack: Stack, emulator: RunningEmulator
) -> None:
    stack.up(program())
    stack.forget()
    before = document(emulator)
    other = with_plan("basic", title="Other", pricing={"per_core": 0.2, "trial_months": 1})
    with pytest.raises(AdoptionRefused) as refusal:
        stack.up(other)
    assert "plans[basic].title is 'Basic', not 'Other'" in str(refusal.value)
    assert "plans[basic].pricing.per_core is '0.12', not '0.2'" in str(refusal.value)
    assert "logos" not in str(refusal.value)
    assert_readable(refusal.value)
    assert document(emulator)["changedTime"] == before["changedTime"]
    arguments = {**other[SUBJECT].arguments, "adopt": True}
    assert stack.up({SUBJECT: Declaration(portal.Offer, arguments)}) == {SUBJECT: "create"}
    assert stack.refresh() == {}
    small = "microsoft-azure-marketplace.smallLogo"
    assert unsigned(document(emulator)["definition"]["offer"][small]) == unsigned(
        before["definition"]["offer"][small]
    )


def test_an_offer_of_the_portal_is_adopted_in_any_spelling_of_its_names(
    stack: Stack, emulator: RunningEmulator
) -> None:
    stack.up(program())
    stack.forget()
    emulator.clear()
    assert stack.up(program(publisher="Contoso", offer_id="Contoso-Gateway")) == {SUBJECT: "create"}
    assert write_requests(emulator) == []
    assert stack.state[SUBJECT].id == "contoso/contoso-gateway"
    assert stack.refresh() == {}
    assert stack.up(program(publisher="Contoso", offer_id="Contoso-Gateway")) == {}
    assert stack.up(program()) == {}


def test_destroy_keeps_the_offer_and_says_so(
    stack: Stack, emulator: RunningEmulator, capfd: pytest.CaptureFixture[str]
) -> None:
    stack.up(program())
    capfd.readouterr()
    stack.destroy()
    assert "kept: offer contoso/contoso-gateway stays in Partner Center" in capfd.readouterr().out
    assert document(emulator)["id"] == "contoso-gateway"


def test_an_offer_that_is_gone_is_made_again(stack: Stack, emulator: RunningEmulator) -> None:
    stack.up(program())
    emulator.reset()
    emulator._control("POST", "portal/publishers", {"publisher": "contoso"})
    assert stack.refresh() == {SUBJECT: ["gone"]}
    assert stack.up(program()) == {SUBJECT: "create"}


REFUSED = {
    "per_core: 0.12 → 0.13: a live price may fall": with_plan(
        "basic", pricing={"per_core": 0.13, "trial_months": 1}
    ),
    "per_size.4core: 0.48 → 0.5": with_plan("basic", pricing={"per_size": {"1core": 0.1, "4core": 0.5}}),
    "per_market.US.USD.1core: 0.34 → 0.4": with_plan(
        "branch",
        pricing={"per_market": {market: {"1core": 0.4 if market == "US" else 0.01} for market in MARKETS}},
    ),
    "per_market.US.USD.4core: 0.48 → 0.5": with_plan(
        "basic", pricing={"per_market": {"US": {"4core": "0.5"}, "CA": {"4core": 9}}}
    ),
    "per_market.US.USD.2core: 0.68 → 0.69": with_plan("branch", pricing={"per_size": {"2core": "0.69"}}),
    "per_market.US.USD.1core: 0.34 → 0.35": with_plan("branch", pricing={"per_core": "0.35"}),
    "byol: a live plan keeps its licence model": with_plan("licensed", pricing={"free": True}),
    "subscriptions: a live public plan cannot become private": with_plan(
        "basic", subscriptions=[OTHER_SUBSCRIPTION]
    ),
    "images.1.0.1: the disks of a live version are fixed": with_plan(
        "basic", images={**PLANS[0]["images"], "1.0.1": image("moved")}
    ),
    "a live plan keeps its number of data disks": with_plan(
        "basic", images={**PLANS[0]["images"], "1.0.2": image("1.0.2", data_disks=[signed("data.vhd")])}
    ),
    "plans: 'basic' is live and cannot be removed": program(plans=PLANS[1:]),
    "cannot be replaced": program(offer_id="contoso-other"),
}


@pytest.mark.sample(4)
@pytest.mark.parametrize("words", REFUSED)
def test_what_is_fixed_once_live_is_refused_in_the_preview(
    words: str, stack: Stack, emulator: RunningEmulator
) -> None:
    stack.up(program())
    assert stack.preview(REFUSED[words])[SUBJECT] in ("update", "replace"), "allowed before it is live"
    go_live(emulator)
    emulator.clear()
    assert stack.refresh() == {}
    assert counted(emulator) == ["GET", "GET"]
    assert stack.refresh() == {}
    assert counted(emulator) == ["GET", "GET", "GET"]
    with pytest.raises(InputError) as refusal:
        stack.preview(REFUSED[words])
    assert words in str(refusal.value)
    assert_readable(refusal.value)
    assert stack.preview(program()) == {}


@pytest.mark.sample(3)
@pytest.mark.parametrize("words", [words for words in REFUSED if words != "cannot be replaced"])
@pytest.mark.parametrize("is_adoption", [False, True])
def test_what_went_live_after_the_last_refresh_is_refused_before_a_write(
    words: str, is_adoption: bool, stack: Stack, emulator: RunningEmulator
) -> None:
    stack.up(program())
    go_live(emulator)
    desired = REFUSED[words]
    if is_adoption:
        stack.forget()
        desired = {SUBJECT: Declaration(portal.Offer, {**desired[SUBJECT].arguments, "adopt": True})}
    emulator.clear()
    with pytest.raises(InputError) as refusal:
        stack.up(desired)
    assert words in str(refusal.value)
    assert_readable(refusal.value)
    assert set(counted(emulator)) == {"GET"}


ALLOWED = {
    "a lower price": with_plan("basic", pricing={"per_core": 0.11, "trial_months": 1}),
    "sizes that cost less": with_plan("basic", pricing={"per_size": {"1core": 0.1, "4core": 0.48}}),
    "prices of markets that cost less": with_plan(
        "basic", pricing={"per_market": {"US": {"4core": "0.48"}, "CA": {"4core": "0.7"}}}
    ),
    "a price per core that costs less": with_plan("branch", pricing={"per_core": "0.1"}),
    "a spreadsheet": with_plan("basic", pricing={"spreadsheet": signed("prices/plans.xlsx")}),
    "another market": with_plan("basic", markets=["US", "CA", "DE"]),
    "another plan": program(plans=[*PLANS, {**PLANS[0], "plan_id": "new"}]),
    "another image": with_plan("basic", images={**PLANS[0]["images"], "1.0.2": image("1.0.2")}),
    "one image less": with_plan("basic", images={"1.0.1": image("1.0.1")}),
    "a private plan for others": with_plan("licensed", subscriptions=[OTHER_SUBSCRIPTION]),
}


@pytest.mark.sample(2)
@pytest.mark.parametrize("name", ALLOWED)
def test_what_a_live_offer_allows_arrives(name: str, stack: Stack, emulator: RunningEmulator) -> None:
    stack.up(program())
    go_live(emulator)
    stack.refresh()
    assert stack.up(ALLOWED[name]) == {SUBJECT: "update"}
    assert stack.refresh() == {}
    assert stack.up(ALLOWED[name]) == {}


def test_a_preview_tells_what_changes_beside_signed_addresses(
    stack: Stack, emulator: RunningEmulator, capfd: pytest.CaptureFixture[str]
) -> None:
    """The engine shows an argument that has one as a secret, as a whole."""
    stack.up(program())
    capfd.readouterr()
    images = {**PLANS[0]["images"], "1.0.1": image("other")}
    stack.preview(with_plan("basic", title="Other", images=images))
    output = capfd.readouterr().out
    assert "plans[basic].title was 'Basic', becomes 'Other'" in output
    assert "plans[basic].images.1.0.1.os_disk was" in output
    assert "sig=" not in output


NOT_GIVEN_ANY_MORE = {
    "images": with_plan("basic", images=None),
    "pricing": with_plan("basic", pricing=None),
    "operating_system": with_plan("basic", operating_system=None),
    "features": with_plan("basic", features=None),
}


@pytest.mark.parametrize("name", NOT_GIVEN_ANY_MORE)
def test_a_part_of_a_plan_that_is_not_given_any_more_stays_and_the_preview_says_so(
    name: str, stack: Stack, emulator: RunningEmulator, capfd: pytest.CaptureFixture[str]
) -> None:
    stack.up(program())
    before = unsigned(document(emulator))
    capfd.readouterr()
    assert stack.preview(NOT_GIVEN_ANY_MORE[name]) == {SUBJECT: "update"}
    message = capfd.readouterr().out
    assert f"plans[basic].{name}: not given any more, stays as the service has it" in message
    assert "becomes" not in message
    emulator.clear()
    stack.up(NOT_GIVEN_ANY_MORE[name])
    assert set(counted(emulator)) == {"GET"}
    assert unsigned(document(emulator)) == before
    assert stack.up(NOT_GIVEN_ANY_MORE[name]) == {}


def test_a_preview_shows_the_disk_of_a_further_image_and_of_one_that_is_removed(
    stack: Stack, capfd: pytest.CaptureFixture[str]
) -> None:
    stack.up(program())
    given = stack.state[SUBJECT].outputs["plans"][0]["images"]
    for version in given:  # the engine hands over objects in any order
        given[version] = dict(reversed(given[version].items()))
    capfd.readouterr()
    stack.preview(with_plan("basic", images={"1.0.1": image("1.0.1"), "1.0.2": image("1.0.2")}))
    message = capfd.readouterr().out
    assert "plans[basic].images.1.0.0 was {'os_disk': 'https://contoso.blob" in message
    assert "images.1.0.2 was None, becomes {'os_disk': 'https://contoso.blob" in message


def test_a_preview_names_an_added_image_below_the_live_one(
    stack: Stack, emulator: RunningEmulator, capfd: pytest.CaptureFixture[str]
) -> None:
    stack.up(program())
    go_live(emulator)
    stack.refresh()
    capfd.readouterr()
    added = {version: image(version) for version in ("0.10.0", "1.0.10")}
    stack.preview(with_plan("basic", images={**PLANS[0]["images"], **added}))
    remark = "plans[basic].images.0.10.0: is below the live version 1.0.1"
    message = capfd.readouterr().out
    assert remark in message
    assert message.count("is below") == 1


def renewed(plan_id: str, end: str) -> dict[str, Declaration]:
    """Return the program with other signatures of a plan's disks."""
    images = {
        version: {"os_disk": image_["os_disk"].replace("2999", end).replace("c2ln", "bmV3")}
        for plan in PLANS
        if plan["plan_id"] == plan_id
        for version, image_ in plan["images"].items()
    }
    return with_plan(plan_id, images=images)


def test_a_renewed_signature_is_no_change_and_is_sent_with_the_next_one(
    stack: Stack, emulator: RunningEmulator
) -> None:
    stack.up(program())
    emulator.clear()
    assert stack.up(renewed("basic", "2998")) == {}
    assert counted(emulator) == []
    plans = [{**plan, "title": "Other"} for plan in renewed("basic", "2998")[SUBJECT].arguments["plans"]]
    assert stack.up(program(plans=plans)) == {SUBJECT: "update"}
    assert "2998" in document(emulator)["definition"]["plans"][0][f"{VM}.vmImages"]["1.0.0"]["osVhdUrl"]
    go_live(emulator)
    stack.refresh()
    assert stack.up(renewed("basic", "2997")) == {SUBJECT: "update"}
    assert "se=2997" not in json.dumps(document(emulator)), "the address of a live version is fixed"
    assert stack.refresh() == {}


def test_an_expired_signature_is_refused_before_anything_is_written(
    stack: Stack, emulator: RunningEmulator
) -> None:
    """A preview has no clock, and shows the offer as it will be."""
    reason = r"plans\[basic\]\.images\.1\.0\.0\.os_disk: its signature has expired"
    assert stack.preview(renewed("basic", "2020")) == {SUBJECT: "create"}
    with pytest.raises(InputError, match=reason):
        stack.up(renewed("basic", "2020"))
    assert write_requests(emulator) == []
    stack.up(program())
    plans = [{**plan, "title": "Other"} for plan in renewed("basic", "2020")[SUBJECT].arguments["plans"]]
    emulator.clear()
    with pytest.raises(InputError, match=reason):
        stack.up(program(plans=plans))
    assert write_requests(emulator) == []


def test_an_expired_signature_of_a_live_version_does_not_matter(
    stack: Stack, emulator: RunningEmulator
) -> None:
    stack.up(program())
    go_live(emulator)
    stack.refresh()
    assert stack.up(renewed("basic", "2020")) == {}
    plans = [{**plan, "title": "Other"} for plan in renewed("basic", "2020")[SUBJECT].arguments["plans"]]
    assert stack.up(program(plans=plans)) == {SUBJECT: "update"}


def test_an_address_that_expired_before_its_version_went_live_is_written_again_after_a_refresh(
    stack: Stack, emulator: RunningEmulator, capfd: pytest.CaptureFixture[str]
) -> None:
    stack.up(program())
    edit(
        emulator,
        plans={
            "basic": {
                f"{VM}.vmImages": {
                    version: {"osVhdUrl": image_["os_disk"].replace("2999", "2020")}
                    for version, image_ in PLANS[0]["images"].items()
                }
            }
        },
    )
    assert stack.up(program()) == {}
    stack.refresh()
    capfd.readouterr()
    assert stack.preview(program()) == {SUBJECT: "update"}
    assert "signatures of images in the draft have expired" in capfd.readouterr().out
    assert stack.up(program()) == {SUBJECT: "update"}
    assert "se=2020" not in json.dumps(document(emulator))
    assert stack.up(program()) == {}


@pytest.mark.parametrize(
    "part", [pytest.param(False, id="arguments"), pytest.param(True, id="parts", marks=pytest.mark.soak)]
)
def test_any_argument_and_any_part_of_it_may_be_unknown(part: bool, offline: None) -> None:
    """Without settings and service; an unknown counts as a change."""
    plugin = Plugin({})
    full = {
        **GATEWAY,
        "lead_destination": {"https": {"url": "https://a.example.com"}},
        "test_drive": {"enabled": True},
        "plans": [
            {**PLANS[0], "subscriptions": [OTHER_SUBSCRIPTION], "open_ports": [{"portRange": "1"}]},
            {
                **PLANS[1],
                "markets": ["US"],
                "pricing": {"per_market": {"US": {"1core": 1}}, "currencies": {"US": "EUR"}},
            },
        ],
    }
    old = plugin.check(portal.Offer, {}, full)
    live = {
        plan["plan_id"]: {
            "pricing": plan["pricing"],
            "is_private": False,
            "data_disks": 0,
            "images": {
                version: [disk["os_disk"].partition("?")[0] + "?sp=lr"]
                for version, disk in plan["images"].items()
            },
        }
        for plan in old["plans"]
        if plan["plan_id"] == "branch"
    }
    outputs = {
        **old,
        "status": "succeeded",
        "version": 1,
        "is_migrated": False,
        "published": False,
        "published_plans": live,
        "fingerprint": "0" * 32,
    }
    record = Record(portal.Offer, "contoso/contoso-gateway", old, outputs)
    for name, value in full.items():
        for changed in values_with_one_unknown(value) if part else [UNKNOWN]:
            checked = plugin.check(portal.Offer, old, {**full, name: changed})
            assert plugin.diff(record, through_rpc(checked)).changes
            assert plugin.check(portal.Offer, {}, {**full, name: changed}).keys() == old.keys()


SECRET = "c2VjcmV0LXNpZ25hdHVyZS1vZi1hLXByb2dyYW0"


def test_secrets_are_in_no_message(
    stack: Stack, emulator: RunningEmulator, capfd: pytest.CaptureFixture[str]
) -> None:
    """Of refusals, remarks and outputs that are no secret."""
    secret_disk = {"1.0.0": {"os_disk": signed("one.vhd", SECRET)}}
    leads = {"azure_table": {"connection_string": f"AccountName=a;AccountKey={SECRET}"}}
    mine = program(
        lead_destination=leads,
        listing={**LISTING, "title": "x" * 60},
        plans=[{**PLANS[0], "images": secret_disk}],
    )
    stack.up(mine)
    go_live(emulator)
    stack.refresh()
    messages = [capfd.readouterr().out]
    outputs = {
        name: stack.state[SUBJECT].outputs[name] for name in ("published_plans", "status", "fingerprint")
    }
    messages.append(json.dumps(outputs))
    for arguments in (
        {"plans": [{**PLANS[0], "images": {"1.0.0": {"os_disk": signed("two.vhd", SECRET)}}}]},
    ):
        with pytest.raises(InputError) as refusal:
            stack.preview(program(**{**mine[SUBJECT].arguments, **arguments}))
        messages.append(str(refusal.value))
    stack.forget()
    with pytest.raises(AdoptionRefused) as adoption:
        stack.up(program(plans=[{**PLANS[0], "images": {"1.0.0": {"os_disk": signed("two.vhd", SECRET)}}}]))
    messages.append(str(adoption.value))
    assert not [message for message in messages if SECRET in message]
