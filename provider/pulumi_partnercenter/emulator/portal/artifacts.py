"""Files that a document names by their addresses: the service copies them, and returns addresses of its own.

The emulator fetches nothing: every address of http or https counts as readable. A copy is stored as its address without
a signature; each answer signs it anew. Addresses of disks (`osVhdUrl`) are no artifacts: they stay as they are.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlencode, urlsplit

from ..state import Store
from . import errors
from .ticks import ticks_of, timestamp

__all__ = ["copy_files", "is_copy", "map_texts", "sign"]

STORAGE = "https://publishingstoredm.blob.core.windows.net/"
"""Host of the service's own storage, as public fixtures have it."""
LIFETIME_SECONDS = 8 * 3600
LOGO = re.compile(r"\.(small|medium|large|wide|hero)Logo$")
PICTURE = re.compile(r"thumbnail|image|picture", re.IGNORECASE)
EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,5}")


def is_copy(address: str) -> bool:
    """Whether an address is in the service's storage."""
    return address.startswith(STORAGE)


def copy_files(store: Store, publisher: str, offer: str, definition: Mapping[str, Any]) -> dict[str, Any]:
    """Return the definition with the addresses of the service's copies. Raises: Refusal for what is no address."""
    copies: dict[str, str] = {}

    def copy(address: Any) -> Any:
        if not isinstance(address, str) or not address:
            return address
        if is_copy(address):
            return address.partition("?")[0]
        if address not in copies:
            folder = f"prodcontent/D6191_publishers_{publisher.replace('-', ':2D')}/{offer}"
            copies[address] = f"{STORAGE}{folder}/{store.ids.guid()}{_extension(address)}"
        return copies[address]

    plans = [_copy_members(plan, copy) for plan in definition.get("plans", [])]
    return {**definition, "offer": _copy_members(definition.get("offer", {}), copy), "plans": plans}


def _extension(address: str) -> str:
    try:
        parts = urlsplit(address)
        is_readable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_readable = False
    if not is_readable:
        raise errors.bad_request(f"The file at '{address}' cannot be read.")
    suffix = PurePosixPath(parts.path).suffix
    return suffix if EXTENSION.fullmatch(suffix) else ""


def _copy_members(members: Mapping[str, Any], copy: Callable[[Any], Any]) -> dict[str, Any]:
    """Copy the files of an offer or a plan."""
    return {name: _copy_member(name, value, copy) for name, value in members.items()}


def _copy_member(name: str, value: Any, copy: Callable[[Any], Any]) -> Any:
    last = name.rpartition(".")[2]
    if LOGO.search(name):
        return copy(value)
    if last in ("screenshots", "videos") and isinstance(value, list):
        return [_copy_media(item, copy, is_video=last == "videos") for item in value]
    if name in ("virtualMachinePricing", "virtualMachinePricingV2"):
        return _copy_below(value, ("spreadSheetPricing", "uri"), copy)
    if name == "restrictedAudience":
        return _copy_below(value, ("uploadedCsvUri",), copy)
    if last == "package" and isinstance(value, dict):
        return {
            version: _copy_below(package, ("packageVersion", "packageFile"), copy)
            for version, package in value.items()
        }
    return value


def _copy_media(item: Any, copy: Callable[[Any], Any], *, is_video: bool) -> Any:
    """Copy a screenshot, or the thumbnail of a video, whose own address belongs to the site that plays it."""
    if not isinstance(item, dict):
        return item if is_video else copy(item)
    return {
        name: copy(value)
        if isinstance(value, str)
        and value.startswith(("http://", "https://"))
        and (not is_video or PICTURE.search(name))
        else value
        for name, value in item.items()
    }


def _copy_below(value: Any, path: tuple[str, ...], copy: Callable[[Any], Any]) -> Any:
    if not path:
        return copy(value)
    if not isinstance(value, dict) or path[0] not in value:
        return value
    return {**value, path[0]: _copy_below(value[path[0]], path[1:], copy)}


def sign(store: Store, value: Any) -> Any:
    """Return a JSON value in which every address of the service's storage has a fresh signature."""
    end = timestamp(ticks_of(store.clock() + LIFETIME_SECONDS), digits=0).replace(".", "")

    def add_signature(text: str) -> str:
        if not is_copy(text):
            return text
        signature = base64.b64encode(store.ids.digest()).decode()
        query = {"sv": "2017-04-17", "sr": "b", "sig": signature, "se": end, "sp": "r"}
        return f"{text.partition('?')[0]}?{urlencode(query)}"

    return map_texts(value, add_signature)


def map_texts(value: Any, change: Callable[[str], str]) -> Any:
    """Return a JSON value with every string changed, names of members excepted."""
    if isinstance(value, dict):
        return {name: map_texts(item, change) for name, item in value.items()}
    if isinstance(value, list):
        return [map_texts(item, change) for item in value]
    return change(value) if isinstance(value, str) else value
