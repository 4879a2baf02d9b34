"""What people may be shown: texts of a program or a service without secrets and without what steers a terminal.

Every message, remark and log line passes `shown`. Secrets are known by `keep_secret`, which whoever reads one calls,
and by their form: signatures of addresses, keys in connection strings, JSON Web Tokens.
"""

from __future__ import annotations

import base64
import itertools
import json
import re
from urllib.parse import quote, quote_plus

__all__ = ["WORD", "escaped", "is_harmless", "keep_secret", "redacted", "shown"]

WORD = "emulator"
"""What the emulator takes for a token and a secret, which is none."""
SHORTEST, HEAD = 8, 12
"""Shorter words are not known as secrets, because other words hold them; so much of a longer one gives it away."""
LONGEST = 4000
"""Characters of one text that is shown."""

_kept: dict[str, tuple[str, ...]] = {}
"""Secrets of this process, and every spelling of each."""
_NAMED = re.compile(
    r"(?i)(?<![a-z_])(sig|signature|access_?token|client_?secret|client_?assertion|code|password|pwd"
    r"|account_?key|shared_?access_?key|shared_?access_?signature|application_?key)(=|%3d)[^&;\s\"'<>\\]+"
)
_TOKENS = re.compile(r"(?<![\w-])[\w-]{16,}+\.[\w-]{16,}+\.[\w-]+")


def keep_secret(*secrets: str) -> None:
    """From now on no text that is shown has these in it; what has several lines, none of them."""
    for secret in secrets:
        for line in secret.splitlines():
            if len(line.strip()) >= SHORTEST and line.strip() != WORD:
                _kept[line.strip()] = tuple(_spellings(line.strip()))


def shown(text: str) -> str:
    """One line, or a part of one, for people."""
    text = escaped(redacted(text))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def redacted(text: str) -> str:
    """The text without secrets, also without the beginning of one, and as JSON, addresses and base64 spell it."""
    for spellings in tuple(_kept.values()):
        for spelling in spellings:
            text = _without(text, spelling)
    return _TOKENS.sub("…", _NAMED.sub(r"\1\2…", text))


def escaped(text: str) -> str:
    """With its code in place of what is not printable: control characters, direction marks, half characters."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def is_harmless(id: str) -> bool:
    """Whether an id, parts between `/`, can stand in an address and lead nowhere else."""
    return (
        len(id) <= LONGEST
        and id.isprintable()
        and not set("?#\\ ()") & set(id)
        and not {".", ".."} & set(id.split("/")[:2])
    )


def _spellings(secret: str) -> list[str]:
    data = secret.encode(errors="surrogatepass")
    # Behind other bytes base64 has one of three forms; what the neighbours decide is left out.
    aligned = [base64.b64encode(bytes(at) + data).decode()[-(-4 * at // 3) : -4] for at in range(3)]
    found = [
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret).replace("+", "\\u002B").replace("&", "\\u0026")[1:-1],
        quote(secret, safe="", errors="replace"),
        quote_plus(secret, errors="replace"),
        *aligned,
        *(each.replace("+", "-").replace("/", "_") for each in aligned),
    ]
    return [each for each in dict.fromkeys(found) if len(each) >= SHORTEST]


def _without(text: str, secret: str) -> str:
    head, parts, done = secret[:HEAD], [], 0
    while (at := text.find(head, done)) >= 0:
        parts += [text[done:at], "…"]
        pairs = zip(text[at : at + len(secret)], secret, strict=False)
        done = at + sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
    return "".join([*parts, text[done:]])
