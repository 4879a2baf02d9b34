"""`partnercenter completion SHELL`: the script that a shell's start-up file evaluates."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

__all__ = ["completion"]


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    For bash, add to ~/.bashrc: eval "$(partnercenter completion bash)"
    """
    completion_class = get_completion_class(shell)
    root = context.find_root()
    if completion_class is None:
        raise click.ClickException(f"no completion for {shell}")
    script = completion_class(root.command, {}, "partnercenter", "_PARTNERCENTER_COMPLETE")
    click.echo(script.source())
