"""The bench counts requests of real `pulumi` runs. Its times are not tested."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from provider.tools.bench.requests import COUNTED, LISTED, PROGRAMS
from provider.tools.engine.engine import CHECKOUT

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
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
    result = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    (file,) = Path(output).iterdir()
    assert str(file) in result.stdout
    requests: dict[str, Any] = json.loads(file.read_text())["tables"]["requests"]
    return requests


def test_the_bench_has_a_row_for_every_program_and_operation(table: dict[str, Any]) -> None:
    expected = [(program, operation) for program in PROGRAMS for operation in COUNTED]
    assert [(row["program"], row["operation"]) for row in table["rows"]] == expected


def test_the_bench_counts_the_requests_of_its_samples(table: dict[str, Any]) -> None:
    for row in table["rows"]:
        routes = table["samples"][row["program"]][row["operation"]]
        assert row["requests"] == sum(routes.values())
        assert row["per resource"] == row["requests"] / row["resources"]
        assert all("/v1.0/ingestion/products" in route for route in routes)


def test_the_first_program_of_the_bench_needs_few_requests_and_a_second_up_none(
    table: dict[str, Any],
) -> None:
    requests = {(row["program"], row["operation"]): row["requests"] for row in table["rows"]}
    assert 4 <= requests[LISTED, "up create"] <= 10
    assert [requests[program, "up same"] for program in PROGRAMS] == [0] * len(PROGRAMS)
    assert all(requests[program, "destroy"] > 0 for program in PROGRAMS)


def test_rows_of_the_bench_with_a_target_say_whether_it_is_met(table: dict[str, Any]) -> None:
    is_met = {(row["program"], row["operation"]): row["is_met"] for row in table["rows"] if "target" in row}
    assert is_met[LISTED, "up create"] is True
    assert {operation for _, operation in is_met} == {"up create", "up same", "refresh"}
