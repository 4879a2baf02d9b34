"""Record the state that a version writes, as a fixture.

    python -m tests.upgrades.write VERSION [--package FOLDER]

Runs `tests/upgrades/VERSION/program.py` with the real engine. For a new version, copy the last version's program and
add the new features. `--package` is the folder of an older version's package, from `git archive COMMIT provider`.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.upgrades.states import FOLDER, RecordedVersion, run_program


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.upgrades.write", description=__doc__)
    parser.add_argument("version", help="a folder of tests/upgrades that has a program.py")
    parser.add_argument("--package", type=Path, help="folder of that version's pulumi_partnercenter")
    options = parser.parse_args()
    if options.package and not (options.package / "pulumi_partnercenter").is_dir():
        parser.error(f"{options.package} holds no pulumi_partnercenter")
    version = RecordedVersion(FOLDER / options.version)
    with tempfile.TemporaryDirectory() as folder:
        version.write(*run_program(Path(folder) / "project", version.original_program, options.package))
    print(f"{version.folder}: {len(version.state()['deployment']['resources'])} resources")


if __name__ == "__main__":
    main()
