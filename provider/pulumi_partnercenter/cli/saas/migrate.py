"""`partnercenter saas migrate`: tables of the SaaS service's database."""

from __future__ import annotations

import click

from .serving import require_libraries

__all__ = ["migrate"]


@click.command()
def migrate() -> None:
    """Bring the tables of the SaaS service to this version.

    Run it before a new version of `saas serve` starts on PostgreSQL; a SQLite file migrates itself. Reads
    PARTNERCENTER_SAAS_DATABASE_URL. Run again, it finds nothing to do.
    """
    require_libraries()
    from ...saas.database import Database
    from ...saas.settings import ServiceSettings

    database = Database(ServiceSettings.load_database_url())
    try:
        database.migrate()
    finally:
        database.close()
    click.echo("the tables are current")
