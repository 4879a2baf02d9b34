"""Translation between arguments and the raw document of an offer: flat objects with dotted keys.

A member is written only if its value differs from the desired one. So everything else stays as the service has it:
order, spelling, members without a model.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from ...markers import Wire
from ...model import Part

__all__ = [
    "COREVM",
    "VIRTUAL_MACHINES",
    "as_list",
    "as_mapping",
    "canonical_member",
    "document_key",
    "read_members",
    "write_members",
]

VIRTUAL_MACHINES, COREVM = "microsoft-azure-virtualmachines", "microsoft-azure-corevm"
_PREFIXES = {
    "marketplace.": "microsoft-azure-marketplace.",
    "testdrive.": "microsoft-azure-marketplace-testdrive.",
}
_COREVM_KEYS = {
    "skuDescription": "skuDescriptionPublicAzure",
    "operationSystem": "osFriendlyName",
    "vmImages": "vmImagesPublicAzure",
}
"""Members of a plan that are called otherwise in offers of core virtual machines."""


def document_key(name: str, offer_type: str) -> str:
    """Return the key in the document. Names are `marketplace.…`, `testdrive.…`, `type.…`, or plain keys.

    `type.…` is in the namespace of the offer's type, and so is `marketplace.…` for core virtual machines.
    """
    if name.startswith("type.") or (offer_type == COREVM and name.startswith("marketplace.")):
        member = name.partition(".")[2]
        return f"{offer_type}.{_COREVM_KEYS.get(member, member) if offer_type == COREVM else member}"
    for short, prefix in _PREFIXES.items():
        if name.startswith(short):
            return prefix + name.removeprefix(short)
    return name


def as_mapping(value: object) -> Mapping[str, Any]:
    """Return the object that a document has here; empty for anything else."""
    return value if isinstance(value, Mapping) else {}


def as_list(value: object) -> list[Any]:
    """Return the list that a document has here; empty for anything else."""
    return value if isinstance(value, list) else []


def canonical_member(part: type[Part], name: str, value: Any) -> Any:
    """Return the canonical form of a member's value; the value itself if it breaks a rule."""
    try:
        return _adapter(part, name).dump_python(_adapter(part, name).validate_python(value), mode="json")
    except ValueError:  # pydantic's error is a ValueError
        return to_jsonable_python(value)


def read_members(part: type[Part], document: Mapping[str, Any], offer_type: str) -> dict[str, Any]:
    """Return the canonical values of the members with a `Wire` marker. Null, "" and absent mean the default."""
    return {
        name: _read_member(part, name, document.get(document_key(key, offer_type)), offer_type)
        for name, key in _wire_keys(part).items()
    }


def write_members(
    part: type[Part], document: dict[str, Any], desired: Mapping[str, Any], offer_type: str
) -> None:
    """Write the members with a `Wire` marker that differ from the desired canonical values."""
    current = read_members(part, document, offer_type)
    for name, key in _wire_keys(part).items():
        if current[name] != desired[name]:
            inner, whole_key = part.part_in(name), document_key(key, offer_type)
            document[whole_key] = (
                _write_elements(inner, document.get(whole_key), desired[name], offer_type)
                if inner
                else desired[name]
            )


def _read_member(part: type[Part], name: str, value: Any, offer_type: str) -> Any:
    if value is None or value == "":
        return part.default(name)
    inner = part.part_in(name)
    if inner and isinstance(value, list):
        elements = [element for element in value if isinstance(element, Mapping)]
        value = [read_members(inner, element, offer_type) for element in elements]
    return canonical_member(part, name, value)


def _write_elements(
    part: type[Part], current: Any, desired: list[dict[str, Any]], offer_type: str
) -> list[dict[str, Any]]:
    """Return the list to write. Elements that are equal, or have the same first member, keep unmodelled members."""
    left = [dict(element) for element in current if isinstance(element, Mapping)] if current else []
    (first, *_) = _wire_keys(part)
    written = []
    for values in desired:
        read = [read_members(part, element, offer_type) for element in left]
        matches = [number for number, members in enumerate(read) if members == values]
        matches += [number for number, members in enumerate(read) if members[first] == values[first]]
        element: dict[str, Any] = left.pop(matches[0]) if matches else {}
        write_members(part, element, values, offer_type)
        written.append(element)
    return written


@functools.cache
def _adapter(part: type[Part], name: str) -> TypeAdapter[Any]:
    return TypeAdapter(part.hint(name))


@functools.cache
def _wire_keys(part: type[Part]) -> dict[str, str]:
    """By member with a `Wire` marker: its name in the document."""
    return {
        name: mark.attribute
        for name in part.names()
        for mark in getattr(part.hint(name), "__metadata__", ())
        if isinstance(mark, Wire)
    }
