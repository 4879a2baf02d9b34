"""`partnercenter show`: an offer as a tree, the draft beside preview and live, with what differs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import click
from rich.text import Text

from .._resource import Immutable
from .._words import shortened
from .compare import DRAFT, SECRET, Found, Overview, overview
from .connection import Connection, as_json, echo_json, offer_argument, offer_named
from .printing import Node, print_tree, printable, progress, styled

__all__ = ["show"]

SEEN = 55
"""So many letters of a long value are seen."""


@click.command()
@offer_argument
@click.option("--differences", is_flag=True, help="Only what differs between draft, preview and live.")
@as_json
@click.pass_obj
def show(connection: Connection, offer_id: str, differences: bool, as_json: bool) -> None:
    """An offer as a tree: every resource with its arguments, the draft beside what is in preview and live.

    Arguments at their defaults are left out, secrets never shown. Nothing is written.

    \b
    Examples:
      partnercenter show contoso-archive
      partnercenter show contoso-archive --differences
      partnercenter show contoso-archive --json | jq '.resources[] | select(.type == "Plan").draft.plan_id'
    """  # noqa: D301 - click's mark for lines that are not joined
    with connection.api() as api, progress(f"{offer_id}: asking") as tell:
        seen = overview(api, offer_named(api, offer_id), tell)
    if differences:
        kept = [each for each in seen.resources if any(each.differing(stage.name) for stage in seen.stages)]
        seen = Overview(seen.product, seen.newest, seen.stages, kept)
    if as_json:
        echo_json(_document(seen))
    else:
        print_tree(_tree(seen, differences=differences))


def _document(seen: Overview) -> dict[str, Any]:
    offer = seen.product
    return {
        "offer": {
            "id": offer.id,
            "offer_id": offer.offer_id,
            "offer_type": offer.resource_type,
            "alias": offer.name,
        },
        "stages": {
            each.name: {
                "submission": each.run.id,
                "state": each.run.standing.value,
                "release_number": each.run.release_number,
            }
            for each in seen.stages
        },
        "resources": [_resource(seen, each) for each in seen.resources],
    }


def _resource(seen: Overview, found: Found) -> dict[str, Any]:
    stages = [each.name for each in seen.stages] if found.is_versioned else []
    return {
        "type": found.type,
        "id": found.id,
        "versioned": found.is_versioned,
        **{name: found.shown(name) for name in [DRAFT, *stages]},
        "differs": {name: found.differing(name) for name in stages},
    }


def _tree(seen: Overview, *, differences: bool) -> Node:
    """Each resource below the one whose id its own begins with."""
    offer = seen.product
    label = Text.assemble(
        (printable(offer.offer_id), "bold"), printable(f"  {offer.resource_type} {offer.name!r}")
    )
    label.append(f"  {offer.id}", "dim")
    root = Node(label, [Node(each) for each in _submissions(seen)])
    nodes = {offer.id: root}
    for found in seen.resources:
        arguments = [Node(each) for each in _arguments(seen, found, differences=differences)]
        if found.id == offer.id and found.type == "Offer":
            continue  # the root says it all
        above = _above(found.id, nodes)
        node = Node(_label(seen, found, above), arguments)
        nodes[above].children.append(node)
        nodes.setdefault(found.id, node)
    if differences and seen.stages and not seen.resources:
        root.children.append(Node("nothing differs"))
    return root


def _above(id: str, nodes: dict[str, Node]) -> str:
    while id not in nodes:
        id = id.rpartition("/")[0]
    return id


def _submissions(seen: Overview) -> Iterator[Text]:
    run = seen.newest
    if run is None:
        yield styled("draft only: nothing was ever submitted", "dim")
        return
    for each in seen.stages:
        state = each.run.standing.value
        yield Text.assemble(
            (each.name, "bold"),
            printable(f": release {each.run.release_number}, submission {each.run.id}"),
            "" if state == each.name else f", {state}",
        )
    if run.id not in [each.run.id for each in seen.stages]:
        yield styled(f"release {run.release_number}, submission {run.id}: {run.standing.value}", "red")


def _label(seen: Overview, found: Found, above: str) -> Text:
    tail = unquote(found.id.removeprefix(above).strip("/").replace("/", " "))
    label = Text.assemble(found.kind.noun, " ", (printable(_own_id(found) or tail), "bold"))
    label.rstrip()
    if found.is_fresh:
        label.append("  at its defaults", "dim")
    if seen.stages and not found.is_versioned:
        label.append("  not versioned", "dim")
    for standing in _standing(seen, found):
        label.append(f"  {standing}", "yellow")
    return label


def _own_id(found: Found) -> str:
    """The publisher's own, of an offer or plan."""
    return str((found.seen.get(DRAFT) or {}).get(f"{found.kind.noun}_id", ""))


def _standing(seen: Overview, found: Found) -> Iterator[str]:
    """In which stages it is, as far as they are not all the same."""
    if found.seen.get(DRAFT) is None:
        yield "not in the draft"
    for stage in seen.stages:
        if found.differing(stage.name):
            yield f"not in {stage.name}" if found.seen[stage.name] is None else f"differs from {stage.name}"


def _arguments(seen: Overview, found: Found, *, differences: bool) -> Iterator[Text]:
    names = [DRAFT, *(each.name for each in seen.stages)]
    shown = {name: told for name in names if (told := found.shown(name)) is not None}
    differing = {each for stage in seen.stages for each in found.differing(stage.name)}
    usual, fixed = found.usual(), found.kind.inputs.marked(Immutable)
    place = [*found.id.split("/"), found.id.rpartition("/")[0]]
    named = {found.id, _own_id(found), *map(unquote, place)}
    for argument in next(iter(shown.values())):
        values = {stage: told[argument] for stage, told in shown.items()}
        is_told_above = argument in fixed and named.issuperset(values.values())
        if is_told_above or all(each == usual[argument] for each in values.values()):
            continue
        if argument in differing and len(values) > 1:
            yield Text.assemble(f"{argument}: ", (_beside_each_other(values), "yellow"))
        elif not differences or argument in differing:
            yield Text(f"{argument}: {_value(next(iter(values.values())))}")


def _beside_each_other(values: dict[str, Any]) -> str:
    """`draft 'Vault' | preview, live 'Archive'`."""
    groups: list[tuple[Any, list[str]]] = []
    for stage, value in values.items():
        same = next((stages for known, stages in groups if known == value), None)
        if same is None:
            groups.append((value, [stage]))
        else:
            same.append(stage)
    told = _told_apart([value for value, _ in groups])
    return " | ".join(f"{', '.join(stages)} {words}" for (_, stages), words in zip(groups, told, strict=True))


def _told_apart(values: list[Any]) -> list[str]:
    """Shortened, and where that hides the first difference, the part around it."""
    texts = [repr(value) for value in values]
    letters = enumerate(zip(*texts, strict=False))
    same = next((number for number, each in letters if len(set(each)) > 1), min(map(len, texts)))
    if same < SEEN:
        return [_value(value) for value in values]
    begin = same - SEEN // 4
    return [f"…{each[begin : begin + SEEN]}" + ("…" if len(each) > begin + SEEN else "") for each in texts]


def _value(value: Any) -> str:
    return SECRET if value == SECRET else shortened(value)
