"""The database of the SaaS service: SQLite for a single process, PostgreSQL for any number of replicas."""

from __future__ import annotations

import functools
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import RLock
from typing import Any

import tenacity
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session

from ..errors import SettingsError, Unavailable
from .tables import Base

__all__ = ["NEW_JOBS", "Database", "configure_alembic", "insert_missing"]

NEW_JOBS = "new_jobs"
"""Set in the information of a session that adds jobs."""

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 4_710_329
"""Key of PostgreSQL's advisory lock, which a second migration waits for."""

_WRITERS: dict[str, RLock] = defaultdict(RLock)
"""Locks of the writers of this process, by SQLite's file: SQLite lets them wait in no order, and gives up."""


class Database:
    """Transactions over the tables. `url` is SQLAlchemy's: `sqlite:///saas.db`, `postgresql://user@host/name`.

    Safe to use from several threads.
    """

    def __init__(self, url: str, *, connections: int = 20) -> None:
        self.on_new_jobs: Callable[[], None] = lambda: None
        """Called after a transaction that added jobs: the worker looks for them."""
        try:
            address = make_url(url)
        except ArgumentError:
            raise SettingsError(
                "settings: PARTNERCENTER_SAAS_DATABASE_URL is not the address of a database",
                next="set it to sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME",
            ) from None
        if address.get_backend_name() == "postgresql":
            self._engine = create_engine(
                address.set(drivername="postgresql+psycopg"),
                pool_size=connections,
                pool_pre_ping=True,
                hide_parameters=True,
            )
            self._reading_engine = self._engine
            self._writer: AbstractContextManager[Any] = nullcontext()
        elif address.get_backend_name() == "sqlite":
            self._engine = _create_sqlite_engine(str(address), "BEGIN IMMEDIATE", connections)
            self._reading_engine = _create_sqlite_engine(str(address), "BEGIN", connections)
            self._writer = _WRITERS[str(address.database)]
        else:
            raise SettingsError(
                f"settings: PARTNERCENTER_SAAS_DATABASE_URL names a database that is not supported:"
                f" {address.get_backend_name()}",
                next="use SQLite or PostgreSQL",
            )

    @property
    def is_sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Yield a session that is committed at the end, and rolled back by an exception.

        On SQLite it holds the only write lock: no HTTP call belongs into it.
        """
        with self._writer, Session(self._engine, expire_on_commit=False) as session:
            with session.begin():
                yield session
            if session.info.get(NEW_JOBS):
                self.on_new_jobs()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session that only reads; writers do not wait for it."""
        with Session(self._reading_engine, expire_on_commit=False) as session:
            yield session

    def migrate(self) -> None:
        """Bring the tables to this version. A second process waits, then finds nothing to do. Raises: Unavailable."""
        with self._connect(self._engine) as connection:
            if not self.is_sqlite:
                connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            command.upgrade(configure_alembic(connection), "head")

    def is_current(self) -> bool:
        """Return whether the tables are those of this version. Raises: Unavailable."""
        with self._connect(self._reading_engine) as connection:
            heads = MigrationContext.configure(connection).get_current_heads()
        return set(heads) == _heads()

    def close(self) -> None:
        self._engine.dispose()
        self._reading_engine.dispose()

    @contextmanager
    def _connect(self, engine: Engine) -> Iterator[Connection]:
        """Yield a connection in a transaction. Raises: Unavailable if the database cannot be used."""
        try:
            with engine.begin() as connection:
                yield connection
        except (DBAPIError, NoConnection) as error:  # the second: all connections are in use
            raise Unavailable(
                f"connecting to the database {engine.url.render_as_string(hide_password=True)}",
                said=str(getattr(error, "orig", error)),
                next="check PARTNERCENTER_SAAS_DATABASE_URL and that the server accepts connections",
            ) from error


def _create_sqlite_engine(url: str, begin: str, connections: int) -> Engine:
    """Create an engine whose transactions start with `begin`: the driver's own start would let two writers deadlock."""
    engine = create_engine(url, pool_size=connections, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        _keep_write_ahead_log(connection)
        for pragma in ("busy_timeout=10000", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


@tenacity.retry(
    retry=tenacity.retry_if_exception_type(sqlite3.OperationalError),
    stop=tenacity.stop_after_delay(10),
    wait=tenacity.wait_random(max=0.05),
    reraise=True,
)
def _keep_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Let readers and the writer of a file not wait for each other.

    While another connection makes the same change of a new file, SQLite answers that it is locked, without a wait.
    """
    connection.execute("PRAGMA journal_mode=WAL")


@functools.cache
def _heads() -> set[str]:
    """Return the newest migrations of this version."""
    return set(ScriptDirectory.from_config(configure_alembic()).get_heads())


def configure_alembic(connection: Connection | None = None) -> Config:
    """Return the configuration of the migrations, for commands on a connection in a transaction."""
    config = Config()
    config.attributes["connection"] = connection
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def insert_missing(
    session: Session, table: type[Base], values: Mapping[str, Any] | Sequence[Mapping[str, Any]], *keys: str
) -> Any:
    """Return an insertion that leaves out the rows of which there is one with these keys.

    Both databases have it, and SQLAlchemy has no common one.
    """
    insert: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
    statement = insert[session.get_bind().dialect.name](table).values(values)
    return statement.on_conflict_do_nothing(index_elements=keys)
