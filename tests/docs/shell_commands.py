"""Check the commands on pages without running them: programs, subcommands, options, targets."""

from __future__ import annotations

import functools
import importlib.util
import re
import shlex
import subprocess
from collections.abc import Callable

import click
from provider.tools.generate.pages import ROOT
from tests.stacks.cli import PULUMI

from pulumi_partnercenter.cli.commands import cli
from pulumi_partnercenter.emulator.command import emulator

SHELL = ("cd", "mkdir", "export", "unset", ".", "git", "pip", "python3", "curl", "az", "gh")
"""Commands of the shell and of other tools; the test checks only their names."""


def find_problems(line: str) -> str:
    """Return the problems of a command line, or ""."""
    problems = [_find_problem(shlex.split(command)) for command in re.split(r" && | \| ", line)]
    return "; ".join(problem for problem in problems if problem)


def _find_problem(words: list[str]) -> str:
    while words and re.fullmatch(r"\w+=.*", words[0]):
        words = words[1:]
    program, *arguments = words
    if program in SHELL:
        return ""
    check = CHECKS.get(program)
    return check(arguments) if check else f"{program}: unknown"


def check_pulumi(arguments: list[str]) -> str:
    path: list[str] = []
    for word in arguments:
        if not re.fullmatch(r"[a-z-]+", word) or _read_help((*path, word)) in ("", _read_help(tuple(path))):
            break
        path.append(word)
    if not path:
        return f"pulumi {' '.join(arguments)}: no such command"
    return _find_unknown_flags(arguments, _read_flags(tuple(path)))


def check_partnercenter(arguments: list[str]) -> str:
    name = next((argument for argument in arguments if argument in cli.commands), " ".join(arguments))
    command = cli.commands.get(name)
    if command is None:
        return f"partnercenter {name}: no such command"
    words = [argument for argument in arguments if argument not in (name, "--stack")]
    while isinstance(command, click.Group):
        if not words or words[0] not in command.commands:
            return f"partnercenter {' '.join(arguments)}: no such command"
        command = command.commands[words.pop(0)]
    return _find_unknown_options(command, words)


def check_python(arguments: list[str]) -> str:
    if arguments[:1] != ["-m"]:
        return ""
    if importlib.util.find_spec(arguments[1]) is None:
        return f"{arguments[1]}: no such module"
    return _find_unknown_options(emulator, arguments[2:]) if arguments[1].endswith("emulator") else ""


def _find_unknown_options(command: click.Command, arguments: list[str]) -> str:
    options = [option for option in command.params if isinstance(option, click.Option)]
    return _find_unknown_flags(
        arguments, {flag for option in options for flag in (*option.opts, *option.secondary_opts)}
    )


def check_make(arguments: list[str]) -> str:
    targets = re.findall(r"^([\w ]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    existing = {name for line in targets for name in line.split()}
    missing = [target for target in arguments if "=" not in target and target not in existing]
    return f"make {missing}: no such target" if missing else ""


CHECKS: dict[str, Callable[[list[str]], str]] = {
    "pulumi": check_pulumi,
    "partnercenter": check_partnercenter,
    "python": check_python,
    ".venv/bin/python": check_python,
    "make": check_make,
}


def _find_unknown_flags(arguments: list[str], known_flags: set[str]) -> str:
    flags = {argument.split("=")[0] for argument in arguments if argument.startswith("-")}
    return f"{', '.join(sorted(flags - known_flags))}: unknown" if flags - known_flags else ""


@functools.cache
def _read_help(path: tuple[str, ...]) -> str:
    """Read the help of a command. If it does not exist, return the help of its group, or ""."""
    result = subprocess.run([PULUMI, *path, "--help"], capture_output=True, text=True, check=False)
    return result.stdout


def _read_flags(path: tuple[str, ...]) -> set[str]:
    return set(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", _read_help(path)))
