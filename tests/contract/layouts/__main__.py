"""Keep what this version stores under `--data`, and what it answers: `python -m tests.contract.layouts FOLDER`.

Run it before the layout of the database changes; the test of older layouts then reads the folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.contract.layouts.kept import write

if __name__ == "__main__":
    write(Path(sys.argv[1]))
