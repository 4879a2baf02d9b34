"""Uploaded files: rows in the service, bytes at the blob host.

All kinds of files have the same flow: POST a row, write the bytes to its signed address, PUT `Uploaded`. A row that is
`PendingUpload` belongs to an interrupted run or to a running upload, which look alike. So it is never taken over. It
is removed only once its content exists in another row, which its owner then finds.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from ...errors import (
    ODD_ANSWER,
    ApiError,
    Conflict,
    ContractError,
    Invalid,
    JobTimeout,
    NotFound,
    Rejected,
    Stale,
)
from ..http.blobs import Blobs, Content
from ..http.retry import PollPolicy
from .absences import Gone
from .configuration_models import PackageConfiguration
from .drafts import Drafts
from .listings import Listings
from .models import CosellAsset, File, Package

__all__ = ["CosellAssets", "Files", "ListingFiles", "Packages"]

PROCESSING_SECONDS = 900
"""Maximum duration of the processing of a package; the service recommends at least 5 minutes."""
MAX_FILE_BYTES = 256 << 20
"""Limit far beyond any document or picture."""
MAX_PACKAGE_BYTES = 1 << 30
"""The service's own limit."""
EXPAND = {"$expand": "FileSasUri"}

F = TypeVar("F", bound=File)


@dataclass(frozen=True)
class Files(Generic[F]):
    """Files of a kind. `parent` is the path of their collection below the product, "" for the product itself."""

    drafts: Drafts
    blobs: Blobs
    noun: str
    segment: str
    model: type[F]
    max_bytes: int = MAX_FILE_BYTES

    def all(self, product: str, parent: str = "") -> list[F]:
        """List the rows, including pending ones, with addresses for reading; cached for the operation."""
        action = f"{self.noun}s of {product}: list"
        key = self._key(product, parent)
        return self.drafts.confirm_missing(
            product,
            action,
            lambda: self.drafts.cache.get(key, lambda: self._list(product, parent, action)),
        )

    def list_current(self, product: str, parent: str = "") -> list[F]:
        """List the rows again, and cache the new list."""
        action = f"{self.noun}s of {product}: list"
        rows = self.drafts.confirm_missing(product, action, lambda: self._list(product, parent, action))
        self.drafts.cache.put(self._key(product, parent), rows)
        return rows

    def add(self, product: str, desired: F, content: Content | None, parent: str = "") -> F:
        """Create the row, upload the bytes, write `Uploaded`. `content` is None for a row without bytes, e.g. of a
        video.

        Raises: Stale if another client removed the row meanwhile.
        """
        action = f"{self.noun} {desired.file_name or product}: upload"

        def find() -> None:
            """Return None: the address of a row whose response was lost is unknown, so another row is created."""
            self.drafts.cache.forget(*self._key(product, parent))

        path = self._path(product, parent)
        row = self.drafts.client.create(path, action, desired.to_creation_json(), self.model, find)
        try:
            if content is not None:
                if not row.address:
                    raise ContractError(f"{action}: the service gave no address to write to")
                self.blobs.upload(row.address, content, action)
            self.drafts.cache.put(self._draft_key(product, row.id), row)
            return self.change(product, row.id, lambda draft: desired.merge(draft.after_upload()), parent)
        except ApiError as error:  # a 404 may also come from the blob host
            if error.status != 404:
                raise
            raise Stale(
                f"{action}: somebody else removed it meanwhile, as a second run on the same offer does",
                said=error.said,
                next="run the same command again, when nobody else works on the offer",
                status=404,
            ) from None

    def change(self, product: str, id: str, change: Callable[[F], F], parent: str = "") -> F:
        """Write members of a row; its bytes cannot be changed."""
        action = f"{self.noun} {id}: write"
        path, expand = self._path(product, parent), EXPAND if parent else None

        def read() -> F:
            answer = self.drafts.client.get(f"{path}/{id}", action, expand)
            return self.model.from_json(answer.body, action, id=id)

        key = self._draft_key(product, id)
        row = self.drafts.rewrite(key, read=read, path=path, change=change, action=action)
        self._update_cache(product, parent, id, row)
        return row

    def remove(self, product: str, id: str, parent: str = "") -> None:
        """Delete a row. A row that is gone already is no error."""
        with contextlib.suppress(NotFound):
            self.drafts.client.delete(f"{self._path(product, parent)}/{id}", f"{self.noun} {id}: delete")
        self._update_cache(product, parent, id)

    def remove_unchanged(self, product: str, row: F, parent: str = "") -> bool:
        """Read a row again, and remove it if it is as listed. False: it stays, because another client changed it."""
        action = f"{self.noun} {row.id}: delete"
        path, expand = f"{self._path(product, parent)}/{row.id}", EXPAND if parent else None
        try:
            current = self.model.from_json(self.drafts.client.get(path, action, expand).body, action)
        except NotFound:
            self._update_cache(product, parent, row.id)
            return True
        if (current.etag, current.state) != (row.etag, row.state):
            return False
        self.remove(product, row.id, parent)
        return True

    def digest(self, file: F) -> str:
        """Return `sha256:…` of the bytes; "" without bytes."""
        if file.is_pending or not file.has_bytes:
            return ""
        if not file.address:
            raise ContractError(
                f"{self.noun} {file.file_name}: read: the service gave no address to read it from",
                next=ODD_ANSWER,
            )
        key = ("digest", file.id)
        return self.drafts.cache.get(
            key,
            lambda: self.blobs.digest(file.address, f"{self.noun} {file.file_name}: read", self.max_bytes),
        )

    def save(self, file: F, path: Path) -> None:
        """Write the bytes to a local file."""
        self.blobs.download(file.address, path, f"{self.noun} {file.file_name}: download", self.max_bytes)

    def _list(self, product: str, parent: str, action: str) -> list[F]:
        path, expand = self._path(product, parent), EXPAND if parent else None
        items = self.drafts.client.list_items(path, action, expand)
        return [self.model.from_json(item, action) for item in items]

    def _path(self, product: str, parent: str) -> str:
        return "/".join(part for part in ("products", product, parent, self.segment) if part)

    def _key(self, product: str, parent: str) -> tuple[str, ...]:
        return (product, "files", parent, self.segment)

    def _draft_key(self, product: str, id: str) -> tuple[str, ...]:
        return (product, "draft", self.segment, id)

    def _update_cache(self, product: str, parent: str, id: str, row: F | None = None) -> None:
        def change(rows: list[F]) -> list[F]:
            return [other for other in rows if other.id != id] + ([row] if row else [])

        self.drafts.cache.update(self._key(product, parent), change)


