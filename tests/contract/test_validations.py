"""Automated validation: what it asks of an offer, one rule after the other."""

from __future__ import annotations

import pytest
from provider.tools.emulators import Serving
from tests.contract.complete import CONTACT, ID, TEXTS, Publisher
from tests.contract.contents import APPLICATION, GOOD, LOGO, NO_DIALOG


@pytest.fixture
def api(emulator: Serving) -> Publisher:
    return Publisher(emulator)


def listing(**members):
    return lambda api, product, plan: api.edit(product, "listings", api.listing(product)["id"], **members)


def plan_listing(**members):
    return lambda api, product, plan: api.edit(
        product, "listings", api.listing(product, plan)["id"], **members
    )


def module(name, **members):
    return lambda api, product, plan: api.edit_module(product, name, **members)


def configuration(**members):
    return lambda api, product, plan: api.edit_module(product, "Package", plan, **members)


def availability(**members):
    return lambda api, product, plan: api.edit(
        product, "featureAvailabilities", api.availability(product, plan)["id"], **members
    )


def no_large_logo(api, product, plan):
    images = without_logo(api, product)
    api.add_file(images, {**LOGO, "type": "AzureLogoSmall"}, b"a small logo")


def a_logo_without_its_file(api, product, plan):
    answer = api.call("POST", without_logo(api, product), json=LOGO)
    assert answer.status_code == 201


def without_logo(api, product):
    """The path of the listing's images, of which there is none any more."""
    images = f"{product}/listings/{api.listing(product)['id']}/images"
    (logo,) = api.get(images)["value"]
    assert api.call("DELETE", f"{images}/{logo['id']}").status_code == 204
    return images


def refer(api, product, plan, package):
    references = [{"type": "AzureApplicationPackage", "value": package["id"]}]
    api.edit_module(product, "Package", plan, packageReferences=references)


def a_pending_package(api, product, plan):
    refer(api, product, plan, api.call("POST", f"{product}/packages", json=APPLICATION).json())


def a_bad_package(api, product, plan):
    refer(api, product, plan, api.add_file(f"{product}/packages", APPLICATION, NO_DIALOG))


def anothers_package(api, product, plan):
    (theirs,) = api.get(f"{api.complete('fabrikam-other')}/packages")["value"]
    refer(api, product, plan, theirs)


METER = {"isEnabled": True, "ID": "documents", "displayName": "Documents"}
SOLD = [{"marketCode": code, "state": "Enabled"} for code in ("US", "CA")]
PRICED_IN_US = [
    {"isBaseSchedule": False, "marketCodes": ["US"], "schedules": [{"retailPrice": {"openPrice": 0}}]}
]
RULES = {
    "no title": (listing(title=""), "Listing-20001"),
    "no summary": (listing(summary=None), "Listing-20002"),
    "a blank summary": (listing(summary="  "), "Listing-20002"),
    "no short description": (listing(shortDescription=""), "Listing-20003"),
    "no description": (listing(description=""), "Listing-20004"),
    "no support contact": (listing(listingContacts=[{"type": "Engineering", **CONTACT}]), "Listing-20005"),
    "no engineer": (listing(listingContacts=[{"type": "CustomerSupport", **CONTACT}]), "Listing-20006"),
    "no privacy policy": (listing(listingUris=[{"type": "PublicCloudSupport", "uri": "x"}]), "Listing-20007"),
    "no large logo": (no_large_logo, "Listing-20008"),
    "a logo without its file": (a_logo_without_its_file, "Listing-20008"),
    "no category": (module("Property", leveledCategories={}), "Property-20001"),
    "an empty category": (module("Property", leveledCategories={"web": []}), None),
    "no terms": (module("Property", useEnterpriseContract=False, termsOfUse=""), "Property-20002"),
    "own terms": (module("Property", useEnterpriseContract=False, termsOfUse="Be kind."), None),
    "no audience": (module("Availability", audiences=[]), "Availability-20001"),
    "an empty audience": (
        module("Availability", audiences=[{"type": "PreviewMarketplaceGroup", "values": []}]),
        "Availability-20001",
    ),
    "subscriptions with labels": (
        module("Availability", audiences=[], subscriptionAudiences=[{"ID": ID, "description": "QA"}]),
        None,
    ),
    "no plan title": (plan_listing(title=None), "Listing-20001"),
    "no plan summary": (plan_listing(shortDescription=None), "Listing-20003"),
    "no plan description": (plan_listing(description=None), "Listing-20004"),
    "no visibility": (availability(visibility=None), "Availability-20002"),
    "private for nobody": (availability(visibility="Private"), "Availability-20003"),
    "private for a tenant": (
        availability(visibility="Private", tenantAudiences=[{"ID": ID, "description": ""}]),
        None,
    ),
    "no market": (availability(marketStates=[]), "Availability-20004"),
    "no price": (availability(priceSchedules=[]), "Availability-20005"),
    "no price in one market": (
        availability(marketStates=SOLD, priceSchedules=PRICED_IN_US),
        "Availability-20005",
    ),
    "free in the one market": (
        availability(marketStates=SOLD[:1], priceSchedules=PRICED_IN_US),
        None,
    ),
    "a meter without an identity": (availability(customMeters=[METER]), "Package-20007"),
    "a meter that is off": (availability(customMeters=[{**METER, "isEnabled": False}]), None),
    "no package": (configuration(packageReferences=[]), "Package-20002"),
    "an unknown package": (configuration(packageReferences=[{"type": "p", "value": ID}]), "Package-20003"),
    "another offer's package": (anothers_package, "Package-20003"),
    "a package without its file": (a_pending_package, "Package-20004"),
    "a bad package": (a_bad_package, "Package-20004"),
    "no version": (configuration(version=None), "Package-20005"),
    "a short version": (configuration(version="1.0"), "Package-20005"),
    "no tenant": (configuration(publicAzureTenantID=None), "Package-20008"),
    "no authorization": (configuration(publicAzureAuthorizations=[]), "Package-20009"),
}


