"""Settings of the service: what is missing or wrong is said in three lines, by the variable's name."""

from __future__ import annotations

import pickle

import pytest

from pulumi_partnercenter.errors import SettingsError
from pulumi_partnercenter.saas import ServiceSettings

PREFIX = "PARTNERCENTER_SAAS_"
TENANT = "11111111-1111-1111-1111-111111111111"
SECRETS = ("sign-in-secret-0123456789", "keys-0123456789abcdef", "fulfillment-secret-0123456789")
REQUIRED = {
    "TENANT_ID": TENANT,
    "CLIENT_ID": "22222222-2222-2222-2222-222222222222",
    "CLIENT_SECRET": SECRETS[2],
    "PUBLIC_URL": "https://saas.contoso.example/",
    "SIGN_IN_CLIENT_ID": "33333333-3333-3333-3333-333333333333",
    "SIGN_IN_CLIENT_SECRET": SECRETS[0],
    "KEYS": SECRETS[1],
}


def load(**values: str) -> ServiceSettings:
    """Load the required settings and these; an empty one is not set."""
    return ServiceSettings.load({f"{PREFIX}{name}": value for name, value in {**REQUIRED, **values}.items()})


def test_what_is_required_is_enough_and_the_address_has_no_slash_at_its_end():
    settings = load()
    assert settings.public_url == "https://saas.contoso.example"
    assert (settings.tenant_id, settings.client_id) == (TENANT, REQUIRED["CLIENT_ID"])
    assert settings.publisher is None
    assert settings.requires_webhook_tokens
    assert settings.changes == "accept"


@pytest.mark.parametrize("name", ["PUBLIC_URL", "SIGN_IN_CLIENT_ID", "SIGN_IN_CLIENT_SECRET", "KEYS"])
def test_a_required_setting_that_is_missing_is_named(name):
    with pytest.raises(SettingsError, match=f"{PREFIX}{name} is not set"):
        load(**{name: " "})


def test_everything_that_is_missing_is_named_at_once():
    with pytest.raises(SettingsError) as refusal:
        ServiceSettings.load({})
    first, *_ = str(refusal.value).splitlines()
    assert first.endswith(" are not set")
    assert {name for name in REQUIRED if f"{PREFIX}{name}" in first} == REQUIRED.keys() - {"CLIENT_SECRET"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TENANT_ID", "contoso.onmicrosoft.com"),
        ("PUBLIC_URL", "http://saas.contoso.example"),
        ("PUBLIC_URL", "https://user:password@saas.contoso.example"),
        ("PUBLIC_URL", "https://saas.contoso.example:port"),
        ("PUBLIC_URL", "https://saas.contoso.example/#top"),
        ("KEYS", "short"),
        ("KEYS", f"{SECRETS[1]},short"),
        ("CALLBACK_URL", "ftp://contoso.example"),
        ("CHANGES", "maybe"),
        ("RETENTION_DAYS", "6"),
        ("RETENTION_DAYS", "seven"),
        ("SECRET_EXPIRES_AT", "soon"),
        ("WEBHOOK_TOKENS", "no"),
    ],
)
def test_a_value_that_breaks_its_rule_is_refused_by_name_in_at_most_three_lines(name, value):
    with pytest.raises(SettingsError, match=f"{PREFIX}{name}") as caught:
        load(**{name: value})
    assert len(str(caught.value).splitlines()) <= 3
    assert not any(secret in str(caught.value) for secret in SECRETS)


def test_the_publisher_s_tenant_is_an_id_too():
    publisher = {"PUBLISHER_CLIENT_ID": REQUIRED["CLIENT_ID"], "PUBLISHER_CLIENT_SECRET": SECRETS[0]}
    assert load(**publisher).publisher.tenant == TENANT
    with pytest.raises(SettingsError, match="PUBLISHER_TENANT_ID"):
        load(**publisher, PUBLISHER_TENANT_ID="contoso.example")


def test_the_real_marketplace_is_never_believed_without_tokens():
    with pytest.raises(SettingsError, match=f"{PREFIX}WEBHOOK_TOKENS is off"):
        load(WEBHOOK_TOKENS="off")


def test_two_kinds_of_handlers_are_refused():
    with pytest.raises(SettingsError, match="both set"):
        load(HANDLERS="contoso:handlers", CALLBACK_URL="https://contoso.example", CALLBACK_SECRETS=SECRETS[1])


def test_a_callback_needs_a_secret():
    with pytest.raises(SettingsError, match=f"{PREFIX}CALLBACK_SECRETS is not set"):
        load(CALLBACK_URL="https://contoso.example")


def test_no_secret_is_shown_or_pickled():
    settings = load(DATABASE_URL="postgresql://service:database-password@db.contoso.example/saas")
    assert not any(secret in repr(settings) for secret in [*SECRETS, "database-password"])
    with pytest.raises(TypeError):
        pickle.dumps(settings)
