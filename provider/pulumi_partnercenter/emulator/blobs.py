"""The blob host: files, and the signed addresses (SAS) that let a client write or read a file.

An address is `/_blob/<container>/<id>?sv=…&sr=b&sig=…&se=…&sp=…` on the emulator's own port.
Contents are files in the store's folder, never in memory as a whole. Each has a document of kind
`blob`, whose body is `{}` until a content is committed, then `{"size", "md5", "etag", "modified", "type"}`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlencode

from .state import Document, Store

__all__ = ["BASE", "READ", "WRITE", "Blobs", "Part", "Permission"]

BASE = "/_blob"
VERSION = "2018-03-28"
_KEY = "blob.key"


@dataclass(frozen=True)
class Permission:
    """Permissions and lifetime of an address, as in the recordings."""

    letters: str
    seconds: int


WRITE = Permission("rwl", 24 * 3600 + 15 * 60)
READ = Permission("rl", 8 * 3600 + 15 * 60)


@dataclass
class Part:
    """Bytes of an upload, hashed while they are written to disk."""

    path: Path
    size: int = 0
    md5: hashlib._Hash = field(default_factory=lambda: hashlib.md5(usedforsecurity=False))

    def write(self, file: BinaryIO, chunk: bytes) -> None:
        file.write(chunk)
        self.md5.update(chunk)
        self.size += len(chunk)


class Blobs:
    """All blobs of an emulator, by their names `<container>/<id>`."""

    def __init__(self, store: Store) -> None:
        self.store = store
        if store.folder is not None:
            self._sweep()

    def allocate(self, scope: str) -> str:
        """Return the name of a new blob without content. It is deleted with the documents of its scope."""
        name = f"file/pkgfile-{self.store.ids.guid()}"
        self.store.save(Document("blob", name, {}, scope))
        return name

    def find(self, name: str) -> Document | None:
        """Return the blob's document, None if no such blob was ever allocated."""
        return self.store.find("blob", name)

    def content(self, name: str) -> Path | None:
        """Return the file with the committed content, None before the first commit."""
        blob = self.find(name)
        return self._path(name) if blob is not None and blob.body else None

    def part(self) -> Part:
        """Return a new file for an upload, which may still fail."""
        return Part(self.store.files / f"part-{secrets.token_hex(8)}")

    def block(self, name: str, block: str) -> Path:
        """Return the path of an uncommitted block of a blob."""
        return self.store.files / f"{self._path(name).name}.{hashlib.sha256(block.encode()).hexdigest()}"

    def commit(self, name: str, part: Part, content_type: str) -> Document:
        """Make the part the blob's content, in place of the present one, and delete its uncommitted blocks."""
        blob = self.find(name)
        assert blob is not None, "a signature is valid for blobs that were allocated only"
        now = self.store.clock()
        blob.body = {
            "size": part.size,
            "md5": base64.b64encode(part.md5.digest()).decode(),
            "etag": f'"0x8D{secrets.token_hex(7).upper()[:13]}"',
            "modified": now,
            "type": content_type,
        }
        part.path.replace(self._path(name))
        with self.store.transaction():
            self.store.save(blob)
        for left in self.store.files.glob(f"{self._path(name).name}.*"):
            left.unlink()
        return blob

    def address(self, name: str, permission: Permission) -> str:
        """Return a signed address of the blob, a path with query. The signature covers path, permission and expiry."""
        end = datetime.fromtimestamp(self.store.clock() + permission.seconds, UTC).strftime(
            "%Y-%m-%dT%H:%M:%SZ"
        )
        query = {"sv": VERSION, "sr": "b", "sig": "", "se": end, "sp": permission.letters}
        return f"{BASE}/{name}?{urlencode({**query, 'sig': self._signature(name, query)})}"

    def allows(self, name: str, query: Mapping[str, str], letter: str) -> bool:
        """Return whether a query is a valid signature of this blob, not expired, with the permission of the letter."""
        given, expected = query.get("sig", ""), self._signature(name, query)
        if not hmac.compare_digest(given.encode(), expected.encode()):
            return False
        end = datetime.strptime(query["se"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        return end.timestamp() > self.store.clock() and letter in query["sp"]

    def _signature(self, name: str, query: Mapping[str, str]) -> str:
        key = self.store.memory.get(_KEY) or self._new_key()
        signed = "\n".join([name, *(query.get(part, "") for part in ("sv", "sr", "se", "sp"))])
        return base64.b64encode(hmac.digest(bytes.fromhex(key), signed.encode(), "sha256")).decode()

    def _new_key(self) -> str:
        key = self.store.memory[_KEY] = secrets.token_hex(32)
        return key

    def _path(self, name: str) -> Path:
        return self.store.files / name.replace("/", "-").lower()

    def _sweep(self) -> None:
        """Remove files without a blob: of deleted documents, and of uploads that a stop interrupted."""
        owned = {self._path(blob.id).name for blob in self.store.select("blob") if blob.body}
        for file in self.store.files.iterdir():
            if file.name not in owned:
                file.unlink()
