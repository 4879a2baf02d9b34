"""`partnercenter show`: an offer as a tree, with the differences between draft, preview and live."""

from __future__ import annotations

import tempfile
import webbrowser
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

import click
from rich.text import Text

from ..errors import SettingsError
from ..markers import Immutable
from ..messages import shortened
from .compare import DRAFT, SECRET, OfferComparison, ResourceComparison, compare_stages
from .connection import Connection, as_json, echo_json, offer_argument, require_offer
from .environment_checks import read_project
from .printing import Node, print_tree, printable, progress, styled

__all__ = ["show"]

EXCERPT_LENGTH = 55
"""Maximum length of a printed value."""


@click.command()
@offer_argument
@click.option("--differences", is_flag=True, help="Only what differs between draft, preview and live.")
@as_json
@click.option(
    "--html",
    "page",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the listing as customers would see it: one page, without scripts.",
)
@click.option(
    "--open",
    "opens",
    is_flag=True,
    help="Open the page in the browser; without --html it is a temporary file.",
)
@click.option(
    "--preview",
    metavar="FILE",
    type=click.File(encoding="utf-8-sig"),
    help="For the page: the output of `pulumi preview --json --show-sames` instead of the draft; - is stdin.",
)
@click.pass_obj
def show(
    connection: Connection,
    *,
    offer_id: str,
    differences: bool,
    as_json: bool,
    page: Path | None,
    opens: bool,
    preview: IO[str] | None,
) -> None:
    """An offer as a tree: every resource with its arguments, the draft beside what is in preview and live.

    Arguments at their defaults are left out, secrets never shown. Nothing is written to the service.

    \b
    Examples:
      partnercenter show contoso-archive
      partnercenter show contoso-archive --differences
      partnercenter show contoso-archive --json | jq '.resources[] | select(.type == "Plan").draft.plan_id'
      partnercenter show contoso-archive --html listing.html
      pulumi preview --json --show-sames | partnercenter show contoso-archive --open --preview -
    """  # noqa: D301 - click's mark for lines that are not joined
    if page or opens:
        if as_json or differences:
            raise click.UsageError("--html and --open write a page: leave out --json and --differences.")
        _show_page(connection, offer_id, page, preview, opens=opens)
        return
    if preview:
        raise click.UsageError("--preview is for a page: say --html FILE or --open.")
    with connection.api() as api, progress(f"{offer_id}: asking") as show_progress:
        comparison = compare_stages(api, require_offer(api, offer_id), show_progress)
    if differences:
        changed = [
            resource
            for resource in comparison.resources
            if any(resource.differing(stage.name) for stage in comparison.stages)
        ]
        comparison = replace(comparison, resources=changed)
    if as_json:
        echo_json(_document(comparison))
    else:
        print_tree(_tree(comparison, differences=differences))


def _show_page(
    connection: Connection, offer_id: str, page: Path | None, preview: IO[str] | None, *, opens: bool
) -> None:
    """Write the page of the listing, and open it."""
    from .listing_page.render import write_page

    html = _program_html(offer_id, preview) if preview else _service_html(connection, offer_id)
    path = page or Path(tempfile.mkdtemp(prefix="partnercenter-")) / "listing.html"
    write_page(html, path)
    click.echo(printable(f"Written to {path}"))
    if opens and not webbrowser.open(path.resolve().as_uri()):
        raise SettingsError(f"page {str(path)!r}: no browser opens it", next="open the file yourself")


def _service_html(connection: Connection, offer_id: str) -> str:
    from .listing_page.render import render_page
    from .listing_page.service import listing_in_service

    with connection.api() as api, progress(f"{offer_id}: asking") as show_progress:
        comparison = compare_stages(api, require_offer(api, offer_id), show_progress)
        show_progress(f"{offer_id}: reading pictures")
        return render_page(listing_in_service(comparison), datetime.now(UTC))


def _program_html(offer_id: str, preview: IO[str]) -> str:
    from .listing_page.program import listing_in_program
    from .listing_page.render import render_page

    try:
        text = preview.read()
    except ValueError:
        text = ""  # not UTF-8, so not a JSON document
    listing = listing_in_program(offer_id, text, preview.name, read_project()[0])
    return render_page(listing, datetime.now(UTC))


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
            yield Text.assemble(f"{name}: ", (_side_by_side(values), "yellow"))
        elif not differences or name in differing:
            yield Text(f"{name}: {_excerpt(next(iter(values.values())))}")


def _side_by_side(values: dict[str, Any]) -> str:
    """Return `draft 'Vault' | preview, live 'Archive'`."""
    groups: list[tuple[Any, list[str]]] = []
    for stage, value in values.items():
        same = next((stages for other, stages in groups if other == value), None)
        if same is None:
            groups.append((value, [stage]))
        else:
            same.append(stage)
    excerpts = _distinct_excerpts([value for value, _ in groups])
    return " | ".join(
        f"{', '.join(stages)} {excerpt}" for (_, stages), excerpt in zip(groups, excerpts, strict=True)
    )


def _distinct_excerpts(values: list[Any]) -> list[str]:
    """Return shortened values. If they become equal, return the part around the first difference."""
    texts = [repr(value) for value in values]
    columns = enumerate(zip(*texts, strict=False))
    same = next((number for number, letters in columns if len(set(letters)) > 1), min(map(len, texts)))
    if same < EXCERPT_LENGTH:
        return [_excerpt(value) for value in values]
    begin = same - EXCERPT_LENGTH // 4
    end = begin + EXCERPT_LENGTH
    return [f"…{text[begin:end]}" + ("…" if len(text) > end else "") for text in texts]


def _excerpt(value: Any) -> str:
    return SECRET if value == SECRET else shortened(value)
