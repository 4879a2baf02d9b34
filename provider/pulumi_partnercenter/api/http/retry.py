"""Patience: attempts, pauses and deadlines, and a word to people who have to wait.

Source: submission API 2.8 to 2.10 for what asks for a pause.
"""

from __future__ import annotations

import contextlib
import email.utils
import sys
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

import httpx
import tenacity

from ...errors import Unavailable
from ...messages import shown

__all__ = ["Passing", "Retrying", "Sleep", "Waiting", "say"]

Sleep = Callable[[float], None]
T = TypeVar("T")


class Passing(Exception):
    """An answer that is worth another attempt."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(f"{response.request.method} {response.request.url.path}: {response.status_code}")
        self.response = response


class Budget:
    """Attempts and seconds of one request. Whatever is retried within it shares them: retries do not multiply."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._began = clock, clock()
        self.failures, self.slept = 0, 0.0

    def elapsed(self) -> float:
        """Seconds; what an injected sleep pretended to wait counts as well."""
        return max(self.slept, self._clock() - self._began)


_budget: ContextVar[Budget | None] = ContextVar("budget", default=None)


class Retrying(tenacity.Retrying):
    """Attempts and a deadline, exponential pauses with full jitter, or what the service asks for by `Retry-After`.

    `silence_seconds`: a shorter deadline while there is no answer at all.
    """

    def __init__(
        self,
        on: Callable[[BaseException], bool],
        *,
        sleep: Sleep,
        silence_seconds: float,
        attempts: int = 6,
        deadline_seconds: float = 120,
    ) -> None:
        self._attempts, self._deadline, self._silence = attempts, deadline_seconds, silence_seconds
        super().__init__(
            retry=tenacity.retry_if_exception(on),
            stop=self._is_spent,
            wait=_pause,
            sleep=sleep,
            before_sleep=_tell_of_retry,
            reraise=True,
        )

    def __call__(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        if _budget.get() is not None:
            return super().__call__(fn, *args, **kwargs)
        token = _budget.set(Budget())
        try:
            return super().__call__(fn, *args, **kwargs)
        finally:
            _budget.reset(token)

    @staticmethod
    def elapsed() -> float:
        """Seconds since the first attempt of the request that this thread is at."""
        budget = _budget.get()
        return budget.elapsed() if budget else 0.0

    def _is_spent(self, state: tenacity.RetryCallState) -> bool:
        budget = _budget.get() or Budget()
        budget.failures += 1
        error = state.outcome.exception() if state.outcome else None
        deadline = self._silence if _is_silence(error) else self._deadline
        is_spent = budget.failures >= self._attempts or budget.elapsed() + state.upcoming_sleep > min(
            deadline, self._deadline
        )
        budget.slept += 0 if is_spent else state.upcoming_sleep
        return is_spent


def _is_silence(error: BaseException | None) -> bool:
    """Whether nobody answered, not even to refuse."""
    return isinstance(error, httpx.TransportError) or (isinstance(error, Unavailable) and not error.status)


class Waiting(tenacity.Retrying):
    """Looks again until `is_done` says so of what was seen, or until the deadline: the last look is the answer.

    For what the service makes by itself. Pauses grow from 0.25 s to `longest_seconds`; every quarter of a minute people
    read `doing`, unless it is empty because the look tells them itself.
    """

    def __init__(
        self,
        is_done: Callable[[Any], bool],
        *,
        sleep: Sleep,
        deadline_seconds: float,
        longest_seconds: float = 3,
        doing: str = "",
    ) -> None:
        super().__init__(
            retry=tenacity.retry_if_result(lambda found: not is_done(found)),
            stop=lambda state: _waited(state) >= deadline_seconds,
            wait=tenacity.wait_exponential_jitter(multiplier=0.25, max=longest_seconds, jitter=0.25),
            sleep=sleep,
            before_sleep=lambda state: _tell_of_wait(state, doing),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )


def _pause(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.response.headers.get("retry-after", "") if isinstance(error, Passing) else ""
    if asked.isdecimal():
        return float(asked)
    with contextlib.suppress(
        ValueError, OverflowError
    ):  # neither a number nor a date: nothing that was asked for
        return max(0.0, email.utils.parsedate_to_datetime(asked).timestamp() - time.time())
    return tenacity.wait_random_exponential(multiplier=0.5, max=20)(state)


def _waited(state: tenacity.RetryCallState) -> float:
    """Seconds; what an injected sleep pretended to wait counts as well."""
    return max(state.idle_for, state.seconds_since_start or 0)


def _tell_of_retry(state: tenacity.RetryCallState) -> None:
    """A word when people have to wait: pauses of a second and more."""
    pause, error = _next_pause(state)
    if pause >= 1:
        say(f"{_in_words(error)}; again in {pause:.0f} s")


def _in_words(error: BaseException | None) -> str:
    if isinstance(error, httpx.TransportError):
        return f"{error.request.method} {error.request.url.path}: {error}"
    return str(error).split("\n", maxsplit=1)[0]


def _tell_of_wait(state: tenacity.RetryCallState, doing: str) -> None:
    pause, _ = _next_pause(state)
    if doing and int(state.idle_for / 15) < int((state.idle_for + pause) / 15):
        say(f"{doing}; waiting")


def _next_pause(state: tenacity.RetryCallState) -> tuple[float, Any]:
    return (
        state.next_action.sleep if state.next_action else 0,
        state.outcome.exception() if state.outcome else None,
    )


def say(line: str) -> None:
    """The engine shows a plugin's stderr as messages."""
    print(shown(line), file=sys.stderr, flush=True)
