"""Files of documents: stored by the name of their blob, answered with a signed address.

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
    "add_file",
    "expands",
    "keep_file",
    "next_state",
    "render",
    "require_new",
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


def add_file(call: Call, product: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body with a file that is still to come."""
    return {**body, "state": PENDING, FILE: {"blob": call.blobs.allocate(scope(product))}}


def keep_file(body: Mapping[str, Any], stored: Mapping[str, Any], fixed: Sequence[str]) -> dict[str, Any]:
    """A replacement with the file, the state and the fixed members of what it replaces.

    400 when a fixed member is sent with another value (inferred).
    """
    unchanged = {name: stored[name] for name in fixed if name in stored}
    for name, value in unchanged.items():
        if body.get(name, value) != value:
            raise errors.invalid({name[0].upper() + name[1:]: "The field cannot be changed."})
    return {**body, **unchanged, "state": next_state(body, stored["state"]), FILE: stored[FILE]}


def next_state(body: Mapping[str, Any], before: str) -> str:
    """The state after a PUT: from `PendingUpload` to `Uploaded`, else it stays; 400 for any other (inferred).

    The blob may be missing: that a client uploads first is not checked (recorded).
    """
    sent = body.get("state", before)
    if sent not in (before, UPLOADED):
        raise errors.invalid({"State": f"A file cannot go from {before} to {sent}."})
    return UPLOADED if before == PENDING and sent == UPLOADED else before


def render(call: Call, value: Any, *, addresses: bool = True) -> Any:
    """What goes over the wire: addresses in place of files, to write what is pending and to read what is not."""
    if isinstance(value, list):
        return [render(call, item, addresses=addresses) for item in value]
    if not isinstance(value, dict):
        return value
    members = {}
    for name, member in value.items():
        if name != FILE:
            members[name] = render(call, member, addresses=addresses)
        elif addresses:
            pending = value.get("state", PENDING) == PENDING and not member.get("committed")
            members["fileSasUri"] = call.origin + call.blobs.address(
                member["blob"], WRITE if pending else READ
            )
    return members


def expands(call: Call) -> bool:
    """Whether addresses were asked for. `$expand=$expand=FileSasUri` is taken and shows none (recording)."""
    option = call.query.get("$expand", "")
    if option.lower() not in ("", ADDRESS.lower(), f"$expand={ADDRESS}".lower()):
        raise errors.not_emulated(f"$expand={option}")
    return option.lower() == ADDRESS.lower()


def state_of(package: Document, when: float) -> str:
    """Where a package stands at a time. What processing will find is stored at once, and shown after its delay."""
    if package.body[FILE].get("processed_at", 0) > when:
        return "InProcessing"
    return str(package.body["state"])
