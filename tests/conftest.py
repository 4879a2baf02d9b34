"""Fixtures of every test: remove the machine's settings from the environment, undo process-wide changes.

`make test` runs a sample: no test marked `soak`, and n items of a test marked `sample(n)`, always the same.
An item that is selected by its whole id always runs. `--soak` runs all items. Property tests draw the same examples in
each run, and new ones with `--soak`. `--require browser` and `--require postgresql` fail the tests that are skipped
without it.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from provider.tools.browser import NoBrowser, find_browser
from provider.tools.postgresql import NoPostgresql

from pulumi_partnercenter import messages

settings.register_profile(
    "test",
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=10,
)
settings.register_profile("soak", settings.get_profile("test"), derandomize=False, max_examples=200)

SIGN_IN_PREFIXES = ("PARTNERCENTER_", "AZURE_", "ARM_", "ACTIONS_ID_TOKEN_")
TRUST_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
ABSENCES = {"browser": NoBrowser, "postgresql": NoPostgresql}
"""Why tests are skipped, by what `--require` calls it: `except NoBrowser as error: pytest.skip(str(error))`."""
ENGINE_FOLDERS = ("tests/stacks/", "tests/docs/", "tests/upgrades/")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--soak", action="store_true", help="run every item of the long tables, and the slow tests"
    )
    parser.addoption(
        "--require",
        action="append",
        choices=sorted(ABSENCES),
        default=[],
        help="fail the tests that are skipped because this is missing",
    )


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("soak" if config.getoption("soak") else "test")


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """A worker more than cores: a test with the engine waits for other processes much of its time."""
    return (yield) + 1


@pytest.hookimpl(wrapper=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> Generator[None]:
    """Without `--soak`, create only the items of the sample: each process would create thousands for nothing."""
    yield
    test = metafunc.definition
    is_named = any(name.startswith(f"{test.nodeid}[") for name in metafunc.config.args)
    if not metafunc.config.getoption("soak") and not is_named:
        # pytest has no public way to choose from the combinations of all parameters.
        metafunc._calls[:] = _sample(metafunc._calls, test.get_closest_marker("sample"))


def _sample(table: list[Any], marker: pytest.Mark | None) -> list[Any]:
    """The combinations of parameters that run without `--soak`: the first, and others at even distances."""
    chosen = [call for call in table if all(mark.name != "soak" for mark in call.marks)]
    size = min(marker.args[0], len(chosen)) if marker else len(chosen)
    return [chosen[index * len(chosen) // size] for index in range(size)] or table[:1]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without `--soak`, deselect what is marked `soak`. Longest tests first, so that no worker ends late."""
    if not config.getoption("soak"):
        slow = {item for item in items if item.get_closest_marker("soak") and item.nodeid not in config.args}
        config.hook.pytest_deselected(items=[*slow])
        items[:] = [item for item in items if item not in slow]
    items.sort(key=lambda item: not item.nodeid.startswith(ENGINE_FOLDERS))


def pytest_collection_finish() -> None:
    """Keep the garbage collector from walking over thousands of items and modules again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With `--require`, a test that was skipped for want of that has failed."""
    report = yield
    reason = call.excinfo.value.__context__ if call.excinfo else None
    for name in item.config.getoption("require") if report.skipped else ():
        if isinstance(reason, ABSENCES[name]):
            report.outcome, report.longrepr = "failed", f"--require {name}: {reason}"
    return report


@pytest.fixture(scope="session")
def browser() -> str:
    """Path of a browser, or the tests that need one are skipped."""
    try:
        return find_browser()
    except NoBrowser as error:
        pytest.skip(str(error))


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove this machine's logins, endpoints and certificate authorities."""
    for name in [name for name in os.environ if name.startswith(SIGN_IN_PREFIXES) or name in TRUST_VARIABLES]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def forget_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the secrets of earlier tests: a process redacts every secret that it has read."""
    monkeypatch.setattr(messages, "_secrets", messages._Secrets())


@pytest.fixture(autouse=True)
def full_tracebacks() -> Iterator[None]:
    """Undo the limit of tracebacks that a provider's `configure` sets for the process."""
    vars(sys).pop("tracebacklimit", None)
    yield
    vars(sys).pop("tracebacklimit", None)
