"""The command `partnercenter`.

Its libraries are in the extra `cli`: programs that only declare offers do not need them.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec

__all__ = ["main"]

LIBRARIES = ("click", "rich", "black", "jinja2", "nh3", "openpyxl")
"""Libraries of the extra `cli`."""


def main() -> None:
    """Run the console script."""
    if missing := [name for name in LIBRARIES if find_spec(name) is None]:
        sys.exit(
            f"partnercenter: {', '.join(missing)} missing: install this package as pulumi-partnercenter[cli]"
        )
    from .commands import run

    run()
