"""Validation of Business Central offers, and submissions that are never validated."""

from __future__ import annotations

import io
import zipfile

import pytest
from tests.contract.central_publisher import APP, LIBRARY, CentralPublisher
from tests.contract.contents import GUIDE, LOGO
from tests.contract.test_business_central import LIVE, NOT_APPLICABLE, READY, client, portal, state_of
from tests.unit.app_files import build_app

__all__ = ["client", "portal"]

MODULES = ("Availability", "Listing", "Package", "Property")


@pytest.fixture
def product(portal: CentralPublisher) -> str:
    """Path of a complete offer of version 1.0.0.0 that was never submitted."""
    return portal.create_central_offer()


def find_problems(portal: CentralPublisher, product: str) -> list[str]:
    return portal.read_problems(portal.submit(product, portal.build_request(product, MODULES)))


def refer(portal: CentralPublisher, product: str, **files: bytes) -> None:
    """Upload files and let the configuration refer to them: `app`, `libraries`."""
    references = []
    for kind, content in files.items():
        type_ = APP if kind == "app" else LIBRARY
        body = {"resourceType": type_, "fileName": f"{kind}.app"}
        package = portal.add_file(f"{product}/packages", body, content)
        references.append({"type": type_, "value": package["id"]})
    portal.edit_module(product, "Package", packageReferences=references)


