"""Authenticity of a webhook: the bearer token that the marketplace sends with it.

Microsoft Entra issues it for the fulfillment application; its version depends on that application's manifest. Source:
Microsoft's page *Implementing a webhook on the SaaS service*.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import jwt

from ..api.fulfillment.system import AUDIENCE as MARKETPLACE
from .settings import ServiceSettings
from .signing_keys import SigningKeys

__all__ = ["InvalidToken", "validate"]

LEEWAY_SECONDS = 60
LONGEST_TOKEN = 16_384


class InvalidToken(Exception):
    """A webhook without a token, or with one that is not the marketplace's. `reason` is one of a few words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def validate(
    authorization: str, settings: ServiceSettings, keys: SigningKeys, now: datetime
) -> Mapping[str, Any]:
    """Return the claims of the token in an `Authorization` header.

    It is signed by a key of the tenant (RS256, whatever its header asks for), valid now, for the fulfillment
    application in the tenant, and was issued to the marketplace.

    Raises: InvalidToken; Unavailable if the tenant's keys cannot be read.
    """
    scheme, _, token = authorization.strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise InvalidToken("missing")
    if len(token) > LONGEST_TOKEN:
        raise InvalidToken("malformed")
    key = keys.find(_read_key_id(token))
    if key is None:
        raise InvalidToken("unknown_key")
    tenant = settings.tenant_id
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=settings.client_id,
            issuer=[f"https://sts.windows.net/{tenant}/", f"https://login.microsoftonline.com/{tenant}/v2.0"],
            options={
                "require": ["exp", "aud", "iss"],
                # Times are compared with the service's clock below, not with the library's.
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            },
        )
    except jwt.InvalidTokenError as error:
        raise InvalidToken(_describe(error)) from None
    _check_times(claims, now)
    if claims.get("tid") != tenant:
        raise InvalidToken("tenant")
    if (claims.get("azp") or claims.get("appid")) != MARKETPLACE:
        raise InvalidToken("application")
    return claims


def _read_key_id(token: str) -> object:
    """Return the key id of a token's header, which may be anything. Other members of the header are not used."""
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.InvalidTokenError, RecursionError):
        raise InvalidToken("malformed") from None
    if header.get("alg") != "RS256":
        raise InvalidToken("algorithm")
    return header.get("kid")


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    """Raises: InvalidToken for a token that is not valid now; `nbf` is optional."""
    seconds = now.timestamp()
    if not seconds < _read_seconds(claims["exp"]) + LEEWAY_SECONDS:
        raise InvalidToken("expired")
    if "nbf" in claims and not _read_seconds(claims["nbf"]) - LEEWAY_SECONDS <= seconds:
        raise InvalidToken("not_yet_valid")


def _read_seconds(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise InvalidToken("malformed")
    return value


def _describe(error: jwt.InvalidTokenError) -> str:
    """Return the reason of a refusal, one of a few words: they are labels of a metric."""
    reasons: tuple[tuple[type[jwt.InvalidTokenError], str], ...] = (
        (jwt.InvalidSignatureError, "signature"),
        (jwt.InvalidAudienceError, "audience"),
        (jwt.InvalidIssuerError, "issuer"),
        (jwt.InvalidAlgorithmError, "algorithm"),
    )
    return next((reason for type, reason in reasons if isinstance(error, type)), "malformed")
