"""Attacks on the webhook: what the marketplace did not send is refused, and changes nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.saas.deployment import Deployment
from tests.saas.notifications import (
    act,
    issue,
    open_directory,
    post,
    serve_recording,
    settle,
    statuses,
    subscribe,
)

from pulumi_partnercenter.emulator.entra import CLIENT, TENANT
from pulumi_partnercenter.emulator.fulfillment.webhook_tokens import MARKETPLACE, VARIANTS
from pulumi_partnercenter.saas import tables, webhook

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FORGED = [variant for variant in VARIANTS if variant != "valid"]
OTHER = "99999999-9999-4999-8999-999999999999"


@pytest.fixture
def deployment(emulator, clock, database_url) -> Iterator[Deployment]:
    with serve_recording(emulator, clock, database_url) as deployment:
        yield deployment


def claims(deployment: Deployment, **changes: object) -> dict[str, object]:
    """Claims of a valid token with other values; None leaves a claim out."""
    values = {**jwt.decode(issue(deployment), options={"verify_signature": False}), **changes}
    return {name: value for name, value in values.items() if value is not None}


def notice(deployment: Deployment) -> dict[str, str]:
    return {"id": OTHER, "subscriptionId": OTHER, "action": "Unsubscribe"}


def refuse(deployment: Deployment, token: str) -> str:
    """Send a notification with a token that must be refused; return why."""
    answer = post(deployment, notice(deployment), token=token)
    assert answer.status_code == 401, answer.text
    assert not deployment.rows(tables.Webhook)
    return answer.text.strip().rpartition(": ")[2]


@pytest.mark.parametrize("version", [1, 2])
def test_the_marketplaces_own_token_passes(deployment, version):
    assert post(deployment, notice(deployment), token=issue(deployment, version=version)).status_code == 200


@pytest.mark.parametrize("version", [1, 2])
def test_every_forged_token_is_refused_and_counted(deployment, version):
    reasons = {variant: refuse(deployment, issue(deployment, variant, version)) for variant in FORGED}
    assert reasons == {
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
    value = deployment.service.metrics.registry.get_sample_value
    assert value("partnercenter_saas_webhook_refusals_total", {"reason": "token_algorithm"}) == 2


def test_a_change_with_a_forged_token_is_not_made(deployment):
    """The emulator sends it; its answer 401 refuses the change."""
    id = subscribe(deployment, quantity=5)
    deployment.marketplace.control("webhooks", {"token": "unknown_key", "times": 1})
    deployment.marketplace.control("change", {"subscription": id, "quantity": 6})
    forged = deployment.marketplace.control("deliveries", method="GET")[0]
    assert statuses(forged) == [401]
    settle(deployment)
    assert deployment.row(id).quantity == 5


def test_key_ids_and_addresses_of_keys_in_a_header_lead_nowhere(deployment):
    """A key of the attacker's, named by a key id that exists, by addresses, and by files."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    directory, body = open_directory(deployment), claims(deployment)
    public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    address = f"{deployment.url}/static/style.css"
    headers = [
        {"kid": directory.key_id},
        {"kid": directory.key_id, "jwk": public},
        {"kid": directory.key_id, "jku": address, "x5u": address},
        {"kid": "../../../../dev/null"},
        {"kid": "' or 1=1 --"},
        {"kid": ""},
        {"kid": f"{directory.key_id}\u0000"},
        {"crit": ["kid"], "kid": directory.key_id},
    ]
    before = len(deployment.emulator.requests())
    for header in headers:
        refuse(deployment, jwt.encode(body, key, "RS256", headers=header))
    paths = [request["path"] for request in deployment.emulator.requests()[before:]]
    assert all(path.endswith("/discovery/v2.0/keys") for path in paths)
    assert len(paths) <= 1


ODD_CLAIMS: tuple[dict[str, object], ...] = (
    {"aud": None},
    {"iss": None},
    {"exp": None},
    {"tid": None},
    {"azp": None},
    {"azp": None, "appid": CLIENT},
    {"azp": CLIENT, "appid": MARKETPLACE},
    {"iss": f"https://login.microsoftonline.com/{TENANT}/v2.0/"},
    {"iss": f"https://login.microsoftonline.com.evil.example/{TENANT}/v2.0"},
    {"aud": [OTHER]},
    {"exp": "soon"},
    {"exp": True},
    {"exp": ["9999999999"]},
    {"nbf": "now"},
    {"tid": [TENANT]},
)


