"""Everything of an offer as its resources say it: the draft beside what is in preview and live.

Each kind reads the drafts, and through the same verbs what a submission froze, so that both are told by argument.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi_partnercenter

from .._resource import Immutable, Inputs, Kind, Outputs, Resource, Secret, WriteOnly
from .._shown import is_signed, redacted
from ..errors import NotFound
from ..resources.submission import Submission

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.models import Product
    from ..api.submission.submission_models import Submission as Run

__all__ = ["DRAFT", "SECRET", "Found", "Overview", "Stage", "overview"]

DRAFT, SECRET = "draft", "(secret)"
ORDER = (
    "Offer",
    "OfferSetup",
    "OfferProperties",
    "OfferListing",
    "ListingImage",
    "ListingVideo",
    "ListingDocument",
    "PreviewAudience",
    "ResellerChannel",
    "LeadDestination",
    "OfferTechnicalConfiguration",
    "CosellListing",
    "SupplementalContent",
    "TestDrive",
    "Package",
    "Plan",
    "PlanListing",
    "PlanPricing",
    "PlanPackage",
)
"""Parents before what is below them; others come last."""
EVERYWHERE = ("<product>", "<product>/<variant>")
"""Ids of what every offer or plan has; of a listing `read` cannot tell whether somebody wrote its title."""
THREADS = 4


@dataclass(frozen=True)
class Stage:
    """A submission that shows content; `name` is `preview`, also for what is on its way there, or `live`."""

    name: str
    run: Run


@dataclass(frozen=True)
class Found:
    """A resource of the offer. `seen` has its arguments by stage, None where the stage lacks it.

    `is_versioned` is False where the service keeps one state for all stages. `is_fresh`: nobody has written it.
    """

    type: str
    kind: Kind[Inputs, Outputs]
    id: str
    seen: Mapping[str, Mapping[str, Any] | None]
    is_versioned: bool
    is_fresh: bool

    def shown(self, stage: str) -> dict[str, Any] | None:
        """The arguments that the service tells, secrets by a word only."""
        arguments, inputs = self.seen.get(stage), self.kind.inputs
        if arguments is None:
            return None
        secret, untold = inputs.marked(Secret), inputs.marked(WriteOnly)
        return {
            name: SECRET if name in secret and arguments[name] else without_signatures(arguments[name])
            for name in inputs.compared()
            if name not in untold
        }

    def usual(self) -> dict[str, Any]:
        """Each argument where nobody said it."""
        return self.kind.inputs.canonical({})

    def differing(self, stage: str) -> list[str]:
        """Names of the arguments in which a stage differs from the draft: all that are set, where one lacks it."""
        if not self.is_versioned:
            return []
        one, other = self.seen.get(DRAFT), self.seen.get(stage)
        if one is not None and other is not None:
            return self.kind.inputs.differing(one, other)
        there, usual = one or other, self.usual()
        if there is None or (other is None and self.is_fresh):
            return []
        names, fixed = self.kind.inputs.differing(usual, there), self.kind.inputs.marked(Immutable)
        return [name for name in names if name not in fixed] or names  # those are in the id


def without_signatures(value: Any) -> Any:
    """The same with nothing in its addresses that opens them."""
    if isinstance(value, Mapping):
        return {name: without_signatures(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [without_signatures(inner) for inner in value]
    return redacted(value) if isinstance(value, str) and is_signed(value) else value


@dataclass(frozen=True)
class Overview:
    """An offer: its resources, parents first, and the submissions that show content beside the draft."""

    product: Product
    newest: Run | None
    stages: list[Stage]
    resources: list[Found]


def overview(api: SubmissionApi, product: Product, tell: Callable[[str], None]) -> Overview:
    """Reads everything; `tell` hears how far it is."""
    runs = api.submissions.all(product.id)
    stages = list(_stages(runs))
    views = {DRAFT: api.looking()} | {each.name: api.submitted(product.id, each.run) for each in stages}
    found = []
    with ThreadPoolExecutor(THREADS) as pool:
        for type_, kind in _kinds():
            tell(f"{product.offer_id}: reading {kind.noun}")
            read = functools.partial(_read, type_, kind, views)
            found += [each for each in pool.map(read, _ids(kind, views, product.id)) if each]
    return Overview(product, runs[-1] if runs else None, stages, found)


def _stages(runs: list[Run]) -> Iterator[Stage]:
    from ..api.submission.submissions import Standing

    live = next((each for each in reversed(runs) if each.standing is Standing.LIVE), None)
    ahead = (Standing.VALIDATING, Standing.PREVIEW, Standing.CERTIFYING)
    newest = next((each for each in reversed(runs) if each.standing in ahead), None)
    if newest and (live is None or newest.release_number > live.release_number):
        yield Stage("preview", newest)
    if live:
        yield Stage("live", live)


def _kinds() -> list[tuple[str, Kind[Any, Any]]]:
    exported = {name: getattr(pulumi_partnercenter, name) for name in pulumi_partnercenter.__all__}
    kinds = {
        name: each.provider.kind
        for name, each in exported.items()
        if isinstance(each, type) and issubclass(each, Resource) and each is not Submission
    }
    return sorted(kinds.items(), key=lambda each: ORDER.index(each[0]) if each[0] in ORDER else len(ORDER))


def _read(type: str, kind: Kind[Any, Any], views: Mapping[str, SubmissionApi], id: str) -> Found | None:
    """None when no stage has it."""
    from ..api.submission.read_only import NotVersioned

    seen: dict[str, Mapping[str, Any] | None] = {}
    is_versioned, is_fresh = True, False
    for stage, view in views.items():
        try:
            told = kind.read(view, id)
        except NotVersioned:
            is_versioned = False
        except NotFound:
            seen[stage] = None
        else:
            seen[stage] = told.inputs
            is_fresh = is_fresh or (stage == DRAFT and told.is_fresh and kind.id_form in EVERYWHERE)
    return Found(type, kind, id, seen, is_versioned, is_fresh) if any(seen.values()) else None


def _ids(kind: Kind[Any, Any], views: Mapping[str, SubmissionApi], product: str) -> list[str]:
    """Of all stages, without second names: a logo goes by its kind, whatever its file is called."""
    found: list[str] = []
    for stage, view in views.items():
        for id in _ids_in(kind, view, product):
            known = id in found or (stage != DRAFT and found and _is_there(kind, views[DRAFT], id))
            found += [] if known else [id]
    return found


def _is_there(kind: Kind[Any, Any], api: SubmissionApi, id: str) -> bool:
    try:
        kind.read(api, id)
    except NotFound:
        return False
    return True


def _ids_in(kind: Kind[Any, Any], api: SubmissionApi, product: str) -> list[str]:
    """None of what has no versions: those are the draft's."""
    try:
        return list(kind.ids_in(api, product))
    except NotFound:
        return []
