"""Run a command and report the costs of it and all its descendants.

Called as `python -IS measured.py REPORT COMMAND…`; writes `{"wall": …, "cpu": …}` (seconds, unrounded) to REPORT and
exits with the command's code. CPU is user and system time of the whole process tree: on Linux including orphans, which
this process adopts, elsewhere only the processes that the command waited for. A separate process, because the
counters belong to a process and must not include the emulator.
"""

# ruff: noqa: PTH123
from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import suppress

ADOPT_ORPHANS = 36
"""Linux's prctl option PR_SET_CHILD_SUBREAPER."""


def main() -> None:
    report, *command = sys.argv[1:]
    # A background job of a script ignores SIGINT, and its plugins would inherit that. The engine ends plugins by SIGINT
    # and otherwise waits five seconds.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 1, 0, 0, 0)

    began = time.perf_counter()
    code = subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode
    wall = time.perf_counter() - began
    with suppress(ChildProcessError):
        while True:
            os.wait()

    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(report, "w", encoding="utf-8") as file:
        json.dump({"wall": wall, "cpu": spent.ru_utime + spent.ru_stime}, file)
    sys.exit(code)


if __name__ == "__main__":
    main()
