"""Listing of an offer that a program declares, from the output of `pulumi preview --json --show-sames`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from pulumi.runtime import rpc
from pydantic import BaseModel, ValidationError

from ...content.sources import file_content
from ...errors import InputError
from ...kind import Exportable
from ...registry import exportable_kinds
from ...resources._base import ENGINE_SENTINELS
from ...strict_json import read_json
from ...values import UNKNOWN, Unknown, holds_unknown
from ..compare import DRAFT, ResourceComparison
from .listing import Listing
from .pictures import Picture

__all__ = ["WITHHELD", "Withheld", "listing_in_program"]

COMMAND = "pulumi preview --json --show-sames"
TYPE_PREFIX = "pulumi-python:dynamic/partnercenter:"
LISTED_TYPES = (
    "Offer",
    "OfferSetup",
    "OfferProperties",
    "OfferListing",
    "ListingImage",
    "ListingVideo",
    "ListingDocument",
    "Plan",
    "PlanListing",
    "PlanPricing",
)
LAST_UPDATE = "last update"
MASKED_SECRET = "[secret]"  # noqa: S105 - the engine's word in the place of a secret


class Withheld(Unknown):
    """A secret of the program. The engine does not print its value."""

    def __repr__(self) -> str:
        return "(secret)"


WITHHELD = Withheld()


class _State(BaseModel):
    type: str
    inputs: dict[str, Any] = {}
    propertyDependencies: dict[str, list[str] | None] = {}  # noqa: N815 - the engine's name


class _Step(BaseModel):
    op: str
    urn: str
    newState: _State | None = None  # noqa: N815
    oldState: _State | None = None  # noqa: N815


class _Diagnostic(BaseModel):
    severity: str
    message: str


class _Preview(BaseModel):
    steps: list[_Step]
    changeSummary: dict[str, int] = {}  # noqa: N815
    diagnostics: list[_Diagnostic] = []


@dataclass
class _Declaration:
    """A resource of the program: its states in the preview and after the last update, None if it does not exist."""

    type: str
    desired: _State | None = None
    applied: _State | None = None

    @property
    def references(self) -> Mapping[str, list[str] | None]:
        """URNs on which each argument depends."""
        state = self.desired or self.applied
        return state.propertyDependencies if state else {}


def listing_in_program(offer_id: str, text: str, name: str, folder: Path) -> Listing:
    """Return the listing of an offer in a preview. Raises InputError.

    `text`: the engine's output. `name`: its file. `folder`: the program's folder, for paths of files.
    """
    declarations = _declarations(_read_preview(text, name))
    offer = _find_offer(offer_id, declarations, name)
    try:
        resources = [
            _comparison(urn, declaration, declarations, name)
            for type_ in LISTED_TYPES
            for urn, declaration in declarations.items()
            if declaration.type == type_ and _owner(urn, declarations, "Offer") == offer
        ]
    except RecursionError:
        _refuse(name, "it is nested too deeply", f"write the file by `{COMMAND} > {name}`")
    resources = [resource for resource in resources if any(resource.arguments.values())]
    stages = [LAST_UPDATE] if any(resource.arguments.get(LAST_UPDATE) for resource in resources) else []
    inputs = _inputs(declarations[offer].desired or declarations[offer].applied)
    return Listing(
        offer_id,
        str(inputs.get("offer_type", "")),
        str(inputs.get("alias", "")),
        "what the program declares",
        dict.fromkeys(stages, "the last update"),
        ["The next pulumi up makes it so."] if stages else ["The program has not run yet."],
        resources,
        lambda resource, stage: _read_picture(resource, stage, folder),
    )


def _read_preview(text: str, name: str) -> _Preview:
    try:
        document = read_json(text)
    except ValueError:
        _refuse(name, "it is no JSON document", f"write the file by `{COMMAND} > {name}`")
    try:
        preview = _Preview.model_validate(document)
    except ValidationError:
        _refuse(name, f"it is not what `{COMMAND}` prints", f"write the file by `{COMMAND} > {name}`")
    if failures := [entry for entry in preview.diagnostics if entry.severity == "error"]:
        _refuse(name, failures[0].message, "mend the program until its preview succeeds")
    number = sum(step.op == "same" for step in preview.steps)
    if missing := preview.changeSummary.get("same", 0) - number:
        _refuse(name, f"it leaves out {missing} resources that stay the same", f"write it by `{COMMAND}`")
    return preview


def _refuse(name: str, reason: str, advice: str) -> NoReturn:
    raise InputError(f"preview {name!r}: {' '.join(reason.split())}", next=advice)


def _declarations(preview: _Preview) -> dict[str, _Declaration]:
    """Resources by URN. A replacement has several steps."""
    declarations: dict[str, _Declaration] = {}
    for step in preview.steps:
        state = step.newState or step.oldState
        if state is None or not state.type.startswith(TYPE_PREFIX):
            continue
        declaration = declarations.setdefault(step.urn, _Declaration(state.type.removeprefix(TYPE_PREFIX)))
        declaration.applied = step.oldState or declaration.applied
        if not step.op.startswith(("delete", "discard")):
            declaration.desired = step.newState or declaration.desired
    return declarations


def _find_offer(offer_id: str, declarations: Mapping[str, _Declaration], name: str) -> str:
    """Return the URN of the offer with this offer id."""
    offers = {
        str(_inputs(state).get("offer_id")): urn
        for urn, declaration in declarations.items()
        if declaration.type == "Offer" and (state := declaration.desired or declaration.applied)
    }
    if offer_id not in offers:
        names = ", ".join(map(repr, offers)) or "no offer at all"
        _refuse(name, f"no offer {offer_id!r} in it", f"say one that the program declares: {names}")
    return offers[offer_id]


def _owner(urn: str, declarations: Mapping[str, _Declaration], type: str) -> str:
    """Return the URN of the offer or plan that a resource's arguments depend on; "" if there is none."""
    pending, visited = [urn], set[str]()
    while pending:
        current = pending.pop()
        if current in visited or current not in declarations:
            continue
        visited.add(current)
        if declarations[current].type == type:
            return current
        for argument in ("offer", "plan"):
            pending += declarations[current].references.get(argument) or []
    offers = [other for other, declaration in declarations.items() if declaration.type == type]
    return offers[0] if type == "Offer" and len(offers) == 1 else ""


