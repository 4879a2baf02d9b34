"""Files to upload: pictures, documents and packages, in a folder that is deleted after the tests."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

__all__ = ["FOLDER", "application", "dialog", "file", "folder", "pdf", "picture", "template"]

FOLDER = Path(tempfile.mkdtemp(prefix="partnercenter-samples-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

SCHEMAS = "https://schema.management.azure.com/schemas"
ATTRIBUTION = {
    "type": "Microsoft.Resources/deployments",
    "apiVersion": "2021-04-01",
    "name": "pid-11111111-2222-4333-8444-555555555555-partnercenter",
    "properties": {"mode": "Incremental", "template": {"resources": []}},
}


def file(name: str, data: bytes) -> str:
    """Write these bytes into a file. Return its path."""
    path = FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return str(path)


def picture(name: str, width: int, height: int, color: str = "navy") -> str:
    """Write a PNG of a single colour. Return its path."""
    path = FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height), color).save(path, "PNG")
    return str(path)


def pdf(name: str, text: str) -> str:
    return file(name, f"%PDF-1.4\n% {text}\n".encode())


def template(**members: Any) -> bytes:
    plain = {
        "$schema": f"{SCHEMAS}/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": [ATTRIBUTION],
    }
    return json.dumps({**plain, **members}).encode()


def dialog() -> bytes:
    plain = {
        "$schema": f"{SCHEMAS}/0.1.2-preview/CreateUIDefinition.MultiVm.json#",
        "handler": "Microsoft.Azure.CreateUIDef",
        "version": "0.1.2-preview",
        "parameters": {"basics": [], "steps": [], "outputs": {}},
    }
    return json.dumps(plain).encode()


def folder(folder_name: str, files: dict[str, bytes]) -> str:
    for name, data in files.items():
        file(f"{folder_name}/{name}", data)
    return str(FOLDER / folder_name)


def application(name: str, **members: Any) -> str:
    """Create a package folder. Return its path. `members` are members of its template."""
    return folder(name, {"mainTemplate.json": template(**members), "createUiDefinition.json": dialog()})
