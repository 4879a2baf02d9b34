"""How a broken rule and a value are told to people."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar, cast

import pulumi

from ._shown import shown

__all__ = ["differences", "no_such", "shortened", "told_in_words"]

F = TypeVar("F", bound=Callable[..., Any])


def told_in_words(init: F) -> F:
    """A constructor whose wrong call is told as every other mistake is: by a sentence, not by a traceback."""
    signature = inspect.signature(init)

    @functools.wraps(init)
    def called(self: object, *args: Any, **named: Any) -> None:
        try:
            signature.bind(self, *args, **named)
        except TypeError as error:
            unknown = next((name for name in named if name not in signature.parameters), "")
            words = no_such(unknown, signature.parameters) if unknown else str(error)
            who = f"{type(self).__name__} {args[0]!r}" if args else type(self).__name__
            raise pulumi.RunError(shown(f"{who}: {words}")) from None
        init(self, *args, **named)

    return cast("F", called)


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
    for name, (there, wanted) in values.items():
        parts = [] if name in secret else _apart(name, there, wanted)
        shown += [f"{path} {words.format(shortened(one), shortened(two))}" for path, one, two in parts] or [
            name
        ]
    return "; ".join(shown)


def _apart(name: str, there: Any, wanted: Any) -> Iterator[tuple[str, Any, Any]]:
    """The smallest parts in which two values differ, each with its path in `wanted`: `contacts[1].phone`.

    Elements of lists are paired once those that both lists have are left out; lists of other lengths are told whole.
    """
    if there and isinstance(there, Mapping) and wanted and isinstance(wanted, Mapping):
        for key in {**there, **wanted}:
            if there.get(key) != wanted.get(key):
                yield from _apart(f"{name}.{key}", there.get(key), wanted.get(key))
        return
    if isinstance(there, list) and isinstance(wanted, list) and len(there) == len(wanted):
        old = [each for each in there if each not in wanted]
        new = [(number, each) for number, each in enumerate(wanted) if each not in there]
        if old and len(old) == len(new):
            for before, (number, after) in zip(old, new, strict=True):
                yield from _apart(f"{name}[{number}]", before, after)
            return
    yield name, there, wanted
