"""Mutation score: the share of small changes of the code that its tests or the type checker notice.

    .venv/bin/python -m provider.tools.mutants [--tenths N] [--seed N] [--again] [AREA ...]

mutmut changes one expression at a time, runs mypy on all changes, and runs the tests that reach a change. An area is a
part of the package with its tests. Prints the surviving mutants as diffs, then a table of modules.

A survivor that changes no behaviour is listed in `equivalent_mutants.toml` with the reason, and counts as noticed. Ends
with exit code 1 if the score is too low or if, in a whole run, an entry of the list matches no mutant.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import os
import random
import shutil
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .engine.progress import CommandFailed, Status, tidy_when_ended, watch

CHECKOUT = Path(__file__).parents[2]
PACKAGE = "pulumi_partnercenter"
WORK = CHECKOUT / ".mutants"
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.toml")
LOWEST_PERCENT = 85.0
LONGEST_SECONDS = 12 * 3600.0
NOTICED = frozenset({"killed", "timeout", "segfault", "caught by type check"})
"""mutmut's statuses for a noticed mutant."""


@dataclass(frozen=True)
class Area:
    """Modules below the package, as patterns, and the tests that should notice their mutants."""

    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Copy of package and tests, in which mutmut works."""
        return WORK / self.name


AREAS = (
    Area("lifecycle", ("lifecycle.py",), ("tests/unit/test_lifecycle.py",)),
    Area("model", ("model.py",), ("tests/unit/test_arguments.py", "tests/unit/test_lifecycle.py")),
    Area(
        "prices",
        ("kinds/_prices.py", "kinds/plan_pricing.py"),
        ("tests/unit/test_prices.py", "tests/resources/test_plan_pricing.py"),
    ),
    Area(
        "http",
        tuple(
            f"api/http/{name}.py" for name in ("blobs", "client", "exchange", "hardening", "outage", "retry")
        ),
        tuple(
            f"tests/unit/test_{name}.py"
            for name in ("http_parts", "transport", "blob_client", "hostile_service", "fulfillment_client")
        ),
    ),
    Area(
        "submission",
        ("api/submission/*.py",),
        (
            "tests/unit/test_submission_requests.py",
            "tests/unit/test_error_bodies.py",
            "tests/unit/test_standings.py",
        ),
    ),
)


@dataclass(frozen=True)
class Mutant:
    """A changed function. `change` holds the lines of the diff that begin with - or +, without indentation."""

    module: str
    function: str
    status: str
    change: tuple[str, ...] = ()


@dataclass(frozen=True)
class Equivalent:
    """A surviving mutant that changes no behaviour, with the reason."""

    module: str
    function: str
    change: tuple[str, ...]
    reason: str

    def matches(self, mutant: Mutant) -> bool:
        return (self.module, self.function, self.change) == (mutant.module, mutant.function, mutant.change)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure which changes of the code its tests notice.")
    names = [area.name for area in AREAS]
    parser.add_argument("areas", nargs="*", metavar="AREA", help=f"{', '.join(names)}; all by default")
    parser.add_argument("--tenths", type=int, default=10, help="size of a sample; 10, the default, is all")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument(
        "--again", action="store_true", help="only the survivors of the last run, with today's tests"
    )
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if unknown := set(options.areas) - set(names):
        parser.error(f"no such area: {', '.join(sorted(unknown))}")
    if not 1 <= options.tenths <= 10:
        parser.error("--tenths: from 1 to 10")
    tidy_when_ended()
    mutants: list[Mutant] = []
    try:
        for area in AREAS:
            if area.name in (options.areas or names):
                patterns = [] if options.tenths == 10 else [sample(options.tenths, options.seed)]
                if options.again:
                    patterns = [name for name, status in read_statuses(area) if is_survivor(status)]
                    renew_tests(area)
                else:
                    lay_out(area)
                if patterns or not options.again:
                    run_mutmut(area, patterns, options.processes)
                mutants += read_mutants(area)
    except CommandFailed as error:
        sys.exit(f"{error}\n  it said: {error.output}\n  next: {error.next}")
    sys.exit(report(mutants, read_equivalents(), is_whole=options.tenths == 10 and not options.areas))


def sample(tenths: int, seed: int) -> str:
    """Return a pattern of mutants' names, by the last digits of their numbers."""
    return f"*[{''.join(sorted(random.Random(seed).sample('0123456789', tenths)))}]"


def is_survivor(status: str) -> bool:
    return status not in NOTICED and status != "not checked"


def lay_out(area: Area) -> None:
    """Copy package and tests to mutmut's folder, and write its settings."""
    shutil.rmtree(area.folder, ignore_errors=True)
    without_caches = shutil.ignore_patterns("__pycache__")
    for source, target in (
        (f"provider/{PACKAGE}", f"src/{PACKAGE}"),
        ("provider/tools", "provider/tools"),
        ("tests", "tests"),
    ):
        shutil.copytree(CHECKOUT / source, area.folder / target, ignore=without_caches)
    shutil.copy(CHECKOUT / "pyproject.toml", area.folder)
    modules = [f"src/{PACKAGE}/{module}" for module in area.modules]
    paths = sorted(
        str(path.relative_to(area.folder)) for module in modules for path in area.folder.glob(module)
    )
    settings = {
        "source_paths": ["src"],
        "only_mutate": modules,
        "also_copy": ["provider"],
        "pytest_add_cli_args": ["-p", "no:xdist", "-p", "no:schemathesis", "-k", "not gigabyte"],
        "pytest_add_cli_args_test_selection": [*area.tests],
        "process_isolation": ["forkserver"],
        "timeout_multiplier": ["3.0"],
        "timeout_constant": ["5.0"],
        # `make check` refuses the mistakes that mypy reports for a mutant
        "type_check_command": ["mypy", "--output", "json", "--no-warn-unused-ignores", *paths],
    }
    lines = [
        f"{name} = {values[0] if len(values) == 1 else ''.join(f'{chr(10)}  {value}' for value in values)}"
        for name, values in settings.items()
    ]
    (area.folder / "setup.cfg").write_text("\n".join(["[mutmut]", *lines, ""]))


