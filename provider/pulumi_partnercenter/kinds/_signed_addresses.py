"""Addresses of files that the service downloads: pictures, disks, packages. Most have a shared access signature.

Two addresses are equal if they name the same file with the same permissions: signature and times do not matter.
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

from ..messages import is_signed

__all__ = ["comparable_address", "find_expiry", "has_expired", "list_permissions", "missing_permissions"]

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


def list_permissions(address: str) -> str:
    """Return the letters of a signature's permissions; "" for a public address, or for those of a stored policy."""
    parameters = dict(parse_qsl(urlsplit(address).query))
    return parameters.get("sp", "") if "sig" in parameters else ""


def missing_permissions(address: str, needed: str) -> str:
    """Return the letters of `needed` that a signed address is known to lack."""
    granted = list_permissions(address)
    return "".join(letter for letter in needed if letter not in granted) if granted else ""


def find_expiry(address: str) -> datetime | None:
    """Return the time at which a signed address ends, in UTC; None where it does not say so."""
    parameters = dict(parse_qsl(urlsplit(address).query))
    if "sig" not in parameters:
        return None
    try:
        end = datetime.fromisoformat(parameters.get("se", ""))
        return end.astimezone(UTC) if end.tzinfo else end.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def has_expired(address: str) -> bool:
    """Return whether a signed address is known to be of the past."""
    end = find_expiry(address)
    return end is not None and end <= datetime.now(UTC)
