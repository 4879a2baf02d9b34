"""What pickles in state call. A contract with every state that was ever written: this function stays here."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["load"]


def load(known_as: str) -> Any:
    """The provider of a resource, by its name in states, `Offer` or `ingestion.Plan`.

    Raises SettingsError for a name that this version does not know.
    """
    # Programs pickle a reference to this function, and import nothing that only a plugin needs.
    return importlib.import_module(f"{__package__}.hosts.dynamic").load_provider(known_as)
