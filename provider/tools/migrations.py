"""Write the migration from the newest version of the SaaS service's tables to those in `saas/tables.py`.

    .venv/bin/python -m provider.tools.migrations NUMBER MESSAGE

writes `saas/migrations/versions/NUMBER_message.py`: read it, and add what moves data. A version that was released is
not changed any more.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.util import CommandError
from sqlalchemy import create_engine

from pulumi_partnercenter.saas.database import configure_alembic

CHECKOUT = Path(__file__).parents[2]


def write_migration(number: str, message: str) -> None:
    """Migrate an empty database to the newest version, and write what differs from the tables."""
    with (
        tempfile.TemporaryDirectory() as folder,
        create_engine(f"sqlite:///{folder}/new.db").begin() as connection,
    ):
        config = configure_alembic(connection)
        command.upgrade(config, "head")
        script = command.revision(config, message, autogenerate=True, rev_id=number)
    path = Path(script.path)  # type: ignore[union-attr]
    for arguments in (["check", "--quiet", "--fix", "--select", "F401,I,Q,W"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *arguments, str(path)], check=True, cwd=CHECKOUT)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a migration of the SaaS service's tables.")
    parser.add_argument("number", help="id of the new version, such as 0002")
    parser.add_argument("message", help="what changes, such as 'Subscriptions have a note'")
    arguments = parser.parse_args()
    try:
        write_migration(arguments.number, arguments.message)
    except CommandError as error:
        sys.exit(f"migrations: {error}")


if __name__ == "__main__":
    main()
