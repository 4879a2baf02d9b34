"""Pictures of a page as `data:` addresses, or the reason why a picture is missing."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from ...content.pictures import png_size
from ...content.sources import Content

__all__ = ["Picture"]


@dataclass(frozen=True)
class Picture:
    """A PNG as `data:` address with its size in pixels; or a sentence in `problem`, and the `path` of the file."""

    address: str = ""
    width: int = 0
    height: int = 0
    problem: str = ""
    path: str = ""

    @classmethod
    def from_content(cls, content: Content, path: str) -> Picture:
        """Picture of a file's bytes."""
        try:
            width, height = png_size(content, "a picture of a listing")
        except ValueError as error:
            return cls(problem=f"The file {error}.", path=path)
        with content.open() as stream:
            data = base64.b64encode(stream.read()).decode()
        return cls(f"data:image/png;base64,{data}", width, height)
