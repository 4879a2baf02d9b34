"""Complete offers, and the requests that publish them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import httpx
from tests.contract.contents import APPLICATION, GOOD, LOGO
from tests.contract.raw_api import RawApi

ID = "11111111-2222-4333-8444-555555555555"
MODULES = ("Availability", "Property", "Package", "Listing", "ResellerConfiguration")
PLAN_MODULES = ("Availability", "Package", "Listing")
CONTACT = {
    "name": "Contoso",
    "email": "help@example.com",
    "phone": "+15555550100",
    "uri": "https://example.com",
}
TEXTS = {
    "title": "Contoso Archive",
    "summary": "Keeps what must be kept",
    "shortDescription": "An archive in your own subscription.",
    "description": "<p>Everything that was ever filed.</p>",
}


class Publisher(RawApi):
    """Requests that create complete offers and their submissions."""

    def create_complete_offer(self, offer_id: str = "contoso-app", **plans: str) -> str:
        """Create an offer that can be published. Return its path. `plans` maps plan ids to sub-types."""
        product = self.create_offer(offer_id)
        chosen = (plans or {"gold": "managed-application"}).items()
        variants = [self.create_plan(product, plan_id, subType=sub_type) for plan_id, sub_type in chosen]
        self.emulator.advance(5)  # with pace `real`, documents appear with a delay
        self.fill_offer(product)
        self.decide_reseller(product)
        for variant in variants:
            self.fill_plan(product, variant)
        self.emulator.advance(3)  # with pace `real`, packages are processed with a delay
        return product

    def fill_offer(self, product: str, logo: bytes = b"a logo") -> None:
        contacts = [{"type": kind, **CONTACT} for kind in ("CustomerSupport", "Engineering")]
        links = [{"type": "PrivacyUri", "uri": "https://example.com/privacy"}]
        listing = self.read_listing(product)
        self.edit(product, "listings", listing["id"], **TEXTS, listingContacts=contacts, listingUris=links)
        self.add_file(f"{product}/listings/{listing['id']}/images", LOGO, logo)
        self.edit_module(
            product, "Property", leveledCategories={"web": ["other"]}, useEnterpriseContract=True
        )
        audience = [{"type": "PreviewMarketplaceGroup", "values": [ID]}]
        self.edit_module(product, "Availability", audiences=audience)

    def decide_reseller(self, product: str) -> None:
        body = {"resourceType": "ResellerConfiguration", "resellerChannelState": "Disabled"}
        answer = self.call("POST", f"{product}/resellerConfiguration", json=body)
        assert answer.status_code == 200, answer.text

    def fill_plan(self, product: str, variant: dict[str, Any]) -> None:
        plan, sub_type = variant["id"], variant["subType"]
        texts = {name: text for name, text in TEXTS.items() if name != "summary"}
        self.edit(product, "listings", self.read_listing(product, plan)["id"], **texts)
        if sub_type == "managed-application":
            self.price(product, plan, 20)
        package = self.add_file(f"{product}/packages", APPLICATION, GOOD)
        references = [{"type": "AzureApplicationPackage", "value": package["id"]}]
        managed_members = {
            "publicAzureTenantID": ID,
            "publicAzureAuthorizations": [{"principalID": ID, "roleDefinitionID": "Owner"}],
        }
        members = managed_members if sub_type == "managed-application" else {}
        self.edit_module(product, "Package", plan, version="1.0.0", packageReferences=references, **members)

    def price(self, product: str, plan: str, amount: int | None, market: str = "US") -> None:
        """Sell a plan in a market at this price; None sells it without one."""
        retail = {"openPrice": amount, "currencyCode": "USD"}
        schedule = {"retailPrice": retail, "pricingModel": "Recurring"}
        self.edit(
            product,
            "featureAvailabilities",
            self.read_availability(product, plan)["id"],
            marketStates=[{"marketCode": market, "state": "Enabled"}],
            priceSchedules=[{"isBaseSchedule": True, "schedules": [schedule]}],
        )

    def edit_module(self, product: str, module: str, plan: str | None = None, **members: Any) -> None:
        """Change a document that has the id of its draft instance."""
        collections = {
            "Property": "properties",
            "Availability": "productAvailabilities",
            "Package": "packageConfigurations",
        }
        self.edit(product, collections[module], self.read_instance_id(product, module, plan), **members)

    def edit(self, product: str, collection: str, id: str, **members: Any) -> None:
        self.emulator.portal(f"/v1.0/ingestion{product}/{collection}/{id}", **members)

    def add_file(self, path: str, body: dict[str, Any], content: bytes) -> dict[str, Any]:
        """Create a document with a file and upload the file. Return the document."""
        answer = self.call("POST", path, json=body)
        assert answer.is_success, answer.text
        document = answer.json()
        self.upload(document["fileSasUri"], content)
        answer_to_put = self.put(
            f"{path}/{document['id']}", {**document, "state": "Uploaded"}, answer.headers["etag"]
        )
        assert answer_to_put.status_code == 200, answer_to_put.text
        stored: dict[str, Any] = answer_to_put.json()
        return stored

    def build_request(self, product: str, only: Collection[str] = MODULES) -> dict[str, Any]:
        """Build the body of a submission: present drafts of these modules of the offer and all its plans."""
        plans = [plan["id"] for plan in self.get(f"{product}/variants")["value"] if plan["state"] == "Active"]
        return {
            "resourceType": "SubmissionCreationRequest",
            "targets": [{"type": "Scope", "value": "preview"}],
            "resources": self._resources(product, MODULES, only),
            "variantResources": [
                {"variantID": plan, "resources": self._resources(product, PLAN_MODULES, only, plan)}
                for plan in plans
            ],
        }

    def _resources(
        self, product: str, modules: Collection[str], only: Collection[str], plan: str | None = None
    ) -> list[dict[str, str]]:
        chosen = [module for module in modules if module in only]
        return [{"type": module, "value": self.read_instance_id(product, module, plan)} for module in chosen]

    def send(self, product: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """Send the request that creates a submission; without `body`, of every module."""
        return self.call(
            "POST", f"{product}/submissions", json=self.build_request(product) if body is None else body
        )

    def submit(self, product: str, body: dict[str, Any] | None = None) -> str:
        """Create a submission; assert that it is accepted. Return its path."""
        answer = self.send(product, body)
        assert answer.status_code == 201, answer.text
        return f"{product}/submissions/{answer.json()['id']}"

    def go_live(self, product: str, body: dict[str, Any] | None = None) -> str:
        """Create, promote and certify a submission. Return its path."""
        path = self.submit(product, body)
        assert self.read_state(path) == ("Published", "ReadyToPublish"), self.read_problems(path)
        assert self.promote(path).status_code == 200
        assert self.read_state(path) == ("Published", "InStore")
        return path

    def promote(self, path: str) -> httpx.Response:
        return self.call("POST", f"{path}/promote")

    def read_state(self, path: str) -> tuple[str, str]:
        """Return state and substate of a submission."""
        submission = self.get(path)
        return submission["state"], submission["substate"]

    def newest_submission(self, product: str) -> str:
        """Return the path of a product's newest submission."""
        return f"{product}/submissions/{self.get(f'{product}/submissions')['value'][-1]['id']}"

    def read_problems(self, path: str) -> list[str]:
        """Return the codes of a submission's validation items."""
        return [item["errorCode"] for item in self.get(f"{path}/validations")["value"]]
