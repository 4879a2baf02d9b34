"""Packages: processing of zips, its results and delays, and packages that cannot be deleted."""

from __future__ import annotations

import json

import pytest
from provider.tools.emulators import RunningEmulator, serve
from tests.contract.contents import (
    APPLICATION,
    ATTRIBUTION,
    DIALOG,
    GOOD,
    NO_DIALOG,
    build_template,
    build_zip,
)
from tests.contract.raw_api import RawApi, error_document, split_signature

from pulumi_partnercenter.emulator.submission import archives

CENTRAL = "Dynamics365BusinessCentralAddOnExtensionPackage"


@pytest.fixture
def api(emulator: RunningEmulator) -> RawApi:
    return RawApi(emulator)


@pytest.fixture
def product(api: RawApi) -> str:
    return api.create_offer()


def upload_package(api: RawApi, product: str, content: bytes | None, body: dict = APPLICATION) -> dict:
    """Create a package with this file and mark it as uploaded. Return the document."""
    package = api.post(f"{product}/packages", body, 201)
    if content is not None:
        api.upload(package["fileSasUri"], content)
    answer = api.put(f"{product}/packages/{package['id']}", {**package, "state": "Uploaded"}, None)
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == answer.json()["@odata.etag"] != package["@odata.etag"]
    return answer.json()


def test_a_package_is_created_uploaded_processed_and_deleted(api, product):
    answer = api.call("POST", f"{product}/packages", json=APPLICATION)
    package = answer.json()
    path = f"{product}/packages/{package['id']}"
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{api.emulator.api}{path}"
    assert answer.headers["etag"] == package["@odata.etag"]
    assert package.items() >= {**APPLICATION, "state": "PendingUpload"}.items()
    assert "fileSize" not in package
    assert (
        split_signature(package["fileSasUri"])[1]["sp"]
        == split_signature(api.get(path)["fileSasUri"])[1]["sp"]
        == "rwl"
    )

    api.upload(package["fileSasUri"], GOOD)
    processed = api.put(path, {**package, "state": "Uploaded"}, None).json()
    assert processed["state"] == "Processed"
    assert processed["fileSize"] == len(GOOD)
    assert processed["isEmpty"] is False
    assert "validationItems" not in processed
    assert split_signature(processed["fileSasUri"])[1]["sp"] == "rl"
    assert api.blob("GET", api.get(path)["fileSasUri"]).content == GOOD
    (listed_package,) = api.get(f"{product}/packages")["value"]
    assert listed_package | {"fileSasUri": 0} == processed | {"fileSasUri": 0}
    assert api.call("DELETE", path).status_code == 204
    assert api.get(f"{product}/packages") == {"value": []}


NO_TEMPLATE = build_zip(createUiDefinition__json=DIALOG)
IN_A_FOLDER = build_zip(
    app_in_mainTemplate__json=build_template(ATTRIBUTION), createUiDefinition__json=DIALOG
)
NO_JSON = build_zip(mainTemplate__json=b"{'a': 1}", createUiDefinition__json=DIALOG)
NO_OBJECT = build_zip(mainTemplate__json=build_template(ATTRIBUTION), createUiDefinition__json="[]")
NO_TEXT = build_zip(mainTemplate__json=b"\xff\xfe{}", createUiDefinition__json=DIALOG)
DEEP = build_zip(mainTemplate__json="[" * 200_000, createUiDefinition__json=DIALOG)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No file"),
        (b"", "not a zip"),
        (b"PK\x03\x04 and nothing more", "not a zip"),
        (NO_TEMPLATE, "mainTemplate.json is missing"),
        (IN_A_FOLDER, "mainTemplate.json is missing"),
        (NO_DIALOG, "createUiDefinition.json is missing"),
        (NO_JSON, "mainTemplate.json is not valid JSON"),
        (NO_OBJECT, "createUiDefinition.json is not valid JSON"),
        (NO_TEXT, "mainTemplate.json is not valid JSON"),
        (DEEP, "mainTemplate.json is not valid JSON"),
        (GOOD[: len(GOOD) // 2], "not a zip"),
    ],
)
def test_an_invalid_package_fails_with_the_reason(api, product, content, message):
    package = upload_package(api, product, content)
    assert package["state"] == "ProcessFailed"
    (item,) = package["validationItems"]
    assert item["severity"] == "Error"
    assert item["resource"] == "Package"
    assert item["errorCode"]
    assert message in item["message"]
    assert api.get(f"{product}/packages/{package['id']}")["validationItems"] == [item]