def renew_tests(area: Area) -> None:
    """Copy the current tests to the mutants of the last run."""
    for folder in (area.folder / "tests", area.folder / "mutants" / "tests"):
        shutil.rmtree(folder)
        shutil.copytree(CHECKOUT / "tests", folder, ignore=shutil.ignore_patterns("__pycache__"))


def run_mutmut(area: Area, patterns: Sequence[str], processes: int) -> None:
    """Test the mutants whose names match a pattern; all without patterns. Raises CommandFailed."""
    bin_folder = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"}
    watch(
        [str(bin_folder / "mutmut"), "run", "--max-children", str(processes), *patterns],
        lambda lines: f"{area.name}: {next((line for line in reversed(lines) if line.strip()), 'mutmut')}",
        Status(),
        env=environment,
        cwd=area.folder,
        deadline_seconds=LONGEST_SECONDS,
    )


def read_statuses(area: Area) -> Iterator[tuple[str, str]]:
    """Yield name and status of every mutant, as mutmut lists them."""
    mutmut = str(Path(sys.executable).parent / "mutmut")
    lines = watch(
        [mutmut, "results", "--all", "true"],
        lambda _: f"{area.name}: results",
        Status(),
        env=os.environ,
        cwd=area.folder,
    )
    for line in lines:
        name, separator, status = line.strip().partition(": ")
        if separator and name.startswith(f"{PACKAGE}."):
            yield name, status


def read_mutants(area: Area) -> Iterator[Mutant]:
    """Yield the tested mutants; survivors with their changes."""
    functions: dict[str, Mapping[str, str]] = {}
    for name, status in read_statuses(area):
        dotted, _, mangled = name.rpartition(".")
        module = f"{dotted.removeprefix(f'{PACKAGE}.').replace('.', '/')}.py"
        bare, _, _ = mangled.partition("__mutmut_")
        function = bare.removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
        if is_survivor(status):
            if module not in functions:
                functions[module] = read_functions(area.folder / "mutants" / "src" / PACKAGE / module)
            sources = functions[module]
            yield Mutant(module, function, status, compare(sources[f"{bare}__mutmut_orig"], sources[mangled]))
        elif status in NOTICED:
            yield Mutant(module, function, status)


def read_functions(path: Path) -> dict[str, str]:
    """Return the sources of every function and method of a mutated module, without their names, by name."""
    text = path.read_text()
    lines = text.splitlines()
    return {
        node.name: "\n".join(lines[node.lineno - 1 : node.end_lineno]).replace(node.name, "", 1)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def compare(original: str, mutated: str) -> tuple[str, ...]:
    """Return removed and added lines, without indentation."""
    diff = difflib.unified_diff(original.splitlines(), mutated.splitlines(), lineterm="", n=0)
    return tuple(
        f"{line[0]} {line[1:].strip()}" for line in diff if not line.startswith(("---", "+++", "@@"))
    )


def read_equivalents() -> list[Equivalent]:
    entries = tomllib.loads(EQUIVALENT.read_text())["mutant"]
    return [Equivalent(**{**entry, "change": tuple(entry["change"])}) for entry in entries]


def report(mutants: Sequence[Mutant], equivalents: Sequence[Equivalent], *, is_whole: bool) -> int:
    """Print survivors and the table. Return the exit code."""
    console = Console(highlight=False, soft_wrap=True)
    survivors = [mutant for mutant in mutants if is_survivor(mutant.status)]
    alive = [
        mutant for mutant in survivors if not any(equivalent.matches(mutant) for equivalent in equivalents)
    ]
    for mutant in alive:
        console.print(f"{mutant.module} {mutant.function}: {mutant.status}", markup=False)
        for line in mutant.change:
            console.print(f"  {line}", markup=False)
    table = Table(*("module", "mutants", "noticed", "equivalent", "survived", "score"))
    for module in sorted({mutant.module for mutant in mutants}):
        table.add_row(module, *count(module, mutants, survivors, alive))
    table.add_row("all", *count("*", mutants, survivors, alive))
    console.print(table)
    unused = [
        equivalent
        for equivalent in equivalents
        if is_whole and not any(equivalent.matches(mutant) for mutant in survivors)
    ]
    for equivalent in unused:
        console.print(
            f"{EQUIVALENT.name}: no survivor matches {equivalent.module} {equivalent.function}:", markup=False
        )
        console.print(f"  {' '.join(equivalent.change)}", markup=False)
    percent = score(len(mutants), len(alive))
    if percent < LOWEST_PERCENT:
        console.print(f"the score has to be at least {LOWEST_PERCENT:g} %")
    return 1 if unused or percent < LOWEST_PERCENT else 0


def count(
    module: str, mutants: Sequence[Mutant], survivors: Sequence[Mutant], alive: Sequence[Mutant]
) -> list[str]:
    """Return the cells of a table row."""
    total, survived, unnoticed = (
        sum(fnmatch(mutant.module, module) for mutant in group) for group in (mutants, survivors, alive)
    )
    cells = [total, total - survived, survived - unnoticed, unnoticed]
    return [*(str(cell) for cell in cells), f"{score(total, unnoticed):.1f} %"]


def score(total: int, unnoticed: int) -> float:
    return 100 * (total - unnoticed) / total if total else 100.0


if __name__ == "__main__":
    main()
