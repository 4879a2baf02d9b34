"""The submission API in the words of its tests: raw requests, nothing of the provider's own client."""

from __future__ import annotations

import json
from typing import Any

import httpx
from provider.tools.emulators import Serving

EXPAND = {"$expand": "MarketStates,PriceSchedules,Trial"}


class Submission:
    """Raw calls below `/v1.0/ingestion`, and the shortest way to the documents that tests are about."""

    def __init__(self, emulator: Serving) -> None:
        self.emulator = emulator

    def call(self, method: str, path: str, **how: Any) -> httpx.Response:
        return self.emulator.client.request(method, f"/v1.0/ingestion{path}", **how)

    def get(self, path: str, **how: Any) -> Any:
        answer = self.call("GET", path, **how)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def offer(self, offer_id: str = "contoso-app", offer_type: str = "AzureApplication") -> str:
        """Creates an offer; returns the path of its product."""
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

    def plan(self, product: str, plan_id: str = "gold", **members: Any) -> dict[str, Any]:
        """Creates a plan; returns the variant."""
        body = {"resourceType": "AzureSkuVariant", "friendlyName": plan_id.title(), "externalID": plan_id}
        answer = self.call("POST", f"{product}/variants", json=body | members)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def instance(self, product: str, module: str, variant: str | None = None) -> str:
        branches = self.get(f"{product}/branches/getByModule(module={module})")["value"]
        (branch,) = [one for one in branches if one.get("variantID") == variant]
        return branch["currentDraftInstanceID"]

    def listing(self, product: str, variant: str | None = None) -> dict[str, Any]:
        instance = self.instance(product, "Listing", variant)
        (listing,) = self.get(f"{product}/listings/getByInstanceID(instanceID={instance})")["value"]
        return listing

    def availability(self, product: str, variant: str) -> dict[str, Any]:
        """The plan's feature availability, expanded."""
        instance = self.instance(product, "Availability", variant)
        path = f"{product}/featureAvailabilities/getByInstanceID(instanceID={instance})"
        (availability,) = self.get(path, params=EXPAND)["value"]
        return availability

    def draft(self, product: str, module: str, collection: str, variant: str | None = None) -> dict[str, Any]:
        """The one document in the draft instance of a module."""
        instance = self.instance(product, module, variant)
        (document,) = self.get(f"{product}/{collection}/getByInstanceID(instanceID={instance})")["value"]
        return document

    def post(self, path: str, body: Any, status: int) -> dict[str, Any]:
        answer = self.call("POST", path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def blob(self, method: str, address: str, *, bearer: bool = False, **how: Any) -> httpx.Response:
        """A request to the blob host: the address is the credential, so no token is sent."""
        request = self.emulator.client.build_request(method, address, **how)
        if not bearer:
            del request.headers["authorization"]
        return self.emulator.client.send(request)

    def upload(self, address: str, content: Any) -> None:
        answer = self.blob("PUT", address, content=content, headers={"x-ms-blob-type": "BlockBlob"})
        assert answer.status_code == 201, answer.text

    def put(self, path: str, body: Any, if_match: str | None = "*", **how: Any) -> httpx.Response:
        headers = {} if if_match is None else {"If-Match": if_match}
        return self.call("PUT", path, json=body, headers=headers, **how)


def signed(address: str) -> tuple[str, dict[str, str]]:
    """Where an address points, and its query without what differs from signature to signature."""
    url = httpx.URL(address)
    query = dict(url.params)
    assert query.pop("sig")
    assert query.pop("se")
    return f"{url.scheme}://{url.netloc.decode()}{url.path}", query


def fault(answer: httpx.Response) -> dict[str, Any]:
    """The JSON inside the JSON string of an `ICH…` error."""
    text = answer.json()
    assert isinstance(text, str)
    assert text.startswith(f"ICH50{answer.status_code} - Unable to complete request. {{"), text
    inner = json.loads(text.partition("request. ")[2])
    assert inner["faultCode"] == int(f"50{answer.status_code}")
    return inner
