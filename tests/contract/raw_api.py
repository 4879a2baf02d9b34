"""Raw requests to the submission API, without the provider's own client."""

from __future__ import annotations

import json
from typing import Any

import httpx
from provider.tools.emulators import RunningEmulator

EXPAND = {"$expand": "MarketStates,PriceSchedules,Trial"}


class RawApi:
    """Raw requests below `/v1.0/ingestion`, and short methods to create and read documents."""

    def __init__(self, emulator: RunningEmulator) -> None:
        self.emulator = emulator

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self.emulator.client.request(method, f"/v1.0/ingestion{path}", **options)

    def get(self, path: str, **options: Any) -> Any:
        answer = self.call("GET", path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def create_offer(self, offer_id: str = "contoso-app", offer_type: str = "AzureApplication") -> str:
        """Create an offer. Return the path of its product."""
        answer = self.call(
            "POST",
            "/products",
            json={
                "resourceType": offer_type,
                "name": f"{offer_id} alias",
                "externalIDs": [{"type": "AzureOfferId", "value": offer_id}],
                "isModularPublishing": True,
            },
        )
        assert answer.status_code == 201, answer.text
        return f"/products/{answer.json()['id']}"

    def create_plan(self, product: str, plan_id: str = "gold", **members: Any) -> dict[str, Any]:
        """Create a plan. Return its variant."""
        body = {"resourceType": "AzureSkuVariant", "friendlyName": plan_id.title(), "externalID": plan_id}
        answer = self.call("POST", f"{product}/variants", json=body | members)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def read_instance_id(self, product: str, module: str, variant: str | None = None) -> str:
        branches = self.get(f"{product}/branches/getByModule(module={module})")["value"]
        (branch,) = [branch for branch in branches if branch.get("variantID") == variant]
        return branch["currentDraftInstanceID"]

    def read_listing(self, product: str, variant: str | None = None) -> dict[str, Any]:
        instance = self.read_instance_id(product, "Listing", variant)
        (listing,) = self.get(f"{product}/listings/getByInstanceID(instanceID={instance})")["value"]
        return listing

    def read_availability(self, product: str, variant: str) -> dict[str, Any]:
        """Read the plan's feature availability, expanded."""
        instance = self.read_instance_id(product, "Availability", variant)
        path = f"{product}/featureAvailabilities/getByInstanceID(instanceID={instance})"
        (availability,) = self.get(path, params=EXPAND)["value"]
        return availability

    def read_draft(
        self, product: str, module: str, collection: str, variant: str | None = None
    ) -> dict[str, Any]:
        """Read the only document in the draft instance of a module."""
        instance = self.read_instance_id(product, module, variant)
        (document,) = self.get(f"{product}/{collection}/getByInstanceID(instanceID={instance})")["value"]
        return document

    def post(self, path: str, body: Any, status: int) -> dict[str, Any]:
        answer = self.call("POST", path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def blob(self, method: str, address: str, *, bearer: bool = False, **options: Any) -> httpx.Response:
        """Send a request to the blob host, without a token: the address itself authorises the request."""
        request = self.emulator.client.build_request(method, address, **options)
        if not bearer:
            del request.headers["authorization"]
        return self.emulator.client.send(request)

    def upload(self, address: str, content: Any) -> None:
        answer = self.blob("PUT", address, content=content, headers={"x-ms-blob-type": "BlockBlob"})
        assert answer.status_code == 201, answer.text

    def put(self, path: str, body: Any, if_match: str | None = "*", **options: Any) -> httpx.Response:
        headers = {} if if_match is None else {"If-Match": if_match}
        return self.call("PUT", path, json=body, headers=headers, **options)


def split_signature(address: str) -> tuple[str, dict[str, str]]:
    """Split an address: the address without query, and the query without signature and expiry."""
    url = httpx.URL(address)
    query = dict(url.params)
    assert query.pop("sig")
    assert query.pop("se")
    return f"{url.scheme}://{url.netloc.decode()}{url.path}", query


def error_document(answer: httpx.Response) -> dict[str, Any]:
    """Parse the JSON inside the JSON string of an `ICH…` error."""
    body = answer.json()
    assert isinstance(body, str)
    assert body.startswith(f"ICH50{answer.status_code} - Unable to complete request. {{"), body
    document = json.loads(body.partition("request. ")[2])
    assert document["faultCode"] == int(f"50{answer.status_code}")
    return document
