"""Tokens that an attacker would make: without signature, or signed by another key.

Each is well-formed, so that a program that leaves out the check of the signature accepts it.
"""

from __future__ import annotations

import functools
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.utils import base64url_encode

__all__ = [
    "FORGED_KEY",
    "STRANGER",
    "forged_keys",
    "sign_by_public_key",
    "sign_by_stranger",
    "without_signature",
]

STRANGER = "5c3e0a91-7d42-4f68-8b1c-90f2d4a6e835"
"""Tenant and application that belong to nobody."""
FORGED_KEY = "forged"


def without_signature(claims: Mapping[str, Any]) -> str:
    """Return a token of the algorithm `none`."""
    return _assemble({"alg": "none", "typ": "JWT"}, claims, lambda _: b"")


def sign_by_public_key(claims: Mapping[str, Any], key_id: str, public_key: bytes) -> str:
    """Return a token of the algorithm HS256, whose shared secret is the public key (PEM)."""
    header = {"alg": "HS256", "typ": "JWT", "kid": key_id}
    return _assemble(header, claims, lambda text: hmac.digest(public_key, text, "sha256"))


def sign_by_stranger(claims: Mapping[str, Any], header: Mapping[str, str]) -> str:
    """Return a token that is signed by a key of nobody, with this header."""
    return jwt.encode({**claims}, _forged_key(), "RS256", headers={**header})


def forged_keys() -> dict[str, Any]:
    """The key set of the key of nobody."""
    numbers = jwt.algorithms.RSAAlgorithm.to_jwk(_forged_key().public_key(), as_dict=True)
    return {"keys": [{**numbers, "use": "sig", "alg": "RS256", "kid": FORGED_KEY}]}


def _assemble(header: Mapping[str, str], claims: Mapping[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """Return a token that no library makes."""
    text = b".".join(base64url_encode(json.dumps(part).encode()) for part in (header, {**claims}))
    return b".".join([text, base64url_encode(sign(text))]).decode()


@functools.cache
def _forged_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
