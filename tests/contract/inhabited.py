"""An emulator in which everything exists that an operation can be about, and bodies that it takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from tests.contract.complete import MODULES, Publisher
from tests.contract.contents import APPLICATION, GUIDE, LOGO, PITCH, THUMBNAIL, VIDEO
from tests.contract.submission import EXPAND

STAGES = ("held", "draft", "failed", "cancelled", "previewed", "superseded", "certifying", "rejected", "live")
# Which of the control plane's collections has the ids that a parameter stands for.
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
# … and which has its instances, by the segment after the product's.
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
BELOW_A_LISTING = ("imageID", "videoID", "assetID")
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


class Inhabited(Publisher):
    """One complete application, and one offer of the type that has supplemental content."""

    def settle(self, stage: str) -> None:
        """Empty the emulator and fill it again; the application's submission then stands at the stage."""
        self.emulator.reset()
        self.application = self.complete("contoso-app", gold="managed-application")
        self.plan(self.application, "bronze", subType="solution-template")
        listing = f"{self.application}/listings/{self.listing(self.application)['id']}"
        answers = [
            self.call("POST", f"{listing}/videos", json=BODIES["/videos"]),
            self.call("POST", f"{listing}/assets", json=GUIDE),
            self.call("POST", f"{self.application}/packages", json=APPLICATION),
            self.call("POST", f"{self.application}/cosellAssets", json=PITCH),
            self.call("POST", f"{self.application}/leadconfiguration", json=BODIES["/leadconfiguration"]),
        ]
        instance = self.instance(self.application, "Listing")
        another = f"{self.application}/listings/createWithInstanceID(instanceID={instance})"
        answers.append(
            self.call("POST", another, json={"resourceType": "AzureListing", "languageCode": "fr-fr"})
        )
        assert all(answer.is_success for answer in answers)
        central = self.offer("contoso-central", "AzureDynamics365BusinessCentral")
        self.products = [self.application, central, self.offer("contoso-service", "SoftwareAsAService")]
        content = f"{central}/supplementalContents/{self.instance(central, 'SupplementalContent')}"
        body = {"resourceType": "SupplementalContent", "assets": [{"fileName": "script.docx"}]}
        (asset,) = self.put(content, body).json()["assets"]
        self.upload(asset["fileSasUri"], b"a script")
        self._submit_until(stage)
        self.state = self.emulator.state()

    def _submit_until(self, stage: str) -> None:
        if stage == "draft":
            return
        validated = {"held": "hold", "cancelled": "hold", "failed": "fail"}.get(stage, "pass")
        certified = {"certifying": "hold", "rejected": "fail", "live": "pass"}.get(stage)
        self.emulator.decide("validation", validated)
        option = {"isManualPublish": True, "certificationNotes": "Please call first."}
        path = self.submit(self.application, self.request(self.application) | {"publishOption": option})
        if stage == "cancelled":
            assert self.call("DELETE", path).status_code == 204
        if stage == "superseded":
            self.submit(self.application)
        if certified:
            self.emulator.decide("certification", certified)
            assert self.promote(path).status_code == 200

    def places(self, template: str, chosen: Mapping[str, str] = MappingProxyType({})) -> list[dict[str, str]]:
        """Every way to fill the parameters of a path with what exists, drafts first."""
        left = [name for name in PARAMETER.findall(template) if name not in chosen]
        if not left:
            return [dict(chosen)]
        return [
            place
            for id in self._existing(template, left[0], chosen)
            for place in self.places(template, {**chosen, left[0]: id})
        ]

    def _existing(self, template: str, parameter: str, chosen: Mapping[str, str]) -> list[str]:
        """What a path parameter can stand for; `chosen` are those before it."""
        if parameter == "module":
            return [*MODULES, "Cosell", "SupplementalContent"]
        if parameter == "productID":
            return [path.removeprefix("/products/") for path in self.products]
        collection = COLLECTIONS.get(parameter) or INSTANCES[template.split("/")[3].lower()]
        rows = [row for row in self.state[collection] if row["productID"] == chosen["productID"]]
        if parameter in BELOW_A_LISTING:
            (listing,) = [row for row in self.state["listings"] if row["id"] == chosen["listingID"]]
            rows = [row for row in rows if row["instanceID"] == listing["instanceID"]]
        rows.sort(key=lambda row: row.get("stage") != "draft")
        return [row["instanceID" if parameter == "instanceID" else "id"] for row in rows]

    def body(self, method: str, template: str, path: str) -> dict[str, Any] | None:
        """A body that is right: what is there already, or what can be added."""
        if method == "PUT":
            answer = self.call("GET", path, params=EXPAND if "featureavailabilities" in template else {})
            return answer.json() if answer.status_code == 200 else None
        if template.endswith("/submissions"):
            return self.request(self.application)
        found = [body for tail, body in BODIES.items() if template.endswith(tail)]
        return found[-1] if found else None
