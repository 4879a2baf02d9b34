"""The commands of `partnercenter`: what people look up, and what they do once, beside `pulumi up`.

One module a command. A command speaks to the service that the environment names, the real one or an emulator. It prints
a table or tree for people, or one JSON document for programs with `--json`. Exit codes: 0 success, 1 failure (the
error, in up to three lines, is on stderr), 2 wrong usage, 130 interrupted. A reader that stops early (`| head -1`) has
read enough: the command ends silently and with 0, unless its exit code is an answer (`doctor`, `status --watch`).
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
from .printing import console, printable
from .show import show
from .status import status

__all__ = ["cli", "run"]


class Interruptible(click.Group):
    """Group that ends with one line and 130 on Ctrl-C, as shells expect, and with 0 on a closed pipe."""

    def make_context(self, *args: Any, **named: Any) -> click.Context:
        """Parse the arguments; `--help` and `--version` print here."""
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
    """Offers on Microsoft's commercial marketplace, looked at and taken over.

    Signs in as `pulumi up` does: by the environment variables that the README lists, else by the Azure CLI's login.
    PARTNERCENTER_ENDPOINT points every command at an emulator.
    """
    context.obj = Connection(stack)


for command in (doctor, show, status, export, emulator, completion):
    cli.add_command(command)


def run() -> None:
    """Run the command line of this process and end it with the command's exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # where the locale's encoding lacks a letter
    code = _exit_code()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes once more at its end: what is left goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _exit_code() -> int | str | None:
    """Run the command and return its exit code. Errors are on stderr already."""
    try:
        cli(prog_name="partnercenter")
    except PartnerCenterError as error:
        message = "\n".join(map(printable, str(error).splitlines()))
        with contextlib.suppress(BrokenPipeError):  # it failed, whoever reads why
            console(err=True).print(Text.assemble(("error: ", "red"), message), soft_wrap=True)
        return 1
    except BrokenPipeError:  # of what completion prints
        return 0
    except SystemExit as exit_request:
        return exit_request.code
    return 0
