"""The command that serves the emulator: `partnercenter emulator` and `python -m pulumi_partnercenter.emulator`.

The first line on stdout is `listening on http://HOST:PORT`, once connections are accepted. Other output is a warning on
stderr where other machines can reach it. SIGINT and SIGTERM end it with status 0; 1 and one line on stderr mean that it
cannot start.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

__all__ = ["emulator"]


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--host", default="127.0.0.1", show_default=True, metavar="HOST", help="Address to listen on.")
@click.option("--port", default=0, metavar="PORT", help="Port to listen on. Default: a free one.")
@click.option(
    "--data",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder that keeps its state. Default: memory.",
)
@click.option("--seed", type=int, metavar="N", help="Makes ids repeat from run to run.")
@click.option(
    "--pace",
    type=click.Choice(["instant", "real"]),
    default="instant",
    show_default=True,
    help="Whether children of new offers appear at once or late.",
)
@click.option("--strict", is_flag=True, help="Refuse members that a service ignores: 501, not emulated.")
@click.option(
    "--saas-behaviour",
    type=click.Choice(["documented", "live", "microsoft"]),
    help="Whose deviations the SaaS fulfillment service has: those of its documentation, of the live service, or of"
    " Microsoft's emulator. Default: live.",
)
@click.option(
    "--allow-host",
    "names",
    multiple=True,
    metavar="NAME",
    help="A further name that it is reached by, e.g. of a container. May be repeated.",
)
@click.option(
    "--tls-certificate",
    "certificate",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="PEM certificate chain: serve https.",
)
@click.option(
    "--tls-key",
    "key",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="PEM private key of the certificate.",
)
@click.pass_context
def emulator(context: click.Context, /, **options: Any) -> None:
    """Serve every emulated API on one port of this machine."""
    if (options["certificate"] is None) != (options["key"] is None):
        raise click.UsageError("--tls-certificate and --tls-key go together")
    for file in (options["certificate"], options["key"]):
        if file is not None and not file.is_file():
            raise click.UsageError(f"{file} is not a file")
    try:
        from .serving import serve
    except ModuleNotFoundError as error:
        if str(error.name).startswith("pulumi_partnercenter"):
            raise
        raise click.ClickException(
            f"the emulator needs {error.name}: install the extra 'emulator' of this package"
        ) from None
    context.exit(serve(**options))
