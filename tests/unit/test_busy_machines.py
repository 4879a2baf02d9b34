"""No property fails because the machine does other work: neither an example nor its making has a time to keep."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract import test_paging
from tests.resources import test_hostile_text

from pulumi_partnercenter.content import sources


def test_slow_examples_are_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour passes at each look at the clock."""
    hours, looks = time.perf_counter, iter(range(1, 1_000_000))
    for clock in ("perf_counter", "monotonic", "time"):
        monkeypatch.setattr(time, clock, lambda: hours() + 3600 * next(looks))

    @settings(max_examples=3, database=None)
    @given(st.binary().map(lambda data: (time.perf_counter(), data)))
    def holds(made: tuple[float, bytes]) -> None:
        assert sources.text_content(made[1].hex()).size == 2 * len(made[1])

    holds()


@pytest.mark.parametrize(
    "test",
    [
        test_paging.test_every_product_is_on_exactly_one_page,
        *[
            each
            for name, each in vars(test_hostile_text).items()
            if hasattr(each, "_hypothesis_internal_use_settings")
        ],
    ],
)
def test_own_settings_forget_neither(test: object) -> None:
    own = test._hypothesis_internal_use_settings  # type: ignore[attr-defined]
    assert own.deadline is None
    assert HealthCheck.too_slow in own.suppress_health_check
