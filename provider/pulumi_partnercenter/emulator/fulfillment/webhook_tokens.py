"""Bearer tokens of webhooks: as the marketplace sends them, and as an attacker would.

A forged token breaks exactly one rule, so that a receiver that leaves out the check of that rule accepts it. Times are
the real ones, also if the emulator's clock was moved: receivers have clocks of their own.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..entra import LIFETIME_SECONDS, Entra
from ..forged_tokens import FORGED_KEY, STRANGER, sign_by_public_key, sign_by_stranger, without_signature

__all__ = ["MARKETPLACE", "VARIANTS", "Audience", "issue_token"]

MARKETPLACE = "20e940b3-4c77-4b0b-9a53-9e16a1b010a7"
"""The application that calls webhooks."""
VARIANTS = (
    "valid",
    "none",
    "unsigned",
    "hs256",
    "wrong_audience",
    "wrong_tenant",
    "wrong_issuer",
    "wrong_application",
    "expired",
    "not_yet_valid",
    "unknown_key",
    "jku",
)


@dataclass(frozen=True)
class Audience:
    """Whom a token is for: tenant and application of the offer's technical configuration."""

    tenant: str
    application: str


def issue_token(
    entra: Entra, audience: Audience, *, variant: str, version: int, now: float, keys_address: str = ""
) -> str:
    """Return the token of one webhook; "" for the variant `none`.

    `keys_address` is where the key set of forged tokens is, which the variant `jku` names.
    """
    claims = _changed(variant, _claims(audience, version, int(now)), version)
    match variant:
        case "none":
            return ""
        case "unsigned":
            return without_signature(claims)
        case "hs256":
            return sign_by_public_key(claims, entra.key_id, entra.public_key())
        case "unknown_key":
            return sign_by_stranger(claims, {"kid": str(uuid.uuid4())})
        case "jku":
            return sign_by_stranger(claims, {"kid": FORGED_KEY, "jku": keys_address})
        case _:
            return entra.sign(claims)


def _claims(audience: Audience, version: int, now: int) -> dict[str, Any]:
    """Claims as they were observed in production for version 2, and as Entra documents version 1."""
    tenant, principal = audience.tenant, str(uuid.uuid5(uuid.NAMESPACE_OID, audience.tenant + MARKETPLACE))
    claims = {
        "aud": audience.application,
        "iss": _issuer(tenant, version),
        "iat": now,
        "exp": now + LIFETIME_SECONDS,
        "aio": secrets.token_urlsafe(24),
        "oid": principal,
        "rh": f"0.{secrets.token_urlsafe(16)}.",
        "sub": principal,
        "tid": tenant,
        "uti": secrets.token_urlsafe(16),
    }
    if version == 1:
        caller = {"nbf": now, "appid": MARKETPLACE, "appidacr": "2", "idp": claims["iss"], "ver": "1.0"}
    else:
        caller = {"azp": MARKETPLACE, "azpacr": "2", "ver": "2.0"}
    return {**claims, **caller}


def _issuer(tenant: str, version: int) -> str:
    if version == 1:
        return f"https://sts.windows.net/{tenant}/"
    return f"https://login.microsoftonline.com/{tenant}/v2.0"


def _changed(variant: str, claims: dict[str, Any], version: int) -> dict[str, Any]:
    """Break the one rule of a variant that is about claims."""
    now = claims["iat"]
    changes: Mapping[str, Mapping[str, Any]] = {
        "wrong_audience": {"aud": STRANGER},
        "wrong_tenant": {"tid": STRANGER},
        "wrong_issuer": {"iss": _issuer(STRANGER, version)},
        "wrong_application": {"appid" if version == 1 else "azp": STRANGER},
        "expired": {
            "iat": now - 2 * LIFETIME_SECONDS,
            "exp": now - LIFETIME_SECONDS,
            **({"nbf": now - 2 * LIFETIME_SECONDS} if version == 1 else {}),
        },
        "not_yet_valid": {"nbf": now + LIFETIME_SECONDS, "exp": now + 2 * LIFETIME_SECONDS},
    }
    return {**claims, **changes.get(variant, {})}
