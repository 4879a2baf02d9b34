"""Secrets with unmistakable values, and a search for them in every readable text."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

__all__ = ["Places", "spellings"]

HEAD = 12
"""Number of leading characters of a secret that count as a leak."""
BY_FORM = {
    "a JSON Web Token": re.compile(r"eyJ[\w-]{16,}\.[\w-]{16,}\.[\w-]+"),
    "a signature of an address": re.compile(r"(?i)\bsig(=|%3d)(?!…|\\u2026|%E2%80%A6)[^\s\"'&]{6}"),
    "a private key": re.compile("BEGIN [A-Z ]*PRIVATE KEY"),
}


def spellings(secret: str) -> set[str]:
    """Return the beginning of a secret as plain text, JSON, address and base64 (at any offset) spell it."""
    data = secret.encode()
    encodings = (
        base64.b64encode(b"-" * offset + data).decode()[-(-4 * offset // 3) :] for offset in range(3)
    )
    texts = [secret, json.dumps(secret)[1:-1], quote(secret, safe=""), quote_plus(secret), *encodings]
    return {text[:HEAD] for text in texts} | {base64.urlsafe_b64encode(data).decode()[:HEAD]}


@dataclass
class Places:
    """Readable texts by name, and the secrets that they must not contain."""

    secrets: dict[str, str]
    texts: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, text: str) -> None:
        assert name not in self.texts, f"{name} twice"
        self.texts[name] = text

    def findings(self) -> list[str]:
        """Return `client secret in up --json: …abc…` for each secret, form and place."""
        patterns = {
            name: re.compile("|".join(map(re.escape, spellings(secret))))
            for name, secret in self.secrets.items()
        }
        return [
            f"{name} in {place}: …{text[max(0, match.start() - 60) : match.end() + 20]}…"
            for name, pattern in {**patterns, **BY_FORM}.items()
            for place, text in self.texts.items()
            if (match := pattern.search(text))
        ]
