"""The bench measures what it says, through the real engine. No time is judged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from provider.tools.bench.requests import COUNTED, LISTED, PROGRAMS
from provider.tools.engine.engine import CHECKOUT


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    output = tmp_path_factory.mktemp("bench")
    command = [
        sys.executable,
        "-m",
        "provider.tools.bench",
        "--quick",
        "--only",
        "requests",
        "--output",
        output,
    ]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (file,) = Path(output).iterdir()
    assert str(file) in done.stdout
    found: dict[str, Any] = json.loads(file.read_text())["tables"]["requests"]
    return found


def test_every_program_has_a_row_for_every_operation(taken: dict[str, Any]) -> None:
    expected = [(program, operation) for program in PROGRAMS for operation in COUNTED]
    assert [(row["program"], row["operation"]) for row in taken["rows"]] == expected


def test_counts_are_those_of_the_requests_told(taken: dict[str, Any]) -> None:
    for row in taken["rows"]:
        routes = taken["samples"][row["program"]][row["operation"]]
        assert row["requests"] == sum(routes.values())
        assert row["per resource"] == row["requests"] / row["resources"]
        assert all("/v1.0/ingestion/products" in route for route in routes)


def test_the_first_program_is_made_with_few_requests_and_a_second_up_sends_none(
    taken: dict[str, Any],
) -> None:
    requests = {(row["program"], row["operation"]): row["requests"] for row in taken["rows"]}
    assert 4 <= requests[LISTED, "up create"] <= 10
    assert [requests[program, "up same"] for program in PROGRAMS] == [0] * len(PROGRAMS)
    assert all(requests[program, "destroy"] > 0 for program in PROGRAMS)


def test_targets_stand_beside_what_they_judge(taken: dict[str, Any]) -> None:
    judged = {(row["program"], row["operation"]): row["is_met"] for row in taken["rows"] if "target" in row}
    assert judged[LISTED, "up create"] is True
    assert {operation for _, operation in judged} == {"up create", "up same", "refresh"}