@pytest.mark.sample(20)
@pytest.mark.parametrize(("change", "code"), RULES.values(), ids=RULES)
def test_what_is_missing_is_named_and_nothing_else(api, change, code):
    product = api.complete()
    plan = api.get(f"{product}/variants")["value"][0]["id"]
    change(api, product, plan)
    path = api.submit(product)
    assert api.stands(path) == (("InProgress", "Failed") if code else ("Published", "ReadyToPublish"))
    assert api.problems(path) == ([code] if code else [])
    for item in api.get(f"{path}/validations")["value"]:
        assert list(item) == ["errorCode", "severity", "message", "resource"]
        assert (item["severity"], item["resource"]) == ("Error", code.partition("-")[0])


def test_a_plans_problem_names_the_plan(api):
    product = api.complete(gold="managed-application", silver="managed-application")
    silver = api.get(f"{product}/variants")["value"][1]["id"]
    api.edit_module(product, "Package", silver, version="")
    path = api.submit(product)
    (item,) = api.get(f"{path}/validations")["value"]
    assert "silver" in item["message"]


def test_meters_pass_with_the_offers_identity(api):
    product = api.complete()
    plan = api.get(f"{product}/variants")["value"][0]["id"]
    availability(customMeters=[METER])(api, product, plan)
    identity = {"azureActiveDirectoryTenantID": ID, "azureActiveDirectoryApplicationID": ID}
    api.edit_module(product, "Package", **identity)
    assert api.go_live(product)


def test_a_solution_template_needs_neither_price_nor_tenant(api):
    assert api.go_live(api.complete(silver="solution-template"))


def test_each_language_is_looked_at(api):
    product = api.complete()
    instance = api.instance(product, "Listing")
    body = {"resourceType": "AzureListing", "languageCode": "de-de", **TEXTS}
    answer = api.call("POST", f"{product}/listings/createWithInstanceID(instanceID={instance})", json=body)
    assert answer.status_code == 201
    path = api.submit(product)
    items = api.get(f"{path}/validations")["value"]
    assert sorted(one["errorCode"] for one in items) == [f"Listing-2000{n}" for n in (5, 6, 7, 8)]
    assert all("de-de" in one["message"] for one in items)


def test_an_offer_without_plans_cannot_be_published(api):
    product = api.offer()
    api.fill_offer(product)
    api.decide_reseller(product)
    assert api.problems(api.submit(product)) == ["Variant-20001"]


def test_the_reseller_channel_must_have_been_decided(api):
    product = api.offer()
    variant = api.plan(product, subType="managed-application")
    api.fill_offer(product)
    api.fill_plan(product, variant)
    assert api.problems(api.submit(product)) == ["Resell-20008"]


@pytest.mark.parametrize(
    ("module_name", "code"), [("Listing", "Listing"), ("ResellerConfiguration", "Resell")]
)
def test_a_module_that_is_left_out_of_the_first_submission_is_missing(api, module_name, code):
    product = api.complete()
    request = api.request(product)
    request["resources"] = [one for one in request["resources"] if one["type"] != module_name]
    number = "20007" if code == "Resell" else "20000"
    assert api.problems(api.submit(product, request)) == [f"{code}-{number}"]


def test_a_plans_module_that_is_left_out_is_missing(api):
    product = api.complete()
    request = api.request(product)
    (entry,) = request["variantResources"]
    entry["resources"] = [one for one in entry["resources"] if one["type"] != "Package"]
    path = api.submit(product, request)
    (item,) = api.get(f"{path}/validations")["value"]
    assert (item["errorCode"], "gold" in item["message"]) == ("Package-20000", True)


@pytest.mark.parametrize(
    ("version", "is_another", "codes"),
    [
        ("1.0.0", True, ["Package-20006"]),
        ("0.9.9", True, ["Package-20006"]),
        ("1.0.1", True, []),
        ("1.0.10", True, []),
        ("1.0.0", False, []),
    ],
)
def test_another_package_needs_a_higher_version(api, version, is_another, codes):
    product = api.complete()
    api.go_live(product)
    plan = api.get(f"{product}/variants")["value"][0]["id"]
    api.edit_module(product, "Package", plan, version=version)
    if is_another:
        refer(api, product, plan, api.add_file(f"{product}/packages", APPLICATION, GOOD))
    assert api.problems(api.submit(product)) == codes


@pytest.mark.parametrize(
    ("offer_type", "codes"),
    [
        ("AzureDynamics365BusinessCentral", {"Property-20003", "Package-20002"}),
        ("SoftwareAsAService", {"Package-20001", "Variant-20001"}),
        ("AzureThirdPartyVirtualMachine", {"Listing-20009", "Variant-20001"}),
        ("AzureContainer", {"Listing-20009", "Variant-20001"}),
        ("AzureConsultingService", set()),
    ],
)
def test_other_types_need_what_is_known_of_them(api, offer_type, codes):
    product = api.offer(offer_type=offer_type)
    api.fill_offer(product)
    body = api.request(product, ["Availability", "Property", "Listing"])
    if offer_type in ("AzureDynamics365BusinessCentral", "SoftwareAsAService"):
        body = api.request(product, ["Availability", "Property", "Listing", "Package"])
    assert set(api.problems(api.submit(product, body))) == codes
