"""The SDK's official installer, run with the environment's Python.

.venv/bin/python -m provider.tools.engine.official ROOT VERSION
"""

from __future__ import annotations

import sys

from pulumi.automation import PulumiCommand
from semver import VersionInfo

if __name__ == "__main__":
    PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))
