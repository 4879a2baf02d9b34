"""JSON files as Azure Resource Manager reads them: extensions of JSON become remarks."""

from __future__ import annotations

import codecs
import json
from typing import Any

from ..strict_json import NestedTooDeeply, refuse_constant

__all__ = ["read_template_json"]

SNIPPET = 40
"""Length of the text that a message quotes from the place of a mistake."""
MARKS = {
    codecs.BOM_UTF8: ("utf-8", "UTF-8"),
    codecs.BOM_UTF32_LE: ("utf-32-le", "UTF-32"),
    codecs.BOM_UTF32_BE: ("utf-32-be", "UTF-32"),
    codecs.BOM_UTF16_LE: ("utf-16-le", "UTF-16"),
    codecs.BOM_UTF16_BE: ("utf-16-be", "UTF-16"),
}
"""Byte order marks. Of two with the same beginning, the longer one is first."""


def read_template_json(data: bytes) -> tuple[Any, list[str]]:
    """Return the value of a file, and a remark for each extension that other readers of JSON refuse.

    Raises ValueError for invalid JSON; NestedTooDeeply for JSON that this process cannot read.
    """
    remarks: list[str] = []
    text = _text(data, remarks)
    try:
        return _value(text, remarks), remarks
    except RecursionError:
        raise NestedTooDeeply from None
    except ValueError as error:
        raise ValueError(f"must be JSON: {error}") from None


def _text(data: bytes, remarks: list[str]) -> str:
    """Decode by RFC 8259, section 8.1: UTF-8 without a byte order mark; readers may skip the mark."""
    for mark, (encoding, name) in MARKS.items():
        if data.startswith(mark):
            try:
                text = data[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                place = len(mark) + error.start
                raise ValueError(f"must be UTF-8: it begins as {name}, and byte {place} is not") from None
            remarks.append(
                "begins with a byte order mark, which not every reader skips; save it as UTF-8 without one"
                if name == "UTF-8"
                else f"is {name}, and JSON is UTF-8; save it as UTF-8 (editors: save with encoding; PowerShell 7:"
                " Set-Content -Encoding utf8)"
            )
            return text
    encoding = json.detect_encoding(data)
    if encoding != "utf-8":
        raise ValueError(
            f"must be UTF-8: it is {encoding.upper()} without a byte order mark; save it as UTF-8"
        )
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"must be UTF-8: byte {error.start} is not") from None


def _value(text: str, remarks: list[str]) -> Any:
    """Parse JSON with strings of several lines, as Azure's templates allow ("Template syntax", multi-line strings)."""
    import jsonc

    repeated: dict[str, None] = {}

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs):
            names = [name for name, _ in pairs]
            repeated.update((name, None) for name in value if names.count(name) > 1)
        return value

    options: dict[str, Any] = {
        "strict": False,
        "object_pairs_hook": members,
        "parse_constant": refuse_constant,
    }
    try:
        value = json.loads(text, **options)
    except json.JSONDecodeError as plain:
        repeated.clear()
        try:
            value = jsonc.loads(text, **options)
        except json.JSONDecodeError as error:
            raise ValueError(_mistake(text, plain, error)) from None
        remarks.append(
            f"has comments or trailing commas, first at {_place(plain)}: Partner Center takes them, but a"
            " deployment from the portal may not"
        )
    if repeated:
        remarks.append(f"has {', '.join(map(ascii, repeated))} twice in one object: the last one counts")
    return value


def _mistake(text: str, plain: json.JSONDecodeError, error: json.JSONDecodeError) -> str:
    """Return the mistake and its place: line and column, or, after comments were removed, the text at the place."""
    if error.doc.rstrip("\n") == text.rstrip("\n"):
        return f"{plain.msg} at {_place(plain)}"
    snippet = error.doc[error.pos :].strip()[:SNIPPET].partition("\n")[0]
    return (
        f"{error.msg} at {json.dumps(snippet, ensure_ascii=False)}" if snippet else f"{error.msg} at its end"
    )


def _place(error: json.JSONDecodeError) -> str:
    return f"line {error.lineno}, column {error.colno}"
