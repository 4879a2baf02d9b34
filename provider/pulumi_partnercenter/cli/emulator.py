"""`partnercenter emulator`: the emulator, by the name that is easier to remember."""

from __future__ import annotations

import runpy
import sys

import click

__all__ = ["emulator"]

MODULE = "pulumi_partnercenter.emulator"


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def emulator(arguments: tuple[str, ...]) -> None:
    """Serve every emulated API on one port of this machine."""
    sys.argv = [MODULE, *arguments]
    try:
        runpy.run_module(MODULE, run_name="__main__")
    except ModuleNotFoundError as error:
        if str(error.name).startswith("pulumi_partnercenter"):
            raise
        raise click.ClickException(
            f"the emulator needs {error.name}: install the extra 'emulator' of this package"
        ) from None
