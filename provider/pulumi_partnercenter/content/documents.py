"""Documents of a listing: PDF only (reference 9.1)."""

from __future__ import annotations

from .sources import Content

__all__ = ["problem"]

SIGNATURE = b"%PDF-"


def problem(content: Content) -> str | None:
    """What keeps the service from taking a document."""
    with content.open() as stream:
        is_pdf = stream.read(len(SIGNATURE)) == SIGNATURE
    return None if is_pdf else "is not a PDF; documents must be"
