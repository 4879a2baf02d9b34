"""What people may be shown: texts of a program or a service without secrets and without what steers a terminal.

Every message, remark and log line passes `shown`. Secrets are known by `keep_secret`, which whoever uses one calls,
and by their form: signatures of addresses, keys in connection strings, JSON Web Tokens. A text is searched as it is
and as JSON, addresses and HTML decode it, several times over; base64 of a secret is searched for as well.
"""

from __future__ import annotations

import base64
import re
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
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
"""What the emulator takes for a token and a secret, which is none."""
SHORTEST_WORD, SHORTEST, HEAD = 6, 8, 12
"""Characters of a secret that is redacted only where it stands alone; of one that is redacted within words; of a part
of a longer one that gives it away."""
STEP = 5
"""Every so many characters of a secret a part is looked for: none of HEAD + STEP characters and more escapes."""
LONGEST = 4000
"""Characters of one text that is shown."""
SEARCHED, MARGIN = 12_000, 400
"""Characters of a text that are searched, and of its end that are not shown: a secret may be cut there."""
ROUNDS = 6
"""How often an escaped text may be escaped again."""
MOST = 256
"""Secrets that are remembered: those that were used last."""

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
    """Where people read messages: the engine's side of an operation."""

    def message(self, text: str, /) -> None:
        """Show a line that stays."""

    def progress(self, text: str, /) -> None:
        """Show a line that the next one replaces."""


class _Silent:
    def message(self, text: str, /) -> None: ...
    def progress(self, text: str, /) -> None: ...


SILENT: Host = _Silent()
"""Shows nothing."""


@dataclass(frozen=True)
class _Text:
    """Characters, and for each the stretch of the original text that it stands for."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> _Text:
        return cls(text, tuple(range(len(text))), tuple(range(1, len(text) + 1)))

    def decoded(self) -> _Text:
        """With each escape of JSON, addresses and HTML in its meaning."""
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
        """Without white space, which wraps and folds, and with one alphabet of base64."""
        kept = [number for number, character in enumerate(self.text) if not character.isspace()]
        text = _compared("".join(self.text[number] for number in kept))
        return _Text(
            text, tuple(self.starts[number] for number in kept), tuple(self.ends[number] for number in kept)
        )


def _compared(text: str) -> str:
    return "".join(text.split()).replace("-", "+").replace("_", "/")


def _meaning(escape: str) -> Iterator[tuple[str, int]]:
    """What an escape stands for, in characters, each with its length in the escape."""
    if escape.startswith("%"):
        yield from _percent_decoded(bytes.fromhex(escape.replace("%", "")))
    elif escape.startswith("&"):
        from html import unescape

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
    """A text as it is, and decoded until nothing is escaped any more."""
    current = _Text.of(text)
    for _ in range(ROUNDS):
        yield current
        if (decoded := current.decoded()).text == current.text:
            return
        current = decoded


class _Secrets:
    """The secrets that were used last, and where a text that holds one gives it away. Thread-safe."""

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
                entries.remove((needle, place))  # once: another secret may have the same needle
                if entries:
                    self._places[part] = entries
                else:
                    del self._places[part]

    def stretches(self, text: _Text) -> Iterator[tuple[int, int]]:
        """Stretches of the original text that hold a secret, or most of one."""
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
            if at + HEAD > done:  # else it lies in what was found already
                start, end = _extended(compared.text, at, needle_text, place)
                done = max(done, end)
                yield compared.starts[start], compared.ends[end - 1]


def _extended(text: str, at: int, needle: str, place: int) -> tuple[int, int]:
    """How far a text is the same as a secret on both sides of a place where it is."""
    start, end, before = at, at, place
    while start and before and text[start - 1] == needle[before - 1]:
        start, before = start - 1, before - 1
    while end < len(text) and place < len(needle) and text[end] == needle[place]:
        end, place = end + 1, place + 1
    return start, end


@dataclass(frozen=True)
class _Needle:
    """A spelling of a secret, as texts are compared.

    `public`: None where any part gives the secret away; else so many characters of its beginning do not, and only
    what follows them does: much of an address or a connection string is no secret.
    """

    text: str
    public: int | None = None

    def places(self) -> list[int]:
        """Where the parts begin that are looked for."""
        last = max(0, len(self.text) - HEAD)
        if self.public is not None:
            return [min(self.public, last)]
        return sorted({*range(0, last + 1, STEP), last})


def _needles(secret: str) -> Iterator[_Needle]:
    """A secret, the values inside it, and the base64 of each."""
    for level in _rounds(secret):
        for value in (level.text, *_values_in(level.text)):
            public = _public(value)
            yield _Needle(_compared(value), public)
            if " " in value:
                yield _Needle(_compared(value.replace(" ", "+")), public)
            if len(data := value.encode(errors="surrogatepass")) < SHORTEST:
                continue
            for shift in range(
                3
            ):  # behind other bytes base64 has one of three forms; the ends depend on those
                skipped = -(-4 * shift // 3)
                spelled = base64.b64encode(bytes(shift) + data).decode()[skipped:-4]
                yield _Needle(_compared(spelled), public and -(-4 * public // 3))


def _public(value: str) -> int | None:
    """How much of the beginning of a secret is none; None where every part is one."""
    if host := _ADDRESS.match(value):
        return len(_compared(host[0]))
    return 0 if ";" in value and _NAMED.search(value) else None


def _values_in(secret: str) -> Iterator[str]:
    """The keys in a connection string, the signatures in an address."""
    if _public(secret) is not None:
        end = (
            r"&;\s" if _ADDRESS.match(secret) else ";"
        )  # the keys of a connection string may hold anything else
        yield from (match[1] for match in re.finditer(rf"(?i)(?<![a-z_])(?:{_PARTS})=([^{end}]+)", secret))


_secrets = _Secrets()


def keep_secret(*secrets: str) -> None:
    """Let no text that is shown have these in it; of several lines, none of them.

    Only the last few hundred are remembered: whoever uses a secret says so again.
    """
    for secret in secrets:
        for line in secret.splitlines():
            if len(line.strip()) >= SHORTEST_WORD and line.strip() != WORD:
                _secrets.keep(line.strip())


def shown(text: str) -> str:
    """One line, or a part of one, for people."""
    text = escaped(redacted(text))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def redacted(text: str) -> str:
    """The text without secrets and without parts of them, however it spells them; cut when it is very long."""
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
    """Whether a text has an address with a signature or a key in its query: whoever has it may use it."""
    return "://" in text and bool(_SIGNED.search(text))


def escaped(text: str) -> str:
    """With its code in place of what is not printable: control characters, direction marks, half characters."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def is_harmless(id: str) -> bool:
    """Whether an id, parts between `/`, can stand in an address and lead nowhere else."""
    return (
        len(id) <= LONGEST
        and id.isprintable()
        and not set("?#\\ ()") & set(id)
        and not {".", ".."} & set(id.split("/")[:2])
    )


