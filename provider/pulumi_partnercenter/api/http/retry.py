"""Retry and polling policies; prints a line when a wait exceeds one second."""

from __future__ import annotations

import contextlib
import email.utils
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import tenacity

from ...messages import shown

__all__ = [
    "AsyncPollPolicy",
    "AsyncRetryPolicy",
    "AsyncSleep",
    "PollPolicy",
    "RetryBounds",
    "RetryPolicy",
    "Sleep",
    "TransientResponse",
    "elapsed",
    "report",
]

Sleep = Callable[[float], None]
AsyncSleep = Callable[[float], Awaitable[None]]
T = TypeVar("T")


class TransientResponse(Exception):
    """A response after which another attempt may succeed."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(f"{response.request.method} {response.request.url.path}: {response.status_code}")
        self.response = response


class Budget:
    """Attempts and seconds of a call. Its requests between attempts share them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._start = clock, clock()
        self.failures, self.slept = 0, 0.0

    def elapsed(self) -> float:
        """Seconds since the start, including pauses of an injected `sleep`."""
        return max(self.slept, self._clock() - self._start)


_budget: ContextVar[Budget | None] = ContextVar("budget", default=None)


@dataclass(frozen=True)
class RetryBounds:
    """Attempts and deadlines of a call, in seconds; `silence_seconds` while there is no answer at all."""

    attempts: int
    deadline_seconds: float
    silence_seconds: float

    def __call__(self, state: tenacity.RetryCallState) -> bool:
        """Whether the call ends with this failure."""
        budget = _budget.get() or Budget()
        budget.failures += 1
        error = state.outcome.exception() if state.outcome else None
        is_silence = isinstance(error, httpx.TransportError)
        deadline = min(self.silence_seconds, self.deadline_seconds) if is_silence else self.deadline_seconds
        is_late = budget.elapsed() + state.upcoming_sleep > deadline
        is_spent = budget.failures >= self.attempts or is_late
        budget.slept += 0 if is_spent else state.upcoming_sleep
        return is_spent


def elapsed() -> float:
    """Seconds since the first attempt of the current call of this thread or task."""
    budget = _budget.get()
    return budget.elapsed() if budget else 0.0


@contextlib.contextmanager
def _share_budget() -> Iterator[None]:
    """Begin a budget, or go on with that of the call around this one."""
    if _budget.get() is not None:
        yield
        return
    token = _budget.set(Budget())
    try:
        yield
    finally:
        _budget.reset(token)


class RetryPolicy(tenacity.Retrying):
    """Attempts and a deadline; exponential pauses with full jitter, or the pause of `Retry-After`.

    `silence_seconds`: a shorter deadline as long as there is no response at all.
    """

    def __init__(
        self,
        is_transient: Callable[[BaseException], bool],
        *,
        sleep: Sleep,
        silence_seconds: float,
        attempts: int = 6,
        deadline_seconds: float = 120,
    ) -> None:
        super().__init__(
            retry=tenacity.retry_if_exception(is_transient),
            stop=RetryBounds(attempts, deadline_seconds, silence_seconds),
            wait=_compute_pause,
            sleep=sleep,
            before_sleep=_report_retry,
            reraise=True,
        )

    def __call__(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        with _share_budget():
            return super().__call__(fn, *args, **kwargs)

    elapsed = staticmethod(elapsed)


class AsyncRetryPolicy(tenacity.AsyncRetrying):
    """RetryPolicy for coroutines; pauses are at most `max_pause_seconds`, unless `Retry-After` asks for more.

    `progress` shows a line for people when a pause exceeds one second.
    """

    def __init__(
        self,
        is_transient: Callable[[BaseException], bool],
        *,
        sleep: AsyncSleep,
        bounds: RetryBounds,
        max_pause_seconds: float = 8,
        progress: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(
            retry=tenacity.retry_if_exception(is_transient),
            stop=bounds,
            wait=lambda state: _compute_pause(state, max_pause_seconds),
            sleep=sleep,
            before_sleep=lambda state: _report_retry(state, progress) if progress else None,
            reraise=True,
        )

    async def __call__(self, fn: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any) -> T:  # type: ignore[override]
        with _share_budget():
            return await super().__call__(fn, *args, **kwargs)


class PollPolicy(tenacity.Retrying):
    """Reads again until `is_done` accepts the result, or until the deadline. Returns the last result.

    Pauses grow from 0.25 s to `max_pause_seconds`. Every 15 seconds it prints `action`, unless that is empty.
    """

    def __init__(
        self,
        is_done: Callable[[Any], bool],
        *,
        sleep: Sleep,
        deadline_seconds: float,
        max_pause_seconds: float = 3,
        action: str = "",
    ) -> None:
        super().__init__(
            retry=tenacity.retry_if_result(lambda result: not is_done(result)),
            stop=lambda state: _waited_seconds(state) >= deadline_seconds,
            wait=tenacity.wait_exponential_jitter(multiplier=0.25, max=max_pause_seconds, jitter=0.25),
            sleep=sleep,
            before_sleep=lambda state: _report_wait(state, action),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )


class AsyncPollPolicy(tenacity.AsyncRetrying):
    """PollPolicy for coroutines; `remaining` returns the seconds until the deadline."""

    def __init__(
        self, is_done: Callable[[Any], bool], *, sleep: AsyncSleep, remaining: Callable[[], float]
    ) -> None:
        pause = tenacity.wait_exponential_jitter(multiplier=0.25, max=3, jitter=0.25)
        super().__init__(
            retry=tenacity.retry_if_result(lambda result: not is_done(result)),
            stop=lambda _: remaining() <= 0,
            wait=lambda state: max(0.0, min(pause(state), remaining())),
            sleep=sleep,
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )


def _compute_pause(state: tenacity.RetryCallState, max_pause_seconds: float = 20) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.response.headers.get("retry-after", "") if isinstance(error, TransientResponse) else ""
    if asked.isdecimal():
        return float(asked)
    with contextlib.suppress(ValueError, OverflowError):  # neither a number nor a date, so ignored
        return max(0.0, email.utils.parsedate_to_datetime(asked).timestamp() - time.time())
    return tenacity.wait_random_exponential(multiplier=0.5, max=max_pause_seconds)(state)


def _waited_seconds(state: tenacity.RetryCallState) -> float:
    """Seconds, including pauses of an injected `sleep`."""
    return max(state.idle_for, state.seconds_since_start or 0)


def _report_retry(state: tenacity.RetryCallState, progress: Callable[[str], None] | None = None) -> None:
    pause, error = _upcoming_pause(state)
    if pause >= 1:
        (progress or report)(f"{_describe(error)}; again in {pause:.0f} s")


def _describe(error: BaseException | None) -> str:
    if isinstance(error, httpx.TransportError):
        return f"{error.request.method} {error.request.url.path}: {error}"
    return str(error).split("\n", maxsplit=1)[0]


def _report_wait(state: tenacity.RetryCallState, action: str) -> None:
    pause, _ = _upcoming_pause(state)
    if action and int(state.idle_for / 15) < int((state.idle_for + pause) / 15):
        report(f"{action}; waiting")


def _upcoming_pause(state: tenacity.RetryCallState) -> tuple[float, Any]:
    return (
        state.next_action.sleep if state.next_action else 0,
        state.outcome.exception() if state.outcome else None,
    )


def report(line: str) -> None:
    """Print a line for people. The engine shows a plugin's stderr as messages."""
    print(shown(line), file=sys.stderr, flush=True)
