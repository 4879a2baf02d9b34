"""State of the emulator: documents in SQLite, the clock, the source of ids.

Every change is committed before its answer, so an emulator that is killed has lost nothing that it confirmed.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .migrations import migrate

__all__ = ["Clock", "Document", "Ids", "Memory", "Snapshot", "Store"]

COLUMNS = "kind, id, scope, natural_key, stage, appears_at, body"


@dataclass
class Document:
    """A stored document. `body` is the answer's body, except for addresses and secrets, which its service handles.

    `scope` is a path that names the owners of the document and that its service composes; deleting an owner deletes the
    documents in its scope. `natural_key` is a key that the service searches for, e.g. the publisher's own id.
    `stage` is a
    state that the service sets. Collections contain the document from `appears_at` on, in seconds of the emulator's
    clock.
    """

    kind: str
    id: str
    body: dict[str, Any]
    scope: str = ""
    natural_key: str = ""
    stage: str = "draft"
    appears_at: float = 0.0


@dataclass(frozen=True)
class Snapshot:
    """The content of a store: its database, and the contents of its files by name."""

    database: bytes
    files: dict[str, bytes]


def _private(folder: Path) -> Path:
    """Return the database's path in a folder that is created if necessary, readable by its owner only: it holds keys.

    SQLite gives the files beside a database its mode. An existing folder keeps its mode.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = folder / "emulator.sqlite3"
    os.close(os.open(database, os.O_CREAT | os.O_RDWR, 0o600))
    # An earlier version may have created them readable for all.
    for suffix in ("", "-wal", "-shm", "-journal"):
        with suppress(FileNotFoundError):
            Path(f"{database}{suffix}").chmod(0o600)
    return database


