"""References between resources: by ids among the arguments, and by ids below other ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..markers import Immutable
from ..values import iterate_texts
from .collect import ExportedResource

__all__ = ["References"]


class References:
    """References between the resources of one offer."""

    def __init__(self, resources: Sequence[ExportedResource]) -> None:
        strings = {resource: set(iterate_texts(resource.declared)) for resource in resources}
        self.owners = {
            resource.id: resource for resource in resources if resource.id not in strings[resource]
        }
        """By id: the resource with the id. Singletons have their parent's id and are left out."""
        self.targets = {
            resource: [self.owners[string] for string in sorted(strings[resource]) if string in self.owners]
            for resource in resources
        }
        """By resource: the resources whose `.id` it refers to."""
        self.parents = {resource: self._find_parent(resource) for resource in resources}
        """By resource: its plan or offer."""

    def holder(self, resource: ExportedResource) -> ExportedResource | None:
        """Return the resource that contains this one without a reference to it: a picture's listing."""
        nearest = next(self._ancestors(resource), None)
        return nearest if nearest and nearest is not self.parents.get(resource) else None

    def shared_arguments(self, resource: ExportedResource, holder: ExportedResource) -> list[str]:
        """Return immutable arguments that the program gives to both with the same value."""
        fixed = set(resource.kind.arguments.marked(Immutable)) & set(holder.kind.arguments.marked(Immutable))
        return [
            name
            for name, value in resource.arguments.items()
            if name in fixed and value == holder.arguments.get(name) and value not in self.owners
        ]

    def referenced(self) -> set[ExportedResource]:
        """Return resources to which another one refers."""
        resources = {target for targets in self.targets.values() for target in targets}
        for resource in self.targets:
            holder = self.holder(resource)
            if holder and self.shared_arguments(resource, holder):
                resources.add(holder)
        return resources

    def groups(self) -> list[list[ExportedResource]]:
        """Return groups in the order of the program: referenced resources, the offer's, then each plan's."""
        referenced = self.referenced()
        first = self._in_order(
            [owner for owner in self.owners.values() if owner in referenced or not self.targets[owner]]
        )
        by_parent: dict[ExportedResource | None, list[ExportedResource]] = {
            parent: [] for parent in [None, *first]
        }
        for resource in self.targets:
            if resource not in by_parent:
                by_parent[self.parents[resource]].append(resource)
        return [first, *(sorted(group, key=_sort_key) for group in by_parent.values() if group)]

    def _find_parent(self, resource: ExportedResource) -> ExportedResource | None:
        targets = self.targets[resource]
        return next((ancestor for ancestor in self._ancestors(resource) if ancestor in targets), None)

    def _ancestors(self, resource: ExportedResource) -> Iterator[ExportedResource]:
        """Yield the resources whose ids are beginnings of this one's id, the nearest first."""
        id = resource.id
        while id:
            owner = self.owners.get(id)
            if owner and owner is not resource:
                yield owner
            id = id.rpartition("/")[0]

    def _in_order(self, resources: Sequence[ExportedResource]) -> list[ExportedResource]:
        """Sort resources so that each follows those that it refers to."""
        left, ordered = sorted(resources, key=_sort_key), list[ExportedResource]()
        while left:
            ready = (resource for resource in left if not set(self.targets[resource]) & set(left))
            following = next(ready, left[0])
            left.remove(following)
            ordered.append(following)
        return ordered


def _sort_key(resource: ExportedResource) -> tuple[str, str]:
    return resource.resource_class.__name__, resource.name
