"""Files to upload, and the documents that ask for a place to upload them to."""

from __future__ import annotations

import io
import json
import zipfile

APPLICATION = {"resourceType": "AzureApplicationPackage", "fileName": "app.zip"}
LOGO = {"resourceType": "ListingImage", "fileName": "large.png", "type": "AzureLogoLarge", "order": 0}
VIDEO = {"resourceType": "ListingVideo", "streamingUri": "https://video.example.com/watch/1"}
THUMBNAIL = {"fileName": "still.png", "title": "Contoso in a minute"}
GUIDE = {
    "resourceType": "ListingAsset",
    "fileName": "guide.pdf",
    "friendlyName": "Guide",
    "type": "pdfDocument",
    "description": "How to start",
}
PITCH = {"resourceType": "CosellAsset", "fileName": "pitch.pdf", "type": "PitchDeck"}
EXPAND_FILE = {"$expand": "FileSasUri"}

ATTRIBUTION = {
    "type": "Microsoft.Resources/deployments",
    "apiVersion": "2022-09-01",
    "name": "pid-11111111-2222-4333-8444-555555555555-partnercenter",
}
DIALOG = "{}"


def template(*resources: object) -> str:
    return json.dumps({"$schema": "https://example.com/deployment.json", "resources": list(resources)})


def zipped(**files: str | bytes) -> bytes:
    """A zip; names are spelled with `__` for a dot and `_in_` for a folder."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_in_", "/").replace("__", "."), content)
    return target.getvalue()


GOOD = zipped(mainTemplate__json=template(ATTRIBUTION), createUiDefinition__json=DIALOG)
NO_DIALOG = zipped(mainTemplate__json=template(ATTRIBUTION))
