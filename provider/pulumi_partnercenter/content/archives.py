"""Packages: folders, zips and files by name as a sorted list of entries, with a digest.

The digest covers names and bytes, so another folder name, time, order, permission or compression is no change. The
rules ensure that every program unpacks a package to the same files. An invalid package is refused, never repaired.
"""

from __future__ import annotations

import abc
import functools
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from stat import S_ISDIR
from typing import IO, NamedTuple

from . import bicep, entry_names, zips
from .sources import CHUNK, Content, Source, file_content, file_on_disk, stat_path, text_content

__all__ = ["Archive", "Entry", "package"]

JUNK = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", "__MACOSX", ".git"})
"""Files that systems and tools leave in folders: never part of a package from a folder."""
READ_BYTES = 50 << 20
"""Limit of a file that is read into memory; templates are far smaller."""
MAX_PROBLEMS = 10
"""Maximum number of broken rules in a message."""
WITHOUT_BACKSLASHES = (
    "Compress-Archive of Windows PowerShell 5.1 makes such zips: use PowerShell 7 or `tar -a -c -f package.zip *`, or"
    " give the folder itself to source="
)
TEMPLATE, SOURCE = "mainTemplate.json", "mainTemplate.bicep"


class Entry(NamedTuple):
    name: str
    """Path from the root of the package, with `/`."""
    size: int
    """Unpacked size in bytes."""


class Archive(abc.ABC):
    """A package in the form of its upload."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = sorted(entries)

    @abc.abstractmethod
    def zipped(self) -> AbstractContextManager[Content]:
        """Return a context with the zip as a file on disk; a temporary zip is deleted at its end."""

    @abc.abstractmethod
    def extracted(self, name: str) -> AbstractContextManager[Content]:
        """Return a context with an entry as a file on disk; a temporary file is deleted at its end."""

    @abc.abstractmethod
    def _open_entries(self) -> AbstractContextManager[Callable[[str], IO[bytes]]]:
        """Return a context with a function that opens an entry."""

    def read(self, name: str) -> bytes:
        """Return an entry's bytes. Raises ValueError for a missing entry, or one of more than 50 MB."""
        size = dict(self.entries).get(name)
        if size is None:
            raise ValueError(f"{name}: is not in the package")
        if size > READ_BYTES:
            raise ValueError(f"{name}: must have at most {READ_BYTES >> 20} MB: it has {size} bytes")
        with self._open_entries() as open_entry, open_entry(name) as stream:
            return stream.read(READ_BYTES)

    @functools.cached_property
    def digest(self) -> str:
        """Return `sha256:` and 64 hexadecimal digits of every name, length and content, in the order of the names."""
        digest = hashlib.sha256()
        with self._open_entries() as open_entry:
            for name, size in self.entries:
                digest.update(f"{len(name.encode())}:{name}{size}:".encode())
                with open_entry(name) as stream:
                    while chunk := stream.read(CHUNK):
                        digest.update(chunk)
        return f"sha256:{digest.hexdigest()}"


class _Tree(Archive):
    """Files that are not zipped yet."""

    def __init__(self, name: str, files: dict[str, Content]) -> None:
        super().__init__(Entry(name, content.size) for name, content in files.items())
        self.name, self.files = name, files

    @contextmanager
    def zipped(self) -> Iterator[Content]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, f"{self.name}.zip")
            zips.write_zip(path, ((name, self.files[name]) for name, _ in self.entries))
            yield file_on_disk(str(path))

    def extracted(self, name: str) -> AbstractContextManager[Content]:
        return nullcontext(self.files[name])

    def lay_out(self, folder: Path) -> None:
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with content.open() as source, path.open("wb") as target:
                shutil.copyfileobj(source, target)

    def _open_entries(self) -> AbstractContextManager[Callable[[str], IO[bytes]]]:
        return nullcontext(lambda name: self.files[name].open())


class _Zip(Archive):
    """An existing zip, which is uploaded unchanged."""

    def __init__(self, content: Content, entries: Iterable[Entry]) -> None:
        super().__init__(entries)
        self._content = content

    def zipped(self) -> AbstractContextManager[Content]:
        return nullcontext(self._content)

    @contextmanager
    def extracted(self, name: str) -> Iterator[Content]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "entry")
            with self._open_entries() as open_entry, open_entry(name) as stream, path.open("wb") as target:
                shutil.copyfileobj(stream, target, CHUNK)
            content = file_on_disk(str(path))
            yield Content(name, content.size, content.open)

    @contextmanager
    def _open_entries(self) -> Iterator[Callable[[str], IO[bytes]]]:
        with zips.open_zip(self._content) as archive:
            yield archive.open