def test_a_claim_that_is_missing_or_odd_is_refused(deployment):
    directory = open_directory(deployment)
    for changes in ODD_CLAIMS:
        assert refuse(deployment, directory.sign(claims(deployment, **changes))), changes


def test_what_is_no_token_is_refused(deployment):
    nested = base64.urlsafe_b64encode(b"[" * 10_000).decode().rstrip("=")
    for authorization in ("", "x", "a.b", "a.b.c", "a.b.c.d", f"{nested}.x.x", "e30.e30.", "x" * 20_000):
        answer = post(deployment, notice(deployment), token=authorization)
        assert answer.status_code == 401, authorization[:40]
    for authorization in ("", "Basic YTpi", issue(deployment), f"Token {issue(deployment)}"):
        answer = post(deployment, notice(deployment), Authorization=authorization)
        assert answer.status_code == 401, authorization[:20]
    assert not deployment.rows(tables.Webhook)


def test_a_token_holds_an_hour_by_the_clock_of_the_service(deployment):
    token = issue(deployment)
    deployment.advance(seconds=3630)
    assert post(deployment, notice(deployment), token=token).status_code == 200, (
        "a minute of difference is allowed"
    )
    deployment.advance(seconds=60)
    assert post(deployment, notice(deployment), token=token).status_code == 401


def test_a_replayed_notification_changes_nothing(deployment):
    """An attacker who has read a notification and its token sends both again."""
    id = subscribe(deployment, "basic")
    payload = act(deployment, "suspend", id)["payload"]
    settle(deployment)
    act(deployment, "reinstate", id)
    settle(deployment)
    history, token = deployment.history(id), issue(deployment)
    for _ in range(5):
        assert post(deployment, payload, token=token).status_code == 200
    settle(deployment)
    assert deployment.history(id) == history
    assert deployment.row(id).access == "active"


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


NO_NOTIFICATIONS = (
    b"",
    b"{",
    b"[]",
    b'"text"',
    b"5",
    b"[" * 50_000,
    b'{"subscriptionId": "x"}',
    b'{"action": "Renew"}',
    b'{"subscriptionId": "../x", "action": "Renew"}',
    b'{"subscriptionId": "x", "id": "a/../../b", "action": "Renew"}',
    b'{"subscriptionId": "%s", "action": "Renew"}' % (b"x" * 65),
    b'{"subscriptionId": "x", "action": "\\ud800"}',
    b"\xff\xfe",
)


def test_what_is_no_notification_is_refused(deployment):
    for body in NO_NOTIFICATIONS:
        assert post(deployment, body).status_code == 400, body[:60]
    assert not deployment.rows(tables.Webhook)


def test_an_oversized_notification_is_refused_before_it_is_read(deployment):
    fitting = {**notice(deployment), "rest": "x" * (webhook.MOST_BYTES - 200)}
    assert len(json.dumps(fitting)) <= webhook.MOST_BYTES
    assert post(deployment, fitting).status_code == 200
    answer = post(deployment, b" " * (webhook.MOST_BYTES + 1))
    assert (answer.status_code, answer.text) == (400, "too large\n")


def test_a_form_is_no_notification(deployment):
    form = "application/x-www-form-urlencoded"
    answer = deployment.http.post(
        "/webhook",
        content=b"action=Unsubscribe&subscriptionId=x",
        headers={"Content-Type": form, "Authorization": f"Bearer {issue(deployment)}"},
    )
    assert answer.status_code == 400
    assert deployment.http.get("/webhook").status_code == 405


def test_tokens_may_be_off_where_an_emulator_sends_none(emulator, clock, database_url):
    with serve_recording(emulator, clock, database_url, WEBHOOK_TOKENS="off") as deployment:
        assert post(deployment, notice(deployment), token="").status_code == 200
