"""The commands of `partnercenter`: look-ups and one-time tasks beside `pulumi up`.

Each command is a module. Commands use the service in the environment's settings, real or emulated. They print
a table or tree, or with `--json` a single JSON document. Exit codes: 0 success, 1 failure (the error, in up to
three lines, is on stderr), 2 wrong usage, 130 interrupted. If the reader of the output stops early (`| head -1`),
the command ends silently with 0, unless its exit code is a result (`doctor`, `status --watch`).
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import Any

import click
from rich.text import Text

from ..emulator.command import emulator
from ..errors import PartnerCenterError
from .completion import completion
from .connection import Connection
from .doctor import doctor
from .export import export
from .portal import portal
from .printing import console, printable
from .saas import saas
from .show import show
from .status import status

__all__ = ["cli", "run"]


class Interruptible(click.Group):
    """Command group that ends with a line and 130 on Ctrl-C, as shells expect, and with 0 on a closed pipe."""

    def make_context(self, *args: Any, **named: Any) -> click.Context:
        """Parse the arguments. `--help` and `--version` print here, so closed pipes are handled here too."""
        try:
            return super().make_context(*args, **named)
        except BrokenPipeError:
            raise click.exceptions.Exit(0) from None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            line_break = "\n" if sys.stderr.isatty() else ""  # the terminal has echoed `^C`
            click.echo(f"{line_break}interrupted", err=True)
            ctx.exit(130)
        except BrokenPipeError:
            ctx.exit(0)


@click.group(
    cls=Interruptible, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="pulumi-partnercenter", prog_name="partnercenter")
@click.option(
    "--stack",
    metavar="NAME",
    default="",
    help="Take settings that the environment lacks from this Pulumi stack's configuration.",
)
@click.pass_context
def cli(context: click.Context, stack: str) -> None:
    """Offers on Microsoft's commercial marketplace, looked at and taken over; subscriptions of SaaS offers.

    Signs in as `pulumi up` does: by the environment variables that the README lists, else by the Azure CLI's login.
    PARTNERCENTER_ENDPOINT points every command at an emulator.
    """
    context.obj = Connection(stack)


for command in (doctor, show, status, export, portal, saas, emulator, completion):
    cli.add_command(command)


def run() -> None:
    """Run the command line of this process and end it with the command's exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # for letters that the locale's encoding lacks
    code = _exit_code()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes stdout again at its end; this discards the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _exit_code() -> int | str | None:
    """Run the command and return its exit code. It has printed its errors to stderr."""
    try:
        cli(prog_name="partnercenter")
    except PartnerCenterError as error:
        message = "\n".join(map(printable, str(error).splitlines()))
        with contextlib.suppress(BrokenPipeError):  # the exit code of the failure counts, not the closed pipe
            console(err=True).print(Text.assemble(("error: ", "red"), message), soft_wrap=True)
        return 1
    except BrokenPipeError:  # from the output of completion
        return 0
    except SystemExit as exit_request:
        return exit_request.code
    return 0
