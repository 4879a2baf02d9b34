"""The help of every `partnercenter` command, as the generated part of `command-line.md`."""

from __future__ import annotations

from collections.abc import Iterator

import click

from pulumi_partnercenter.cli.commands import cli

NAME = "partnercenter"
WIDTH = 100


def sections() -> str:
    """Return a section for each command: first the group, then its commands in the order of its help."""
    help_sections = [f"## `{path}`\n\n```text\n{text.strip()}\n```" for path, text in _helps(cli, None, NAME)]
    return "\n\n".join(help_sections)


def _helps(command: click.Command, parent: click.Context | None, name: str) -> Iterator[tuple[str, str]]:
    settings = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    context = click.Context(command, parent, info_name=name, **settings)
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            inner = command.get_command(context, child)
            if inner is not None and not inner.hidden:
                yield from _helps(inner, context, child)
