"""Redaction: texts for people have no secrets and no control characters of a terminal.

Every message, remark and log line passes `shown`. Secrets are registered with `keep_secret` by the code that uses them,
or recognised by their form: signatures of addresses, keys in connection strings, JSON Web Tokens. The search covers a
text as it is and as JSON, addresses and HTML decode it, several times over, and base64 of a secret.
"""

from __future__ import annotations

import base64
import difflib
import re
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any, Protocol

__all__ = [
    "SILENT",
    "WORD",
    "Host",
    "differences",
    "escaped",
    "is_harmless",
    "is_signed",
    "keep_secret",
    "no_such",
    "redacted",
    "shortened",
    "shown",
]

WORD = "emulator"
"""Token and secret of the emulator, which is not a secret."""
SHORTEST_WORD, SHORTEST, HEAD = 6, 8, 12
"""Lengths in characters: of the shortest secret that is redacted as a whole word, of the shortest that is redacted
within
words, and of a part of a secret that counts as a leak.
"""
STEP = 5
"""Distance between the searched parts of a secret: the search finds every part of at least HEAD + STEP characters."""
LONGEST = 4000
"""Maximum length of a text that is shown."""
SEARCHED, MARGIN = 12_000, 400
"""Searched characters of a text, and those at its end that are dropped because a secret may be cut there."""
ROUNDS = 6
"""Maximum number of nested escapes that are decoded."""
MOST = 256
"""Maximum number of registered secrets; the least recently used are dropped."""

_PARTS = (
    r"sig|signature|access_?token|refresh_?token|id_?token|client_?secret|client_?assertion|code|password|pwd"
    r"|account_?key|shared_?access_?key|shared_?access_?signature|application_?key|api_?key|subscription-key"
)
_NAMED = re.compile(rf"(?i)(?<![a-z_])(?:{_PARTS})\s?=\s?([^&;\s\"'<>\\]+)")
_NAMED_IN_JSON = re.compile(
    r"(?i)\"(?:access_?token|refresh_?token|id_?token|client_?secret|client_?assertion|password"
    r"|connectionString|application_?key|account_?key)\"\s*:\s*\"([^\"]+)"
)
_TOKENS = re.compile(r"((?<![\w-])[\w-]{16,}+\.[\w-]{16,}+\.[\w-]+)")
_SIGNED = re.compile(rf"(?i)https?://[^\s?#]*\?(?:[^\s#]*&)?(?:{_PARTS}|key|token)=[^&#\s]")
_FORMS = (_NAMED, _NAMED_IN_JSON, _TOKENS)
_ADDRESS = re.compile(r"https?://[^/?#\s]+/?", re.IGNORECASE)
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}"
    r"|\\[\"'\\/bfnrt]|(?:%[0-9a-fA-F]{2})+|&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});"
)
_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Host(Protocol):
    """Receiver of messages for people: the engine's side of an operation."""

    def message(self, text: str, /) -> None:
        """Show a permanent line."""

    def progress(self, text: str, /) -> None:
        """Show a line that the next one replaces."""


class _Silent:
    def message(self, text: str, /) -> None: ...
    def progress(self, text: str, /) -> None: ...


SILENT: Host = _Silent()
"""A host that shows nothing."""


