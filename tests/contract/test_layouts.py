"""A data folder of an earlier version opens, and gives the answers of that version."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.contract.layouts.folders import DATABASE, open_emulator, record_answers, restore_folder

from pulumi_partnercenter.emulator.migrations import LAYOUT

STATE = "GET /_emulator/state"
RECORDS = sorted(path for path in (Path(__file__).parent / "layouts").iterdir() if path.name.isdigit())


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: f"layout {record.name}")
def test_a_data_folder_of_an_earlier_version_gives_the_same_answers(record: Path, tmp_path: Path):
    """Compares every read and write, and the state after a restart, when the folder has this version's layout."""
    restore_folder(record, tmp_path)
    expected = json.loads((record / "answers.json").read_text())
    with open_emulator(tmp_path) as emulator:
        answers = record_answers(emulator)
    for expected_answer, answer in zip(expected, answers, strict=True):
        assert without_later_collections(answer, expected_answer) == expected_answer, expected_answer[
            "request"
        ]
    with closing(sqlite3.connect(tmp_path / DATABASE)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (LAYOUT,)
    with open_emulator(tmp_path) as emulator:
        assert emulator.state() == answers[-1]["body"]


def without_later_collections(answer: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """An answer without the empty collections of services that the earlier version did not have."""
    if answer["request"] != STATE:
        return answer
    body = {
        name: documents for name, documents in answer["body"].items() if documents or name in expected["body"]
    }
    return {**answer, "body": body}
