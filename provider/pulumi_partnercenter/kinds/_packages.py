"""Content of packages: the upload, and the search for an earlier upload of the same content."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath
from typing import Annotated, Any, Protocol

from ..api.submission.models import Package as Row
from ..content import apps, archives, sources, templates
from ..content.apps import App
from ..content.sources import Content, Source
from ..errors import PartnerCenterError, Stale
from ..markers import Accepts, Meaning
from ._files import ROUNDS, require_unchanged
from ._submission_api import SubmissionApi

__all__ = [
    "APPLICATION",
    "DEPENDENCY",
    "KINDS",
    "LIBRARY",
    "MAIN_APP",
    "OptionalSources",
    "app_package",
    "checked_content",
    "downloaded_digest",
    "full_kind",
    "is_of",
    "is_unmarked",
    "is_usable",
    "marked_name",
    "open_upload",
    "package_type",
    "referred",
    "require_package",
    "several",
    "unmarked_name",
    "upload_package",
    "yield_to_equal",
]

APPLICATION = "AzureApplicationPackage"
MAIN_APP = "Dynamics365BusinessCentralAddOnExtensionPackage"
LIBRARY = "Dynamics365BusinessCentralAddOnLibraryExtensionPackage"
DEPENDENCY = "Dynamics365BusinessCentralAddOnDependencyPackage"
"""A type of offers of before 2021, which the portal does not show any more (Microsoft's documentation)."""
KINDS = {"app": MAIN_APP, "library": LIBRARY}
"""Short names of the service's types."""
MARK = re.compile("-[0-9a-f]{12}$")
"""The result of `_mark`, at the end of a file name."""


def several(value: object) -> object:
    """Convert a list of files to files by name; leave any other source to `plain`."""
    if not isinstance(value, list | tuple):
        return value and sources.plain(value)  # "": none is given
    files = [sources.plain(file) for file in value]
    if unnamed := [file for file in files if not isinstance(file, str)]:
        raise ValueError(f"must be a list of paths; for other sources use an AssetArchive: {unnamed[0]}")
    by_name = {PurePath(str(file)).name: file for file in files}
    if len(by_name) != len(files):
        raise ValueError("must be files with different names")
    return {"files": by_name}


OptionalSources = Annotated[
    Any, Meaning(accept=several), Accepts("str | pulumi.Archive | pulumi.Asset | Sequence[str]", only=True)
]
"""A source of several files, as state keeps it; a list of paths is files by name."""


class DesiredPackage(Protocol):
    """Arguments of a package."""

    @property
    def offer(self) -> str: ...
    @property
    def source(self) -> Source: ...
    @property
    def kind(self) -> str: ...
    @property
    def digest(self) -> str: ...


def full_kind(kind: object) -> object:
    """Return the service's type for a short name; any other value as it is."""
    return KINDS.get(kind, kind) if isinstance(kind, str) else kind


def checked_content(
    source: object, kind: object, uploaded_digests: Collection[object]
) -> tuple[str, Sequence[App]]:
    """Check a source by the service's rules; return its digest, and its Business Central apps.

    Content that was uploaded before is not checked again: older versions did not look into apps. Raises ValueError with
    every broken rule.
    """
    if kind == APPLICATION:
        archive = archives.package(sources.plain(source))
        if problems := templates.problems(archive):
            raise ValueError("; ".join(problems))
        return archive.digest, ()
    try:
        package = app_package(sources.plain(source), kind)
    except ValueError:
        with suppress(ValueError):
            digest = sources.file_content(sources.plain(source)).digest
            if digest in uploaded_digests:
                return digest, ()
        raise
    return package.digest, package.apps


def app_package(source: Source, kind: object) -> apps.AppPackage:
    """Return the apps of a Business Central package. Raises ValueError with the broken rules."""
    return apps.main_app(source) if kind == MAIN_APP else apps.libraries(source)


@contextmanager
def open_upload(desired: DesiredPackage) -> Iterator[Content]:
    """The file to upload. Raises InputError if its content changed since the plan."""
    package = (
        archives.package(desired.source)
        if desired.kind == APPLICATION
        else app_package(desired.source, desired.kind)
    )
    with package.zipped() as content:
        require_unchanged(f"package {content.name}", package.digest, desired.digest)
        yield content


def _mark(digest: str) -> str:
    """Return the end of a file's name in the service, which identifies the content for later runs."""
    return "-" + digest.removeprefix("sha256:")[:12]


def marked_name(content: Content, desired: DesiredPackage) -> str:
    """Return the name of the file in the service: ASCII, with the suffix of its content."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", PurePath(content.name or "package").stem)[:80]
    return f"{stem}{_mark(desired.digest)}{'.zip' if apps.is_zip(content) else '.app'}"


def upload_package(api: SubmissionApi, desired: DesiredPackage) -> Row:
    """Upload the content and wait until it is processed. An equal upload of another run may be used instead."""
    with open_upload(desired) as content:
        for row in api.packages.all(desired.offer):
            if is_of(row, desired) and row.state == "ProcessFailed":  # this state is final
                api.packages.remove_unchanged(desired.offer, row)
        new = Row(resource_type=desired.kind, file_name=marked_name(content, desired), state="PendingUpload")
        failure = None
        for _ in range(ROUNDS):
            added_id = ""
            try:
                added_id = api.packages.add(desired.offer, new, content).id
            except Stale as error:  # another run with the same content removed the row
                failure = error
            if settled := _settled(api, desired, added_id):
                return api.packages.wait_processed(desired.offer, settled)
    raise failure or Stale(
        f"package {new.file_name}: somebody else removes it again and again",
        next="run the same command again, when nobody else works on the offer",
        status=404,
    )


def _settled(api: SubmissionApi, desired: DesiredPackage, added_id: str) -> Row | None:
    """Choose among usable rows of equal content: the row that a plan refers to, or the oldest; None without such a row.

    Pending rows of the same content are removed. An interrupted run left them, or a run is still uploading: it then
    uses the chosen row.
    """
    equal = _list_equal(api, desired)
    if not any(is_usable(row) for row in equal):
        return None
    pending = [row for row in equal if row.is_pending]
    removals = [api.packages.remove_unchanged(desired.offer, row) for row in pending]
    if not all(removals):  # another run has finished its upload meanwhile
        equal = _list_equal(api, desired)
    usable = [row for row in equal if is_usable(row)]
    chosen = referred(api, desired.offer, usable) or next(iter(usable), None)
    if chosen and added_id and chosen.id != added_id:
        api.packages.remove(desired.offer, added_id)
    return chosen


def _list_equal(api: SubmissionApi, desired: DesiredPackage) -> list[Row]:
    return [row for row in api.packages.list_current(desired.offer) if is_of(row, desired)]


def referred(api: SubmissionApi, offer: str, rows: Sequence[Row]) -> Row | None:
    """Return the newest of equal rows that a plan refers to. A single row needs no request."""
    if len(rows) < 2:
        return rows[0] if rows else None
    named = api.packages.referenced(offer)
    return next((row for row in reversed(rows) if row.id.lower() in named), None)


def require_package(api: SubmissionApi, package: str, doing: str) -> None:
    """Raise Stale if the package is gone: another run may remove it before a plan refers to it."""
    offer, _, id = package.partition("/")
    if id.lower() not in [row.id.lower() for row in api.packages.list_current(offer)]:
        raise Stale(
            f"{doing}: package {package} does not exist any more, as after a second run on the same offer",
            next="run `pulumi up --refresh`: it uploads the package again",
            status=404,
        )


def yield_to_equal(api: SubmissionApi, package: str, references: Sequence[str], doing: str) -> None:
    """Raise Stale if the plan refers to another upload of the same content, as after two concurrent runs.

    This run's upload is removed first, so that the next run uses the referenced upload.
    """
    offer, _, id = package.partition("/")
    if id.lower() in [reference.lower() for reference in references] or not references:
        return
    rows = {row.id.lower(): row for row in api.packages.list_current(offer)}
    ours, marks = rows.get(id.lower()), set[str]()
    for reference in references:
        row = rows.get(reference.lower())
        if row and is_usable(row) and (mark := MARK.search(PurePath(row.file_name).stem)):
            marks.add(mark[0])
    if ours is None or not any(PurePath(ours.file_name).stem.endswith(mark) for mark in marks):
        return
    api.packages.remove(offer, ours.id)
    raise Stale(
        f"{doing}: the plan refers to another upload of the same package, which a second run on the same offer created",
        next="run `pulumi up --refresh`: it uses that upload",
        status=412,
    )


def is_of(row: Row, desired: DesiredPackage) -> bool:
    """Whether the row holds the desired content. The service may leave its type empty."""
    same = row.resource_type in ("", desired.kind)
    return same and PurePath(row.file_name).stem.endswith(_mark(desired.digest))


def is_usable(row: Row) -> bool:
    return not row.is_pending and row.state != "ProcessFailed"


def is_unmarked(row: Row, desired: DesiredPackage) -> bool:
    """Whether the name lacks the mark of its content, because another tool uploaded it."""
    return row.resource_type in ("", desired.kind) and not MARK.search(PurePath(row.file_name).stem)


def downloaded_digest(api: SubmissionApi, row: Row, kind: str) -> str:
    """Return the digest of a row's content, from a download; "" if it cannot be downloaded or is no valid package."""
    if not row.address:
        return ""

    def downloaded() -> str:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "package.zip")
            with suppress(ValueError, PartnerCenterError):
                api.packages.save(row, path)
                package = archives.package if kind == APPLICATION else sources.file_content
                return package(str(path)).digest
            return ""

    return api.packages.cached_digest(row, downloaded)


def package_type(api: SubmissionApi, offer: str, row: Row) -> str:
    """Return the type of a package. If the service leaves it empty, the offer's references hold it."""
    if row.resource_type or api.offers.get(offer).resource_type == "AzureApplication":
        return row.resource_type or APPLICATION
    references = api.configurations.get(offer).package_references if api.configurations.exists(offer) else []
    return next((reference.type for reference in references if reference.value == row.id), "") or APPLICATION


def unmarked_name(row: Row) -> str:
    path = PurePath(row.file_name)
    return MARK.sub("", path.stem) + path.suffix