def no_such(name: str, names: Iterable[str]) -> str:
    import difflib

    close = difflib.get_close_matches(name, names, n=1)
    return f"{name}: no such argument" + (f"; did you mean {close[0]}?" if close else "")


def shortened(value: Any) -> str:
    """A value as messages show it: whole numbers without `.0`, long texts cut, their length told."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = repr(value)
    if len(text) <= 60:
        return text
    return f"{text[:57]}… ({len(value)} characters)" if isinstance(value, str) else f"{text[:57]}…"


def differences(values: Mapping[str, tuple[Any, Any]], secret: Collection[str], words: str) -> str:
    """What differs, by its path, in `words` about both values; of a secret the name alone."""
    shown = []
    for name, (current, desired) in values.items():
        parts = [] if name in secret else _apart(name, current, desired)
        shown += [
            f"{path} {words.format(shortened(before), shortened(after))}" for path, before, after in parts
        ] or [name]
    return "; ".join(shown)


def _apart(name: str, current: Any, desired: Any) -> Iterator[tuple[str, Any, Any]]:
    """The smallest parts in which two values differ, each with its path in `desired`: `contacts[1].phone`.

    Elements of lists are paired once those that both lists have are left out; lists of other lengths are told whole.
    """
    if current and isinstance(current, Mapping) and desired and isinstance(desired, Mapping):
        for key in {**current, **desired}:
            if current.get(key) != desired.get(key):
                yield from _apart(f"{name}.{key}", current.get(key), desired.get(key))
        return
    if isinstance(current, list) and isinstance(desired, list) and len(current) == len(desired):
        old = [element for element in current if element not in desired]
        new = [(number, element) for number, element in enumerate(desired) if element not in current]
        if old and len(old) == len(new):
            for before, (number, after) in zip(old, new, strict=True):
                yield from _apart(f"{name}[{number}]", before, after)
            return
    yield name, current, desired
