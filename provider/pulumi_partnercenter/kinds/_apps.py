"""Business Central apps of packages and releases: their form in state, and what a preview says about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..content.apps import LARGEST_NUMBER, App, Dependency, require_installable, version_of
from ..model import Part
from ._packages import MAIN_APP

__all__ = [
    "AppInPackage",
    "AppPackage",
    "compare_libraries",
    "compare_main_apps",
    "describe_app",
    "judge_app_packages",
    "judge_dependencies",
    "parse_app",
    "record_app",
    "require_consistent_apps",
]

MICROSOFT = "Microsoft"
NEWEST = (LARGEST_NUMBER,) * 4
"""In place of a version that is not given."""


class AppDependency(Part):
    """An app that another one needs."""

    id: str
    name: str
    publisher: str
    min_version: str


class AppInPackage(Part):
    """A Business Central app, from its manifest."""

    id: str
    name: str
    publisher: str
    version: str
    dependencies: list[AppDependency] = []


class AppPackage(Part):
    """A package of a technical configuration: its kind, in the service's vocabulary, and its apps."""

    kind: str
    apps: list[AppInPackage]


def record_app(app: App) -> dict[str, Any]:
    """Return the form of an app in state."""
    return {**vars(app), "dependencies": [{**vars(need)} for need in app.dependencies]}


def parse_app(recorded: Mapping[str, Any]) -> App:
    """Return an app from its form in state. Older versions recorded no dependencies."""
    needs = tuple(Dependency(**need) for need in recorded.get("dependencies", ()))
    return App(**{**recorded, "dependencies": needs})


def describe_app(app: App) -> str:
    return f"{app.name} {app.version} by {app.publisher}"


def compare_main_apps(former: Sequence[App], desired: Sequence[App], hotfix: str) -> Iterator[str]:
    """Yield warnings about the main app beside the former one. Both are empty if the manifest does not show it.

    `hotfix` says how the version that customers see stays, if the version of the app is lower.
    """
    for before, app in zip(former[:1], desired[:1], strict=False):
        if app.id != before.id:
            yield (
                f"warning: this is another app than before ({before.name}); the app of a published offer cannot change"
            )
        elif version_of(app.version) < version_of(before.version):
            yield f"warning: version {app.version} is below {before.version}{hotfix}"
        if app.publisher != before.publisher:
            yield f"warning: the publisher was {before.publisher}"


def compare_libraries(former: Sequence[App], desired: Sequence[App]) -> Iterator[str]:
    """Yield warnings about libraries beside the former ones of the same ids. Their publishers may differ.

    A runtime package does not show its manifest, so that a former library may still be there.
    """
    by_id = {app.id: app for app in former}
    for app in desired:
        before = by_id.get(app.id, app)
        if version_of(app.version) < version_of(before.version):
            yield f"warning: library {app.name}: version {app.version} is below {before.version}"
        if app.publisher != before.publisher:
            yield f"warning: library {app.name}: the publisher was {before.publisher}"
    ids = {app.id for app in desired}
    for app in former:
        if app.id not in ids:
            yield f"warning: library {app.name} {app.version} was there before, and no manifest has it now"


def judge_dependencies(apps: Sequence[App], staying: Sequence[App]) -> Iterator[str]:
    """Yield warnings about apps that others need. Those between `apps` are no subject: they were checked.

    `staying` are the libraries of the former release, as last recorded: somebody may have changed them since.
    """
    by_id, given = {app.id: app for app in staying}, {app.id for app in apps}
    for app in apps:
        if app.id in by_id:
            yield f"warning: {app.name} is also among the libraries of the former release, which stay"
        for need in app.dependencies:
            name = f"{app.name} {app.version} needs {need.name} {need.min_version}"
            library = by_id.get(need.id)
            if library and version_of(library.version) < version_of(need.min_version):
                yield f"warning: {name}, and the libraries of the former release have {library.version}"
            elif not library and need.id not in given and MICROSOFT != need.publisher == app.publisher:
                yield f"warning: {name}, which is not among its libraries: customers get it only if AppSource has it"


def require_consistent_apps(packages: Sequence[Mapping[str, Any]], offered_version: str) -> None:
    """Raise ValueError if recorded packages cannot be released together, or not as this version of the offer."""
    for app in _list_main_apps(packages):
        if version_of(app.version) > (version_of(offered_version) or NEWEST):
            raise ValueError(
                f"{app.name} {app.version} is above app_version of the OfferProperties, {offered_version}: give them"
                " `.app_version` of the Package"
            )
    require_installable(_list_apps(packages))


def judge_app_packages(packages: Sequence[Mapping[str, Any]], offered_version: str) -> Iterator[str]:
    """Yield warnings about recorded packages: an app below the offer's version, apps that are missing."""
    for app in _list_main_apps(packages):
        if version_of(app.version) < version_of(offered_version):
            yield (
                f"warning: {app.name} {app.version} is below app_version of the OfferProperties, {offered_version},"
                " which customers keep seeing: right for a hotfix only"
            )
    yield from judge_dependencies(_list_apps(packages), ())


def _list_apps(packages: Sequence[Mapping[str, Any]]) -> list[App]:
    return [parse_app(app) for package in packages for app in package["apps"]]


def _list_main_apps(packages: Sequence[Mapping[str, Any]]) -> list[App]:
    return _list_apps([package for package in packages if package["kind"] == MAIN_APP])
