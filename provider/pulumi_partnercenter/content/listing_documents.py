"""Documents of a listing: the service takes PDF only."""

from __future__ import annotations

from .sources import Content

__all__ = ["problem"]

SIGNATURE = b"%PDF-"


def problem(content: Content) -> str | None:
    """Reason why the service would refuse a document."""
    with content.open() as stream:
        is_pdf = stream.read(len(SIGNATURE)) == SIGNATURE
    return None if is_pdf else "is not a PDF; documents must be"
