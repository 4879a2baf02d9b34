"""What the service and the portal may do to a document that nobody changed.

Source: reference 2.1 (case of languages), 2.7 (null and absent), 5.11 (doubles) and appendix F, rule 4 (GUIDs, order of
sets, white space of HTML).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from tests.resources.card import GUID, VOLATILE

__all__ = ["ADDED", "normalised"]

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
"""Members that people write and read."""
ADDRESSES = frozenset({"emailAudiences.ID", "dailyDigestEmailContacts", "contactEmail"})
"""E-mail addresses that are compared; those that a listing shows are texts."""


def normalised(
    value: Any, maps: Collection[str], ordered: Collection[str], path: tuple[str, ...] = ()
) -> Any:
    """The same in other words. `maps` are objects whose keys are data, `ordered` lists whose order means something."""
    name = path[-1] if path else ""
    if isinstance(value, dict):
        own = {} if name in maps else {ADDED: {"nothing": None, "list": []}}
        inner = {
            key: each if key in VOLATILE else normalised(each, maps, ordered, (*path, key))
            for key, each in value.items()
        }
        return inner | own
    if isinstance(value, list):
        inside = [normalised(each, maps, ordered, path) for each in value]
        return inside if name in ordered else inside[::-1]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return float(value) if isinstance(value, int) else int(value) if value.is_integer() else value
    return _respelled(value, path)


def _respelled(text: str, path: tuple[str, ...]) -> str:
    if re.fullmatch(GUID, text, re.IGNORECASE):
        return text.upper()
    if path[-1] == "languageCode":
        return text[:-2] + text[-2:].upper()
    if path[-1] in ADDRESSES or ".".join(path[-2:]) in ADDRESSES:
        return text.upper()
    return f"\r\n {text}\r\n" if path[-1] in TEXTS else text
