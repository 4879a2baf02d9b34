"""The whole package: sizes of modules and functions, exports, and modules that an import loads."""

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
"""Limits; a larger module or function needs a second look."""


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def count_lines(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the names and lines of a module's functions, with signature, without docstring and decorators."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = node.body[0] if ast.get_docstring(node) else None
            docstring_lines = (docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0
            yield node.name, (node.end_lineno or 0) - node.lineno + 1 - docstring_lines


def test_modules_are_short() -> None:
    lines = {name_of(path): len(path.read_text().splitlines()) for path in MODULES}
    assert {name: count for name, count in lines.items() if count > MODULE_LINES} == {}


def test_functions_are_short() -> None:
    lines = {
        f"{name_of(path)}: {function}": count
        for path in MODULES
        if "migrations/versions" not in name_of(path)  # statements that alembic wrote
        for function, count in count_lines(path)
    }
    assert len(lines) > len(MODULES)
    assert {name: count for name, count in lines.items() if count > FUNCTION_LINES} == {}


def test_the_lifecycle_names_no_resource() -> None:
    files = ("model.py", "kind.py", "lifecycle.py", "hosts/dynamic.py")
    words = {word for file in files for word in (PACKAGE / file).read_text().replace("`", " ").split()}
    assert not words & {entry.class_name for entry in registry.RESOURCES}


def test_every_error_is_exported() -> None:
    tree = {
        value.__name__
        for value in vars(errors).values()
        if inspect.isclass(value) and issubclass(value, errors.PartnerCenterError)
    }
    assert tree == set(errors.__all__)
    assert tree <= set(pulumi_partnercenter.__all__)


def test_every_exported_name_exists() -> None:
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
def test_importing_the_package_loads_no_client(program: str) -> None:
    """A program that only declares resources needs no HTTP, sign-in or validation."""
    script = f"import json, sys\n{program}\nprint(json.dumps(list(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(ROOT / "provider")},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(json.loads(result.stdout))
    heavy = {"httpx", "msal", "tenacity", "pydantic", "starlette"}
    assert not loaded & heavy
    assert not [name for name in loaded if name.startswith("pulumi_partnercenter.api.")]
    assert ("pulumi_partnercenter.components" in loaded) == ("components" in program)


def test_a_preview_loads_no_client() -> None:
    """A plugin that only checks and compares arguments does not load the libraries of HTTP and sign-in."""
    script = (
        "import json, sys\n"
        "from pulumi_partnercenter import _resource, registry\n"
        "for resource_type in registry.RESOURCES:\n"
        "    _resource.load(resource_type.name).check({}, {})\n"
        "print(json.dumps(list(sys.modules)))"
    )
    command = [sys.executable, "-c", script]
    ran = subprocess.run(
        command, env={"PYTHONPATH": str(ROOT / "provider")}, capture_output=True, text=True, check=True
    )
    assert set(json.loads(ran.stdout.splitlines()[-1])).isdisjoint(
        {"httpx", "msal", "tenacity", "cryptography"}
    )


def reads_environment(path: Path) -> bool:
    return any(
        (isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"))
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and bool({"environ", "getenv"} & {alias.name for alias in node.names})
        )
        for node in ast.walk(ast.parse(path.read_text()))
    )


def test_only_settings_read_the_environment() -> None:
    assert [name_of(path) for path in MODULES if reads_environment(path)] == [
        "saas/settings.py",
        "settings.py",
    ]


def test_module_names_say_what_modules_hold() -> None:
    vague = {"utils", "helpers", "common", "base"}
    assert [name_of(path) for path in MODULES if path.stem in vague] == []


def test_the_tour_of_constructors_and_the_examples_type_check() -> None:
    """Strict mypy checks `tests/typing/api.py`, which is never run, and what users copy from the pages."""
    result = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "tests/typing/api.py", "provider/docs/examples"],
        cwd=ROOT,
        env={"MYPYPATH": str(ROOT / "provider"), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert (PACKAGE / "py.typed").exists()


def test_names_of_test_files_are_unique() -> None:
    """Files of the same name in different folders cannot be collected together."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
