"""Write this version's data folder and answers: `python -m tests.contract.layouts FOLDER`.

Run it before the layout of the database changes; the test of older layouts then reads the folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.contract.layouts.folders import write_folder

if __name__ == "__main__":
    write_folder(Path(sys.argv[1]))
