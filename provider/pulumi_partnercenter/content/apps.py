"""Business Central apps: the manifest of an `.app` file, and the package of one or several apps.

An `.app` begins with `NAVX`, the size of its header (40) and, at the header's end, `NAVX` again; then comes a zip with
`NavxManifest.xml`, or, in a runtime package, content that only Business Central reads. There is no specification: this
is what public readers of such files have in common. Several libraries go to the service as one zip, apps at its root
(BcContainerHelper, `New-AppSourceSubmission`).
"""

from __future__ import annotations

import glob
import re
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path, PurePath
from stat import S_ISDIR
from xml.etree import ElementTree as ET

from . import archives, zips
from .sources import Content, Source, file_content, stat_path

__all__ = [
    "LARGEST_NUMBER",
    "App",
    "AppPackage",
    "Dependency",
    "find_app",
    "is_zip",
    "libraries",
    "main_app",
    "require_installable",
    "version_of",
]

MAGIC, RUNTIME = b"NAVX", b".NEA"
HEADER = struct.Struct("<4sI")
LONGEST_HEADER = 4096
MANIFEST = "NavxManifest.xml"
MANIFEST_BYTES = 1 << 20
VERSION = re.compile(r"[0-9]{1,10}(\.[0-9]{1,10}){3}")
LARGEST_NUMBER = 2**31 - 1
"""Limit of each number of a version (.NET, `System.Version`)."""
ZIP = b"PK"


@dataclass(frozen=True)
class Dependency:
    """An app that another app needs, in `min_version` or later."""

    id: str
    name: str
    publisher: str
    min_version: str


@dataclass(frozen=True)
class App:
    """What the manifest of an app says. `version` has four parts; ids are lowercase."""

    id: str
    name: str
    publisher: str
    version: str
    dependencies: tuple[Dependency, ...] = ()


@dataclass(frozen=True)
class AppPackage:
    """The content of a package, and its apps; runtime packages do not show theirs."""

    content: Content | archives.Archive
    apps: tuple[App, ...]

    @property
    def digest(self) -> str:
        return self.content.digest

    @contextmanager
    def zipped(self) -> Iterator[Content]:
        """Yield the file to upload: the app, or the zip of several."""
        if isinstance(self.content, Content):
            yield self.content
        else:
            with self.content.zipped() as content:
                yield content


def main_app(source: Source) -> AppPackage:
    """Return the package of one `.app` file. Raises ValueError with the broken rule."""
    content = file_content(source)
    return AppPackage(content, _read_app(content))


def libraries(source: Source) -> AppPackage:
    """Return the package of a library: an `.app` file, or a folder, zip or files by name with several.

    Several apps become one zip with the same bytes each time; a single app goes as it is. Raises ValueError with the
    broken rules.
    """
    if isinstance(source, str) and _is_pattern(source):
        raise ValueError(f"{source}: must be a file or a folder; a pattern is a list: glob.glob({source!r})")
    content = None if _is_tree(source) else file_content(source)
    if content is not None and not is_zip(content):
        return AppPackage(content, _read_app(content))
    archive = archives.package(source)
    names = [entry.name for entry in archive.entries]
    if wrong := [name for name in names if "/" in name or PurePath(name).suffix.lower() != ".app"]:
        raise ValueError(f"{', '.join(wrong[:3])}: libraries are .app files, without folders")
    if not names:
        raise ValueError("has no .app file")
    apps: list[App] = []
    for name in names:
        with archive.extracted(name) as file:
            apps += _read_app(file)
    require_installable(apps)
    return AppPackage(content or (file if len(names) == 1 else archive), tuple(apps))


def require_installable(apps: Sequence[App]) -> None:
    """Raise ValueError if apps can never be installed together.

    Each app is there once, in the version that the others need, and no app needs itself through others.
    """
    by_id = {app.id: app for app in apps}
    if len(by_id) < len(apps):
        same = next(
            group for app in apps if len(group := [other for other in apps if other.id == app.id]) > 1
        )
        names = " and ".join(f"{app.name} {app.version}" for app in same[:2])
        raise ValueError(f"{names}: an app can be in a release once, as main app or library")
    for app in apps:
        for dependency in app.dependencies:
            needed = by_id.get(dependency.id)
            if needed and version_of(needed.version) < version_of(dependency.min_version):
                raise ValueError(
                    f"{app.name} {app.version} needs {needed.name} {dependency.min_version} or later: it is"
                    f" {needed.version} here"
                )
    graph = {app.id: [need.id for need in app.dependencies if need.id in by_id] for app in apps}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        first, *others = [by_id[id].name for id in reversed(error.args[1])]
        circle = f"{first} needs {', which needs '.join(others)}"
        raise ValueError(f"{circle}: apps that need each other can never be installed") from None


