"""Both databases, migrated and empty, and a deployment on each."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from provider.tools.emulators import RunningEmulator, serve
from provider.tools.postgresql import Cluster, NoPostgresql, serve_cluster
from tests.saas.deployment import Deployment, MovableClock, serve_deployment

from pulumi_partnercenter.saas.database import Database
from pulumi_partnercenter.saas.tables import Base

TEMPLATE = "partnercenter_migrated"


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A PostgreSQL server for all tests of this run, or its tests are skipped."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    try:
        with serve_cluster(folder, prepare=_create_template) as cluster:
            yield cluster
    except NoPostgresql as error:
        pytest.skip(str(error))


def _create_template(cluster: Cluster) -> None:
    cluster.drop(TEMPLATE)
    _migrate(cluster.create(TEMPLATE))


def _migrate(url: str) -> None:
    database = Database(url)
    database.migrate()
    database.close()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def worker_database(cluster: Cluster) -> Iterator[str]:
    """The database that this process uses for one test after the other."""
    name = f"partnercenter_{uuid.uuid4().hex}"
    yield cluster.create(name, TEMPLATE)
    cluster.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a database with the newest tables, and no rows."""
    if request.param == "sqlite":
        path = tmp_path / "saas.db"
        shutil.copyfile(request.getfixturevalue("migrated_file"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("worker_database")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        connection.execute(f"truncate {', '.join(Base.metadata.tables)} restart identity")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    name = f"partnercenter_{uuid.uuid4().hex}"
    yield cluster.create(name)
    cluster.drop(name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture(scope="session")
def movable_emulator() -> Iterator[tuple[RunningEmulator, MovableClock]]:
    clock = MovableClock()
    with serve(now=clock) as emulator:
        yield emulator, clock


@pytest.fixture
def clock(movable_emulator: tuple[RunningEmulator, MovableClock]) -> MovableClock:
    """Clock of `emulator`, at the machine's time."""
    _, clock = movable_emulator
    clock.offset_seconds = 0.0
    return clock


@pytest.fixture
def emulator(movable_emulator: tuple[RunningEmulator, MovableClock], clock: MovableClock) -> RunningEmulator:
    """An empty emulator whose clock is `clock`."""
    emulator, _ = movable_emulator
    emulator.reset()
    return emulator


@pytest.fixture
def deployment(emulator: RunningEmulator, clock: MovableClock, database_url: str) -> Iterator[Deployment]:
    """The service and its marketplace, on both databases; `serve_deployment` takes settings and handlers."""
    with serve_deployment(emulator, clock, database_url) as deployment:
        yield deployment
