"""Business Central apps: the manifest of an `.app` file, and the package of one or several apps.

An `.app` begins with `NAVX`, the size of its header (40) and, at the header's end, `NAVX` again; then comes a zip with
`NavxManifest.xml`, or, in a runtime package, content that only Business Central reads. There is no specification: this
is what public readers of such files have in common. Several libraries go to the service as one zip, apps at its root
(BcContainerHelper, `New-AppSourceSubmission`).
"""

from __future__ import annotations

import glob
import io
import re
import struct
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from stat import S_ISDIR
from xml.etree import ElementTree as ET

from . import archives, zips
from .sources import Content, Source, file_content, stat_path

__all__ = ["App", "AppPackage", "find_app", "libraries", "main_app", "version_of"]

MAGIC, RUNTIME = b"NAVX", b".NEA"
HEADER = struct.Struct("<4sI")
LONGEST_HEADER = 4096
MANIFEST = "NavxManifest.xml"
MANIFEST_BYTES = 1 << 20
VERSION = re.compile(r"\d{1,9}(\.\d{1,9}){3}")
ZIP = b"PK"


@dataclass(frozen=True)
class App:
    """What the manifest of an app says. `version` has four parts."""

    id: str
    name: str
    publisher: str
    version: str


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
    content = None if _is_tree(source) else file_content(source)
    if content is not None and not _is_zip(content):
        return AppPackage(content, _read_app(content))
    archive = archives.package(source)
    names = [entry.name for entry in archive.entries]
    if wrong := [name for name in names if "/" in name or PurePath(name).suffix.lower() != ".app"]:
        raise ValueError(f"{', '.join(wrong[:3])}: libraries are .app files, without folders")
    if not names:
        raise ValueError("has no .app file")
    files = [_content_of(archive, name) for name in names]
    apps = tuple(app for file in files for app in _read_app(file))
    if twice := [id for id, number in Counter(app.id for app in apps).items() if number > 1]:
        same = [f"{app.name} {app.version}" for app in apps if app.id == twice[0]]
        raise ValueError(f"{' and '.join(same)}: an app can be in the package once")
    return AppPackage(content or (files[0] if len(files) == 1 else archive), apps)


def find_app(source: Source) -> Source:
    """Return the file that a pattern such as `build/*.app` matches; another source as it is.

    Raises ValueError if several files match, or none.
    """
    if not isinstance(source, str) or not glob.has_magic(source) or Path(source).exists():
        return source
    matches = sorted(glob.glob(source))  # noqa: PTH207 - Path.glob takes no absolute pattern
    if len(matches) == 1:
        return matches[0]
    where = "" if Path(source).is_absolute() else f" (relative to {Path.cwd()})"
    what = f"{', '.join(matches[:3])} match it" if matches else f"nothing matches it{where}"
    raise ValueError(f"{source}: must match one file: {what}")


def version_of(text: str) -> tuple[int, ...]:
    """Return the four numbers of a version, for comparisons; none for another text."""
    return tuple(int(part) for part in text.split(".")) if VERSION.fullmatch(text) else ()


def _content_of(archive: archives.Archive, name: str) -> Content:
    data = archive.read(name)
    return Content(name, len(data), lambda: io.BytesIO(data))


def _is_tree(source: Source) -> bool:
    if isinstance(source, str):
        return S_ISDIR(stat_path(source).st_mode)
    return "files" in source


def _is_zip(content: Content) -> bool:
    with content.open() as stream:
        return stream.read(len(ZIP)) == ZIP


def _read_app(content: Content) -> tuple[App, ...]:
    """Return the app of a file; none if only Business Central can read it. Raises ValueError."""
    with content.open() as stream:
        start = stream.read(LONGEST_HEADER + len(RUNTIME))
    name = content.name or "the file"
    if not start.startswith(MAGIC):
        raise ValueError(f"{name}: is no Business Central app: it does not begin with NAVX")
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


def _parse_manifest(name: str, manifest: bytes) -> App:
    try:
        root = ET.fromstring(manifest)  # noqa: S314 - expat itself bounds the expansion of entities
    except ET.ParseError as error:
        raise ValueError(f"{name}: {MANIFEST} is no XML: {error}") from None
    element = root.find("{*}App")
    given = {} if element is None else element.attrib
    app = App(*(given.get(member, "").strip() for member in ("Id", "Name", "Publisher", "Version")))
    if missing := [member for member in ("id", "name", "publisher") if not getattr(app, member)]:
        raise ValueError(f"{name}: {MANIFEST} has no {', '.join(missing)} of the app")
    if not VERSION.fullmatch(app.version):
        raise ValueError(f"{name}: {MANIFEST}: version {app.version!r} must have four numbers, 1.2.3.4")
    return App(app.id.lower(), app.name, app.publisher, app.version)
