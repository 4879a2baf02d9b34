"""Cache of the responses that an operation shares."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

__all__ = ["OperationCache"]

T = TypeVar("T")


class OperationCache:
    """Cached values by key. Concurrent threads fetch a value once. Thread-safe."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, ...], Any] = {}
        self._fetch_locks: dict[tuple[str, ...], threading.Lock] = {}
        self._lock = threading.Lock()
        self._writers = Counter[tuple[str, ...]]()
        self._writers_changed = threading.Condition()

    def get(self, key: tuple[str, ...], fetch: Callable[[], T]) -> T:
        with self._lock:
            fetch_lock = self._fetch_locks.setdefault(key, threading.Lock())
        with fetch_lock:
            with self._lock:
                if key in self._answers:
                    return self._answers[key]  # type: ignore[no-any-return]
            answer = fetch()
            self.put(key, answer)
            return answer

    def put(self, key: tuple[str, ...], answer: Any) -> None:
        with self._lock:
            self._answers[key] = answer

    def update(self, key: tuple[str, ...], change: Callable[[Any], Any]) -> None:
        """Apply the provider's own write to a cached value, if there is one."""
        with self._lock:
            if key in self._answers:
                self._answers[key] = change(self._answers[key])

    def pop(self, key: tuple[str, ...]) -> Any:
        """Remove and return a value; None if there is none."""
        with self._lock:
            return self._answers.pop(key, None)

    def forget(self, *prefix: str) -> None:
        """Remove every value whose key begins with `prefix`."""
        with self._lock:
            for key in [key for key in self._answers if key[: len(prefix)] == prefix]:
                del self._answers[key]

    @contextmanager
    def hold_writer(self, *key: str) -> Iterator[None]:
        """Mark this thread as a writer of `key`. Inside, it must not call `wait_for_writers`."""
        with self._writers_changed:
            self._writers[key] += 1
        try:
            yield
        finally:
            with self._writers_changed:
                self._writers[key] -= 1
                self._writers_changed.notify_all()

    def wait_for_writers(self, *key: str) -> None:
        """Wait until no thread writes `key`. Writers do not wait for their readers here, so this ends."""
        with self._writers_changed:
            self._writers_changed.wait_for(lambda: not self._writers[key])