def build_zip(*apps: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number, app in enumerate(apps):
            archive.writestr(f"{number}.app", app)
    return target.getvalue()


class TestLostSubmissions:
    def test_a_part_of_a_new_offer_is_accepted_and_in_no_list(self, portal, client, product):
        answer = portal.send(product, portal.build_request(product, ("Package", "Property"))).json()
        assert (state_of(answer), answer["releaseNumber"]) == (("InProgress", "InDraft"), 1)
        path = f"{product}/submissions/{answer['id']}"
        assert client.newest(product) is None
        assert portal.get(path)["pendingUpdateInfo"] == {
            "updateType": "Create",
            "status": "Failed",
            "failureReason": "Active validation errors",
            "href": f"v1.0/ingestion{path}/validations",
        }
        assert state_of(portal.get(path)) == ("InProgress", "InDraft")
        assert [resource["type"] for resource in portal.get(path)["resources"]] == ["Package", "Property"]
        assert portal.get(f"{path}/workflowdetails") == {"value": []}
        assert portal.read_problems(path) == ["Availability-20000", "Listing-20000"]
        assert portal.promote(path).status_code == 409

    def test_it_blocks_no_other_submission_and_takes_no_release_number(self, portal, client, product):
        part = portal.build_request(product, ("Package", "Property"))
        lost = portal.submit(product, part)
        assert portal.go_live(product, portal.build_request(product, MODULES))
        assert client.newest(product)["releaseNumber"] == 1
        assert state_of(portal.get(lost)) == ("InProgress", "InDraft")
        assert state_of(client.release(product, ("2.app", b"NAVX"), version="2.0.0.0")) == READY

    def test_it_can_be_cancelled(self, portal, product):
        lost = portal.submit(product, portal.build_request(product, ("Package", "Property")))
        assert portal.call("DELETE", lost).status_code == 204
        assert portal.call("GET", lost).status_code == 404

    def test_no_decision_of_the_control_plane_is_used_up(self, portal, emulator, product):
        emulator.decide("validation", "fail")
        portal.submit(product, portal.build_request(product, ("Package", "Property")))
        path = portal.submit(product, portal.build_request(product, MODULES))
        assert portal.read_state(path) == ("InProgress", "Failed")


class TestVersions:
    @pytest.mark.parametrize(
        ("version", "codes"), [("1.0.0.0", []), ("0.9.0.0", []), ("1.0.0.1", ["Package-20015"])]
    )
    def test_an_app_may_be_older_than_the_version_of_the_offer_and_not_newer(
        self, portal, product, version, codes
    ):
        refer(portal, product, app=build_app("Ledger", version))
        assert find_problems(portal, product) == codes

    def test_an_app_goes_live_with_its_version(self, portal, client):
        product = portal.create_live_offer()
        app = ("2.app", build_app("Ledger", "2.0.0.0"))
        assert state_of(client.release(product, app, version="2.0.0.0", auto_promote=True)) == LIVE

    @pytest.mark.parametrize(
        ("libraries", "codes"),
        [
            (build_zip(build_app("Base"), build_app("Text", "3.0.0.0")), []),
            (build_zip(build_app("Base", "1.0.0.0"), build_app("Base", "1.0.0.1")), ["Package-20016"]),
            (build_app("Base", "7.0.0.0"), []),
            (build_zip(b"NAVX"), []),
            (b"PK", []),
        ],
        ids=["two apps", "two versions of one app", "one app", "unreadable app", "unreadable zip"],
    )
    def test_a_file_of_libraries_has_one_version_of_each_app(self, portal, product, libraries, codes):
        refer(portal, product, app=build_app("Ledger", "1.0.0.0"), libraries=libraries)
        assert find_problems(portal, product) == codes


@pytest.mark.parametrize(("hide_key", "codes"), [("contoso1", []), ("Contoso-1", ["Availability-20007"])])
def test_a_hide_key_has_lowercase_letters_and_digits(portal, product, hide_key, codes):
    portal.edit_module(product, "Availability", hideKeyAudience=hide_key)
    assert find_problems(portal, product) == codes


def test_an_offer_without_a_market_fails_validation(portal, product):
    portal.edit(product, "featureAvailabilities", portal.read_markets(product)["id"], marketStates=[])
    assert find_problems(portal, product) == ["Availability-20006"]


def test_a_listing_is_in_one_language(portal, product):
    instance = portal.read_instance_id(product, "Listing")
    listing = {
        name: value
        for name, value in portal.read_listing(product).items()
        if name not in ("id", "@odata.etag")
    }
    path = f"{product}/listings/createWithInstanceID(instanceID={instance})"
    portal.post(path, {**listing, "languageCode": "de-de"}, 201)
    assert "Listing-20012" in find_problems(portal, product)


@pytest.mark.parametrize(
    ("path", "body", "total", "code"),
    [
        ("images", {**LOGO, "type": "AzureLogoScreenshot"}, 6, "Listing-20013"),
        ("assets", GUIDE, 4, "Listing-20014"),
    ],
)
def test_a_listing_has_five_screenshots_and_three_documents_at_most(portal, product, path, body, total, code):
    files = f"{product}/listings/{portal.read_listing(product)['id']}/{path}"
    screenshots = [file for file in portal.get(files)["value"] if file["type"] == body["type"]]
    for number in range(len(screenshots), total):
        portal.add_file(files, {**body, "fileName": f"more-{number}.png"}, b"content")
    assert find_problems(portal, product) == [code]


def test_the_configuration_of_a_new_offer_has_its_type_and_no_package(portal):
    product = portal.create_offer("contoso-new", "AzureDynamics365BusinessCentral")
    draft = portal.read_draft(product, "Package", "packageConfigurations")
    assert (draft["packageType"], draft["packageReferences"]) == ("AddOn", [])


def test_properties_of_a_branch_are_not_applicable(portal):
    central = portal.create_offer("contoso-new", "AzureDynamics365BusinessCentral")
    answer = portal.call("GET", f"{central}/properties?branchId=main")
    assert (answer.status_code, answer.json()) == (400, NOT_APPLICABLE)
    other = portal.create_offer("contoso-other")
    assert portal.call("GET", f"{other}/properties?branchId=main").status_code == 501


def test_modules_are_named_in_the_order_that_clients_print(portal, client):
    product = portal.create_live_offer()
    resources = [resource["type"] for resource in client.newest(product)["resources"]]
    assert resources[:4] == ["Availability", "Listing", "Package", "Property"]
