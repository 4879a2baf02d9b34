"""Whether a command of a page is one that exists, judged without running it."""

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

SHELL = ("cd", "mkdir", "export", "unset", ".", "git", "pip", "python3", "curl", "az")
"""Of the shell, or of other people: the first word only has to be known."""


def problem(line: str) -> str:
    """What is wrong with a line of commands, or ""."""
    each = [_problem(shlex.split(command)) for command in re.split(r" && | \| ", line)]
    return "; ".join(found for found in each if found)


def _problem(words: list[str]) -> str:
    while words and re.fullmatch(r"\w+=.*", words[0]):
        words = words[1:]
    program, *arguments = words
    if program in SHELL:
        return ""
    judge = JUDGES.get(program)
    return judge(arguments) if judge else f"{program}: unknown"


def pulumi(arguments: list[str]) -> str:
    path: list[str] = []
    for word in arguments:
        if not re.fullmatch(r"[a-z-]+", word) or _help((*path, word)) in ("", _help(tuple(path))):
            break
        path.append(word)
    if not path:
        return f"pulumi {' '.join(arguments)}: no such command"
    return _unknown(arguments, _flags(tuple(path)))


def partnercenter(arguments: list[str]) -> str:
    name = next((each for each in arguments if each in cli.commands), " ".join(arguments))
    rest = [each for each in arguments if each not in (name, "--stack")]
    command = cli.commands.get(name)
    if command is None:
        return f"partnercenter {name}: no such command"
    return _unknown_options(command, rest)


def python(arguments: list[str]) -> str:
    if arguments[:1] != ["-m"]:
        return ""
    if importlib.util.find_spec(arguments[1]) is None:
        return f"{arguments[1]}: no such module"
    return _unknown_options(emulator, arguments[2:]) if arguments[1].endswith("emulator") else ""


def _unknown_options(command: click.Command, arguments: list[str]) -> str:
    options = [option for option in command.params if isinstance(option, click.Option)]
    return _unknown(arguments, {flag for option in options for flag in option.opts})


def make(arguments: list[str]) -> str:
    targets = re.findall(r"^([\w ]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    known = {name for line in targets for name in line.split()}
    wrong = [each for each in arguments if "=" not in each and each not in known]
    return f"make {wrong}: no such target" if wrong else ""


JUDGES: dict[str, Callable[[list[str]], str]] = {
    "pulumi": pulumi,
    "partnercenter": partnercenter,
    "python": python,
    ".venv/bin/python": python,
    "make": make,
}


def _unknown(arguments: list[str], known: set[str]) -> str:
    flags = {each.split("=")[0] for each in arguments if each.startswith("-")}
    return f"{', '.join(sorted(flags - known))}: unknown" if flags - known else ""


@functools.cache
def _help(path: tuple[str, ...]) -> str:
    """Of a command, by its name or another; its group's, or nothing, when there is none."""
    done = subprocess.run([PULUMI, *path, "--help"], capture_output=True, text=True, check=False)
    return done.stdout


def _flags(path: tuple[str, ...]) -> set[str]:
    return set(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", _help(path)))