@dataclass(frozen=True)
class _Text:
    """Characters, each with the range of the original text that it stands for."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> _Text:
        return cls(text, tuple(range(len(text))), tuple(range(1, len(text) + 1)))

    def decoded(self) -> _Text:
        """Decode each escape of JSON, addresses and HTML once."""
        parts, starts, ends, done = list[str](), list[int](), list[int](), 0

        def copy(end: int) -> None:
            parts.append(self.text[done:end])
            starts.extend(self.starts[done:end])
            ends.extend(self.ends[done:end])

        for escape in _ESCAPE.finditer(self.text):
            copy(escape.start())
            done = escape.start()
            for characters, length in _meaning(escape[0]):
                for character in characters:
                    parts.append(character)
                    starts.append(self.starts[done])
                    ends.append(self.ends[done + length - 1])
                done += length
        copy(len(self.text))
        return _Text("".join(parts), tuple(starts), tuple(ends))

    def compared(self) -> _Text:
        """Drop white space, because lines may be wrapped, and use one alphabet of base64."""
        kept = [number for number, character in enumerate(self.text) if not character.isspace()]
        text = _compared("".join(self.text[number] for number in kept))
        return _Text(
            text, tuple(self.starts[number] for number in kept), tuple(self.ends[number] for number in kept)
        )


def _compared(text: str) -> str:
    return "".join(text.split()).replace("-", "+").replace("_", "/")


def _meaning(escape: str) -> Iterator[tuple[str, int]]:
    """Yield the characters that an escape stands for, each with its length in the escape."""
    if escape.startswith("%"):
        yield from _percent_decoded(bytes.fromhex(escape.replace("%", "")))
    elif escape.startswith("&"):
        yield unescape(escape), len(escape)
    elif escape[1] in "ux":
        units = bytes.fromhex("".join(f"{unit:0>4}" for unit in re.findall(r"\\[ux]([0-9a-fA-F]+)", escape)))
        yield units.decode("utf-16-be", "surrogatepass"), len(escape)
    else:
        yield _CONTROLS.get(escape[1], escape[1]), len(escape)


def _percent_decoded(data: bytes) -> Iterator[tuple[str, int]]:
    while data:
        for size in (1, 2, 3, 4):
            try:
                character = data[:size].decode()
            except UnicodeDecodeError:
                continue
            break
        else:
            size, character = 1, chr(data[0])
        size = min(size, len(data))
        yield character, 3 * size
        data = data[size:]


def _rounds(text: str) -> Iterator[_Text]:
    """Yield a text as it is, and decoded until no escape is left."""
    current = _Text.of(text)
    for _ in range(ROUNDS):
        yield current
        if (decoded := current.decoded()).text == current.text:
            return
        current = decoded


class _Secrets:
    """The registered secrets, and the search for them in a text. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._needles: OrderedDict[str, list[_Needle]] = OrderedDict()
        self._places: dict[str, list[tuple[_Needle, int]]] = {}
        self._words: re.Pattern[str] | None = None

    def __len__(self) -> int:
        return len(self._needles)

    def keep(self, secret: str) -> None:
        with self._lock:
            if secret in self._needles:
                self._needles.move_to_end(secret)
                return
            needles = [needle for needle in dict.fromkeys(_needles(secret)) if len(needle.text) >= SHORTEST]
            self._needles[secret] = needles
            for needle in needles:
                for place in needle.places():
                    part = needle.text[place : place + HEAD]
                    self._places[part] = [*self._places.get(part, []), (needle, place)]
            while len(self._needles) > MOST:
                self._forget(self._needles.popitem(last=False)[1])
            words = [re.escape(word) for word in self._needles if len(_compared(word)) < SHORTEST]
            self._words = re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)") if words else None

    def _forget(self, needles: list[_Needle]) -> None:
        for needle in needles:
            for place in needle.places():
                part = needle.text[place : place + HEAD]
                entries = list(self._places[part])
                # Removes a single entry: another secret may have the same needle.
                entries.remove((needle, place))
                if entries:
                    self._places[part] = entries
                else:
                    del self._places[part]

    def stretches(self, text: _Text) -> Iterator[tuple[int, int]]:
        """Yield ranges of the original text that hold a secret, or most of it."""
        compared = text.compared()
        with self._lock:
            words = self._words
            places = [
                (at, needle.text, place)
                for at in range(len(compared.text))
                for size in range(SHORTEST, HEAD + 1)
                for needle, place in self._places.get(compared.text[at : at + size], ())
            ]
        for match in words.finditer(text.text) if words else ():
            yield text.starts[match.start()], text.ends[match.end() - 1]
        done = 0
        for at, needle_text, place in places:
            if at + HEAD > done:  # otherwise an earlier range covers this one
                start, end = _extended(compared.text, at, needle_text, place)
                done = max(done, end)
                yield compared.starts[start], compared.ends[end - 1]


