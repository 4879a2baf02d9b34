"""Offers that can be published, and the words for publishing them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import httpx
from tests.contract.contents import APPLICATION, GOOD, LOGO
from tests.contract.submission import Submission

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


class Publisher(Submission):
    """Raw calls, complete offers, and submissions of them."""

    def complete(self, offer_id: str = "contoso-app", **plans: str) -> str:
        """The path of a new offer that lacks nothing; `plans` are sub-types by plan id."""
        product = self.offer(offer_id)
        chosen = (plans or {"gold": "managed-application"}).items()
        variants = [self.plan(product, plan_id, subType=sub_type) for plan_id, sub_type in chosen]
        self.emulator.advance(5)  # until everything is there, under pace `real`
        self.fill_offer(product)
        self.decide_reseller(product)
        for variant in variants:
            self.fill_plan(product, variant)
        self.emulator.advance(3)  # until the packages are processed, under pace `real`
        return product

    def fill_offer(self, product: str) -> None:
        contacts = [{"type": kind, **CONTACT} for kind in ("CustomerSupport", "Engineering")]
        links = [{"type": "PrivacyUri", "uri": "https://example.com/privacy"}]
        listing = self.listing(product)
        self.edit(product, "listings", listing["id"], **TEXTS, listingContacts=contacts, listingUris=links)
        self.add_file(f"{product}/listings/{listing['id']}/images", LOGO, b"a logo")
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
        self.edit(product, "listings", self.listing(product, plan)["id"], **texts)
        if sub_type == "managed-application":
            self.price(product, plan, 20)
        package = self.add_file(f"{product}/packages", APPLICATION, GOOD)
        references = [{"type": "AzureApplicationPackage", "value": package["id"]}]
        managed = {
            "publicAzureTenantID": ID,
            "publicAzureAuthorizations": [{"principalID": ID, "roleDefinitionID": "Owner"}],
        }
        members = managed if sub_type == "managed-application" else {}
        self.edit_module(product, "Package", plan, version="1.0.0", packageReferences=references, **members)

    def price(self, product: str, plan: str, amount: int, market: str = "US") -> None:
        """Sell a plan in one market at this price."""
        retail = {"openPrice": amount, "currencyCode": "USD"}
        schedule = {"retailPrice": retail, "pricingModel": "Recurring"}
        self.edit(
            product,
            "featureAvailabilities",
            self.availability(product, plan)["id"],
            marketStates=[{"marketCode": market, "state": "Enabled"}],
            priceSchedules=[{"isBaseSchedule": True, "schedules": [schedule]}],
        )

    def edit_module(self, product: str, module: str, plan: str | None = None, **members: Any) -> None:
        """Changes the document whose id is that of its draft instance."""
        collections = {
            "Property": "properties",
            "Availability": "productAvailabilities",
            "Package": "packageConfigurations",
        }
        self.edit(product, collections[module], self.instance(product, module, plan), **members)

    def edit(self, product: str, collection: str, id: str, **members: Any) -> None:
        self.emulator.portal(f"/v1.0/ingestion{product}/{collection}/{id}", **members)

    def add_file(self, path: str, body: dict[str, Any], content: bytes) -> dict[str, Any]:
        """Posts a document to a collection of files, uploads its content and says so; returns the document."""
        answer = self.call("POST", path, json=body)
        assert answer.is_success, answer.text
        document = answer.json()
        self.upload(document["fileSasUri"], content)
        done = self.put(f"{path}/{document['id']}", {**document, "state": "Uploaded"}, answer.headers["etag"])
        assert done.status_code == 200, done.text
        stored: dict[str, Any] = done.json()
        return stored

    def request(self, product: str, only: Collection[str] = MODULES) -> dict[str, Any]:
        """What a submission sends of the present drafts: these modules of the offer and of all its plans."""
        plans = [one["id"] for one in self.get(f"{product}/variants")["value"] if one["state"] == "Active"]
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
        return [{"type": module, "value": self.instance(product, module, plan)} for module in chosen]

    def send(self, product: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """Creates a submission: of everything, unless there is a body."""
        return self.call(
            "POST", f"{product}/submissions", json=self.request(product) if body is None else body
        )

    def submit(self, product: str, body: dict[str, Any] | None = None) -> str:
        """Creates a submission that is taken; returns its path."""
        answer = self.send(product, body)
        assert answer.status_code == 201, answer.text
        return f"{product}/submissions/{answer.json()['id']}"

    def go_live(self, product: str, body: dict[str, Any] | None = None) -> str:
        """Submits, promotes and certifies; returns the submission's path."""
        path = self.submit(product, body)
        assert self.stands(path) == ("Published", "ReadyToPublish"), self.problems(path)
        assert self.promote(path).status_code == 200
        assert self.stands(path) == ("Published", "InStore")
        return path

    def promote(self, path: str) -> httpx.Response:
        return self.call("POST", f"{path}/promote")

    def stands(self, path: str) -> tuple[str, str]:
        """State and substate."""
        submission = self.get(path)
        return submission["state"], submission["substate"]

    def newest(self, product: str) -> str:
        """The path of its last submission."""
        return f"{product}/submissions/{self.get(f'{product}/submissions')['value'][-1]['id']}"

    def problems(self, path: str) -> list[str]:
        """The codes of its validation items."""
        return [item["errorCode"] for item in self.get(f"{path}/validations")["value"]]
