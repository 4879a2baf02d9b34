"""The engine's import file: what a state holds of each piece. Source: the engine's rules for dynamic resources."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pulumi.dynamic.dynamic import serialize_provider

from .._resource import Provider
from .reading import Piece

__all__ = ["IMPORT_COMMAND", "import_file"]

IMPORT_COMMAND = "pulumi import --file import.json --generate-code=false --protect=false --yes"


def import_file(pieces: Iterable[Piece]) -> dict[str, Any]:
    """`__provider` in both maps: without it the engine could neither refresh nor delete what it imported."""
    return {"resources": [_entry(piece) for piece in pieces]}


def _entry(piece: Piece) -> dict[str, Any]:
    provider: Provider = piece.resource.provider()
    payload: str = serialize_provider(provider)
    inputs = piece.inputs()
    outputs = {**inputs, **piece.seen.outputs.plain(), "fingerprint": piece.fingerprint()}
    return {
        "type": f"pulumi-python:dynamic/partnercenter:{piece.resource.__name__}",
        "name": piece.name,
        "id": piece.id,
        "inputs": {**piece.checked, "__provider": payload},
        "outputs": {**outputs, "__provider": payload},
    }
