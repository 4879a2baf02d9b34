"""Pictures: what the bytes are, of what size, and whether they are whole."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pulumi_partnercenter.content.pictures import SIZES, problem
from pulumi_partnercenter.content.sources import Content

SRC = Path(__file__).parents[2] / "provider"


def picture(width: int, height: int, form: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (0, 90, 158)).save(out, form)
    return out.getvalue()


def judged(data: bytes, kind: str, name: str = "logo.png") -> str | None:
    return problem(Content(name, len(data), lambda: io.BytesIO(data)), kind)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


def png(width: int, height: int, *more: bytes) -> bytes:
    """A PNG whose header may tell any size."""
    header = chunk(b"IHDR", struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + header
        + b"".join(more)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


FITS = {
    "AzureLogoSmall": [(48, 48)],
    "AzureLogoMedium": [(90, 90)],
    "AzureLogoLarge": [(216, 216), (300, 300), (350, 350)],
    "AzureLogoWide": [(255, 115)],
    "AzureLogoHero": [(815, 290)],
    "AzureLogoScreenshot": [(1280, 720)],
    "Screenshot": [(1280, 720)],
    "VideoThumbnail": [(1280, 720)],
}


def test_every_kind_is_shown() -> None:
    assert set(FITS) == set(SIZES)


@pytest.mark.parametrize(("kind", "size"), [(kind, size) for kind, sizes in FITS.items() for size in sizes])
def test_what_fits_is_taken_and_its_neighbours_are_not(kind: str, size: tuple[int, int]) -> None:
    width, height = size
    assert judged(picture(width, height), kind) is None
    for other in ((width + 1, height), (width, height - 1), (height + 500, width)):
        told = judged(picture(*other), kind)
        assert told
        assert told.startswith(f"is {other[0]}×{other[1]} pixels; {kind} must be ")


@pytest.mark.parametrize(
    ("size", "kind", "words"),
    [
        ((215, 215), "AzureLogoLarge", "is 215×215 pixels; AzureLogoLarge must be square, 216 to 350"),
        ((351, 351), "AzureLogoLarge", "is 351×351 pixels; AzureLogoLarge must be square, 216 to 350"),
        ((300, 216), "AzureLogoLarge", "is 300×216 pixels; AzureLogoLarge must be square, 216 to 350"),
        ((115, 255), "AzureLogoWide", "is 115×255 pixels; AzureLogoWide must be 255×115"),
        ((48, 49), "azureLogoSmall", "is 48×49 pixels; azureLogoSmall must be 48×48"),
    ],
)
def test_the_sentence_tells_size_and_rule(size: tuple[int, int], kind: str, words: str) -> None:
    assert judged(picture(*size), kind) == words


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "I;16"])
def test_every_kind_of_png_is_one(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (48, 48)).save(out, "PNG")
    assert judged(out.getvalue(), "AzureLogoSmall") is None


@pytest.mark.parametrize("name", ["logo.png", "logo.jpg", ""])
def test_the_bytes_decide_not_the_name(name: str) -> None:
    for form, words in [
        ("JPEG", "a JPEG"),
        ("GIF", "a GIF"),
        ("BMP", "a BMP"),
        ("WEBP", "a WEBP"),
        ("ICO", "an ICO"),
    ]:
        assert (
            judged(picture(48, 48, form), "AzureLogoSmall", name)
            == f"is {words}; AzureLogoSmall must be a PNG"
        )
    assert judged(picture(48, 48), "AzureLogoSmall", name) is None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not a picture that can be recognised"),
        (b"\x89PNG", "is not a picture that can be recognised"),
    ],
)
def test_what_is_no_picture_is_told(data: bytes, words: str) -> None:
    assert judged(data, "Screenshot") == f"{words}; Screenshot must be a PNG"


def test_of_other_kinds_any_png_will_do() -> None:
    assert judged(picture(7, 3), "SomethingNew") is None
    assert judged(picture(7, 3, "JPEG"), "SomethingNew") == "is a JPEG; SomethingNew must be a PNG"


WHOLE = picture(48, 48)
END = 12
"""Bytes of the part that ends a PNG: length, name and checksum. Readers look at its name only."""


@given(kept=st.integers(8, len(WHOLE) - END))
@settings(deadline=None)
def test_a_picture_without_its_end_is_damaged(kept: int) -> None:
    assert str(judged(WHOLE[:kept], "AzureLogoSmall")).startswith("is a damaged PNG")


@given(at=st.integers(8, len(WHOLE) - END - 1), byte=st.integers(0, 255))
@settings(deadline=None)
def test_no_changed_byte_is_missed(at: int, byte: int) -> None:
    data = WHOLE[:at] + bytes([byte]) + WHOLE[at + 1 :]
    told = judged(data, "AzureLogoSmall")
    assert told is None if data == WHOLE else told


@given(
    tail=st.binary(max_size=200),
    parts=st.lists(
        st.tuples(
            st.sampled_from(
                [
                    b"IHDR",
                    b"PLTE",
                    b"tRNS",
                    b"iCCP",
                    b"zTXt",
                    b"iTXt",
                    b"gAMA",
                    b"pHYs",
                    b"acTL",
                    b"fcTL",
                    b"fdAT",
                    b"IDAT",
                    b"eXIf",
                    b"cHRM",
                    b"sRGB",
                ]
            ),
            st.binary(max_size=40),
        ),
        max_size=5,
    ),
)
@settings(deadline=None, max_examples=300)
def test_no_bytes_lead_to_a_traceback(tail: bytes, parts: list[tuple[bytes, bytes]]) -> None:
    """Any parts after a right header, each with a right checksum, and then anything."""
    data = png(48, 48, *(chunk(*part) for part in parts)) + tail
    for each in (data, b"\x89PNG\r\n\x1a\n" + tail):
        told = judged(each, "AzureLogoSmall")
        assert told is None or told.startswith("is ")


def test_bombs_are_told_by_their_size_and_nothing_is_printed(tmp_path: Path) -> None:
    (tmp_path / "large.png").write_bytes(png(50_000, 50_000))
    (tmp_path / "text.png").write_bytes(
        png(48, 48, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(100 << 20))))
    )
    (tmp_path / "large.gif").write_bytes(b"GIF89a" + struct.pack("<HH", 60_000, 60_000) + bytes(20))
    script = (
        "import sys\nfrom pulumi_partnercenter.content.pictures import problem\n"
        "from pulumi_partnercenter.content.sources import file_content\n"
        "for name in sys.argv[1:]: print(problem(file_content(name), 'AzureLogoSmall'))"
    )
    paths = [str(tmp_path / name) for name in ("large.png", "text.png", "large.gif")]
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", script, *paths],
        env={"PYTHONPATH": str(SRC)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    large, text, gif = done.stdout.splitlines()
    assert large == "is 50000×50000 pixels; AzureLogoSmall must be 48×48"
    assert text.startswith("is a damaged PNG")
    assert gif == "is a GIF; AzureLogoSmall must be a PNG"
    assert done.stderr == ""
