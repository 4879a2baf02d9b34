"""Claims of an access token, unverified: they are hints in messages and decide nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jwt

__all__ = ["Claims", "read_claims"]


@dataclass(frozen=True)
class Claims:
    """Some claims; empty if the token lacks them. Times are in seconds since 1970, 0 if absent."""

    audience: str
    application: str
    tenant: str
    object_id: str
    """Of the application's service principal, or of the user."""
    roles: tuple[str, ...]
    issued_at: float
    expires_at: float


def read_claims(token: str) -> Claims | None:
    """Return None for a token that is no JWT, e.g. `emulator`."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        return None
    roles = claims.get("roles")
    return Claims(
        audience=_text(claims.get("aud")),
        application=_text(claims.get("appid") or claims.get("azp")),
        tenant=_text(claims.get("tid")),
        object_id=_text(claims.get("oid")),
        roles=tuple(map(_text, roles)) if isinstance(roles, list) else (),
        issued_at=_seconds(claims.get("iat")),
        expires_at=_seconds(claims.get("exp")),
    )


def _text(value: Any) -> str:
    return value[:100] if isinstance(value, str) else ""


def _seconds(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and 0 < value < 1e11 else 0.0
