"""What is made at its first use and kept, by whichever thread comes first."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

__all__ = ["once"]

F = TypeVar("F", bound=Callable[..., Any])

_making = threading.RLock()


def once(function: F) -> F:
    """`functools.cache`, once for all threads, typed as the function itself.

    A bare cache may call twice: two models of one part, say, refuse each other's instances.
    """
    kept = functools.cache(function)

    def known(*args: Any) -> Any:
        with _making:
            return kept(*args)

    return cast("F", known)
