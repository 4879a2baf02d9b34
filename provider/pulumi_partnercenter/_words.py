"""How a broken rule and a value are told to people."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

import pulumi

__all__ = ["no_such", "shortened", "told_in_words"]

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
            raise pulumi.RunError(f"{who}: {words}") from None
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