class Clock:
    """The emulator's time: seconds since the epoch, which the control plane can move forward."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now, self.offset_seconds = now, 0.0

    def __call__(self) -> float:
        return self._now() + self.offset_seconds


@dataclass
class Ids:
    """Ids that are unpredictable without the seed, equal for equal seeds, and never issued twice."""

    seed: str
    _given: int = field(default=0)

    def digest(self) -> bytes:
        self._given += 1
        return hashlib.blake2b(f"{self.seed}:{self._given}".encode(), digest_size=16).digest()

    def guid(self) -> str:
        """Return a version 4 GUID, as products and variants have."""
        return str(uuid.UUID(bytes=self.digest(), version=4))

    def shaped(self) -> str:
        """Return an id in the form of a GUID without being one, as draft instances and listings have."""
        return str(uuid.UUID(bytes=self.digest()))

    def etag(self, now: float) -> str:
        """Return a Cosmos DB etag, quotes included. Its last group has the second of the write."""
        return f'"{self.digest().hex()[:8]}-0000-0800-0000-{int(now):08x}0000"'


class Memory(MutableMapping[str, str]):
    """Named values beside the documents (clock, signing key, applications), with the same lifetime."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __getitem__(self, name: str) -> str:
        row = self._db.execute("SELECT value FROM memory WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise KeyError(name)
        return str(row[0])

    def __setitem__(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO memory (name, value) VALUES (?, ?)", (name, value))

    def __delitem__(self, name: str) -> None:
        if not self._db.execute("DELETE FROM memory WHERE name = ?", (name,)).rowcount:
            raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter([str(row[0]) for row in self._db.execute("SELECT name FROM memory ORDER BY name")])

    def __len__(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM memory").fetchone()[0])


class Store:
    """Documents by kind and id, and `memory` beside them, in an SQLite database; `files` is a folder for contents.

    `folder` None keeps the database in memory and the files in a temporary folder until `close`. A folder belongs
    to one process at a time. `options` are those of the emulator's start; they are not stored.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        seed: int | None = None,
        clock: Clock | None = None,
        options: Mapping[str, str] | None = None,
    ) -> None:
        database = ":memory:" if folder is None else str(_private(folder))
        # Handlers run on one event loop, which may be in another thread than the creation of the store.
        self._db = sqlite3.connect(database, isolation_level=None, check_same_thread=False, timeout=0)
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        try:
            migrate(self._db, database)
        except BaseException:
            self._db.close()
            raise
        self.folder, self.options = folder, dict(options or {})
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self.memory = Memory(self._db)
        self.clock = clock or Clock()
        self.clock.offset_seconds = float(self.memory.get("clock_offset_seconds", 0))
        starts = int(self.memory.get("starts", 0)) + 1
        self.memory["starts"] = str(starts)
        self.ids = Ids(f"{secrets.token_hex(16) if seed is None else seed}:{starts}")

    @property
    def files(self) -> Path:
        """The folder for contents, created at its first use."""
        folder = self.folder
        if folder is None:
            self._temporary = self._temporary or tempfile.TemporaryDirectory(prefix="partnercenter-emulator-")
            folder = Path(self._temporary.name)
        files = folder / "files"
        files.mkdir(mode=0o700, exist_ok=True)
        files.chmod(0o700)
        return files

    def close(self) -> None:
        self._db.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all changes of the block at its end, or none."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def save(self, document: Document) -> None:
        """Insert a document, or replace it in place: the order of insertion stays."""
        self._db.execute(
            f"INSERT INTO document ({COLUMNS}) VALUES (?,?,?,?,?,?,?) ON CONFLICT (kind, id) DO UPDATE SET"  # noqa: S608 - constant
            " scope = excluded.scope, natural_key = excluded.natural_key, stage = excluded.stage,"
            " appears_at = excluded.appears_at, body = excluded.body",
            (
                document.kind,
                document.id,
                document.scope,
                document.natural_key,
                document.stage,
                document.appears_at,
                json.dumps(document.body),
            ),
        )

    def find(self, kind: str, id: str) -> Document | None:
        """Return the document, even if collections do not show it yet. Ids compare without case."""
        return next(self._rows("kind = ? AND id = ?", (kind, id), "rowid"), None)

    def select(self, kind: str = "", *, order: str = "rowid", **columns: str) -> list[Document]:
        """Return the documents of a kind (empty: any kind) with these values, oldest first.

        `columns` are `id`, `scope`, `natural_key` and `stage`; `within` is the beginning of a scope, `ending` its end.
        """
        conditions, values = _conditions({"kind": kind, **columns} if kind else columns)
        return list(self._rows(conditions, values, order))

    def visible(self, kind: str, *, order: str = "rowid", **columns: str) -> list[Document]:
        """Return what `select` returns, without documents that have not appeared yet."""
        now = self.clock()
        return [row for row in self.select(kind, order=order, **columns) if row.appears_at <= now]

    def delete(self, **columns: str) -> None:
        """Delete the documents that `select` returns for these values."""
        conditions, values = _conditions(columns)
        self._db.execute(f"DELETE FROM document WHERE {conditions}", values)  # noqa: S608 - names from this package's code

    def empty(self) -> None:
        """Delete every document and file, and reset the clock; the memory (signing keys) stays."""
        with self.transaction():
            self._db.execute("DELETE FROM document")
            self.advance(-self.clock.offset_seconds)
        if self.folder or self._temporary:
            shutil.rmtree(self.files)

    def snapshot(self) -> Snapshot:
        files = self.files.iterdir() if self.folder or self._temporary else ()
        return Snapshot(self._db.serialize(), {file.name: file.read_bytes() for file in files})

    def restore(self, snapshot: Snapshot) -> None:
        """Replace the content by that of the snapshot, its time included. Only for a store in memory."""
        self._db.deserialize(snapshot.database)
        self.clock.offset_seconds = float(self.memory.get("clock_offset_seconds", 0))
        if self.folder or self._temporary:
            shutil.rmtree(self.files)
        for name, content in snapshot.files.items():
            (self.files / name).write_bytes(content)

    def advance(self, seconds: float) -> None:
        """Advance the clock, and store that."""
        self.clock.offset_seconds += seconds
        self.memory["clock_offset_seconds"] = repr(self.clock.offset_seconds)

    def _rows(self, where: str, values: tuple[object, ...], order: str) -> Iterator[Document]:
        statement = f"SELECT {COLUMNS} FROM document WHERE {where} ORDER BY {order}"  # noqa: S608 - as above
        for row in self._db.execute(statement, values):
            kind, id, scope, natural_key, stage, appears_at, body = row
            yield Document(kind, id, json.loads(body), scope, natural_key, stage, appears_at)


def _conditions(columns: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return the condition of a WHERE clause, and its values."""
    conditions, values = ["1"], []
    for name, value in columns.items():
        if name == "within":  # a range, so that SQLite uses the index
            conditions.append("scope >= ? AND scope < ?")
            values += [value, f"{value}\U0010ffff"]
        elif name == "ending":
            conditions.append("substr(scope, -length(?)) = ?")
            values += [value, value]
        else:
            conditions.append(f"{name} = ?")
            values.append(value)
    return " AND ".join(conditions), tuple(values)
