"""What is true of the package as a whole: its size, its doors, and what its import costs."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pulumi_partnercenter
from pulumi_partnercenter import errors, registry

PACKAGE = Path(pulumi_partnercenter.__file__).parent
ROOT = PACKAGE.parents[1]
MODULES = sorted(PACKAGE.rglob("*.py"))
MODULE_LINES, FUNCTION_LINES = 500, 50
"""More needs a second look."""


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and lines of each function, its signature included, its docstring and decorators not."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            text = node.body[0] if ast.get_docstring(node) else None
            told = (text.end_lineno or 0) - text.lineno + 1 if text else 0
            yield node.name, (node.end_lineno or 0) - node.lineno + 1 - told


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_files_are_short(path: Path) -> None:
    lines = len(path.read_text().splitlines())
    assert lines <= MODULE_LINES, f"{lines} lines"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_functions_are_short(path: Path) -> None:
    long = {name: lines for name, lines in functions(path) if lines > FUNCTION_LINES}
    assert not long


def test_the_lifecycle_names_no_resource() -> None:
    files = ("model.py", "kind.py", "lifecycle.py", "hosts/dynamic.py")
    words = {word for file in files for word in (PACKAGE / file).read_text().replace("`", " ").split()}
    assert not words & {entry.class_name for entry in registry.RESOURCES}


def test_every_error_is_exported() -> None:
    tree = {
        each.__name__
        for each in vars(errors).values()
        if inspect.isclass(each) and issubclass(each, errors.PartnerCenterError)
    }
    assert tree == set(errors.__all__)
    assert tree <= set(pulumi_partnercenter.__all__)


def test_nothing_is_exported_that_is_not_there() -> None:
    names = pulumi_partnercenter.__all__
    assert all(hasattr(pulumi_partnercenter, name) for name in names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "program",
    [
        "import pulumi_partnercenter",
        "from pulumi_partnercenter import PlanPricing",
        "from pulumi_partnercenter.components import SaasOffer",
    ],
)
def test_importing_loads_no_client(program: str) -> None:
    """A program that only declares resources needs neither HTTP nor sign-in nor validation."""
    script = f"import json, sys\n{program}\nprint(json.dumps(list(sys.modules)))"
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(ROOT / "provider")},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(json.loads(ran.stdout))
    heavy = {"httpx", "msal", "tenacity", "pydantic", "starlette"}
    assert not loaded & heavy
    assert not [name for name in loaded if name.startswith("pulumi_partnercenter.api.")]
    assert ("pulumi_partnercenter.components" in loaded) == ("components" in program)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_settings_read_the_environment(path: Path) -> None:
    reads = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"))
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and {"environ", "getenv"} & {a.name for a in node.names}
        )
    ]
    assert not reads or path.name == "settings.py"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_say_what_they_are(path: Path) -> None:
    text = path.read_text()
    assert not text or ast.get_docstring(ast.parse(text))
    assert path.stem not in {"utils", "helpers", "common", "base"}


def test_types_are_promised_and_checked() -> None:
    """Mypy strict over the tour of the constructors in `tests/typing`, which is never run."""
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "tests/typing/api.py"],
        cwd=ROOT,
        env={"MYPYPATH": str(ROOT / "provider"), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert (PACKAGE / "py.typed").exists()


def test_names_of_test_files_are_their_own() -> None:
    """Two of one name in different folders cannot be collected together."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
