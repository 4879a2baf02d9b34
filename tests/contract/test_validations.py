"""Automated validation of an offer, rule by rule."""

from __future__ import annotations

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.contents import APPLICATION, GOOD, LOGO, NO_DIALOG
from tests.contract.publisher import CONTACT, ID, TEXTS, Publisher


@pytest.fixture
def api(emulator: RunningEmulator) -> Publisher:
    return Publisher(emulator)


def edit_listing(**members):
    return lambda api, product, plan: api.edit(
        product, "listings", api.read_listing(product)["id"], **members
    )


def edit_plan_listing(**members):
    return lambda api, product, plan: api.edit(
        product, "listings", api.read_listing(product, plan)["id"], **members
    )


def edit_module(name, **members):
    return lambda api, product, plan: api.edit_module(product, name, **members)


def edit_configuration(**members):
    return lambda api, product, plan: api.edit_module(product, "Package", plan, **members)


def edit_availability(**members):
    return lambda api, product, plan: api.edit(
        product, "featureAvailabilities", api.read_availability(product, plan)["id"], **members
    )


def replace_logo_by_small_one(api, product, plan):
    images = delete_logo(api, product)
    api.add_file(images, {**LOGO, "type": "AzureLogoSmall"}, b"a small logo")


def replace_logo_by_pending_one(api, product, plan):
    answer = api.call("POST", delete_logo(api, product), json=LOGO)
    assert answer.status_code == 201


def delete_logo(api, product):
    """Delete the listing's logo. Return the path of its images."""
    images = f"{product}/listings/{api.read_listing(product)['id']}/images"
    (logo,) = api.get(images)["value"]
    assert api.call("DELETE", f"{images}/{logo['id']}").status_code == 204
    return images


def use_package(api, product, plan, package):
    references = [{"type": "AzureApplicationPackage", "value": package["id"]}]
    api.edit_module(product, "Package", plan, packageReferences=references)


def use_pending_package(api, product, plan):
    use_package(api, product, plan, api.call("POST", f"{product}/packages", json=APPLICATION).json())


def use_failed_package(api, product, plan):
    use_package(api, product, plan, api.add_file(f"{product}/packages", APPLICATION, NO_DIALOG))


def use_package_of_another_offer(api, product, plan):
    (package,) = api.get(f"{api.create_complete_offer('fabrikam-other')}/packages")["value"]
    use_package(api, product, plan, package)


METER = {"isEnabled": True, "ID": "documents", "displayName": "Documents"}
MARKETS = [{"marketCode": code, "state": "Enabled"} for code in ("US", "CA")]
PRICED_IN_US = [
    {"isBaseSchedule": False, "marketCodes": ["US"], "schedules": [{"retailPrice": {"openPrice": 0}}]}
]
RULES = {
    "no title": (edit_listing(title=""), "Listing-20001"),
    "no summary": (edit_listing(summary=None), "Listing-20002"),
    "a blank summary": (edit_listing(summary="  "), "Listing-20002"),
    "no short description": (edit_listing(shortDescription=""), "Listing-20003"),
    "no description": (edit_listing(description=""), "Listing-20004"),
    "no support contact": (
        edit_listing(listingContacts=[{"type": "Engineering", **CONTACT}]),
        "Listing-20005",
    ),
    "no engineer": (edit_listing(listingContacts=[{"type": "CustomerSupport", **CONTACT}]), "Listing-20006"),
    "no privacy policy": (
        edit_listing(listingUris=[{"type": "PublicCloudSupport", "uri": "x"}]),
        "Listing-20007",
    ),
    "no large logo": (replace_logo_by_small_one, "Listing-20008"),
    "a logo without its file": (replace_logo_by_pending_one, "Listing-20008"),
    "no category": (edit_module("Property", leveledCategories={}), "Property-20001"),
    "an empty category": (edit_module("Property", leveledCategories={"web": []}), None),
    "no terms": (edit_module("Property", useEnterpriseContract=False, termsOfUse=""), "Property-20002"),
    "own terms": (edit_module("Property", useEnterpriseContract=False, termsOfUse="Be kind."), None),
    "no audience": (edit_module("Availability", audiences=[]), "Availability-20001"),
    "an empty audience": (
        edit_module("Availability", audiences=[{"type": "PreviewMarketplaceGroup", "values": []}]),
        "Availability-20001",
    ),
    "subscriptions with labels": (
        edit_module("Availability", audiences=[], subscriptionAudiences=[{"ID": ID, "description": "QA"}]),
        None,
    ),
    "no plan title": (edit_plan_listing(title=None), "Listing-20001"),
    "no plan summary": (edit_plan_listing(shortDescription=None), "Listing-20003"),
    "no plan description": (edit_plan_listing(description=None), "Listing-20004"),
    "no visibility": (edit_availability(visibility=None), "Availability-20002"),
    "private for nobody": (edit_availability(visibility="Private"), "Availability-20003"),
    "private for a tenant": (
        edit_availability(visibility="Private", tenantAudiences=[{"ID": ID, "description": ""}]),
        None,
    ),
    "no market": (edit_availability(marketStates=[]), "Availability-20004"),
    "no price": (edit_availability(priceSchedules=[]), "Availability-20005"),
    "no price in one market": (
        edit_availability(marketStates=MARKETS, priceSchedules=PRICED_IN_US),
        "Availability-20005",
    ),
    "free in the one market": (
        edit_availability(marketStates=MARKETS[:1], priceSchedules=PRICED_IN_US),
        None,
    ),
    "a meter without an identity": (edit_availability(customMeters=[METER]), "Package-20007"),
    "a meter that is off": (edit_availability(customMeters=[{**METER, "isEnabled": False}]), None),
    "no package": (edit_configuration(packageReferences=[]), "Package-20002"),
    "an unknown package": (
        edit_configuration(packageReferences=[{"type": "p", "value": ID}]),
        "Package-20003",
    ),
    "another offer's package": (use_package_of_another_offer, "Package-20003"),
    "a package without its file": (use_pending_package, "Package-20004"),
    "a bad package": (use_failed_package, "Package-20004"),
    "no version": (edit_configuration(version=None), "Package-20005"),
    "a short version": (edit_configuration(version="1.0"), "Package-20005"),
    "no tenant": (edit_configuration(publicAzureTenantID=None), "Package-20008"),
    "no authorization": (edit_configuration(publicAzureAuthorizations=[]), "Package-20009"),
}


