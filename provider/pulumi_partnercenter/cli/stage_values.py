"""Values of an argument in draft, preview and live, on one line."""

from __future__ import annotations

from typing import Any

from ..messages import shortened
from .compare import SECRET

__all__ = ["excerpt", "side_by_side"]

EXCERPT_LENGTH = 55
"""Maximum length of a printed value."""


def side_by_side(values: dict[str, Any]) -> str:
    """Return `draft 'Vault' | preview, live 'Archive'`."""
    groups: list[tuple[Any, list[str]]] = []
    for stage, value in values.items():
        same = next((stages for other, stages in groups if other == value), None)
        if same is None:
            groups.append((value, [stage]))
        else:
            same.append(stage)
    excerpts = _distinct_excerpts([value for value, _ in groups])
    return " | ".join(
        f"{', '.join(stages)} {text}" for (_, stages), text in zip(groups, excerpts, strict=True)
    )


def _distinct_excerpts(values: list[Any]) -> list[str]:
    """Return shortened values. If they become equal, return the part around the first difference."""
    texts = [repr(value) for value in values]
    columns = enumerate(zip(*texts, strict=False))
    same = next((number for number, letters in columns if len(set(letters)) > 1), min(map(len, texts)))
    if same < EXCERPT_LENGTH:
        return [excerpt(value) for value in values]
    begin = same - EXCERPT_LENGTH // 4
    end = begin + EXCERPT_LENGTH
    return [f"…{text[begin:end]}" + ("…" if len(text) > end else "") for text in texts]


def excerpt(value: Any) -> str:
    """Return a shortened value, and a placeholder for a secret as it is."""
    return SECRET if value == SECRET else shortened(value)
