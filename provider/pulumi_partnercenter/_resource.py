"""Function that pickles in state call. Every state that was ever written refers to it, so it must stay here."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["load"]


def load(known_as: str) -> Any:
    """Return the provider of a resource, by its name in states: `Offer` or `ingestion.Plan`.

    Raises SettingsError for a name that this version does not have.
    """
    # Programs pickle a reference to this function, but import nothing that only a plugin needs.
    return importlib.import_module(f"{__package__}.hosts.dynamic").load_provider(known_as)
