"""All cards, for properties that are tested for all resources together."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.resources.card import Card, Subject

__all__ = ["CARDS", "SUBJECTS"]


def _subclasses(subject: type[Subject]) -> Iterator[type[Subject]]:
    for subclass in subject.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


def _is_complete(subject: type[Subject]) -> bool:
    """Whether a module defines the class, and a card has its examples."""
    is_declared = getattr(sys.modules[subject.__module__], subject.__name__, None) is subject
    return (
        is_declared and subject is not Card and (hasattr(subject, "first") or not issubclass(subject, Card))
    )


_FOLDER = Path(__file__).parent
for _module in sorted(_FOLDER.rglob("test_*.py")):
    if re.search(r"^class \w+\(\w*(Card|Subject)\)", _module.read_text(), re.MULTILINE):
        _name = ".".join(_module.relative_to(_FOLDER).with_suffix("").parts)
        importlib.import_module(f"tests.resources.{_name}")

SUBJECTS = sorted(
    set(filter(_is_complete, _subclasses(Subject))),
    key=lambda subject: (subject.__module__, subject.__name__),
)
CARDS = [subject for subject in SUBJECTS if issubclass(subject, Card)]
"""The cards among the subjects."""
