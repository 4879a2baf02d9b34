"""A resource for tests of the bridge alone: it has every marker, and its service is a dictionary."""

from __future__ import annotations

from typing import Annotated, Any

import pulumi

import pulumi_partnercenter
from pulumi_partnercenter import NotFound
from pulumi_partnercenter._resource import (
    Immutable,
    Inputs,
    Kind,
    Outputs,
    Provider,
    Resource,
    Secret,
    Seen,
    Unordered,
    WriteOnly,
)

REMOTE: dict[str, dict[str, Any]] = {}
"""What the service has, by name."""
WRITES: list[str] = []


def _keys_are_short(want: SafeInputs) -> str | None:
    return "key and label: together at most 40 characters" if len(want.key + want.label) > 40 else None


class SafeInputs(Inputs):
    rules = (_keys_are_short,)

    name: Annotated[str, Immutable]
    label: str = ""
    key: Annotated[str, Secret] = ""
    password: Annotated[str, Secret, WriteOnly] = ""
    owners: Annotated[list[str], Unordered] = []
    size: int = 1


class SafeOutputs(Outputs):
    address: str
    """Where it is."""


def _seen(name: str) -> Seen[SafeOutputs]:
    told = {key: value for key, value in REMOTE[name].items() if key not in ("password", "adopt")}
    return Seen(
        f"safe/{name}", SafeInputs.canonical(told), SafeOutputs(address=f"https://{name}.example.com")
    )


class SafeKind(Kind[SafeInputs, SafeOutputs]):
    noun, id_form, inputs, outputs = "safe", "safe/<name>", SafeInputs, SafeOutputs

    def find(self, api: Any, want: SafeInputs) -> Seen[SafeOutputs] | None:
        return _seen(want.name) if want.name in REMOTE else None

    def create(self, api: Any, want: SafeInputs) -> Seen[SafeOutputs]:
        return self.update(api, f"safe/{want.name}", want)

    def read(self, api: Any, id: str) -> Seen[SafeOutputs]:
        name = id.removeprefix("safe/")
        if name not in REMOTE:
            raise NotFound(f"safe {name}: read", status=404)
        return _seen(name)

    def update(self, api: Any, id: str, want: SafeInputs) -> Seen[SafeOutputs]:
        WRITES.append(want.name)
        REMOTE[want.name] = want.plain()
        return _seen(want.name)

    def delete(self, api: Any, id: str) -> None:
        if REMOTE.pop(id.removeprefix("safe/"), None) is None:
            raise NotFound(f"{id}: delete", status=404)

    def upgrade(self, props: dict[str, Any]) -> dict[str, Any]:
        """The first version said `caption` for `label`."""
        if "caption" not in props:
            return props
        return {"label": props["caption"], **{key: value for key, value in props.items() if key != "caption"}}


class SafeProvider(Provider):
    kind, known_as = SafeKind(), "Safe"


class Safe(Resource, module="partnercenter", name="Safe"):
    provider = SafeProvider
    address: pulumi.Output[str]

    def __init__(
        self, resource_name: str, *, opts: pulumi.ResourceOptions | None = None, **arguments: Any
    ) -> None:
        super().__init__(resource_name, arguments, opts)


setattr(
    pulumi_partnercenter, Safe.__name__, Safe
)  # state finds a provider by the resource's name in the package
