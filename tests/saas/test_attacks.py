"""Attacks on the SaaS service: those of the table `python -m tests.saas.attacks`, and what they must not lead to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.saas.attacks import GROUPS, SETTINGS
from tests.saas.deployment import ON_SQLITE, Deployment
from tests.saas.notifications import serve_recording

FORGED = {
    "none": "missing",
    "unsigned": "algorithm",
    "hs256": "algorithm",
    "wrong_audience": "audience",
    "wrong_tenant": "tenant",
    "wrong_issuer": "issuer",
    "wrong_application": "application",
    "expired": "expired",
    "not_yet_valid": "not_yet_valid",
    "unknown_key": "unknown_key",
    "jku": "unknown_key",
}
"""Why each forged token is refused."""


@pytest.fixture
def deployment(emulator, clock, database_url) -> Iterator[Deployment]:
    with serve_recording(emulator, clock, database_url, **SETTINGS) as deployment:
        yield deployment


@ON_SQLITE
@pytest.mark.parametrize("group", GROUPS)
def test_nothing_of_a_group_is_let_in(deployment, group):
    results = [*GROUPS[group](deployment)]
    assert len({result.attack for result in results}) > 2, "a group has several attacks"
    assert [result for result in results if result.is_let_in] == []


@ON_SQLITE
def test_a_forged_token_is_refused_for_its_one_fault_and_counted(deployment):
    answers = {result.attack: result.answer for result in GROUPS["forge_tokens"](deployment)}
    for version in (1, 2):
        for variant, reason in FORGED.items():
            assert answers[f"token of version {version}: {variant}"].endswith(f": {reason}"), variant
    value = deployment.service.metrics.registry.get_sample_value
    assert value("partnercenter_saas_webhook_refusals_total", {"reason": "token_algorithm"}) >= 4


@ON_SQLITE
def test_a_token_leads_to_no_address_that_it_names(deployment):
    before = len(deployment.emulator.requests())
    assert [*GROUPS["forge_tokens"](deployment)]
    paths = [request["path"] for request in deployment.emulator.requests()[before:]]
    assert [
        path for path in paths if "/_emulator/" in path or not path.endswith("/discovery/v2.0/keys")
    ] == []
    assert len(paths) <= 2


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_belongs_to_others_is_theirs_on_postgresql_too(deployment):
    results = [*GROUPS["open_what_is_others"](deployment)]
    assert [result for result in results if result.is_let_in] == []
