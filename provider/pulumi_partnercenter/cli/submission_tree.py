"""An offer of the submission API for `partnercenter show`: as a tree, and as a JSON document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from rich.text import Text

from ..markers import Immutable
from .compare import DRAFT, OfferComparison, ResourceComparison
from .printing import Node, printable, styled
from .stage_values import excerpt, side_by_side

__all__ = ["SubmissionTree"]


@dataclass(frozen=True)
class SubmissionTree:
    """An offer of the submission API with its resources in every stage."""

    comparison: OfferComparison
    has_only_differences: bool = False

    def only_differences(self) -> SubmissionTree:
        changed = [
            resource
            for resource in self.comparison.resources
            if any(resource.differing(stage.name) for stage in self.comparison.stages)
        ]
        return SubmissionTree(replace(self.comparison, resources=changed), has_only_differences=True)

    def to_json(self) -> dict[str, Any]:
        return _document(self.comparison)

    def to_tree(self) -> Node:
        return _tree(self.comparison, differences=self.has_only_differences)


def _document(comparison: OfferComparison) -> dict[str, Any]:
    offer = comparison.product
    return {
        "offer": {
            "id": offer.id,
            "offer_id": offer.offer_id,
            "offer_type": offer.resource_type,
            "alias": offer.name,
        },
        "stages": {
            stage.name: {
                "submission": stage.run.id,
                "state": stage.run.standing.value,
                "release_number": stage.run.release_number,
            }
            for stage in comparison.stages
        },
        "resources": [_resource_document(comparison, resource) for resource in comparison.resources],
    }


def _resource_document(comparison: OfferComparison, resource: ResourceComparison) -> dict[str, Any]:
    stages = [stage.name for stage in comparison.stages] if resource.is_versioned else []
    return {
        "type": resource.type,
        "id": resource.id,
        "versioned": resource.is_versioned,
        **{stage: resource.readable_arguments(stage) for stage in [DRAFT, *stages]},
        "differs": {stage: resource.differing(stage) for stage in stages},
    }


def _tree(comparison: OfferComparison, *, differences: bool) -> Node:
    """Return a tree. A resource is below the one whose id is the beginning of its own."""
    offer = comparison.product
    label = Text.assemble(
        (printable(offer.offer_id), "bold"), printable(f"  {offer.resource_type} {offer.name!r}")
    )
    label.append(f"  {offer.id}", "dim")
    root = Node(label, [Node(line) for line in _submission_lines(comparison)])
    nodes = {offer.id: root}
    for resource in comparison.resources:
        if resource.id == offer.id and resource.type == "Offer":
            continue  # the root already shows all arguments of the offer
        lines = _argument_lines(comparison, resource, differences=differences)
        parent = _parent_id(resource.id, nodes)
        node = Node(_label(comparison, resource, parent), [Node(line) for line in lines])
        nodes[parent].children.append(node)
        nodes.setdefault(resource.id, node)
    if differences and comparison.stages and not comparison.resources:
        root.children.append(Node("nothing differs"))
    return root


def _parent_id(id: str, nodes: dict[str, Node]) -> str:
    while id not in nodes:
        id = id.rpartition("/")[0]
    return id


def _submission_lines(comparison: OfferComparison) -> Iterator[Text]:
    newest = comparison.newest
    if newest is None:
        yield styled("draft only: nothing was ever submitted", "dim")
        return
    for stage in comparison.stages:
        state = stage.run.standing.value
        yield Text.assemble(
            (stage.name, "bold"),
            printable(f": release {stage.run.release_number}, submission {stage.run.id}"),
            "" if state == stage.name else f", {state}",
        )
    if newest.id not in [stage.run.id for stage in comparison.stages]:
        line = f"release {newest.release_number}, submission {newest.id}: {newest.standing.value}"
        yield styled(line, "red")


def _label(comparison: OfferComparison, resource: ResourceComparison, parent: str) -> Text:
    tail = unquote(resource.id.removeprefix(parent).strip("/").replace("/", " "))
    label = Text.assemble(resource.kind.noun, " ", (printable(_publisher_id(resource) or tail), "bold"))
    label.rstrip()
    if resource.is_fresh:
        label.append("  at its defaults", "dim")
    if comparison.stages and not resource.is_versioned:
        label.append("  not versioned", "dim")
    for remark in _stage_remarks(comparison, resource):
        label.append(f"  {remark}", "yellow")
    return label


def _publisher_id(resource: ResourceComparison) -> str:
    """Return the id of an offer or plan that the publisher chose."""
    return str((resource.arguments.get(DRAFT) or {}).get(f"{resource.kind.noun}_id", ""))


def _stage_remarks(comparison: OfferComparison, resource: ResourceComparison) -> Iterator[str]:
    """Yield remarks about stages that differ from the draft or lack the resource."""
    if resource.arguments.get(DRAFT) is None:
        yield "not in the draft"
    for stage in comparison.stages:
        if resource.differing(stage.name):
            is_missing = resource.arguments[stage.name] is None
            yield f"not in {stage.name}" if is_missing else f"differs from {stage.name}"


def _argument_lines(
    comparison: OfferComparison, resource: ResourceComparison, *, differences: bool
) -> Iterator[Text]:
    stages = [DRAFT, *(stage.name for stage in comparison.stages)]
    by_stage = {
        stage: arguments for stage in stages if (arguments := resource.readable_arguments(stage)) is not None
    }
    differing = {name for stage in comparison.stages for name in resource.differing(stage.name)}
    defaults, fixed = resource.defaults(), resource.kind.arguments.marked(Immutable)
    parts = [*resource.id.split("/"), resource.id.rpartition("/")[0]]
    in_label = {resource.id, _publisher_id(resource), *map(unquote, parts)}
    for name in next(iter(by_stage.values())):
        values = {stage: arguments[name] for stage, arguments in by_stage.items()}
        is_in_label = name in fixed and in_label.issuperset(values.values())
        if is_in_label or all(value == defaults[name] for value in values.values()):
            continue
        if name in differing and len(values) > 1:
            yield Text.assemble(f"{name}: ", (side_by_side(values), "yellow"))
        elif not differences or name in differing:
            yield Text(f"{name}: {excerpt(next(iter(values.values())))}")
