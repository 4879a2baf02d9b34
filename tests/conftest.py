"""What holds for every test: nothing of the machine's own environment, and what a provider changes is put back.

`make test` runs a sample: no test marked `soak`, and of a table marked `sample(n)` n items of each test, the same ones
every time. An item that is named by its whole id runs. `--soak` runs all of it.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from pulumi_partnercenter import messages

settings.register_profile(
    "test", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=20
)
settings.register_profile("soak", settings.get_profile("test"), max_examples=200)

SIGNS_IN = ("PARTNERCENTER_", "AZURE_", "ARM_", "ACTIONS_ID_TOKEN_")
TRUSTS = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--soak", action="store_true", help="run every item of the long tables, and the slow tests"
    )


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("soak" if config.getoption("soak") else "test")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without `--soak`: deselect what is only for it."""
    if config.getoption("soak"):
        return
    selected: list[pytest.Item] = []
    for _, group in itertools.groupby(items, lambda item: item.nodeid.partition("[")[0]):
        selected += _sample(list(group), set(config.args))
    config.hook.pytest_deselected(items=list(set(items) - set(selected)))
    items[:] = selected


def _sample(table: list[pytest.Item], names: set[str]) -> list[pytest.Item]:
    """The items of one test that run without `--soak`: evenly chosen, the first one among them."""
    if len(table) == 1 and table[0].nodeid in names:
        return table
    table = [item for item in table if not item.get_closest_marker("soak")]
    marker = table[0].get_closest_marker("sample") if table else None
    size = min(marker.args[0], len(table)) if marker else len(table)
    return [table[index * len(table) // size] for index in range(size)]


@pytest.fixture(autouse=True)
def scrubbed_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No login, no endpoint, no authorities of this machine."""
    for name in [name for name in os.environ if name.startswith(SIGNS_IN) or name in TRUSTS]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def no_secrets_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process keeps what it was told is secret out of every later message."""
    monkeypatch.setattr(messages, "_secrets", messages._Secrets())


@pytest.fixture(autouse=True)
def whole_tracebacks() -> Iterator[None]:
    """A provider's `configure` cuts tracebacks for the whole process, also that of a fixture which lasts for longer."""
    vars(sys).pop("tracebacklimit", None)
    yield
    vars(sys).pop("tracebacklimit", None)