def _extended(text: str, at: int, needle: str, place: int) -> tuple[int, int]:
    """Return the range around a common part in which text and secret are equal."""
    start, end, before = at, at, place
    while start and before and text[start - 1] == needle[before - 1]:
        start, before = start - 1, before - 1
    while end < len(text) and place < len(needle) and text[end] == needle[place]:
        end, place = end + 1, place + 1
    return start, end


@dataclass(frozen=True)
class _Needle:
    """A spelling of a secret, in the form in which texts are compared.

    `public`: None if any part is secret. Otherwise the number of leading characters that are public, such as the
    host of
    an address: a text must have characters after them to count as a leak.
    """

    text: str
    public: int | None = None

    def places(self) -> list[int]:
        """Return the starts of the searched parts."""
        last = max(0, len(self.text) - HEAD)
        if self.public is not None:
            return [min(self.public, last)]
        return sorted({*range(0, last + 1, STEP), last})


def _needles(secret: str) -> Iterator[_Needle]:
    """Yield a secret, the values inside it, and the base64 of each."""
    for level in _rounds(secret):
        for value in (level.text, *_values_in(level.text)):
            public = _public(value)
            yield _Needle(_compared(value), public)
            if " " in value:
                yield _Needle(_compared(value.replace(" ", "+")), public)
            if len(data := value.encode(errors="surrogatepass")) < SHORTEST:
                continue
            # Base64 depends on the position of a byte modulo 3. The first and last digits depend on the neighbours.
            for shift in range(3):
                skipped = -(-4 * shift // 3)
                spelled = base64.b64encode(bytes(shift) + data).decode()[skipped:-4]
                yield _Needle(_compared(spelled), public and -(-4 * public // 3))


def _public(value: str) -> int | None:
    """Return the number of leading characters of a secret that are public; None if every part is secret."""
    if host := _ADDRESS.match(value):
        return len(_compared(host[0]))
    return 0 if ";" in value and _NAMED.search(value) else None


def _values_in(secret: str) -> Iterator[str]:
    """Yield the keys in a connection string, and the signatures in an address."""
    if _public(secret) is not None:
        # Keys in a connection string may hold any character but a semicolon.
        end = r"&;\s" if _ADDRESS.match(secret) else ";"
        yield from (match[1] for match in re.finditer(rf"(?i)(?<![a-z_])(?:{_PARTS})=([^{end}]+)", secret))


_secrets = _Secrets()


def keep_secret(*secrets: str) -> None:
    """Register secrets for redaction; of a secret with several lines, every line.

    Only the most recent secrets are remembered, so code that uses a secret registers it each time.
    """
    for secret in secrets:
        for line in secret.splitlines():
            if len(line.strip()) >= SHORTEST_WORD and line.strip() != WORD:
                _secrets.keep(line.strip())


def shown(text: str) -> str:
    """Return a line, or a part of a line, for people: redacted, escaped and shortened."""
    text = escaped(redacted(text))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def redacted(text: str) -> str:
    """Return the text without secrets and parts of them, in any spelling; cut if it is very long."""
    cut = text[:SEARCHED]
    stretches = list[tuple[int, int]]()
    for start, end in sorted(
        stretch for level in _rounds(cut) for stretch in (*_secrets.stretches(level), *_by_form(level))
    ):
        if stretches and start <= stretches[-1][1]:
            start, end = stretches[-1][0], max(end, stretches.pop()[1])  # noqa: PLW2901
        stretches.append((start, end))
    parts, done = list[str](), 0
    for start, end in stretches:
        parts += [cut[done:start], "…"]
        done = end
    if len(text) > SEARCHED:
        parts += [cut[done : max(done, SEARCHED - MARGIN)], "…"]
    else:
        parts.append(cut[done:])
    return "".join(parts)


def _by_form(level: _Text) -> Iterator[tuple[int, int]]:
    for form in _FORMS:
        for match in form.finditer(level.text):
            yield level.starts[match.start(1)], level.ends[match.end(1) - 1]


def is_signed(text: str) -> bool:
    """Return whether a text has an address with a signature or key in its query, which alone grants access."""
    return "://" in text and bool(_SIGNED.search(text))


def escaped(text: str) -> str:
    """Escape characters that are not printable: control characters, direction marks, lone surrogates."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def is_harmless(id: str) -> bool:
    """Return whether an id with parts between `/` is safe as a part of a request's path."""
    return (
        len(id) <= LONGEST
        and id.isprintable()
        and not set("?#\\ ()") & set(id)
        and not {".", ".."} & set(id.split("/")[:2])
    )


def no_such(name: str, names: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1)
    return f"{name}: no such argument" + (f"; did you mean {close[0]}?" if close else "")


def shortened(value: Any) -> str:
    """Return a value for messages: whole numbers without `.0`, long texts cut with their length."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = repr(value)
    if len(text) <= 60:
        return text
    return f"{text[:57]}… ({len(value)} characters)" if isinstance(value, str) else f"{text[:57]}…"


def differences(values: Mapping[str, tuple[Any, Any]], secret: Collection[str], words: str) -> str:
    """Describe differences by path, with both values in `words`; for a secret only the name."""
    shown = []
    for name, (current, desired) in values.items():
        parts = [] if name in secret else _apart(name, current, desired)
        shown += [
            f"{path} {words.format(shortened(before), shortened(after))}" for path, before, after in parts
        ] or [name]
    return "; ".join(shown)


_ELEMENT_IDS = ("plan_id", "id")
"""Members that identify an element of a list."""


def _apart(name: str, current: Any, desired: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield the smallest parts in which two values differ, each with its path in `desired`: `contacts[1].phone`.

    Elements of lists are paired by their ids: `plans[gold].title`. Without ids they are paired after removing those in
    both lists, and lists of different lengths are yielded whole.
    """
    if current and isinstance(current, Mapping) and desired and isinstance(desired, Mapping):
        for key in {**current, **desired}:
            if current.get(key) != desired.get(key):
                yield from _apart(f"{name}.{key}", current.get(key), desired.get(key))
        return
    if isinstance(current, list) and isinstance(desired, list) and (pairs := _pair_by_id(current, desired)):
        for id, (before, after) in pairs.items():
            yield from _apart(f"{name}[{id}]", before, after)
        return
    if isinstance(current, list) and isinstance(desired, list) and len(current) == len(desired):
        old = [element for element in current if element not in desired]
        new = [(number, element) for number, element in enumerate(desired) if element not in current]
        if old and len(old) == len(new):
            for before, (number, after) in zip(old, new, strict=True):
                yield from _apart(f"{name}[{number}]", before, after)
            return
    yield name, current, desired


def _pair_by_id(current: list[Any], desired: list[Any]) -> dict[str, tuple[Any, Any]]:
    """Return the elements that differ by id, None for a missing one; nothing if an element has no id of its own."""
    for key in _ELEMENT_IDS:
        before, after = _index_elements(current, key), _index_elements(desired, key)
        if before and after:
            ids = {**before, **after}
            return {id: (before.get(id), after.get(id)) for id in ids if before.get(id) != after.get(id)}
    return {}


def _index_elements(elements: list[Any], key: str) -> dict[str, Any]:
    """Return objects by their id, with the id as first member; nothing if one has no id, or that of another one."""
    by_id = {
        element[key]: {key: element[key], **dict(sorted(element.items()))}
        for element in elements
        if isinstance(element, Mapping) and isinstance(element.get(key), str) and element[key].isprintable()
    }
    return by_id if len(by_id) == len(elements) else {}