class CosellAssets(Files[CosellAsset]):
    """Documents of a co-sell listing's current draft: their ids change with each submission."""

    def _list(self, product: str, parent: str, action: str) -> list[CosellAsset]:  # noqa: ARG002

        def confirm() -> None:
            self.drafts.product(product)

        instance = self.drafts.instance(product, "", "Cosell", action, confirm)
        return self.drafts.in_instance(product, instance, self.segment, self.model, action)


class ListingFiles(Generic[F]):
    """Files of a kind in a listing. The listing's id is volatile, so it is looked up by language each time."""

    def __init__(self, files: Files[F], listings: Listings) -> None:
        self._files, self._listings = files, listings

    def all(self, product: str, language: str) -> list[F]:
        return self._files.all(product, self.parent(product, language))

    def list_current(self, product: str, language: str) -> list[F]:
        return self._files.list_current(product, self.parent(product, language))

    def add(self, product: str, language: str, desired: F, content: Content | None) -> F:
        return self._files.add(product, desired, content, self.parent(product, language))

    def change(self, product: str, language: str, id: str, change: Callable[[F], F]) -> F:
        return self._files.change(product, id, change, self.parent(product, language))

    def remove(self, product: str, language: str, id: str) -> None:
        self._files.remove(product, id, self.parent(product, language))

    def remove_unchanged(self, product: str, language: str, row: F) -> bool:
        return self._files.remove_unchanged(product, row, self.parent(product, language))

    def digest(self, file: F) -> str:
        return self._files.digest(file)

    def save(self, file: F, path: Path) -> None:
        self._files.save(file, path)

    def in_listing(self, product: str, listing: str) -> list[F]:
        """List the files of a listing by its id, which may be a submitted one."""
        return self._files.all(product, f"listings/{listing}")

    def parent(self, product: str, language: str) -> str:
        return f"listings/{self._listings.get(product, language).id}"