def test_a_package_with_a_damaged_entry_fails(api, product):
    start = GOOD.index(b'{"$schema"')
    damaged = GOOD[:start] + b"X" + GOOD[start + 1 :]
    assert upload_package(api, product, damaged)["state"] == "ProcessFailed"


NETWORK = {**ATTRIBUTION, "name": "network"}


@pytest.mark.parametrize(
    "resources",
    [
        (NETWORK,),
        (5, None, [ATTRIBUTION], NETWORK),
        ({**NETWORK, "properties": {"template": {"resources": [ATTRIBUTION]}}},),
        ({**ATTRIBUTION, "name": "[variables('id')]"},),
        ({**ATTRIBUTION, "name": "pid-00000000-0000-0000-0000-000000000000-partnercenter"},),
    ],
)
def test_deployments_without_a_tracking_id_are_processed_with_a_warning(api, product, resources):
    content = build_zip(mainTemplate__json=build_template(*resources), createUiDefinition__json=DIALOG)
    package = upload_package(api, product, content)
    assert package["state"] == "Processed"
    assert [item["severity"] for item in package["validationItems"]] == ["Warning"]


@pytest.mark.parametrize(
    "resources",
    [
        (),
        ({**ATTRIBUTION, "type": "Microsoft.Storage/storageAccounts"},),
        ({**NETWORK, "existing": True},),
        (NETWORK, {**ATTRIBUTION, "name": "pid-contoso-partnercenter"}),
        (NETWORK, {"type": "Microsoft.Web/sites", "resources": [ATTRIBUTION]}),
    ],
)
def test_packages_without_other_deployments_or_with_a_tracking_id_have_no_warning(api, product, resources):
    content = build_zip(mainTemplate__json=build_template(*resources), createUiDefinition__json=DIALOG)
    assert "validationItems" not in upload_package(api, product, content)


@pytest.mark.parametrize(
    "text",
    [
        '// what customers deploy\n{%s /* more */, "note": "https://example.com//a"}',
        "{%s,}",
        '{%s, "note": "one\ntwo"}',
        "\ufeff{%s}",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_templates_may_have_comments_trailing_commas_and_other_encodings(api, product, text, encoding):
    data = (text % build_template(ATTRIBUTION)[1:-1]).removeprefix("\ufeff" if encoding == "utf-16" else "")
    content = build_zip(
        mainTemplate__json=data.encode(encoding), createUiDefinition__json=f"{DIALOG} // none"
    )
    package = upload_package(api, product, content)
    assert package["state"] == "Processed"
    assert "validationItems" not in package


def test_a_template_may_name_its_resources_and_start_with_a_byte_order_mark(api, product):
    text = json.dumps({"languageVersion": "2.0", "resources": {"usage": ATTRIBUTION}})
    content = build_zip(mainTemplate__json=text.encode("utf-8-sig"), createUiDefinition__json=DIALOG)
    assert "validationItems" not in upload_package(api, product, content)


def test_a_package_that_is_too_large_fails(api, product, monkeypatch):
    monkeypatch.setattr(archives, "LARGEST_PACKAGE", len(GOOD) - 1)
    (item,) = upload_package(api, product, GOOD)["validationItems"]
    assert "1 GB" in item["message"]


@pytest.mark.parametrize(("content", "state"), [(b"no zip", "Processed"), (None, "ProcessFailed")])
def test_a_business_central_package_is_not_inspected(api, content, state):
    product = api.create_offer("contoso-central", "AzureDynamics365BusinessCentral")
    package = upload_package(api, product, content, {"resourceType": CENTRAL, "fileName": "contoso.app"})
    assert package["state"] == state
    assert package["resourceType"] == CENTRAL


def test_a_processed_business_central_package_is_returned_without_type_and_address(api):
    """The service's documentation shows an answer with exactly these members."""
    product = api.create_offer("contoso-central", "AzureDynamics365BusinessCentral")
    package = upload_package(api, product, b"NAVX", {"resourceType": CENTRAL, "fileName": "contoso.app"})
    document = api.get(f"{product}/packages/{package['id']}")
    assert set(document) == {"resourceType", "fileName", "state", "@odata.etag", "id"}
    assert (document["resourceType"], document["state"]) == ("", "Processed")
    assert api.get(f"{product}/packages")["value"] == [document]


def test_processing_of_a_package_takes_time_at_real_pace():
    with serve(pace="real") as emulator:
        api = RawApi(emulator)
        product = api.create_offer()
        package = upload_package(api, product, NO_DIALOG)
        path = f"{product}/packages/{package['id']}"
        assert package["state"] == api.get(path)["state"] == "InProcessing"
        assert "validationItems" not in package
        assert api.put(path, {**APPLICATION, "state": "Processed"}).status_code == 400
        assert api.put(path, {**APPLICATION, "state": "Uploaded"}).json()["state"] == "InProcessing"
        emulator.advance(3)
        assert api.get(path)["state"] == "ProcessFailed"
        assert api.get(path)["validationItems"]
        central = {"resourceType": CENTRAL, "fileName": "contoso.app"}
        other_product = api.create_offer("contoso-central", "AzureDynamics365BusinessCentral")
        assert upload_package(api, other_product, b"app", central)["state"] == "Processed"


def test_a_package_is_processed_once(api, product):
    package = upload_package(api, product, None)
    path = f"{product}/packages/{package['id']}"
    fresh = api.post(f"{product}/packages", APPLICATION, 201)
    second_answer = api.put(path, {**package, "state": "Uploaded"}, None).json()
    assert second_answer["state"] == "ProcessFailed"
    assert second_answer["validationItems"] == package["validationItems"]
    assert fresh["state"] == "PendingUpload"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"fileName": "other.zip"}, 400),
        ({"resourceType": CENTRAL}, 400),
        ({"state": "Processed"}, 400),
        ({"@odata.etag": '"stale"'}, 412),
        ({"@odata.etag": None}, 200),
        ({"fileSasUri": "https://example.com/elsewhere", "fileSize": 5, "isEmpty": True}, 200),
    ],
)
def test_name_type_and_state_of_a_pending_package_are_immutable(api, product, change, status):
    package = api.post(f"{product}/packages", APPLICATION, 201)
    path = f"{product}/packages/{package['id']}"
    answer = api.put(path, {**package, **change}, None)
    assert answer.status_code == status
    assert api.get(path).items() >= {**APPLICATION, "state": "PendingUpload"}.items()
    assert "fileSize" not in api.get(path)


