"""Rules for every request: tokens, headers, case of paths, and requests that are not emulated."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.raw_api import RawApi, error_document

from pulumi_partnercenter.emulator.entra import CLIENT, SECRET, TENANT

AUDIENCE = "https://api.partner.microsoft.com"
NOWHERE = "aaaaaaaa-0000-4000-8000-000000000001"

UNKNOWN_ROUTES = [
    ("PATCH", ""),
    ("PUT", ""),
    ("DELETE", "setup"),
    ("PUT", "branches/getByModule(module=Listing)"),
    ("HEAD", "setup"),
    ("GET", "listings"),
    ("POST", "listings"),
    ("GET", "flights"),
    ("GET", "variants/getByInstanceID(instanceID=ID)"),
]


@pytest.fixture
def api(emulator: RunningEmulator) -> RawApi:
    return RawApi(emulator)


@pytest.mark.parametrize(("method", "path"), UNKNOWN_ROUTES)
def test_an_unknown_route_below_a_product_is_not_emulated(api, method, path):
    product = api.create_offer()
    state = api.emulator.state()
    answer = api.call(method, f"{product}/{path.replace('ID', NOWHERE)}".rstrip("/"), json={})
    assert answer.status_code == 501
    assert method == "HEAD" or "not emulated" in answer.text
    assert api.emulator.state() == state


@pytest.mark.parametrize(
    "path", ["/", "/v1.0/ingestion", "/v2.0/ingestion/products", "/rp/product-ingestion/x", "/x"]
)
def test_an_unknown_route_outside_products_is_not_emulated(emulator, path):
    answer = emulator.client.get(path)
    assert answer.status_code == 501
    assert "not emulated" in answer.text


@pytest.mark.parametrize(
    "path", ["/products?$top=5", "/products?externalId=contoso", f"/products/{NOWHERE}?$expand=Trial"]
)
def test_an_unknown_query_option_is_not_emulated(api, path):
    answer = api.call("GET", path)
    assert answer.status_code == 501
    assert "not emulated: query option" in answer.json()["message"]


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", "Basic emulator", "emulator"])
def test_a_request_without_a_valid_token_is_unauthorized(api, header):
    for method, path in (("POST", ""), ("GET", ""), ("GET", f"/{NOWHERE}")):
        request = api.emulator.client.build_request(method, f"/v1.0/ingestion/products{path}", json={})
        del request.headers["Authorization"]
        request.headers.update({} if header is None else {"Authorization": header})
        answer = api.emulator.client.send(request)
        assert answer.status_code == 401
        assert answer.json()["statusCode"] == 401
        assert answer.headers["www-authenticate"].startswith("Bearer authorization_uri=")
        assert answer.json()["message"].startswith("Unauthorized.")


def issue_token(api: RawApi, **form: str) -> str:
    """Issue a token for the emulator's predefined application."""
    version = "/v2.0" if "scope" in form else ""
    answer = api.emulator.client.post(
        f"/{TENANT}/oauth2{version}/token",
        data={"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET, **form},
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"]


@pytest.mark.parametrize(
    "form", [{"resource": AUDIENCE}, {"scope": f"{AUDIENCE}/.default"}], ids=["version 1", "version 2"]
)
def test_an_issued_token_is_valid_for_an_hour(api, form):
    headers = {"Authorization": f"Bearer {issue_token(api, **form)}"}
    api.emulator.advance(3500)
    assert api.call("GET", "/products", headers=headers).status_code == 200
    api.emulator.advance(101)
    assert api.call("GET", "/products", headers=headers).status_code == 401


def test_a_token_for_another_api_is_refused(api):
    headers = {"Authorization": f"Bearer {issue_token(api, resource='https://graph.microsoft.com')}"}
    assert api.call("GET", "/products", headers=headers).status_code == 401


def test_a_changed_token_is_refused(api):
    head, claims, signature = issue_token(api, resource=AUDIENCE).split(".")
    forged_token = f"{head}.{claims}.{signature[:-4]}{'AAAA' if signature[-4:] != 'AAAA' else 'BBBB'}"
    assert (
        api.call("GET", "/products", headers={"Authorization": f"Bearer {forged_token}"}).status_code == 401
    )


def test_paths_ignore_case_and_a_trailing_slash_and_take_escaped_parentheses(api):
    product = api.create_offer()
    branches = api.get(f"{product}/branches/getByModule(module=Listing)")
    for equal_path in (
        f"{product}/Branches/GETBYMODULE(MODULE=LISTING)",
        f"{product}/branches/getByModule%28module%3DListing%29",
        f"{product}/branches/getByModule(module=Listing)/",
        f"{product.upper()}/branches/getbymodule(module=listing)",
    ):
        assert api.get(equal_path) == branches


@pytest.mark.parametrize(
    "path",
    [
        f"/products/{NOWHERE}",
        f"/products/{NOWHERE}/setup",
        f"/products/{NOWHERE}/variants",
        f"/products/{NOWHERE}/branches/getByModule(module=Listing)",
        "PRODUCT/variants/testdrive",
        f"PRODUCT/listings/{NOWHERE}",
        f"PRODUCT/listings/getByInstanceID(instanceID={NOWHERE})",
        f"PRODUCT/featureavailabilities/{NOWHERE}",
        f"PRODUCT/featureAvailabilities/getByInstanceID(instanceID={NOWHERE})",
    ],
)
def test_an_unknown_id_in_a_path_is_not_found(api, path):
    answer = api.call("GET", path.replace("PRODUCT", api.create_offer()))
    assert answer.status_code == 404
    assert "was not found" in error_document(answer)["reasonPhrase"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'"text"', b"null", b'{"name": NaN}', b'{"name": "\\ud800"}', b"[" * 100_000],
)
def test_a_body_that_is_not_a_json_object_is_refused(api, content):
    answer = api.call("POST", "/products", content=content)
    assert answer.status_code == 400
    assert error_document(answer)["reasonPhrase"]


@pytest.mark.parametrize(
    "content", [b"\xff", *('{"name": "Bücher"}'.encode(encoding) for encoding in ("latin-1", "utf-16"))]
)
def test_a_body_in_another_encoding_is_an_error_of_the_service(api, content):
    answer = api.call("POST", "/products", content=content)
    assert answer.status_code == 500
    assert error_document(answer)["reasonPhrase"]


def test_every_answer_has_the_services_headers(api):
    product = api.create_offer()
    answers = [
        api.call("GET", product),
        api.call("GET", f"/products/{NOWHERE}"),
        api.call("POST", "/products", json={}),
        api.call("PATCH", product),
        api.emulator.client.get("/v1.0/ingestion/products", headers={"Authorization": "Bearer wrong"}),
        api.call("DELETE", product),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 400, 501, 401, 204]
    for answer in answers:
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer.headers["request-id"])
        assert parsedate_to_datetime(answer.headers["date"])
        assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
        assert {"x-azure-ref", "x-cache"} <= set(answer.headers)
    assert len({answer.headers["request-id"] for answer in answers}) == len(answers)
    for answer in answers[:-1]:
        assert answer.headers["content-type"] == "application/json; charset=utf-8"


def test_if_match_star_is_harmless_on_every_method(api):
    headers = {"If-Match": "*"}
    product = api.create_offer()
    assert api.call("GET", f"{product}/setup", headers=headers).status_code == 200
    assert (
        api.call("POST", f"{product}/setup", headers=headers, json=api.get(f"{product}/setup")).status_code
        == 200
    )
    assert api.call("DELETE", product, headers=headers).status_code == 204
