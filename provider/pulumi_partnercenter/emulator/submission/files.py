"""Files of documents: stored as the name of their blob, returned as a signed address.

For `fileSasUri` in answers, the stored document has `@file`, `{"blob": <its name>}`. An address is signed when it is
returned, so none is ever stored. A processed package also has `apps`: id and version of each Business Central app.
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
    "APPS",
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

FILE, APPS = "@file", "apps"
PENDING, UPLOADED = "PendingUpload", "Uploaded"
ADDRESS = "FileSasUri"


def require_new(body: Mapping[str, Any], required: Sequence[str]) -> None:
    """Refuse (400) a new document without required members, or in another state than `PendingUpload` (inferred)."""
    for name in required:
        if not body.get(name):
            spelled = name[0].upper() + name[1:]
            raise errors.invalid({spelled: f"Missing required field {spelled}."})
    if body.get("state", PENDING) != PENDING:
        raise errors.invalid({"State": f"A new file is {PENDING}."})


def add_file(call: Call, product: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body with a file that is not uploaded yet."""
    return {**body, "state": PENDING, FILE: {"blob": call.blobs.allocate(scope(product))}}


def keep_file(body: Mapping[str, Any], stored: Mapping[str, Any], fixed: Sequence[str]) -> dict[str, Any]:
    """Return a replacement with the file, the state and the fixed members of the stored document.

    Refuse (400) another value of a fixed member (inferred).
    """
    unchanged = {name: stored[name] for name in fixed if name in stored}
    for name, value in unchanged.items():
        if body.get(name, value) != value:
            raise errors.invalid({name[0].upper() + name[1:]: "The field cannot be changed."})
    return {**body, **unchanged, "state": next_state(body, stored["state"]), FILE: stored[FILE]}


def next_state(body: Mapping[str, Any], before: str) -> str:
    """Return the state after a PUT: `Uploaded` after `PendingUpload`, otherwise unchanged; 400 for others (inferred).

    The blob may be missing: the service does not check that a client uploads first (recorded).
    """
    sent = body.get("state", before)
    if sent not in (before, UPLOADED):
        raise errors.invalid({"State": f"A file cannot go from {before} to {sent}."})
    return UPLOADED if before == PENDING and sent == UPLOADED else before


def render(call: Call, value: Any, *, addresses: bool = True) -> Any:
    """Return the answer's value: addresses in place of files, writable for pending files and readable for others."""
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
    """Return whether the request asks for addresses. `$expand=$expand=FileSasUri` shows none (recording)."""
    option = call.query.get("$expand", "")
    if option.lower() not in ("", ADDRESS.lower(), f"$expand={ADDRESS}".lower()):
        raise errors.not_emulated(f"$expand={option}")
    return option.lower() == ADDRESS.lower()


def state_of(package: Document, when: float) -> str:
    """Return the state of a package at a time. The result of processing is stored at once, but shown after a delay."""
    if package.body[FILE].get("processed_at", 0) > when:
        return "InProcessing"
    return str(package.body["state"])
