"""A resource `Safe` for tests of the host: it has every marker, and its service is a dictionary."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import pulumi

from pulumi_partnercenter import NotFound, registry
from pulumi_partnercenter.kind import Current, Kind
from pulumi_partnercenter.markers import Immutable, Secret, Unordered, WriteOnly
from pulumi_partnercenter.messages import Host
from pulumi_partnercenter.model import Arguments, Outputs
from pulumi_partnercenter.resources._base import Resource, Schema
from pulumi_partnercenter.settings import Settings

REMOTE: dict[str, dict[str, Any]] = {}
"""Documents of the service, by name."""
WRITES: list[str] = []


def _keys_are_short(desired: SafeArguments) -> str | None:
    return "key and label: together at most 40 characters" if len(desired.key + desired.label) > 40 else None


class SafeArguments(Arguments):
    rules = (_keys_are_short,)

    name: Annotated[str, Immutable]
    label: str = ""
    key: Annotated[str, Secret] = ""
    password: Annotated[str, Secret, WriteOnly] = ""
    owners: Annotated[list[str], Unordered] = []
    size: int = 1


class SafeOutputs(Outputs):
    address: str
    """Address of the document."""


def _current(name: str) -> Current[SafeOutputs]:
    readable = {key: value for key, value in REMOTE[name].items() if key not in ("password", "adopt")}
    return Current(
        f"safe/{name}", SafeArguments.canonical(readable), SafeOutputs(address=f"https://{name}.example.com")
    )


class SafeKind(Kind[None, SafeArguments, SafeOutputs]):
    noun, id_form, arguments, outputs = "safe", "safe/<name>", SafeArguments, SafeOutputs

    def open_client(self, settings: Settings, host: Host) -> None:
        """Return the client of the service, which is this module."""

    def find(self, api: Any, desired: SafeArguments) -> Current[SafeOutputs] | None:
        return _current(desired.name) if desired.name in REMOTE else None

    def create(self, api: Any, desired: SafeArguments) -> Current[SafeOutputs]:
        return self.update(api, f"safe/{desired.name}", desired)

    def read(self, api: Any, id: str) -> Current[SafeOutputs]:
        name = id.removeprefix("safe/")
        if name not in REMOTE:
            raise NotFound(f"safe {name}: read", status=404)
        return _current(name)

    def update(self, api: Any, id: str, desired: SafeArguments) -> Current[SafeOutputs]:
        WRITES.append(desired.name)
        REMOTE[desired.name] = desired.to_json()
        return _current(desired.name)

    def delete(self, api: Any, id: str) -> None:
        if REMOTE.pop(id.removeprefix("safe/"), None) is None:
            raise NotFound(f"{id}: delete", status=404)

    def upgrade_state(self, props: dict[str, Any]) -> dict[str, Any]:
        """Rename `caption`, the first version's name of `label`."""
        if "caption" not in props:
            return props
        return {"label": props["caption"], **{key: value for key, value in props.items() if key != "caption"}}


class Safe(Resource, module="partnercenter", name="Safe"):
    schema = Schema(
        known_as="Safe",
        arguments=SafeArguments.names(),
        computed=tuple(SafeKind().computed()),
        secrets=tuple(SafeArguments.marked(Secret)),
    )
    address: pulumi.Output[str]

    def __init__(
        self, resource_name: str, *, opts: pulumi.ResourceOptions | None = None, **arguments: Any
    ) -> None:
        super().__init__(resource_name, arguments, opts)


_find_resource_type = registry.find_resource_type


def _find_resource_type_or_safe(name: str) -> registry.ResourceType:
    return registry.ResourceType("Safe", "safe") if name == "Safe" else _find_resource_type(name)


# State names this type, so it can be looked up; it is not in the package's list of resources.
registry.find_resource_type = _find_resource_type_or_safe
sys.modules["pulumi_partnercenter.kinds.safe"] = sys.modules[__name__]
