"""Tokens of webhooks: a receiver that checks everything takes the valid ones only; one check less, and one passes."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.webhook_receiver import APPLICATION, TENANT, Marketplace, Receiver, serve_receiver

MARKETPLACE = "20e940b3-4c77-4b0b-9a53-9e16a1b010a7"
ISSUERS = (f"https://sts.windows.net/{TENANT}/", f"https://login.microsoftonline.com/{TENANT}/v2.0")
FORGED = {
    "none": "presence",
    "unsigned": "algorithm",
    "hs256": "algorithm",
    "wrong_audience": "audience",
    "wrong_tenant": "tenant",
    "wrong_issuer": "issuer",
    "wrong_application": "application",
    "expired": "end",
    "not_yet_valid": "beginning",
    "unknown_key": "signature",
    "jku": "origin of keys",
}
"""The check that refuses each variant, and whose absence lets it pass."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with serve_receiver() as receiver:
        yield receiver


@pytest.fixture
def marketplace(emulator: RunningEmulator, receiver: Receiver) -> Marketplace:
    marketplace = Marketplace(emulator, receiver)
    marketplace.configure(tenant=TENANT, application=APPLICATION)
    return marketplace


def receive_token(marketplace: Marketplace, variant: str, version: int) -> str:
    """The token of a webhook that is sent for it."""
    bought = marketplace.control("POST", "purchase", {"offer_id": "contoso-seats", "plan_id": "silver"})
    marketplace.send(token=variant, token_version=version)
    marketplace.do("cancel", bought["subscription"]["id"])
    (attempt,) = marketplace.delivery()["attempts"]
    assert attempt["token"] == variant
    return marketplace.receiver.notifications[-1].token


def verify(token: str, fetch: Callable[[str], Any], omitted: str = "") -> dict[str, Any]:
    """Check a token as a receiver should, but for one omitted check. Raises: InvalidTokenError."""
    if not token:
        if omitted == "presence":
            return {}
        raise jwt.InvalidTokenError("no token")
    header = jwt.get_unverified_header(token)
    claims = jwt.decode(token, options={"verify_signature": False})
    keys = fetch(f"/{TENANT}/discovery/v2.0/keys")["keys"]
    if omitted == "origin of keys" and "jku" in header:
        keys = fetch(header["jku"])["keys"]
    if omitted == "signature" or (omitted == "algorithm" and _is_trusted_by_its_header(token, keys)):
        pass
    else:
        key = next((jwt.PyJWK(key).key for key in keys if key["kid"] == header.get("kid")), None)
        if key is None:
            raise jwt.InvalidSignatureError("unknown key")
        jwt.decode(token, key, ["RS256"], options=dict.fromkeys(NOT_YET, False))
    options = {
        "verify_signature": False,
        "verify_exp": omitted != "end",
        "verify_nbf": omitted != "beginning",
        "verify_iat": True,
        "verify_aud": omitted != "audience",
        "verify_iss": omitted != "issuer",
        "require": ["exp", "aud", "iss", "tid"],
    }
    jwt.decode(token, options=options, audience=APPLICATION, issuer=ISSUERS, leeway=60)
    if omitted != "tenant" and claims["tid"] != TENANT:
        raise jwt.InvalidTokenError("tenant")
    if omitted != "application" and (claims.get("azp") or claims.get("appid")) != MARKETPLACE:
        raise jwt.InvalidTokenError("application")
    return claims


NOT_YET = ("verify_exp", "verify_nbf", "verify_iat", "verify_aud", "verify_iss")


def _is_trusted_by_its_header(token: str, keys: list[dict[str, Any]]) -> bool:
    """Whether a receiver that lets a token choose its algorithm takes the signature."""
    text, _, signature = token.rpartition(".")
    header = jwt.get_unverified_header(token)
    if header["alg"] == "none":
        return signature == ""
    if header["alg"] != "HS256":
        return False
    (key,) = [jwt.PyJWK(key).key for key in keys if key["kid"] == header["kid"]]
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    secret = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    expected = base64.urlsafe_b64encode(hmac.digest(secret, text.encode(), "sha256")).rstrip(b"=")
    return hmac.compare_digest(expected, signature.encode())


@pytest.fixture
def fetch(marketplace: Marketplace) -> Callable[[str], Any]:
    return lambda address: marketplace.emulator.client.get(address).raise_for_status().json()


@pytest.mark.parametrize("version", [1, 2])
def test_a_valid_token_passes_every_check(marketplace, fetch, version):
    claims = verify(receive_token(marketplace, "valid", version), fetch)
    assert claims["iss"] == ISSUERS[version - 1]
    assert claims["ver"] == f"{version}.0"
    assert ("appid" in claims, "azp" in claims) == (version == 1, version == 2)
    if version == 2:  # as production was observed to send them
        assert set(claims) == {
            *("aud", "iss", "iat", "exp", "aio", "azp", "azpacr", "oid", "rh", "sub", "tid", "uti", "ver")
        }


def test_a_valid_token_holds_by_the_real_clock_after_the_emulators_was_moved(marketplace, fetch):
    marketplace.emulator.advance(40 * 86400)
    assert verify(receive_token(marketplace, "valid", 1), fetch)


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("variant", FORGED)
def test_a_forged_token_fails_one_check_and_passes_without_it(marketplace, fetch, variant, version):
    token = receive_token(marketplace, variant, version)
    with pytest.raises(jwt.InvalidTokenError):
        verify(token, fetch)
    verify(token, fetch, omitted=FORGED[variant])
    others = {*FORGED.values()} - {FORGED[variant]}
    if variant in ("unknown_key", "jku"):  # without a check of signatures, every key will do
        others -= {"signature"}
    if variant in ("unsigned", "hs256"):
        others -= {"signature"}
    for check in others:
        with pytest.raises(jwt.InvalidTokenError):
            verify(token, fetch, omitted=check)


def test_an_offer_without_technical_configuration_calls_for_the_first_application(emulator, receiver):
    from pulumi_partnercenter.emulator.entra import CLIENT
    from pulumi_partnercenter.emulator.entra import TENANT as FIRST_TENANT

    claims = jwt.decode(
        receive_token(Marketplace(emulator, receiver), "valid", 2), options={"verify_signature": False}
    )
    assert (claims["aud"], claims["tid"]) == (CLIENT, FIRST_TENANT)
