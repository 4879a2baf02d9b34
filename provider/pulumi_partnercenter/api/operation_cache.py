"""What the requests of one operation share."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

__all__ = ["Shared"]

T = TypeVar("T")


class Shared:
    """Answers that one operation shares, by key; each is fetched once, also when several threads want it."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, ...], Any] = {}
        self._fetching: dict[tuple[str, ...], threading.Lock] = {}
        self._lock = threading.Lock()
        self._changing = Counter[tuple[str, ...]]()
        self._changed = threading.Condition()

    def get(self, key: tuple[str, ...], fetch: Callable[[], T]) -> T:
        with self._lock:
            fetching = self._fetching.setdefault(key, threading.Lock())
        with fetching:
            with self._lock:
                if key in self._answers:
                    return self._answers[key]  # type: ignore[no-any-return]
            answer = fetch()
            self.put(key, answer)
            return answer

    def put(self, key: tuple[str, ...], answer: Any) -> None:
        with self._lock:
            self._answers[key] = answer

    def change(self, key: tuple[str, ...], how: Callable[[Any], Any]) -> None:
        """Keep a shared answer true after a write of ours, if there is one."""
        with self._lock:
            if key in self._answers:
                self._answers[key] = how(self._answers[key])

    def take(self, key: tuple[str, ...]) -> Any:
        """The answer, once: None when there is none, or it was taken."""
        with self._lock:
            return self._answers.pop(key, None)

    def forget(self, *prefix: str) -> None:
        with self._lock:
            for key in [key for key in self._answers if key[: len(prefix)] == prefix]:
                del self._answers[key]

    @contextmanager
    def changing(self, *key: str) -> Iterator[None]:
        """While this lasts, what `settled` guards would be out of date at once. Inside, nobody asks for it."""
        with self._changed:
            self._changing[key] += 1
        try:
            yield
        finally:
            with self._changed:
                self._changing[key] -= 1
                self._changed.notify_all()

    def settled(self, *key: str) -> None:
        """Wait for a moment in which nobody is changing it: those who do run already, and wait for nothing here."""
        with self._changed:
            self._changed.wait_for(lambda: not self._changing[key])
