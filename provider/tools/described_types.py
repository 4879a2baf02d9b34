"""Generate members and types of the submission API's documents from the service's OpenAPI description.

    .venv/bin/python -m provider.tools.described_types

writes `emulator/submission/described_types.py`. The description is kept beside the checkout (`../shared`), not in it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[2]
DESCRIPTION = CHECKOUT.parent / "shared" / "reference" / "submission-api.openapi.json"
MODULE = CHECKOUT / "provider" / "pulumi_partnercenter" / "emulator" / "submission" / "described_types.py"
NAMESPACE = re.compile(r"^Microsoft\.Ingestion\.Api\.([A-Za-z0-9]+\.)*")
SCALARS = {"string": "STRING", "boolean": "BOOLEAN", "integer": "INTEGER", "number": "NUMBER"}
TYPES = (
    "AzureProduct",
    "AzureProductSetup",
    "AzureListing",
    "ListingImage",
    "ListingVideo",
    "ListingAsset",
    "AzureSkuVariant",
    "FeatureAvailability",
    "ProductAvailability",
    "AzureProperty",
    "AzurePackage",
    "AzureResourceManagerTestDrivePackageConfiguration",
    "AzureManagedApplicationPackageConfiguration",
    "AzureSolutionTemplatePackageConfiguration",
    "AzureApplicationPackageConfiguration",
    "Dynamics365BusinessCentralPackageConfiguration",
    "Dynamics365CustomerEngagementPackageConfiguration",
    "Dynamics365OperationsPackageConfiguration",
    "ResellerConfiguration",
    "AzureTableLeadConfiguration",
    "AzureBlobLeadConfiguration",
    "DynamicsCustomerRelationshipManagementLeadConfiguration",
    "HttpsEndpointLeadConfiguration",
    "MarketoLeadConfiguration",
    "SalesForceLeadConfiguration",
    "CosellListing",
    "CosellAsset",
    "SupplementalContent",
    "SubmissionCreationRequest",
)
"""Types of documents that clients write."""
HEAD = '''"""Members and types of documents, as the service's OpenAPI description has them.

Written by `python -m provider.tools.described_types`. `schemas.py` says where the service differs.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..binding import Scalar, Schema

__all__ = ["DESCRIBED_TYPES"]

STRING, BOOLEAN, INTEGER, NUMBER = Scalar.STRING, Scalar.BOOLEAN, Scalar.INTEGER, Scalar.NUMBER

DESCRIBED_TYPES: Mapping[str, Mapping[str, Schema]] = '''


class Description:
    """The schemas of an OpenAPI document, by the names of models without their namespaces."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.schemas: dict[str, dict[str, Any]] = document["components"]["schemas"]
        self.names = {NAMESPACE.sub("", name): name for name in self.schemas}

    def render(self, model: str) -> str:
        """Render the type of a model as Python."""
        return self._render(self.schemas[self.names[model]])

    def _render(self, schema: dict[str, Any]) -> str:
        members = self._members(schema)
        if members:
            return (
                "{" + ", ".join(f'"{name}": {self._render(member)}' for name, member in members.items()) + "}"
            )
        schema = self._resolve(schema)
        if schema["type"] == "array":
            return f"[{self._render(schema['items'])}]"
        return SCALARS[schema["type"]]

    def _resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        return self.schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema

    def _members(self, schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """Return the members of an object and of the models that it extends: the type first, etag and id last."""
        schema = self._resolve(schema)
        members: dict[str, dict[str, Any]] = {}
        for part in reversed(schema.get("allOf", [])):
            for name, member in self._members(part).items():
                members.setdefault(name, member)
        members |= schema.get("properties", {})
        ends = [name for name in ("@odata.etag", "id") if name in members]
        names = [name for name in members if name not in ("resourceType", *ends)]
        starts = ["resourceType"] if "resourceType" in members else []
        return {name: members[name] for name in (*starts, *names, *ends)}


def render() -> str:
    """Return the text of the module. Raises: FileNotFoundError if the description is missing."""
    description = Description(json.loads(DESCRIPTION.read_text(encoding="utf-8")))
    types = ", ".join(f'"{model}": {description.render(model)}' for model in TYPES)
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(MODULE), "-"]
    done = subprocess.run(command, input=f"{HEAD}{{{types}}}\n", capture_output=True, text=True, check=True)
    return done.stdout


def main() -> None:
    if not DESCRIPTION.is_file():
        sys.exit(f"described types: {DESCRIPTION} is not there")
    MODULE.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
