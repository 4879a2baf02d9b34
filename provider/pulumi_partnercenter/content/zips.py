"""Zip files: written reproducibly, so that the same tree gives the same bytes; read with limits and constant memory.

The rules are those of ISO/IEC 21320-1: stored or deflated, not encrypted, names in one place. Partner Center adds a
limit of 1 GB. CWE-409 (bombs) and CWE-61 (links) protect this machine.
"""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from .sources import CHUNK, Content

__all__ = ["limit_problems", "open_zip", "problems", "write_zip"]

ZIPPED_BYTES = 1 << 30
"""The service's limit of a package."""
ENTRIES, UNPACKED_BYTES, LIST_BYTES = 20_000, 4 << 30, 16 << 20
"""Limits far beyond any package: more is a mistake or a bomb. LIST_BYTES is the size of the zip's directory."""
RATIO, HARMLESS_BYTES = 100, 100 << 20
"""Maximum ratio of unpacked to packed size, for zips that unpack to more than HARMLESS_BYTES."""

LONGEST_REASON = 200

LINUX, REGULAR = 3, stat.S_IFREG | 0o644
ENCRYPTED = 0x1 | 0x40 | 0x2000
"""Flags: encryption, strong encryption, masked directory."""
OTHER_NAME = 0x7075
"""Extra field in which Info-ZIP stores a name."""
READABLE = {0, 8}
"""Stored and deflated: methods that every program can unpack."""


def write_zip(path: Path, files: Iterable[tuple[str, Content]]) -> None:
    """Write a zip in the given order, without times and permissions. Raises ValueError beyond 1 GB."""
    with path.open("wb") as stream, ZipFile(stream, "w") as archive:
        for name, content in files:
            info = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = LINUX, REGULAR << 16
            info.compress_type, info.file_size = ZIP_DEFLATED, content.size
            with archive.open(info, "w") as target, content.open() as source:
                while chunk := source.read(CHUNK):
                    target.write(chunk)
                    _require_service_limit(stream.tell())
    _require_service_limit(path.stat().st_size)


@contextmanager
def open_zip(content: Content) -> Iterator[ZipFile]:
    """Open a zip. Raises ValueError for an invalid or damaged zip, also while it is read."""
    damage = (
        BadZipFile,
        NotImplementedError,
        RuntimeError,
        UnicodeDecodeError,
        EOFError,
        OSError,
        struct.error,
    )
    _require_service_limit(content.size)
    with content.open() as stream:
        try:
            archive = ZipFile(cast("BinaryIO", _Bounded(stream)))
        except damage as error:
            raise ValueError(f"is not a zip that can be read: {_shorten(error)}") from None
        try:
            with archive:
                yield archive
        except (*damage, zlib.error) as error:
            raise ValueError(f"is a damaged zip: {_shorten(error)}") from None


def _shorten(error: Exception) -> str:
    """Return a reason whose length the zip does not decide."""
    return str(error)[:LONGEST_REASON]


def problems(archive: ZipFile, size: int) -> Iterator[str]:
    """Yield broken rules of the entries, except those for names; `size` is the size of the zip in bytes."""
    infos = archive.infolist()
    unpacked = sum(info.file_size for info in infos)
    yield from limit_problems(len(infos), unpacked)
    if unpacked > max(HARMLESS_BYTES, RATIO * size):
        yield f"must not unpack to more than {RATIO} times its size: {unpacked} bytes from {size}"
    for info in infos:
        yield from (f"{info.orig_filename}: {rule}" for rule in _entry_problems(info))


def limit_problems(entries: int, unpacked: int) -> Iterator[str]:
    """Yield broken limits of a tree, zipped or not."""
    if entries > ENTRIES:
        yield f"must have at most {ENTRIES} entries: it has {entries}"
    if unpacked > UNPACKED_BYTES:
        yield f"must unpack to at most {UNPACKED_BYTES >> 30} GB: it has {unpacked} bytes"


def _entry_problems(info: ZipInfo) -> Iterator[str]:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        yield "is a link; replace it by the file that it points to"
    elif kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        yield "is not a regular file"
    if any(kind == OTHER_NAME for kind in _extras(info.extra)):
        yield "has a second name, which some unpackers use instead of the first"
    if info.flag_bits & ENCRYPTED:
        yield "is encrypted; the service has no password"
    elif info.compress_type not in READABLE:
        yield f"is compressed by method {info.compress_type}; not every unpacker knows more than store and deflate"


def _extras(data: bytes) -> Iterator[int]:
    """Yield the kinds of an entry's extra fields, up to a length that exceeds them."""
    while len(data) >= 4:
        kind, length = struct.unpack_from("<HH", data)
        yield kind
        data = data[4 + length :]


def _require_service_limit(size: int) -> None:
    if size > ZIPPED_BYTES:
        raise ValueError(f"must be at most {ZIPPED_BYTES} bytes when zipped (1 GB): it has {size} or more")


class _Bounded:
    """Stream that refuses a long read. Only the directory's length is determined by the zip."""

    def __init__(self, stream: BinaryIO) -> None:
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        if size > LIST_BYTES:
            raise ValueError(f"must have at most {ENTRIES} entries: its list of entries has {size} bytes")
        return self._stream.read(size)
