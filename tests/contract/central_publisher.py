"""A publisher of Business Central apps: an offer made in the portal, and a release client that relies on every answer.

The client sends what the community's release tools send, in their order. It reads members without a default, so that an
answer without one is an error.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from PIL import Image
from provider.tools.emulators import RunningEmulator
from tests.contract.contents import GUIDE, LOGO
from tests.contract.publisher import Publisher

TYPE = "AzureDynamics365BusinessCentral"
APP = "Dynamics365BusinessCentralAddOnExtensionPackage"
LIBRARY = "Dynamics365BusinessCentralAddOnLibraryExtensionPackage"
HEADERS = {"Content-Type": "application/json; charset=utf-8"}
ENDLESS = 2000
"""Polls of 30 s after which a release never ends."""


def draw(width: int, height: int) -> bytes:
    """Return a PNG of this size."""
    target = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(target, "PNG")
    return target.getvalue()


class CentralPublisher(Publisher):
    """What people did in the portal."""

    def create_central_offer(self, offer_id: str = "contoso-ledger", version: str = "1.0.0.0") -> str:
        """Create a complete offer that was never submitted. Return its path."""
        product = self.create_offer(offer_id, TYPE)
        self.emulator.advance(5)
        self.fill_offer(product, draw(216, 216))
        listing = f"{product}/listings/{self.read_listing(product)['id']}"
        for number in range(3):
            picture = {**LOGO, "type": "AzureLogoScreenshot", "fileName": f"{number}.png", "order": number}
            self.add_file(f"{listing}/images", picture, draw(1280, 720))
        self.add_file(f"{listing}/assets", GUIDE, b"%PDF-1.4\n")
        self.edit_module(
            product,
            "Property",
            useEnterpriseContract=False,
            termsOfUse="https://example.com/terms",
            appVersion=version,
        )
        self.edit_module(product, "Availability", audiences=[], hideKeyAudience="contoso1")
        markets = [{"marketCode": code, "state": "Enabled"} for code in ("DK", "IT", "US")]
        self.edit(product, "featureAvailabilities", self.read_markets(product)["id"], marketStates=markets)
        package = self.add_file(
            f"{product}/packages", {"resourceType": APP, "fileName": "Contoso_Ledger.app"}, b"NAVX"
        )
        self.edit_module(product, "Package", packageReferences=[{"type": APP, "value": package["id"]}])
        return product

    def create_live_offer(self, **how: str) -> str:
        """Create an offer that was published in the portal. Return its path."""
        product = self.create_central_offer(**how)
        self.emulator.publish(product.rpartition("/")[2])
        return product

    def read_markets(self, product: str) -> dict[str, Any]:
        """Read the offer's own feature availability, expanded."""
        instance = self.read_instance_id(product, "Availability")
        path = f"{product}/featureAvailabilities/getByInstanceID(instanceID={instance})"
        (availability,) = self.get(path, params={"$expand": "MarketStates"})["value"]
        return availability

    def read_references(self, product: str) -> dict[str, str]:
        """Read the names of the files of the draft's packages, by their type."""
        configuration = self.read_draft(product, "Package", "packageConfigurations")
        return {
            reference["type"]: self.get(f"{product}/packages/{reference['value']}")["fileName"]
            for reference in configuration["packageReferences"]
        }


class ReleaseFailed(Exception):
    """The client gave up, with its reason."""


