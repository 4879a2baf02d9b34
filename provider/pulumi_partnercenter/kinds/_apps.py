"""Business Central apps of packages and releases: their form in state, and what a preview says about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..content.apps import App, version_of
from ..model import Part

__all__ = [
    "AppInPackage",
    "compare_libraries",
    "compare_main_apps",
    "describe_app",
    "judge_dependencies",
    "record_app",
]

RecordedApp = Mapping[str, Any]
"""An `AppInPackage` in state."""
MICROSOFT = "Microsoft"


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


def record_app(app: App) -> dict[str, Any]:
    """Return the form of an app in state."""
    return {**vars(app), "dependencies": [{**vars(need)} for need in app.dependencies]}


def describe_app(app: RecordedApp) -> str:
    return f"{app['name']} {app['version']} by {app['publisher']}"


def compare_main_apps(
    former: Sequence[RecordedApp], desired: Sequence[RecordedApp], hotfix: str
) -> Iterator[str]:
    """Yield warnings about the main app beside the former one. Both are empty if the manifest does not show it.

    `hotfix` says how the version that customers see stays, if the version of the app is lower.
    """
    for before, app in zip(former[:1], desired[:1], strict=False):
        if app["id"] != before["id"]:
            yield (
                f"warning: this is another app than before ({before['name']}); the app of a published offer cannot"
                " change"
            )
        elif version_of(app["version"]) < version_of(before["version"]):
            yield f"warning: version {app['version']} is below {before['version']}{hotfix}"
        if app["publisher"] != before["publisher"]:
            yield f"warning: the publisher was {before['publisher']}"


def compare_libraries(former: Sequence[RecordedApp], desired: Sequence[RecordedApp]) -> Iterator[str]:
    """Yield warnings about libraries beside the former ones of the same ids. Their publishers may differ."""
    by_id = {app["id"]: app for app in former}
    for app in desired:
        before = by_id.get(app["id"], app)
        if version_of(app["version"]) < version_of(before["version"]):
            yield f"warning: library {app['name']}: version {app['version']} is below {before['version']}"
        if app["publisher"] != before["publisher"]:
            yield f"warning: library {app['name']}: the publisher was {before['publisher']}"


def judge_dependencies(apps: Sequence[RecordedApp], staying: Sequence[RecordedApp]) -> Iterator[str]:
    """Yield warnings about apps that others need. Those between `apps` are no subject: they were checked.

    `staying` are the libraries of the former release, as last recorded: somebody may have changed them since.
    """
    by_id, given = {app["id"]: app for app in staying}, {app["id"] for app in apps}
    for app in apps:
        if app["id"] in by_id:
            yield f"warning: {app['name']} is also among the libraries of the former release, which stay"
        for need in app["dependencies"]:
            name = f"{app['name']} {app['version']} needs {need['name']} {need['min_version']}"
            library = by_id.get(need["id"])
            if library and version_of(library["version"]) < version_of(need["min_version"]):
                yield f"warning: {name}, and the libraries of the former release have {library['version']}"
            elif (
                not library and need["id"] not in given and MICROSOFT != need["publisher"] == app["publisher"]
            ):
                yield f"warning: {name}, which is not among its libraries: customers get it only if AppSource has it"
