"""Write the table of operations into its docstring: `python -m tests.conformance.operations`."""

from __future__ import annotations

import re
from pathlib import Path

from pulumi_partnercenter.emulator.submission import SERVICE, operations

MODULE = Path(operations.__file__)
ROWS = re.compile(r"(?:^\|.*\|\n)*(?=\"\"\"$)", re.MULTILINE)


def render_module() -> str:
    """Render the module, with the table generated from the code."""
    table = operations.table(SERVICE.operations)
    return ROWS.sub(lambda _: f"{table}\n", MODULE.read_text(), count=1)


if __name__ == "__main__":
    MODULE.write_text(render_module())
