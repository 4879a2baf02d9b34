"""What processing finds in an uploaded package. Source: reference 5.12, 9.1; error codes are inferred."""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["findings", "item"]

LARGEST_PACKAGE = 1024**3
LARGEST_TEMPLATE = 32 * 1024 * 1024
TEMPLATE, DIALOG = "mainTemplate.json", "createUiDefinition.json"
ATTRIBUTION = re.compile(r"pid-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-partnercenter", re.IGNORECASE)
UNREADABLE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError)


def findings(path: Path) -> list[dict[str, str]]:
    """Validation items of an application's zip: an `Error` fails it, a `Warning` does not."""
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
        missing = "The package has no deployment pid-<guid>-partnercenter for customer usage attribution."
        yield item("Package-10005", missing, "Warning")


def _json(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    """An object at the root of the archive. Raises: ValueError, RecursionError when it is none, or far too large."""
    with archive.open(name) as file:
        text = file.read(LARGEST_TEMPLATE + 1)
    if len(text) > LARGEST_TEMPLATE:
        raise ValueError(f"{name} has more than {LARGEST_TEMPLATE} bytes")
    document = json.loads(text.decode("utf-8-sig"))
    if not isinstance(document, dict):
        raise ValueError(f"{name} is no object")  # noqa: TRY004 - one kind for every broken rule
    return document


def _is_attributed(template: dict[str, Any]) -> bool:
    resources = template.get("resources", [])
    entries = resources.values() if isinstance(resources, dict) else resources
    return any(
        str(entry.get("type", "")).lower() == "microsoft.resources/deployments"
        and ATTRIBUTION.fullmatch(str(entry.get("name", "")))
        for entry in (entries if not isinstance(entries, str | int | float | None) else ())
        if isinstance(entry, dict)
    )


def item(code: str, message: str, severity: str = "Error") -> dict[str, str]:
    return {"errorCode": code, "severity": severity, "message": message, "resource": "Package"}
