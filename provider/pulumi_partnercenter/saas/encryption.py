"""Encryption of what the database keeps and nobody else may read: marketplace tokens, states of sign-ins."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

__all__ = ["decrypt", "encrypt"]


def encrypt(keys: Sequence[str], text: str) -> str:
    """Return the text, encrypted by the first of the secrets."""
    return _cipher(keys).encrypt(text.encode()).decode()


def decrypt(keys: Sequence[str], text: str) -> str | None:
    """Return what was encrypted by one of the secrets; None if it was not, or was changed since."""
    try:
        return _cipher(keys).decrypt(text.encode()).decode()
    except InvalidToken:
        return None


def _cipher(keys: Sequence[str]) -> MultiFernet:
    digests = (hashlib.sha256(f"partnercenter saas {key}".encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
