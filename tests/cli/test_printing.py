"""Tables and trees of commands, and the command without the libraries that print them."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Group
from rich.text import Text
from tests.cli.command import CHECKOUT

import pulumi_partnercenter
from pulumi_partnercenter.cli import LIBRARIES
from pulumi_partnercenter.cli.printing import Node, build_table, print_renderable, print_tree

START = "from pulumi_partnercenter.cli import main; main()"
"""What the console script does."""


def run_without(missing: list[str], folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run a program where some libraries are not installed."""
    installed = Path(sysconfig.get_path("purelib"))
    for entry in installed.iterdir():
        if entry.name not in missing:
            (folder / entry.name).symlink_to(entry)
    path = os.pathsep.join([str(folder), str(CHECKOUT / "provider")])
    command = [sys.executable, "-S", "-c", program]
    return subprocess.run(command, env={"PYTHONPATH": path}, capture_output=True, text=True, check=False)


def column_of(line: str, text: str) -> int:
    """Column of a terminal in which a text begins."""
    return cell_len(line[: line.index(text)])


def test_columns_align_below_wide_and_combining_characters(capsys: pytest.CaptureFixture[str]) -> None:
    names = ["ab", "バックアップ", "e\u0301te\u0301", "👍🏽"]
    print_renderable(build_table(("NAME", "STATE"), [[name, f"state{n}"] for n, name in enumerate(names)]))
    header, *lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(names)
    columns = [column_of(line, f"state{n}") for n, line in enumerate(lines)]
    assert {column_of(header, "STATE"), *columns} == {cell_len("バックアップ") + 2}


def test_piped_lines_are_neither_wrapped_nor_padded(capsys: pytest.CaptureFixture[str]) -> None:
    long = "word " * 400 + "end"
    print_renderable(Group(Text(long), build_table(("", ""), [["a", ""], ["b", long]])))
    assert capsys.readouterr().out == f"{long}\na\nb  {long}\n"


def test_what_a_terminal_would_obey_is_a_mark(capsys: pytest.CaptureFixture[str]) -> None:
    print_tree(Node("offer\x1b[2J", [Node("plan\n[bold]", [Node("listing")])]))
    assert capsys.readouterr().out == "offer\ufffd[2J\n  plan\ufffd[bold]\n    listing\n"


@pytest.mark.parametrize("missing", [[name] for name in LIBRARIES] + [[*LIBRARIES]], ids="+".join)
def test_without_its_libraries_the_command_names_the_extra(tmp_path: Path, missing: list[str]) -> None:
    done = run_without(missing, tmp_path, START)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"partnercenter: {', '.join(missing)} missing")
    assert "pulumi-partnercenter[cli]" in line


def test_a_program_that_only_declares_needs_none_of_them(tmp_path: Path) -> None:
    program = (
        "import pulumi_partnercenter as partnercenter\n"
        "print(len([getattr(partnercenter, name) for name in partnercenter.__all__]))\n"
    )
    done = run_without([*LIBRARIES], tmp_path, program)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(len(pulumi_partnercenter.__all__))
