"""Technical configurations of offers and plans. Source: reference 5.13.

References to packages are stored as they are sent: one that is still in process may be named (5.12, pcext).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from . import errors, schemas
from .singletons import Singleton

__all__ = ["CONFIGURATIONS", "references"]

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
NO_TENANT = ("", "string")  # what azpc sends for a cloud that it does not use (10, oddity 41)


def references(configuration: dict[str, Any]) -> list[str]:
    """The ids of the packages that a configuration names."""
    return [str(pair.get("value", "")) for pair in configuration.get("packageReferences", [])]


def _judged(body: dict[str, Any]) -> dict[str, Any]:
    problems = {name: "Enter a valid GUID." for name, value in _guids(body) if not GUID.fullmatch(value)}
    if body.get("version") and not VERSION.fullmatch(body["version"]):
        problems["Version"] = "The version must be three numbers: 1.0.0."  # rule 9.1; at PUT: inferred
    if problems:
        raise errors.invalid(problems)
    return body


def _guids(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What has to be a GUID in a managed application's configuration (9.3), by field; roles may be names (40)."""
    if body["resourceType"] != "AzureManagedApplicationPackageConfiguration":
        return
    for cloud in ("PublicAzure", "AzureGovernment"):
        prefix = cloud[0].lower() + cloud[1:]
        tenant = body.get(f"{prefix}TenantID", "")
        if tenant not in (NO_TENANT if cloud == "AzureGovernment" else ("",)):
            yield f"{cloud}TenantID", tenant
        for each in body.get(f"{prefix}Authorizations", []):
            yield f"{cloud}Authorizations.PrincipalID", each.get("principalID", "")


CONFIGURATIONS = Singleton(
    "packageconfiguration", "Package", schemas.PACKAGE_CONFIGURATIONS.__getitem__, _judged
)