@pytest.mark.sample(20)
@pytest.mark.parametrize(("change", "code"), RULES.values(), ids=RULES)
def test_validation_reports_the_broken_rule_and_no_other(api, change, code):
    product = api.create_complete_offer()
    plan = api.get(f"{product}/variants")["value"][0]["id"]
    change(api, product, plan)
    path = api.submit(product)
    assert api.read_state(path) == (("InProgress", "Failed") if code else ("Published", "ReadyToPublish"))
    assert api.read_problems(path) == ([code] if code else [])
    for item in api.get(f"{path}/validations")["value"]:
        assert list(item) == ["errorCode", "severity", "message", "resource"]
        assert (item["severity"], item["resource"]) == ("Error", code.partition("-")[0])


def test_a_validation_error_of_a_plan_names_the_plan(api):
    product = api.create_complete_offer(gold="managed-application", silver="managed-application")
    silver = api.get(f"{product}/variants")["value"][1]["id"]
    api.edit_module(product, "Package", silver, version="")
    path = api.submit(product)
    (item,) = api.get(f"{path}/validations")["value"]
    assert "silver" in item["message"]


def test_meters_are_valid_with_the_identity_of_the_offer(api):
    product = api.create_complete_offer()
    plan = api.get(f"{product}/variants")["value"][0]["id"]
    edit_availability(customMeters=[METER])(api, product, plan)
    identity = {"azureActiveDirectoryTenantID": ID, "azureActiveDirectoryApplicationID": ID}
    api.edit_module(product, "Package", **identity)
    assert api.go_live(product)


def test_a_solution_template_needs_neither_price_nor_tenant(api):
    assert api.go_live(api.create_complete_offer(silver="solution-template"))


def test_every_language_of_a_listing_is_validated(api):
    product = api.create_complete_offer()
    instance = api.read_instance_id(product, "Listing")
    body = {"resourceType": "AzureListing", "languageCode": "de-de", **TEXTS}
    answer = api.call("POST", f"{product}/listings/createWithInstanceID(instanceID={instance})", json=body)
    assert answer.status_code == 201
    path = api.submit(product)
    items = api.get(f"{path}/validations")["value"]
    assert sorted(item["errorCode"] for item in items) == [f"Listing-2000{number}" for number in (5, 6, 7, 8)]
    assert all("de-de" in item["message"] for item in items)


def test_an_offer_without_plans_cannot_be_published(api):
    product = api.create_offer()
    api.fill_offer(product)
    api.decide_reseller(product)
    assert api.read_problems(api.submit(product)) == ["Variant-20001"]


