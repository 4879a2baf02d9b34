"""Catalogues of the SaaS service's pages, kept equal to the texts of templates and code.

    .venv/bin/python -m provider.tools.translations

writes the catalogues anew and prints the messages that have no translation.
Translations are written by hand, in `saas/pages/locale/*.po`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from pulumi_partnercenter.saas.languages import CATALOGUES, DEFAULT, LANGUAGES

SERVICE = CATALOGUES.parents[1]
METHODS = [("pages/templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"pages/templates/**.html": {"trimmed": "true", "silent": "false"}}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "translatable": None}


def extract_messages() -> Catalog:
    """Return every text of templates and code that is translated."""
    catalogue = Catalog()
    extracted = extract_from_dir(
        str(SERVICE), method_map=METHODS, options_map=OPTIONS, keywords=KEYWORDS, comment_tags=()
    )
    for file_name, _, message, _, context in extracted:
        path = (SERVICE / file_name).relative_to(SERVICE).as_posix()
        catalogue.add(message, locations=[(path, None)], context=context)  # type: ignore[list-item]
    return catalogue


def generated() -> dict[Path, str]:
    """Return the text of every catalogue: messages in the order of the alphabet, with the translations that exist."""
    messages = extract_messages()
    return {
        path: _write(_read(path, language), messages)
        for language in LANGUAGES
        if language != DEFAULT
        for path in [CATALOGUES / f"{language}.po"]
    }


def list_missing() -> Iterator[tuple[str, str]]:
    """Yield language and message of every text without a translation, or with one that was guessed."""
    for path, text in generated().items():
        for message in read_po(io.BytesIO(text.encode())):
            translations = [message.string] if isinstance(message.string, str) else message.string or [""]
            if message.id and (message.fuzzy or not all(translations)):
                yield path.stem, message.id if isinstance(message.id, str) else message.id[0]


def _read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _write(catalogue: Catalog, messages: Catalog) -> str:
    new = Catalog(locale=catalogue.locale, fuzzy=False)
    for message in messages:
        if message.id:
            former = catalogue.get(message.id, message.context)
            new.add(message.id, former.string if former else "", message.locations, context=message.context)
    content = io.BytesIO()
    write_po(content, new, width=0, omit_header=True, sort_output=True)
    header = (
        'msgid ""\nmsgstr ""\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Plural-Forms: {new.plural_forms}\\n"\n\n'
    )
    return header + content.getvalue().decode().strip() + "\n"


def main() -> None:
    for path, text in generated().items():
        path.write_text(text, encoding="utf-8")
    for language, message in list_missing():
        print(f"{language}: {message}")


if __name__ == "__main__":
    main()
