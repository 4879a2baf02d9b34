"""Check that no identifier is in a list of meaningless names, and that no text refers to a document by numbers alone.

    .venv/bin/python -m provider.tools.words

lists every such definition and reference, and ends with exit code 1 if there is any. Name a loop variable after the
thing that it holds: `plan`, `image`, `price`. Instead of a number of a section or fact, say the fact.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
PACKAGE = CHECKOUT / "provider" / "pulumi_partnercenter"
FORBIDDEN = frozenset(
    {"each", "found", "known", "one", "said", "seen", "there", "told", "trouble", "untold", "want", "wanted"}
)
REFERENCE = re.compile(r"\b(?:appendix [A-I]\b|(?:reference|facts?) [0-9])", re.IGNORECASE)
CHECKED = (PACKAGE, CHECKOUT / "provider" / "tools", CHECKOUT / "tests")
UNCHECKED = {PACKAGE / "errors.py"}
"""`PartnerCenterError.said` is public."""


def definitions(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and name of every variable, parameter, function and class that a module defines."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield node.lineno, name
            case ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield node.lineno, name
            case ast.ClassDef(name=name) | ast.alias(asname=str(name)) | ast.ExceptHandler(name=str(name)):
                yield node.lineno, name
            case (
                ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name))
            ):
                yield node.lineno, name


def forbidden_names(source: str) -> list[tuple[int, str]]:
    """Return line and name of every forbidden definition, in the order of the text."""
    return sorted(
        (line, name) for line, name in definitions(ast.parse(source)) if name.strip("_").lower() in FORBIDDEN
    )


def numbered_references(source: str) -> list[tuple[int, str]]:
    """Return line and text of every reference to a section or fact by its number."""
    return [
        (number, match.group())
        for number, line in enumerate(source.splitlines(), 1)
        for match in REFERENCE.finditer(line)
    ]


def main() -> None:
    problems = []
    for path in sorted(path for folder in CHECKED for path in folder.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        names = [] if path in UNCHECKED else forbidden_names(source)
        problems += [
            f"{path.relative_to(CHECKOUT)}:{line}: {text}"
            for line, text in names + numbered_references(source)
        ]
    if problems:
        advice = "words: call these after the thing that they hold, and say the fact instead of its number"
        sys.exit("\n".join([*problems, advice]))


if __name__ == "__main__":
    main()
