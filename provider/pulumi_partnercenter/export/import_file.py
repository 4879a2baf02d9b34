"""The engine's import file: the state of each exported resource."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pulumi.dynamic.dynamic import serialize_provider

from ..resources._base import ProviderReference
from .collect import ExportedResource

__all__ = ["IMPORT_COMMAND", "build_import_file"]

IMPORT_COMMAND = "pulumi import --file import.json --generate-code=false --protect=false --yes"


def build_import_file(resources: Iterable[ExportedResource]) -> dict[str, Any]:
    """Return the document for `pulumi import --file`.

    `__provider` is in inputs and outputs: without it the engine could neither refresh nor delete the resource.
    """
    return {"resources": [_entry(resource) for resource in resources]}


def _entry(resource: ExportedResource) -> dict[str, Any]:
    payload: str = serialize_provider(ProviderReference(resource.resource_class.schema.known_as))
    outputs = {
        **resource.inputs(),
        **resource.current.outputs.to_json(),
        "fingerprint": resource.fingerprint(),
    }
    return {
        "type": f"pulumi-python:{resource.resource_class._resource_type_name}",  # noqa: SLF001 - the SDK's
        "name": resource.name,
        "id": resource.id,
        "inputs": {**resource.checked, "__provider": payload},
        "outputs": {**outputs, "__provider": payload},
    }
