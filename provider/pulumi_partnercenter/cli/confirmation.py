"""Confirmation of what costs a customer money, or cannot be undone."""

from __future__ import annotations

import sys

import click

from .printing import printable

__all__ = ["confirm", "yes_option"]

yes_option = click.option("--yes", is_flag=True, help="Do it without a question, as scripts have to.")


def confirm(description: str, question: str, *, yes: bool) -> None:
    """Ask on the terminal, on stderr, and end the command with 1 unless the answer is yes.

    Raises: UsageError where nobody can answer and `--yes` is not given.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"There is no terminal to confirm this on: add --yes. ({printable(question)})")
    click.echo(printable(description), err=True)
    try:
        is_confirmed = click.confirm(printable(question), err=True)
    except click.Abort as abort:
        if isinstance(abort.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        is_confirmed = False  # the end of the input
    if not is_confirmed:
        click.echo("not confirmed: nothing was sent", err=True)
        raise click.exceptions.Exit(1)
