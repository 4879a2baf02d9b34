"""An offer of the Cloud Partner Portal API for `partnercenter show`: as a tree, and as a JSON document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rich.text import Text

from ...api.portal.documents import OfferDocument
from ...api.portal.operation_models import OfferStatus
from ...kinds.portal._offer_document import read_arguments
from ...kinds.portal.offer import OfferArguments
from ...markers import Secret
from ..compare import DRAFT, SECRET, without_signatures
from ..printing import Node, printable
from ..stage_values import excerpt, side_by_side

__all__ = ["PortalTree"]

OFFER = "portal.Offer"
IN_LABEL = ("publisher", "offer_id", "offer_type")
EMPTY: tuple[Any, ...] = (None, "", [], {})
LINE_LENGTH = 60
"""Maximum length of an object that is printed on one line."""


@dataclass(frozen=True)
class PortalTree:
    """An offer with the contents of its slots by stage, without empty ones."""

    label: str
    publication: OfferStatus
    documents: Mapping[str, OfferDocument]
    has_only_differences: bool = False

    def only_differences(self) -> PortalTree:
        return replace(self, has_only_differences=True)

    def to_json(self) -> dict[str, Any]:
        draft, by_stage = self.documents[DRAFT], self._arguments()
        stages = [stage for stage in by_stage if stage != DRAFT]
        values = {stage: _compact(_by_plan(arguments)) for stage, arguments in by_stage.items()}
        differs = {stage: [*_differing(values[DRAFT], values[stage], ())] for stage in stages}
        resource = {"type": OFFER, "id": self.label, "versioned": True, **by_stage, "differs": differs}
        is_shown = not self.has_only_differences or any(differs.values())
        return {
            "offer": {
                "id": self.label,
                "publisher": draft.publisher,
                "offer_id": draft.offer_id,
                "offer_type": draft.offer_type,
                "alias": by_stage[DRAFT]["alias"],
                "is_migrated": draft.is_migrated,
            },
            "state": self.publication.stage.value,
            "stages": {stage: {"version": self.documents[stage].version} for stage in stages},
            "resources": [resource] if is_shown else [],
        }

    def to_tree(self) -> Node:
        draft = self.documents[DRAFT]
        by_stage = {
            stage: _compact(_by_plan(arguments))
            for stage, arguments in _without_defaults(self._arguments()).items()
        }
        label = Text.assemble((printable(self.label), "bold"), printable(f"  {draft.offer_type}"))
        label.append("  migrated" if draft.is_migrated else "", "dim")
        children = _member_nodes(by_stage, only_differences=self.has_only_differences)
        if self.has_only_differences and not children and len(by_stage) > 1:
            children = [Node("nothing differs")]
        return Node(label, [*map(Node, self._stage_lines()), *children])

    def _arguments(self) -> dict[str, dict[str, Any]]:
        return {stage: _read_arguments(document) for stage, document in self.documents.items()}

    def _stage_lines(self) -> Iterator[Text]:
        yield Text(f"publication: {self.publication.stage.value}")
        for stage, document in self.documents.items():
            yield Text.assemble((stage, "bold"), f": version {document.version}")


def _read_arguments(document: OfferDocument) -> dict[str, Any]:
    """Return the arguments of a program, with a placeholder for secrets and addresses without signatures."""
    arguments = OfferArguments.canonical(read_arguments(document.body))
    secret = OfferArguments.marked(Secret)
    return {
        name: SECRET if name in secret and arguments[name] else without_signatures(arguments[name])
        for name in OfferArguments.compared()
    }


def _without_defaults(by_stage: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the arguments that are not at their default in every stage, and the plans."""
    defaults = OfferArguments.canonical({})
    names = [
        name
        for name in OfferArguments.compared()
        if name == "plans" or any(arguments[name] != defaults[name] for arguments in by_stage.values())
    ]
    return {stage: {name: arguments[name] for name in names} for stage, arguments in by_stage.items()}


def _by_plan(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments without those of the offer's id, and plans by their ids, with prices in order of their names."""
    plans = {
        plan["plan_id"]: {**plan, "plan_id": "", "pricing": _sort_names(plan["pricing"])}
        for plan in arguments["plans"]
    }
    values = {name: value for name, value in arguments.items() if name not in IN_LABEL}
    return {**values, "plans": plans}


def _sort_names(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {name: _sort_names(value[name]) for name in sorted(value)}


def _compact(value: Any) -> Any:
    """Return a value without members that are empty or false, so that absent and empty are equal."""
    if isinstance(value, Mapping):
        members = {name: _compact(member) for name, member in value.items()}
        return {name: member for name, member in members.items() if member not in EMPTY or member == 0}
    return None if value is False else value


def _differing(left: Any, right: Any, path: tuple[str, ...]) -> Iterator[str]:
    """Yield the paths of differing values, such as `plans.basic.title`; of an object that one side lacks, its path."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        for name in {**left, **right}:
            yield from _differing(left.get(name), right.get(name), (*path, str(name)))
    elif left != right:
        yield ".".join(path)


def _member_nodes(by_stage: Mapping[str, Any], *, only_differences: bool) -> list[Node]:
    """Return a node for each member of an object that at least one stage has."""
    names = dict.fromkeys(name for value in by_stage.values() for name in value or ())
    nodes = []
    for name in names:
        values = {stage: (value or {}).get(name) for stage, value in by_stage.items()}
        if not only_differences or not _is_same(values):
            nodes.append(_node(printable(str(name)), values, only_differences=only_differences))
    return nodes


def _node(name: str, by_stage: Mapping[str, Any], *, only_differences: bool) -> Node:
    if not _has_own_lines(by_stage):
        if _is_same(by_stage):
            return Node(Text(f"{name}: {excerpt(next(iter(by_stage.values())))}"))
        return Node(Text.assemble(f"{name}: ", (side_by_side(dict(by_stage)), "yellow")))
    label = Text(name)
    for stage, value in by_stage.items():
        if value is None:
            label.append(f"  not in {'the draft' if stage == DRAFT else stage}", "yellow")
    existing = {stage: value for stage, value in by_stage.items() if value is not None}
    is_everywhere = len(existing) == len(by_stage)
    return Node(label, _member_nodes(existing, only_differences=only_differences and is_everywhere))


def _is_same(by_stage: Mapping[str, Any]) -> bool:
    values = [*by_stage.values()]
    return all(value == values[0] for value in values)


def _has_own_lines(by_stage: Mapping[str, Any]) -> bool:
    """Whether the members of a value are shown below it: members that differ, or do not fit on a line."""
    objects = [value for value in by_stage.values() if value is not None]
    if not all(isinstance(value, Mapping) for value in objects):
        return False
    if len(objects) > 1 and not _is_same(by_stage):
        return True
    has_parts = any(isinstance(member, Mapping | list) for value in objects for member in value.values())
    return has_parts or any(len(repr(value)) > LINE_LENGTH for value in objects)
