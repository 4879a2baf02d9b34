"""Problems that processing finds in an uploaded package. Rules are documented, error codes are inferred."""

from __future__ import annotations

import codecs
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonc

__all__ = ["find_problems", "item", "read_apps"]

LARGEST_PACKAGE = 1024**3
LARGEST_TEMPLATE = 32 * 1024 * 1024
TEMPLATE, DIALOG = "mainTemplate.json", "createUiDefinition.json"
DEPLOYMENT = "microsoft.resources/deployments"
TRACKED = re.compile(r"pid-(?![0-]+-partnercenter$).+-partnercenter", re.IGNORECASE)
"""A name that counts usage: any text in the middle, except only zeros."""
MANIFEST, LARGEST_MANIFEST = "NavxManifest.xml", 1024**2
UNREADABLE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError)


def find_problems(path: Path) -> list[dict[str, str]]:
    """Return the validation items of an application's zip: an `Error` fails it, a `Warning` does not."""
    if path.stat().st_size > LARGEST_PACKAGE:
        return [item("Package-10001", "The package is larger than 1 GB.")]
    try:
        with zipfile.ZipFile(path) as archive:
            return list(_inside(archive))
    except UNREADABLE:
        return [item("Package-10002", "The package is not a zip file that can be read.")]


def _inside(archive: zipfile.ZipFile) -> Iterator[dict[str, str]]:
    names, template = archive.namelist(), None
    for name in (TEMPLATE, DIALOG):
        if name not in names:
            yield item("Package-10003", f"{name} is missing at the root of the package.")
            continue
        try:
            document = _json(archive, name)
        except (ValueError, RecursionError):
            yield item("Package-10004", f"{name} is not valid JSON.")
            continue
        template = document if name == TEMPLATE else template
    if template is not None and not _is_attributed(template):
        missing = (
            "The template has deployments, and none of its own is named pid-<id>-partnercenter, as a literal: no"
            " tracking id for customer usage attribution can be added."
        )
        yield item("Package-10005", missing, "Warning")


def _json(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    """Return an object at the root of the archive. Raises: ValueError, RecursionError if there is none."""
    with archive.open(name) as file:
        text = file.read(LARGEST_TEMPLATE + 1)
    if len(text) > LARGEST_TEMPLATE:
        raise ValueError(f"{name} has more than {LARGEST_TEMPLATE} bytes")
    marked = text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    document = jsonc.loads(text.decode("utf-16" if marked else "utf-8-sig"), strict=False)
    if not isinstance(document, dict):
        raise ValueError(f"{name} is no object")  # noqa: TRY004 - one kind for every broken rule
    return document


def _is_attributed(template: dict[str, Any]) -> bool:
    """Return whether usage is counted: the service adds its tracking id to a template without own deployments."""
    names = [
        str(resource.get("name"))
        for resource in _resources(template)
        if str(resource.get("type")).lower() == DEPLOYMENT and resource.get("existing") is not True
    ]
    return not names or any(TRACKED.fullmatch(name) for name in names)


def _resources(holder: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the resources of a template and their children; nested templates are separate deployments."""
    listed = holder.get("resources")
    values = listed.values() if isinstance(listed, dict) else listed if isinstance(listed, list) else ()
    for resource in values:
        if isinstance(resource, dict):
            yield resource
            yield from _resources(resource)


def read_apps(path: Path) -> list[list[str]]:
    """Return id and version of each Business Central app in an `.app` file or in a zip of several.

    Empty if one of them cannot be read, as the content of a runtime package.
    """
    try:
        with zipfile.ZipFile(path) as archive:  # an `.app` is a header and a zip
            if MANIFEST in archive.namelist():
                return [_read_app(archive)]
            apps = []
            for name in archive.namelist():
                if name.lower().endswith(".app"):
                    with archive.open(name) as file, zipfile.ZipFile(file) as app:
                        apps.append(_read_app(app))
            return apps
    except (*UNREADABLE, KeyError, ValueError, ET.ParseError):
        return []


def _read_app(app: zipfile.ZipFile) -> list[str]:
    """Return id and version. Raises: KeyError without a manifest or one of them."""
    with app.open(MANIFEST) as file:
        manifest = file.read(LARGEST_MANIFEST)
    root = ET.fromstring(manifest)  # noqa: S314 - expat itself bounds the expansion of entities
    element = root.find("{*}App")
    attributes = {} if element is None else element.attrib
    return [attributes["Id"].lower(), attributes["Version"]]


def item(code: str, message: str, severity: str = "Error") -> dict[str, str]:
    return {"errorCode": code, "severity": severity, "message": message, "resource": "Package"}