def _comparison(
    urn: str, declaration: _Declaration, declarations: Mapping[str, _Declaration], name: str
) -> ResourceComparison:
    kind = exportable_kinds()[declaration.type]
    references = {
        argument: _owner(urn, declarations, type_)
        for argument, type_ in (("offer", "Offer"), ("plan", "Plan"))
        if argument in kind.arguments.names()
    }
    desired, applied = _inputs(declaration.desired), _inputs(declaration.applied)
    if problems := kind.arguments.problems(desired) if desired else []:
        label = f"{declaration.type} {urn.rpartition('::')[2]!r}"
        _refuse(name, f"{label}: {problems[0]}", f"write it by `{COMMAND}`, with this version of the package")
    if applied:
        applied = kind.upgrade_state(applied)
    is_readable = not (applied and kind.arguments.problems(applied))
    arguments = {
        DRAFT: _canonical(kind, desired, references),
        LAST_UPDATE: _canonical(kind, applied if is_readable else {}, references),
    }
    return ResourceComparison(declaration.type, kind, urn, arguments, is_readable, is_fresh=False)


def _canonical(
    kind: Exportable[Any, Any, Any], inputs: Mapping[str, Any], references: Mapping[str, str]
) -> dict[str, Any] | None:
    return {**kind.arguments.canonical(inputs), **references} if inputs else None


def _inputs(state: _State | None) -> dict[str, Any]:
    """Return the arguments with unknowns and secrets as objects, without the engine's and the constructor's members."""
    inputs = state.inputs if state else {}
    return {name: _decoded(value) for name, value in inputs.items() if not name.startswith("_")}


def _decoded(value: Any) -> Any:
    if isinstance(value, str):
        return UNKNOWN if value in ENGINE_SENTINELS else WITHHELD if value == MASKED_SECRET else value
    if isinstance(value, list):
        return [_decoded(element) for element in value]
    if isinstance(value, dict):
        is_secret = value.get(rpc._special_sig_key) == rpc._special_secret_sig  # noqa: SLF001
        return WITHHELD if is_secret else {name: _decoded(member) for name, member in value.items()}
    return value


def _read_picture(resource: ResourceComparison, stage: str, folder: Path) -> Picture:
    """Return the picture on disk, if it is still the file of the preview."""
    arguments = resource.arguments[stage] or {}
    source = arguments.get("source")
    if not source:
        return Picture()
    if holds_unknown(source):
        is_secret = isinstance(source, Withheld)
        return Picture(
            problem=f"The file is {'a secret of the program' if is_secret else 'known after apply'}."
        )
    path = source if isinstance(source, str) else "a text of the program"
    if stage != DRAFT:
        return Picture(problem="The picture of the last update is not on this machine.", path=path)
    try:
        content = file_content(str(folder / source) if isinstance(source, str) else source)
        if arguments["digest"] not in (content.digest, UNKNOWN):
            raise ValueError("the file has changed since the preview")  # noqa: TRY301 - a rule like the others
    except (OSError, ValueError) as error:
        sentence = str(error)
        return Picture(problem=f"{sentence[:1].upper()}{sentence[1:]}.", path=path)
    return Picture.from_content(content, path)
