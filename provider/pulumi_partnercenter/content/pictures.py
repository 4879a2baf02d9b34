"""Format and size of logos, screenshots and thumbnails, checked by their bytes."""

from __future__ import annotations

import struct
import threading
import warnings
from typing import NamedTuple

from .sources import Content

__all__ = ["png_size", "problem"]


class Size(NamedTuple):
    """Exact size in pixels, or a square from `width` to `up_to`."""

    width: int
    height: int
    up_to: int = 0

    def fits(self, width: int, height: int) -> bool:
        if self.up_to:
            return width == height and self.width <= width <= self.up_to
        return (width, height) == (self.width, self.height)

    def __str__(self) -> str:
        return f"square, {self.width} to {self.up_to}" if self.up_to else f"{self.width}×{self.height}"


SCREEN = Size(1280, 720)
SIZES = {
    "AzureLogoSmall": Size(48, 48),
    "AzureLogoMedium": Size(90, 90),
    "AzureLogoLarge": Size(216, 216, up_to=350),
    "AzureLogoWide": Size(255, 115),
    "AzureLogoHero": Size(815, 290),
    "AzureLogoScreenshot": SCREEN,
    "Screenshot": SCREEN,
    "VideoThumbnail": SCREEN,
}
"""By the service's kind of image, an open set; `VideoThumbnail` is our name for pictures without a kind."""

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_warnings_filter = threading.Lock()
"""The filter of warnings is global for the process, and the engine calls from several threads."""
OTHERS = ("JPEG", "GIF", "BMP", "WEBP", "TIFF", "ICO")
"""Other formats that a message names."""


def problem(content: Content, kind: str) -> str | None:
    """Return why the service would refuse a picture of this kind, or None; an unknown kind allows any PNG."""
    try:
        width, height = png_size(content, kind)
    except ValueError as error:
        return str(error)
    required_size = next((size for name, size in SIZES.items() if name.casefold() == kind.casefold()), None)
    if required_size and not required_size.fits(width, height):
        return f"is {width}×{height} pixels; {kind} must be {required_size}"
    return None


def png_size(content: Content, kind: str) -> tuple[int, int]:
    """Return width and height of a complete PNG. Raises ValueError with the rule that another file breaks."""
    with content.open() as stream:
        head = stream.read(16)
    if not head.startswith(SIGNATURE):
        raise ValueError(f"is {_describe_format(head)}; {kind} must be a PNG")
    try:
        return _verify_png(content)
    except (OSError, SyntaxError, ValueError, IndexError, EOFError, struct.error):
        raise ValueError(
            "is a damaged PNG: its parts do not match their checksums, or its end is missing"
        ) from None


def _verify_png(content: Content) -> tuple[int, int]:
    """Return width and height of a PNG with complete parts. Pixels are never unpacked, so a bomb uses no memory."""
    from PIL.PngImagePlugin import PngImageFile

    quiet = warnings.catch_warnings(action="ignore")  # Pillow's warnings are no reason to refuse
    with _warnings_filter, quiet, content.open() as stream, PngImageFile(stream) as picture:
        size = picture.size
        picture.verify()
    return size


def _describe_format(head: bytes) -> str:
    """Return the format of a file that is no PNG, by its first bytes."""
    from PIL import Image

    Image.init()
    if not head:
        return "empty"
    for name in OTHERS:
        accepts = Image.OPEN[name][1]
        if accepts and accepts(head) is True:
            return f"an {name}" if name == "ICO" else f"a {name}"
    return "not a picture that can be recognised"
