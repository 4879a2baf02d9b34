"""An emulator with documents of every kind, and valid bodies of requests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from provider.tools.emulators import RunningEmulator
from tests.contract.contents import APPLICATION, GUIDE, LOGO, PITCH, THUMBNAIL, VIDEO
from tests.contract.publisher import MODULES, Publisher
from tests.contract.raw_api import EXPAND

from pulumi_partnercenter.emulator.state import Snapshot

STAGES = ("held", "draft", "failed", "cancelled", "previewed", "superseded", "certifying", "rejected", "live")
# The control plane's collections with the ids of a path parameter.
COLLECTIONS = {
    "productID": "products",
    "productAvailabilityID": "productAvailabilities",
    "propertyID": "properties",
    "listingID": "listings",
    "imageID": "listingImages",
    "videoID": "listingVideos",
    "assetID": "listingAssets",
    "packageConfigurationID": "packageConfigurations",
    "packageID": "packages",
    "variantID": "variants",
    "featureAvailabilityID": "featureAvailabilities",
    "submissionID": "submissions",
    "cosellAssetID": "cosellAssets",
}
# The control plane's collections with the instances, by the path segment after the product's.
INSTANCES = {
    "productavailabilities": "productAvailabilities",
    "properties": "properties",
    "listings": "listings",
    "packageconfigurations": "packageConfigurations",
    "featureavailabilities": "featureAvailabilities",
    "supplementalcontents": "supplementalContents",
    "cosellassets": "cosellAssets",
    "coselllisting": "cosellListings",
}
LISTING_PARAMETERS = ("imageID", "videoID", "assetID")
BODIES: dict[str, dict[str, Any]] = {
    "/products": {
        "resourceType": "AzureApplication",
        "name": "Fabrikam Ledger",
        "externalIDs": [{"type": "AzureOfferId", "value": "fabrikam-ledger"}],
    },
    "/setup": {"resourceType": "AzureProductSetup", "sellingOption": "ListAndSell", "channelStates": []},
    "/productavailabilities": {"resourceType": "ProductAvailability"},
    "/properties": {"resourceType": "AzureProperty"},
    "/images": LOGO,
    "/videos": {**VIDEO, "thumbnail": THUMBNAIL},
    "/assets": GUIDE,
    "/listings/createWithInstanceID(instanceID={instanceID})": {
        "resourceType": "AzureListing",
        "languageCode": "de-de",
    },
    "/packages": APPLICATION,
    "/variants": {"resourceType": "AzureSkuVariant", "friendlyName": "Silver", "externalID": "silver"},
    "/leadconfiguration": {
        "resourceType": "HttpsEndpointLeadConfiguration",
        "httpsEndpointUri": "https://example.com/leads",
    },
    "/cosellAssets": PITCH,
    "/resellerConfiguration": {"resourceType": "ResellerConfiguration", "resellerChannelState": "Disabled"},
}
PARAMETER = re.compile(r"{(\w+)}")


class FullEmulator(Publisher):
    """An emulator with a complete application, and an offer of the type that has supplemental content."""

    def __init__(self, emulator: RunningEmulator) -> None:
        super().__init__(emulator)
        self._snapshots: dict[str, tuple[Snapshot, str, list[str]]] = {}

    def fill(self, stage: str) -> None:
        """Empty the emulator and fill it again, with the application's submission at the stage."""
        if stage in self._snapshots:
            snapshot, self.application, self.products = self._snapshots[stage]
            self.emulator.restore(snapshot)
        else:
            self._create_documents(stage)
            self._snapshots[stage] = (self.emulator.snapshot(), self.application, self.products)
        self.state = self.emulator.state()

    def _create_documents(self, stage: str) -> None:
        self.emulator.reset()
        self.application = self.create_complete_offer("contoso-app", gold="managed-application")
        self.create_plan(self.application, "bronze", subType="solution-template")
        listing = f"{self.application}/listings/{self.read_listing(self.application)['id']}"
        answers = [
            self.call("POST", f"{listing}/videos", json=BODIES["/videos"]),
            self.call("POST", f"{listing}/assets", json=GUIDE),
            self.call("POST", f"{self.application}/packages", json=APPLICATION),
            self.call("POST", f"{self.application}/cosellAssets", json=PITCH),
            self.call("POST", f"{self.application}/leadconfiguration", json=BODIES["/leadconfiguration"]),
        ]
        instance = self.read_instance_id(self.application, "Listing")
        language_path = f"{self.application}/listings/createWithInstanceID(instanceID={instance})"
        answers.append(
            self.call("POST", language_path, json={"resourceType": "AzureListing", "languageCode": "fr-fr"})
        )
        assert all(answer.is_success for answer in answers)
        central_offer = self.create_offer("contoso-central", "AzureDynamics365BusinessCentral")
        self.products = [
            self.application,
            central_offer,
            self.create_offer("contoso-service", "SoftwareAsAService"),
        ]
        content = f"{central_offer}/supplementalContents/{self.read_instance_id(central_offer, 'SupplementalContent')}"
        content_body = {"resourceType": "SupplementalContent", "assets": [{"fileName": "script.docx"}]}
        (asset,) = self.put(content, content_body).json()["assets"]
        self.upload(asset["fileSasUri"], b"a script")
        self._submit_until(stage)

    def _submit_until(self, stage: str) -> None:
        if stage == "draft":
            return
        validation_outcome = {"held": "hold", "cancelled": "hold", "failed": "fail"}.get(stage, "pass")
        certification_outcome = {"certifying": "hold", "rejected": "fail", "live": "pass"}.get(stage)
        self.emulator.decide("validation", validation_outcome)
        option = {"isManualPublish": True, "certificationNotes": "Please call first."}
        path = self.submit(self.application, self.build_request(self.application) | {"publishOption": option})
        if stage == "cancelled":
            assert self.call("DELETE", path).status_code == 204
        if stage == "superseded":
            self.submit(self.application)
        if certification_outcome:
            self.emulator.decide("certification", certification_outcome)
            assert self.promote(path).status_code == 200

    def parameter_values(
        self, template: str, chosen: Mapping[str, str] = MappingProxyType({})
    ) -> list[dict[str, str]]:
        """Existing values of the parameters of a path, in all combinations, drafts first."""
        remaining = [name for name in PARAMETER.findall(template) if name not in chosen]
        if not remaining:
            return [dict(chosen)]
        return [
            values
            for id in self._existing_values(template, remaining[0], chosen)
            for values in self.parameter_values(template, {**chosen, remaining[0]: id})
        ]

    def _existing_values(self, template: str, parameter: str, chosen: Mapping[str, str]) -> list[str]:
        """Existing values of a path parameter; `chosen` are the parameters before it."""
        if parameter == "module":
            return [*MODULES, "Cosell", "SupplementalContent"]
        if parameter == "productID":
            return [path.removeprefix("/products/") for path in self.products]
        collection = COLLECTIONS.get(parameter) or INSTANCES[template.split("/")[3].lower()]
        rows = [row for row in self.state[collection] if row["productID"] == chosen["productID"]]
        if parameter in LISTING_PARAMETERS:
            (listing,) = [row for row in self.state["listings"] if row["id"] == chosen["listingID"]]
            rows = [row for row in rows if row["instanceID"] == listing["instanceID"]]
        rows.sort(key=lambda row: row.get("stage") != "draft")
        return [row["instanceID" if parameter == "instanceID" else "id"] for row in rows]

    def build_body(self, method: str, template: str, path: str) -> dict[str, Any] | None:
        """A valid body: the existing document, or a new one."""
        if method == "PUT":
            answer = self.call("GET", path, params=EXPAND if "featureavailabilities" in template else {})
            return answer.json() if answer.status_code == 200 else None
        if template.endswith("/submissions"):
            return self.build_request(self.application)
        bodies = [template_body for tail, template_body in BODIES.items() if template.endswith(tail)]
        return bodies[-1] if bodies else None
