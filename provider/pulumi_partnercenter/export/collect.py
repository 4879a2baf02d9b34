"""Resources of an existing offer, read through their kinds. Only the submission is read elsewhere, after the others."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ..kind import Current, Kind, Publishes
from ..kinds._submission_api import SubmissionApi
from ..registry import exportable_kinds, load_kind
from ..resources import Resource
from ..values import iterate_texts

__all__ = ["ExportedResource", "ShowProgress", "collect_resources", "resource_classes"]

PARALLEL_READS = 4
"""As many requests as the engine's plugin makes."""

ShowProgress = Callable[[str], None]
"""Shows a line of progress, which the next one replaces."""


@dataclass(eq=False)
class ExportedResource:
    """One resource of an offer on its way into a program.

    `declared`: the arguments that its kind reads. `checked`: the same after the check of the engine's plugin.
    `arguments`: those that the program gives. `name`: the resource's name in the program.
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
        return f"{self.resource_class.__name__} {self.name}"

    def inputs(self) -> dict[str, Any]:
        """Arguments in state once the program has adopted the resource."""
        inputs: dict[str, Any] = self.kind.arguments.merge_unreadable(self.current.arguments, self.checked)
        return inputs

    def fingerprint(self) -> str:
        digest: str = self.kind.arguments.fingerprint(self.inputs())
        return digest

    def refers_to(self, id: str) -> bool:
        """Whether one of its arguments is this id."""
        return id in iterate_texts(self.declared)


def resource_classes() -> list[type[Resource]]:
    """Every resource class of the package, in the order of its exports."""
    package = importlib.import_module(__package__.rpartition(".")[0])
    exports = (getattr(package, name) for name in package.__all__)
    return [
        export
        for export in exports
        if isinstance(export, type) and issubclass(export, Resource) and export is not Resource
    ]


def collect_resources(api: SubmissionApi, offer: str, show: ShowProgress) -> list[ExportedResource]:
    """Read every resource of an offer but its submission, those at their defaults included."""
    api.offers.get(offer)
    kinds = exportable_kinds()
    targets = [
        (resource_class, kinds[name], id)
        for resource_class in resource_classes()
        if (name := resource_class.schema.known_as) in kinds
        for id in kinds[name].list_ids(api, offer)
    ]

    def read(number: int) -> ExportedResource:
        resource_class, kind, id = targets[number]
        show(f"{number + 1} of {len(targets)}: {kind.noun}")
        current = kind.read(api, id)
        return ExportedResource(resource_class, current, kind.program_arguments(api, current))

    with ThreadPoolExecutor(PARALLEL_READS) as pool:
        return list(pool.map(read, range(len(targets))))
