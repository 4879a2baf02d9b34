"""The database of the emulator: its schema, and the migrations from earlier schemas."""

from __future__ import annotations

import sqlite3

__all__ = ["LAYOUT", "migrate"]

LAYOUT = 2
"""Version of the schema, stored as SQLite's `user_version`. It increases with every change of `SCHEMA`."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS document (
    kind TEXT NOT NULL, id TEXT NOT NULL COLLATE NOCASE, scope TEXT NOT NULL, natural_key TEXT NOT NULL,
    stage TEXT NOT NULL, appears_at REAL NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
);
CREATE INDEX IF NOT EXISTS document_by_kind ON document (kind, scope);
CREATE INDEX IF NOT EXISTS document_by_scope ON document (scope);
CREATE INDEX IF NOT EXISTS document_by_key ON document (kind, natural_key);
CREATE TABLE IF NOT EXISTS memory (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

# Layout 1 had columns of the submission API, then the only service. Row ids are kept: they order the documents.
FROM_LAYOUT_1 = """
ALTER TABLE document RENAME TO document_1;
DROP INDEX document_by_product;
DROP INDEX document_by_instance;
DROP INDEX document_by_key;
{schema}
INSERT INTO document (rowid, kind, id, scope, natural_key, stage, appears_at, body)
    SELECT rowid, kind, id, product || '/' || variant || '/' || instance, natural_key, stage, appears_at, body
    FROM document_1;
DROP TABLE document_1;
"""
STEPS = {0: SCHEMA, 1: FROM_LAYOUT_1.format(schema=SCHEMA)}
"""SQL from each earlier layout to the present one; 0 is an empty database."""


def migrate(database: sqlite3.Connection, name: str) -> None:
    """Migrate a database to the present layout, completely or not at all.

    Raises: sqlite3.DatabaseError if a later version of the emulator wrote it.
    """
    layout = database.execute("PRAGMA user_version").fetchone()[0]
    if layout == LAYOUT:
        return
    if layout not in STEPS:
        raise sqlite3.DatabaseError(f"{name} has layout {layout}, this emulator needs {LAYOUT}: remove it")
    database.executescript(f"BEGIN IMMEDIATE;{STEPS[layout]}PRAGMA user_version = {LAYOUT};COMMIT;")
