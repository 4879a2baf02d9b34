"""Every module loads, also with the lowest versions that pyproject.toml allows: `make lowest` runs this."""

from __future__ import annotations

import importlib
from pathlib import Path

import pulumi_partnercenter

ROOT = Path(pulumi_partnercenter.__file__).parent
SCRIPTS = ("__main__", "migrations")
"""Names of what is run, and not imported."""


def test_every_module_can_be_imported() -> None:
    paths = [path.relative_to(ROOT.parent).with_suffix("").parts for path in sorted(ROOT.rglob("*.py"))]
    modules = [".".join(parts).removesuffix(".__init__") for parts in paths if not {*SCRIPTS} & {*parts}]
    assert len(modules) > 100
    for module in modules:
        importlib.import_module(module)
