"""Files to upload, and the documents that describe them."""

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


def build_template(*resources: object) -> str:
    return json.dumps({"$schema": "https://example.com/deployment.json", "resources": list(resources)})


def build_zip(**files: str | bytes) -> bytes:
    """Build a zip. In the names, `__` stands for a dot and `_in_` for a slash."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_in_", "/").replace("__", "."), content)
    return target.getvalue()


GOOD = build_zip(mainTemplate__json=build_template(ATTRIBUTION), createUiDefinition__json=DIALOG)
NO_DIALOG = build_zip(mainTemplate__json=build_template(ATTRIBUTION))
