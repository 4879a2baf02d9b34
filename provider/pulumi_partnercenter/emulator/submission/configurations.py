"""Technical configurations of offers and plans.

That a referenced package exists is not checked: it may still be in processing (first-party clients).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from . import errors, schemas
from .singletons import Singleton

__all__ = ["BUSINESS_CENTRAL_TYPES", "CONFIGURATIONS", "GUID", "references"]

BUSINESS_CENTRAL_TYPES = (
    "Dynamics365BusinessCentralAddOnExtensionPackage",
    "Dynamics365BusinessCentralAddOnLibraryExtensionPackage",
    "Dynamics365BusinessCentralAddOnDependencyPackage",
)
"""Types of packages, and of the references to them: the main app, its libraries in one file, and dependencies.

The last has no use any more; that the service refuses it is not known, so it is accepted."""

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
NO_TENANT = ("", "string")  # values that first-party clients send for an unused cloud


def references(configuration: dict[str, Any]) -> list[str]:
    """Return the ids of the packages that a configuration refers to."""
    return [str(pair.get("value", "")) for pair in configuration.get("packageReferences", [])]


def _validate(body: dict[str, Any]) -> dict[str, Any]:
    problems = {name: "Enter a valid GUID." for name, value in _guids(body) if not GUID.fullmatch(value)}
    if body.get("version") and not VERSION.fullmatch(body["version"]):
        problems["Version"] = (
            "The version must be three numbers: 1.0.0."  # documented; that PUT refuses it is inferred
        )
    if body["resourceType"] == "Dynamics365BusinessCentralPackageConfiguration":
        types = [pair.get("type", "") for pair in body.get("packageReferences", [])]
        # That a type occurs once is how clients read it; the refusal is inferred.
        if len(set(types)) < len(types) or not set(types) <= {*BUSINESS_CENTRAL_TYPES}:
            problems["PackageReferences"] = "The field PackageReferences is invalid."
    if problems:
        raise errors.invalid(problems)
    return body


def _guids(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Iterate over the members of a managed application's configuration that are GUIDs; roles may be names."""
    if body["resourceType"] != "AzureManagedApplicationPackageConfiguration":
        return
    for cloud in ("PublicAzure", "AzureGovernment"):
        prefix = cloud[0].lower() + cloud[1:]
        tenant = body.get(f"{prefix}TenantID", "")
        if tenant not in (NO_TENANT if cloud == "AzureGovernment" else ("",)):
            yield f"{cloud}TenantID", tenant
        for authorization in body.get(f"{prefix}Authorizations", []):
            yield f"{cloud}Authorizations.PrincipalID", authorization.get("principalID", "")


CONFIGURATIONS = Singleton(
    "packageconfiguration", "Package", schemas.PACKAGE_CONFIGURATIONS.__getitem__, _validate
)
