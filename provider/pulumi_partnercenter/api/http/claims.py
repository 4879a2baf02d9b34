"""What an access token says of itself. Nothing is verified: for people who look for what is wrong, never a decision."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

__all__ = ["Claims", "claims_of"]


@dataclass(frozen=True)
class Claims:
    """Some of them; empty where the token does not say. Times in seconds since 1970, 0 for not said."""

    audience: str
    application: str
    tenant: str
    roles: tuple[str, ...]
    issued_at: float
    expires_at: float


def claims_of(token: str) -> Claims | None:
    """None for what is no JWT: `emulator`, for one."""
    parts = token.split(".")
    try:
        if len(parts) != 3:
            return None
        said = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:  # base64, UTF-8 or JSON
        return None
    if not isinstance(said, dict):
        return None
    roles = said.get("roles")
    return Claims(
        audience=_text(said.get("aud")),
        application=_text(said.get("appid") or said.get("azp")),
        tenant=_text(said.get("tid")),
        roles=tuple(map(_text, roles)) if isinstance(roles, list) else (),
        issued_at=_seconds(said.get("iat")),
        expires_at=_seconds(said.get("exp")),
    )


def _text(value: Any) -> str:
    return value[:100] if isinstance(value, str) else ""


def _seconds(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and 0 < value < 1e11 else 0.0
