"""Addresses of files that the service downloads: pictures, spreadsheets, disks. Most have a shared access signature.

Two addresses are equal if they name the same file with the same permissions: signature and times do not matter.
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

from ...messages import is_signed

__all__ = ["comparable_address", "has_expired", "missing_permissions"]

_SIGNATURE = frozenset(
    (  # noqa: SIM905 - a line a parameter would hide the rest
        "sv ss srt sr st se spr sip sig si skoid sktid skt ske sks skv saoid suoid scid sdd ses"
        " rscc rscd rsce rscl rsct tn"
    ).split()
)
"""Parameters of a signature without the permissions (`sp`)."""


def comparable_address(address: str) -> str:
    """Return the address without its signature: file, permissions in one order, other parameters. It is no secret."""
    place, asks, query = address.partition("?")
    if not asks:
        return address
    kept = [
        (name, "".join(sorted(value)) if name == "sp" else value)
        for name, value in parse_qsl(query, keep_blank_values=True)
        if name not in _SIGNATURE
    ]
    comparable = f"{place}?{urlencode(kept)}" if kept else place
    return place if is_signed(comparable) else comparable


def missing_permissions(address: str) -> str:
    """Return the permissions, of reading and listing, that a signed address of a disk lacks."""
    parameters = dict(parse_qsl(urlsplit(address).query))
    if "sig" not in parameters or "sp" not in parameters:
        return ""  # public, or permissions of a stored policy
    return "".join(letter for letter in "rl" if letter not in parameters["sp"])


def has_expired(address: str) -> bool:
    """Return whether a signed address is known to be of the past."""
    parameters = dict(parse_qsl(urlsplit(address).query))
    if "sig" not in parameters:
        return False
    try:
        end = datetime.fromisoformat(parameters.get("se", ""))
    except ValueError:
        return False
    return (end if end.tzinfo else end.replace(tzinfo=UTC)) <= datetime.now(UTC)
