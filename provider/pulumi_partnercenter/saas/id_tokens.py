"""Validation of ID tokens: msal leaves it to the application.

Rules: Microsoft's documentation of ID tokens (version 2), and OpenID Connect Core, 3.1.3.7.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import jwt

from .settings import GUID
from .signing_keys import SigningKeys

if TYPE_CHECKING:
    from jwt.types import Options  # older versions of PyJWT have no such name

__all__ = ["Rejected", "validate_id_token"]

LEEWAY = timedelta(minutes=5)
"""Difference of clocks that is tolerated, as in Microsoft's own libraries."""
SIGNATURE_ONLY: Options = {
    "verify_aud": False,
    "verify_exp": False,
    "verify_iat": False,
    "verify_iss": False,
    "verify_jti": False,
    "verify_nbf": False,
    "verify_sub": False,
}
"""The claims are checked here, by the clock of the service."""
REQUIRED = ("aud", "exp", "iat", "iss", "nbf", "nonce", "oid", "sub", "tid")


class Rejected(Exception):
    """An ID token that breaks a rule. `rule` is its name: a label of metrics, and no text of the token."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def validate_id_token(
    token: str,
    keys: SigningKeys,
    *,
    client_id: str,
    login_url: str,
    nonce: str,
    now: datetime,
    tenant: str = "",
) -> Mapping[str, Any]:
    """Return the claims of an ID token. `tenant` is the only one that may sign in; "" is every tenant.

    The issuer has to be that of the token's own tenant. Raises: Rejected; Unavailable if the keys cannot be read now.
    """
    claims = _verify_signature(token, keys)
    if any(not _is_present(claims.get(name)) for name in REQUIRED):
        raise Rejected("missing_claim")
    if claims["aud"] != client_id:
        raise Rejected("audience")
    issuing_tenant = claims["tid"]
    if not isinstance(issuing_tenant, str) or not GUID.fullmatch(issuing_tenant):
        raise Rejected("tenant")
    if claims["iss"] != f"{login_url}/{issuing_tenant}/v2.0":
        raise Rejected("issuer")
    if tenant and issuing_tenant != tenant:
        raise Rejected("tenant")
    _check_time(claims, now)
    if not isinstance(claims["nonce"], str) or not hmac.compare_digest(
        claims["nonce"].encode(), nonce.encode()
    ):
        raise Rejected("nonce")
    if not isinstance(claims["oid"], str) or not GUID.fullmatch(claims["oid"]):
        raise Rejected("object_id")
    return claims


def _verify_signature(token: str, keys: SigningKeys) -> dict[str, Any]:
    """Return the claims of a token that one of the keys signed. No header but `kid` has a say."""
    try:
        header = jwt.get_unverified_header(token)
        if header.get("alg") != "RS256" or "crit" in header:
            raise Rejected("algorithm")
        key = keys.find(header.get("kid"))
        if key is None:
            raise Rejected("unknown_key")
        claims: dict[str, Any] = jwt.decode(token, key, algorithms=["RS256"], options=SIGNATURE_ONLY)
    except jwt.InvalidTokenError:
        raise Rejected("signature") from None
    return claims


def _check_time(claims: Mapping[str, Any], now: datetime) -> None:
    seconds, leeway = now.timestamp(), LEEWAY.total_seconds()
    times = [claims[name] for name in ("nbf", "exp")]
    if any(isinstance(time, bool) or not isinstance(time, int | float) for time in times):
        raise Rejected("time")
    not_before, expiry = times
    if expiry <= seconds - leeway:
        raise Rejected("expired")
    if not_before > seconds + leeway:
        raise Rejected("not_yet_valid")


def _is_present(value: object) -> bool:
    return value is not None and value != ""
