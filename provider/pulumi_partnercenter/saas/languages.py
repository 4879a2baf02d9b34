"""Languages of the pages: English in templates and code, others from the catalogues in `pages/locale`."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from starlette.requests import Request

__all__ = [
    "CATALOGUES",
    "COOKIE",
    "DEFAULT",
    "LANGUAGES",
    "choose_language",
    "find_locale",
    "load_translations",
    "translatable",
    "translate",
]

DEFAULT = "en"
LANGUAGES = {"en": "English", "de": "Deutsch", "ja": "日本語"}
"""Names of the languages in themselves, by their codes."""
FORMATS = {"en": "en_GB"}
"""Locales of dates and numbers that differ from the language's own: 26 Nov 2026, 18:31 means the same everywhere."""
COOKIE = "__Host-language"
CATALOGUES = Path(__file__).parent / "pages" / "locale"
LONGEST_HEADER = 500


def translatable(message: str) -> str:
    """Return the message as it is: marks it for the catalogues, where it is translated later."""
    return message


def translate(language: str, message: str) -> str:
    """Translate a message; what no catalogue has stays as it is."""
    return load_translations(language).gettext(message) if message else ""


def choose_language(request: Request) -> str:
    """Return the code of the language that the visitor chose, else of the first that the browser asks for."""
    chosen = (request.query_params.get("language"), request.cookies.get(COOKIE))
    accepted = _read_accepted(request.headers.get("accept-language", ""))
    return next((code for code in (*chosen, *accepted) if code in LANGUAGES), DEFAULT)


def _read_accepted(header: str) -> Iterator[str]:
    """Yield the languages of `Accept-Language`, without regions, the most wanted first."""
    weights: dict[str, float] = {}
    for part in header[:LONGEST_HEADER].split(","):
        tag, _, parameter = part.partition(";")
        _, _, number = parameter.partition("=")
        try:
            weight = float(number) if number else 1.0
        except ValueError:
            continue
        if weight > 0:
            weights.setdefault(tag.strip().partition("-")[0].lower(), weight)
    yield from sorted(weights, key=lambda code: -weights[code])


@functools.cache
def find_locale(language: str) -> Locale:
    """Return the locale that writes dates and numbers."""
    return Locale.parse(FORMATS.get(language, language))


@functools.cache
def load_translations(language: str) -> NullTranslations:
    """Read the catalogue of a language; English has none."""
    if language == DEFAULT:
        return NullTranslations()
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)
