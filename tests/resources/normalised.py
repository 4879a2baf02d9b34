"""Equivalent forms of a document that the service or the portal may return without a change by a person.

They differ in the case of languages and GUIDs, in null and absent members, in the form of numbers, in the order of
sets, and in white space of HTML.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from tests.resources.card import GUID, VOLATILE

__all__ = ["ADDED", "normalise"]

ADDED = "addedByTheService"
TEXTS = frozenset(
    {
        "title",
        "summary",
        "shortDescription",
        "description",
        "displayText",
        "gettingStartedInstructions",
        "publisherName",
        "productDisplayName",
        "accessInformation",
        "keywords",
        "compatibleProducts",
        "phone",
        "termsOfUse",
        "globalAmendmentTerms",
        "terms",
        "appVersion",
        "displayName",
        "unitOfMeasure",
        "friendlyName",
        "jobTitle",
    }
)
"""Members with free text."""
ADDRESSES = frozenset({"emailAudiences.ID", "dailyDigestEmailContacts", "contactEmail"})
"""E-mail addresses, which are compared without case. The addresses in a listing are free text."""


def normalise(value: Any, maps: Collection[str], ordered: Collection[str], path: tuple[str, ...] = ()) -> Any:
    """Return an equivalent document. `maps` are objects whose keys are data, `ordered` are ordered lists."""
    name = path[-1] if path else ""
    if isinstance(value, dict):
        extra_members = {} if name in maps else {ADDED: {"nothing": None, "list": []}}
        members = {
            key: inner_value if key in VOLATILE else normalise(inner_value, maps, ordered, (*path, key))
            for key, inner_value in value.items()
        }
        return members | extra_members
    if isinstance(value, list):
        elements = [normalise(element, maps, ordered, path) for element in value]
        return elements if name in ordered else elements[::-1]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return float(value) if isinstance(value, int) else int(value) if value.is_integer() else value
    return _respell(value, path)


def _respell(text: str, path: tuple[str, ...]) -> str:
    if re.fullmatch(GUID, text, re.IGNORECASE):
        return text.upper()
    if path[-1] == "languageCode":
        return text[:-2] + text[-2:].upper()
    if path[-1] in ADDRESSES or ".".join(path[-2:]) in ADDRESSES:
        return text.upper()
    return f"\r\n {text}\r\n" if path[-1] in TEXTS else text
