"""Tables and trees of commands. Behaviour without the optional libraries."""

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
"""The code of the console script."""


def run_without(missing_libraries: list[str], folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run a program in an environment without these libraries."""
    installed = Path(sysconfig.get_path("purelib"))
    for entry in installed.iterdir():
        if entry.name not in missing_libraries:
            (folder / entry.name).symlink_to(entry)
    path = os.pathsep.join([str(folder), str(CHECKOUT / "provider")])
    command = [sys.executable, "-S", "-c", program]
    return subprocess.run(command, env={"PYTHONPATH": path}, capture_output=True, text=True, check=False)


def column_of(line: str, text: str) -> int:
    """Terminal column in which `text` begins."""
    return cell_len(line[: line.index(text)])


def test_columns_align_below_wide_and_combining_characters(capsys: pytest.CaptureFixture[str]) -> None:
    names = ["ab", "バックアップ", "e\u0301te\u0301", "👍🏽"]
    print_renderable(
        build_table(("NAME", "STATE"), [[name, f"state{number}"] for number, name in enumerate(names)])
    )
    header, *lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(names)
    columns = [column_of(line, f"state{number}") for number, line in enumerate(lines)]
    assert {column_of(header, "STATE"), *columns} == {cell_len("バックアップ") + 2}


def test_piped_lines_are_neither_wrapped_nor_padded(capsys: pytest.CaptureFixture[str]) -> None:
    text = "word " * 400 + "end"
    print_renderable(Group(Text(text), build_table(("", ""), [["a", ""], ["b", text]])))
    assert capsys.readouterr().out == f"{text}\na\nb  {text}\n"


def test_control_characters_are_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    print_tree(Node("offer\x1b[2J", [Node("plan\n[bold]", [Node("listing")])]))
    assert capsys.readouterr().out == "offer\ufffd[2J\n  plan\ufffd[bold]\n    listing\n"


@pytest.mark.parametrize("missing_libraries", [[name] for name in LIBRARIES] + [[*LIBRARIES]], ids="+".join)
def test_the_command_names_the_extra_when_its_libraries_are_missing(
    tmp_path: Path, missing_libraries: list[str]
) -> None:
    process = run_without(missing_libraries, tmp_path, START)
    assert process.returncode == 1
    assert process.stdout == ""
    (line,) = process.stderr.splitlines()
    assert line.startswith(f"partnercenter: {', '.join(missing_libraries)} missing")
    assert "pulumi-partnercenter[cli]" in line


def test_importing_the_package_needs_no_library_of_the_command(tmp_path: Path) -> None:
    program = (
        "import pulumi_partnercenter as partnercenter\n"
        "print(len([getattr(partnercenter, name) for name in partnercenter.__all__]))\n"
    )
    process = run_without([*LIBRARIES], tmp_path, program)
    assert process.returncode == 0, process.stderr
    assert process.stdout.strip() == str(len(pulumi_partnercenter.__all__))
