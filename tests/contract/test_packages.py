"""Packages: what processing finds in a zip, when it is done, and what keeps one from being deleted."""

from __future__ import annotations

import json

import pytest
from provider.tools.emulators import Serving, serve
from tests.contract.contents import APPLICATION, ATTRIBUTION, DIALOG, GOOD, NO_DIALOG, template, zipped
from tests.contract.submission import Submission, fault, signed

from pulumi_partnercenter.emulator.submission import archives

CENTRAL = "Dynamics365BusinessCentralAddOnExtensionPackage"


@pytest.fixture
def api(emulator: Serving) -> Submission:
    return Submission(emulator)


@pytest.fixture
def product(api: Submission) -> str:
    return api.offer()


def uploaded(api: Submission, product: str, content: bytes | None, body: dict = APPLICATION) -> dict:
    """The answer to the PUT that says that the file is there."""
    package = api.post(f"{product}/packages", body, 201)
    if content is not None:
        api.upload(package["fileSasUri"], content)
    answer = api.put(f"{product}/packages/{package['id']}", {**package, "state": "Uploaded"}, None)
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == answer.json()["@odata.etag"] != package["@odata.etag"]
    return answer.json()


def test_the_life_of_a_package(api, product):
    answer = api.call("POST", f"{product}/packages", json=APPLICATION)
    package = answer.json()
    path = f"{product}/packages/{package['id']}"
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{api.emulator.api}{path}"
    assert answer.headers["etag"] == package["@odata.etag"]
    assert package.items() >= {**APPLICATION, "state": "PendingUpload"}.items()
    assert "fileSize" not in package
    assert signed(package["fileSasUri"])[1]["sp"] == signed(api.get(path)["fileSasUri"])[1]["sp"] == "rwl"

    api.upload(package["fileSasUri"], GOOD)
    done = api.put(path, {**package, "state": "Uploaded"}, None).json()
    assert done["state"] == "Processed"
    assert done["fileSize"] == len(GOOD)
    assert done["isEmpty"] is False
    assert "validationItems" not in done
    assert signed(done["fileSasUri"])[1]["sp"] == "rl"
    assert api.blob("GET", api.get(path)["fileSasUri"]).content == GOOD
    (listed,) = api.get(f"{product}/packages")["value"]
    assert listed | {"fileSasUri": 0} == done | {"fileSasUri": 0}
    assert api.call("DELETE", path).status_code == 204
    assert api.get(f"{product}/packages") == {"value": []}


NO_TEMPLATE = zipped(createUiDefinition__json=DIALOG)
IN_A_FOLDER = zipped(app_in_mainTemplate__json=template(ATTRIBUTION), createUiDefinition__json=DIALOG)
NO_JSON = zipped(mainTemplate__json=b"{'a': 1}", createUiDefinition__json=DIALOG)
NO_OBJECT = zipped(mainTemplate__json=template(ATTRIBUTION), createUiDefinition__json="[]")
NO_TEXT = zipped(mainTemplate__json=b"\xff\xfe{}", createUiDefinition__json=DIALOG)
DEEP = zipped(mainTemplate__json="[" * 200_000, createUiDefinition__json=DIALOG)