def package(source: Source) -> Archive:
    """Return the package of a folder, a zip, or files by name. Raises ValueError with every broken rule.

    Files in JUNK are left out of a folder. If it has `mainTemplate.bicep` and no `mainTemplate.json`, the compiled
    template replaces the Bicep sources. Content that may exceed 1 GB is zipped once to measure it.
    """
    if isinstance(source, str) and not S_ISDIR(stat_path(source).st_mode):
        return _read_zip(file_on_disk(source))
    problems: list[str] = []
    files = list(_list_files(source, "", problems))
    problems += entry_names.problems([name for name, _ in files])
    problems += zips.limit_problems(len(files), sum(content.size for _, content in files))
    _refuse(problems)
    folder = Path(source).resolve() if isinstance(source, str) else None
    tree = _compile_tree(_Tree(folder.name if folder else "package", dict(files)), folder)
    if sum(size for _, size in tree.entries) > zips.ZIPPED_BYTES:
        with tree.zipped():
            pass
    return tree


def _read_zip(content: Content) -> Archive:
    with zips.open_zip(content) as archive:
        infos = archive.infolist()
        files = [info for info in infos if not info.orig_filename.endswith("/")]
        folders = [info.orig_filename[:-1] for info in infos if info.orig_filename.endswith("/")]
        if with_backslash := [info.orig_filename for info in infos if "\\" in info.orig_filename]:
            raise ValueError(f"{entry_names.problems(with_backslash[:1])[0]}; {WITHOUT_BACKSLASHES}")
        broken_rules = entry_names.problems([info.orig_filename for info in files], folders)
        _refuse([*broken_rules, *zips.problems(archive, content.size)])
        return _Zip(content, [Entry(info.filename, info.file_size) for info in files])


def _compile_tree(tree: _Tree, folder: Path | None) -> _Tree:
    """Return the tree with its compiled template, if that is written in Bicep; `folder` if all files are in one."""
    if SOURCE not in tree.files or TEMPLATE in tree.files:
        return tree
    text = bicep.compile_template(SOURCE, tree.digest, folder, tree.lay_out)
    kept = {name: content for name, content in tree.files.items() if not name.endswith(bicep.SOURCES)}
    return _Tree(tree.name, kept | {TEMPLATE: text_content(text)})


def _list_files(source: Source, name: str, problems: list[str]) -> Iterator[tuple[str, Content]]:
    """Yield every file of a source with the place `name` in the package; "" and "." are its root."""
    match source:
        case {"files": dict(files)}:
            for inner, member in files.items():
                path = name if inner == "." else f"{name}/{inner}" if name else inner
                yield from _list_files(member, path, problems)
        case str() if S_ISDIR(stat_path(source).st_mode):
            yield from _list_folder(source, f"{name}/" if name else "", problems)
        case _ if name:
            yield name, file_content(source)
        case _:
            raise ValueError("must be a folder, a .zip file, or files by name")


def _list_folder(folder: str, prefix: str, problems: list[str]) -> Iterator[tuple[str, Content]]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(
                (entry for entry in listing if entry.name not in JUNK), key=lambda entry: entry.name
            )
    except OSError as error:
        raise ValueError(f"cannot be read: {folder} ({error.strerror})") from None
    for entry in entries:
        name = prefix + entry.name
        if entry.is_symlink():
            problems.append(f"{name}: is a link; replace it by the file that it points to")
        elif entry.is_dir():
            yield from _list_folder(entry.path, f"{name}/", problems)
        elif entry.is_file():
            yield name, file_on_disk(entry.path)
        else:
            problems.append(f"{name}: is not a regular file")


def _refuse(problems: list[str]) -> None:
    if problems:
        more = [f"and {len(problems) - MAX_PROBLEMS} more"] if len(problems) > MAX_PROBLEMS else []
        raise ValueError("; ".join(problems[:MAX_PROBLEMS] + more))