class ReleaseClient:
    """Releases of apps, with the requests of the community's tools."""

    def __init__(self, emulator: RunningEmulator) -> None:
        self.emulator = emulator

    # ---- Requests

    def send(self, method: str, path: str, body: Any = None, if_match: str = "") -> Any:
        headers = {**HEADERS, **({"If-Match": if_match} if if_match else {})}
        answer: httpx.Response = self.emulator.client.request(
            method, f"/v1.0/ingestion{path}", json=body, headers=headers
        )
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def get(self, path: str) -> Any:
        return self.send("GET", path)

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        return self.send("PUT", f"{path}/{body['id']}", body, if_match=body["@odata.etag"])

    def collect(self, path: str) -> list[Any]:
        """Read all pages."""
        page = self.get(path)
        elements = page["value"]
        while "nextLink" in page:
            page = self.get(page["nextLink"].removeprefix("v1.0/ingestion"))
            elements += page["value"]
        return elements

    def draft(self, product: str, module: str) -> str:
        """Return the draft instance of the offer itself: there is exactly one branch without a plan."""
        branches = self.get(f"{product}/branches/getByModule(module={module})")["value"]
        (branch,) = [branch for branch in branches if "variantID" not in branch]
        return branch["currentDraftInstanceID"]

    def in_draft(self, product: str, module: str, collection: str, query: str = "") -> list[Any]:
        instance = self.draft(product, module)
        return self.collect(f"{product}/{collection}/getByInstanceID(instanceID={instance}){query}")

    # ---- Functions

    def find_product(self, name: str) -> str:
        """Return the path of the product of this name, from the list of all."""
        (product,) = [product for product in self.collect("/products") if product["name"] == name]
        return f"/products/{product['id']}"

    def read_everything(self, product: str) -> dict[str, Any]:
        document = {**self.get(product), "setup": self.get(f"{product}/setup")}
        instance = self.draft(product, "Availability")
        inside = f"getByInstanceID(instanceID={instance})"
        (document["productAvailability"],) = self.collect(f"{product}/productavailabilities/{inside}")
        (document["featureAvailability"],) = self.collect(
            f"{product}/featureavailabilities/{inside}?$expand=MarketStates"
        )
        (document["property"],) = self.in_draft(product, "Property", "properties")
        document["listings"] = self.in_draft(product, "Listing", "listings")
        for listing in document["listings"]:
            for files in ("assets", "images", "videos"):
                path = f"{product}/listings/{listing['id']}/{files}?$expand=FileSasUri"
                listing[files] = self.collect(path)
        (document["packageConfiguration"],) = self.in_draft(product, "Package", "packageconfigurations")
        references = document["packageConfiguration"]["packageReferences"]
        assert len({reference["type"] for reference in references}) == len(references)
        document["packages"] = {
            reference["type"]: self.get(f"{product}/packages/{reference['value']}")
            for reference in references
        }
        return document

    def newest(self, product: str) -> dict[str, Any] | None:
        submissions = self.collect(f"{product}/submissions")
        return self.get(f"{product}/submissions/{submissions[-1]['id']}") if submissions else None

    def cancel(self, product: str) -> None:
        newest = self.newest(product)
        if newest is None or newest["state"] != "InProgress":
            raise ReleaseFailed("nothing to cancel")
        self.send("DELETE", f"{product}/submissions/{newest['id']}")

    def promote(self, product: str) -> Any:
        newest = self.newest(product)
        if newest is None or (newest["state"], newest["substate"]) != ("Published", "ReadyToPublish"):
            raise ReleaseFailed("nothing to promote")
        return self.send("POST", f"{product}/submissions/{newest['id']}/promote", {})

    def release(
        self,
        product: str,
        app: tuple[str, bytes] | None = None,
        libraries: Sequence[tuple[str, bytes]] | None = None,
        *,
        version: str = "",
        force: bool = False,
        auto_promote: bool = False,
        waits: bool = True,
    ) -> dict[str, Any]:
        """Submit an app and its libraries. Return the submission as last read, or the answer of the POST.

        Libraries that are not given stay, an empty list removes them. `version` is the app's, if it is raised.
        """
        self.get(product)
        if self.get(f"{product}/setup")["packageType"] == "Connect":
            raise ReleaseFailed("an offer that connects has no app")
        self._make_way(product, force=force)
        configuration_instance, property_instance = self._reference(product, app, libraries), ""
        if version:
            property_instance = self._raise_version(product, version)
        resources = [{"type": "Package", "value": configuration_instance}]
        resources += [{"type": "Property", "value": property_instance}] if property_instance else []
        submission = self.send(
            "POST",
            f"{product}/submissions",
            {
                "resourceType": "SubmissionCreationRequest",
                "targets": [{"type": "Scope", "value": "preview"}],
                "resources": resources,
            },
        )
        if waits or auto_promote:
            return self._wait(product, submission["id"], auto_promote=auto_promote)
        return submission

    def _make_way(self, product: str, *, force: bool) -> None:
        newest = self.newest(product)
        states = [("InProgress", "Failed"), ("Published", "ReadyToPublish"), ("Published", "InStore")]
        if newest is None or (newest["state"], newest["substate"]) in states:
            return
        if newest["state"] != "InProgress" or not force:
            raise ReleaseFailed(f"already running, substate={newest['substate']}")
        self.cancel(product)

    def _reference(
        self,
        product: str,
        app: tuple[str, bytes] | None,
        libraries: Sequence[tuple[str, bytes]] | None,
    ) -> str:
        """Upload files and refer to them. Return the instance of the configuration."""
        instance = self.draft(product, "Package")
        path = f"{product}/packageConfigurations"
        (configuration,) = self.collect(f"{path}/getByInstanceID(instanceID={instance})")
        files: dict[str, tuple[str, bytes] | None] = {}
        if app is not None:
            files[APP] = app
        if libraries is not None:
            name = f"{app[0] if app else 'Contoso.app'}.libraries.zip"
            together = (name, b"".join(content for _, content in libraries))
            files[LIBRARY] = None if not libraries else libraries[0] if len(libraries) == 1 else together
        for kind, file in files.items():
            references = [
                {"type": reference["type"], "value": reference["value"]}
                for reference in configuration["packageReferences"]
                if reference["type"] != kind
            ]
            if file is not None:
                references.append({"type": kind, "value": self._upload(product, kind, *file)})
            configuration["packageReferences"] = references
        self.put(path, configuration)
        return instance

    def _upload(self, product: str, kind: str, name: str, content: bytes) -> str:
        package = self.send("POST", f"{product}/packages", {"resourceType": kind, "fileName": name})
        request = self.emulator.client.build_request(
            "PUT",
            package["fileSasUri"],
            content=content,
            headers={"x-ms-blob-type": "BlockBlob", "Content-Type": "application/octet-stream"},
        )
        del request.headers["authorization"]
        assert self.emulator.client.send(request).status_code == 201
        package["state"] = "Uploaded"
        if self.put(f"{product}/packages", package)["state"] != "Processed":
            raise ReleaseFailed(f"{name} could not be processed")
        return package["id"]

    def _raise_version(self, product: str, version: str) -> str:
        instance = self.draft(product, "Property")
        (property_,) = self.collect(f"{product}/properties/getByInstanceID(instanceID={instance})")
        if _numbers(version) < _numbers(property_["appVersion"]):
            raise ReleaseFailed(f"{version} is lower than {property_['appVersion']}")
        property_["appVersion"] = version
        self.put(f"{product}/properties", property_)
        return instance

    def _wait(self, product: str, id: str, *, auto_promote: bool) -> dict[str, Any]:
        """Poll until preview, or with `auto_promote` until live. Raises ReleaseFailed for a failed step."""
        path, is_promoted = f"{product}/submissions/{id}", False
        for _ in range(ENDLESS):
            workflows = self.collect(f"{path}/workflowdetails")
            assert len(workflows) == 2, workflows
            submission = self.get(path)
            for step in [step for workflow in workflows for step in workflow["workflowSteps"]]:
                if step["state"] not in ("NotStarted", "InProgress", "Success"):
                    raise ReleaseFailed(f"{step['name']}: {submission['state']}/{submission['substate']}")
            reached = (submission["state"], submission["substate"])
            if reached == ("Published", "InStore"):
                return submission
            if reached == ("Published", "ReadyToPublish"):
                if not auto_promote:
                    return submission
                if not is_promoted:
                    self.promote(product)
                    is_promoted = True
            self.emulator.advance(30)
        raise AssertionError("the release never ends")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