@pytest.mark.parametrize(
    ("content", "named"),
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
def test_a_package_that_cannot_be_used_fails_and_says_why(api, product, content, named):
    package = uploaded(api, product, content)
    assert package["state"] == "ProcessFailed"
    (item,) = package["validationItems"]
    assert item["severity"] == "Error"
    assert item["resource"] == "Package"
    assert item["errorCode"]
    assert named in item["message"]
    assert api.get(f"{product}/packages/{package['id']}")["validationItems"] == [item]


def test_a_zip_with_a_broken_member_fails(api, product):
    start = GOOD.index(b'{"$schema"')
    broken = GOOD[:start] + b"X" + GOOD[start + 1 :]
    assert uploaded(api, product, broken)["state"] == "ProcessFailed"


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
    content = zipped(mainTemplate__json=template(*resources), createUiDefinition__json=DIALOG)
    package = uploaded(api, product, content)
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
def test_usage_is_counted_without_other_deployments_or_with_a_tracking_id(api, product, resources):
    content = zipped(mainTemplate__json=template(*resources), createUiDefinition__json=DIALOG)
    assert "validationItems" not in uploaded(api, product, content)


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
def test_templates_are_read_as_azure_reads_them(api, product, text, encoding):
    data = (text % template(ATTRIBUTION)[1:-1]).removeprefix("\ufeff" if encoding == "utf-16" else "")
    content = zipped(mainTemplate__json=data.encode(encoding), createUiDefinition__json=f"{DIALOG} // none")
    package = uploaded(api, product, content)
    assert package["state"] == "Processed"
    assert "validationItems" not in package


def test_a_template_may_name_its_resources_and_start_with_a_byte_order_mark(api, product):
    text = json.dumps({"languageVersion": "2.0", "resources": {"usage": ATTRIBUTION}})
    content = zipped(mainTemplate__json=text.encode("utf-8-sig"), createUiDefinition__json=DIALOG)
    assert "validationItems" not in uploaded(api, product, content)


def test_a_package_that_is_too_large_fails(api, product, monkeypatch):
    monkeypatch.setattr(archives, "LARGEST_PACKAGE", len(GOOD) - 1)
    (item,) = uploaded(api, product, GOOD)["validationItems"]
    assert "1 GB" in item["message"]


@pytest.mark.parametrize(("content", "state"), [(b"no zip", "Processed"), (None, "ProcessFailed")])
def test_a_business_central_package_is_taken_as_it_is(api, content, state):
    product = api.offer("contoso-central", "AzureDynamics365BusinessCentral")
    package = uploaded(api, product, content, {"resourceType": CENTRAL, "fileName": "contoso.app"})
    assert package["state"] == state
    assert package["resourceType"] == CENTRAL


def test_a_processed_business_central_package_is_told_without_type_and_address(api):
    """One printed answer of the service has exactly these members."""
    product = api.offer("contoso-central", "AzureDynamics365BusinessCentral")
    package = uploaded(api, product, b"NAVX", {"resourceType": CENTRAL, "fileName": "contoso.app"})
    told = api.get(f"{product}/packages/{package['id']}")
    assert set(told) == {"resourceType", "fileName", "state", "@odata.etag", "id"}
    assert (told["resourceType"], told["state"]) == ("", "Processed")
    assert api.get(f"{product}/packages")["value"] == [told]


def test_processing_takes_its_time_at_a_real_pace():
    with serve(pace="real") as emulator:
        api = Submission(emulator)
        product = api.offer()
        package = uploaded(api, product, NO_DIALOG)
        path = f"{product}/packages/{package['id']}"
        assert package["state"] == api.get(path)["state"] == "InProcessing"
        assert "validationItems" not in package
        assert api.put(path, {**APPLICATION, "state": "Processed"}).status_code == 400
        assert api.put(path, {**APPLICATION, "state": "Uploaded"}).json()["state"] == "InProcessing"
        emulator.advance(3)
        assert api.get(path)["state"] == "ProcessFailed"
        assert api.get(path)["validationItems"]
        central = {"resourceType": CENTRAL, "fileName": "contoso.app"}
        assert uploaded(api, product, b"app", central)["state"] == "Processed"


def test_a_package_is_processed_once(api, product):
    package = uploaded(api, product, None)
    path = f"{product}/packages/{package['id']}"
    fresh = api.post(f"{product}/packages", APPLICATION, 201)
    again = api.put(path, {**package, "state": "Uploaded"}, None).json()
    assert again["state"] == "ProcessFailed"
    assert again["validationItems"] == package["validationItems"]
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
def test_a_package_is_what_it_was_made_as(api, product, change, status):
    package = api.post(f"{product}/packages", APPLICATION, 201)
    path = f"{product}/packages/{package['id']}"
    answer = api.put(path, {**package, **change}, None)
    assert answer.status_code == status
    assert api.get(path).items() >= {**APPLICATION, "state": "PendingUpload"}.items()
    assert "fileSize" not in api.get(path)


def test_an_etag_in_the_header_counts_too(api, product):
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
def test_a_post_that_says_too_little_is_refused(api, product, body, field):
    answer = api.call("POST", f"{product}/packages", json=body)
    assert answer.status_code == 400
    assert list(fault(answer)["data"]) == [field]


def test_a_referenced_package_cannot_be_deleted(api, product):
    variant = api.plan(product)["id"]
    package = uploaded(api, product, GOOD)
    path = f"{product}/packages/{package['id']}"

    def refer(*packages: str) -> None:
        configuration = api.draft(product, "Package", "packageConfigurations", variant)
        references = [{"type": "AzureApplicationPackage", "value": id} for id in packages]
        body = {**configuration, "packageReferences": references}
        answer = api.put(f"{product}/packageconfigurations/{configuration['id']}", body)
        assert answer.status_code == 200

    refer(package["id"].upper())
    answer = api.call("DELETE", path)
    assert answer.status_code == 409
    assert package["id"] in fault(answer)["reasonPhrase"]
    api.emulator.publish(product.removeprefix("/products/"))
    refer()
    assert api.call("DELETE", path).status_code == 409
    api.emulator.publish(product.removeprefix("/products/"))
    assert api.call("DELETE", path).status_code == 204


def test_packages_belong_to_their_product(api, product):
    package = api.post(f"{product}/packages", APPLICATION, 201)
    other = api.offer("fabrikam-app")
    assert api.get(f"{other}/packages") == {"value": []}
    assert api.call("GET", f"{other}/packages/{package['id']}").status_code == 404
    (held,) = api.emulator.state()["packages"]
    assert held["id"] == package["id"]
    assert "sig=" not in str(held)
    path = f"/v1.0/ingestion{product}/packages/{package['id']}"
    assert api.emulator.portal(path, isCertified=True)["isCertified"] is True
    assert api.call("DELETE", product).status_code == 204
    assert api.emulator.state()["packages"] == []
