"""The content of packages: what is uploaded, and how the same is found again. Source: submission API 5.12, 7."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Protocol

from ._files import unchanged

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.documents import Package as Row
    from ..content.sources import Content, Source

__all__ = [
    "APPLICATION",
    "digest_there",
    "is_of",
    "is_unmarked",
    "is_usable",
    "judged_digest",
    "marked_name",
    "unmarked_name",
    "uploading",
]

APPLICATION = "AzureApplicationPackage"
MARK = re.compile("-[0-9a-f]{12}$")
"""What `_mark` makes, at the end of a name."""


class Wanted(Protocol):
    """What a program says of a package."""

    @property
    def source(self) -> Source: ...
    @property
    def kind(self) -> str: ...
    @property
    def digest(self) -> str: ...


def judged_digest(source: object, kind: str) -> str:
    """The digest of a source that the service would take. Raises ValueError with every broken rule."""
    from ..content import archives, sources, templates

    if kind != APPLICATION:
        return sources.file_content(sources.plain(source)).digest
    archive = archives.package(sources.plain(source))
    if problems := templates.problems(archive):
        raise ValueError("; ".join(problems))
    return archive.digest


@contextmanager
def uploading(want: Wanted) -> Iterator[Content]:
    """The file to upload, once its content is known to be the one that was planned."""
    from ..content import archives, sources

    if want.kind != APPLICATION:
        content = sources.file_content(want.source)
        unchanged(f"package {content.name}", content.digest, want.digest)
        yield content
        return
    archive = archives.package(want.source)
    with archive.zipped() as content:
        unchanged(f"package {content.name}", archive.digest, want.digest)
        yield content


def _mark(digest: str) -> str:
    """What a file's name in the service ends with, so that the same content is found again."""
    return "-" + digest.removeprefix("sha256:")[:12]


def marked_name(content: Content, want: Wanted) -> str:
    path = PurePath(content.name or "package")
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", path.stem)[:80]
    return f"{stem}{_mark(want.digest)}{path.suffix or '.zip'}"


def is_of(row: Row, want: Wanted) -> bool:
    """Whether it was uploaded with this content; the service may leave its type empty (5.12)."""
    same = row.resource_type in ("", want.kind)
    return same and PurePath(row.file_name).stem.endswith(_mark(want.digest))


def is_usable(row: Row) -> bool:
    return not row.is_pending and row.state != "ProcessFailed"


def is_unmarked(row: Row, want: Wanted) -> bool:
    """Whether its name does not tell what is in it, because something else uploaded it."""
    return row.resource_type in ("", want.kind) and not MARK.search(PurePath(row.file_name).stem)


def digest_there(api: SubmissionApi, row: Row, kind: str) -> str:
    """Of what is in it, which takes a download; "" of what no program can have."""
    from ..content import archives, sources

    def downloaded() -> str:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "package.zip")
            api.packages.save(row, path)
            with suppress(ValueError):
                of_file = kind != APPLICATION
                return (sources.file_content if of_file else archives.package)(str(path)).digest
            return ""

    return api.packages.known(row, downloaded)


def unmarked_name(row: Row) -> str:
    path = PurePath(row.file_name)
    return MARK.sub("", path.stem) + path.suffix
