"""Listing of an offer by language and plan: every value with the differing values of preview and live."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ...kinds._rules import DEFAULT_LANGUAGE
from ...model import Part
from ...values import Unknown
from ..compare import DRAFT, ResourceComparison
from .pictures import Picture

__all__ = [
    "ChangedValue",
    "FormerValue",
    "LanguageListing",
    "ListedPlan",
    "ListedResource",
    "Listing",
    "ReadPicture",
]

ReadPicture = Callable[[ResourceComparison, str], Picture]
"""Function that reads the picture of a resource in a stage."""

SCREENSHOT = "screenshot"
LOGO_ORDER = ("azurelogolarge", "azurelogomedium", "azurelogosmall", "azurelogowide", "azurelogohero")


@dataclass(frozen=True)
class FormerValue:
    """Value in other stages. `stages`: their labels, joined."""

    stages: str
    value: Any


@dataclass(frozen=True)
class ChangedValue:
    """Value of an argument in the draft, and the differing values of other stages."""

    value: Any
    formers: Sequence[FormerValue] = ()


class ListedResource:
    """A resource on the page. Indexing by the name of an argument gives its `ChangedValue`."""

    def __init__(
        self, resource: ResourceComparison, stages: Mapping[str, str], read_picture: ReadPicture
    ) -> None:
        self.comparison, self._stages, self._read_picture = resource, stages, read_picture
        by_stage = {stage: resource.readable_arguments(stage) for stage in (DRAFT, *stages)}
        self._by_stage = {stage: arguments for stage, arguments in by_stage.items() if arguments is not None}
        self._main = next(iter(self._by_stage))
        self._differing = {
            stage: resource.differing(stage)
            for stage in stages
            if self._main == DRAFT and stage in self._by_stage
        }

    def __getitem__(self, name: str) -> ChangedValue:
        if name not in self._by_stage[self._main]:
            raise KeyError(name)
        formers = [
            (label, self._value(stage, name))
            for stage, label in self._stages.items()
            if name in self._differing.get(stage, [])
            and self._by_stage[stage][name] != self._by_stage[self._main][name]
        ]
        return ChangedValue(self._value(self._main, name), _grouped(formers))

    @property
    def remarks(self) -> list[str]:
        """Sentences about stages that lack the resource."""
        stages = self._stages
        if self._main != DRAFT:
            return [f"Removed from the draft, still in {_joined(stages[name] for name in self._by_stage)}"]
        missing = [
            label
            for stage, label in stages.items()
            if stage not in self._by_stage and self.comparison.differing(stage)
        ]
        return [f"New, not in {_joined(missing)}"] if missing else []

    @cached_property
    def picture(self) -> ChangedValue:
        """Picture of the resource, and the pictures that differ from it."""
        formers = [
            (label, self._read_picture(self.comparison, stage))
            for stage, label in self._stages.items()
            if "digest" in self._differing.get(stage, [])
        ]
        return ChangedValue(self._read_picture(self.comparison, self._main), _grouped(formers))

    def _value(self, stage: str, name: str) -> Any:
        """Return the value with all members of its objects. An unknown member of a preview may be missing."""
        value, part = self._by_stage[stage][name], self.comparison.kind.arguments.part_in(name)
        if part and isinstance(value, list):
            return [_complete(part, element) for element in value]
        return _complete(part, value) if part else value


def _complete(part: type[Part], value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {name: value[name] if name in value else part.default(name) for name in part.names()}


def _grouped(values: Sequence[tuple[str, Any]]) -> list[FormerValue]:
    groups: list[tuple[list[str], Any]] = []
    for label, value in values:
        same = next((labels for labels, other in groups if other == value), None)
        if same is None:
            groups.append(([label], value))
        else:
            same.append(label)
    return [FormerValue(_joined(labels), value) for labels, value in groups]


def _joined(labels: Iterator[str] | Sequence[str]) -> str:
    return " and ".join(labels)


@dataclass(frozen=True)
class ListedPlan:
    """A plan: the texts of a language, and the prices. Both are None if the offer has none."""

    plan: ListedResource
    texts: ListedResource | None
    pricing: ListedResource | None


@dataclass(frozen=True)
class LanguageListing:
    """The listing in a language. `language` may be unknown in a preview."""

    language: Any
    texts: ListedResource | None
    logos: Sequence[ListedResource]
    screenshots: Sequence[ListedResource]
    videos: Sequence[ListedResource]
    documents: Sequence[ListedResource]
    plans: Sequence[ListedPlan]


@dataclass(frozen=True)
class Listing:
    """Resources of an offer in a draft and in the stages that it is compared with.

    `origin`: source of the draft, as the page names it. `stages`: labels by stage. `remarks`: sentences for the
    head of the page. Arguments that refer to a plan hold the `id` of its comparison.
    """

    offer_id: str
    offer_type: str
    alias: str
    origin: str
    stages: Mapping[str, str]
    remarks: Sequence[str]
    resources: Sequence[ResourceComparison]
    read_picture: ReadPicture

    @property
    def stage_labels(self) -> str:
        return _joined(list(self.stages.values()))

    @cached_property
    def languages(self) -> list[LanguageListing]:
        """Return a listing for each language, in the order of the offer's listings."""
        types = ("OfferListing", "ListingImage", "ListingVideo", "ListingDocument", "PlanListing")
        languages = [resource["language"].value for type_ in types for resource in self._listed(type_)]
        return [
            self._in_language(language) for language in _unique_languages(languages) or [DEFAULT_LANGUAGE]
        ]

    @cached_property
    def properties(self) -> ListedResource | None:
        return next(iter(self._listed("OfferProperties")), None)

    @cached_property
    def setup(self) -> ListedResource | None:
        return next(iter(self._listed("OfferSetup")), None)

    def _listed(self, type: str) -> list[ListedResource]:
        return self._listed_by_type.get(type, [])

    @cached_property
    def _listed_by_type(self) -> dict[str, list[ListedResource]]:
        listed: dict[str, list[ListedResource]] = {}
        for resource in self.resources:
            listed.setdefault(resource.type, []).append(
                ListedResource(resource, self.stages, self.read_picture)
            )
        return listed

    def _in_language(self, language: Any) -> LanguageListing:
        def select(type: str) -> list[ListedResource]:
            return [resource for resource in self._listed(type) if resource["language"].value == language]

        images = select("ListingImage")
        return LanguageListing(
            language,
            next(iter(select("OfferListing")), None),
            sorted((image for image in images if not _is_screenshot(image)), key=_logo_order),
            sorted((image for image in images if _is_screenshot(image)), key=_order),
            select("ListingVideo"),
            select("ListingDocument"),
            [self._plan(plan, select("PlanListing")) for plan in self._listed("Plan")],
        )

    def _plan(self, plan: ListedResource, texts: Sequence[ListedResource]) -> ListedPlan:
        def of_plan(resources: Sequence[ListedResource]) -> ListedResource | None:
            id = plan.comparison.id
            return next((resource for resource in resources if resource["plan"].value == id), None)

        return ListedPlan(plan, of_plan(texts), of_plan(self._listed("PlanPricing")))


def _unique_languages(values: Sequence[Any]) -> list[Any]:
    """Return the languages without repetitions: the default first, unknown ones last."""
    strings = dict.fromkeys(value for value in values if not isinstance(value, Unknown))
    strings = {DEFAULT_LANGUAGE: None, **strings} if DEFAULT_LANGUAGE in strings else strings
    return [*strings, *dict.fromkeys(value for value in values if isinstance(value, Unknown))]


def _is_screenshot(image: ListedResource) -> bool:
    return SCREENSHOT in str(image["kind"].value).casefold()


def _logo_order(image: ListedResource) -> int:
    kind = str(image["kind"].value).casefold()
    return LOGO_ORDER.index(kind) if kind in LOGO_ORDER else len(LOGO_ORDER)


def _order(image: ListedResource) -> int:
    order = image["order"].value
    return order if isinstance(order, int) else 0
