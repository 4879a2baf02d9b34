"""Keys of an issuer: few requests, a new key at once, and no outage of the issuer's is one of the service's."""

from __future__ import annotations

import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from provider.tools.emulators import serve

from pulumi_partnercenter.errors import Unavailable
from pulumi_partnercenter.saas.signing_keys import SigningKeys, open_signing_keys
from pulumi_partnercenter.settings import AzureCli, Settings

HOUR = 3600.0
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()


def describe(*names: str) -> dict[str, Any]:
    numbers = jwt.algorithms.RSAAlgorithm.to_jwk(KEY, as_dict=True)
    return {"keys": [{**numbers, "use": "sig", "kid": name} for name in names]}


class Issuer:
    """An issuer with the keys `names`; it does not answer if they are None. `requests` counts."""

    def __init__(self, *names: str) -> None:
        self.document: Any = describe(*names)
        self.requests, self.time = 0, 1000.0
        self.keys = SigningKeys("https://login.example/keys", self.fetch, clock=lambda: self.time)

    def fetch(self, url: str) -> Any:
        assert url == "https://login.example/keys"
        self.requests += 1
        if self.document is None:
            raise Unavailable("reading keys")
        return self.document


def test_keys_are_read_once_for_hours():
    issuer = Issuer("a", "b")
    for _ in range(3):
        assert issuer.keys.find("a")
        assert issuer.keys.find("b")
    assert issuer.requests == 1
    issuer.time += 7 * HOUR
    assert issuer.keys.find("a")
    assert issuer.requests == 2


def test_an_unknown_key_is_looked_for_once_in_a_while():
    issuer = Issuer("a")
    assert issuer.keys.find("a")
    for number in range(50):
        assert issuer.keys.find(f"unknown {number}") is None
    assert issuer.requests == 1, "the keys were read a moment ago"
    issuer.time += 31
    for number in range(50):
        assert issuer.keys.find(f"unknown {number}") is None
    assert issuer.requests == 2


def test_a_new_key_is_there_at_once_and_one_that_was_withdrawn_is_gone():
    issuer = Issuer("old")
    assert issuer.keys.find("old")
    issuer.document = describe("new")
    issuer.time += 60
    assert issuer.keys.find("new")
    assert issuer.keys.find("old") is None


def test_known_keys_outlive_an_outage():
    issuer = Issuer("a")
    assert issuer.keys.find("a")
    issuer.document = None
    for _ in range(10):
        issuer.time += 7 * HOUR
        assert issuer.keys.find("a")


def test_whether_a_key_exists_is_not_known_in_an_outage():
    issuer = Issuer("a")
    issuer.document = None
    for _ in range(2):
        with pytest.raises(Unavailable):
            issuer.keys.find("a")
    assert issuer.requests == 1, "an issuer in trouble is not asked for every token"
    issuer.document = describe("a")
    issuer.time += 31
    assert issuer.keys.find("a")


@pytest.mark.parametrize("key_id", [None, 5, ["a"], "", "x" * 100_000])
def test_a_key_id_may_be_anything(key_id):
    assert Issuer("a").keys.find(key_id) is None


@pytest.mark.parametrize(
    "document", [None, [], {}, {"keys": 5}, {"keys": []}, {"keys": [{"kty": "oct", "k": "AAAA", "kid": "a"}]}]
)
def test_what_is_no_key_set_leaves_the_keys_as_they_are(document):
    issuer = Issuer("a")
    assert issuer.keys.find("a")
    issuer.document, issuer.time = document, issuer.time + 7 * HOUR
    assert issuer.keys.find("a")


def test_keys_for_other_purposes_are_not_used():
    issuer = Issuer("a", "encryption", "broken")
    issuer.document["keys"][1]["use"] = "enc"
    del issuer.document["keys"][2]["n"]
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    issuer.document["keys"].append(
        {**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(curve)), "use": "sig", "kid": "curve"}
    )
    assert issuer.keys.find("a")
    for name in ("encryption", "broken", "curve"):
        assert issuer.keys.find(name) is None, name


def test_keys_come_from_the_tenant_over_http():
    with serve(seed=5) as emulator:
        settings = Settings(AzureCli(), endpoint=emulator.url)
        tenant = "11111111-1111-1111-1111-111111111111"
        (published,) = emulator.client.get(f"/{tenant}/discovery/v2.0/keys").json()["keys"]
        keys = open_signing_keys(settings, tenant)
        key = keys.find(published["kid"])
        assert key is not None
        assert key.public_numbers() == jwt.PyJWK(published).key.public_numbers()
        emulator.fault("GET .*/keys", status=500, times=9)
        with pytest.raises(Unavailable):
            open_signing_keys(settings, tenant).find(published["kid"])
