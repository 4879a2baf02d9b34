"""Values in the engine's encoding: unknowns, secrets, assets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi.runtime import rpc

UNKNOWN = rpc.UNKNOWN
SIGNATURE = rpc._special_sig_key
SECRET = rpc._special_secret_sig


def is_secret(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get(SIGNATURE) == SECRET


def is_opaque(value: Any) -> bool:
    """Return whether the value is an asset, archive or reference: an object whose members the engine defines."""
    return isinstance(value, Mapping) and SIGNATURE in value


def reveal(value: Any) -> Any:
    """Return the value of a secret; other values unchanged."""
    return reveal(value["value"]) if is_secret(value) else value


def holds_unknown(value: Any) -> bool:
    """Return whether the value is or contains an unknown."""
    if isinstance(value, Mapping):
        return any(map(holds_unknown, value.values()))
    if isinstance(value, list):
        return any(map(holds_unknown, value))
    return bool(value == UNKNOWN)


def comparable(value: Any) -> Any:
    """Replace assets and archives by their content, so that a moved file is no change."""
    if isinstance(value, Mapping):
        kept = {SIGNATURE, "hash"} if SIGNATURE in value and value.get("hash") else value.keys()
        return {name: comparable(item) for name, item in value.items() if name in kept}
    return [comparable(item) for item in value] if isinstance(value, list) else value
