"""Sources of content: paths and Pulumi's assets, their JSON in state, and single files."""

from __future__ import annotations

import functools
import hashlib
import io
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

__all__ = ["CHUNK", "Content", "Source", "file_content", "file_on_disk", "plain", "stat_path", "text_content"]

Source = str | dict[str, Any]
"""Source in state: a path, `{"text": …}` or `{"files": {name: source}}`."""

CHUNK = 1 << 20
"""Bytes per read."""
PACKED = (".zip", ".jar", ".tar", ".tgz", ".tar.gz")
"""Suffixes of archives that the engine unpacks when a FileArchive is inside of an AssetArchive."""


def plain(source: object) -> Source:
    """Convert a path, or an asset as a host describes it, to the form in state, which itself stays unchanged.

    Paths stay as written, so that another checkout is no change. Raises ValueError for a source that is not local.
    """
    match source:
        case str() | os.PathLike():
            return _path(os.fsdecode(source))
        case {"archive": str(path), **others} if not others:
            return _path(path)
        case {"text": str(text), **others} if not others:
            return {"text": text}
        case {"files": dict(files), **others} if not others:
            return {"files": {str(name): _inside(str(name), file) for name, file in files.items()}}
        case {"uri": _, **others} if not others:
            raise ValueError("must be local content: download it, and give its path")
    raise ValueError("must be a path, a FileAsset, a StringAsset, a FileArchive or an AssetArchive")


@dataclass(frozen=True)
class Content:
    """A single file, on disk or in memory."""

    name: str
    """Base name; "" for a text."""
    size: int
    """Size in bytes."""
    open: Callable[[], BinaryIO]
    """Function that returns a new stream from the first byte, so that an upload can be repeated. The caller closes it.
    """

    @functools.cached_property
    def digest(self) -> str:
        """Return `sha256:` and 64 hexadecimal digits of the bytes, which are read in chunks."""
        digest = hashlib.sha256()
        with self.open() as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
        return f"sha256:{digest.hexdigest()}"


def file_content(source: Source) -> Content:
    """Return the content of a source that is a single file. Raises ValueError with the broken rule."""
    if isinstance(source, str):
        return file_on_disk(source)
    if "text" in source:
        return text_content(source["text"])
    raise ValueError("must be one file, not an archive of several")


def file_on_disk(path: str) -> Content:
    """Return the content of a regular file that can be read. Raises ValueError with the broken rule."""
    status = stat_path(path)
    if stat.S_ISDIR(status.st_mode):
        raise ValueError(f"is a folder, not a file: {path}")
    if not stat.S_ISREG(status.st_mode):
        raise ValueError(f"is not a regular file: {path}")
    absolute = Path(path).absolute()  # the current folder may change before a stream is opened
    try:
        absolute.open("rb").close()
    except OSError as error:
        raise ValueError(f"cannot be read: {path} ({error.strerror})") from None
    return Content(absolute.name, status.st_size, lambda: absolute.open("rb"))


def text_content(text: str | bytes) -> Content:
    """Return the content of a string, or of encoded bytes."""
    data = text.encode() if isinstance(text, str) else text
    return Content("", len(data), lambda: io.BytesIO(data))


def stat_path(path: str) -> os.stat_result:
    """Return the status of the file or folder at a path. Raises ValueError with the broken rule."""
    try:
        return Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        where = "" if Path(path).is_absolute() else f" (relative to {Path.cwd()})"
        raise ValueError(f"no such file: {path}{where}") from None
    except OSError as error:
        raise ValueError(f"cannot be read: {path} ({error.strerror})") from None
    except ValueError:
        raise ValueError("must be a path: it contains a character that no path may contain") from None


def _path(path: str) -> str:
    if not path:
        raise ValueError("must be a path: it is empty")
    return path


def _inside(name: str, source: object) -> Source:
    match source:
        case {"archive": str(path)} if path.lower().endswith(PACKED):
            raise ValueError(
                f"{name}: an archive inside of an archive is not unpacked: include it as a FileAsset, or its files"
                " as a folder"
            )
    return plain(source)
