"""Comparison of an offer's draft with its preview and live stages, resource by resource.

Kinds read drafts and submissions with the same verbs, so both have the same arguments.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ..api.submission.absences import NotVersioned
from ..api.submission.models import Product
from ..api.submission.submission_models import Standing
from ..api.submission.submission_models import Submission as Run
from ..errors import NotFound
from ..kind import Exportable, StoredFile
from ..kinds._submission_api import SubmissionApi
from ..markers import Immutable, Secret, WriteOnly
from ..messages import is_signed, redacted
from ..registry import exportable_kinds

__all__ = ["DRAFT", "SECRET", "OfferComparison", "ResourceComparison", "Stage", "compare_stages"]

DRAFT, SECRET = "draft", "(secret)"
SINGLETON_IDS = ("<product>", "<product>/<variant>")
"""Id forms of resources that every offer or plan has. Only for these, `read` can detect an unchanged new object."""
THREADS = 4


@dataclass(frozen=True)
class Stage:
    """A submission with content. `name` is `preview`, also on the way to the preview, or `live`."""

    name: str
    run: Run


@dataclass(frozen=True)
class ResourceComparison:
    """A resource of the offer in every stage.

    `arguments`: by stage, None if the stage lacks the resource. `is_versioned`: False if the service keeps a single
    state for all stages. `is_fresh`: unchanged since its creation.
    """

    type: str
    kind: Exportable[Any, Any, Any]
    id: str
    arguments: Mapping[str, Mapping[str, Any] | None]
    is_versioned: bool
    is_fresh: bool

    def readable_arguments(self, stage: str) -> dict[str, Any] | None:
        """Return the arguments that the service returns, with a placeholder for secrets."""
        arguments, inputs = self.arguments.get(stage), self.kind.arguments
        if arguments is None:
            return None
        secret, unreadable = inputs.marked(Secret), inputs.marked(WriteOnly)
        return {
            name: SECRET if name in secret and arguments[name] else without_signatures(arguments[name])
            for name in inputs.compared()
            if name not in unreadable
        }

    def defaults(self) -> dict[str, Any]:
        arguments: dict[str, Any] = self.kind.arguments.canonical({})
        return arguments

    def differing(self, stage: str) -> list[str]:
        """Return the arguments in which draft and stage differ; if either lacks the resource, all that are set."""
        if not self.is_versioned:
            return []
        draft, other = self.arguments.get(DRAFT), self.arguments.get(stage)
        if draft is not None and other is not None:
            names: list[str] = self.kind.arguments.differing(draft, other)
            return names
        present = draft or other
        if present is None or (other is None and self.is_fresh):
            return []
        names = self.kind.arguments.differing(self.defaults(), present)
        fixed = self.kind.arguments.marked(Immutable)
        # Immutable arguments are part of the id.
        return [name for name in names if name not in fixed] or names


def without_signatures(value: Any) -> Any:
    """Return the value with addresses that have no signature, which would grant access."""
    if isinstance(value, Mapping):
        return {name: without_signatures(member) for name, member in value.items()}
    if isinstance(value, list):
        return [without_signatures(element) for element in value]
    return redacted(value) if isinstance(value, str) and is_signed(value) else value


@dataclass(frozen=True)
class OfferComparison:
    """An offer: its resources, parents first, and the submissions beside the draft.

    `views`: by stage, the client that reads it. They work only while the connection is open.
    """

    product: Product
    newest: Run | None
    stages: list[Stage]
    resources: list[ResourceComparison]
    views: Mapping[str, SubmissionApi] = field(repr=False)

    def stored_file(self, resource: ResourceComparison, stage: str) -> StoredFile | None:
        """Return the file of a resource in a stage; None if it has none."""
        view = self.views[stage]
        source = resource.kind.program_arguments(view, resource.kind.read(view, resource.id)).get("source")
        return source if isinstance(source, StoredFile) else None


def compare_stages(api: SubmissionApi, product: Product, show: Callable[[str], None]) -> OfferComparison:
    """Read every resource in every stage; `show` displays the progress."""
    runs = api.submissions.all(product.id)
    stages = list(_stages(runs))
    views = {DRAFT: api.without_waiting()} | {
        stage.name: api.submission_view(product.id, stage.run) for stage in stages
    }
    resources: list[ResourceComparison] = []
    with ThreadPoolExecutor(THREADS) as pool:
        for type_, kind in exportable_kinds().items():
            show(f"{product.offer_id}: reading {kind.noun}")
            read = functools.partial(_read, type_, kind, views)
            resources += [resource for resource in pool.map(read, _ids(kind, views, product.id)) if resource]
    return OfferComparison(product, runs[-1] if runs else None, stages, resources, views)


def _stages(runs: list[Run]) -> Iterator[Stage]:
    newest_first = runs[::-1]
    live = next((run for run in newest_first if run.standing is Standing.LIVE), None)
    ahead = (Standing.VALIDATING, Standing.PREVIEW, Standing.CERTIFYING)
    preview = next((run for run in newest_first if run.standing in ahead), None)
    if preview and (live is None or preview.release_number > live.release_number):
        yield Stage("preview", preview)
    if live:
        yield Stage("live", live)


def _read(
    type: str, kind: Exportable[Any, Any, Any], views: Mapping[str, SubmissionApi], id: str
) -> ResourceComparison | None:
    """Return the resource in every stage; None if no stage has it."""
    arguments: dict[str, Mapping[str, Any] | None] = {}
    is_versioned, is_fresh = True, False
    for stage, view in views.items():
        try:
            current = kind.read(view, id)
        except NotVersioned:
            is_versioned = False
        except NotFound:
            arguments[stage] = None
        else:
            arguments[stage] = current.arguments
            is_singleton = kind.id_form in SINGLETON_IDS
            is_fresh = is_fresh or (stage == DRAFT and current.is_fresh and is_singleton)
    if not any(arguments.values()):
        return None
    return ResourceComparison(type, kind, id, arguments, is_versioned, is_fresh)


def _ids(kind: Exportable[Any, Any, Any], views: Mapping[str, SubmissionApi], product: str) -> list[str]:
    """Return the ids of all stages without synonyms: the kind identifies a logo, whatever its file name."""
    ids: list[str] = []
    for stage, view in views.items():
        for id in _ids_in(kind, view, product):
            is_listed = id in ids or (stage != DRAFT and ids and _exists(kind, views[DRAFT], id))
            ids += [] if is_listed else [id]
    return ids


def _exists(kind: Exportable[Any, Any, Any], api: SubmissionApi, id: str) -> bool:
    try:
        kind.read(api, id)
    except NotFound:
        return False
    return True


def _ids_in(kind: Exportable[Any, Any, Any], api: SubmissionApi, product: str) -> list[str]:
    """Return the ids in a stage; none for kinds without versions, which are read as the draft."""
    try:
        return list(kind.list_ids(api, product))
    except NotFound:
        return []
