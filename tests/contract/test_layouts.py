"""A data folder of an earlier version opens, and answers as that version did."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.contract.layouts.kept import DATABASE, answers, opened, restored

from pulumi_partnercenter.emulator.migrations import LAYOUT

KEPT = sorted(path for path in (Path(__file__).parent / "layouts").iterdir() if path.name.isdigit())


@pytest.mark.parametrize("kept", KEPT, ids=lambda kept: f"layout {kept.name}")
def test_a_folder_of_an_earlier_version_answers_as_it_did(kept: Path, tmp_path: Path):
    """Every read and every write, and once more after a restart: the folder has this version's layout then."""
    restored(kept, tmp_path)
    expected = json.loads((kept / "answers.json").read_text())
    with opened(tmp_path) as emulator:
        given = answers(emulator)
    for before, now in zip(expected, given, strict=True):
        assert now == before, before["request"]
    with closing(sqlite3.connect(tmp_path / DATABASE)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (LAYOUT,)
    with opened(tmp_path) as emulator:
        assert emulator.state() == given[-1]["body"]
