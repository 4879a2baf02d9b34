"""How long tests and tools wait for what ends by itself."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["HANG_SECONDS", "wait_until"]

HANG_SECONDS = 300.0
"""What takes longer hangs. A busy machine is ten times slower than a quiet one, where nothing takes 30 seconds."""
PAUSE_SECONDS = 0.05


def wait_until(is_true: Callable[[], bool], seconds: float = HANG_SECONDS) -> bool:
    """Look again and again until it is true. Return whether it became true in time."""
    deadline = time.monotonic() + seconds
    while not (result := is_true()) and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
    return result
