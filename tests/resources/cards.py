"""Every example of a resource that a card tells, for properties that are asked of all of them at once."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from tests.resources.card import Card

__all__ = ["CARDS"]


def _below(card: type[Card]) -> Iterator[type[Card]]:
    for each in card.__subclasses__():
        yield each
        yield from _below(each)


for _module in sorted(Path(__file__).parent.glob("test_*.py")):
    if re.search(r"^class \w+\(\w*Card\)", _module.read_text(), re.MULTILINE):
        importlib.import_module(f"tests.resources.{_module.stem}")

CARDS = sorted(
    {each for each in _below(Card) if hasattr(each, "first")},
    key=lambda each: (each.__module__, each.__name__),
)
"""Those that say what they are about."""
