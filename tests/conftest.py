"""What holds for every test: nothing of the machine's own environment, and what a provider changes is put back."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from pulumi_partnercenter import messages

settings.register_profile("busy machines", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machines")

SIGNS_IN = ("PARTNERCENTER_", "AZURE_", "ARM_", "ACTIONS_ID_TOKEN_")
TRUSTS = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


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
