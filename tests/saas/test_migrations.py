"""Migrations of the SaaS service: they make the tables that the code names, and keep what is in them."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from pulumi_partnercenter.saas import database as database_module
from pulumi_partnercenter.saas.database import MIGRATIONS, Database, configure_alembic
from pulumi_partnercenter.saas.tables import Base


@pytest.fixture
def unmigrated(empty_database_url) -> Iterator[Database]:
    database = Database(empty_database_url)
    yield database
    database.close()


def differences(database: Database) -> list[Any]:
    """What the tables of a database lack, or have too much, in alembic's words."""
    with database._engine.begin() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return list(compare_metadata(context, Base.metadata))


def test_migrations_make_the_tables_that_the_code_names(unmigrated):
    assert len(differences(unmigrated)) >= len(Base.metadata.tables)
    unmigrated.migrate()
    assert differences(unmigrated) == []


def test_a_database_is_current_only_after_the_migration(unmigrated):
    assert not unmigrated.is_current()
    unmigrated.migrate()
    assert unmigrated.is_current()
    unmigrated.migrate()
    assert unmigrated.is_current()


def test_migrations_are_one_line_of_versions():
    scripts = ScriptDirectory(str(MIGRATIONS))
    assert len(scripts.get_heads()) == 1
    assert [script.revision for script in reversed(list(scripts.walk_revisions()))] == sorted(
        script.revision for script in scripts.walk_revisions()
    )


@pytest.mark.parametrize("file", range(50))
def test_connections_that_open_a_new_file_at_once_wait_for_each_other(file, tmp_path):
    databases = [Database(f"sqlite:///{tmp_path}/new.db") for _ in range(4)]
    barrier = threading.Barrier(len(databases))

    def open_file(database: Database) -> str:
        barrier.wait()
        with database._engine.begin() as connection:
            return str(connection.exec_driver_sql("PRAGMA journal_mode").scalar())

    with ThreadPoolExecutor(len(databases)) as threads:
        assert list(threads.map(open_file, databases)) == ["wal"] * len(databases)
    for database in databases:
        database.close()


def test_replicas_that_start_at_once_migrate_once(unmigrated, empty_database_url):
    replicas = [Database(empty_database_url) for _ in range(4)]
    barrier, errors = threading.Barrier(len(replicas)), list[Exception]()

    def migrate(replica: Database) -> None:
        barrier.wait()
        try:
            replica.migrate()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=migrate, args=(replica,)) for replica in replicas]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for replica in replicas:
        replica.close()
    assert errors == []
    assert differences(unmigrated) == []


# --- Data of earlier versions

REVISIONS = sorted(script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())
Rows = Mapping[str, list[dict[str, Any]]]


def upgrade(database: Database, revision: str) -> None:
    """Make the tables of a version."""
    with database._engine.begin() as connection:
        command.upgrade(configure_alembic(connection), revision)


def read_tables(database: Database) -> Rows:
    """Return the rows of every table that the database has, whatever the code names."""
    with database._engine.begin() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(sa.select(table)).mappings()]
            for table in reflect(connection)
        }


def reflect(connection: sa.Connection) -> list[sa.Table]:
    metadata = sa.MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != "alembic_version"]


def fill(database: Database) -> Rows:
    """Add two rows to every table that the database has, with a value in every column. Return all rows."""
    with database._engine.begin() as connection:
        for table in reflect(connection):
            rows = [{column.name: make_value(column, n) for column in table.columns} for n in (1, 2)]
            connection.execute(sa.insert(table), rows)
    return read_tables(database)


def make_value(column: sa.Column[Any], number: int) -> Any:
    match column.type:
        case sa.String():
            return f"{column.table.name} {number}"[: column.type.length]
        case sa.Boolean():
            return True
        case sa.DateTime():
            return datetime(2026, 5, 18, 9, number, tzinfo=UTC)
        case sa.JSON():
            return {column.name: number}
        case sa.Integer() | sa.Numeric() | sa.Float():
            return number
    raise AssertionError(f"no value for {column.table.name}.{column.name}: {column.type!r}")


def compare_data(before: Rows, after: Rows) -> list[str]:
    """Return what differs in the columns that both versions have."""
    problems = []
    for name, rows in before.items():
        kept = after.get(name)
        if kept is None or len(kept) != len(rows):
            problems.append(f"{name}: {len(rows)} rows, afterwards {len(kept or [])}")
            continue
        problems += [
            f"{name}.{column}: {row[column]!r}, afterwards {other[column]!r}"
            for row, other in zip(rows, kept, strict=True)
            for column in row.keys() & other.keys()
            if row[column] != other[column]
        ]
    return problems


@pytest.mark.parametrize("revision", REVISIONS)
def test_the_data_of_every_version_is_there_after_the_migration_to_this_one(unmigrated, revision):
    upgrade(unmigrated, revision)
    before = fill(unmigrated)
    assert {len(rows) for rows in before.values()} == {2}
    unmigrated.migrate()
    assert compare_data(before, read_tables(unmigrated)) == []
    assert differences(unmigrated) == []


SUCCESSOR = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{revision}", "{former}", None, None


def upgrade() -> None:
    with op.batch_alter_table("usage_records") as batch:
        batch.add_column(sa.Column("note", sa.String(length=64), nullable=False, server_default="none"))
    op.execute("{statement}")
"""


@pytest.fixture
def successors(tmp_path, monkeypatch) -> Iterator[Path]:
    """A folder of migrations, to which a test adds a later one."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder)
    monkeypatch.setattr(database_module, "MIGRATIONS", folder)
    yield folder
    database_module._heads.cache_clear()


@pytest.mark.parametrize(
    ("statement", "loss"),
    [
        ("update usage_records set note = 'kept'", []),
        ("delete from history where id = 1", ["history: 2 rows, afterwards 1"]),
    ],
)
def test_a_later_version_finds_the_data_and_a_loss_would_be_noticed(unmigrated, successors, statement, loss):
    unmigrated.migrate()
    before = fill(unmigrated)
    text = SUCCESSOR.format(revision="9999", former=REVISIONS[-1], statement=statement)
    (successors / "versions" / "9999_later.py").write_text(text)
    database_module._heads.cache_clear()
    assert not unmigrated.is_current()
    unmigrated.migrate()
    assert unmigrated.is_current()
    after = read_tables(unmigrated)
    assert compare_data(before, after) == loss
    assert len({row["note"] for row in after["usage_records"]}) == 1
