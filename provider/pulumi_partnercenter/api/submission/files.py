"""What is uploaded: rows in the service, bytes at the blob host. Source: submission API 5.7 to 5.9, 5.12, 5.17, 7.

The flow is one for all: POST a row, write the bytes to the signed address that it got, PUT `Uploaded`. Whether a row
that is `PendingUpload` was left by a run that was cut off, or belongs to one that uploads now, nobody can tell. So it
is never taken over, and only goes once its content is there under another row: who loses it finds that one.
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
from ..http.retry import Waiting
from .configuration_models import PackageConfiguration
from .drafts import Drafts, Gone
from .listings import Listings
from .models import CosellAsset, File, Package

__all__ = ["CosellAssets", "Files", "ListingFiles", "Packages"]

PROCESSING_SECONDS = 900
"""How long a package may be processed (5.12: allow at least 5 minutes)."""
FILE_BYTES, PACKAGE_BYTES = 256 << 20, 1 << 30
"""The most that is read of a file: far more than any document or picture has; of a package what the service takes."""
EXPAND = {"$expand": "FileSasUri"}

F = TypeVar("F", bound=File)


@dataclass(frozen=True)
class Files(Generic[F]):
    """Files of one sort. `parent` is the path below the product that their collection is in, "" for the product's."""

    drafts: Drafts
    blobs: Blobs
    noun: str
    segment: str
    model: type[F]
    largest_bytes: int = FILE_BYTES

    def all(self, product: str, parent: str = "") -> list[F]:
        """Those whose bytes came and those that wait for them, with addresses to read from; shared."""
        doing = f"{self.noun}s of {product}: list"
        key = self._key(product, parent)
        return self.drafts.below(
            product,
            doing,
            lambda: self.drafts.shared.get(key, lambda: self._listed(product, parent, doing)),
        )

    def afresh(self, product: str, parent: str = "") -> list[F]:
        """The same as they are now, also where the list was read before; shared from here on."""
        doing = f"{self.noun}s of {product}: list"
        rows = self.drafts.below(product, doing, lambda: self._listed(product, parent, doing))
        self.drafts.shared.put(self._key(product, parent), rows)
        return rows

    def add(self, product: str, wanted: F, content: Content | None, parent: str = "") -> F:
        """Row, bytes, `Uploaded`. `content` None: there is nothing to upload, as in a video without a picture.

        Raises: Stale when somebody else removed the row meanwhile.
        """
        doing = f"{self.noun} {wanted.file_name or product}: upload"

        def look() -> None:
            """A lost answer may have made a row whose address nobody knows: another is made."""
            self.drafts.shared.forget(*self._key(product, parent))

        made = self.drafts.door.make(self._path(product, parent), doing, wanted.filled(), self.model, look)
        try:
            if content is not None:
                if not made.address:
                    raise ContractError(f"{doing}: the service gave no address to write to")
                self.blobs.upload(made.address, content, doing)
            self.drafts.shared.put(self._draft(product, made.id), made)
            return self.change(product, made.id, lambda row: wanted.over(row.uploaded()), parent)
        except ApiError as error:  # the file host's 404 is none of the service's
            if error.status != 404:
                raise
            raise Stale(
                f"{doing}: somebody else removed it meanwhile, as a second run on the same offer does",
                said=error.said,
                next="run the same command again, when nobody else works on the offer",
                status=404,
            ) from None

    def change(self, product: str, id: str, change: Callable[[F], F], parent: str = "") -> F:
        """Members of a row; its bytes cannot be changed."""
        doing = f"{self.noun} {id}: write"
        path, expand = self._path(product, parent), EXPAND if parent else None
        stored = self.drafts.rewrite(
            self._draft(product, id),
            read=lambda: self.model.told(self.drafts.door.get(f"{path}/{id}", doing, expand), doing, id=id),
            path=path,
            change=change,
            doing=doing,
        )
        self._know(product, parent, id, stored)
        return stored

    def remove(self, product: str, id: str, parent: str = "") -> None:
        """What is gone already is as good."""
        with contextlib.suppress(NotFound):
            self.drafts.door.delete(f"{self._path(product, parent)}/{id}", f"{self.noun} {id}: delete")
        self._know(product, parent, id)

    def remove_unchanged(self, product: str, row: F, parent: str = "") -> bool:
        """Read it again, and remove it if nobody moved it since it was listed. False: somebody did, and it stays."""
        doing = f"{self.noun} {row.id}: delete"
        path, expand = f"{self._path(product, parent)}/{row.id}", EXPAND if parent else None
        try:
            present = self.model.told(self.drafts.door.get(path, doing, expand), doing)
        except NotFound:
            self._know(product, parent, row.id)
            return True
        if (present.etag, present.state) != (row.etag, row.state):
            return False
        self.remove(product, row.id, parent)
        return True

    def digest(self, file: F) -> str:
        """`sha256:…` of what is there, "" of nothing."""
        if file.is_pending or not file.has_bytes:
            return ""
        if not file.address:
            raise ContractError(
                f"{self.noun} {file.file_name}: read: the service gave no address to read it from",
                next=ODD_ANSWER,
            )
        key = ("digest", file.id)
        return self.drafts.shared.get(
            key,
            lambda: self.blobs.digest(
                file.address, f"{self.noun} {file.file_name}: read", self.largest_bytes
            ),
        )

    def save(self, file: F, path: Path) -> None:
        """Its bytes to a file of ours."""
        self.blobs.download(file.address, path, f"{self.noun} {file.file_name}: download", self.largest_bytes)

    def _listed(self, product: str, parent: str, doing: str) -> list[F]:
        path, expand = self._path(product, parent), EXPAND if parent else None
        return [self.model.told(each, doing) for each in self.drafts.door.pages(path, doing, expand)]

    def _path(self, product: str, parent: str) -> str:
        return "/".join(each for each in ("products", product, parent, self.segment) if each)

    def _key(self, product: str, parent: str) -> tuple[str, ...]:
        return (product, "files", parent, self.segment)

    def _draft(self, product: str, id: str) -> tuple[str, ...]:
        return (product, "draft", self.segment, id)

    def _know(self, product: str, parent: str, id: str, stored: F | None = None) -> None:
        """Keep what is shared true after our own write."""

        def changed(known: list[F]) -> list[F]:
            return [each for each in known if each.id != id] + ([stored] if stored else [])

        self.drafts.shared.change(self._key(product, parent), changed)