def test_the_reseller_channel_must_have_been_decided(api):
    product = api.create_offer()
    variant = api.create_plan(product, subType="managed-application")
    api.fill_offer(product)
    api.fill_plan(product, variant)
    assert api.read_problems(api.submit(product)) == ["Resell-20008"]


@pytest.mark.parametrize(
    ("module_name", "code"), [("Listing", "Listing"), ("ResellerConfiguration", "Resell")]
)
def test_a_module_missing_in_the_first_submission_is_reported(api, module_name, code):
    product = api.create_complete_offer()
    request = api.build_request(product)
    request["resources"] = [resource for resource in request["resources"] if resource["type"] != module_name]
    number = "20007" if code == "Resell" else "20000"
    assert api.read_problems(api.submit(product, request)) == [f"{code}-{number}"]


def test_a_plans_module_missing_in_the_first_submission_is_reported(api):
    product = api.create_complete_offer()
    request = api.build_request(product)
    (entry,) = request["variantResources"]
    entry["resources"] = [resource for resource in entry["resources"] if resource["type"] != "Package"]
    path = api.submit(product, request)
    (item,) = api.get(f"{path}/validations")["value"]
    assert (item["errorCode"], "gold" in item["message"]) == ("Package-20000", True)


@pytest.mark.parametrize(
    ("version", "is_other_package", "codes"),
    [
        ("1.0.0", True, ["Package-20006"]),
        ("0.9.9", True, ["Package-20006"]),
        ("1.0.1", True, []),
        ("1.0.10", True, []),
        ("1.0.0", False, []),
    ],
)
def test_another_package_needs_a_higher_version(api, version, is_other_package, codes):
    product = api.create_complete_offer()
    api.go_live(product)
    plan = api.get(f"{product}/variants")["value"][0]["id"]
    api.edit_module(product, "Package", plan, version=version)
    if is_other_package:
        use_package(api, product, plan, api.add_file(f"{product}/packages", APPLICATION, GOOD))
    assert api.read_problems(api.submit(product)) == codes


@pytest.mark.parametrize(
    ("offer_type", "codes"),
    [
        (
            "AzureDynamics365BusinessCentral",
            {
                "Property-20002",
                "Property-20003",
                "Package-20002",
                "Availability-20006",
                "Listing-20010",
                "Listing-20011",
            },
        ),
        ("AzureDynamics365ForCustomerEngagement", {"Availability-20006", "Package-20012"}),
        ("AzureDynamics365ForOperations", {"Availability-20006", "Package-20013"}),
        ("SoftwareAsAService", {"Package-20001", "Variant-20001"}),
        ("AzureThirdPartyVirtualMachine", {"Listing-20009", "Variant-20001"}),
        ("AzureContainer", {"Listing-20009", "Variant-20001"}),
        ("AzureConsultingService", set()),
    ],
)
def test_offers_of_other_types_are_validated_by_their_documented_rules(api, offer_type, codes):
    product = api.create_offer(offer_type=offer_type)
    api.fill_offer(product)
    body = api.build_request(product, ["Availability", "Property", "Listing"])
    if "Dynamics365" in offer_type or offer_type == "SoftwareAsAService":
        body = api.build_request(product, ["Availability", "Property", "Listing", "Package"])
    assert set(api.read_problems(api.submit(product, body))) == codes


@pytest.mark.parametrize(("amount", "is_found"), [(None, True), (0, False), (49, False)])
def test_a_plan_of_a_saas_offer_that_microsoft_sells_needs_a_price_which_may_be_zero(api, amount, is_found):
    product = api.create_offer(offer_type="SoftwareAsAService")
    plan = api.create_plan(product)["id"]
    api.price(product, plan, amount)
    problems = api.read_problems(api.submit(product, api.build_request(product, ["Availability"])))
    assert ("Availability-20005" in problems) == is_found


@pytest.mark.parametrize(
    ("expiry", "codes"),
    [("2001-01-01", {"Package-20014"}), ("2001-01-01T12:00:00Z", {"Package-20014"}), ("2999-01-01", set())],
)
def test_the_address_of_a_customer_engagement_package_must_not_have_expired(api, expiry, codes):
    product = api.create_offer(offer_type="AzureDynamics365ForCustomerEngagement")
    api.fill_offer(product)
    address = f"https://contoso.example.com/package.zip?sp=r&se={expiry}&sig=ZXhhbXBsZQ"
    api.edit_module(product, "Package", packageLocationUri=address)
    body = api.build_request(product, ["Availability", "Property", "Listing", "Package"])
    assert set(api.read_problems(api.submit(product, body))) == {"Availability-20006", *codes}
