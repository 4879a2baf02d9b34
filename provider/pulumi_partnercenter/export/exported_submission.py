"""The Submission of an exported offer, declared only if adopting it publishes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, combinations, islice
from typing import Any

from ..api.submission.submission_models import Standing
from ..api.submission.submission_models import Submission as Run
from ..kinds._publishing import FURTHER, digest, needed_for_live
from ..kinds._submission_api import SubmissionApi
from ..registry import load_kind
from ..resources.offer import Offer
from ..resources.submission import Submission
from .collect import ExportedResource
from .exported_publication import ExportedPublication, publishing_arguments

__all__ = ["export_submission", "published_ids"]

MAX_SELECTIONS = 4096
"""Maximum number of selections of resources that are compared with the published content."""


def published_ids(api: SubmissionApi, offer: str) -> set[str]:
    """Return the ids of the offer and of each plan that was ever in a preview."""
    return set(api.submissions.published(offer))


def export_submission(
    api: SubmissionApi,
    offer: str,
    resources: Sequence[ExportedResource],
    defaults: Sequence[ExportedResource],
) -> ExportedPublication:
    """Choose what a Submission publishes.

    `resources` are in the program. `defaults` are unchanged since the service created them.
    """
    runs = api.submissions.all(offer)
    if not runs:
        return ExportedPublication(reason="the offer was never submitted")
    run = runs[-1]
    if run.standing not in (Standing.PREVIEW, Standing.LIVE):
        return ExportedPublication(reason=f"its newest submission is {run.standing.value}")
    arguments = {"offer": offer, **_published_resources(api, offer, runs, resources, defaults)}
    if "publishes" not in arguments:
        return ExportedPublication(
            reason=f"the drafts differ from what is {run.standing.value}: declare a Submission to publish them"
        )
    if run.standing is Standing.LIVE:
        arguments["target"] = "live"
    return _check_submission(
        api, offer, arguments, [resource for resource in arguments["publishes"] if resource in defaults]
    )


def _published_resources(
    api: SubmissionApi,
    offer: str,
    runs: Sequence[Run],
    resources: Sequence[ExportedResource],
    defaults: Sequence[ExportedResource],
) -> dict[str, Any]:
    """Return `publishes` with the resources of the newest submission; empty if the drafts have changed.

    The content digest in the submission's notes confirms a selection. Without a match, as of a program that managed
    other arguments or a secret, the drafts are compared, and what target `live` needs is published even at its
    defaults. The Submission then adopts the content of another digest.
    """
    run, declared = runs[-1], [resource for resource in resources if resource.resource_class is not Offer]
    for candidate in _candidates(run, declared, resources, defaults):
        if digest([resource.fingerprint() for resource in candidate]) == run.content:
            return {"publishes": candidate}
    if not api.contents.equals_drafts(offer, run, frozenset(), runs):
        return {}
    needed = needed_for_live(api.offers.get(offer).resource_type) if run.standing is Standing.LIVE else []
    chosen = [resource for resource in defaults if resource.resource_class.__name__ in needed]
    return {"publishes": [*declared, *chosen], **({"adopt": True} if run.content else {})}


def _candidates(
    run: Run,
    declared: Sequence[ExportedResource],
    resources: Sequence[ExportedResource],
    defaults: Sequence[ExportedResource],
) -> Iterator[list[ExportedResource]]:
    """Yield the declared resources with selections of those that a program may also have published."""
    if not run.content:
        return
    modules = {module.type for module in run.resources}
    optional = [
        resource
        for resource in [*defaults, *resources]
        if (resource in defaults and FURTHER.get(resource.resource_class.__name__, "") in ("", *modules))
        or resource.resource_class is Offer
    ]
    for selection in islice(_selections(optional), MAX_SELECTIONS):
        yield [*declared, *selection]


def _selections(resources: Sequence[ExportedResource]) -> Iterator[tuple[ExportedResource, ...]]:
    """Yield selections, the likely ones first: none, all resources of some classes, then any."""
    classes = sorted({resource.resource_class.__name__ for resource in resources})
    by_class = chain.from_iterable(combinations(classes, number) for number in range(len(classes) + 1))
    whole_classes = (
        tuple(resource for resource in resources if resource.resource_class.__name__ in names)
        for names in by_class
    )
    others = chain.from_iterable(combinations(resources, number) for number in range(len(resources) + 1))
    return chain(whole_classes, others)


def _check_submission(
    api: SubmissionApi, offer: str, arguments: dict[str, Any], defaults: list[ExportedResource]
) -> ExportedPublication:
    """Leave out the submission if a preview would refuse it, or if adopting a resource at its defaults would write."""
    for resource in defaults:
        if resource.kind.find(api, resource.kind.arguments.parse(resource.checked)) is None:
            return ExportedPublication(
                reason=f"it sends the {resource.kind.noun}, which may be a default that nobody chose"
            )
    kind = load_kind(Submission.schema.known_as)
    offer_type = api.offers.get(offer).resource_type
    inputs = {**arguments, "offer_type": offer_type, **publishing_arguments(arguments["publishes"])}
    if problems := kind.arguments.problems(inputs):
        return ExportedPublication(reason="; ".join(problems))
    current = kind.read(api, offer)
    content = current.outputs.replace(content=digest(inputs["publishes"]))
    checked = kind.arguments.canonical(inputs)
    resource = ExportedResource(Submission, replace(current, outputs=content), arguments, checked, arguments)
    return ExportedPublication(resource, defaults)