class Packages:
    """Packages of an offer. They never change: other bytes are another package."""

    def __init__(self, drafts: Drafts, blobs: Blobs) -> None:
        self._drafts = drafts
        self._files: Files[Package] = Files(drafts, blobs, "package", "packages", Package, MAX_PACKAGE_BYTES)

    def all(self, product: str) -> list[Package]:
        return self._files.all(product)

    def list_current(self, product: str) -> list[Package]:
        return self._files.list_current(product)

    def referenced(self, product: str) -> set[str]:
        """Return the lower-case ids that technical configurations of the offer and its plans refer to now."""
        action = f"packages of {product}: references"

        def read() -> set[str]:
            self._drafts.cache.forget(product, "branches", "Package")
            return {
                reference.value.lower()
                for branch in self._drafts.branches(product, "Package", action)
                for configuration in self._drafts.in_instance(
                    product,
                    branch.current_draft_instance_id,
                    "packageConfigurations",
                    PackageConfiguration,
                    action,
                )
                for reference in configuration.package_references
            }

        return self._drafts.confirm_missing(product, action, read)

    def get(self, product: str, package: str) -> Package:
        """Read a package. Raises Gone if the offer's list of packages lacks it."""

        def find() -> Package | None:
            return next((row for row in self.all(product) if row.id == package), None)

        row = self._drafts.find_twice(find, product, "files", "", "packages")
        if row is None:
            raise Gone(f"package {product}/{package}: not among the packages of the offer", status=404)
        return row

    def add(self, product: str, desired: Package, content: Content) -> Package:
        """Upload a package, and wait until the service has processed it. Raises Rejected with its findings."""
        return self.wait_processed(product, self._files.add(product, desired, content))

    def upload_once(self, product: str, content: tuple[str, ...], upload: Callable[[], Package]) -> Package:
        """Upload content once, even if several threads request it at the same time."""
        return self._drafts.cache.get((product, "uploading", *content), upload)

    def save(self, package: Package, path: Path) -> None:
        self._files.save(package, path)

    def cached_digest(self, package: Package, compute: Callable[[], str]) -> str:
        """Return a digest of a package's content, which never changes; computed once in an operation."""
        return self._drafts.cache.get(("content", package.id), compute)

    def wait_processed(self, product: str, package: Package) -> Package:
        """Wait until the service has processed a package. Raises Rejected with its findings."""
        action = f"package {package.file_name}: processing"
        path = f"products/{product}/packages/{package.id}"

        def read() -> Package:
            answer = self._drafts.client.get(path, action)
            return Package.from_json(answer.body, action, id=package.id)

        if not _is_processed(package):
            poll = PollPolicy(
                _is_processed,
                sleep=self._drafts.client.sleep,
                deadline_seconds=PROCESSING_SECONDS,
                action=action,
            )
            package = poll(read)
        if not _is_processed(package):
            raise JobTimeout(
                f"{action}: not finished within {PROCESSING_SECONDS // 60} min",
                next="run the same command again: it continues to wait",
            )
        if package.state == "ProcessFailed":
            findings = [f"{item.error_code}: {item.message}" for item in package.validation_items]
            raise Rejected(
                f"{action}: Partner Center rejects it", findings, next="correct the package's source"
            )
        return package

    def remove_unchanged(self, product: str, row: Package) -> bool:
        return self._files.remove_unchanged(product, row)

    def remove(self, product: str, package: str) -> bool:
        """Delete a package. Return False if it stays because a draft or published content refers to it."""
        if package.lower() in self.referenced(product):
            return False
        try:
            self._files.remove(product, package)
        except (Conflict, Invalid):
            return False
        except ApiError as error:
            if error.status != 405:
                raise
            return False
        return True


def _is_processed(package: Package) -> bool:
    return package.state in ("Processed", "ProcessFailed")