class CosellAssets(Files[CosellAsset]):
    """Documents of the present draft of a co-sell listing: ids change when a submission freezes it (3.2)."""

    def _listed(self, product: str, parent: str, doing: str) -> list[CosellAsset]:  # noqa: ARG002
        confirm = lambda: self.drafts.product(product)  # noqa: E731
        instance = self.drafts.instance(product, "", "Cosell", doing, confirm)
        return self.drafts.in_instance(product, instance, self.segment, self.model, doing)


class ListingFiles(Generic[F]):
    """Files of one sort in a listing. The listing's id is volatile, so it is looked up by language each time."""

    def __init__(self, files: Files[F], listings: Listings) -> None:
        self._files, self._listings = files, listings

    def all(self, product: str, language: str) -> list[F]:
        return self._files.all(product, self.parent(product, language))

    def afresh(self, product: str, language: str) -> list[F]:
        return self._files.afresh(product, self.parent(product, language))

    def add(self, product: str, language: str, wanted: F, content: Content | None) -> F:
        return self._files.add(product, wanted, content, self.parent(product, language))

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
        """Those of a listing by id, also of one that was submitted."""
        return self._files.all(product, f"listings/{listing}")

    def parent(self, product: str, language: str) -> str:
        return f"listings/{self._listings.get(product, language).id}"


class Packages:
    """Packages are never changed: other bytes are another package (5.12)."""

    def __init__(self, drafts: Drafts, blobs: Blobs) -> None:
        self._drafts = drafts
        self._files: Files[Package] = Files(drafts, blobs, "package", "packages", Package, PACKAGE_BYTES)

    def all(self, product: str) -> list[Package]:
        return self._files.all(product)

    def afresh(self, product: str) -> list[Package]:
        return self._files.afresh(product)

    def referenced(self, product: str) -> set[str]:
        """Ids, in small letters, that a technical configuration names now: the offer's or a plan's."""
        doing = f"packages of {product}: references"

        def named() -> set[str]:
            self._drafts.shared.forget(product, "branches", "Package")
            return {
                reference.value.lower()
                for branch in self._drafts.branches(product, "Package", doing)
                for each in self._drafts.in_instance(
                    product,
                    branch.current_draft_instance_id,
                    "packageConfigurations",
                    PackageConfiguration,
                    doing,
                )
                for reference in each.package_references
            }

        return self._drafts.below(product, doing, named)

    def get(self, product: str, package: str) -> Package:
        """Raises Gone when the list of packages does not have it."""

        def look() -> Package | None:
            return next((each for each in self.all(product) if each.id == package), None)

        found = self._drafts.looked_twice(look, product, "files", "", "packages")
        if found is None:
            raise Gone(f"package {product}/{package}: not among the packages of the offer", status=404)
        return found

    def add(self, product: str, wanted: Package, content: Content) -> Package:
        """Upload, and wait until the service has processed it. Raises Rejected with what it found."""
        return self.processed(product, self._files.add(product, wanted, content))

    def once(self, product: str, content: tuple[str, ...], make: Callable[[], Package]) -> Package:
        """Threads that upload the same content at the same time share one package."""
        return self._drafts.shared.get((product, "uploading", *content), make)

    def save(self, package: Package, path: Path) -> None:
        self._files.save(package, path)

    def known(self, package: Package, find_out: Callable[[], str]) -> str:
        """What is found out about the content of a package, which never changes; once in an operation."""
        return self._drafts.shared.get(("content", package.id), find_out)

    def processed(self, product: str, package: Package) -> Package:
        doing = f"package {package.file_name}: processing"
        path = f"products/{product}/packages/{package.id}"

        def look() -> Package:
            return Package.told(self._drafts.door.get(path, doing), doing, id=package.id)

        if not _is_processed(package):
            patience = Waiting(
                _is_processed,
                sleep=self._drafts.door.sleep,
                deadline_seconds=PROCESSING_SECONDS,
                doing=doing,
            )
            package = patience(look)
        if not _is_processed(package):
            raise JobTimeout(
                f"{doing}: not finished within {PROCESSING_SECONDS // 60} min",
                next="run the same command again: it goes on waiting",
            )
        if package.state == "ProcessFailed":
            found = [f"{each.error_code}: {each.message}" for each in package.validation_items]
            raise Rejected(f"{doing}: Partner Center rejects it", found, next="mend the package's source")
        return package

    def remove_unchanged(self, product: str, row: Package) -> bool:
        return self._files.remove_unchanged(product, row)

    def remove(self, product: str, package: str) -> bool:
        """False when it is kept, because something that was published or a draft refers to it."""
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
