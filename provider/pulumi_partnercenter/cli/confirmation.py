"""Confirmation of what costs a customer money, or cannot be undone."""

from __future__ import annotations

import sys

import click

from .printing import printable

__all__ = ["confirm", "yes_option"]

yes_option = click.option("--yes", is_flag=True, help="Do it without a question, as scripts have to.")


def confirm(description: str, question: str, *, yes: bool) -> None:
    """Ask on the terminal, on stderr, and end the command with 1 unless the answer is `y` or `yes`.

    Raises: UsageError where nobody can answer and `--yes` is not given; KeyboardInterrupt for Ctrl-C.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"There is no terminal to confirm this on: add --yes. ({printable(question)})")
    click.echo(printable(description), err=True)
    click.echo(f"{printable(question)} [y/N]: ", nl=False, err=True)
    # Not `input`, nor click's own question over it: that loses a Ctrl-C which comes while it writes the prompt.
    answer = sys.stdin.readline()
    if answer.strip().lower() not in ("y", "yes"):
        line_break = "" if answer.endswith("\n") else "\n"
        click.echo(f"{line_break}not confirmed: nothing was sent", err=True)
        raise click.exceptions.Exit(1)
