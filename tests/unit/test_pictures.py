"""Pictures: the format, the size and the completeness of their bytes."""

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

PROVIDER = Path(__file__).parents[2] / "provider"


def picture(width: int, height: int, format_name: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (0, 90, 158)).save(buffer, format_name)
    return buffer.getvalue()


def picture_problem(data: bytes, kind: str, name: str = "logo.png") -> str | None:
    return problem(Content(name, len(data), lambda: io.BytesIO(data)), kind)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """A PNG without pixels, whose header claims this size."""
    header = chunk(b"IHDR", struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + header
        + b"".join(chunks)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


VALID_SIZES = {
    "AzureLogoSmall": [(48, 48)],
    "AzureLogoMedium": [(90, 90)],
    "AzureLogoLarge": [(216, 216), (300, 300), (350, 350)],
    "AzureLogoWide": [(255, 115)],
    "AzureLogoHero": [(815, 290)],
    "AzureLogoScreenshot": [(1280, 720)],
    "Screenshot": [(1280, 720)],
    "VideoThumbnail": [(1280, 720)],
}


def test_every_kind_of_picture_has_an_example_of_its_size() -> None:
    assert set(VALID_SIZES) == set(SIZES)


@pytest.mark.parametrize(
    ("kind", "size"), [(kind, size) for kind, sizes in VALID_SIZES.items() for size in sizes]
)
def test_a_picture_of_a_valid_size_is_accepted_and_one_pixel_more_or_less_refused(
    kind: str, size: tuple[int, int]
) -> None:
    width, height = size
    assert picture_problem(picture(width, height), kind) is None
    for other in ((width + 1, height), (width, height - 1), (height + 500, width)):
        message = picture_problem(picture(*other), kind)
        assert message
        assert message.startswith(f"is {other[0]}×{other[1]} pixels; {kind} must be ")


@pytest.mark.parametrize(
    ("size", "kind", "message"),
    [
        ((215, 215), "AzureLogoLarge", "is 215×215 pixels; AzureLogoLarge must be square, 216 to 350"),
        ((351, 351), "AzureLogoLarge", "is 351×351 pixels; AzureLogoLarge must be square, 216 to 350"),
        ((300, 216), "AzureLogoLarge", "is 300×216 pixels; AzureLogoLarge must be square, 216 to 350"),
        ((115, 255), "AzureLogoWide", "is 115×255 pixels; AzureLogoWide must be 255×115"),
        ((48, 49), "azureLogoSmall", "is 48×49 pixels; azureLogoSmall must be 48×48"),
    ],
)
def test_the_message_names_the_size_of_the_picture_and_the_rule(
    size: tuple[int, int], kind: str, message: str
) -> None:
    assert picture_problem(picture(*size), kind) == message


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "I;16"])
def test_a_png_of_any_mode_is_accepted(mode: str) -> None:
    buffer = io.BytesIO()
    Image.new(mode, (48, 48)).save(buffer, "PNG")
    assert picture_problem(buffer.getvalue(), "AzureLogoSmall") is None


@pytest.mark.parametrize("name", ["logo.png", "logo.jpg", ""])
def test_the_format_of_a_picture_follows_from_its_bytes_and_not_its_name(name: str) -> None:
    for format_name, description in [
        ("JPEG", "a JPEG"),
        ("GIF", "a GIF"),
        ("BMP", "a BMP"),
        ("WEBP", "a WEBP"),
        ("ICO", "an ICO"),
    ]:
        assert (
            picture_problem(picture(48, 48, format_name), "AzureLogoSmall", name)
            == f"is {description}; AzureLogoSmall must be a PNG"
        )
    assert picture_problem(picture(48, 48), "AzureLogoSmall", name) is None


@pytest.mark.parametrize(
    ("data", "description"),
    [
        (b"", "is empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not a picture that can be recognised"),
        (b"\x89PNG", "is not a picture that can be recognised"),
    ],
)
def test_content_that_is_not_a_picture_is_refused(data: bytes, description: str) -> None:
    assert picture_problem(data, "Screenshot") == f"{description}; Screenshot must be a PNG"


def test_an_unknown_kind_of_picture_must_be_a_png_of_any_size() -> None:
    assert picture_problem(picture(7, 3), "SomethingNew") is None
    assert picture_problem(picture(7, 3, "JPEG"), "SomethingNew") == "is a JPEG; SomethingNew must be a PNG"


PICTURE = picture(48, 48)
END = 12
"""Size of a PNG's last chunk: length, name and checksum. Readers check only its name."""


@given(length=st.integers(8, len(PICTURE) - END))
@settings(deadline=None)
def test_a_truncated_picture_is_damaged(length: int) -> None:
    assert str(picture_problem(PICTURE[:length], "AzureLogoSmall")).startswith("is a damaged PNG")


@given(position=st.integers(8, len(PICTURE) - END - 1), byte=st.integers(0, 255))
@settings(deadline=None)
def test_a_picture_with_a_changed_byte_is_damaged(position: int, byte: int) -> None:
    data = PICTURE[:position] + bytes([byte]) + PICTURE[position + 1 :]
    message = picture_problem(data, "AzureLogoSmall")
    assert message is None if data == PICTURE else message


@given(
    tail=st.binary(max_size=200),
    chunks=st.lists(
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
def test_malformed_pictures_give_a_message(tail: bytes, chunks: list[tuple[bytes, bytes]]) -> None:
    """Random chunks with right checksums after a right header, then random bytes."""
    data = png(48, 48, *(chunk(*part) for part in chunks)) + tail
    for content in (data, b"\x89PNG\r\n\x1a\n" + tail):
        message = picture_problem(content, "AzureLogoSmall")
        assert message is None or message.startswith("is ")


def test_decompression_bombs_are_refused_without_a_warning(tmp_path: Path) -> None:
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
    result = subprocess.run(
        [sys.executable, "-W", "always", "-c", script, *paths],
        env={"PYTHONPATH": str(PROVIDER)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    large, text, gif = result.stdout.splitlines()
    assert large == "is 50000×50000 pixels; AzureLogoSmall must be 48×48"
    assert text.startswith("is a damaged PNG")
    assert gif == "is a GIF; AzureLogoSmall must be a PNG"
    assert result.stderr == ""
