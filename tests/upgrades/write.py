"""Keeps the state that a version writes, as a fixture.

    python -m tests.upgrades.write VERSION [--package FOLDER]

Runs `tests/upgrades/VERSION/program.py` (for a new version: copied from the last one and extended by what is new) with
the real engine. `--package` is the folder of an older version's package, from `git archive COMMIT provider`.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.upgrades.states import FOLDER, Kept, written


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.upgrades.write", description=__doc__)
    parser.add_argument("version", help="a folder of tests/upgrades that has a program.py")
    parser.add_argument("--package", type=Path, help="where that version's pulumi_partnercenter is")
    options = parser.parse_args()
    if options.package and not (options.package / "pulumi_partnercenter").is_dir():
        parser.error(f"{options.package} holds no pulumi_partnercenter")
    kept = Kept(FOLDER / options.version)
    with tempfile.TemporaryDirectory() as folder:
        kept.keep(*written(Path(folder) / "project", kept.wrote, options.package))
    print(f"{kept.folder}: {len(kept.state()['deployment']['resources'])} resources")


if __name__ == "__main__":
    main()
