"""`partnercenter saas serve`: the SaaS service on a port."""

from __future__ import annotations

import click

from ...errors import SettingsError
from .serving import listen_or_fail, require_libraries

__all__ = ["serve"]


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, metavar="HOST", help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Port to listen on; 0 takes a free one.",
)
def serve(host: str, port: int) -> None:
    """Serve landing page, webhook, publisher's pages and usage API until a signal ends it.

    Settings are the environment's: PARTNERCENTER_SAAS_PUBLIC_URL, _KEYS, _SIGN_IN_CLIENT_ID and so on; the guide "The
    SaaS service" lists them. Logs go to standard output, a JSON object a line. It stops once its requests and jobs
    have ended. `saas demo` needs no settings.

    \b
    Example:
      partnercenter saas serve --host 0.0.0.0 --port 8080
    """  # noqa: D301 - click's mark for lines that are not joined
    require_libraries()
    from ...saas import ServiceSettings, create_app
    from ...saas.database import Database
    from ...saas.logs import configure_logging
    from .serving import Server

    settings = ServiceSettings.load()
    database = Database(settings.database_url)
    try:
        if database.is_sqlite:
            database.migrate()
        elif not database.is_current():
            raise SettingsError(
                "service: the tables of the database are not those of this version",
                next="run `partnercenter saas migrate` once, before any of its processes starts",
            )
    finally:
        database.close()
    listener = listen_or_fail(host, port)
    configure_logging()
    Server(create_app(settings), listener).serve_forever()
