"""Tokens of webhooks: the marketplace's own pass, as long as they hold. Forged ones: `attacks.py`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.saas.deployment import Deployment
from tests.saas.notifications import (
    issue,
    post,
    serve_recording,
    settle,
    statuses,
    subscribe,
)

from pulumi_partnercenter.saas import tables

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
OTHER = "99999999-9999-4999-8999-999999999999"


@pytest.fixture
def deployment(emulator, clock, database_url) -> Iterator[Deployment]:
    with serve_recording(emulator, clock, database_url) as deployment:
        yield deployment


def notice(deployment: Deployment) -> dict[str, str]:
    return {"id": OTHER, "subscriptionId": OTHER, "action": "Unsubscribe"}


@pytest.mark.parametrize("version", [1, 2])
def test_the_marketplaces_own_token_passes(deployment, version):
    assert post(deployment, notice(deployment), token=issue(deployment, version=version)).status_code == 200


def test_a_change_with_a_forged_token_is_not_made(deployment):
    """The emulator sends it; its answer 401 refuses the change."""
    id = subscribe(deployment, quantity=5)
    deployment.marketplace.control("webhooks", {"token": "unknown_key", "times": 1})
    deployment.marketplace.control("change", {"subscription": id, "quantity": 6})
    forged = deployment.marketplace.control("deliveries", method="GET")[0]
    assert statuses(forged) == [401]
    settle(deployment)
    assert deployment.row(id).quantity == 5


def test_a_token_holds_an_hour_by_the_clock_of_the_service(deployment):
    token = issue(deployment)
    deployment.advance(seconds=3630)
    assert post(deployment, notice(deployment), token=token).status_code == 200, (
        "a minute of difference is allowed"
    )
    deployment.advance(seconds=60)
    assert post(deployment, notice(deployment), token=token).status_code == 401


def test_an_issuer_that_is_away_refuses_nobody(deployment):
    """Keys that were never read: the marketplace comes back. Those that were read are kept."""
    deployment.emulator.fault("GET .*/discovery/", status=503, times=1)
    assert post(deployment, notice(deployment), token=issue_quietly(deployment)).status_code == 503
    assert not deployment.rows(tables.Webhook)


def issue_quietly(deployment: Deployment) -> str:
    """A token for which the emulator's keys were not asked for by this test."""
    deployment.emulator.unfault()
    token = issue(deployment)
    deployment.emulator.fault("GET .*/discovery/", status=503, times=9)
    return token


def test_the_webhook_is_posted_to(deployment):
    assert deployment.http.get("/webhook").status_code == 405


def test_tokens_may_be_off_where_an_emulator_sends_none(emulator, clock, database_url):
    with serve_recording(emulator, clock, database_url, WEBHOOK_TOKENS="off") as deployment:
        assert post(deployment, notice(deployment), token="").status_code == 200
