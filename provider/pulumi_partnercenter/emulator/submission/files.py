"""Files of documents: what is remembered of each one, and what is shown of it. Source: reference 7.

Where a document has `fileSasUri` on the wire, the stored one has `@file`, `{"blob": <its name>}`. An address is
signed when it is shown, so none is ever stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..blobs import READ, WRITE
from ..service import Call
from ..state import Document
from . import errors
from .scopes import scope

__all__ = [
    "FILE",
    "PENDING",
    "UPLOADED",
    "carried",
    "expands",
    "moved",
    "opened",
    "require_new",
    "shown",
    "state_of",
]

FILE = "@file"
PENDING, UPLOADED = "PendingUpload", "Uploaded"
ADDRESS = "FileSasUri"


def require_new(body: Mapping[str, Any], required: Sequence[str]) -> None:
    """400 unless a new document names what it must; its state can be `PendingUpload` only (inferred)."""
    for name in required:
        if not body.get(name):
            spelled = name[0].upper() + name[1:]
            raise errors.invalid({spelled: f"Missing required field {spelled}."})
    if body.get("state", PENDING) != PENDING:
        raise errors.invalid({"State": f"A new file is {PENDING}."})


def opened(call: Call, product: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body with a file that is still to come."""
    return {**body, "state": PENDING, FILE: {"blob": call.blobs.allocate(scope(product))}}


def carried(body: Mapping[str, Any], stored: Mapping[str, Any], fixed: Sequence[str]) -> dict[str, Any]:
    """A replacement with the file, the state and the fixed members of what it replaces.

    400 when a fixed member is sent with another value (inferred).
    """
    kept = {name: stored[name] for name in fixed if name in stored}
    for name, value in kept.items():
        if body.get(name, value) != value:
            raise errors.invalid({name[0].upper() + name[1:]: "The field cannot be changed."})
    return {**body, **kept, "state": moved(body, stored["state"]), FILE: stored[FILE]}


def moved(body: Mapping[str, Any], before: str) -> str:
    """The state after a PUT: from `PendingUpload` to `Uploaded`, else it stays; 400 for any other (inferred).

    That there is no blob is nobody's business here (order row of section 7).
    """
    sent = body.get("state", before)
    if sent not in (before, UPLOADED):
        raise errors.invalid({"State": f"A file cannot go from {before} to {sent}."})
    return UPLOADED if before == PENDING and sent == UPLOADED else before


def shown(call: Call, value: Any, *, addresses: bool = True) -> Any:
    """What goes over the wire: addresses in place of files, to write what is pending and to read what is not."""
    if isinstance(value, list):
        return [shown(call, item, addresses=addresses) for item in value]
    if not isinstance(value, dict):
        return value
    members = {}
    for name, one in value.items():
        if name != FILE:
            members[name] = shown(call, one, addresses=addresses)
        elif addresses:
            pending = value.get("state", PENDING) == PENDING and not one.get("committed")
            members["fileSasUri"] = call.origin + call.blobs.address(one["blob"], WRITE if pending else READ)
    return members


def expands(call: Call) -> bool:
    """Whether addresses were asked for. `$expand=$expand=FileSasUri` is taken and shows none (recording)."""
    asked = call.query.get("$expand", "")
    if asked.lower() not in ("", ADDRESS.lower(), f"$expand={ADDRESS}".lower()):
        raise errors.not_emulated(f"$expand={asked}")
    return asked.lower() == ADDRESS.lower()


def state_of(package: Document, when: float) -> str:
    """Where a package stands at a time. What processing will find is stored at once, and shown after its delay."""
    if package.body[FILE].get("processed_at", 0) > when:
        return "InProcessing"
    return str(package.body["state"])
