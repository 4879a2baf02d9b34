"""Resources of an existing offer, read through their kinds. The submission is read afterwards, by another module."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ..kind import Current, Kind, Publishes
from ..registry import exportable_kinds, load_kind
from ..resources import Resource
from ..values import iterate_texts

__all__ = ["ExportedResource", "ShowProgress", "collect_resources", "resource_classes"]

PARALLEL_READS = 4
"""Number of concurrent requests, as in the engine's plugin."""

ShowProgress = Callable[[str], None]
"""Function that shows a line of progress, which the next one replaces."""


@dataclass(eq=False)
class ExportedResource:
    """A resource of an offer, from its read to its declaration.

    `declared`: the arguments from its kind's read. `checked`: the same after a plugin's check.
    `arguments`: the arguments in the program. `name`: the resource's name in the program.
    """

    resource_class: type[Resource]
    current: Current[Any]
    declared: dict[str, Any]
    checked: dict[str, Any] = field(default_factory=dict)
    arguments: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    variable: str = ""
    is_kept: bool = False
    """The service does not delete it, because it was published."""
    without_argument: list[str] = field(default_factory=list)
    """Members of the remote object that no argument holds."""

    @property
    def id(self) -> str:
        return self.current.id

    @property
    def kind(self) -> Kind[Any, Any, Any]:
        return load_kind(self.resource_class.schema.known_as)

    @property
    def stays_once_published(self) -> bool:
        return isinstance(self.kind, Publishes) and self.kind.stays_once_published

    @property
    def label(self) -> str:
        return f"{self.resource_class.schema.known_as} {self.name}"

    def inputs(self) -> dict[str, Any]:
        """The arguments in state after the program has adopted the resource."""
        inputs: dict[str, Any] = self.kind.arguments.merge_unreadable(self.current.arguments, self.checked)
        return inputs

    def fingerprint(self) -> str:
        digest: str = self.kind.arguments.fingerprint(self.inputs())
        return digest

    def refers_to(self, id: str) -> bool:
        """Return whether one of its arguments is this id."""
        return id in iterate_texts(self.declared)


def resource_classes(service: str) -> list[type[Resource]]:
    """Return every resource class of a service, in the order of its module's exports."""
    root = __package__.rpartition(".")[0]
    package = importlib.import_module(f"{root}.{service}" if service else root)
    exports = (getattr(package, name) for name in package.__all__)
    return [
        export
        for export in exports
        if isinstance(export, type) and issubclass(export, Resource) and export is not Resource
    ]


def collect_resources(client: Any, service: str, offer: str, show: ShowProgress) -> list[ExportedResource]:
    """Read every resource of an offer except its publication, including those at their defaults."""
    kinds = exportable_kinds(service)
    targets = [
        (resource_class, kinds[name], id)
        for resource_class in resource_classes(service)
        if (name := resource_class.schema.known_as) in kinds
        for id in kinds[name].list_ids(client, offer)
    ]

    def read(number: int) -> ExportedResource:
        resource_class, kind, id = targets[number]
        show(f"{number + 1} of {len(targets)}: {kind.noun}")
        current = kind.read(client, id)
        return ExportedResource(
            resource_class,
            current,
            kind.program_arguments(client, current),
            without_argument=kind.members_without_argument(client, current),
        )

    with ThreadPoolExecutor(PARALLEL_READS) as pool:
        return list(pool.map(read, range(len(targets))))