def find_app(source: Source) -> Source:
    """Return the file that a pattern matches, `build/*.app` or `build/**/ledger.app`; another source as it is.

    Raises ValueError if several files match, or none.
    """
    if not isinstance(source, str) or not _is_pattern(source):
        return source
    matches = sorted(glob.glob(source, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
    if len(matches) == 1:
        return matches[0]
    where = "" if Path(source).is_absolute() else f" (relative to {Path.cwd()})"
    what = f"{', '.join(matches[:3])} match it" if matches else f"nothing matches it{where}"
    raise ValueError(f"{source}: must match one file: {what}")


def version_of(text: str) -> tuple[int, ...]:
    """Return the four numbers of a version, for comparisons; none for another text."""
    numbers = tuple(map(int, text.split("."))) if VERSION.fullmatch(text) else ()
    return numbers if all(number <= LARGEST_NUMBER for number in numbers) else ()


def _is_pattern(source: str) -> bool:
    return glob.has_magic(source) and not Path(source).exists()


def _is_tree(source: Source) -> bool:
    if isinstance(source, str):
        return S_ISDIR(stat_path(source).st_mode)
    return "files" in source


def is_zip(content: Content) -> bool:
    with content.open() as stream:
        return stream.read(len(ZIP)) == ZIP


def _read_app(content: Content) -> tuple[App, ...]:
    """Return the app of a file; none if only Business Central can read it. Raises ValueError."""
    with content.open() as stream:
        start = stream.read(LONGEST_HEADER + len(RUNTIME))
    name = content.name or "the file"
    if not start.startswith(MAGIC):
        reason = "it does not begin with NAVX" if start else "it is empty"
        if start.startswith(ZIP):
            reason = "it is a zip, as a build's artifact: unpack it, and give the .app file"
        raise ValueError(f"{name}: is no Business Central app: {reason}")
    size = HEADER.unpack_from(start)[1] if len(start) >= HEADER.size else 0
    if not HEADER.size < size <= LONGEST_HEADER or start[size - len(MAGIC) : size] != MAGIC:
        raise ValueError(f"{name}: is a damaged Business Central app: its header is not complete")
    if start[size : size + len(RUNTIME)] == RUNTIME:
        return ()
    with zips.open_zip(content) as archive:
        try:
            info = archive.getinfo(MANIFEST)
        except KeyError:
            raise ValueError(f"{name}: is no Business Central app: it has no {MANIFEST}") from None
        if info.file_size > MANIFEST_BYTES:
            raise ValueError(
                f"{name}: {MANIFEST} must have at most {MANIFEST_BYTES} bytes: it has {info.file_size}"
            )
        with archive.open(info) as stream:
            manifest = stream.read(MANIFEST_BYTES)
    return (_parse_manifest(name, manifest),)


class _WithoutDoctype(ET.TreeBuilder):
    """Builder that refuses a document type: no manifest has one, and its entities may expand without end."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:  # noqa: ARG002
        raise ValueError("it has a document type")


def _parse_manifest(name: str, manifest: bytes) -> App:
    try:
        root = ET.fromstring(manifest, ET.XMLParser(target=_WithoutDoctype()))  # noqa: S314 - no entities
    except (ET.ParseError, ValueError, LookupError) as error:  # the last two for an unusual encoding
        raise ValueError(f"{name}: {MANIFEST} is no XML that can be read: {error}") from None
    element = root.find("{*}App")
    id, title, publisher, version = _read_attributes(element, "Id", "Name", "Publisher", "Version")
    required = {"id": id, "name": title, "publisher": publisher}
    if missing := [member for member, value in required.items() if not value]:
        raise ValueError(f"{name}: {MANIFEST} has no {', '.join(missing)} of the app")
    numbers = version_of(version)
    if not numbers:
        raise ValueError(f"{name}: {MANIFEST}: version {version!r} must have four numbers, 1.2.3.4")
    needs = (
        Dependency(need.lower(), *others)
        for child in root.iterfind("{*}Dependencies/{*}Dependency")
        for need, *others in [_read_attributes(child, "Id", "Name", "Publisher", "MinVersion")]
    )
    return App(id.lower(), title, publisher, ".".join(map(str, numbers)), tuple(needs))


def _read_attributes(element: ET.Element | None, *names: str) -> list[str]:
    return ["" if element is None else element.get(name, "").strip() for name in names]