def test_a_put_of_a_package_checks_an_etag_in_the_header(api, product):
    package = api.post(f"{product}/packages", APPLICATION, 201)
    path = f"{product}/packages/{package['id']}"
    assert api.put(path, APPLICATION, '"stale"').status_code == 412
    assert api.put(path, APPLICATION, package["@odata.etag"]).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"fileName": "app.zip"}, "ResourceType"),
        ({**APPLICATION, "resourceType": ""}, "ResourceType"),
        ({"resourceType": "AzureApplicationPackage"}, "FileName"),
        ({**APPLICATION, "state": "Uploaded"}, "State"),
    ],
)
def test_an_incomplete_package_is_refused(api, product, body, field):
    answer = api.call("POST", f"{product}/packages", json=body)
    assert answer.status_code == 400
    assert list(error_document(answer)["data"]) == [field]


def test_a_referenced_package_cannot_be_deleted(api, product):
    variant = api.create_plan(product)["id"]
    package = upload_package(api, product, GOOD)
    path = f"{product}/packages/{package['id']}"

    def use_packages(*packages: str) -> None:
        configuration = api.read_draft(product, "Package", "packageConfigurations", variant)
        references = [{"type": "AzureApplicationPackage", "value": id} for id in packages]
        body = {**configuration, "packageReferences": references}
        answer = api.put(f"{product}/packageconfigurations/{configuration['id']}", body)
        assert answer.status_code == 200

    use_packages(package["id"].upper())
    answer = api.call("DELETE", path)
    assert answer.status_code == 409
    assert package["id"] in error_document(answer)["reasonPhrase"]
    api.emulator.publish(product.removeprefix("/products/"))
    use_packages()
    assert api.call("DELETE", path).status_code == 409
    api.emulator.publish(product.removeprefix("/products/"))
    assert api.call("DELETE", path).status_code == 204


def test_a_package_is_not_found_below_another_product(api, product):
    package = api.post(f"{product}/packages", APPLICATION, 201)
    other = api.create_offer("fabrikam-app")
    assert api.get(f"{other}/packages") == {"value": []}
    assert api.call("GET", f"{other}/packages/{package['id']}").status_code == 404
    (stored,) = api.emulator.state()["packages"]
    assert stored["id"] == package["id"]
    assert "sig=" not in str(stored)
    path = f"/v1.0/ingestion{product}/packages/{package['id']}"
    assert api.emulator.portal(path, isCertified=True)["isCertified"] is True
    assert api.call("DELETE", product).status_code == 204
    assert api.emulator.state()["packages"] == []
