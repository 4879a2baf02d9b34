"""Migrations of the SaaS service: they make the tables that the code names, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from pulumi_partnercenter.saas.database import MIGRATIONS, Database
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
