"""Documents of a listing: the service accepts only PDF."""

from __future__ import annotations

from .sources import Content

__all__ = ["problem"]

SIGNATURE = b"%PDF-"


def problem(content: Content) -> str | None:
    """Return why the service would refuse a document, or None."""
    with content.open() as stream:
        is_pdf = stream.read(len(SIGNATURE)) == SIGNATURE
    return None if is_pdf else "is not a PDF; documents must be"
