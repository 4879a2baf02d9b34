"""Property tests have no time limits, and requests and processes long ones, so that they pass on a busy machine."""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract import test_paging
from tests.resources import test_hostile_text

from pulumi_partnercenter.content import sources

TESTS = Path(__file__).parents[1]
SENDERS = {f"httpx.{name}" for name in ("Client", "get", "post", "put", "patch", "delete", "request")}


def test_slow_examples_do_not_fail_a_property_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every read of hypothesis' clock is an hour later than the read before.

    No other clock moves: the event loop of an emulator in this process would sleep until its time, and never stop.
    """
    perf_counter, numbers = time.perf_counter, iter(range(1, 1_000_000))
    monkeypatch.setattr(time, "perf_counter", lambda: perf_counter() + 3600 * next(numbers))

    @settings(max_examples=3, database=None)
    @given(st.binary().map(lambda data: (time.perf_counter(), data)))
    def check_size(example: tuple[float, bytes]) -> None:
        assert sources.text_content(example[1].hex()).size == 2 * len(example[1])

    check_size()


@pytest.mark.parametrize(
    "test",
    [
        test_paging.test_every_product_is_on_exactly_one_page,
        *[
            function
            for name, function in vars(test_hostile_text).items()
            if hasattr(function, "_hypothesis_internal_use_settings")
        ],
    ],
)
def test_tests_with_their_own_settings_have_no_deadline_and_no_slowness_check(test: object) -> None:
    own_settings = test._hypothesis_internal_use_settings  # type: ignore[attr-defined]
    assert own_settings.deadline is None
    assert HealthCheck.too_slow in own_settings.suppress_health_check


def find_short_limits(file: Path) -> Iterator[str]:
    """Yield the calls with a number as limit, and the requests with httpx's own limit of five seconds."""
    for node in ast.walk(ast.parse(file.read_text())):
        if not isinstance(node, ast.Call):
            continue
        options = {option.arg: option.value for option in node.keywords}
        is_httpx = isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "httpx"
        sends = is_httpx and ast.unparse(node.func) in SENDERS and not {"timeout", "transport"} & set(options)
        if sends or isinstance(options.get("timeout"), ast.Constant):
            yield f"{file.relative_to(TESTS)}:{node.lineno}: {ast.unparse(node)}"


def test_requests_and_processes_of_tests_may_take_as_long_as_a_busy_machine_needs() -> None:
    files = [file for file in sorted(TESTS.rglob("*.py")) if "upgrades" not in file.parts]
    assert [call for file in files for call in find_short_limits(file)] == [], "say timeout=HANG_SECONDS"
